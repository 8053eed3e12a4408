"""The scan for lines that rules could fit never changes what they find."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from re._casefix import _EXTRA_CASES  # type: ignore[import-not-found]

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import glued, texts

from cleaner.config import Config
from cleaner.model import Finding
from cleaner.pipeline import Cleaner
from cleaner.prefilter import START, Needles, extract_needles, fold, needles_of
from cleaner.segment import segment

CLEANER = Cleaner(Config(profile="thorough", select=("ALL",)))


def both_ways(raw: str) -> tuple[list[Finding], list[Finding]]:
    document = segment(raw)
    scanned = replace(document, candidates=CLEANER._prefilter.candidates(document))
    return list(CLEANER._junk.findings(scanned)), list(CLEANER._junk.findings(document))


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
    ("pattern", "pieces", "reach"),
    [
        ("(?:also|must) read", {"also read", "must read"}, 0),
        (r"(?:also|must)\s{1,3}read\s{0,3}:", {"also read:", "also read ", "must read:", "must read "}, 0),
        ("(?:news(?:letter)?|mailing) list", {"news list", "newsletter", "mailing li"}, 0),
        ("[a-z]{3,20}ing", {"ing"}, 20),
        ("[a-z]+ing", {"ing"}, None),
        (r".{0,30}\bnewsletter\b.{0,30}(?:our|your)", {"newsletter"}, 30),
        ("(?:by )?reuters", {"reuters"}, 3),
        ("[\\[(]?more", {"more"}, 1),
        ("(?:am|am )?x", {"x"}, 3),
        ("(?:ad)?", None, None),
        (r"\d+", None, None),
        ("Straße", {"straße"}, 0),
        ("(?=.*alpha)beta", {"beta"}, 0),
        ("(?!alpha)beta", {"beta"}, 0),
        (r"(?<=\.)\s(?-i:AFP|Reuters)", {" afp", " reuters"}, 0),
        ("(?:one|two|[^x]+three)", {"one", "two", "three"}, None),
    ],
)
def test_needles(pattern: str, pieces: set[str] | None, reach: int | None) -> None:
    assert extract_needles(pattern) == (Needles(frozenset(pieces), reach) if pieces is not None else None)


def test_needles_of_the_built_in_patterns_need_no_parsing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cleaner.prefilter.extract_needles", None)
    for rule in CLEANER.rule_set.rules:
        for _, source in rule.patterns.sources:
            needles_of.__wrapped__(source)


@given(st.text(st.sampled_from("aAİıſKſς \t\xa0\u0307Σµ.\x1c\x85"), max_size=30))
def test_what_stands_in_a_folded_text_stands_no_earlier_in_the_text(text: str) -> None:
    assert len(fold(text)) <= len(text)
    assert "  " not in fold(text)
    assert START not in fold(text)


@pytest.mark.parametrize("pair", ["sſ", "kK", "iİ", "ıi", "σς", "μµ", "Éé", "Яя", "вᲀ", "\u0345ι", "ΐ\u1fd3", "\ufb05\ufb06"])
def test_what_matches_regardless_of_case_folds_alike(pair: str) -> None:
    one, other = pair
    assert re.fullmatch(one, other, re.IGNORECASE)
    assert fold(one) == fold(other)


def test_all_characters_that_match_each_other_fold_alike() -> None:
    """Each against the letters of its own expression, as `re` tells them; all pairs would be 10^12."""
    for number in range(sys.maxunicode + 1):
        char = chr(number)
        for other in {char.upper(), char.lower(), char.casefold(), *map(chr, _EXTRA_CASES.get(number, ()))} - {char}:
            if len(other) == 1 and re.fullmatch(re.escape(char), other, re.IGNORECASE):
                assert fold(char) == fold(other), (char, other)


def test_lone_surrogates_are_text_like_any_other() -> None:
    raw = "A \ud800 alone.\n\nAlso Read: Ten \udfff tips\n\nRain fell on the town for two days, and the river rose by a metre."
    scanned, plain = both_ways(raw)
    assert scanned == plain
    assert [raw[one.start : one.end] for one in scanned if one.rule.code == "REL001"] == ["Also Read: Ten \udfff tips"]
