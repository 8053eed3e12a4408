"""The end of the article: what is left behind it when the junk that names itself is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cleaner.model import Document, Edit, Finding, Line, Rule
from cleaner.shape import COLON

SITE_CATEGORIES = frozenset("REL NWS PAY SHR ADV CMT CKE FBK PUB NAV ERR AFF CNT".split())
"""What belongs to the site rather than to the article, and so ends it."""
SIGNALS = 2
"""So many different kinds of it end an article."""
MOST_SHARE = 0.35
"""No more than this share of the words is cut behind two kinds …"""
MOST_SHARE_OF_ONE = 0.1
"""… and no more than this behind one, where the lines themselves must look like no text."""
NUMBERED = 1 / 3
"""Where so many lines start with a number, they are a recipe, a table or a list of results."""

_NUMBER = re.compile(r"\W*[\d½¼¾⅓⅔]")


def site_signals(document: Document) -> dict[str, Edit]:
    """By category, the first edit behind the last running text that took a piece of the site out."""
    body = [line for line in document.lines if line.zone != "tail"]
    end = body[-1].end if document.prose else 0
    signals: dict[str, Edit] = {}
    for edit in document.edits:
        if edit.start >= end and edit.finding.rule.category in SITE_CATEGORIES:
            signals.setdefault(edit.finding.rule.category, edit)
    return signals


def rest(rule: Rule, document: Document) -> Iterator[Finding]:
    """Lines behind the site's junk, with no running text after it: two independent signals, never one.

    Either two kinds of junk stand before the line, or one kind and the line is no entry of a list.
    Sentences stay in any case, and so do lists of numbers and large remainders.
    """
    signals = site_signals(document)
    if not signals:
        return
    if not document.prose and not _is_chrome(document, signals):
        return
    start = min(edit.start for edit in signals.values())
    lines = [
        line
        for line in document.lines
        if line.start >= start and not _is_text(line) and (line.zone in rule.zones or not document.prose)
    ]
    share = MOST_SHARE
    if len(signals) < SIGNALS:
        lines = [line for line in lines if not line.item]
        share = MOST_SHARE_OF_ONE
    numbered = sum(_NUMBER.match(line.text) is not None for line in lines)
    words = sum(line.words for line in document.lines)
    if (document.prose and sum(line.words for line in lines) > share * words) or numbered >= NUMBERED * len(lines) > 0:
        return
    kinds = " and ".join(edit.finding.rule.name for edit in signals.values())
    for line in lines:
        if line.words <= rule.max_words:
            yield Finding(rule, line.start, line.end, "", rule.confidence, f"behind the end of the article, which {kinds} marks")


def _is_text(line: Line) -> bool:
    """True if the line is a sentence, or stands in a quotation."""
    return line.finished or line.quoted


def orphaned_label(rule: Rule, document: Document) -> Iterator[Finding]:
    """A label with a colon, where what stood directly below it was a piece of the site and went."""
    for line in document.lines:
        if line.words > rule.max_words or not line.text.endswith(COLON) or line.quoted or line.item or line.index == 0:
            continue
        cut = [edit for edit in document.edits_below(line) if edit.finding.rule.category in SITE_CATEGORIES]
        if cut and not document.raw[line.end : cut[0].start].strip():
            evidence = f"what stood below it went as {cut[0].finding.rule.name}"
            yield Finding(rule, line.start, line.end, "", rule.confidence, evidence)


def _is_chrome(document: Document, signals: dict[str, Edit]) -> bool:
    """True if a text without running text was junk for the greater part, of two kinds."""
    cut = sum(
        len(document.raw[edit.start : edit.end].split())
        for edit in document.edits
        if edit.finding.rule.category in SITE_CATEGORIES
    )
    return len(signals) >= SIGNALS and cut >= sum(line.words for line in document.lines)
