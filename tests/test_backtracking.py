"""Which expressions are refused as they could run away, and that those which are not do not."""

from __future__ import annotations

import re
import time
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
    r"(?:(?:a|a){1,8}){1,8}b", r"(?:(?:aa|a){6}){6}b", r"x(?:a|.){3,40}b$", r"Foto: (?:\w\.?|\S){1,40}@",
    "l" * 70 + r"(?:\w\.?|\S){1,40}@", r"x(?:\W{2,20}){5}@",
]  # fmt: skip
"""What ends, but not soon, as bounded repetitions multiply."""

EMPTY_WAYS = [
    r"(?:(?<!a)?){50}(?<=c)d", r"(?:(?:(?<=x)){0,1000}){12}c", r"(?:\b){1000000000}a*a*b", r"(?:(?:(?:(?<!a)){100}){100}){100}b",
    "a*a*b" + "".join(f"(?:(?={chr(65 + at)})|x?)" for at in range(16)) + "z", r"(?:(?=a)|(?=b))" * 20,
]  # fmt: skip
"""What stands still at one place in too many ways, or too often."""

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

ORDINARY = [
    r"\b(?:subscribe|sign up|log in)\b.{0,80}(?:newsletter|account)", r"https?://\S{1,200}", r"www\.\S+",
    r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,20}){1,4}", r"\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b",
    r"\b\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?)?", r"(?:©|\(c\)|copyright)\s{0,3}\d{4}.*", r"(?i)all rights reserved\.?",
    r"^\s{0,10}(?:advertisement|anzeige|werbung)\s{0,10}$",
    r"(?i)\b(?:photo|image|foto|bild)(?:s|graph(?:s|ie)?)?\s?(?:by|von|:)\s?[^.]{1,80}", r"\[\d{1,3}\]",
    r"\{\{[^{}]{0,300}\}\}", r"<[^<>]{1,300}>", r"&(?:amp|nbsp|quot|lt|gt|#\d{1,6});", r"#\w{2,40}(?:\s#\w{2,40}){0,20}",
    r"^[A-Z][A-Z\s]{2,30}:", r"\(Reuters\)\s?[-–—]", r"(?:read|see) (?:more|also):? .{1,150}",
    r"(?:Tags?|Topics?|Keywords?):\s?.+", r"(?<!\d)\d{5}(?!\d)", r"\$\d{1,3}(?:,\d{3}){0,3}(?:\.\d{2})?",
    r"\b(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,? \w{3,9} \d{1,2}(?:st|nd|rd|th)?,? \d{4}",
    r"(?:\+\d{1,3}[ -]?)?\(?\d{2,4}\)?(?:[ -]?\d{2,4}){2,4}",
    r"\bISBN(?:-1[03])?:?\s?(?:97[89][- ]?)?\d{1,5}[- ]?\d{1,7}[- ]?\d{1,6}[- ]?[\dX]\b",
    r"Share this(?: article| story| post)?(?: on (?:Facebook|Twitter|X|WhatsApp))?", r"^(?:[-*•]\s?){1,3}", r"[-=_*]{3,}",
    r"\bpage \d{1,4} of \d{1,4}\b", r"(?:\w{1,30}\s){1,10}reporting\b", r"By (?:[A-Z][a-z'-]{1,20}\s?){1,4}$",
    r"(?:[A-Z][a-z]{1,20} ){1,4}is a (?:staff )?writer", r"\.(?:jpe?g|png|gif|webp)\b", r"\bvia @\w{1,15}", r"@\w{1,15}\b",
    r"pic\.twitter\.com/\w{1,20}", r"(?:Click|Tap) here(?: to [^.]{1,60})?\.?",
    r"(?:This|The) (?:article|story|post) (?:was|has been) (?:originally )?(?:published|updated).{0,120}",
    r"(?:\d{1,2}:)?\d{1,2}:\d{2}(?:\s?[ap]\.?m\.?)?(?: [A-Z]{2,4})?", r"(?:[^\s,]{1,30}, ){2,15}[^\s,]{1,30}$",
    r"\S{1,50}\.(?:com|org|net|de|fr)(?:/\S{0,200})?", r"(?s)<!--.{0,500}?-->", r"(?:«|„|“)[^»“”]{0,300}(?:»|“|”)",
    r"\b[A-Z]{2,5}:\s?[A-Z]{1,5}\b", r"\s{2,10}", r"[^\x00-\x7f]{5,50}", r"loading\.{3}", r"[\u200b\u200c\ufeff]",
    r"(?:[.!?…]\s?){3,20}", r"(?:ha){3,20}", r"(\w)\1{4,20}", r"(?=.{0,100}cookie)(?:we|this site) uses?\b",
    r"^(?!.{0,80}said)\W{0,5}share", r"^.{0,40}\|.{0,40}$", r"^[^|]{1,60}(?:\|[^|]{1,60}){2,10}$",
    r"^\d{1,2}(?:st|nd|rd|th)? (?:January|February|March)\b.*", r"Foto: .+", r"(?:Quelle|Source|Fuente)\s?:\s?.{1,100}",
    r"Continue reading.*", r".{0,60}\bnewsletter\b.{0,60}", r"[A-Z][a-z]{1,20}(?: [A-Z][a-z]{1,20}){1,3}, (?:Reuters|AP|AFP)",
    r"^(?:\w{1,20} ){0,5}Getty(?: Images)?$", r"(?:[A-Z]\.\s?){1,4}[A-Z][a-z]{1,30}", r"\*{1,3}[^*]{1,200}\*{1,3}",
    r"\[(?:[^\[\]]{1,100})\]\((?:[^()]{1,300})\)", r"&[a-z]{2,10};", r"^>+ ?", r"(?:Donate|Give) now!?",
    r"[^.!?]{0,200}\bcookies\b[^.!?]{0,200}[.!?]", r"\b\w{1,40}(?:-\w{1,40}){1,5}\b",
    r"[A-ZÄÖÜ][\w.-]{1,30}(?: [A-ZÄÖÜ][\w.-]{1,30}){1,3} / \w{2,10}", r"(?:[\w'-]{1,20}[ ,.]{1,3}){1,12}(?:Inc|Ltd|GmbH)\.?",
    r"(?<=\. )Read more.*", r"(?<=[a-z])(?=[A-Z])\w", r"(?<!Dr)\. Photo", r"(?<=Photo: ).{1,80}",
    r"^(?:.{0,30}\s)?(?:Follow|Like) us on .{1,40}",
]  # fmt: skip
"""What people look for in articles with lists of their own."""

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


@pytest.mark.parametrize("pattern", [*MANY_STEPS, r"(?<=x)(?:a|.){3,40}b$", r"(?<=(?:(?<=\w{300})\w){300})x"])
def test_what_takes_many_steps_is_found_where_it_is_searched_for(pattern: str) -> None:
    assert "very many steps" in danger_of(pattern, anywhere=True)


@pytest.mark.parametrize(
    "pattern",
    [r".*Foto: (?:\w\.?|\S){1,40}@", r"(?:(?:\d\.){0,900}){3}@", r"(?:(?:\S{1,3}|1){50})++", r"(?:(?:(?:\w-)+){1,8}x)++c"],
)
def test_what_takes_many_steps_behind_other_repetitions_and_on_long_lines(pattern: str) -> None:
    assert re.search("very many steps|exponential", danger_of(pattern, anywhere=False))


@pytest.mark.parametrize("pattern", EMPTY_WAYS)
def test_what_reads_nothing_in_many_ways(pattern: str) -> None:
    assert "too many ways to read nothing at one place" in danger_of(pattern, anywhere=True)


@pytest.mark.parametrize("pattern", [r"(?<=(?:ab){20000})c", r"(?<!\w{301})c", r"(?:b(?<=(?:ab){2000000})c){1,9}"])
def test_conditions_that_look_far_back(pattern: str) -> None:
    assert danger_of(pattern, anywhere=True).startswith("looks back at more than 300 characters")


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


@pytest.mark.parametrize("pattern", [*HARMLESS, *ORDINARY])
def test_what_is_harmless_anywhere(pattern: str) -> None:
    assert danger_of(pattern, anywhere=True) == ""


@pytest.mark.parametrize("pattern", HARMLESS_AT_START)
def test_what_is_harmless_at_the_start_of_a_line(pattern: str) -> None:
    assert danger_of(pattern, anywhere=False) == ""


def test_what_is_too_large_is_refused() -> None:
    assert "too large" in danger_of("|".join(["x" * 5_000, "y"]) + "z", anywhere=False)
    with pytest.raises(ValueError, match="an expression that begins with 'xxxx.*' is too large") as caught:
        checked("x" * 200_000, anywhere=False)
    assert len(str(caught.value)) < 200


LABORIOUS = {
    "small repetitions of repetitions": "a*a*b" + "(?:" * 20 + "(?=a)" + "){3}" * 20,
    "conditions in any combination": "a*a*b" + "".join(f"(?:(?={chr(65 + at)})|x)?" for at in range(30)) + "z",
    "links from each to each": r"a(?:(?:b|(?:\w)?)){1,200}",
    "what may be left out": "a?" * 3_000 + "b",
    "loops": "(?:" + "|".join(rf"\w{at}?x*" for at in range(900)) + ")b",
    "different characters": "".join(map(chr, range(0x4E00, 0x4E00 + 3_900))),
    "different sets": "(?i)" + "".join(f"[{chr(0x400 + at)}-{chr(0x1400 + at)}]" for at in range(3_000)),
    "pairs of ways": r"(?:(?:(?::){0,30}){12})*?$",
    "alternatives": "|".join(f"{at * 7919 % 65536:x}{at:x}" for at in range(12_000)),
}


@pytest.mark.parametrize("kind", LABORIOUS)
def test_expressions_made_for_it_are_weighed_in_bounded_time(kind: str) -> None:
    danger_of(r"\w\d\s", re.IGNORECASE, anywhere=True)  # the sets are worked out once
    started = time.process_time()
    danger_of(LABORIOUS[kind], anywhere=True)
    assert time.process_time() - started < 5  # seconds; about one, where some would take hours


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
