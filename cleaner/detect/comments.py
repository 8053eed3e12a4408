"""Comment threads behind the article."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from cleaner.model import Document, Finding, Line, Rule

STAMPS = 2
"""So many marks of single comments behind a heading make a thread."""
STAMP_CHARACTERS = 160
"""The mark of a comment is no longer, and holds a number or ends in a colon …"""
REPLY_CHARACTERS = 12
"""… but for a word such as “Reply”."""
LEAST_ARTICLE = 0.1
"""A thread never starts within this share of the lines from the top."""

_DIGIT = re.compile(r"\d")
_STAMP = re.compile(
    r"(?:[^.!?]{1,40}\s)?(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d{1,2},?\s+\d{4}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}-\d\d-\d\d"
    r"|\d+\s+(?:sec(?:ond)?|min(?:ute)?|hour|day|week|month|year)s?\s+ago|vor\s+\d+\s+\w+|il\s+y\s+a\s+\d+\s+\w+|hace\s+\d+\s+\w+)"
    r"(?:\s*(?:at|um|à|a\s+las|,|-|–|@)\s*\d{1,2}[:.h]\d{2}\s*(?:[ap]\.?m\.?)?)?(?:\s*(?:reply|antworten|répondre|responder))?$"
    r"|rating:\s*-?\d+\s+votes?$|(?!(?:the|an?|der|die|das|le|la|les|el|los|il|gli)\s)[^.!?:]{2,40}\s+(?:says|said|wrote|commented|schreibt|sagt|a\s+écrit|dice):$|(?:score|votes?|karma):?\s*-?\d+$"
    r"|(?:reply|antworten|répondre|responder|beantworten|ответить|yanıtla|返信|回复|답글)$",
    re.IGNORECASE,
)


def thread(rule: Rule, document: Document) -> Iterator[Finding]:
    """From the heading of the comments to the end, where the marks of single comments follow it."""
    lines = document.lines
    first = int(LEAST_ARTICLE * len(lines)) + 1
    stamps = [index for index, is_stamp in enumerate(document.each(_is_stamp)) if is_stamp and index >= first]
    if not stamps and not rule.patterns:
        return
    start = _heading(rule, document, first, stamps)
    if start is None:
        return
    line, why = start
    yield Finding(rule, line.start, lines[-1].end, "", rule.confidence, f"{why}; {len(lines) - line.index} lines up to the end")


def _is_stamp(text: str) -> bool:
    if len(text) > STAMP_CHARACTERS or not (_DIGIT.search(text) or text.endswith(":") or len(text) <= REPLY_CHARACTERS):
        return False
    return _STAMP.match(text) is not None


def _heading(rule: Rule, document: Document, first: int, stamps: list[int]) -> tuple[Line, str] | None:
    for line in document.fitting(rule):
        if line.index < first or line.quoted or line.words > rule.max_words:
            continue
        matched = rule.match(line.text)
        if matched is None and document.plains[line.index] not in rule.phrases:
            continue
        behind = len(stamps) - bisect_right(stamps, line.index)
        certain = matched is not None and line.index + 1 < len(document.lines)
        if behind >= STAMPS or certain:
            return line, f"“{line.text}” heads the comments, with {behind} marks of single ones behind it"
    return None
