"""Which expressions are refused as they could run away, and that those which are not do not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from re import _constants as sre
from re import _parser as sre_parser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleaner.backtracking import checked, danger_of

EXPONENTIAL = [
    r"(?:a|a)*b", r"(?:a|ab|b)*c", r"(?:\w|\d|_)+?x|(?:\w\w|\d)*y", r"(?:.*,)*x", r"(?:a+)+b", r"(?:a*)*b", r"(?:a?b?)*c",
    r"(?:a*b|.)*x", r"(?:a{0,1000}){0,1000}b", r"(?:a{1,9}){9,99}b", r"(?:a?){30,}b", r"(?:(?i:k)|\u212a)*x",
    r"(?:[a-m]-?|[h-z]\d?)+!", r"(?:ab|a|b)+$", r"(?>(?:a|a)*b)", r"(?:(?:x?|y?)(?:a|b))*c",
    r"b(?:(?<!0)(?<!1)(?<!2)(?<!3)(?<!4)(?<=[a-y])a|\w)*x", r"(?:(?>a|b)|a)*c", r"x(?=(?:a|a)*b)", r"(?!(?:a|a)*b)x",
    r"(?:(a)|[ab])*c", r"(\w)(?:\1|a)*b", r"(?:a|[^b])*c", r"(?s:.|\n)*x", r"(?:\s|[ \t]x?)*x", r"(?:é\b|[à-ü])*x",
]  # fmt: skip
"""What a loop reads in two ways."""

MANY_STEPS = [
    r"(?:a?){50}b", r"(?:a|a){40}b", "(?:a|a)" * 40 + "b", "a?" * 30 + "a" * 30, r"(?:\s?\w{1,20}){1,8}x", r"(?<=(?:a|a){30})b",
    r"(?:(?:a|a){1,8}){1,8}b", r"(?:(?:aa|a){6}){6}b",
]  # fmt: skip
"""What ends, but not soon, as bounded repetitions multiply."""

CUBIC = [r"\w+\w+\w+$", r".*a.*b.*c$", r"\s+\s+\s+x", r"(?:\w+\s?){0,3}$", r"(?=.*a.*b.*c$)x", r"\S*@\S+.*$"]
SQUARE = [r"\w+\w+$", r"\s+\s+x", r".*a.*b$", r"(?:\w+\s?){0,2}$", r"\d+\d*x", r".+\..+x", r"(?>a*)a?(?:a|b)*c(?:a|b)*d|a*a*b"]
SQUARE_ANYWHERE = [
    r"\w+x", r"\s+x", r"\s+$", r"a*b", r"x.*y", r"\w++x", r"(?>\w+)x", r"(?:a |\. )*x", r"(?=.*alpha)beta", r"(\w+)\s\1",
    r"a(?!.*b)",
]  # fmt: skip
"""Linear at the start of a line, but not if each place of it is tried."""

HARMLESS = [
    r"also\s{1,3}read\s{0,3}:.*", r"x.*", r"\b\w+\b x", r"(?<!\w)\w+x", r"(?<!\s)\s+$", r"^.*x", r"^(?:by|von)\s.{1,40}$",
    r"\d{1,3}(?:[.,]\d{3}){0,4} €", r"(?<![\w@])\w{2,20}@\w{2,20}\.\w", r"(?:cat|dog|bird)s?\s(?:cat|dog|bird)s?$",
    r"(?:a|a){5}b", r"[a-z]{2,30}ing\b", r"\bread (?:more|also)\b",
]  # fmt: skip
"""Linear wherever they are looked for."""

HARMLESS_AT_START = [
    r"\w+:\s+\w+$", r"(?:\w++\s?)*x", r"(?:\w++|\s)*+x", r"(?>\w+\s?)*x", r"(?>a|ab)*c", r"(?>(?:a|a))*c", r"(?:(?>a+|b)c?)*d",
    r"(?:(?!b)\w|b)*x", r"(?:[^,]*,)x", r"(?:\w{1,20}\s){1,8}$", r"(?:\.\d++)*$", r"(?=(a+))\1b",
    r"[A-Z][\w.]*(?: [A-Z][\w.]*){0,9}$", r"(?:a(?=b)|b)*c", r"(?:(?<=x)a|b|x)*c", r"(?:a\b|b)*c", r"(a)?(?(1)b|c)*d",
]  # fmt: skip


@pytest.mark.parametrize("pattern", EXPONENTIAL)
def test_what_takes_exponential_time(pattern: str) -> None:
    assert re.search("exponential", danger_of(pattern, anywhere=False, bounded=True))


@pytest.mark.parametrize("pattern", MANY_STEPS)
def test_what_takes_many_steps(pattern: str) -> None:
    assert "very many steps" in danger_of(pattern, anywhere=False, bounded=True)


@pytest.mark.parametrize("pattern", CUBIC)
def test_lines_of_some_hundred_characters_bear_no_cube(pattern: str) -> None:
    assert "the cube of" in danger_of(pattern, anywhere=False, bounded=True)


@pytest.mark.parametrize("pattern", SQUARE)
def test_only_bounded_lines_bear_a_square(pattern: str) -> None:
    assert "the square of" in danger_of(pattern, anywhere=False)
    assert danger_of(pattern, anywhere=False, bounded=True) == ""


@pytest.mark.parametrize("pattern", SQUARE_ANYWHERE)
def test_what_is_tried_at_every_place_of_a_line(pattern: str) -> None:
    assert "the square of" in danger_of(pattern, anywhere=True)
    assert danger_of(pattern, anywhere=False) == ""


@pytest.mark.parametrize("pattern", HARMLESS)
def test_what_is_harmless_anywhere(pattern: str) -> None:
    assert danger_of(pattern, anywhere=True) == ""


@pytest.mark.parametrize("pattern", HARMLESS_AT_START)
def test_what_is_harmless_at_the_start_of_a_line(pattern: str) -> None:
    assert danger_of(pattern, anywhere=False) == ""


def test_what_is_too_large_is_refused() -> None:
    assert "too large" in danger_of("|".join(["x" * 5_000, "y"]) + "z", anywhere=False)


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ("(a", "bad expression '(a': missing )"),
        ("(?\r)", r"unknown extension ?\r"),
        ("[[a]", "Possible nested set"),
        ("a{99999999999}", "bad expression"),
        ("(" * 5_000 + "a" + ")" * 5_000, "bad expression"),
        ("a*", "'a*' matches the empty text"),
        ("(?:a|a)*b", "as a loop can read 'a' in two ways; make what is repeated possessive"),
        (r"\w+x", "takes time with the square of a line's length"),
    ],
)
def test_the_message_is_one_line_that_says_what_to_do(pattern: str, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)) as caught:
        checked(pattern, anywhere=True)
    assert str(caught.value).isprintable()


# A matcher that goes back as that of Python does, and counts its steps.


class TooManyStepsError(Exception):
    pass


class Counter:
    """Matches by the syntax tree of an expression, one way after the other."""

    def __init__(self, pattern: str, most: int) -> None:
        self.tree = sre_parser.parse(pattern)
        self.most = most
        self.steps = 0

    def matches(self, text: str) -> bool:
        self.text = text
        return any(True for _ in self.sequence(list(self.tree), 0))

    def sequence(self, nodes: list, at: int) -> Iterator[int]:
        """Where the text may stand behind a sequence, in the order in which the matcher tries it."""
        if not nodes:
            yield at
            return
        for behind in self.node(*nodes[0], at):
            yield from self.sequence(nodes[1:], behind)

    def node(self, op, argument, at: int) -> Iterator[int]:
        self.steps += 1
        if self.steps > self.most:
            raise TooManyStepsError
        if op in (sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN):
            if at < len(self.text) and self.fits(op, argument, self.text[at]):
                yield at + 1
        elif op is sre.BRANCH:
            for branch in argument[1]:
                yield from self.sequence(list(branch), at)
        elif op is sre.SUBPATTERN:
            yield from self.sequence(list(argument[3]), at)
        elif op in (sre.MAX_REPEAT, sre.MIN_REPEAT):
            yield from self.repeat(*argument, at, 0, lazy=op is sre.MIN_REPEAT)
        elif op is sre.POSSESSIVE_REPEAT:
            yield from list(self.first(self.repeat(*argument, at, 0, lazy=False)))
        elif op is sre.ATOMIC_GROUP:
            yield from self.first(self.sequence(list(argument), at))
        elif op in (sre.ASSERT, sre.ASSERT_NOT):
            direction, body = argument
            start = at if direction > 0 else at - body.getwidth()[0]
            found = start >= 0 and any(True for _ in self.sequence(list(body), start))
            if found == (op is sre.ASSERT):
                yield at
        elif op is sre.AT:
            words = [0 <= place < len(self.text) and self.text[place] != "-" for place in (at - 1, at)]
            if {sre.AT_END: at == len(self.text), sre.AT_BOUNDARY: words[0] != words[1]}[argument]:
                yield at
        else:
            raise AssertionError(op)

    @staticmethod
    def first(ends: Iterator[int]) -> Iterator[int]:
        for end in ends:
            yield end
            return

    def repeat(self, least: int, most, body, at: int, count: int, *, lazy: bool) -> Iterator[int]:
        goes_on = count < most

        def again() -> Iterator[int]:
            if goes_on:
                for behind in self.sequence(list(body), at):
                    if behind > at or count < least:  # what reads nothing is not repeated
                        yield from self.repeat(least, most, body, behind, count + 1, lazy=lazy)
                    else:
                        yield behind

        if count < least:
            yield from again()
        elif lazy:
            yield at
            yield from again()
        else:
            yield from again()
            yield at

    @staticmethod
    def fits(op, argument, char: str) -> bool:
        if op is sre.ANY:
            return True
        if op is sre.IN:
            return any(kind is sre.LITERAL and value == ord(char) for kind, value in argument)
        return (ord(char) == argument) == (op is sre.LITERAL)


def steps(pattern: str, text: str, most: int = 200_000) -> int:
    counter = Counter(pattern, most)
    counter.matches(text)
    return counter.steps


@pytest.mark.parametrize(
    "pattern", ["(?:a|ab)*+c", "(?>a|ab)c", "a*?b", "(?:a?){3}b", "(?=ab)[ab]*c", "(?!aa)a*b", "(?:a|b)*a$", r"(?:a\b|b|-)*c"]
)
def test_the_counter_matches_as_python_does(pattern: str) -> None:
    for text in map("".join, product("abc-", repeat=5)):
        assert Counter(pattern, 10**6).matches(text) == (re.match(pattern, text) is not None)


letters = st.sampled_from(["a", "b", "[ab]", "[-a]", ".", "[^a]", r"\b", "(?<=a)", "(?<![-b])"])


def combined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    group = inner.map(lambda body: f"(?:{body})")
    counts = st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,3}", "*?", "+?", "*+", "++", "?+"])
    return st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        st.tuples(group, counts).map("".join),
        st.tuples(st.sampled_from(["(?>{})", "(?={})", "(?!{})"]), inner).map(lambda pair: pair[0].format(pair[1])),
    )


patterns = st.tuples(st.recursive(letters, combined, max_leaves=6), st.sampled_from(["c", "$", "", "ac"])).map("".join)
PUMPS = ["a", "b", "-", "ab", "a-", "aab", "abb", "a--", "aabb", "ab-"]
"""What hostile texts repeat; expressions of so few letters have no longer loops."""


def hostile(count: int) -> Iterator[str]:
    for pump in PUMPS:
        for prefix in ("", "a", "b"):
            yield prefix + (pump * count)[:count] + "d"


LENGTH = 24


def grows(pattern: str, most: int) -> float:
    """How many times as many steps a text of twice the length takes at most."""
    worst = 0.0
    for short, long in zip(hostile(LENGTH), hostile(2 * LENGTH), strict=True):
        before = steps(pattern, short, most)
        worst = max(worst, (steps(pattern, long, most) - SLACK) / before)
    return worst


SLACK = 60
MOST = 2_000_000


@given(patterns)
def test_what_is_not_refused_does_not_run_away(pattern: str) -> None:
    try:
        re.compile(pattern)
    except re.error:
        return
    if not danger_of(pattern, anywhere=False):
        assert grows(pattern, MOST) <= 2.6
    elif not danger_of(pattern, anywhere=False, bounded=True):
        assert grows(pattern, MOST) <= 2.6**2
