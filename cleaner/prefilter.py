"""Which lines a rule could fit at all, found for all rules in one scan over the document.

Rules know nothing of this: a line that is ruled out here could not have matched anyway. From the
syntax tree of each pattern a few pieces of text are taken of which every match must contain one
("newsletter" or "mailing"); an Aho-Corasick automaton over all of them says which lines hold which.
The method is that of trigram indexes for regular expression search (Russ Cox, "Regular Expression
Matching with a Trigram Index", 2012), with whole words for needles.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable
from functools import cache
from itertools import accumulate
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import Any

from ahocorasick_rs import AhoCorasick, MatchKind

from cleaner.model import Document, Rule

GOOD_LENGTH = 5
"""Longer needles are not rarer enough to prefer them to fewer ones."""
MOST_NEEDLES = 120
"""A pattern that needs one of so many pieces is better tried on every line."""

_SAME = str.maketrans(
    {"ſ": "s", "ı": "i", "\u0307": None, "ς": "σ", "µ": "μ", "ϐ": "β", "ϑ": "θ", "ϕ": "φ", "ϖ": "π", "ϰ": "κ", "ϱ": "ρ", "ϵ": "ε"}
)
"""Characters that match each other where case is ignored although their lower case differs."""


def fold(text: str) -> str:
    """The text so that what matches where case is ignored is equal."""
    return text.lower().translate(_SAME)


class Prefilter:
    """The needles of a set of rules."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Take the needles from the patterns of the rules."""
        self._always: dict[str, set[int]] = {}
        self._phrases: dict[str, list[str]] = {}
        owners: dict[str, set[tuple[str, int]]] = {}
        for rule in rules:
            for phrase in rule.phrases:
                self._phrases.setdefault(phrase, []).append(rule.code)
            for number, (_, pattern) in enumerate(rule.patterns):
                needles = needles_of(pattern)
                if needles is None or len(needles) > MOST_NEEDLES:
                    self._always.setdefault(rule.code, set()).add(number)
                else:
                    for needle in needles:
                        owners.setdefault(needle, set()).add((rule.code, number))
        self._owners = [tuple(sorted(those)) for those in owners.values()]
        self._automaton = AhoCorasick(list(owners), matchkind=MatchKind.Standard)

    def candidates(self, document: Document) -> dict[str, dict[int, list[int]]]:
        """By rule code and line index the numbers of the patterns that could match; see `Document.candidates`."""
        folded = [fold(line.text) for line in document.lines]
        ends = list(accumulate(len(text) + 1 for text in folded))
        text = "\n".join(folded).encode("utf-8", "replace").decode("utf-8")  # lone surrogates, of which no needle has one
        hits = {
            (needle, bisect_right(ends, start))
            for needle, start, _ in self._automaton.find_matches_as_indexes(text, overlapping=True)
        }
        found: dict[str, dict[int, set[int]]] = {
            code: {index: set(numbers) for index in range(len(document.lines))} for code, numbers in self._always.items()
        }
        for needle, index in hits:
            for code, number in self._owners[needle]:
                found.setdefault(code, {}).setdefault(index, set()).add(number)
        for index, plain in enumerate(document.plains):
            for code in self._phrases.get(plain, ()):
                found.setdefault(code, {}).setdefault(index, set())
        return {code: {index: sorted(numbers) for index, numbers in lines.items()} for code, lines in found.items()}


@cache
def needles_of(pattern: re.Pattern[str]) -> frozenset[str] | None:
    """Pieces of folded text of which every match of the pattern contains one; `None` if there are none."""
    found = _needles(sre_parser.parse(pattern.pattern, pattern.flags))
    return None if found is None else frozenset(found)


def _needles(tree: Any) -> set[str] | None:
    """The best needles of a sequence: those of one of its parts, or a run of literal characters."""
    best: set[str] | None = None
    run = ""
    for op, argument in [*tree, (None, None)]:
        if op is sre.LITERAL:
            run += chr(argument)
            continue
        if run.strip():
            best = _better(best, {fold(run)})
        run = ""
        best = _better(best, _of_part(op, argument))
    return best


def _of_part(op: Any, argument: Any) -> set[str] | None:
    if op is sre.SUBPATTERN:
        return _needles(argument[3])
    if op is sre.ATOMIC_GROUP:
        return _needles(argument)
    if op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
        least, _, body = argument
        return _needles(body) if least else None
    if op is sre.BRANCH:
        union: set[str] = set()
        for branch in argument[1]:
            needles = _needles(branch)
            if needles is None:
                return None
            union |= needles
        return union
    if op is sre.ASSERT and argument[0] > 0:
        return _needles(argument[1])
    return None


def _better(one: set[str] | None, other: set[str] | None) -> set[str] | None:
    if not one or not other:
        return one or other
    return max(one, other, key=_selectivity)


def _selectivity(needles: set[str]) -> tuple[int, int]:
    return min(GOOD_LENGTH, *map(len, needles)), -len(needles)
