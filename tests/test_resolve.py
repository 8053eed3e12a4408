"""Which findings become edits."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.model import Edit, Finding, apply
from cleaner.registry import built_in
from cleaner.resolve import Spans, merge, resolve
from cleaner.segment import segment

ONE, TWO = built_in().rules[:2]
RAW = "first line\n\nsecond line\n\nthird line\n"


def finding(text: str, *, rule=ONE, confidence: float = 0.95, replacement: str = "") -> Finding:
    start = RAW.index(text)
    return Finding(rule, start, start + len(text), replacement, confidence, "")


def spans(*findings: Finding) -> list[tuple[int, int, str]]:
    edits = resolve(segment(RAW), findings)
    return [(edit.start, edit.end, edit.finding.rule.code) for edit in edits]


def test_a_deleted_line_takes_the_gap_behind_it() -> None:
    (edit,) = resolve(segment(RAW), [finding("second line")])
    assert RAW[: edit.start] + RAW[edit.end :] == "first line\n\nthird line\n"


def test_the_last_line_takes_all_that_follows() -> None:
    (edit,) = resolve(segment(RAW), [finding("third line")])
    assert edit.end == len(RAW)


def test_a_deleted_line_leaves_the_gap_to_a_finding_that_changes_it() -> None:
    gap = Finding(TWO, RAW.index("\n\nthird"), RAW.index("third"), " ", 0.95, "")
    (line, joined) = resolve(segment(RAW), [gap, finding("second line")])
    assert line.end == joined.start
    assert apply(RAW, [line, joined]) == "first line\n\n third line\n"


def test_a_part_of_a_line_takes_nothing_along() -> None:
    (edit,) = resolve(segment(RAW), [finding("second ")])
    assert RAW[edit.start : edit.end] == "second "


def test_the_wider_finding_wins() -> None:
    assert [
        code for *_, code in spans(finding("second line", confidence=0.99), finding("second line\n\nthird line", rule=TWO))
    ] == [TWO.code]


def test_of_equal_spans_the_surer_wins() -> None:
    assert [code for *_, code in spans(finding("second line"), finding("second line", rule=TWO, confidence=0.96))] == [TWO.code]


def test_of_partial_overlaps_one_is_left() -> None:
    assert len(spans(finding("first line\n\nsecond"), finding("second line\n\nthird"))) == 1


def test_touching_findings_are_both_carried_out() -> None:
    assert len(spans(finding("first "), finding("line\n\nsecond"))) == 2


def test_order_of_findings_does_not_matter() -> None:
    claims = [
        finding("first line"),
        finding("second", rule=TWO),
        finding("second line"),
        finding("line\n\nthird"),
        finding("third line", rule=TWO),
    ]
    results = {tuple(spans(*order)) for order in itertools.permutations(claims)}
    assert len(results) == 1


def test_a_later_edit_swallows_what_it_holds_and_nothing_it_touches() -> None:
    document = segment(RAW)
    inner, touching = resolve(document, [finding("econd"), finding("first ")])[::-1]
    outer = replace(inner, start=inner.start - 1, end=inner.end + 1)
    assert merge(segment(RAW, [touching, inner]), [outer]) == (touching, outer)
    insertion = replace(inner, start=outer.start, end=outer.start, replacement="-")
    assert merge(segment(RAW, [insertion]), [outer]) == (insertion, outer)


@pytest.mark.parametrize("cut", ["It rained.", "Then it cleared."])
def test_a_space_between_two_sentences_goes_with_the_one_that_is_cut(cut: str) -> None:
    raw = "It rained.Then it cleared.\n"
    at = raw.index("Then")
    space = Edit(at, at, " ", Finding(ONE, at, at, " ", 1.0, ""))
    start = raw.index(cut)
    edit = Edit(start, start + len(cut), "", Finding(ONE, start, start + len(cut), "", 1.0, ""))
    assert apply(raw, merge(segment(raw, [space]), [edit])).strip("\n") in {"It rained.", "Then it cleared."}


pairs = st.tuples(st.integers(0, 12), st.integers(0, 5)).map(lambda pair: (pair[0], sum(pair)))


@given(st.lists(pairs), pairs)
def test_spans_say_what_going_through_all_would(among: list[tuple[int, int]], asked: tuple[int, int]) -> None:
    start, end = asked
    assert Spans(among).overlap(start, end) == any(start < last and first < end for first, last in among)


def test_spans_hold_what_lies_inside_one() -> None:
    among = Spans([(2, 5), (5, 7)])
    assert all(among.hold(*inside) for inside in [(2, 5), (3, 4), (5, 7)])
    assert not any(among.hold(*outside) for outside in [(1, 3), (4, 6), (5, 8)])
