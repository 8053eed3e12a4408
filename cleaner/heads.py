"""Title and standfirst: which lines on top of a text are not its body."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cleaner.model import Document, Line, first_word
from cleaner.shape import is_headline, is_paragraph
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
MARKED_LINES = 3
"""A title in the markup stands among so many first lines, below its topic or the date."""
BESIDE = frozenset({"link", "related", "teaser", "newsletter"})
"""Hints of lines that are not the article's own, whatever their element is."""
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
    one that the body repeats, or one behind which the byline or the date stood. Where markup says what
    the title and the standfirst are, that counts instead.
    """
    lines = document.lines
    marked = _marked_head(document)
    if marked is not None:
        return marked
    if len(lines) < 2 or not is_title(document, lines[0]):
        return Head()
    if len(lines) > 2 and is_standfirst(document, lines[1]):
        return Head(lines[0], lines[1])
    return Head(lines[0])


def _marked_head(document: Document) -> Head | None:
    """Title and standfirst as markup has them; `None` if it does not say or if no running text follows."""
    lines = document.lines[:MARKED_LINES]
    title = next((line for line in lines if "h1" in line.hints and not line.prose and not BESIDE & set(line.hints)), None)
    following = document.lines[title.index + 1 if title is not None else 0 :][:1]
    standfirst = next((line for line in following if _is_marked_standfirst(line, under_title=title is not None)), None)
    last = standfirst or title
    if last is None or not any(line.prose for line in document.lines[last.index + 1 :]):
        return None
    if title is not None and standfirst is None and following and is_standfirst(document, following[0]):
        standfirst = following[0]
    return Head(title, standfirst)


def _is_marked_standfirst(line: Line, *, under_title: bool) -> bool:
    if line.words not in STANDFIRST_WORDS or line.quoted or BESIDE & set(line.hints):
        return False
    return "standfirst" in line.hints or (under_title and "header" in line.hints)


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
    words = document.of(stems, line)
    if not words:
        return False
    shared = words & frozenset().union(*(document.of(stems, other) for other in lead))
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
    word = document.of(first_word, line)
    alike = [other for other in document.lines[line.index + 1 :] if document.of(first_word, other) == word]
    if any(document.key(other).startswith(document.key(line)) for other in alike):
        return True
    if any(edit.finding.rule.category in BETWEEN for edit in document.edits_below(line)):
        return True
    return not line.prose and not line.finished and line.text[-1] not in ":,;" and not line.text.endswith("?")
