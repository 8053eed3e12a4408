"""The language of a text: function words first, langdetect where they leave doubt."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib import resources
from struct import Struct
from typing import Any

from cleaner.model import WORD
from cleaner.words import english_words, function_words

LOOKS = (1000, 4000)
"""Code points that are looked at, from the start of the running text: a few, and more if those leave doubt."""
LEAST_LETTERS = 40
"""Shorter texts have no language that could be told."""
FUNCTION_SHARE = 0.12
FUNCTION_LEAD = 1.6
"""A language is certain if this share of the words are its function words, so many times as many as those of any other language.
Where two are close, as Danish and Norwegian are, those that only one of them has decide."""
LOW_SHARE = 0.06
HIGH_LEAD = 4
"""Some put into endings what others have words for: this share is enough with this lead."""
ENGLISH = "en"
COMMON_SHARE = 0.35
"""A text without sentences, such as results, is English if this share of its words is among the common ones."""
PROBABILITY = 0.9
"""langdetect is believed from this probability on."""
PROBE = 800
"""Code points that langdetect gets; it takes longer than all else, and knows no more from more."""
SEED = 0

_LETTERS = re.compile(r"[^\W\d_]+")
_INDIC = re.compile(r"[\u0900-\u0dff]")
"""Scripts whose words hold marks that are no letters; see `WORD`."""
_SCRIPTS = (
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
)
_OTHER_SCRIPT = re.compile(r"[\u0370-\u1fff\u2e80-\ud7ff]")
"""Letters of all of these; most texts hold none."""
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
    for size in LOOKS:
        sample = text[:size]
        words = (WORD if _INDIC.search(sample) else _LETTERS).findall(sample.casefold())
        letters = sum(map(len, words))
        if letters >= LEAST_LETTERS and (language := _by_script(sample, letters) or _by_words(words)):
            return language
        if len(text) <= size:
            break
    return (declared or _ask_langdetect(text[:PROBE])) if letters >= LEAST_LETTERS else ""


def _by_script(sample: str, letters: int) -> str:
    if sample.isascii() or not _OTHER_SCRIPT.search(sample):
        return ""
    for language, script in _SCRIPTS:
        if len(script.findall(sample)) >= _SCRIPT_SHARE * letters:
            return language
    return ""


def _by_words(words: Sequence[str]) -> str:
    """The language whose function words stand out, or nothing."""
    languages = _languages_of()
    counts = Counter(words)
    totals: Counter[str] = Counter()
    for word in counts.keys() & languages.keys():
        for language in languages[word]:
            totals[language] += counts[word]
    ranking = sorted(totals.items(), key=lambda item: (-item[1], item[0]))
    if not ranking:
        return ""
    (best, most), others = ranking[0], ranking[1:]
    if best == ENGLISH and sum(map(counts.__getitem__, english_words()[0].intersection(counts))) >= COMMON_SHARE * len(words):
        return ENGLISH
    lead = FUNCTION_LEAD if most >= FUNCTION_SHARE * len(words) else HIGH_LEAD
    if most < LOW_SHARE * len(words):
        return ""
    return best if all(most >= lead * count or _stands_out(best, other, counts, lead) for other, count in others) else ""


def _stands_out(language: str, other: str, counts: Counter[str], lead: float) -> bool:
    """True if of the function words that only one of two languages has those of the first one lead."""
    own, others = function_words()[language], function_words()[other]
    return sum(counts[word] for word in own - others) > lead * sum(counts[word] for word in others - own)


class _Frequencies(dict[str, bytes]):
    """How frequent a piece of a word is in each language. In most it does not occur; lists of all take 50 MB more."""

    languages = 0

    def add(self, piece: str, language: int, frequency: float) -> None:
        """Note how frequent a piece is in a language, which is known by its number."""
        self[piece] = self.get(piece, b"") + _FREQUENCY.pack(language, frequency)

    def __getitem__(self, piece: str) -> list[float]:  # type: ignore[override] # as langdetect reads it
        frequencies = [0.0] * self.languages
        for language, frequency in _FREQUENCY.iter_unpack(super().__getitem__(piece)):
            frequencies[language] = frequency
        return frequencies


_FREQUENCY = Struct("<Bd")


@cache
def _factory() -> Any:
    """A langdetect factory of our own: its module-level one is shared, unseeded, large and depends on file order."""
    from langdetect.detector_factory import DetectorFactory

    factory, known = DetectorFactory(), _Frequencies()
    for path in sorted(resources.files("langdetect").joinpath("profiles").iterdir(), key=lambda path: path.name):
        profile = json.loads(path.read_text("utf-8"))
        for piece, number in profile["freq"].items():
            known.add(piece, len(factory.langlist), number / profile["n_words"][len(piece) - 1])
        factory.langlist.append(profile["name"])
    known.languages = len(factory.langlist)
    factory.word_lang_prob_map = known
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
