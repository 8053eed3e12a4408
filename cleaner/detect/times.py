"""Time stamps without words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cleaner.dates import find_date, is_weekday, month_of
from cleaner.detect.live import LIVE_ENTRIES, live_entries
from cleaner.detect.patterns import facts_of
from cleaner.model import Document, Finding, Rule
from cleaner.shape import ends_sentence, unmarked

HEAD_LINES = 8
STAMP_WORDS = 4
UNSURE = 0.75
TIMELINE_DATES = 2
"""Where so many lines between paragraphs are dates, dates are part of the text."""

_TOKEN = re.compile(
    r"(?:\d{1,4}(?:st|nd|rd|th|er|º|ª|h|[ap]m)?|[ap]\.?m|[pm]|uhr|h|hrs?|min|at|um|am|on|à|a|las|le|el|il|de|del|of|o['’]clock"
    r"|(?-i:[A-Z]{2,4}T?)|gmt|utc|ist|t|z|年|月|日|년|월|일|[時时分])$",
    re.IGNORECASE,
)
_EAST_ASIAN = re.compile(r"(?<=\d)\s?[年月日時时分秒년월일]\s?|[年月日時时分년월일](?=\s|$)")
_MARKS = re.compile(r"[\s.,:/|•·()\[\]+–—-]+")
_DIGIT = re.compile(r"\d")
_CLOCK = re.compile(r"\d{1,2}[:.h]\d{2}(?!\.?\d)")
_RELATIVE = re.compile(
    r"(?P<since>(?:about\s+)?(?:vor|il\s+y\s+a|hace|há)\s+)?(?:about\s+)?(?:\d{1,3}|an?|ein(?:em|er)?|une?|un[ao]?|один|bir)\s+(?:sec(?:ond)?s?|min(?:ute)?s?|hours?|hrs?|days?|weeks?|months?|years?"
    r"|sekunden?|minuten?|stunden?|tag(?:en)?|wochen?|monat(?:en)?|jahr(?:en)?|secondes?|heures?|jours?|semaines?|mois|ans?|segundos?|minutos?|horas?|días?|dias?|semanas?|meses|años?|anos?"
    r"|second[oi]|minut[oi]|or[ae]|giorn[oi]|settiman[ae]|mes[ei]|ann[oi]|uur|uren|dag(?:en)?|минут\w*|час\w*|дн\w+|день|недел\w+|saat|dakika|gün|hafta|ay|yıl)"
    r"(?(since)|\s+(?:ago|fa|geleden|atrás|назад|önce))$|\d{1,2}\s?(?:min|hrs?|h)\.?$",
    re.IGNORECASE,
)


def stamp(rule: Rule, document: Document) -> Iterator[Finding]:
    """Lines of nothing but a date, a time or an age, in the head or the tail."""
    stamps = [
        line
        for line in document.lines
        if line.words <= rule.max_words
        and not line.quoted
        and (not line.item or line.zone == "head")
        and document.of(_is_marked_stamp, line)
    ]
    if not stamps:
        return
    between = sum(line.zone == "body" for line in stamps)
    heading = sum(line.index + 1 < len(document.lines) and document.lines[line.index + 1].prose for line in stamps)
    if between >= TIMELINE_DATES or heading >= TIMELINE_DATES or live_entries(document) >= LIVE_ENTRIES:
        return
    for line in stamps:
        if line.zone in rule.zones and (line.zone == "tail" or line.index < HEAD_LINES):
            has_clock = _CLOCK.search(line.text) is not None
            # An event has a time of day, too, and a date may be the title.
            is_unsure = has_clock and find_date(line.text) is None if line.zone == "tail" else line.index == 0 and not has_clock
            confidence = min(rule.confidence, UNSURE) if is_unsure else rule.confidence
            yield Finding(rule, line.start, line.end, "", confidence, "nothing but a date or a time", facts_of(rule, line.text))


def _is_marked_stamp(text: str) -> bool:
    return _DIGIT.search(text) is not None and is_stamp(unmarked(text))


def is_stamp(text: str) -> bool:
    """True if the text is nothing but a date, a time of day or both, or an age ("3 hours ago")."""
    if not _DIGIT.search(text):
        return False
    if _RELATIVE.match(text.strip(" .")):
        return True
    words = _MARKS.sub(" ", _EAST_ASIAN.sub(" ", text)).split()
    rest = [word for word in words if not (_TOKEN.match(word) or month_of(word) or is_weekday(word))]
    clock = _CLOCK.search(text) is not None
    if not rest:
        return clock or find_date(text) is not None
    # A place, a programme: a few words with capitals beside a full date with its time.
    return (
        clock
        and len(rest) <= STAMP_WORDS
        and all(word[0].isupper() or (word.islower() and len(word) <= 3) for word in rest)
        and not ends_sentence(text)
        and find_date(text) is not None
    )
