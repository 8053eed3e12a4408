"""Lines, offsets, blocks, zones."""

from __future__ import annotations

import pytest

from cleaner.model import Document, Edit, Finding, apply
from cleaner.registry import built_in
from cleaner.segment import segment

PROSE = "The old harbour bridge was closed on Monday after a storm tore off parts of its roof, the city said."
MORE = "The ferry to the islands will go every ten minutes until the spring, and it will be free for all who live there."
LAST = "The council meets on Friday to talk about what the repairs will cost the town, said one of its members last night."


def texts(raw: str) -> list[str]:
    return [line.text for line in segment(raw).lines]


def cut(raw: str, piece: str, replacement: str = "") -> Edit:
    start = raw.index(piece)
    finding = Finding(built_in().rules[0], start, start + len(piece), replacement, 1.0, "")
    return Edit(start, start + len(piece), replacement, finding)


@pytest.mark.parametrize("line_break", ["\n", "\r\n", "\r", "\u2028", "\u2029", "\x0b", "\x0c", "\x85"])
def test_every_line_break_parts_lines(line_break: str) -> None:
    assert texts(f"one{line_break}two") == ["one", "two"]


@pytest.mark.parametrize("char", ["\x1c", "\x1d", "\x1e"])
def test_what_only_splitlines_calls_a_break_parts_nothing(char: str) -> None:
    assert len(texts(f"one{char}two")) == 1


def test_offsets_point_at_the_stripped_text() -> None:
    raw = "  one \n\n\t two\u00a0\n"
    assert [raw[line.start : line.end] for line in segment(raw).lines] == ["one", "two"]


def test_empty_and_blank_texts_have_no_lines() -> None:
    assert segment("").lines == ()
    assert segment(" \n\t\n").lines == ()


def test_single_breaks_join_short_lines_to_a_block() -> None:
    document = segment("Tyger Tyger, burning bright,\nIn the forests of the night;\n\nWhat immortal hand or eye")
    assert [list(block) for block in document.blocks] == [[0, 1], [2]]


def test_a_text_without_blank_lines_that_consists_of_paragraphs_has_no_blocks() -> None:
    document = segment(f"{PROSE}\nWhat now?\n{MORE}")
    assert [line.tight for line in document.lines] == [False, False, False]


def test_list_items_stay_together_even_there() -> None:
    document = segment(f"{PROSE}\n- one\n- two\n{MORE}")
    assert [line.tight for line in document.lines] == [False, False, True, False]


def test_zones() -> None:
    raw = f"A title\n\nBy Jane Roe\n\n{PROSE}\n\nA heading\n\n{MORE}\n\nShare this\n\nTags"
    assert [line.zone for line in segment(raw).lines] == ["head", "head", "body", "body", "body", "tail", "tail"]


def test_a_standfirst_with_byline_below_belongs_to_the_head() -> None:
    raw = f"A title\n\n{PROSE}\n\nBy Jane Roe\n\n{MORE}\n\n{LAST}"
    assert [line.zone for line in segment(raw).lines] == ["head", "head", "head", "body", "body"]


def test_a_text_without_paragraphs_is_all_body() -> None:
    assert {line.zone for line in segment("one\n\ntwo\n\nthree").lines} == {"body"}


@pytest.mark.parametrize(
    ("raw", "quoted"),
    [
        ("He read: “Dear sir,\n\nShare this\n\nYours” and left.", [1, 2]),
        ("Er las: „Sehr geehrter Herr,\n\nTeilen\n\nIhr“ und ging.", [1, 2]),
        ("Il lut : « Cher ami,\n\nPartager\n\nà vous » et partit.", [1, 2]),
        ("Er las: »Lieber Freund,\n\nTeilen\n\ndein« und ging.", [1, 2]),
        ("“It was dark.\n\n“It was cold.\n\nShare this", []),
        ("„Es war dunkel“, sagte er.\n\nTeilen", []),
        ("The »quoted« word.\n\nTeilen\n\nHere.", []),
        ('She said "no.\n\nUse the code "GETPRO" now.', []),
    ],
)
def test_lines_inside_a_quotation(raw: str, quoted: list[int]) -> None:
    assert [line.index for line in segment(raw).lines if line.quoted] == quoted


def test_lines_show_the_text_as_edited_at_their_raw_offsets() -> None:
    raw = "one &amp; two\n\nthree"
    document = segment(raw, [cut(raw, "&amp;", "&")])
    first = document.lines[0]
    assert first.text == "one & two"
    assert raw[first.start : first.end] == "one &amp; two"
    assert raw[slice(*document.span(first, 6, 9))] == "two"
    assert raw[slice(*document.span(first, 4, 5))] == "&amp;"


def test_lines_between_which_something_was_cut_do_not_run_together() -> None:
    raw = "one\nJUNK\ntwo"
    document = segment(raw, [cut(raw, "JUNK\n")])
    assert [line.text for line in document.lines] == ["one", "two"]
    assert not document.lines[1].tight


def test_to_raw_keeps_away_from_touching_deletions() -> None:
    raw = "abXXcd"
    document = Document(raw, apply(raw, [cut(raw, "XX")]), (), (cut(raw, "XX"),))
    assert document.text == "abcd"
    assert document.to_raw(2) == 4
    assert document.to_raw(2, end=True) == 2
