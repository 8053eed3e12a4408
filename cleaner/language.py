"""The language of a text: function words first, langdetect where they leave doubt."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from importlib import resources
from typing import Any

from cleaner.words import function_words

SAMPLE = 4000
"""Code points that are looked at, from the start of the running text."""
LEAST_LETTERS = 40
"""Shorter texts have no language that could be told."""
FUNCTION_SHARE = 0.12
"""A language is certain if this share of the words are its function words …"""
FUNCTION_LEAD = 1.6
"""… and the next language has not even this fraction of them."""
PROBABILITY = 0.9
"""langdetect is believed from this probability on."""
PROBE = 800
"""Code points that langdetect gets; it takes longer than all else, and knows no more from more."""
SEED = 0

_WORD = re.compile(r"[^\W\d_]+")
_SCRIPTS = (
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
)
_SCRIPT_SHARE = 0.15
"""Share of the letters that makes a script the script of the text (Japanese mixes in much Chinese)."""


@cache
def _languages_of() -> dict[str, tuple[str, ...]]:
    languages: dict[str, tuple[str, ...]] = {}
    for language, words in function_words().items():
        for word in words:
            languages[word] = (*languages.get(word, ()), language)
    return languages


def detect_language(text: str, declared: str = "") -> str:
    """ISO 639-1 code of the language of the text, or an empty string when it cannot be told.

    `declared` is what a page says of its language; it counts where script and function words do not tell. The same
    text and declaration always have the same answer; nothing else is looked at.
    """
    sample = text[:SAMPLE]
    letters = sum(map(len, _WORD.findall(sample)))
    if letters < LEAST_LETTERS:
        return ""
    if not sample.isascii():
        for language, script in _SCRIPTS:
            if len(script.findall(sample)) >= _SCRIPT_SHARE * letters:
                return language
    words = _WORD.findall(sample.casefold())
    languages = _languages_of()
    counts = Counter(language for word in words for language in languages.get(word, ()))
    ranking = [*sorted(counts.items(), key=lambda item: (-item[1], item[0])), ("", 0), ("", 0)]
    (best, most), (_, next_most) = ranking[:2]
    if most >= FUNCTION_SHARE * len(words) and most >= FUNCTION_LEAD * next_most:
        return best
    return declared or _ask_langdetect(sample)


@cache
def _factory() -> Any:
    """A langdetect factory of our own: its module-level one is shared, unseeded and depends on file order."""
    from langdetect.detector_factory import DetectorFactory

    profiles = resources.files("langdetect").joinpath("profiles")
    factory = DetectorFactory()
    factory.load_json_profile([path.read_text("utf-8") for path in sorted(profiles.iterdir(), key=lambda path: path.name)])
    factory.seed = SEED
    return factory


def _ask_langdetect(text: str) -> str:
    from langdetect.lang_detect_exception import LangDetectException

    detector = _factory().create()
    detector.append(text)
    try:
        ranking = detector.get_probabilities()
    except LangDetectException:  # no letters that it knows
        return ""
    if not ranking or ranking[0].prob < PROBABILITY:
        return ""
    language: str = ranking[0].lang
    return language.partition("-")[0]
