"""Which lines a rule could fit at all, found for all rules in one scan over the document.

Rules know nothing of this: a line that is ruled out here could not have matched anyway. From the
syntax tree of each pattern a few pieces of text are taken of which every match must contain one
("also read" or "must read"), and how far from the beginning of the match it can stand; an Aho-Corasick
automaton over all of them says which lines hold which. The method is that of literal prefilters for regular
expressions (Russ Cox, "Regular Expression Matching with a Trigram Index", 2012, and the `regex-syntax` crate).
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import accumulate, product
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parser  # type: ignore[attr-defined]
from re._casefix import _EXTRA_CASES  # type: ignore[import-not-found]
from typing import Any

from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from cleaner.model import Document, Line, Rule
from cleaner.shape import unmarked

SHIPPED = "data/needles.json"
"""The needles of the built-in patterns by the digest of each, made by tools/needles.py, as it takes long to find them."""

GOOD_LENGTH = 8
"""Longer needles are not rarer enough to prefer them to fewer ones."""
MOST_LENGTH = 10
"""Longer needles are cut: no rarer then, and many that differ in their ends become one."""
MOST_NEEDLES = 120
"""A pattern that needs one of so many pieces is better tried on every line."""
MOST_TEXTS = 96
"""So many texts that a part of a pattern stands for are spelled out."""
CLASS_SIZE = 4
"""A class of more characters is not spelled out."""

START = "\x02"
"""Stands before each text that is searched, and before needles that matches begin with."""
ANY = 2**62
"""As good as no bound."""
HEAD = 64
"""Code points. What must stand near the beginning of a line is only looked for in so many of them."""
NEAR = 40
NEAR_LENGTH, FIRST_LENGTH = 3, 6
"""A needle that starts within `NEAR` code points is worth as much as one that is so much longer and stands anywhere; and so is
one that stands first of all."""
MOST_IN_TABLE = 2000
SHORT_WORDS = 40
"""Most rules look at lines of so many words at most; the bulk of a text need not be searched for them."""


def _usual(char: str, others: Iterable[int]) -> str:
    """Of characters that match each other where case is ignored the one that the capital of all of them has."""
    letter = char.upper().lower()
    return letter if len(letter) == 1 else min(char, *map(chr, others))


_SAME = {
    ord("\u0307"): None,  # the dot that the lower case of İ, and no other, brings along
    **{char: usual for char, others in _EXTRA_CASES.items() if (usual := _usual(chr(char), others)) != chr(char)},
}
"""What else is equal where case is ignored."""
_FOLDED = re.compile(f"[{''.join(map(chr, _SAME))}]")

Fits = tuple[tuple[str, tuple[int, ...]], ...]
"""(rule code, numbers of its patterns) pairs: what could fit a line."""


def fold(text: str) -> str:
    """The text of a line so that what matches where case is ignored is equal, with one space for all white space in a row.

    No longer than the text: what stands in it has at most as many code points before it as there.
    """
    lowered = text.lower()
    if not lowered.isascii() and _FOLDED.search(lowered):
        lowered = lowered.translate(_SAME)
    return lowered if lowered.isprintable() and "  " not in lowered else _SPACES.sub(" ", lowered)


_SPACES = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Needles:
    """Pieces of folded text of which every match of a pattern contains one."""

    pieces: frozenset[str]
    reach: int | None
    """At most so many code points of the match stand before the piece; `None` if there may be any number."""

    @property
    def rank(self) -> tuple[int, int]:
        """The higher, the fewer lines hold one of the pieces."""
        place = 0 if self.reach is None or self.reach > NEAR else NEAR_LENGTH if self.reach else FIRST_LENGTH
        return place + min(GOOD_LENGTH, *map(len, self.pieces)), -len(self.pieces)


@dataclass(frozen=True, slots=True)
class _Owner:
    """A pattern that has a needle."""

    code: str
    number: int
    most_position: int
    """Where in a searched text the needle may stand."""
    most_words: int
    """Size of the lines that the rule looks at."""


class Prefilter:
    """The needles of a set of rules."""

    def __init__(self, rules: Iterable[Rule], searched: Collection[str] = ()) -> None:
        """Take the needles of the patterns of the rules.

        `searched` are the codes of the rules whose patterns may match anywhere in a line; those of others match at its
        beginning, behind the mark of a list if there is one.
        """
        self._phrases: dict[str, list[str]] = {}
        self._bare: list[tuple[Rule, int, int]] = []
        heads: dict[str, list[_Owner]] = {}
        short: dict[str, list[_Owner]] = {}
        anywhere: dict[str, list[_Owner]] = {}
        for rule in rules:
            for phrase in rule.phrases:
                self._phrases.setdefault(phrase, []).append(rule.code)
            is_searched = rule.code in searched
            most_words = ANY if is_searched else rule.max_words
            for number, (_, source) in enumerate(rule.patterns.sources):
                needles = needles_of(source)
                if needles is None or len(needles.pieces) > MOST_NEEDLES:
                    self._bare.append((rule, number, most_words))
                    continue
                most_position = ANY if is_searched or needles.reach is None else len(START) + needles.reach
                is_near = most_position + max(map(len, needles.pieces)) <= HEAD
                scan = heads if is_near else short if most_words <= SHORT_WORDS else anywhere
                start = START if most_position == len(START) else ""
                for piece in needles.pieces:
                    scan.setdefault(start + piece, []).append(_Owner(rule.code, number, most_position, most_words))
        self._heads, self._short, self._anywhere = map(_Scan, (heads, short, anywhere))

    def candidates(self, document: Document) -> dict[str, dict[int, tuple[int, ...]]]:
        """By rule code and line index the numbers of the patterns that could match; see `Document.candidates`."""
        known: dict[str, Fits] = document.known.setdefault(self.candidates, {})
        new = {line.text: line for line in document.lines if line.text not in known}
        if new:
            known.update(self._fits(document, list(new.values())))
        found: dict[str, dict[int, tuple[int, ...]]] = {}
        for line in document.lines:
            for code, numbers in known[line.text]:
                found.setdefault(code, {})[line.index] = numbers
        return found

    def _fits(self, document: Document, lines: Sequence[Line]) -> Iterator[tuple[str, Fits]]:
        """For each line its text and what could fit it."""
        folded = document.each(fold)
        entries = [(line, START + folded[line.index]) for line in lines]
        entries += [(line, START + fold(unmarked(line.text))) for line in lines if line.item]
        heads = [(line, text[:HEAD]) for line, text in entries]
        short = [(line, text) for line, text in entries if line.words <= SHORT_WORDS]
        hits: dict[int, dict[str, set[int]]] = {line.index: {} for line in lines}
        for scan, searched in ((self._heads, heads), (self._short, short), (self._anywhere, entries)):
            for line, owner in scan.matches(searched):
                hits[line.index].setdefault(owner.code, set()).add(owner.number)
        for line in lines:
            found = hits[line.index]
            for rule, number, most_words in self._bare:
                if line.words <= most_words and (most_words == ANY or _matches(rule, number, line)):
                    found.setdefault(rule.code, set()).add(number)
            for code in self._phrases.get(document.plains[line.index], ()):
                found.setdefault(code, set())
            yield line.text, tuple((code, tuple(sorted(numbers))) for code, numbers in found.items())


def _matches(rule: Rule, number: int, line: Line) -> bool:
    """True if a pattern without needles matches at the beginning of a line; it tells faster than a detector."""
    _, pattern = rule.patterns[number]
    return pattern.match(line.text) is not None or (line.item and pattern.match(unmarked(line.text)) is not None)


class _Scan:
    """An automaton over needles."""

    def __init__(self, owners: Mapping[str, Sequence[_Owner]]) -> None:
        self._owners = [tuple(those) for those in owners.values()]
        # A table of all transitions is twice as fast, but takes as much memory as there are needles.
        kind = Implementation.DFA if len(owners) <= MOST_IN_TABLE else Implementation.ContiguousNFA
        self._automaton = AhoCorasick(list(owners), matchkind=MatchKind.Standard, implementation=kind)

    def matches(self, searched: Sequence[tuple[Line, str]]) -> Iterator[tuple[Line, _Owner]]:
        """Lines and the owners of the needles in what is searched of each."""
        joined = "\n".join([text for _, text in searched])
        if not joined.isascii():
            joined = joined.encode("utf-8", "replace").decode("utf-8")  # lone surrogates, of which no needle has one
        starts = list(accumulate([len(text) + 1 for _, text in searched], initial=0))
        for needle, start, _ in self._automaton.find_matches_as_indexes(joined, overlapping=True):
            at = bisect_right(starts, start) - 1
            line, position = searched[at][0], start - starts[at]
            for owner in self._owners[needle]:
                if position <= owner.most_position and line.words <= owner.most_words:
                    yield line, owner


@cache
def _shipped() -> dict[str, list[Any]]:
    shipped: dict[str, list[Any]] = json.loads(resources.files("cleaner").joinpath(SHIPPED).read_text("utf-8"))
    return shipped


def digest_of(source: str) -> str:
    """What the needles of an expression are shipped under."""
    return hashlib.blake2b(source.encode(), digest_size=8).hexdigest()


@cache
def needles_of(source: str) -> Needles | None:
    """The needles of an expression, matched regardless of case; `None` if there are none."""
    shipped = _shipped().get(digest_of(source))
    if shipped is None:
        return extract_needles(source)
    reach, *pieces = shipped
    return Needles(frozenset(pieces), reach) if pieces else None


def extract_needles(source: str) -> Needles | None:
    """The needles of an expression from its syntax tree."""
    return _of_sequence(sre_parser.parse(source, re.IGNORECASE), 0)


def _of_sequence(tree: Any, before: int | None) -> Needles | None:
    """The best needles of a sequence: the texts that consecutive parts stand for, or the needles of one part.

    `before` bounds the code points of the match in front of the sequence.
    """
    best: Needles | None = None
    run: list[tuple[set[str], int | None]] = []  # parts that follow each other, each with the bound of what stands before it
    at = before
    for op, argument in tree:
        spelled = _spelled(op, argument)
        if spelled is None:
            best = _better(_better(best, _of_run(run)), _of_part(op, argument, at))
            run = []
        else:
            if _count([*run, (spelled, at)]) > MOST_TEXTS:
                best = _better(best, _of_run(run))
            run.append((spelled, at))
            while _count(run) > MOST_TEXTS:
                del run[0]
        width = _width(tree, op, argument)
        at = at + width if at is not None and width is not None else None
    return _better(best, _of_run(run))


def _count(run: Sequence[tuple[set[str], int | None]]) -> int:
    """How many texts a run of parts stands for."""
    return math.prod(len(spelled) for spelled, _ in run)


def _of_run(run: Sequence[tuple[set[str], int | None]]) -> Needles | None:
    """All texts that a run of parts stands for."""
    if not run:
        return None
    texts = {"".join(parts) for parts in product(*(spelled for spelled, _ in run))}
    return _as_needles(texts, run[0][1])


def _width(tree: Any, op: Any, argument: Any) -> int | None:
    """The most code points that a part matches; `None` if there is no such number."""
    width: int = sre_parser.SubPattern(tree.state, [(op, argument)]).getwidth()[1]
    return width if width < sre.MAXREPEAT else None


def _as_needles(texts: set[str], reach: int | None) -> Needles | None:
    pieces = {fold(text)[:MOST_LENGTH] for text in texts}
    if not all(piece.strip() for piece in pieces):
        return None
    shortest = {piece for piece in pieces if not any(other in piece for other in pieces - {piece})}
    if reach is not None:  # where a shorter one stands for a longer one, it may stand further inside
        reach += max(min(piece.index(other) for other in shortest if other in piece) for piece in pieces)
    return Needles(frozenset(shortest), reach)


def _spelled(op: Any, argument: Any) -> set[str] | None:
    """All texts that a part can stand for, with one space for any white space; `None` if they are too many to say."""
    if op is sre.LITERAL:
        return {chr(argument)}
    if op is sre.IN:
        if all(item == (sre.CATEGORY, sre.CATEGORY_SPACE) for item in argument):
            return {" "}
        is_small = len(argument) <= CLASS_SIZE and all(kind is sre.LITERAL for kind, _ in argument)
        return {chr(char) for _, char in argument} if is_small else None
    if op in (sre.AT, sre.ASSERT, sre.ASSERT_NOT):
        return {""}
    if op is sre.SUBPATTERN:
        return _spelled_sequence(argument[3])
    if op is sre.ATOMIC_GROUP:
        return _spelled_sequence(argument)
    if op is sre.BRANCH:
        branches = [_spelled_sequence(branch) for branch in argument[1]]
        texts = set().union(*(branch or () for branch in branches))
        return texts if None not in branches and len(texts) <= MOST_TEXTS else None
    if op in _REPEATS:
        least, most, body = argument
        once = _spelled_sequence(body)
        if once is not None and (most == 1 or once == {" "}):
            return once if least else {"", *once}
    return None


_REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT)


def _spelled_sequence(tree: Any) -> set[str] | None:
    parts = []
    for op, argument in tree:
        spelled = _spelled(op, argument)
        if spelled is None:
            return None
        parts.append((spelled, None))
    return {"".join(part) for part in product(*(spelled for spelled, _ in parts))} if _count(parts) <= MOST_TEXTS else None


def _of_part(op: Any, argument: Any, before: int | None) -> Needles | None:
    if op is sre.SUBPATTERN:
        return _of_sequence(argument[3], before)
    if op is sre.ATOMIC_GROUP:
        return _of_sequence(argument, before)
    if op in _REPEATS:
        least, _, body = argument
        return _of_sequence(body, before) if least else None
    if op is sre.BRANCH:
        branches = [_of_sequence(branch, before) for branch in argument[1]]
        if any(needles is None for needles in branches):
            return None
        reaches = [needles.reach for needles in branches if needles is not None]
        pieces = frozenset().union(*(needles.pieces for needles in branches if needles is not None))
        return Needles(pieces, None if None in reaches else max(filter(None, reaches), default=0))
    return None


def _better(one: Needles | None, other: Needles | None) -> Needles | None:
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda needles: needles.rank)
