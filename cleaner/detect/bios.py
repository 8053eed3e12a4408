"""Bios of authors: who wrote the article, in the third person."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cleaner.detect.patterns import hit_of
from cleaner.model import WORD, Document, Finding, Line, Rule

LAST_PARAGRAPHS = 4
"""Bios stand among the last paragraphs of a text …"""
AFTER_PARAGRAPHS = 2
"""… and behind at least so many."""
SURNAME = 3
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
    for line in document.lines:
        if (line.index not in late and line.zone != "tail") or line.index in early or line.quoted:
            continue
        hit = hit_of(rule, document, line)
        if hit is None or _is_named_before(document, line):
            continue
        why = _why(rule, line.text) or _is_labelled(document, line)
        if why:
            yield Finding(rule, line.start, line.end, "", rule.confidence, f"{hit[0]}; {why}; the person is not named before")


def publisher(rule: Rule, document: Document) -> Iterator[Finding]:
    """Paragraphs at the end in which a publication describes itself that the text has not named before."""
    late = {line.index for line in document.prose[-LAST_PARAGRAPHS:]}
    for line in document.lines:
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
    above = document.lines[line.index - 1].end if line.index else 0
    cut = document.edits_in(above, line.start)
    return (
        "a label above says that it is about the author" if any(edit.finding.rule.name == "author-label" for edit in cut) else ""
    )


def _is_named_before(document: Document, line: Line) -> bool:
    """True if a part of the name that opens the line stands in the running text above."""
    found = _NAME.search(line.text[:OPENING_CHARACTERS])
    if not found:
        return False
    names = {word for word in WORD.findall(found.group()) if len(word) >= SURNAME and word[0].isupper()} - _ARTICLES
    return any(names & set(WORD.findall(other.text)) for other in document.prose if other.index < line.index)
