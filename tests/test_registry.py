"""Loading rule packs: what is refused, and how the message names it."""

from __future__ import annotations

import ast
import copy
import pickle
import re
import runpy
import time
from pathlib import Path

import pytest

from cleaner.config import Config
from cleaner.model import RuleError
from cleaner.packs import built_in_packs, digest_of_built_in
from cleaner.pipeline import Cleaner, select
from cleaner.prefilter import SHIPPED
from cleaner.registry import SEARCHED, built_in, load, parse

ROOT = Path(__file__).parent.parent

RULE = {
    "code": '"MINE001"',
    "name": '"house-line"',
    "detect": '"line"',
    "pattern": "'our house line'",
    "confidence": "0.95",
    "what": '"A line of the house."',
    "why": '"It is printed under all texts."',
    "limits": '"None."',
    "examples": '[{ text = "Rain fell.\\nOur house line", removed = "Our house line" }]',
    "counterexamples": '["The house line.", "My house."]',
}


def pack(tmp_path: Path, **changes: str | None) -> Path:
    table = {**RULE, **changes}
    path = tmp_path / "mine.toml"
    path.write_text("[[rule]]\n" + "".join(f"{key} = {value}\n" for key, value in table.items() if value is not None), "utf-8")
    return path


def test_a_pack_of_ones_own(tmp_path: Path) -> None:
    cleaner = Cleaner(Config(extend_rules=(str(pack(tmp_path)),)))
    assert cleaner.clean("Rain fell.\n\nOur house line\n\nMore rain.").text == "Rain fell.\n\nMore rain.\n"
    assert "MINE001" not in {rule.code for rule in built_in().rules}


def test_a_pack_uses_a_detector_with_marks_of_its_own(tmp_path: Path) -> None:
    card = "Gov. Jane RoeJane Marie RoeGovernor doubles down on bridge WEITER (R) said on Monday that it would stay closed."
    example = f'[{{ text = "{card}", clean = "Gov. Jane Roe (R) said on Monday that it would stay closed.\\n" }}]'
    terms = {"pattern": None, "terms.end": r"'WEITER(?=\s)'", "max_words": "400", "examples": example}
    cleaner = Cleaner(Config(extend_rules=(str(pack(tmp_path, detect='"embeds.hover_card"', **terms)),)))
    assert [edit.finding.rule.code for edit in cleaner.clean(card).edits][:1] == ["MINE001"]


def test_a_pack_joins_the_built_in_rules_as_they_are(tmp_path: Path) -> None:
    rules = load([pack(tmp_path)])
    assert rules["REL001"] is built_in()["REL001"]
    assert len({rules.digest, load([pack(tmp_path, why='"Another."')]).digest, built_in().digest}) == 3


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"colour": '"red"'}, "MINE001: unknown key 'colour'"),
        ({"patern": "'x'"}, "unknown key 'patern'; did you mean 'pattern'?"),
        ({"why": None}, "MINE001: missing key 'why'"),
        ({"why": '""'}, "missing key 'why'"),
        ({"confidence": '"high"'}, "confidence must be float, not str"),
        ({"confidence": "1.5"}, "confidence must lie above 0"),
        ({"code": '"x1"'}, "a code is"),
        ({"code": '"MINE\\n\\u001B[31m"'}, r"MINE\n\x1b[31m: a code is"),
        ({"phrases": '{ "e\\rn" = 1 }'}, r"phrases.e\rn must be a list of texts"),
        ({"code": '"REL001"'}, "REL001: code is used twice"),
        ({"name": '"also-read-link"'}, "name 'also-read-link' is used twice, first by REL001"),
        ({"name": '"House Line"'}, "not lower case words"),
        ({"pattern": "'our ('"}, "bad expression 'our ('"),
        ({"pattern": "'(?:house)?'"}, "matches the empty text"),
        ({"pattern": "'(?:a+)+b'"}, "repeats a repetition"),
        ({"pattern": "'(?:(?:x|y*)z)*b'"}, "repeats a repetition"),
        ({"pattern": "'(?:x|xy|y)*b'"}, "mine.toml: MINE001: pattern.any: '(?:x|xy|y)*b' takes exponential time"),
        ({"pattern": "['house', '.*a.*b.*c$']"}, "pattern.any: '.*a.*b.*c$' takes time with the cube of a line's length"),
        (
            {"pattern": "'\\w+ house'", "detect": '"inline"'},
            "pattern.any: '\\\\w+ house' takes time with the square of a line's length",
        ),
        ({"pattern": "'\\w+\\w+ house'", "detect": '"live.number"'}, "takes time with the square of a line's length"),
        ({"topic": "'\\w+ house'"}, "topic: '\\\\w+ house' takes time with the square"),
        ({"unless": "['house', '\\w+\\w+ house']"}, "unless: '\\\\w+\\\\w+ house' takes time with the cube"),
        ({"terms": "{ place = '\\w+ house' }"}, "terms.place: '\\\\w+ house' takes time with the square"),
        ({"pattern": None}, "needs a pattern or phrases"),
        ({"examples": "[]"}, "missing key 'examples'"),
        ({"examples": '[{ text = "Rain." }]'}, "an example says what is removed"),
        ({"examples": '[{ text = "Rain.", removed = "Snow." }]'}, "does not stand in the text"),
        ({"counterexamples": '["One."]'}, "at least 2 counterexamples"),
        ({"zones": '["middle"]'}, "zones are some of head, body, tail"),
        ({"keeps": '"writer"'}, "keeps names no metadata field: 'writer'"),
        ({"detect": '"captions.nothing"'}, "MINE001: there is no detector 'captions.nothing'"),
        ({"detect": '"captions._run"'}, "there is no detector"),
        ({"detect": '"os.system"'}, "there is no detector"),
        ({"phrases": '{ en = ["Our house", "Our house"] }'}, "'Our house' stands twice"),
        ({"phrases": '{ en = ["…"] }'}, "has no words"),
        ({"max_words": "2", "phrases": '{ en = ["one two three"] }'}, "more words than max_words allows"),
        ({"unless": "'('"}, "unless: bad expression"),
        ({"terms": "{ place = '(' }"}, "terms.place: bad expression"),
    ],
)
def test_what_is_refused(tmp_path: Path, changes: dict[str, str | None], message: str) -> None:
    path = pack(tmp_path, **changes)
    with pytest.raises(RuleError, match=re.escape(message)) as caught:
        Cleaner(Config(extend_rules=(str(path),)))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [("rule = 1", "rules stand in"), ("[[rules]]", "unknown key 'rules'"), ("[[rule]", "not a TOML file")],
)
def test_what_is_no_pack(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(RuleError, match=re.escape(f"{path}: ")) as caught:
        load([path])
    assert message in str(caught.value)


MANY = range(20_000)
LARGE = {
    "phrases": {"phrases": "{ en = [" + ", ".join(f"'our line {at}'" for at in MANY) + "] }"},
    "beginnings with hints": {
        "examples": '[{ text = "'
        + "\\n".join(f"{at}" for at in MANY)
        + '", removed = "7", hints = { '
        + ", ".join(f'"{at}" = ["x"]' for at in MANY)
        + " } }]"
    },
    "hints of each line": {
        "examples": '[{ text = "'
        + "\\n".join(f"a{at}" for at in MANY)
        + '", removed = "a7", hints = { a = ['
        + ", ".join("'x'" for _ in MANY)
        + "] } }]"
    },
}


@pytest.mark.parametrize("kind", LARGE)
def test_large_packs_are_loaded_in_proportion_to_their_size(kind: str, tmp_path: Path) -> None:
    path = pack(tmp_path, **LARGE[kind])
    started = time.process_time()
    assert load([path])["MINE001"].name == "house-line"
    assert time.process_time() - started < 3  # seconds; some tenths, where the square of the size took ten to hundred


def test_hints_stand_in_the_order_of_their_table(tmp_path: Path) -> None:
    example = '{ text = "ab\\n\\nabc", removed = "ab", hints = { ab = ["z", "y"], "" = ["x"], a = ["w"] } }'
    (read,) = load([pack(tmp_path, examples=f"[{example}]")])["MINE001"].examples
    assert read.hints == ((0, ("z", "y", "x", "w")), (3, ("x",)), (4, ("z", "y", "x", "w")))


def test_a_missing_pack_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="nowhere.toml: cannot be read: no such file or directory"):
        load([tmp_path / "nowhere.toml"])


def codes(**settings: tuple[str, ...]) -> set[str]:
    return {rule.code for rule in select(built_in(), Config(**settings))}


def test_selection() -> None:
    every = {rule.code for rule in built_in().rules}
    rel = {code for code in every if code.startswith("REL")}
    assert codes() == every
    assert codes(select=("REL",)) == rel
    assert codes(ignore=("REL",)) == every - rel
    assert codes(ignore=("REL",), extend_select=("REL001",)) == every - rel | {"REL001"}
    assert codes(select=("REL001",), ignore=("REL001",)) == set()
    assert codes(select=("REL",), extend_select=("TTL001",), ignore=("REL001",)) == rel - {"REL001"} | {"TTL001"}


def test_an_unknown_selector_names_the_nearest() -> None:
    with pytest.raises(RuleError, match="ignore: unknown rule 'RELL'; did you mean 'REL'?"):
        codes(ignore=("RELL",))


def test_rules_are_found_by_code_and_by_name() -> None:
    assert built_in().find("rel001") is built_in().find("also-read-link") is built_in()["REL001"]
    with pytest.raises(RuleError, match="did you mean 'REL001'"):
        built_in().find("also-red-link")


@pytest.mark.parametrize(("label", "path"), built_in_packs(), ids=lambda value: value if isinstance(value, str) else "")
def test_the_built_in_packs_pass_every_check(label: str, path: Path) -> None:
    for rule in parse(label, path.read_bytes()):
        trusted = built_in()[rule.code]
        assert [(language, pattern.pattern, pattern.flags) for language, pattern in trusted.patterns] == [
            (language, pattern.pattern, pattern.flags) for language, pattern in rule.patterns
        ]


def test_heuristics_that_search_are_known_to_do_so() -> None:
    for path in (ROOT / "cleaner" / "detect").glob("*.py"):
        for function in ast.parse(path.read_text("utf-8")).body:
            calls = {ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call)}
            if isinstance(function, ast.FunctionDef) and calls & {"pattern.search", "pattern.finditer"}:
                name = function.name if path.stem == "patterns" else f"{path.stem}.{function.name}"
                rules = {rule.detect for rule in built_in().rules if rule.detect == name and rule.patterns}
                assert rules <= SEARCHED, f"{name} looks for its patterns anywhere in a line; say so in SEARCHED"


def test_the_shipped_needles_are_fresh() -> None:
    shipped = runpy.run_path(str(ROOT / "tools" / "needles.py"))["shipped"]()
    assert (ROOT / "cleaner" / SHIPPED).read_text("utf-8") == shipped, "run `make generated`"


def test_the_digest_needs_no_rules() -> None:
    assert digest_of_built_in() == built_in().digest


def test_copies_of_a_rule_are_equal() -> None:
    rule = built_in()["REL001"]
    assert copy.deepcopy(rule) == rule
    assert pickle.loads(pickle.dumps(rule)).patterns == rule.patterns
    assert built_in()["REL002"].patterns != rule.patterns
