"""The main job: what must come out of the five raw articles."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from cleaner.model import Result
from cleaner.pipeline import Cleaner

SEEDS = sorted((Path(__file__).parent.parent / "seeds").glob("*.txt"))


@pytest.fixture(scope="module")
def results(cleaner: Cleaner) -> list[Result]:
    return [cleaner.clean_file(path) for path in SEEDS]


def paragraphs(result: Result) -> list[str]:
    return result.text.removesuffix("\n").split("\n\n")


def raw_lines(result: Result) -> list[str]:
    return [line.strip() for line in result.raw.split("\n") if line.strip()]


@pytest.mark.parametrize("number", range(5))
def test_form(results: list[Result], number: int) -> None:
    text = results[number].text
    assert text.endswith("\n")
    assert not text.startswith("\n")
    assert "\n\n\n" not in text
    assert "\n" not in text.removesuffix("\n").replace("\n\n", "")


@pytest.mark.parametrize("number", [0, 1])
def test_clean_articles_lose_nothing(results: list[Result], number: int) -> None:
    assert paragraphs(results[number]) == raw_lines(results[number])
    assert results[number].metadata.title == ""
    assert list(results[number].removed) == []


def test_question_headings_stay_where_they_are(results: list[Result]) -> None:
    lines = paragraphs(results[0])
    assert lines.index("Where will Putin stay?") == raw_lines(results[0]).index("Where will Putin stay?")


def test_typographic_quotes_stay(results: list[Result]) -> None:
    for result in results:
        assert [result.text.count(mark) for mark in "“”’"] == [result.raw.count(mark) for mark in "“”’"]


def test_status_and_source_go(results: list[Result]) -> None:
    result = results[2]
    assert paragraphs(result) == [line for line in raw_lines(result) if line not in ("Status: 18.06.2024 21:44", "source site")]
    assert result.metadata.title == "Russian President Putin has arrived in North Korea for a visit"
    assert result.metadata.modified == datetime(2024, 6, 18, 21, 44)
    assert {
        "Several agreements to be signed",
        "Putin thanks for support in guest article",
        "USA: Missiles and ammunition delivered to Russia",
    } <= set(paragraphs(result))


def test_a_content_farm_copy(results: list[Result]) -> None:
    result = results[3]
    raw = raw_lines(result)
    captions = raw[6:12] + raw[23:29]
    assert captions[3] == "Houses in Ukraine are seen ablaze following a Russian missile and drone attack"
    assert captions[6].startswith("FILE:")
    end = len(raw) - raw[::-1].index(raw[0]) - 1
    wanted = [line for line in raw[:end] if line not in captions]
    mended = {
        "Jong Unon a": "Jong Un on a",
        "thesecond": "the second",
        "Kyivhave": "Kyiv have",
        "AndPresident": "And President",
    }
    for wrong, right in mended.items():
        assert sum(wrong in line for line in wanted) == 1
        wanted = [line.replace(wrong, right) for line in wanted]
    assert paragraphs(result) == wanted
    assert result.flags == ("content-farm",)
    assert result.metadata.authors == ()
    assert "Armstrong" not in str(result.record["metadata"])
    assert list(result.metadata.captions) == captions
    assert paragraphs(result)[0] == "Putin travels tp North Korea TOMORROW for 'friendly state visit' (2024)"


def test_title_desk_teaser_and_tags(results: list[Result]) -> None:
    result = results[4]
    gone = {
        "author-image",
        "Pratidin Bureau",
        "New Update",
        "Also Read: North Korea Launches 600 Trash-Filled Balloons Towards South Korea",
    }
    raw = raw_lines(result)
    title = raw[0]
    assert paragraphs(result) == [title, *(line for line in raw[1:-1] if line not in gone | {title})]
    assert result.metadata.title == "Putin Makes First Visit To North Korea In 24 Years"
    assert result.metadata.standfirst == raw[1]
    assert result.metadata.authors == ("Pratidin Bureau",)
    assert result.metadata.tags == ("Vladimir Putin", "Kim Jong Un")
    assert result.body.startswith("Russian President Vladimir Putin arrived in North Korea on Wednesday morning")


def test_the_committed_copies_are_fresh(cleaner: Cleaner, root: Path) -> None:
    """`make generated` makes them; so does the project's own pre-commit hook."""
    for raw in sorted((root / "seeds").glob("*.txt")):
        result = cleaner.clean_file(raw)
        copy = root / "fixtures" / "seeds" / raw.name
        assert copy.read_text("utf-8") == result.text
        assert copy.with_suffix(".json").read_text("utf-8") == result.record.to_json()
