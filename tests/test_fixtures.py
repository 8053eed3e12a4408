"""Texts written for the purpose: junk of each family that goes, and clean articles that stay as they are."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from cleaner.config import Config
from cleaner.pipeline import Cleaner

FIXTURES = Path(__file__).parent.parent / "fixtures"
SPOILED = sorted(FIXTURES.glob("*/*.toml"))
CLEAN = sorted(FIXTURES.glob("clean/*.txt"))
LEAST_OF_FAMILY = 3


def named(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.fixture(scope="module")
def thorough() -> Cleaner:
    return Cleaner(Config(profile="thorough"))


@pytest.mark.parametrize("path", SPOILED, ids=named)
def test_junk_goes_and_the_article_stays(path: Path, cleaner: Cleaner, thorough: Cleaner) -> None:
    fixture = tomllib.loads(path.read_text("utf-8"))
    if "profile" in fixture:  # what only goes when one asks for more
        cleaner = thorough
    result = cleaner.clean(fixture["raw"])
    assert result.text == fixture["clean"]
    assert set(fixture.get("flags", ())) <= set(result.flags)
    metadata = json.loads(json.dumps(result.metadata.to_dict()))
    assert {name: metadata[name] for name in fixture.get("metadata", {})} == fixture.get("metadata", {})
    for code, lines in fixture.get("removed", {}).items():
        spans = "\n".join(fixture["raw"][edit.start : edit.end] for edit in result.edits if edit.finding.rule.code == code)
        assert [line for line in lines if line not in spans] == [], f"not removed by {code}, which took\n{spans}"


def test_every_page_says_which_rule_took_what() -> None:
    for path in FIXTURES.glob("pages/*.toml"):
        assert len(tomllib.loads(path.read_text("utf-8"))["removed"]) >= LEAST_OF_FAMILY, path


@pytest.mark.parametrize("path", SPOILED, ids=named)
def test_the_expected_text_is_clean(path: Path, cleaner: Cleaner) -> None:
    expected = tomllib.loads(path.read_text("utf-8"))["clean"]
    assert cleaner.clean(expected).text == expected


@pytest.mark.parametrize("path", CLEAN, ids=named)
def test_clean_texts_come_out_unchanged(path: Path, cleaner: Cleaner) -> None:
    text = path.read_text("utf-8")
    result = cleaner.clean(text)
    assert result.text == text
    assert result.edits == ()
    assert set(result.flags) <= {"not-an-article"}, "a poem is no article; nothing else is to be said about a clean text"


def test_each_family_has_enough() -> None:
    families: dict[str, int] = {}
    for path in SPOILED:
        families[path.parent.name] = families.get(path.parent.name, 0) + 1
    assert all(count >= LEAST_OF_FAMILY for count in families.values()), families


TRAPS = [
    line.split("\t") for line in (FIXTURES / "traps.tsv").read_text("utf-8").split("\n") if line and not line.startswith("#")
]
TITLE = "Storm closes the old harbour bridge"
BODY = [
    "The old harbour bridge was closed on Monday after a storm tore off parts of its roof, the city said.",
    "Engineers will look at the piers this week, and the bridge may open again for buses before Friday.",
    "Until then all cars have to take the road along the river, which is narrow and floods in the spring.",
    "The council will talk about the money in May, and nobody in the town expects that it will be enough.",
]


@pytest.mark.parametrize(("place", "trap"), TRAPS)
def test_healthy_lines_that_look_like_junk_stay(place: str, trap: str, cleaner: Cleaner) -> None:
    lines = trap.split(" / ")
    article = {
        "first": [*lines, *BODY],
        "middle": [TITLE, *BODY[:2], *lines, *BODY[2:]],
        "last": [TITLE, *BODY, *lines],
    }[place]
    text = "\n\n".join(article) + "\n"
    assert cleaner.clean(text).text == text
