"""The title on top, its repeats, and lines that say the same thing twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from cleaner.detect.patterns import shortened
from cleaner.language import function_words
from cleaner.model import WORD, Document, Finding, Line, Rule
from cleaner.segment import is_paragraph
from cleaner.shape import SPACELESS, ends_sentence, is_headline

HEAD_LINES = 6
"""Running text begins so soon after a title."""
LEAD_LINES = 8
"""Paragraphs in which the words of a title are looked for."""
STEM = 5
"""Letters of a word that must agree; endings differ between a title and the text."""
OVERLAP = 0.34
"""Share of a title's words that the first paragraphs take up …"""
OVERLAP_WORDS = 2
"""… and their least number."""
STANDFIRST_WORDS = range(6, 61)
BETWEEN = frozenset({"BYL", "TIM"})
"""Byline and date stand between the standfirst and the body."""
REPEAT_WORDS = 4
"""A repeated line that is shorter could be a refrain, a label or an exclamation."""
REPEAT_CHARACTERS = 12
PROSE_LINES = 3
"""A text with so many paragraphs is no poem."""
SITE_WORDS = 6
"""A site's name behind a title is no longer than this."""


_RESULT = re.compile(r"\d[-–:]\d+$|\(\d{1,2}[.:]\d{2}[^)]{0,8}\)$")
"""The result of a match, not its report; or the entry of a live blog."""


@dataclass(frozen=True, slots=True)
class Head:
    """The lines on top that are not body."""

    title: Line | None = None
    standfirst: Line | None = None


def find_head(document: Document) -> Head:
    """Title and standfirst, where the text has them: never invented, never moved.

    The first line is the title if it has the shape of a headline, running text follows soon, and the
    first paragraphs take up its words. A standfirst follows the title: a summary without a full stop,
    one that the body repeats, or one behind which the byline or the date stood.
    """
    lines = document.lines
    if len(lines) < 2 or not is_title(document, lines[0]):
        return Head()
    if len(lines) > 2 and is_standfirst(document, lines[1]):
        return Head(lines[0], lines[1])
    return Head(lines[0])


def is_title(document: Document, line: Line) -> bool:
    """True if the line could be the document's title, standing first or after other titles."""
    if not is_headline(line.text, line.words) or line.prose or line.quoted or _RESULT.search(line.text):
        return False
    following = document.lines[line.index + 1 : line.index + 1 + HEAD_LINES]
    if not any(other.prose for other in following) or (following[0].tight and not is_paragraph(following[0].text)):
        return False
    lead = [other for other in document.prose if other.index > line.index][:LEAD_LINES]
    stems = _stems(line.text)
    if not stems:
        return False
    shared = stems & frozenset().union(*(_stems(other.text) for other in lead))
    return len(shared) >= max(OVERLAP_WORDS, OVERLAP * len(stems))


def is_standfirst(document: Document, line: Line) -> bool:
    """True if the line behind the title sums the article up."""
    if (
        line.words not in STANDFIRST_WORDS
        or line.item
        or line.quoted
        or not any(other.prose for other in document.lines[line.index + 1 : line.index + 1 + HEAD_LINES])
    ):
        return False
    key = document.keys[line.index]
    if any(other.startswith(key) for other in document.keys[line.index + 1 :]):
        return True
    following = document.lines[line.index + 1]
    cut = document.edits_in(line.end, following.start)
    if any(edit.finding.rule.category in BETWEEN for edit in cut):
        return True
    return not ends_sentence(line.text) and line.text[-1] not in ":,;" and not line.text.endswith("?")


def repeated_line(rule: Rule, document: Document) -> Iterator[Finding]:
    """Later copies of a long line: the first one stays."""
    first: dict[str, Line] = {}
    for line in document.lines:
        if line.words < rule.min_words or not line.prose or line.item or line.quoted or _in_verse(document, line):
            continue
        earlier = first.setdefault(document.keys[line.index], line)
        if earlier is not line and line.text == earlier.text:
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


def _stems(text: str) -> frozenset[str]:
    """The words that carry meaning, cut to their beginnings; pairs of characters where there are no words."""
    spaceless = SPACELESS.findall(text)
    if len(spaceless) * 2 > len(text.replace(" ", "")):
        return frozenset(a + b for a, b in pairwise(spaceless))
    common = _common_words()
    return frozenset(
        word[:STEM] for word in WORD.findall(text.casefold()) if (len(word) > 3 or word.isdigit()) and word not in common
    )


def _common_words() -> frozenset[str]:
    return frozenset().union(*function_words().values())


def repeated(rule: Rule, document: Document) -> Iterator[Finding]:
    """Later lines that say the same as the headline on top, with or without a site's name behind it."""
    if not document.lines:
        return
    first = document.lines[0]
    if not is_headline(first.text, first.words) or first.words < REPEAT_WORDS:
        return
    key = document.keys[0]
    for line in document.lines[1:]:
        if line.zone not in rule.zones or line.quoted or _in_verse(document, line):
            continue
        other = document.keys[line.index]
        if other == key and (line.text[-1] == first.text[-1] or line.text[-1] not in ".。"):
            yield Finding(rule, line.start, line.end, "", rule.confidence, "repeats the first line, the title")
        elif other.startswith(key + " ") and _is_site(line.text, first.text):
            evidence = f"repeats the title with “{shortened(line.text[len(first.text) :].strip())}” behind it"
            yield Finding(rule, line.start, line.end, "", rule.confidence, evidence)


def _in_verse(document: Document, line: Line) -> bool:
    """True if the line shares a block with lines of its kind, as a refrain or the first line of a poem does."""
    block = document.block_of(line)
    return len(document.prose) < PROSE_LINES and len(block) > 2 and all(not document.lines[index].prose for index in block)


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
    for line in document.lines:
        if line.quoted or line.words < 2 * REPEAT_WORDS or line.zone not in rule.zones:
            continue
        at = _half(line.text)
        if at:
            start, end = document.span(line, at, len(line.text))
            evidence = f"the line says “{shortened(line.text[:at].strip())}” twice"
            yield Finding(rule, start, end, "", rule.confidence, evidence)


def _half(text: str) -> int:
    """Where the second of two equal halves starts, with the white space before it; 0 if there are no two."""
    middle = len(text) // 2
    for at in (middle, middle + 1):
        left, right = text[:at].rstrip(), text[at:].lstrip()
        if left == right and len(left) >= REPEAT_CHARACTERS:
            return len(left)
    return 0
