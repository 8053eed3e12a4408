"""The title on top, its repeats, and lines that say the same thing twice."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cleaner.detect.patterns import shortened
from cleaner.heads import is_title
from cleaner.model import Document, Finding, Line, Rule, first_word
from cleaner.shape import ends_sentence, is_headline

HEAD_LINES = 6
"""The title's other form stands among so many lines."""
REPEAT_WORDS = 4
"""A repeated line that is shorter could be a refrain, a label or an exclamation."""
REPEAT_CHARACTERS = 12
PROSE_LINES = 3
"""A text with so many paragraphs is no poem."""
QUESTION = ("?", "？", "؟")
"""A question is put to more than one person."""
SITE_WORDS = 6
"""A site's name behind a title is no longer than this."""


def repeated_line(rule: Rule, document: Document) -> Iterator[Finding]:
    """Later copies of a long line: the first one stays."""
    if len({line.text for line in document.prose}) == len(document.prose):
        return
    first: dict[str, Line] = {}
    for line in document.lines:
        if line.words < rule.min_words or not line.prose or line.item or line.quoted or _in_verse(document, line):
            continue
        earlier = first.setdefault(document.key(line), line)
        if earlier is not line and line.text == earlier.text and not line.text.endswith(QUESTION):
            yield Finding(rule, line.start, line.end, "", rule.confidence, "the same line stands above, word for word")


def kicker(rule: Rule, document: Document) -> Iterator[Finding]:
    """A first line of a few words, where the line below it is the title."""
    if len(document.lines) < 3:
        return
    first, title = document.lines[:2]
    text = first.text.rstrip(":")
    if first.words > rule.max_words or first.item or first.quoted or title.tight or ends_sentence(text):
        return
    if title.words > first.words and is_title(document, title):
        evidence = "a few words over the title"
        yield Finding(rule, first.start, first.end, "", rule.confidence, evidence, (("sections", text),))


def repeated(rule: Rule, document: Document) -> Iterator[Finding]:
    """Later lines that say the same as the headline on top, with or without a site's name behind it."""
    if not document.lines:
        return
    first = document.lines[0]
    if not is_headline(first.text, first.words) or first.words < REPEAT_WORDS:
        return
    key = document.key(first)
    word = document.of(first_word, first)
    for line in document.lines[1:]:
        if document.of(first_word, line) != word or line.zone not in rule.zones or line.quoted or _in_verse(document, line):
            continue
        other = document.key(line)
        if other == key and (line.text[-1] == first.text[-1] or line.text[-1] not in ".。"):
            yield Finding(rule, line.start, line.end, "", rule.confidence, "repeats the first line, the title")
        elif other.startswith(key + " ") and _is_site(line.text, first.text):
            evidence = f"repeats the title with “{shortened(line.text[len(first.text) :].strip())}” behind it"
            yield Finding(rule, line.start, line.end, "", rule.confidence, evidence)


def _in_verse(document: Document, line: Line) -> bool:
    """True if the line shares a block with lines of its kind, as a refrain or the first line of a poem does."""
    block = document.block_of(line)
    return len(document.prose) < PROSE_LINES and len(block) > 2 and not document.has_prose(block)


_SITE = re.compile(r"\s*(?:[|–—•·:»-]|\()\s*(.+)$", re.DOTALL)


def _is_site(text: str, title: str) -> bool:
    found = _SITE.match(text, len(title)) if text.casefold().startswith(title.casefold()) else None
    return found is not None and len(found[1].split()) <= SITE_WORDS and not ends_sentence(found[1])


def with_site(rule: Rule, document: Document) -> Iterator[Finding]:
    """The first line, where the next ones give the same title without the site's name behind it."""
    if len(document.lines) < 2:
        return
    first = document.lines[0]
    for line in document.lines[1 : 1 + HEAD_LINES]:
        if line.words >= REPEAT_WORDS and line.words < first.words and _is_site(first.text, line.text):
            evidence = f"the title stands below without “{shortened(first.text[len(line.text) :].strip())}”"
            yield Finding(rule, first.start, first.end, "", rule.confidence, evidence)
            return


def doubled(rule: Rule, document: Document) -> Iterator[Finding]:
    """Lines that say the same thing twice: the second half goes."""
    for line, at in zip(document.lines, document.each(_half), strict=True):
        if at and not line.quoted and line.words >= 2 * REPEAT_WORDS and line.zone in rule.zones:
            start, end = document.span(line, at, len(line.text))
            evidence = f"the line says “{shortened(line.text[:at].strip())}” twice"
            yield Finding(rule, start, end, "", rule.confidence, evidence)


def _half(text: str) -> int:
    """Where the second of two equal halves starts, with the white space before it; 0 if there are no two."""
    middle = len(text) // 2
    for at in (middle, middle + 1):
        right = text[at:].lstrip()
        if right[:1] == text[:1] and (left := text[:at].rstrip()) == right and len(left) >= REPEAT_CHARACTERS:
            return len(left)
    return 0
