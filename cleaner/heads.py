"""Title and standfirst: which lines on top of a text are not its body."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cleaner.model import Document, Line
from cleaner.shape import ends_sentence, is_headline, is_paragraph
from cleaner.words import stems

HEAD_LINES = 6
"""Running text begins so soon after a title."""
OTHER_TITLE_LINES = 3
"""A second title stands among so many lines."""
LEAD_LINES = 8
"""Paragraphs in which the words of a title are looked for."""
OVERLAP = 0.34
"""Share of a title's words that the first paragraphs take up …"""
OVERLAP_WORDS = 2
"""… and their least number."""
STANDFIRST_WORDS = range(6, 61)
BETWEEN = frozenset({"BYL", "TIM"})
"""Byline and date stand between the standfirst and the body."""
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


def is_the_title(document: Document, line: Line) -> bool:
    """True if the line is the title and none of the next lines could be it instead."""
    if line.index or not is_title(document, line):
        return False
    return not any(is_title(document, other) for other in document.lines[1:OTHER_TITLE_LINES])


def is_title(document: Document, line: Line) -> bool:
    """True if the line could be the document's title, standing first or after other titles."""
    if not is_headline(line.text, line.words) or line.prose or line.quoted or _RESULT.search(line.text):
        return False
    following = document.lines[line.index + 1 : line.index + 1 + HEAD_LINES]
    if not any(other.prose for other in following) or (following[0].tight and not is_paragraph(following[0].text)):
        return False
    lead = [other for other in document.prose if other.index > line.index][:LEAD_LINES]
    words = stems(line.text)
    if not words:
        return False
    shared = words & frozenset().union(*(stems(other.text) for other in lead))
    return len(shared) >= max(OVERLAP_WORDS, OVERLAP * len(words))


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
    if any(edit.finding.rule.category in BETWEEN for edit in document.edits_below(line)):
        return True
    return not line.prose and not ends_sentence(line.text) and line.text[-1] not in ":,;" and not line.text.endswith("?")
