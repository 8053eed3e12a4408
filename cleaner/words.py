"""The small words of languages: they tell a language, and they carry no meaning of their own."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from itertools import pairwise

from cleaner.model import WORD
from cleaner.shape import SPACELESS

STEM = 5
"""Letters of a word that must agree; endings differ between a title and the text."""
LEAST_MEANING = 4
"""A shorter word says too little to be looked for elsewhere."""


@cache
def function_words() -> dict[str, frozenset[str]]:
    """Function words by language, case-folded."""
    data = resources.files("cleaner").joinpath("data/function_words.toml").read_text("utf-8")
    return {language: frozenset(words.casefold().split()) for language, words in tomllib.loads(data).items()}


@cache
def all_function_words() -> frozenset[str]:
    """Those of all languages."""
    return frozenset().union(*function_words().values())


def stems(text: str) -> frozenset[str]:
    """The words that carry meaning, cut to their beginnings; pairs of characters where there are no words."""
    spaceless = SPACELESS.findall(text)
    if len(spaceless) * 2 > len(text.replace(" ", "")):
        return frozenset(a + b for a, b in pairwise(spaceless))
    common = all_function_words()
    return frozenset(
        word[:STEM]
        for word in WORD.findall(text.casefold())
        if (len(word) >= LEAST_MEANING or word.isdigit()) and word not in common
    )


@cache
def english_words() -> tuple[frozenset[str], frozenset[str]]:
    """Common English words, and healthy ones that look like two words joined."""
    data = resources.files("cleaner").joinpath("data/english_words.txt").read_text("utf-8")
    common, _, healthy = data.partition("\n\n")
    return frozenset(common.split("\n")), frozenset(healthy.split("\n"))
