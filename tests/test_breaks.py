"""Breaks inside sentences go; breaks that mean something stay."""

from __future__ import annotations

import textwrap

import pytest

from cleaner.pipeline import Cleaner

LONG = (
    "The council of the old town said on Monday that the harbour bridge will stay closed for another year, and that the ferry "
    "will go every ten minutes until the last of the pillars has been looked at by"
)
PARAGRAPHS = (
    "The harbour bridge will stay closed until the engineers of the ministry, who looked at it in May, have finished their report. It was built in 1904 and carries eight thousand cars a day, more than any other bridge in the county. Nobody remembers who paid for it, as the books of the town were lost in the flood of 1911, and the name on the plate is not to be read any more.",
    "The mayor does not expect the work to take longer than a year. The pillars are sound, he said, and only the deck has to be replaced, which was planned for next summer in any case, when the schools are closed and fewer people need to get to work.",
)
SPLIT = f"{LONG}\nthe engineers\n, who are paid by the county. {LONG}\nthe Ministry of Transport\nin the capital."


def test_a_sentence_split_at_its_links_is_joined(cleaner: Cleaner) -> None:
    joined = f"{LONG} the engineers, who are paid by the county. {LONG} the Ministry of Transport in the capital.\n"
    assert cleaner.clean(SPLIT).text == joined


def test_a_japanese_sentence_split_at_its_links_is_joined_without_spaces(cleaner: Cleaner) -> None:
    first = (
        "午後九時、列車の来なくなった駅に明かりがともる。ホームに並ぶのは旅行かばんではなく、木の箱に入った二千冊の本であり、それを押していくのは二年前に廃止された",
        "浦見線",
    )
    second = (
        "の駅員だ。どの本にも持ち主はなく、読み終えた人がはさんでいく切符も多く、",
        "県立博物館",
        "が来年、展示を計画している。",
    )
    assert cleaner.clean("\n".join([*first, *second])).text == "".join([*first, *second]) + "\n"


def test_a_list_without_marks_below_a_colon_stays_in_a_split_text(cleaner: Cleaner) -> None:
    entries = ["new bolts for the deck", "a lamp on the third pier of the bridge", "no lorries until the report has been read"]
    result = cleaner.clean("\n".join([SPLIT, "The report recommends:", *entries]))
    assert result.text.endswith("\n".join(["The report recommends:", *entries]) + "\n")


def test_one_odd_break_does_not_make_a_split_text(cleaner: Cleaner) -> None:
    text = f"{LONG}\n\nthe engineers of the ministry.\n\nThey are paid by the county.\n"
    assert cleaner.clean(text).text == text


@pytest.mark.parametrize(
    "block",
    [
        "flour\nbutter\nsugar\nmilk",
        "The rain it raineth every day\nupon the just and unjust fella,\nbut mainly on the just, because\nthe unjust takes the umbrella.",
        "def add(a, b):\n    return a + b\nprint(add(1, 2))",
        "Jane Roe\n12 Old Quay Street\nNewport",
    ],
    ids=["list", "verse", "code", "address"],
)
def test_meant_breaks_stay_in_a_split_text(cleaner: Cleaner, block: str) -> None:
    raw = f"{SPLIT}\n\n{block}\n\n{PARAGRAPHS[1]}\n"
    assert f"\n\n{block}\n\n" in cleaner.clean(raw).text


@pytest.mark.parametrize("width", [60, 72, 90])
def test_wrapped_paragraphs_are_joined(cleaner: Cleaner, width: int) -> None:
    raw = "\n\n".join(textwrap.fill(paragraph, width) for paragraph in PARAGRAPHS)
    assert cleaner.clean(raw).text == "\n\n".join(PARAGRAPHS) + "\n"


def test_a_wrapped_paragraph_is_joined_also_where_a_single_break_parts_it_from_another(cleaner: Cleaner) -> None:
    wrapped, whole = PARAGRAPHS[:2]
    text = cleaner.clean(f"{whole}\n{textwrap.fill(wrapped, 45)}\n").text
    assert text == f"{whole}\n\n{wrapped}\n"
    assert cleaner.clean(text).text == text


def test_nothing_is_joined_where_the_next_word_would_have_fitted(cleaner: Cleaner) -> None:
    verse = "\n".join(" ".join(PARAGRAPHS[0].split()[at : at + 7]) for at in range(0, 35, 7))
    assert cleaner.clean(verse).text == verse + "\n"
