"""The scan for lines that rules could fit never changes what they find."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import glued, texts

from cleaner.config import Config
from cleaner.model import Finding
from cleaner.pipeline import Cleaner, _run
from cleaner.prefilter import fold, needles_of
from cleaner.segment import segment

CLEANER = Cleaner(Config(profile="thorough", select=("ALL",)))


def both_ways(raw: str) -> tuple[list[Finding], list[Finding]]:
    document = segment(raw)
    scanned = replace(document, candidates=CLEANER._prefilter.candidates(document))
    return list(_run(CLEANER._junk, scanned)), list(_run(CLEANER._junk, document))


@given(st.one_of(texts, glued().map(str.upper), glued().map(str.swapcase)))
def test_the_same_findings_with_and_without(raw: str) -> None:
    scanned, plain = both_ways(raw)
    assert scanned == plain


def test_every_example_of_every_rule_is_found_both_ways() -> None:
    for rule in CLEANER.rule_set.rules:
        for example in rule.examples:
            scanned, plain = both_ways(example.text)
            assert scanned == plain, example.text


@pytest.mark.parametrize(
    ("pattern", "needles"),
    [
        ("(?:also|must) read", {" read"}),
        ("(?:news(?:letter)?|mailing) list", {" list"}),
        ("[a-z]+ing", {"ing"}),
        ("(?:by )?reuters", {"reuters"}),
        ("(?:ad)?", None),
        (r"\d+", None),
        ("Straße", {"straße"}),
        ("(?=.*alpha)beta", {"alpha"}),
        ("(?!alpha)beta", {"beta"}),
    ],
)
def test_needles(pattern: str, needles: set[str] | None) -> None:
    assert needles_of(re.compile(pattern, re.IGNORECASE)) == needles


@pytest.mark.parametrize("pair", ["sſ", "kK", "iİ", "ıi", "σς", "μµ", "Éé", "Яя"])
def test_what_matches_regardless_of_case_folds_alike(pair: str) -> None:
    one, other = pair
    if re.fullmatch(one, other, re.IGNORECASE):
        assert fold(one) == fold(other)


def test_lone_surrogates_are_text_like_any_other() -> None:
    raw = "A \ud800 alone.\n\nAlso Read: Ten \udfff tips\n\nRain fell on the town for two days, and the river rose by a metre."
    scanned, plain = both_ways(raw)
    assert scanned == plain
    assert [raw[one.start : one.end] for one in scanned if one.rule.code == "REL001"] == ["Also Read: Ten \udfff tips"]
