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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import accumulate
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import Any

from ahocorasick_rs import AhoCorasick, MatchKind

from cleaner.model import Document, Line, Rule

GOOD_LENGTH = 5
"""Longer needles are not rarer enough to prefer them to fewer ones."""
MOST_NEEDLES = 120
"""A pattern that needs one of so many pieces is better tried on every line."""

SHORT_WORDS = 40
"""Most rules look at lines of so many words at most; the bulk of a text need not be searched for them."""

_SAME = str.maketrans(
    {"ſ": "s", "ı": "i", "\u0307": None, "ς": "σ", "µ": "μ", "ϐ": "β", "ϑ": "θ", "ϕ": "φ", "ϖ": "π", "ϰ": "κ", "ϱ": "ρ", "ϵ": "ε"}
)
"""Characters that match each other where case is ignored although their lower case differs."""


def fold(text: str) -> str:
    """The text so that what matches where case is ignored is equal."""
    lowered = text.lower()
    return lowered if lowered.isascii() else lowered.translate(_SAME)


Fits = tuple[tuple[str, tuple[int, ...]], ...]
"""(rule code, numbers of its patterns) pairs: what could fit a line."""


class Prefilter:
    """The needles of a set of rules."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Take the needles from the patterns of the rules."""
        rules = list(rules)
        self._phrases: dict[str, list[str]] = {}
        for rule in rules:
            for phrase in rule.phrases:
                self._phrases.setdefault(phrase, []).append(rule.code)
        self._most_words = {rule.code: rule.max_words for rule in rules if rule.detect != "inline"}
        is_short = {rule.code: self._most_words.get(rule.code, SHORT_WORDS + 1) <= SHORT_WORDS for rule in rules}
        self._short = _Needles(rule for rule in rules if is_short[rule.code])
        self._any = _Needles(rule for rule in rules if not is_short[rule.code])

    def candidates(self, document: Document, known: dict[str, Fits] | None = None) -> dict[str, dict[int, tuple[int, ...]]]:
        """By rule code and line index the numbers of the patterns that could match; see `Document.candidates`.

        `known` keeps what was found for a line's text, for the next document that holds the same lines.
        """
        known = {} if known is None else known
        self._search(document, {line.text: line for line in document.lines if line.text not in known}, known)
        found: dict[str, dict[int, tuple[int, ...]]] = {}
        for line in document.lines:
            for code, numbers in known[line.text]:
                found.setdefault(code, {})[line.index] = numbers
        return found

    def _search(self, document: Document, lines: Mapping[str, Line], known: dict[str, Fits]) -> None:
        short = {text: line for text, line in lines.items() if line.words <= SHORT_WORDS}
        hits: dict[str, dict[str, set[int]]] = {text: {} for text in lines}
        for needles, texts in ((self._any, lines), (self._short, short)):
            for text, owners in needles.owners_in(list(texts)):
                for code, number in owners:
                    if lines[text].words <= self._most_words.get(code, lines[text].words):
                        hits[text].setdefault(code, set()).add(number)
        for text, line in lines.items():
            for code in self._phrases.get(document.plains[line.index], ()):
                hits[text].setdefault(code, set())
            known[text] = tuple((code, tuple(sorted(numbers))) for code, numbers in hits[text].items())


class _Needles:
    """The patterns of some rules, by pieces of text that their matches contain."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._always: list[tuple[str, int]] = []
        owners: dict[str, set[tuple[str, int]]] = {}
        for rule in rules:
            for number, needles in enumerate(rule.needles or [needles_of(pattern) for _, pattern in rule.patterns]):
                if needles is None or len(needles) > MOST_NEEDLES:
                    self._always.append((rule.code, number))
                else:
                    for needle in needles:
                        owners.setdefault(needle, set()).add((rule.code, number))
        self._owners = [tuple(sorted(those)) for those in owners.values()]
        self._automaton = AhoCorasick(list(owners), matchkind=MatchKind.Standard)

    def owners_in(self, texts: Sequence[str]) -> Iterator[tuple[str, Sequence[tuple[str, int]]]]:
        """(text, rule codes and numbers of patterns that could match in it), any number of times."""
        for text in texts if self._always else ():
            yield text, self._always
        folded = [fold(text) for text in texts]
        ends = list(accumulate(len(text) + 1 for text in folded))
        joined = "\n".join(folded).encode("utf-8", "replace").decode("utf-8")  # lone surrogates, of which no needle has one
        matches = self._automaton.find_matches_as_indexes(joined, overlapping=True)
        for needle, index in {(needle, bisect_right(ends, start)) for needle, start, _ in matches}:
            yield texts[index], self._owners[needle]


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
