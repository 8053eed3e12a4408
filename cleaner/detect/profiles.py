"""Frames of content farms: blocks of labels and values that were made up."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from cleaner.model import Document, Finding, Line, Rule

INFORMATION_KINDS = 3
PROFILE_KINDS = 5
"""So many different entries make a block."""
VALUE_WORDS = 80

_LABEL = re.compile(r"[^\w]*([^\W\d_][\w ]{1,30}?)\s*[:：]\s*(.*)$", re.DOTALL)


def article_information(rule: Rule, document: Document) -> Iterator[Finding]:
    """Views, rating, votes and helpful reviews in a row, with a heading over them or not."""
    for first, last, kinds in _blocks(rule, document):
        texts = " ".join(line.text for line in document.lines[first : last + 1])
        counted = {"views", "rating", "reviews"} & kinds.keys()
        if len(kinds) >= INFORMATION_KINDS and len(counted) >= 2 and re.search(r"\d", texts):
            yield _finding(rule, document, first, last, f"a block of {', '.join(sorted(kinds))}")


def invented(rule: Rule, document: Document) -> Iterator[Finding]:
    """A personal profile: name, birthday, address, phone, job, hobbies, introduction, in any order."""
    for first, last, kinds in _blocks(rule, document):
        personal = {"hobby", "introduction"} & kinds.keys()
        reachable = {"address", "phone", "birthday"} & kinds.keys()
        if len(kinds.keys() - {"heading"}) >= PROFILE_KINDS and personal and reachable and "name" in kinds:
            count = last - first + 1
            yield _finding(rule, document, first, last, f"invented author profile ({count} lines): {', '.join(sorted(kinds))}")


def frame_labels(rule: Rule, document: Document) -> Iterator[Finding]:
    """Empty labels directly over an information block, or over the heading of one."""
    starts = {line.index for line in document.lines if line.index and _opens_block(document, line)}
    cut = {
        line.index
        for edit in document.edits
        if edit.finding.rule.flag == rule.flag
        for line in document.lines
        if line.end <= edit.start
        and document.to_raw(line.offset + len(line.text), end=True) <= edit.start
        and not document.text[line.offset + len(line.text) :].strip()
    }
    for start in sorted(starts | {index + 1 for index in cut}):
        labels = []
        for line in reversed(document.lines[:start]):
            if line.zone not in rule.zones or line.prose or not rule.match(line.text):
                break
            labels.append(line)
        for line in labels:
            yield Finding(rule, line.start, line.end, "", rule.confidence, "an empty label over invented facts")


_OPENING = re.compile(r"(?:article|author)\s+information$|(?:author|views|rating|name|birthday)\s*:", re.IGNORECASE)


def _opens_block(document: Document, line: Line) -> bool:
    following = document.lines[line.index : line.index + 3]
    return len(following) == 3 and all(_OPENING.match(other.text) or _LABEL.match(other.text) for other in following)


def _blocks(rule: Rule, document: Document) -> Iterator[tuple[int, int, Mapping[str, Line]]]:
    """(first line, last line, kinds of entries) of each run of labels and values; a value may stand on the next line."""
    kinds: dict[str, Line] = {}
    first = last = -1
    expects_value = False
    for line in document.lines:
        kind, has_value = _entry(rule, line)
        if line.zone not in rule.zones or (not kind and not (expects_value and line.words <= VALUE_WORDS)):
            if kinds:
                yield first, last, kinds
            kinds, first, expects_value = {}, -1, False
            continue
        if first < 0:
            first = line.index
        last = line.index
        if kind:
            kinds.setdefault(kind, line)
        expects_value = bool(kind) and not has_value and kind != "heading"
    if kinds:
        yield first, last, kinds


def _entry(rule: Rule, line: Line) -> tuple[str, bool]:
    """(kind of the entry, whether its value stands on the line); an empty kind if the line is none."""
    if "heading" in rule.terms and rule.terms["heading"].match(line.text.rstrip(":： ")):
        return "heading", False
    found = _LABEL.match(line.text)
    label, value = (found[1], found[2]) if found else (line.text, "")
    if len(label.split()) > 4:
        return "", False
    for kind, pattern in rule.terms.items():
        if pattern.match(label) and (kind not in ("count", "helpful")):
            return kind, bool(value)
    return "", False


def _finding(rule: Rule, document: Document, first: int, last: int, evidence: str) -> Finding:
    return Finding(rule, document.lines[first].start, document.lines[last].end, "", rule.confidence, evidence)
