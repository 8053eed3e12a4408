"""What an expression costs at worst: whether a hostile line can make the backtracking matcher of Python run away.

Nothing is timed, so the answer is the same on every machine. The expression becomes an automaton, a state for each character
that it can read. In how many ways a line can lead to a state is how often a matcher that tries one way after the other comes
there before it gives up. That number grows exponentially if two ways around one loop read the same text, and with a power of
the length if loops that follow each other do (Weber and Seidl, "On the Degree of Ambiguity of Finite Automata", 1991; for
matchers Weideman et al., "Analyzing Matching Time Behavior of Backtracking Regular Expression Matchers by Using Ambiguity of
NFA", 2016). Both show in the product of the automaton with itself: the pairs of states that the same text leads to. What such
a matcher does not try again is left out: what stands in atomic groups, in possessive repetitions, or behind a sure success.
"""

from __future__ import annotations

import math
import re
import warnings
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from itertools import combinations_with_replacement
from re import _compiler as sre_compiler  # type: ignore[attr-defined]
from re import _constants as sre  # type: ignore[attr-defined]
from re import _parser as sre_parser  # type: ignore[attr-defined]
from typing import Any, Literal

from cleaner.model import on_one_line

MOST_POWER = 1
"""The steps of a matcher may grow with the length of the line …"""
MOST_POWER_IF_BOUNDED = 2
"""… and with its square where the line has some hundred characters at most."""
ENDLESS = 2_000
"""A repetition of so many characters is as long as a line."""
STEPS_PER_CHARACTER = 2_000
"""So many steps for each character of a line are bearable; each takes some ten nanoseconds."""
MOST_EMPTY = 500
"""In so many ways a matcher may read nothing at one place."""
SEARCHED = 60
"""Characters of the hostile lines that are searched for, behind the first place where ways part: enough to show what
bounded repetitions multiply to …"""
BEAM = 2
"""… and so many beginnings of them are followed at once: of those that promise most, and of those that took most."""
PUMPS = 4
"""The lines that are found are made longer by what their last characters repeat, up to so many of them, …"""
LONG_LINE = 1_000
LONG_LINE_IF_BOUNDED = 300
"""… to lines of so many characters, …"""
STEPS_OF_LONG_LINE = 5_000_000
"""… for which a matcher may take so many steps."""
FARTHEST_BACK = 300
"""A condition may look back at so many characters; each place of a line looks at all of them anew."""
LARGE = 700
"""The logarithm of a number that is too large for any line; that of the largest one is not much larger."""
UNROLLED = 400
"""Bounded repetitions are told apart by their number if that takes no more states …"""
FEW = 3
"""… or if they are no more than so many; else they count as unbounded loops."""
MOST_STATES = 4_000
MOST_LINKS = 100_000
MOST_WORK = 2_500_000
"""Expressions with more states, links between them or steps of the search are refused: nobody can say soon what they cost."""
LONGEST = 100_000
"""Characters of an expression that may take the time to be parsed."""
CONTEXTS = 5
"""So many different sets of characters that conditions ask for (`\\b`, `(?<!\\w)`) are told apart; others count as fulfilled."""


class Chars(tuple[tuple[int, int], ...]):
    """A set of characters as half-open ranges of code points, in order."""

    def __hash__(self) -> int:
        return self._hash

    @cached_property
    def _hash(self) -> int:
        """Worked out once, as the set of all letters has hundreds of ranges and is looked up again and again."""
        return super().__hash__()


KNOWN = "aA0 .-,:'\"("
"""Characters that stand in hostile lines where they can, as readers know them."""
EVERY = Chars([(0, 0x110000)])
NONE = Chars()
LINE_BREAK = Chars([(10, 11)])


class _TooLargeError(Exception):
    """The automaton cannot be looked through."""

    def __init__(self, reason: str = "is too large to say what it costs; make several expressions of it") -> None:
        super().__init__(reason)


class _Work:
    """What it takes to weigh an expression, in steps of about half a microsecond."""

    def __init__(self) -> None:
        self._left = MOST_WORK
        self._read: set[tuple[Any, Any, int]] = set()

    def take(self, steps: int) -> None:
        """Take note of some steps. Raises `_TooLargeError` when they are too many."""
        self._left -= steps
        if self._left < 0:
            raise _TooLargeError

    def chars_of(self, op: Any, argument: Any, flags: int) -> Chars:
        """The characters that a part of a syntax tree matches which stands for a single one. Raises `_TooLargeError`."""
        key = op, tuple(argument) if op is sre.IN else argument, flags
        chars = _chars_of(*key)
        if key not in self._read:
            self._read.add(key)
            self.take(min(len(_with_case()[0]), sum(end - start for start, end in chars)) if flags & re.IGNORECASE else 1)
        return chars


@lru_cache(maxsize=10_000)
def checked(source: str, flags: int = 0, *, anywhere: bool, bounded: bool = False) -> re.Pattern[str]:
    """An expression that somebody wrote, compiled.

    Raises `ValueError`, with a line that names the expression, if it is not valid, matches the empty text or may run away; for
    `anywhere` and `bounded` see `danger_of`.
    """
    if len(source) > LONGEST:
        raise ValueError(f"an expression that begins with {source[:SEARCHED]!r} {_TooLargeError()}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)  # what another Python may read in another way
            danger = danger_of(source, flags, anywhere=anywhere, bounded=bounded)
            if danger:
                raise ValueError(f"{source!r} {danger}")
            compiled = re.compile(source, flags)
    except (re.error, RecursionError, OverflowError, FutureWarning) as error:
        raise ValueError(on_one_line(f"bad expression {source!r}: {error}")) from error
    if compiled.match("") is not None:  # tried last, as it could run away, too
        raise ValueError(f"{source!r} matches the empty text")
    return compiled


def danger_of(source: str, flags: int = 0, *, anywhere: bool, bounded: bool = False) -> str:
    """Why an expression may run away on a hostile line, and what to do; empty if it cannot.

    `anywhere` tells expressions that are searched for from those that are matched at the start of lines, and `bounded` that
    these have no more than some hundred characters. Raises `re.error` if the expression is not valid.
    """
    tree = sre_parser.parse(source, flags)
    if _is_nested(tree):
        return f"repeats a repetition, which can take exponential time; {_ADVICE}"
    bearable = _Bearable(MOST_POWER_IF_BOUNDED, LONG_LINE_IF_BOUNDED) if bounded else _Bearable(MOST_POWER, LONG_LINE)
    work = _Work()
    branches = _alternatives(tree, tree.state.flags | flags)
    return next(filter(None, (_danger(*branch, bearable, work, anywhere=anywhere) for branch in branches)), "")


@dataclass(frozen=True, slots=True)
class _Bearable:
    """What a matcher may take."""

    power: int
    """Its steps may grow with the length of a line to this power."""
    length: int
    """Characters of the longest line that its steps are counted on."""


def _is_nested(tree: Any, *, inside: bool = False) -> bool:
    """True if an unbounded repetition holds another one. Few of them are harmless, and none is needed."""
    for op, argument in tree:
        if op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            _, most, body = argument
            unbounded = most is sre.MAXREPEAT
            if (unbounded and inside) or _is_nested(body, inside=inside or unbounded):
                return True
        elif op is sre.POSSESSIVE_REPEAT or op is sre.ATOMIC_GROUP:
            continue  # never backtracks into its body
        elif op is sre.BRANCH:
            if any(_is_nested(branch, inside=inside) for branch in argument[1]):
                return True
        elif op is sre.SUBPATTERN:
            if _is_nested(argument[3], inside=inside):
                return True
        elif op in (sre.ASSERT, sre.ASSERT_NOT) and _is_nested(argument[1], inside=inside):
            return True
    return False


def _danger(tree: Any, flags: int, bearable: _Bearable, work: _Work, *, anywhere: bool) -> str:
    danger = ""
    for unrolled in (0, UNROLLED):
        try:
            danger = _Builder(unrolled, work).automaton(tree, flags, anywhere=anywhere).danger(bearable)
        except _TooLargeError as error:
            return danger or str(error)
        if not danger:
            break
    return danger


def _alternatives(tree: Any, flags: int) -> Iterator[tuple[Any, int]]:
    """The alternatives of which an expression consists, each with its flags: one is tried after the other."""
    if len(tree) == 1 and tree[0][0] is sre.BRANCH:
        for branch in tree[0][1][1]:
            yield from _alternatives(branch, flags)
    elif len(tree) == 1 and tree[0][0] is sre.SUBPATTERN:
        _, added, dropped, body = tree[0][1]
        yield from _alternatives(body, _combined(flags, added, dropped))
    else:
        yield tree, flags


def _combined(flags: int, added: int, dropped: int) -> int:
    """The flags inside a group that sets and drops some."""
    if added & sre_parser.TYPE_FLAGS:
        flags &= ~sre_parser.TYPE_FLAGS
    return (flags | added) & ~dropped


# Sets of characters


def _united(ranges: Iterable[tuple[int, int]]) -> Chars:
    united: list[tuple[int, int]] = []
    for start, end in sorted(ranges):
        if united and start <= united[-1][1]:
            united[-1] = united[-1][0], max(end, united[-1][1])
        elif start < end:
            united.append((start, end))
    return Chars(united)


@lru_cache(maxsize=10_000)
def _inverted(chars: Chars) -> Chars:
    edges = [0, *(edge for pair in chars for edge in pair), EVERY[0][1]]
    return Chars((start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end)


@lru_cache(maxsize=100_000)
def _common(one: Chars, other: Chars) -> Chars:
    found = []
    left = right = 0
    while left < len(one) and right < len(other):
        start, end = max(one[left][0], other[right][0]), min(one[left][1], other[right][1])
        if start < end:
            found.append((start, end))
        if one[left][1] < other[right][1]:
            left += 1
        else:
            right += 1
    return Chars(found)


@lru_cache(maxsize=10_000)
def _sample(chars: Chars) -> str:
    """One of the characters, if possible one that a reader knows."""
    known = (char for char in KNOWN if _holds(chars, char))
    return next(known, chr(chars[0][0]))


def _holds(chars: Chars, char: str) -> bool:
    at = bisect_right(chars, (ord(char), math.inf)) - 1
    return at >= 0 and ord(char) < chars[at][1]


@cache
def _every_character() -> str:
    return "".join(map(chr, range(EVERY[0][1])))


@cache
def _with_case() -> tuple[str, Chars]:
    """All characters that match others where case is ignored, as a text and as a set."""
    text = "".join(char for char in _every_character() if char.lower() != char or char.upper() != char)
    return text, _united((ord(char), ord(char) + 1) for char in text)


_CATEGORIES = {
    sre.CATEGORY_WORD: r"\w+",
    sre.CATEGORY_NOT_WORD: r"\W+",
    sre.CATEGORY_DIGIT: r"\d+",
    sre.CATEGORY_NOT_DIGIT: r"\D+",
    sre.CATEGORY_SPACE: r"\s+",
    sre.CATEGORY_NOT_SPACE: r"\S+",
}


@cache
def _category(category: Any, flags: int) -> Chars:
    return Chars(found.span() for found in re.finditer(_CATEGORIES[category], _every_character(), flags & re.ASCII))


def _single(op: Any, argument: Any, flags: int) -> re.Pattern[str]:
    """The expression of a single character, compiled."""
    state = sre_parser.State()
    state.flags = flags
    argument = list(argument) if op is sre.IN else argument
    pattern: re.Pattern[str] = sre_compiler.compile(sre_parser.SubPattern(state, [(op, argument)]), flags)
    return pattern


_SINGLE = frozenset({sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN})


@lru_cache(maxsize=10_000)
def _chars_of(op: Any, argument: Any, flags: int) -> Chars:
    """The characters that a part of a syntax tree matches which stands for a single one."""
    if op is sre.ANY:
        return EVERY if flags & re.DOTALL else _inverted(LINE_BREAK)
    items = argument if op is sre.IN else ((sre.LITERAL, argument),)
    found: list[tuple[int, int]] = []
    for kind, value in items:
        if kind is sre.LITERAL:
            found.append((value, value + 1))
        elif kind is sre.RANGE:
            found.append((value[0], value[1] + 1))
        elif kind is sre.CATEGORY:
            found += _category(value, flags)
    chars = _united(found)
    if op is sre.NOT_LITERAL or (op is sre.IN and items[0][0] is sre.NEGATE):
        chars = _inverted(chars)
    if flags & re.IGNORECASE:
        text, cased = _with_case()
        matched = (found.span() for found in _single(op, argument, flags).finditer(text))
        chars = _united((*_common(chars, _inverted(cased)), *((ord(text[at]), ord(text[at]) + 1) for at, _ in matched)))
    return chars


TOO_MANY_EMPTY = "tries too many ways to read nothing at one place; do not repeat what can be empty"
_ADVICE = "make what is repeated possessive (`\\w++`), give it a bound, or begin with a character that cannot repeat"


# From the syntax tree to an automaton


@dataclass(frozen=True, slots=True)
class _Guard:
    """A condition on the characters around a place between two of them."""

    place: Literal["before", "behind", "boundary"]
    """Which character it asks for; `boundary`: whether just one of them belongs to the set."""
    chars: Chars
    wanted: bool
    at_edge: bool = True
    """Whether it holds where the text begins or ends."""

    def holds(self, before: Mapping[Chars, bool] | None, behind: Mapping[Chars, bool]) -> bool:
        """False if it cannot hold between two characters, told by the sets that they belong to; `None` is the beginning."""
        if self.chars not in behind:
            return self.at_edge and before is None and self.place == "before" if self.chars == NONE and self.wanted else True
        if self.place == "boundary":
            return ((before is not None and before[self.chars]) != behind[self.chars]) == self.wanted
        sets = before if self.place == "before" else behind
        return self.at_edge if sets is None else sets[self.chars] == self.wanted


@dataclass(frozen=True, slots=True)
class _Way:
    """What lies between two characters that are read one after the other."""

    guards: frozenset[_Guard] = frozenset()
    left: frozenset[int] = frozenset()
    """Atomic groups that are left …"""
    entered: frozenset[int] = frozenset()
    """… and entered."""


_FREE = _Way()
_MAYBE = _Guard("before", EVERY, wanted=True)
"""Stands for a condition that is not looked into: it may hold anywhere, but never surely."""
_Ways = dict[_Way, int]
"""Different ways, each with the number of times that the matcher tries it."""


def _add(ways: _Ways, more: Mapping[_Way, int]) -> None:
    for way, times in more.items():
        ways[way] = ways.get(way, 0) + times


def _surely(ways: Mapping[_Way, int]) -> bool:
    return any(not way.guards for way in ways)


@dataclass(slots=True)
class _Part:
    """A part of an expression: the positions that it begins and ends with, and the ways through it that read nothing."""

    first: dict[int, _Ways] = field(default_factory=dict)
    last: dict[int, _Ways] = field(default_factory=dict)
    empty: _Ways = field(default_factory=dict)


class _Builder:
    """Takes the syntax tree apart into positions, one for each place where a character is read (Glushkov, 1961)."""

    def __init__(self, unrolled: int, work: _Work) -> None:
        """Unroll bounded repetitions that have no more than so many positions."""
        self._unrolled = unrolled
        self.work = work
        self.chars: list[Chars] = []
        self.groups: list[tuple[int, ...]] = []
        """For each position the atomic groups around it, from outside to inside."""
        self.loops: list[tuple[int, ...]] = []
        """For each position the loops around it, from outside to inside."""
        self.lengths: list[float] = []
        """For each loop the number of characters that it reads at most."""
        self.sure_ends: list[set[int]] = []
        """For each atomic group the positions at which it is complete, whatever comes."""
        self.follow: dict[tuple[int, int], _Ways] = defaultdict(dict)
        self._groups: tuple[int, ...] = ()
        self._loops: tuple[int, ...] = ()
        self._asked = 1
        """How many repetitions the loops around ask for, all together."""
        self._unsure: set[int] = set()
        """Positions at which loops end that may ask for more repetitions."""

    def automaton(self, tree: Any, flags: int, *, anywhere: bool) -> _Automaton:
        """The automaton of an expression. Raises `_TooLargeError`."""
        return _Automaton(self, self._sequence(tree, flags), anywhere=anywhere)

    def _position(self, chars: Chars) -> _Part:
        at = len(self.chars)
        if at >= MOST_STATES:
            raise _TooLargeError
        self.chars.append(chars)
        self.groups.append(self._groups)
        self.loops.append(self._loops)
        return _Part({at: {_FREE: 1}}, {at: {_FREE: 1}})

    def _sequence(self, tree: Any, flags: int) -> _Part:
        part = _Part(empty={_FREE: 1})
        for op, argument in tree:
            part = self._then(part, self._node(op, argument, flags))
        return part

    def _then(self, one: _Part, other: _Part) -> _Part:
        self.work.take(len(one.first) + len(other.last))
        self._link(one.last, other.first)
        first, last = dict(one.first), dict(other.last)
        for at, ways in other.first.items() if one.empty else ():
            first[at] = self._chained(one.empty, ways)
        for at, ways in one.last.items() if other.empty else ():
            last[at] = self._chained(ways, other.empty)
        return _Part(first, last, self._chained(one.empty, other.empty) if one.empty and other.empty else {})

    def _link(self, last: Mapping[int, _Ways], first: Mapping[int, _Ways]) -> None:
        for before, ways in last.items():
            for behind, more in first.items():
                _add(self.follow[before, behind], self._chained(ways, more))
        if len(self.follow) > MOST_LINKS:
            raise _TooLargeError

    def _chained(self, one: Mapping[_Way, int], other: Mapping[_Way, int]) -> _Ways:
        """The ways that begin with one and go on with the other.

        Raises `_TooLargeError` if they are so many that trying all of them at one place takes too long: whether their
        conditions can hold is another question.
        """
        self.work.take(4)
        if len(one) == 1 and one.get(_FREE) == 1:
            return dict(other)
        if len(other) == 1 and other.get(_FREE) == 1:
            return dict(one)
        chained: _Ways = {}
        for first, times in one.items():
            self.work.take(8 * len(other))
            for second, more in other.items():
                way = _Way(first.guards | second.guards, first.left | second.left, first.entered | second.entered)
                chained[way] = chained.get(way, 0) + times * more
        if sum(chained.values()) > MOST_EMPTY:
            raise _TooLargeError(TOO_MANY_EMPTY)
        return chained

    def _branch(self, parts: Iterable[_Part]) -> _Part:
        branch = _Part()
        for part in parts:
            branch.first |= part.first
            branch.last |= part.last
            _add(branch.empty, part.empty)
        return branch

    def _optional(self, part: _Part) -> _Part:
        empty = dict(part.empty)
        _add(empty, {_FREE: 1})
        return _Part(part.first, part.last, empty)

    def _node(self, op: Any, argument: Any, flags: int) -> _Part:
        self.work.take(8)
        if op in _SINGLE:
            return self._position(self.work.chars_of(op, argument, flags))
        if op is sre.BRANCH:
            return self._branch([self._sequence(branch, flags) for branch in argument[1]])
        if op is sre.SUBPATTERN:
            _, added, dropped, body = argument
            return self._sequence(body, _combined(flags, added, dropped))
        if op is sre.MAX_REPEAT or op is sre.MIN_REPEAT:
            return self._repeat(argument, flags)
        if op is sre.POSSESSIVE_REPEAT:
            return self._atomic(lambda: self._repeat(argument, flags), self._longest(argument, flags))
        if op is sre.ATOMIC_GROUP:
            is_run = len(argument) == 1 and argument[0][0] is sre.MAX_REPEAT
            longest = self._longest(argument[0][1], flags) if is_run else None
            return self._atomic(lambda: self._sequence(argument, flags), longest)
        if op is sre.ASSERT or op is sre.ASSERT_NOT:
            return self._look(argument[0], argument[1], flags, wanted=op is sre.ASSERT)
        if op is sre.AT:
            return _Part(empty={_Way(frozenset({_guard_at(argument, flags)})): 1})
        if op is sre.GROUPREF:
            return self._atomic(self._anything)
        if op is sre.GROUPREF_EXISTS:
            _, yes, no = argument
            return self._branch([self._sequence(yes, flags), self._sequence(no or (), flags)])
        if op is sre.FAILURE:
            return _Part()
        raise _TooLargeError  # an operation that a later Python has

    def _anything(self) -> _Part:
        """What a reference to a group reads: some text, but never in two ways."""
        part = self._position(EVERY)
        self._link(part.last, part.first)
        return self._optional(part)

    def _repeat(self, repeat: Any, flags: int) -> _Part:
        least, most, body = repeat
        if most == 0:
            return _Part(empty={_FREE: 1})
        if most == 1:
            part = self._sequence(body, flags)
            return part if least else self._optional(part)
        size = self._size(body) if self._unrolled else 0
        if size and most is not sre.MAXREPEAT and (most <= FEW or most * size <= self._unrolled):
            part = _Part(empty={_FREE: 1})
            for _ in range(most - least):
                one = self._sequence(body, flags)
                part = self._optional(self._then(_Part(one.first, one.last), part))
                _add(part.empty, one.empty)  # what reads nothing is not repeated, unless it is asked for
            for _ in range(least):
                part = self._then(self._sequence(body, flags), part)
            return part
        if size and most is sre.MAXREPEAT and 1 < least <= self._unrolled // size and body.getwidth()[0]:
            part = self._repeat((1, most, body), flags)
            for _ in range(least - 1):
                part = self._then(self._sequence(body, flags), part)
            return part
        width = body.getwidth()[1]
        around = self._loops
        self._loops = (*around, len(self.lengths))
        self.lengths.append(math.inf if most is sre.MAXREPEAT or most * width >= ENDLESS else most * width)
        asked = self._asked
        self._asked *= max(1, least)
        part = self._sequence(body, flags)
        self._loops = around
        if least > 1:
            self._unsure.update(part.last)
        if not part.empty:
            self._asked = asked
            self._link(part.last, part.first)
            return part if least else self._optional(part)
        if self._asked > MOST_EMPTY:
            raise _TooLargeError(TOO_MANY_EMPTY)
        self._asked = asked
        # A repetition that reads nothing ends a loop, unless more of them are asked for.
        before, empty = self._repeated(part.empty, least)
        first = {at: self._chained(before, ways) for at, ways in part.first.items()}
        self._link(part.last, first)
        behind = dict(before)
        if least < 2:
            _add(behind, part.empty)
        last = {at: self._chained(ways, behind) for at, ways in part.last.items()}
        return _Part(first, last, self._chained(empty, self._optional(part).empty) if least < most else empty)

    def _repeated(self, ways: _Ways, times: int) -> tuple[_Ways, _Ways]:
        """Ways to read nothing one after the other: fewer than so many times, but at least none, and just so many times."""
        if times < 2:
            return {_FREE: 1}, dict(ways) if times else {_FREE: 1}
        fewer, half = self._repeated(ways, times // 2)
        fewer = dict(fewer)
        _add(fewer, self._chained(fewer, half))
        all_of_them = self._chained(half, half)
        if times % 2:
            _add(fewer, all_of_them)
            all_of_them = self._chained(all_of_them, ways)
        return fewer, all_of_them

    def _size(self, tree: Any) -> int:
        """How many positions a part of a tree takes when its bounded repetitions are unrolled."""
        size = 0
        for op, argument in tree:
            self.work.take(1)
            if op in _SINGLE or op is sre.GROUPREF:
                size += 1
            elif op is sre.BRANCH:
                size += sum(map(self._size, argument[1]))
            elif op is sre.SUBPATTERN:
                size += self._size(argument[3])
            elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
                _, most, body = argument
                size += self._size(body) * (1 if most is sre.MAXREPEAT else most)
            elif op in (sre.ASSERT, sre.ASSERT_NOT):
                size += self._size(argument[1])
            elif op is sre.ATOMIC_GROUP:
                size += self._size(argument)
            elif op is sre.GROUPREF_EXISTS:
                size += sum(self._size(branch) for branch in argument[1:] if branch)
        return size

    def _atomic(self, build: Callable[[], _Part], longest: _Guard | None = None) -> _Part:
        """A part that is left in one way only; `longest` says what cannot stand behind it."""
        around, group = self._groups, len(self.sure_ends)
        self.sure_ends.append(set())
        self._groups = (*around, group)
        part = build()
        self._groups = around
        self.sure_ends[group] = {at for at, ways in part.last.items() if _surely(ways) and at not in self._unsure}
        enter = {_Way(entered=frozenset({group})): 1}
        leave = {_Way(frozenset({longest} if longest is not None else ()), frozenset({group})): 1}
        return _Part(
            {at: self._chained(enter, ways) for at, ways in part.first.items()},
            {at: self._chained(dict.fromkeys(ways, 1), leave) for at, ways in part.last.items()},
            dict.fromkeys(part.empty, 1),
        )

    def _longest(self, repeat: Any, flags: int) -> _Guard | None:
        """What cannot stand behind a run that takes all it gets: another character of it."""
        _, most, body = repeat
        if most is not sre.MAXREPEAT or len(body) != 1 or body[0][0] not in _SINGLE:
            return None
        return _Guard("behind", self.work.chars_of(body[0][0], body[0][1], flags), wanted=False)

    def _look(self, direction: int, body: Any, flags: int, *, wanted: bool) -> _Part:
        """A look to either side: a condition on one character, or a branch from which nothing goes on."""
        if len(body) == 1 and body[0][0] in _SINGLE:
            chars = self.work.chars_of(body[0][0], body[0][1], flags)
            guard = _Guard("behind" if direction > 0 else "before", chars, wanted=wanted, at_edge=not wanted)
            return _Part(empty={_Way(frozenset({guard})): 1})
        if direction < 0 and body.getwidth()[1] > FARTHEST_BACK:
            raise _TooLargeError(f"looks back at more than {FARTHEST_BACK} characters; give what stands there a lower bound")
        return _Part(self._sequence(body, flags).first, {}, {_Way(frozenset({_MAYBE})): 1})


def _guard_at(place: Any, flags: int) -> _Guard:
    """The condition that `^`, `$`, a word boundary and the like stand for."""
    if place is sre.AT_BOUNDARY or place is sre.AT_NON_BOUNDARY:
        words = _category(sre.CATEGORY_WORD, flags)
        return _Guard("boundary", words, wanted=place is sre.AT_BOUNDARY)
    if place is sre.AT_BEGINNING or place is sre.AT_BEGINNING_STRING:
        many = flags & re.MULTILINE and place is sre.AT_BEGINNING
        return _Guard("before", LINE_BREAK if many else NONE, wanted=True)
    return _Guard("behind", NONE if place is sre.AT_END_STRING else LINE_BREAK, wanted=True)


# What an automaton tells


@dataclass(frozen=True, slots=True)
class _Edge:
    """A step from one state to another."""

    target: int
    left: frozenset[int]
    entered: frozenset[int]
    times: int


class _Automaton:
    """States that have read a character each, and the steps between them.

    A position is several states if conditions ask for what was read there: for a word boundary, letters and all else. State 0
    is the beginning; where an expression is searched for, the next ones read what stands before the place where it is tried.
    """

    def __init__(self, builder: _Builder, root: _Part, *, anywhere: bool) -> None:
        self._builder = builder
        self._work = builder.work
        self._work.take(400)
        self._contexts = _contexts(builder, root)
        self.chars: list[Chars] = [NONE]
        self.positions: list[int] = [-1]
        self._sets: list[Mapping[Chars, bool] | None] = [None]
        self._parts: dict[Chars, list[tuple[Chars, dict[Chars, bool]]]] = {}
        starts = [0, *(self._states(-1, EVERY) if anywhere else ())]
        self.starts = frozenset(starts)
        by_position = [self._states(at, chars) for at, chars in enumerate(builder.chars)]
        self.sure = {state for at, ways in root.last.items() if _surely(ways) for state in by_position[at]}
        self.edges: list[list[_Edge]] = [[] for _ in self.chars]
        for start in starts:
            self._connect([start], starts[1:], {_FREE: 1})
            for at, ways in root.first.items():
                self._connect([start], by_position[at], ways)
        for (before, behind), ways in builder.follow.items():
            self._connect(by_position[before], by_position[behind], ways)
        self.targets = [sorted({edge.target for edge in edges}) for edges in self.edges]
        self._overlaps = self._overlapping()
        self.components = _components(self.targets)

    def _states(self, position: int, chars: Chars) -> list[int]:
        """The states of a position: for each combination of contexts that its characters belong to."""
        if chars not in self._parts:
            parts: list[tuple[Chars, dict[Chars, bool]]] = [(chars, {})]
            for context in self._contexts:
                both = ((context, True), (_inverted(context), False))
                parts = [(_common(part, side), {**sets, context: inside}) for part, sets in parts for side, inside in both]
            self._parts[chars] = [(part, sets) for part, sets in parts if part]
        states = []
        for part, sets in self._parts[chars]:
            states.append(len(self.chars))
            self.chars.append(part)
            self.positions.append(position)
            self._sets.append(sets)
        if len(self.chars) > MOST_STATES:
            raise _TooLargeError
        return states

    def _connect(self, before: Iterable[int], behind: Sequence[int], ways: Mapping[_Way, int]) -> None:
        for source in before:
            for target in behind:
                sets = self._sets[target]
                assert sets is not None
                self._work.take(2 + sum(2 + len(way.guards) for way in ways))
                for way, times in ways.items():
                    if all(guard.holds(self._sets[source], sets) for guard in way.guards):
                        self.edges[source].append(_Edge(target, way.left, way.entered, times))

    def _overlapping(self) -> list[int]:
        """For each state, as bits, the states that can read the same character."""
        found = [0] * len(self.chars)
        for states in self._letters:
            self._work.take(states.bit_count())
            for state in _bits(states):
                found[state] |= states
        return found

    @cached_property
    def _letters(self) -> Mapping[int, str]:
        """Characters that differ for the automaton, by the states, as bits, that read them.

        Those that other characters replace are left out, as these are read by the same states and more.
        """
        sets: dict[Chars, int] = defaultdict(int)
        for state, chars in enumerate(self.chars):
            sets[chars] |= 1 << state
        known = set(map(ord, KNOWN))
        edges: dict[int, int] = dict.fromkeys(known, 0)
        for chars, states in sets.items():
            self._work.take(2 * len(chars))
            for start, end in chars:
                edges[start] = edges.get(start, 0) ^ states
                edges[end] = edges.get(end, 0) ^ states
        found: dict[int, int] = {}
        reading = 0
        for edge in sorted(edges):
            reading ^= edges[edge]
            if edge in known or reading not in found:
                found[reading] = edge
        letters: dict[int, str] = {}
        by_state: dict[int, list[int]] = defaultdict(list)
        for states in sorted(found.keys() - {0}, key=lambda states: (-states.bit_count(), found[states])):
            more = by_state[states.bit_length()]
            self._work.take(len(more) + states.bit_count())
            if not any(states & others == states for others in more):
                letters[states] = chr(found[states])
                for state in _bits(states):
                    by_state[state + 1].append(states)
        return letters

    def danger(self, bearable: _Bearable) -> str:
        """Why a matcher may take more than is bearable; or nothing."""
        for component in self.components:
            text = self._ambiguous(component) if self._loops(component) else None
            if text is not None:
                return f"takes exponential time, as a loop can read {text!r} in two ways; {_ADVICE}"
        power = self._chain()
        if power > bearable.power:
            power = self._power(self._partners())
        if power > bearable.power:
            grows = {2: "the square", 3: "the cube"}.get(power, f"the power of {power}")
            return (
                f"takes time with {grows} of a line's length, as repetitions of the same characters follow each other; {_ADVICE}"
            )
        line = self._hostile_line(bearable.length)
        return f"takes very many steps on lines such as {line!r}; {_ADVICE}" if line else ""

    def _loops(self, component: Sequence[int]) -> bool:
        return len(component) > 1 or component[0] in self.targets[component[0]]

    def _ambiguous(self, component: Sequence[int]) -> str | None:
        """A text that leads around from a state of the component to itself in two ways; `None` if there is none."""
        inside = frozenset(component)
        edges = {state: [edge for edge in self.edges[state] if edge.target in inside] for state in component}
        known: set[_Pair] = set()
        for state in component:
            self._work.take(len(edges[state]) ** 2)
            for one, other in combinations_with_replacement(edges[state], 2):
                if (one is other and one.times < 2) or not self._overlaps[one.target] >> other.target & 1:
                    continue
                pair = self._parted(state, one, other)
                if pair is None:
                    continue
                # Without a common atomic group any state in which the ways meet leads back to this one.
                text = self._meeting(pair, edges, state, known if pair.group is None else set())
                if text is not None:
                    return text
        return None

    def _parted(self, state: int, one: _Edge, other: _Edge) -> _Pair | None:
        """Two ways that part, with the atomic group that both are in; `None` if the matcher never tries both."""
        around = self._builder.groups[self.positions[state]] if state not in self.starts else ()
        shared = [group for group in around if not (group in one.left and group in other.left)]
        if one.times == other.times == 1 and (entered := one.entered & other.entered):
            groups = self._builder.groups[self.positions[one.target]]
            shared = [next(group for group in groups if group in entered)]
        if not shared:
            return _Pair(one.target, other.target)
        group = shared[-1]
        entered_anew = group in one.entered & other.entered
        return self._allowed(
            _Pair(
                one.target, other.target, group, not entered_anew and group in one.left, not entered_anew and group in other.left
            )
        )

    def _allowed(self, pair: _Pair) -> _Pair | None:
        """The pair, if a matcher tries both ways: of those through an atomic group it goes on with the first that is complete."""
        if pair.group is None:
            return pair
        ends = self._builder.sure_ends[pair.group]
        is_done = (
            pair.left or self.positions[pair.one] in ends,
            pair.other_left or self.positions[pair.other] in ends,
        )
        return None if all(is_done) else pair

    def _meeting(self, start: _Pair, edges: Mapping[int, Sequence[_Edge]], origin: int, known: set[_Pair]) -> str | None:
        """The text on which two ways meet: anywhere if they share no atomic group, else where they parted."""
        before: dict[_Pair, _Pair | None] = {start: None}
        waiting = [start]
        while waiting:
            pair = waiting.pop()
            if pair.one == pair.other and (pair.group is None or pair.one == origin):
                return self._text(pair, before)
            if pair in known:
                continue
            known.add(pair)
            self._work.take(3 * len(edges[pair.one]) * len(edges[pair.other]))
            for one in edges[pair.one]:
                for other in edges[pair.other]:
                    if self._overlaps[one.target] >> other.target & 1:
                        following = self._allowed(pair.after(one, other))
                        if following is not None and following not in before:
                            before[following] = pair
                            waiting.append(following)
        return None

    def _text(self, pair: _Pair | None, before: Mapping[_Pair, _Pair | None]) -> str:
        text = ""
        while pair is not None:
            text = _sample(_common(self.chars[pair.one], self.chars[pair.other])) + text
            pair = before[pair]
        return text

    def _chain(self) -> int:
        """How many endless loops one text can go through at most: no power is higher."""
        longest = [0] * len(self.chars)
        for component in reversed(self.components):
            behind = max((longest[target] for state in component for target in self.targets[state]), default=0)
            for state in component:
                longest[state] = behind + self._is_endless(component)
        return longest[0]

    def _is_endless(self, component: Sequence[int]) -> bool:
        return self._loops(component) and self._laps(component) == math.inf

    def _partners(self) -> list[int]:
        """For each state, as bits, the states to which a text can lead that leads to it, too."""
        partners = [0] * len(self.chars)
        partners[0] = 1
        waiting = [(0, 0)]
        bits = [sum(1 << target for target in targets) for targets in self.targets]
        while waiting:
            one, other = waiting.pop()
            self._work.take(len(self.targets[one]) * (1 + len(self.chars) // 1000))
            for target in self.targets[one]:
                common = self._overlaps[target] & bits[other] & ~partners[target]
                self._work.take(common.bit_count())
                partners[target] |= common
                for second in _bits(common):
                    partners[second] |= 1 << target
                    waiting.append((target, second))
        return partners

    def _power(self, partners: Sequence[int]) -> int:
        """The power of a line's length with which the number of steps grows before the matcher gives up.

        Two powers are followed through the automaton: of the number of ways in which one text leads to a state (`at_once`),
        and of that in which the beginnings of one text do (`in_all`). Within a loop that is not exponential a text leads from
        one state to another in one way, so ways add up only where they come in, and a loop that is entered while another way
        is in it already adds up all that ever come in.
        """
        reach = self._reach()
        at_once, in_all = [0] * len(self.chars), [0] * len(self.chars)
        steps = [sum(1 << target for target in targets) for targets in self.targets]
        incoming: list[list[tuple[int, _Edge]]] = [[] for _ in self.chars]
        for state, edges in enumerate(self.edges):
            for edge in edges:
                incoming[edge.target].append((state, edge))
        entered: dict[int, int] = defaultdict(int)
        most = 0
        for component in self.components[1:]:
            inside = frozenset(component)
            bits = sum(1 << state for state in component)
            is_endless = self._is_endless(component)
            once = ever = 0
            for source, edge in ((source, edge) for state in component for source, edge in incoming[state]):
                if source in inside:
                    continue
                # An atomic group is left no more often than it was entered.
                limit = min((entered[group] for group in edge.left), default=len(self.chars))
                ever = max(ever, min(in_all[source], limit))
                self._work.take((partners[source] & bits).bit_count())
                goes_on = _joined(steps, partners[source] & bits) & bits if is_endless else 0
                is_late = goes_on & self._overlaps[edge.target]
                once = max(once, min((in_all if is_late else at_once)[source], limit))
            self._work.take(sum((partners[state] & ~bits).bit_count() for state in component))
            comes_again = any(_joined(reach, partners[state] & ~bits) & bits for state in component)
            total = min(once + 1, max(once, ever) + is_endless) if comes_again else once + is_endless
            for state in component:
                is_sure = state in self.sure
                at_once[state], in_all[state] = (0, min(total, 1)) if is_sure else (once, total)
                if not is_sure and state not in self.starts:
                    most = max(most, total)
                for edge in self.edges[state]:
                    for group in edge.entered:
                        entered[group] = max(entered[group], in_all[state])
        return most

    def _hostile_line(self, longest: int) -> str:
        """A line that takes more steps than are bearable; empty if a search does not find one.

        What is searched for is tried at each place of a line. That adds up, and it distracts from what one of these trials
        can cost, so both are looked for.
        """
        outlooks = self._outlooks()
        for once in (False, True) if len(self.starts) > 1 else (False,):
            beam = [_Trial({0: 1})]
            for left in range(SEARCHED + self._last_choice(outlooks), 0, -1):
                longer = self._best(self._promising(beam, outlooks, left, once=once), outlooks, left - 1)
                if not longer:
                    break
                beam = longer
                if found := next((trial.line for trial in beam if trial.steps > trial.bearable), None):
                    return found
            if found := self._pumped_line(beam, longest, once=once):
                return found
        return ""

    def _promising(self, beam: Iterable[_Trial], outlooks: Sequence[_Outlook], left: int, *, once: bool) -> Iterator[_Trial]:
        """Beginnings of lines that are longer by a character, of those that can still take more steps than are bearable."""
        for trial in beam:
            promise = sum(times * outlooks[state].ways for state, times in trial.ways.items())
            if trial.steps + left * promise > trial.bearable:
                yield from self._longer(trial, once=once)

    def _best(self, trials: Iterable[_Trial], outlooks: Sequence[_Outlook], left: int) -> list[_Trial]:
        """The beginnings of lines that promise most steps if so many characters follow, and those that took most up to here.

        Of those that promise the same, the ones are followed that took most or come soonest to what they promise.
        """
        different: dict[tuple[tuple[int, int], ...], _Trial] = {}
        for trial in trials:
            different.setdefault(tuple(sorted(trial.ways.items())), trial)
        found = list(different.values())
        self._work.take(sum(map(len, different)))
        promises = [sum(times * outlooks[state].of(left) for state, times in ways) for ways in different]
        delays = [sum(outlooks[state].delay for state, _ in ways) for ways in different]
        by_promise = sorted(range(len(found)), key=lambda at: (-promises[at], -found[at].steps, delays[at]))
        by_steps = sorted(by_promise[BEAM:], key=lambda at: -found[at].steps)
        return [found[at] for at in (*by_promise[:BEAM], *by_steps[:BEAM])]

    def _last_choice(self, outlooks: Sequence[_Outlook]) -> int:
        """How many characters lie at least before each place where ways part that can become many."""
        distances = self._distances([0], self.targets)
        return max((distance for state, distance in distances.items() if not outlooks[state].delay), default=0)

    def _distances(self, beginnings: Iterable[int], targets: Sequence[Sequence[int]]) -> dict[int, int]:
        """How many steps away from the nearest of some states each state is that can be reached."""
        distances = dict.fromkeys(beginnings, 0)
        waiting = list(distances)
        for state in waiting:
            self._work.take(len(targets[state]))
            for target in targets[state]:
                if target not in distances:
                    distances[target] = distances[state] + 1
                    waiting.append(target)
        return distances

    def _pumped_line(self, beam: Iterable[_Trial], longest: int, *, once: bool) -> str:
        """A long line that takes more steps than are bearable, of what the last characters of these lines repeat."""
        tried = set()
        for trial in beam:
            for size in range(1, min(PUMPS, len(trial.line)) + 1):
                pump = trial.line[-size:] * (math.lcm(*range(1, PUMPS + 1)) // size)
                if pump not in tried:
                    tried.add(pump)
                    if found := self._pumped(trial, pump, longest, once=once):
                        return found
        return ""

    def _pumped(self, trial: _Trial, pump: str, longest: int, *, once: bool) -> str:
        """The line that a beginning and a text which is repeated behind it make, if it takes more steps than are bearable."""
        readers = {letter: states for states, letter in self._letters.items()}
        while trial.ways and len(trial.line) < longest:
            if trial.steps * (longest / len(trial.line)) ** 3 < STEPS_OF_LONG_LINE:  # they grow with the cube at most
                break
            for letter in pump:
                ways, entered = self._next(trial)
                read = readers[letter] & sum(1 << state for state in ways)
                fitting = self._fitting(ways, read, once=once)
                trial = _Trial(fitting, trial.line + letter, trial.steps + sum(fitting.values()), entered)
                if trial.steps > STEPS_OF_LONG_LINE:
                    return f"{trial.line[:SEARCHED]}…"
        return ""

    def _longer(self, trial: _Trial, *, once: bool) -> Iterator[_Trial]:
        """What a beginning of a line becomes with each of the letters."""
        ways, entered = self._next(trial)
        read = sum(1 << state for state in ways)
        self._work.take(len(self._letters))
        for states, letter in self._letters.items():
            if states & read:
                fitting = self._fitting(ways, states & read, once=once and trial.line != "")
                if fitting:
                    yield _Trial(fitting, trial.line + letter, trial.steps + sum(fitting.values()), entered)

    def _next(self, trial: _Trial) -> tuple[Mapping[int, int], Mapping[int, int]]:
        """In how many ways each state is reached by one more character, and how often each atomic group has been entered."""
        ways: dict[int, int] = defaultdict(int)
        for state, times in trial.ways.items():
            for target, more in self._steps[state]:
                ways[target] += times * more
        self._work.take(sum(len(self._steps[state]) for state in trial.ways))
        entered = dict(trial.entered)
        for state in trial.ways.keys() & self._grouped.keys():
            times = trial.ways[state]
            self._work.take(4 * len(self._grouped[state]))
            for edge in self._grouped[state]:
                come = min((trial.entered.get(group, 0) for group in edge.left), default=times)
                ways[edge.target] += min(times, come) * edge.times
                for group in edge.entered:
                    entered[group] = entered.get(group, 0) + times
        return ways, entered

    def _fitting(self, ways: Mapping[int, int], states: int, *, once: bool) -> dict[int, int]:
        """The ways that are left when these states, as bits, read the next character.

        With `once` what is searched for is tried no further.
        """
        self._work.take(states.bit_count())
        fitting = {state: 1 if state in self.sure else ways[state] for state in _bits(states)}
        return {state: times for state, times in fitting.items() if state not in self.starts} if once else fitting

    @cached_property
    def _steps(self) -> list[list[tuple[int, int]]]:
        """For each state the steps that have nothing to do with atomic groups, and how often the matcher tries them."""
        found = []
        for edges in self.edges:
            steps: dict[int, int] = defaultdict(int)
            for edge in edges:
                if not (edge.left or edge.entered):
                    steps[edge.target] += edge.times
            found.append(list(steps.items()))
        return found

    @cached_property
    def _grouped(self) -> dict[int, list[_Edge]]:
        """For each state the steps into atomic groups and out of them, if there are any."""
        found = {state: [edge for edge in edges if edge.left or edge.entered] for state, edges in enumerate(self.edges)}
        return {state: edges for state, edges in found.items() if edges}

    def _outlooks(self) -> list[_Outlook]:
        """What can come behind each state."""
        most, growth = [1.0] * len(self.chars), [1.0] * len(self.chars)
        choices: list[int] = []
        sources: list[list[int]] = [[] for _ in self.chars]
        for component in reversed(self.components):
            inside = sum(1 << state for state in component)
            laps = min(SEARCHED, self._laps(component)) if self._loops(component) else 1
            ways_on = steepest = 1.0
            for state in component:
                ways: dict[int, int] = defaultdict(int)
                for edge in self.edges[state]:
                    ways[edge.target] += edge.times
                for target in ways:
                    sources[target].append(state)
                    steepest = max(steepest, growth[target])
                letters = self._letters if len(ways) > 1 else [self._overlaps[target] | 1 << target for target in ways]
                self._work.take(len(ways) * len(letters))
                for states in letters:
                    fitting = {target: times for target, times in ways.items() if states >> target & 1}
                    out = sum(times * most[target] for target, times in fitting.items() if not inside >> target & 1)
                    at_once = sum(fitting.values())
                    # Ways out of a loop add up only if the loop can go on with the same letter.
                    ways_on = max(ways_on, out * laps if states & inside else out)
                    steepest = max(steepest, at_once)
                    if self._parts_in_group(state, inside & states):
                        ways_on = out = math.exp(LARGE)
                    if at_once > 1 and out > STEPS_PER_CHARACTER and choices[-1:] != [state]:
                        choices.append(state)
            for state in component:
                most[state], growth[state] = ways_on, steepest
        delays = self._distances(choices, sources)
        return [_Outlook(most[state], growth[state], delays.get(state, math.inf)) for state in range(len(self.chars))]

    def _parts_in_group(self, state: int, states: int) -> bool:
        """True if ways to some of these states, as bits, part within an atomic group.

        Around a loop only one of them is gone, but all of them are tried where the group is never complete.
        """
        if state in self.starts or not self._builder.groups[self.positions[state]]:
            return False
        return sum(times for target, times in self._steps[state] if states >> target & 1) > 1

    def _reach(self) -> list[int]:
        """For each state, as bits, the states that it leads to, and itself."""
        reach = [1 << state for state in range(len(self.chars))]
        for component in reversed(self.components):
            bits = 0
            for state in component:
                bits |= 1 << state
                for target in self.targets[state]:
                    bits |= reach[target]
            for state in component:
                reach[state] = bits
        return reach

    def _laps(self, component: Sequence[int]) -> float:
        """How many characters are read in a loop at most: as many as in the outermost one that goes around all of its states."""
        if component[0] in self.starts:
            return math.inf
        around = [self._builder.loops[self.positions[state]] for state in component]
        common = set(around[0]).intersection(*around[1:])
        loop = next((loop for loop in around[0] if loop in common), None)
        return self._builder.lengths[loop] if loop is not None else math.inf


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two states that the same text leads to on two ways."""

    one: int
    other: int
    group: int | None = None
    """The innermost atomic group in which the ways parted, if they did in one."""
    left: bool = False
    """True if the first way has left the group …"""
    other_left: bool = False
    """… and if the second has."""

    def after(self, one: _Edge, other: _Edge) -> _Pair:
        """The pair that two steps lead to."""
        return _Pair(
            one.target,
            other.target,
            self.group,
            self.left or self.group in one.left,
            self.other_left or self.group in other.left,
        )


def _contexts(builder: _Builder, root: _Part) -> list[Chars]:
    """The sets that conditions ask for, the most frequent ones first."""
    counts: dict[Chars, int] = defaultdict(int)
    for ways in (*root.first.values(), *builder.follow.values()):
        for guard in {guard for way in ways for guard in way.guards}:
            if guard.chars not in (NONE, EVERY):
                counts[guard.chars] += 1
    return sorted(counts, key=lambda chars: (-counts[chars], chars))[:CONTEXTS]


@dataclass(frozen=True, slots=True)
class _Trial:
    """The beginning of a line, and what a matcher makes of it."""

    ways: Mapping[int, int]
    """For each state in how many ways the text leads to it."""
    line: str = ""
    steps: int = 0
    entered: Mapping[int, int] = field(default_factory=dict)
    """For each atomic group how often it was entered."""

    @property
    def bearable(self) -> int:
        """How many steps it may take."""
        return STEPS_PER_CHARACTER * max(SEARCHED, len(self.line))


@dataclass(frozen=True, slots=True)
class _Outlook:
    """What can come behind a state."""

    ways: float = 1
    """In how many ways at once a text can go on, at most …"""
    growth: float = 1
    """… and how many times as many each of its characters makes them, at most."""
    delay: float = math.inf
    """How many characters lie at least before a place where ways part that can become many."""

    def of(self, left: int) -> float:
        """In how many ways at once a text of so many characters can go on at most."""
        return min(self.ways, math.exp(min(left * math.log(self.growth), LARGE)))


def _joined(bits: Sequence[int], states: int) -> int:
    """The bits of all of these states together."""
    joined = 0
    for state in _bits(states):
        joined |= bits[state]
    return joined


def _bits(number: int) -> Iterator[int]:
    """The places of the bits that are set."""
    while number:
        low = number & -number
        yield low.bit_length() - 1
        number ^= low


def _components(targets: Sequence[Sequence[int]]) -> list[list[int]]:
    """The strongly connected components of the states that state 0 leads to, in the order of the steps (Tarjan, 1972)."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    stack: list[int] = []
    on_stack: set[int] = set()
    found: list[list[int]] = []
    work: list[tuple[int, Iterator[int]]] = [(0, iter(targets[0]))]
    index[0] = low[0] = 0
    stack.append(0)
    on_stack.add(0)
    while work:
        state, rest = work[-1]
        for target in rest:
            if target not in index:
                index[target] = low[target] = len(index)
                stack.append(target)
                on_stack.add(target)
                work.append((target, iter(targets[target])))
                break
            if target in on_stack:
                low[state] = min(low[state], index[target])
        else:
            work.pop()
            if work:
                low[work[-1][0]] = min(low[work[-1][0]], low[state])
            if low[state] == index[state]:
                at = stack.index(state)
                found.append(stack[at:])
                on_stack.difference_update(stack[at:])
                del stack[at:]
    return found[::-1]
