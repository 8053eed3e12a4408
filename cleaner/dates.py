"""Dates as articles print them, in many languages, without a look at the clock."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime
from functools import cache
from importlib import resources

YEARS = range(1500, 2200)

_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})(?!\d)")
_EAST_ASIAN = re.compile(r"(\d{4})\s?[年년.]\s?(\d{1,2})\s?[月월.]\s?(\d{1,2})\s?[日일.]?")
_DOTTED = re.compile(r"\b(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})\b")
_SLASHED = re.compile(r"\b(\d{1,2})[/-](\d{1,2})[/-](\d{4})\b")
_DAY_FIRST = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th|er|º|ª)?[.,]?\s+(?:de\s+|of\s+)?([^\W\d_][^\s\d.,]{2,})[.,]?\s+(?:de\s+|del\s+)?(\d{4})\b"
)
_MONTH_FIRST = re.compile(r"\b([^\W\d_][^\s\d.,]{2,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})\b")
_TIME = re.compile(r"(?<![\d.:])([01]?\d|2[0-3])[:.h]([0-5]\d)(?![\d%])(?::[0-5]\d)?\s*([ap]\.?m\b\.?)?", re.IGNORECASE)


@cache
def _months() -> dict[str, int]:
    """Numbers by the names of months and all beginnings of them that only one month has."""
    data = resources.files("cleaner").joinpath("data/months.toml").read_text("utf-8")
    names = {
        name: number
        for names in tomllib.loads(data).values()
        for number, alternatives in enumerate(names.split("|"), 1)
        for name in alternatives.split()
    }
    beginnings: dict[str, set[int]] = {}
    for name, number in names.items():
        for length in range(1, len(name)):
            beginnings.setdefault(name[:length], set()).add(number)
    return {beginning: numbers.pop() for beginning, numbers in beginnings.items() if len(numbers) == 1} | names


@cache
def _weekdays() -> frozenset[str]:
    data = resources.files("cleaner").joinpath("data/weekdays.toml").read_text("utf-8")
    return frozenset(" ".join(tomllib.loads(data).values()).split())


def is_weekday(word: str) -> bool:
    """True for the name of a day of the week or its abbreviation, in any of the languages."""
    return word.casefold() in _weekdays()


def month_of(word: str) -> int:
    """Number of the month, or 0. Abbreviations of three letters and more count where no other month has them."""
    return _months().get(word.casefold(), 0)


def find_date(text: str) -> date | datetime | None:
    """The first full date in the text, with its time of day if one stands in the same text.

    `None` if there is no date or if day and month cannot be told apart ("03/04/2024"). Times are as
    printed, without time zone.
    """
    day = _find_day(text)
    if day is None:
        return None
    found, rest = day
    clock = _TIME.search(rest)
    if clock is None:
        return found
    hour, minute, half = int(clock[1]), int(clock[2]), (clock[3] or "").casefold()
    if half and not 1 <= hour <= 12:
        return found
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    return datetime(found.year, found.month, found.day, hour, minute)


def _find_day(text: str) -> tuple[date, str] | None:
    """The day and the text without it."""
    readings = (
        (_ISO, lambda m: (int(m[1]), int(m[2]), int(m[3]))),
        (_DOTTED, lambda m: (int(m[3]), int(m[2]), int(m[1]))),
        (_EAST_ASIAN, lambda m: (int(m[1]), int(m[2]), int(m[3]))),
        (_DAY_FIRST, lambda m: (int(m[3]), month_of(m[2]), int(m[1]))),
        (_MONTH_FIRST, lambda m: (int(m[3]), month_of(m[1]), int(m[2]))),
        (_SLASHED, _slashed),
    )
    for pattern, read in readings:
        for found in pattern.finditer(text):
            year, month, day = read(found)
            if year in YEARS and 1 <= month <= 12:
                try:
                    return date(year, month, day), text[: found.start()] + " " + text[found.end() :]
                except ValueError:  # 31 June
                    continue
    return None


def _slashed(found: re.Match[str]) -> tuple[int, int, int]:
    first, second, year = int(found[1]), int(found[2]), int(found[3])
    if first > 12:
        return year, second, first
    if second > 12:
        return year, first, second
    return year, (first if first == second else 0), second
