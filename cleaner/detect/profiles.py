"""Frames of content farms: blocks of labels and values that were made up."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping

from cleaner.model import Document, Finding, Line, Rule
from cleaner.shape import size

INFORMATION_KINDS = 3
COUNTED = 2
PROFILE_KINDS = 5
"""So many different entries make a block."""
VALUE_WORDS = 80
LABEL_WORDS = 4
HEADING_WORDS = 8
HEADING_CHARACTERS = 120
"""A heading, or a label whose value stands on the next line, is no longer than this."""

_BAR = re.compile(r"[|•·](?<=\s[|•·])\s")
_LABEL = re.compile(r"[^\w]*([^\W\d_][\w ]{1,30}?)\s*[:：]\s*(.*)$", re.DOTALL)


def article_information(rule: Rule, document: Document) -> Iterator[Finding]:
    """Views, rating, votes and helpful reviews in a row, with a heading over them or not.

    A rating and reviews alone may be those of the product that the article is about.
    """
    for first, last, kinds in _blocks(rule, document):
        texts = " ".join(line.text for line in document.lines[first : last + 1])
        counted = {"views", "rating", "reviews"} & kinds.keys()
        of_page = {"views", "author", "heading"} & kinds.keys()
        if len(kinds) >= INFORMATION_KINDS and len(counted) >= COUNTED and of_page and re.search(r"\d", texts):
            yield _finding(rule, document, first, last, f"a block of {', '.join(sorted(kinds))}")


def invented(rule: Rule, document: Document) -> Iterator[Finding]:
    """A personal profile: name, birthday, address, phone, job, hobbies, introduction, in any order."""
    for first, last, kinds in _blocks(rule, document):
        personal = {"hobby", "introduction"} & kinds.keys()
        reachable = {"address", "phone", "birthday"} & kinds.keys()
        # Where there is neither a telephone nor an introduction it may be the fact box of a portrait.
        if not {"phone", "introduction"} & kinds.keys():
            continue
        if len(kinds.keys() - {"heading"}) >= PROFILE_KINDS and personal and reachable and "name" in kinds:
            count = last - first + 1
            yield _finding(rule, document, first, last, f"invented author profile ({count} lines): {', '.join(sorted(kinds))}")


def frame_labels(rule: Rule, document: Document) -> Iterator[Finding]:
    """Empty labels directly over invented facts that went."""
    ends = [line.end for line in document.lines]
    for edit in document.edits:
        if edit.finding.rule.flag != rule.flag:
            continue
        above = bisect_right(ends, edit.start)
        if above < len(ends) and document.lines[above].start < edit.end:
            continue
        for index in range(above - 1, -1, -1):
            line = document.lines[index]
            if line.zone not in rule.zones or line.prose or not rule.match(line.text):
                break
            yield Finding(rule, line.start, line.end, "", rule.confidence, "an empty label over invented facts")


def _blocks(rule: Rule, document: Document) -> Iterator[tuple[int, int, Mapping[str, Line]]]:
    """(first line, last line, kinds of entries) of each run of labels and values; a value may stand on the next line."""
    kinds: dict[str, Line] = {}
    first = last = -1
    expects_value = False
    for line, entries in zip(document.lines, document.each(_entries, rule), strict=True):
        if line.zone not in rule.zones or (not entries and not (expects_value and line.words <= VALUE_WORDS)):
            if kinds:
                yield first, last, kinds
            kinds, first, expects_value = {}, -1, False
            continue
        if first < 0:
            first = line.index
        last = line.index
        for kind, _ in entries:
            kinds.setdefault(kind, line)
        expects_value = bool(entries) and not entries[-1][1] and entries[-1][0] != "heading"
    if kinds:
        yield first, last, kinds


def _entries(rule: Rule, text: str) -> list[tuple[str, bool]]:
    """(kind, whether its value stands on the line) of each entry; several stand on a line with bars between them."""
    if ":" not in text and "：" not in text and (len(text) > HEADING_CHARACTERS or size(text) > HEADING_WORDS):
        return []
    entries = []
    for piece in _BAR.split(text):
        entry = _entry(rule, piece.strip())
        if entry is None:
            return []
        entries.append(entry)
    return entries


def _entry(rule: Rule, text: str) -> tuple[str, bool] | None:
    if "heading" in rule.terms and len(text) <= HEADING_CHARACTERS and rule.terms["heading"].match(text.rstrip(":： ")):
        return "heading", False
    found = _LABEL.match(text)
    label, value = (found[1], found[2]) if found else (text, "")
    if len(label.split()) > LABEL_WORDS:
        return None
    for kind, pattern in rule.terms.items():
        if pattern.match(label):
            return kind, bool(value)
    return None


def _finding(rule: Rule, document: Document, first: int, last: int, evidence: str) -> Finding:
    return Finding(rule, document.lines[first].start, document.lines[last].end, "", rule.confidence, evidence)
