"""Time stamps without words."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cleaner.dates import find_date
from cleaner.detect.live import LIVE_ENTRIES, live_entries
from cleaner.detect.patterns import facts_of
from cleaner.model import Document, Finding, Rule
from cleaner.shape import ends_sentence, unmarked

HEAD_LINES = 8
STAMP_WORDS = 4
TIMELINE_DATES = 2
"""Where so many lines between paragraphs are dates, dates are part of the text."""

_MONTHS = (
    r"jan|feb|mär|mar|apr|may|mai|mei|maj|mag|jun|giu|jul|lug|aug|ago|sep|set|oct|okt|out|ott|nov|dec|dez|dic|déc|fév|avr|juin|juil|août"
    r"|ene|abr|янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|лис|гру"
    r"|oca|şub|nis|haz|tem|ağu|eyl|eki|kas|ara|sty|lut|kwi|maj|cze|lip|sie|wrz|paź|lis|gru|जन|फ़र|फर|मार्च|अप्रैल|मई|जून|जुल|अग|सित|अक्ट|अक्तू|नव|दिस"
)
_DAYS = (
    r"mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|mié|jue|vie|sáb|dom|seg|ter|qua|qui|sex|gio|sab"
    r"|maa|din|woe|don|vri|zat|zon|пон|вто|сре|чет|пят|суб|вос|paz|sal|çar|per|cum|pon|wto|śro|czw|pią|sob|nie|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag"
)
_TOKEN = re.compile(
    rf"(?:\d{{1,4}}(?:st|nd|rd|th|er|º|ª)?|(?:{_MONTHS})\w*|(?:{_DAYS})\w*|[ap]\.?m|uhr|h|hrs?|at|um|am|on|à|a\s+las|le|el|il|de|del|of|o['’]clock"
    r"|[A-Z]{2,4}T?|gmt|utc|ist|t|z|年|月|日|년|월|일|[时時分])\b\.?|[年月日时時分년월일]",
    re.IGNORECASE,
)
_MARKS = re.compile(r"[\s.,:/|•·()\[\]+–—-]+")
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
        and is_stamp(unmarked(line.text))
    ]
    between = sum(line.zone == "body" for line in stamps)
    heading = sum(line.index + 1 < len(document.lines) and document.lines[line.index + 1].prose for line in stamps)
    if between >= TIMELINE_DATES or heading >= TIMELINE_DATES or live_entries(document) >= LIVE_ENTRIES:
        return
    for line in stamps:
        if line.zone in rule.zones and (line.zone == "tail" or line.index < HEAD_LINES):
            yield Finding(
                rule, line.start, line.end, "", rule.confidence, "nothing but a date or a time", facts_of(rule, line.text)
            )


def is_stamp(text: str) -> bool:
    """True if the text is nothing but a date, a time of day or both, or an age ("3 hours ago")."""
    if not re.search(r"\d", text):
        return False
    if _RELATIVE.match(text.strip(" .")):
        return True
    rest = _MARKS.sub(" ", _TOKEN.sub(" ", text)).split()
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
