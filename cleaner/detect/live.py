"""Live blogs, tickers and widgets, and lines that are nothing but a number."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from itertools import pairwise

from cleaner.detect.patterns import hit_of
from cleaner.model import Document, Finding, Line, Rule

LIVE_ENTRIES = 3
"""So many times of day at the start of lines make a live blog."""
UNSURE = 0.75
FIRST_CHAPTER = "1"
COUNTERS = frozenset({"SHR", "CMT", "CNT"})
"""Kinds of controls that show how often they were used."""

_ENTRY = re.compile(r"[-•*]?\s*(?:\d{1,2}[:.h]\d{2}|\d{1,2}\s?[ap]\.?m\.?)(?:\s|$|[^\W\d])", re.IGNORECASE)


def live_entries(document: Document) -> int:
    """How many lines open with a time of day, as the entries of a live blog do."""
    return sum(found is not None for found in document.each(_ENTRY.match))


def entry_stamps(rule: Rule, document: Document) -> Iterator[Finding]:
    """Lines of a live blog that are nothing but the time of an entry and who wrote it, three and more."""
    hits = [line for line in document.fitting(rule) if line.words <= rule.max_words and rule.match(line.text)]
    # A programme is a list of times and names without text between them.
    if len(hits) >= LIVE_ENTRIES and all(b.index - a.index > 1 for a, b in pairwise(hits)):
        for line in hits:
            yield Finding(rule, line.start, line.end, "", rule.confidence, f"one of {len(hits)} lines of a time and a name")


def widget(rule: Rule, document: Document) -> Iterator[Finding]:
    """Quotes, weather and scores outside the text; inside it, only beside another piece of a widget."""
    hits = {line.index: hit for line in document.fitting(rule) if (hit := hit_of(rule, document, line))}
    for index, hit in hits.items():
        line = document.lines[index]
        evidence, confidence = hit[0], rule.confidence
        if line.zone == "body":
            if _is_beside({rule.category}, document, line):
                evidence += "; beside another piece of a widget"
            else:
                confidence = min(confidence, UNSURE)
        yield Finding(rule, line.start, line.end, "", confidence, evidence)


def number(rule: Rule, document: Document) -> Iterator[Finding]:
    """A line that is nothing but a count or the length of a recording: the only one of its kind, or beside controls."""
    hits = [(line, hit) for line in document.fitting(rule) if (hit := hit_of(rule, document, line))]
    # Two and more are entries of a live blog, chapters, scores; the first line may be the title.
    for line, hit in hits if len(hits) > 1 else ():
        if _is_beside(COUNTERS, document, line):
            yield Finding(rule, line.start, line.end, "", rule.confidence, f"{hit[0]}; beside a control that counts")
    if len(hits) == 1 and hits[0][0].index and hits[0][0].text != FIRST_CHAPTER and live_entries(document) < LIVE_ENTRIES:
        line, hit = hits[0]
        confidence = min(rule.confidence, UNSURE) if line.zone == "body" else rule.confidence
        yield Finding(rule, line.start, line.end, "", confidence, f"{hit[0]}; there is no other line of that kind")


def _is_beside(categories: Container[str], document: Document, line: Line) -> bool:
    """True if a piece of one of the categories stood directly above or below the line."""
    return any(edit.finding.rule.category in categories for edit in document.edits_beside(line))
