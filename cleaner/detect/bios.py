"""Bios of authors: who wrote the article, in the third person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from cleaner.detect.patterns import hit_of
from cleaner.model import WORD, Document, Finding, Line, Rule
from cleaner.names import is_name

LAST_PARAGRAPHS = 4
"""Bios stand among the last paragraphs of a text …"""
AFTER_PARAGRAPHS = 2
"""… and behind at least so many."""
SURNAME = 3
UNSURE = 0.75
OPENING_CHARACTERS = 80
"""The name stands within so many characters."""

_NAME = re.compile(r"[^\W\d_a-zß-öø-ÿ][\w.'’-]+(?:\s+[^\W\d_a-zß-öø-ÿ][\w.'’-]*){1,4}|^[^\W\d_a-zß-öø-ÿ][\w'’-]+")
_ARTICLES = frozenset({"Der", "Die", "The", "Das", "About", "Über"})


def at_end(rule: Rule, document: Document) -> Iterator[Finding]:
    """Paragraphs at the end that say what trade a person has whom the text has not named before.

    The trade must be one of those that write, or the person's standing and contact must be named.
    """
    prose = document.prose
    if not prose:
        return
    late = {line.index for line in prose[-LAST_PARAGRAPHS:]}
    early = (
        {line.index for line in prose[: len(prose) - LAST_PARAGRAPHS][:AFTER_PARAGRAPHS]}
        if len(prose) > LAST_PARAGRAPHS
        else {prose[0].index}
    )
    last_text = _last_text(rule, document)
    for line in document.fitting(rule):
        if line.index < last_text or (line.index not in late and line.zone != "tail") or line.index in early or line.quoted:
            continue
        hit = hit_of(rule, document, line)
        if hit is None or _is_named_before(document, line):
            continue
        why = _why(rule, line.text) or _is_labelled(document, line)
        if why:
            yield Finding(rule, line.start, line.end, "", rule.confidence, f"{hit[0]}; {why}; the person is not named before")


def under_label(rule: Rule, document: Document) -> Iterator[Finding]:
    """A short paragraph at the end, directly under a label such as “About the author” that went."""
    last = document.prose[-1].index if document.prose else 0
    for line in document.lines[max(1, last) :]:
        why = _is_labelled(document, line)
        if not why or line.quoted or line.item or line.zone not in rule.zones:
            continue
        if rule.min_words <= line.words <= rule.max_words and _NAME.match(line.text):
            yield Finding(rule, line.start, line.end, "", rule.confidence, f"{why}; no running text behind it")


def _last_text(rule: Rule, document: Document) -> int:
    """Index of the last paragraph of the article itself, behind which only paragraphs of the rule's kind follow."""
    return next((line.index for line in reversed(document.prose) if hit_of(rule, document, line) is None), -1)


def bare_contact(rule: Rule, document: Document) -> Iterator[Finding]:
    """Addresses alone on a line; sure if they stand apart and the text gives no others."""
    hits = {line.index: hit for line in document.fitting(rule) if (hit := hit_of(rule, document, line))}
    if not hits:
        return
    others = any(rule.terms["address"].search(line.text) for line in document.lines if line.index not in hits)
    for index, hit in hits.items():
        line = document.lines[index]
        is_sure = not others and all(_ends_contact(document, hits.keys(), index, step) for step in (-1, 1))
        confidence = rule.confidence if is_sure else min(rule.confidence, UNSURE)
        yield Finding(rule, line.start, line.end, "", confidence, hit[0])


def _ends_contact(document: Document, hits: Set[int], index: int, step: int) -> bool:
    """True if what stands beside a run of contacts is running text, a name, a removed line, or nothing."""
    at = index + step
    while at in hits:
        at += step
    if not 0 <= at < len(document.lines):
        return True
    beside, contact = document.lines[at], document.lines[at - step]
    first, second = (beside, contact) if step < 0 else (contact, beside)
    return beside.prose or is_name(beside.text) or bool(document.edits_in(first.end, second.start))


def publisher(rule: Rule, document: Document) -> Iterator[Finding]:
    """Paragraphs at the end in which a publication describes itself that the text has not named before."""
    late = {line.index for line in document.prose[-LAST_PARAGRAPHS:]}
    for line in document.fitting(rule):
        if (line.index not in late and line.zone != "tail") or (line.index == 0 and len(document.lines) > 1):
            continue
        hit = hit_of(rule, document, line)
        itself = rule.terms["self"].search(line.text)
        if hit is not None and itself is not None and not _is_named_before(document, line):
            evidence = f"{hit[0]}; “{itself.group()}”; the publication is not named before"
            yield Finding(rule, line.start, line.end, "", rule.confidence, evidence)


def _why(rule: Rule, text: str) -> str:
    """The signals that the person is the author; empty if there are not enough."""
    trade, standing, contact = (rule.terms[name].search(text) for name in ("trade", "standing", "contact"))
    if text[:12].casefold().startswith(("about the", "über d", "об автор", "yazar h", "zur perso")):
        return "it says that it is about the author"
    if trade and (contact or standing or len(text.split()) <= 40):
        return f"“{trade.group()}” is a trade of authors"
    contacts = {found.casefold() for found in rule.terms["contact"].findall(text)}
    if len(contacts) > 1:
        return f"{len(contacts)} ways to follow the person"
    if standing and contact:
        return f"“{standing.group()}” and “{contact.group()}” together"
    return ""


def _is_labelled(document: Document, line: Line) -> str:
    """The signal of a label such as “About the author” that went directly above the line."""
    has_label = any(edit.finding.rule.name == "author-label" for edit in document.edits_above(line))
    return "a label above says that it is about the author" if has_label else ""


def _is_named_before(document: Document, line: Line) -> bool:
    """True if a part of the name that opens the line stands in the running text above."""
    found = _NAME.search(line.text[:OPENING_CHARACTERS])
    if not found:
        return False
    names = {word for word in WORD.findall(found.group()) if len(word) >= SURNAME and word[0].isupper()} - _ARTICLES
    return any(document.first_mentions.get(name, line.index) < line.index for name in names)
