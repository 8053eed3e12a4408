"""What makes cleaning fast changes nothing in what it gives, and stays fast. Ratios alone are asked for, with much room."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from html import escape
from itertools import islice
from typing import Any

import ftfy
import pytest
from dataset import EXTRACTORS, read_texts
from hypothesis import given, settings
from strategies import BENCH, ROOT, texts

from cleaner import pipeline
from cleaner.config import Config
from cleaner.language import detect_language
from cleaner.model import Document
from cleaner.pipeline import Cleaner
from cleaner.segment import segment

USUAL = Config()
FAST = Cleaner(USUAL)
EVERY = 15
"""Of the benchmark's texts one in so many is cleaned both ways."""
RUNS = 5
MOST_AGAINST_FTFY = 10
"""Cleaning takes about three times as long on these texts."""
MOST_FOR_LANGUAGE = 0.25
"""It takes about a fiftieth of the time that cleaning takes."""
LEAST_GAIN = 3
"""Without the prefilter cleaning takes seven times as long."""


class Forgetful(dict[Any, Any]):
    """What is known of texts, forgotten at once."""

    def setdefault(self, _: Any, default: Any = None) -> Any:
        return default


class NoPrefilter:
    """Knows of no line that rules could not fit it."""

    def candidates(self, _: Document) -> None:
        return None


@cache
def plain(config: Config = USUAL) -> Cleaner:
    """A cleaner that holds every rule against every line."""
    cleaner = Cleaner(config)
    cleaner._prefilter = NoPrefilter()  # type: ignore[assignment]
    return cleaner


@contextmanager
def forgetting() -> Iterator[None]:
    """Every line is looked at anew in each round and for each rule."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline, "segment", lambda raw, edits=(), hints=(), _=None: segment(raw, edits, hints, Forgetful()))
        yield


def cleaned_plainly(text: str, config: Config = USUAL) -> str:
    """The record of a text, made the slow way."""
    with forgetting():
        return plain(config).clean(text).record.to_json()


def real_texts() -> Iterator[str]:
    for path in sorted((ROOT / "seeds").glob("*.txt")):
        yield path.read_text("utf-8")
    if BENCH.is_dir():
        by_extractor = read_texts(BENCH)
        # Whole-page dumps hold thousands of lines, which takes a while if every rule looks at each of them.
        yield from islice((text for name in EXTRACTORS for text in by_extractor[name].values()), 0, None, EVERY)


def written_texts() -> Iterator[str]:
    """The raw texts of some fixtures of each kind."""
    for path in sorted((ROOT / "fixtures").glob("*/*.toml"))[::3]:
        yield tomllib.loads(path.read_text("utf-8"))["raw"]


def test_real_texts_give_the_same_records_both_ways() -> None:
    for text in real_texts():
        assert FAST.clean(text).record.to_json() == cleaned_plainly(text)


@pytest.mark.parametrize(
    "config", [Config(profile="thorough", select=("ALL",)), Config(input="page"), Config(profile="careful", ignore=("NRM",))]
)
def test_other_settings_give_the_same_records_both_ways(config: Config) -> None:
    fast = Cleaner(config)
    for text in written_texts():
        assert fast.clean(text).record.to_json() == cleaned_plainly(text, config)


def test_pages_give_the_same_records_both_ways() -> None:
    for text in written_texts():
        title, *lines = filter(None, text.split("\n"))
        paragraphs = "".join(f"<p class='{'teaser' if len(line) < 60 else 'text'}'>{escape(line)}</p>" for line in lines)
        page = f"<article><h1>{escape(title)}</h1>{paragraphs}</article>"
        with forgetting():
            slow = plain().clean_html(page).record.to_json()
        assert FAST.clean_html(page).record.to_json() == slow


@settings(max_examples=50)
@given(texts)
def test_any_text_gives_the_same_record_both_ways(text: str) -> None:
    assert FAST.clean(text).record.to_json() == cleaned_plainly(text)


def seconds(call: Callable[[str], object], samples: Sequence[str]) -> float:
    """The least processor time of several runs."""
    taken = []
    for _ in range(RUNS):
        start = time.process_time()
        for text in samples:
            call(text)
        taken.append(time.process_time() - start)
    return min(taken)


@pytest.fixture(scope="module")
def articles() -> list[str]:
    """The raw articles, often enough that a run takes longer than the clock is coarse."""
    return [path.read_text("utf-8") for path in sorted((ROOT / "seeds").glob("*.txt"))] * 3


def test_cleaning_takes_a_few_times_as_long_as_mending_the_encoding(articles: list[str]) -> None:
    assert seconds(FAST.clean, articles) < MOST_AGAINST_FTFY * seconds(ftfy.fix_text, articles)


def test_language_detection_is_a_small_part(articles: list[str]) -> None:
    assert seconds(detect_language, articles) < MOST_FOR_LANGUAGE * seconds(FAST.clean, articles)


def test_the_prefilter_pays(articles: list[str]) -> None:
    assert seconds(FAST.clean, articles) < seconds(plain().clean, articles) / LEAST_GAIN
