"""Every rule proves itself on the texts in its own table."""

from __future__ import annotations

import re

import pytest

from cleaner.config import PROFILES, Config
from cleaner.detect import detector_of
from cleaner.model import Finding, Rule
from cleaner.pipeline import Cleaner
from cleaner.registry import CATEGORIES, PATTERN_KINDS, built_in
from cleaner.segment import Hints

RULES = built_in().rules
HEAD = "The ferry to the islands will go every ten minutes until the spring, and it will be free for all who live there."
TAIL = "The council meets on Friday to talk about what the repairs will cost the town, said one of its members last night."
by_code = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)


ALL = Cleaner(Config(profile="thorough"))


def findings(rule: Rule, text: str, hints: Hints = ()) -> list[Finding]:
    """What the rule claims in any round, whether another rule's claim is preferred or not."""
    return [finding for finding in ALL.findings(text, hints) if finding.rule.code == rule.code]


@by_code
def test_examples(rule: Rule) -> None:
    for example in rule.examples:
        found = findings(rule, example.text, example.hints)
        if rule.detect.startswith("layout."):
            found = [edit.finding for edit in ALL.clean(example.text).edits if edit.finding.rule.code == rule.code]
        assert found, f"nothing found in {example.text!r}"
        if example.clean is not None:
            assert ALL.clean(example.text).text == example.clean
        covered = [example.text[finding.start : finding.end] for finding in found]
        for removed in example.removed:
            assert any(removed in text for text in covered), f"{removed!r} is not among {covered!r}"


@by_code
def test_counterexamples(rule: Rule) -> None:
    # Below the default threshold a finding is only a suggestion, unless the rule makes nothing else.
    least = min(PROFILES["default"], rule.confidence)
    for text in rule.counterexamples:
        for surroundings in (text, f"{text}\n\n{HEAD}\n\n{TAIL}", f"{HEAD}\n\n{TAIL}\n\n{text}"):
            if "\n" in text and surroundings != text:
                continue
            found = [finding for finding in findings(rule, surroundings) if finding.confidence >= least]
            assert not found, f"{found[0].evidence} in {surroundings!r}"


@by_code
def test_every_phrase_is_found(rule: Rule) -> None:
    if rule.detect != "line":
        return
    for phrase in rule.phrases:
        before, after = ("", f"\n\n{HEAD}\n\n{TAIL}") if rule.zones == ("head",) else (f"{HEAD}\n\n{TAIL}\n\n", "")
        assert findings(rule, f"{before}{phrase.capitalize()}{after}"), phrase


@by_code
def test_every_pattern_has_an_example_of_its_own_language(rule: Rule) -> None:
    """A pattern that no example needs is either wrong or untested."""
    if rule.detect not in PATTERN_KINDS:
        return
    texts = [line.strip() for example in rule.examples for line in example.text.split("\n") if line.strip()]
    languages = {language for language, _ in rule.patterns}
    for language in languages:
        patterns = [pattern for other, pattern in rule.patterns if other == language]
        hits = [pattern for pattern in patterns if any(_matches(rule, pattern, text) for text in texts)]
        missing = [pattern.pattern[:80] for pattern in patterns if pattern not in hits]
        assert not missing, f"{language}: no example for {missing}"


def _matches(rule: Rule, pattern: re.Pattern[str], text: str) -> bool:
    if rule.detect == "inline":
        return pattern.search(text) is not None
    return pattern.match(re.sub(r"^[-*•]\s+", "", text)) is not None


@by_code
def test_form(rule: Rule) -> None:
    assert rule.category in CATEGORIES
    assert callable(detector_of(rule))
    for text in (rule.what, rule.why, rule.limits):
        assert text[0].isupper() or text[0] == "“", text
        assert text.endswith((".", ".”")), text
    assert not rule.name.startswith(("no-", "remove-", "is-")), "the name says what is found"


@by_code
def test_an_unsure_rule_says_why(rule: Rule) -> None:
    if rule.confidence < PROFILES["default"]:
        assert rule.measured


def test_every_category_has_a_rule() -> None:
    assert {rule.category for rule in RULES} == set(CATEGORIES)


def test_rules_are_sorted_in_their_files() -> None:
    codes = [rule.code for rule in RULES]
    assert codes == sorted(codes)
    assert len({rule.name for rule in RULES}) == len(RULES)
