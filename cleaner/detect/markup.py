"""What is left of markup inside lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cleaner.detect.patterns import is_topic, shortened
from cleaner.model import Document, Finding, Rule

BREAK_TAG = "<br"


def tags(rule: Rule, document: Document) -> Iterator[Finding]:
    """Tags and shortcodes inside lines; words that only a line break tag parted get a space."""
    for line in document.fitting(rule):
        patterns = [pattern for _, pattern in document.patterns_for(rule, line)]
        found = sorted((match for pattern in patterns for match in pattern.finditer(line.text)), key=re.Match.start)
        if not found or is_topic(rule, document, line):
            continue
        for row in _rows(found):
            first, last = row[0].start(), row[-1].end()
            is_between = line.text[max(0, first - 1) : first].strip() and line.text[last : last + 1].strip()
            parting = next((tag for tag in row if is_between and tag.group().lower().startswith(BREAK_TAG)), None)
            for tag in row:
                span = document.span(line, *tag.span())
                evidence = f"“{shortened(tag.group())}” is markup, not text"
                yield Finding(rule, *span, " " if tag is parting else "", rule.confidence, evidence)


def _rows(tags: list[re.Match[str]]) -> Iterator[list[re.Match[str]]]:
    """The tags that follow each other without anything between them."""
    row: list[re.Match[str]] = []
    for tag in tags:
        if row and tag.start() != row[-1].end():
            yield row
            row = []
        row.append(tag)
    yield row
