"""Healthy words stay whole."""

from __future__ import annotations

import pytest

from cleaner.pipeline import Cleaner

SENTENCE = "The report of the day says that {} is one of the words in the text, and that it was seen in the town of Leeds."


@pytest.mark.parametrize(
    "word",
    "YouTube McDonald iPhone DeSantis PayPal GitHub todayonline.com LinkedIn MacBook eBay YouGov OnePlus WeWork OpenAI TheStreet "
    "therapist therapists theatre theorem themselves therefore thousand husband island understand withstand without within "
    "wonderland "
    "Finland Iceland Andover Beckwith Asquith Goodwill Fletcher Thatcher fromage wasteland haven't whichever andante handwritten "
    "@theguardian #andthen theguardian.com info@thesecond.org Node.js e.g.The U.S.A. vs.The".split(),
)
def test_healthy_words(cleaner: Cleaner, word: str) -> None:
    text = SENTENCE.format(word) + "\n"
    assert cleaner.clean(text).text == text


@pytest.mark.parametrize(
    ("joined", "parted"),
    [
        ("thesecond", "the second"),
        ("killedwhile", "killed while"),
        ("andpeople", "and people"),
        ("countrywhich", "country which"),
        ("thatmarket", "that market"),
    ],
)
def test_joined_words(cleaner: Cleaner, joined: str, parted: str) -> None:
    assert cleaner.clean(SENTENCE.format(joined)).text == SENTENCE.format(parted) + "\n"
