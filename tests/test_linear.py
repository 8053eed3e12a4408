"""No pattern takes long on lines that were made to trap it."""

from __future__ import annotations

import re
import time

import pytest

from cleaner.detect.patterns import MAX_CHARACTERS, MAX_CHARACTERS_PER_WORD
from cleaner.model import Rule
from cleaner.prefilter import needles_of
from cleaner.registry import PATTERN_KINDS, built_in

LONG = 20_000
"""Code points; patterns that look into lines of any length are tried on so many."""
SECONDS = 0.25
"""Far above what a linear pattern needs, far below what a quadratic one does at that length."""
FILL = [" ", "a ", "1 ", ". ", '" ', "a", "1", ".", "-", ", ", "A b ", "a, ", "(", "“a ", "é "]
NEEDLES = 6


def hostile(pattern: re.Pattern[str], length: int) -> list[str]:
    """Lines that begin as the pattern does and go on with what it repeats, without an end that fits."""
    needles = sorted(needles_of(pattern) or ())[:NEEDLES]
    lines = []
    for fill in [*FILL, *needles, *(f"{needle} " for needle in needles)]:
        body = (fill * (length // len(fill) + 1))[:length]
        lines += [f"{body}\x00", *(f"{needle}{body}\x00" for needle in needles[:2])]
    return lines


def seconds(pattern: re.Pattern[str], line: str, *, anywhere: bool) -> float:
    start = time.process_time()
    (pattern.search if anywhere else pattern.match)(line)
    return time.process_time() - start


@pytest.mark.parametrize("rule", built_in().rules, ids=lambda rule: rule.code)
def test_patterns_are_linear(rule: Rule) -> None:
    whole_lines = max(MAX_CHARACTERS, rule.max_words * MAX_CHARACTERS_PER_WORD)
    is_bounded = rule.detect in PATTERN_KINDS and rule.detect != "inline"
    tried = [(pattern, whole_lines if is_bounded else LONG, not is_bounded) for _, pattern in rule.patterns]
    tried += [(term, LONG, True) for term in (*rule.terms.values(), rule.unless, rule.topic) if term is not None]
    for pattern, length, anywhere in tried:
        for line in hostile(pattern, length):
            taken = seconds(pattern, line, anywhere=anywhere)
            assert taken < SECONDS, f"{taken:.2f} s for {line[:40]!r}: {pattern.pattern}"
