"""What expressions and heuristics take grows with the text, not with its square."""

from __future__ import annotations

import re
import time
from functools import partial
from importlib import import_module
from pathlib import Path

import linear
import pytest

from cleaner.model import Rule
from cleaner.pipeline import Cleaner
from cleaner.prefilter import extract_needles
from cleaner.registry import SEARCHED, WHOLE_LINES, built_in

PACKAGE = Path(__file__).parent.parent / "cleaner"
LONG = 2_000
"""Code points: so many that what a quadratic expression takes for them is far above `NOISE`."""
TIMES = 4
"""The longer lines have so many times the length: a line takes 4 or 16 times as long, and no noise makes one of the other."""
MOST_RATIO = linear.MOST_RATIO**2
NOISE = 0.001
"""Seconds; what is faster is not quadratic at that length, and too fast to be measured."""
FILL = [" ", "a ", "1 ", ". ", '" ', "a", "1", ".", "-", ", ", "A b ", "a, ", "(", "“a ", "é "]
NEEDLES = 3


def hostile(pattern: re.Pattern[str], length: int) -> list[str]:
    """Lines that begin as the pattern does and go on with what it repeats, without an end that fits."""
    found = extract_needles(pattern.pattern) if isinstance(pattern.pattern, str) else None
    needles = sorted(found.pieces)[:NEEDLES] if found is not None else []
    lines = []
    for fill in [*FILL, *needles, *(f"{needle} " for needle in needles)]:
        body = (fill * (length // len(fill) + 1))[:length]
        lines += [f"{body}\x00", *(f"{needle}{body}\x00" for needle in needles[:2])]
    return lines


def seconds(pattern: re.Pattern[str], line: str, *, anywhere: bool) -> float:
    text = line.encode() if isinstance(pattern.pattern, bytes) else line
    start = time.process_time()
    (pattern.search if anywhere else pattern.match)(text)
    return time.process_time() - start


def assert_linear(pattern: re.Pattern[str], *, anywhere: bool) -> None:
    for short, long in zip(hostile(pattern, LONG), hostile(pattern, TIMES * LONG), strict=True):
        if seconds(pattern, short, anywhere=anywhere) > NOISE:
            runs = (partial(seconds, pattern, line, anywhere=anywhere) for line in (short, long))
            ratio = linear.ratio(*runs, MOST_RATIO)
            assert ratio <= MOST_RATIO, f"{ratio:.1f} times as long for {TIMES} times {long[:40]!r}: {pattern.pattern}"


@pytest.mark.parametrize("rule", built_in().rules, ids=lambda rule: rule.code)
def test_patterns_are_linear(rule: Rule) -> None:
    whole_lines = rule.detect in WHOLE_LINES
    for _, pattern in rule.patterns:
        assert_linear(pattern, anywhere=not whole_lines)
    for term in (*rule.terms.values(), rule.unless, rule.topic):
        if term is not None:
            assert_linear(term, anywhere=True)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.stem)
def test_expressions_of_modules_are_linear(path: Path) -> None:
    if path.stem == "__main__":
        return
    module = import_module(".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"))
    source = path.read_text("utf-8")
    for name, pattern in vars(module).items():
        if isinstance(pattern, re.Pattern):
            anywhere = re.search(rf"\b{name}\.(?:search|sub|split|finditer|findall)\b", source) is not None
            assert_linear(pattern, anywhere=anywhere)


@pytest.mark.parametrize("pattern", ["a*b", r"\s+x", r"(?:a |\. )*x"])
def test_a_quadratic_expression_is_found(pattern: str) -> None:
    with pytest.raises(AssertionError, match="times as long"):
        assert_linear(re.compile(pattern), anywhere=True)


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("BIO002", "Send tips to news" + "a" * 700 + "@" * 700 + " " + "x " * 40),
        ("BIO002", "Contact reporter, on " + "@" * 280 + " " + "x" * 201),
        ("BYL004", "Reporting by A" + "& A" * 60 + "!"),
        ("CAP001", "Photo: A" + "&A" * 60 + "!"),
        ("CAP003", "It rained. Credit… A" + "&A" * 60 + "!"),
        ("CAP008", "AP/" + "A" * 3_000 + "!"),
        ("CAP009", "Photo by A" + "&A" * 60 + "!"),
        ("FBK001", "Are you there? Email us " + "@" * 280 + " " + "x" * 161),
        ("FBK001", "Have a tip? Email " + "@" * 280 + " " + "x" * 161),
        ("FBK001", "Habt ihr Fragen? Schick" + "@" * 280 + " " + "x" * 201),
        ("LEG002", "Source: A" + "&A" * 60 + "!"),
        ("LIV003", "10:45A" + ("-" * 100 + "A") * 3 + "-" * 90 + "!"),
        ("NAV001", "Pages 1   2" + "   3" * 12 + "!"),
        ("SHR002", "Share" + " flipboard" * 60 + "!"),
    ],
)
def test_lines_on_which_rules_took_seconds_to_hours(code: str, line: str) -> None:
    rule = built_in()[code]
    took = sum(seconds(pattern, line, anywhere=rule.detect in SEARCHED) for _, pattern in rule.patterns)
    assert took < 0.1


KINDS = ["repeated title", "list items behind the article", "candidate names", "desks"]
"""Kinds that once took the square of their length."""


@pytest.mark.parametrize("kind", KINDS)
def test_whole_texts_take_linear_time(kind: str, cleaner: Cleaner) -> None:
    assert linear.ratio_of(cleaner, kind, lines=2_000) <= linear.MOST_RATIO
