"""What was embedded: posts of networks, cards that open over names."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cleaner.detect.patterns import hit_of, shortened
from cleaner.model import Document, Finding, Rule

POST_LINES = 6
CARD_CHARACTERS = 800

_LINK = re.compile(r"(?:https?://|pic\.twitter\.com/)\S")
_MIDDLE = r"(?: [A-Z][\w'’.-]{0,20}){0,3} "
_TWICE = re.compile(
    rf"(?P<first>[A-Z](?<!\w[A-Z])[\w'’.-]{{1,20}}){_MIDDLE}(?P<last>[A-Z][\w'’-]{{1,24}}?)"
    rf"(?=\s?(?P=first){_MIDDLE}(?P=last)\s?[A-Z0-9'‘“\"])"
)
"""A name, and the same name again (with middle names or without) that something else is joined to."""


def post(rule: Rule, document: Document) -> Iterator[Finding]:
    """The signature line of an embedded post, with the lines above it that end in its links."""
    for line in document.fitting(rule):
        hit = hit_of(rule, document, line)
        if hit is None:
            continue
        first = line
        for above in reversed(document.lines[max(0, line.index - POST_LINES) : line.index]):
            if not _LINK.search(above.text.rsplit(maxsplit=1)[-1]):
                break
            first = above
        yield Finding(rule, first.start, line.end, "", rule.confidence, hit[0])


def _could_hold_card(rule: Rule, text: str) -> bool:
    # A word that all ends of cards share stands in few lines, and looking for names takes three times as long.
    word = rule.terms.get("word")
    return (word is None or word.search(text) is not None) and _TWICE.search(text) is not None


def hover_card(rule: Rule, document: Document) -> Iterator[Finding]:
    """Cards that repeat a linked name without a space and end in “MORE”: the card goes, the sentence stays."""
    for line, could_hold in zip(document.lines, document.each(_could_hold_card, rule), strict=True):
        if not could_hold or line.zone not in rule.zones:
            continue
        behind = 0
        for found in _TWICE.finditer(line.text):
            if found.start() < behind:
                continue
            end = rule.terms["end"].search(line.text, found.end(), found.end() + CARD_CHARACTERS)
            if end is None:
                continue
            behind = end.end()
            start, stop = document.span(line, found.end(), end.end())
            evidence = (
                f"“{found.group()}” is named again without a space, and headlines follow up to “{shortened(end.group().strip())}”"
            )
            yield Finding(rule, start, stop, "", rule.confidence, evidence)
