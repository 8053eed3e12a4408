"""Dates in many languages."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from cleaner.dates import find_date


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("18.06.2024 21:44", datetime(2024, 6, 18, 21, 44)),
        ("2024-06-18", date(2024, 6, 18)),
        ("2024-06-18T21:44:03+02:00", datetime(2024, 6, 18, 21, 44)),
        ("June 18, 2024", date(2024, 6, 18)),
        ("Jun. 18, 2024 at 9:44 p.m.", datetime(2024, 6, 18, 21, 44)),
        ("12:05 a.m. on 18 June 2024", datetime(2024, 6, 18, 0, 5)),
        ("Tuesday 18th June 2024", date(2024, 6, 18)),
        ("18. Juni 2024, 21.44 Uhr", datetime(2024, 6, 18, 21, 44)),
        ("le 18 juin 2024 à 21h44", datetime(2024, 6, 18, 21, 44)),
        ("1er août 2024", date(2024, 8, 1)),
        ("18 de junio de 2024", date(2024, 6, 18)),
        ("18 giugno 2024", date(2024, 6, 18)),
        ("18 de março de 2024", date(2024, 3, 18)),
        ("18 juni 2024", date(2024, 6, 18)),
        ("18 июня 2024, 21:44", datetime(2024, 6, 18, 21, 44)),
        ("18 Haziran 2024", date(2024, 6, 18)),
        ("18 जून 2024", date(2024, 6, 18)),
        ("2024年6月18日", date(2024, 6, 18)),
        ("2024년 6월 18일", date(2024, 6, 18)),
        ("18/06/2024", date(2024, 6, 18)),
        ("06/18/2024", date(2024, 6, 18)),
        ("05/05/2024", date(2024, 5, 5)),
    ],
)
def test_dates(text: str, found: date) -> None:
    assert find_date(text) == found


@pytest.mark.parametrize(
    "text",
    ["", "no date", "03/04/2024", "31.06.2024", "2024", "June 2024", "18 Smarch 2024", "99.99.9999", "1.2.3", "18 ma 2024"],
)
def test_no_dates(text: str) -> None:
    assert find_date(text) is None
