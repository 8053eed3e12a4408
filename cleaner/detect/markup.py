"""What is left of markup inside lines."""

from __future__ import annotations

from collections.abc import Iterator

from cleaner.detect.patterns import is_topic, shortened
from cleaner.model import Document, Finding, Rule

BREAK_TAG = "<br"


def tags(rule: Rule, document: Document) -> Iterator[Finding]:
    """Tags and shortcodes inside lines; words that only a line break tag parted get a space."""
    for line in document.fitting(rule):
        for _, pattern in document.patterns_for(rule, line):
            for found in pattern.finditer(line.text):
                if is_topic(rule, document, line):
                    continue
                start, end = found.span()
                parts = line.text[max(0, start - 1) : start].strip() and line.text[end : end + 1].strip()
                replacement = " " if parts and found.group().lower().startswith(BREAK_TAG) else ""
                span = document.span(line, start, end)
                yield Finding(rule, *span, replacement, rule.confidence, f"“{shortened(found.group())}” is markup, not text")
