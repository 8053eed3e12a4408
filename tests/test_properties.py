"""What always holds: the invariants of the design, on random text and on text glued from real lines."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import glued, texts

import cleaner
from cleaner.config import PROFILES
from cleaner.model import NORMALIZING, apply
from cleaner.pipeline import Cleaner
from cleaner.segment import segment

ROOT = Path(__file__).parent.parent
if os.environ.get("CLEANER_LONG_RUN"):
    settings.load_profile("long")

CLEANER = Cleaner()


@given(texts)
def test_the_edits_give_the_clean_text_and_the_way_back(raw: str) -> None:
    result = CLEANER.clean(raw)
    assert apply(raw, result.edits) == result.text
    assert cleaner.restore(result.text, result.record) == raw


@given(texts)
def test_cleaning_a_clean_text_changes_nothing(raw: str) -> None:
    once = CLEANER.clean(raw)
    twice = CLEANER.clean(once.text)
    again = [
        (edit.finding.rule.code, once.text[edit.start : edit.end], edit.replacement, edit.finding.evidence)
        for edit in twice.edits
    ]
    assert twice.text == once.text, again


@given(texts)
def test_every_character_is_in_the_clean_text_or_in_an_edit(raw: str) -> None:
    result = CLEANER.clean(raw)
    behind = 0
    kept = []
    for edit in result.edits:
        assert behind <= edit.start <= edit.end <= len(raw)
        kept.append(raw[behind : edit.start])
        behind = edit.end
    kept.append(raw[behind:])
    assert "".join(kept) == "".join(_without_replacements(result))


def _without_replacements(result) -> list[str]:
    pieces, behind = [], 0
    for edit in result.record["edits"]:
        pieces.append(result.text[behind : edit["clean_start"]])
        behind = edit["clean_start"] + len(edit["replacement"])
    return [*pieces, result.text[behind:]]


@given(glued())
def test_lines_that_no_rule_touched_come_out_as_they_were(raw: str) -> None:
    result = CLEANER.clean(raw)
    clean = {line.text for line in segment(result.text).lines}
    for line in segment(raw).lines:
        touched = [
            edit
            for edit in result.edits
            if (edit.start < line.end and line.start < edit.end) or line.start < edit.start < line.end
        ]
        # A join puts the whole line, as it is, into a longer one.
        joins = (edit for edit in result.edits if edit.finding.rule.detect.startswith("breaks."))
        is_joined = any(edit.end == line.start or edit.start == line.end for edit in joins)
        if not touched:
            assert line.text in clean or (is_joined and any(line.text in other for other in clean))


@given(texts)
def test_the_form_of_the_clean_text(raw: str) -> None:
    text = CLEANER.clean(raw).text
    assert text == "" or (text.endswith("\n") and not text.endswith("\n\n"))
    assert "\r" not in text
    assert "\n\n\n" not in text


@given(texts)
def test_the_lines_of_the_copy_are_those_that_the_rules_saw(raw: str) -> None:
    result = CLEANER.clean(raw)
    seen, written = ([(line.text, line.tight) for line in segment(*args).lines] for args in ((raw, result.edits), (result.text,)))
    assert [text for text, _ in seen] == [text for text, _ in written]


PROFILED = {profile: Cleaner(CLEANER.config.override(profile=profile)) for profile in PROFILES}


@given(texts, st.sampled_from(list(PROFILED)))
def test_only_sure_findings_become_edits(raw: str, profile: str) -> None:
    result = PROFILED[profile].clean(raw)
    assert all(edit.finding.confidence >= PROFILES[profile] for edit in result.edits)
    assert all(finding.confidence < PROFILES[profile] for finding in result.suggestions)


@given(texts)
def test_never_an_empty_text_without_a_flag(raw: str) -> None:
    result = CLEANER.clean(raw)
    if not result.text:
        assert result.flags


ANOTHER = Cleaner()


@given(glued())
def test_a_second_cleaner_gives_the_same_record(raw: str) -> None:
    assert ANOTHER.clean(raw).record.to_json() == CLEANER.clean(raw).record.to_json()


@pytest.mark.parametrize("path", sorted((ROOT / "seeds").glob("*.txt")), ids=lambda path: path.stem[:3])
def test_real_articles(path: Path) -> None:
    raw = path.read_text("utf-8")
    result = CLEANER.clean(raw)
    assert CLEANER.clean(result.text).text == result.text
    assert cleaner.restore(result.text, result.record) == raw
    assert {edit.finding.rule.category for edit in CLEANER.clean(result.text).edits} <= NORMALIZING
