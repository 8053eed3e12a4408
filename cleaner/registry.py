"""Load and validate rules. A rule is one TOML table; nothing about it stands anywhere else."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, cached_property, partial
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cleaner.model import PHRASE_WORDS, ZONES, Example, Metadata, Patterns, Rule, RuleError, on_one_line, plain
from cleaner.packs import built_in_packs, take_in
from cleaner.reading import MAX_TOML_BYTES, UnreadableError, parse_toml, read_regular

if TYPE_CHECKING:
    from hashlib import _Hash as Digest

CODE = re.compile(r"[A-Z]{3,8}[0-9]{3}")
NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LEAST_COUNTEREXAMPLES = 2

PATTERN_KINDS: Mapping[str, str] = {
    "line": "whole lines",
    "apart": "whole lines that stand apart",
    "block": "whole blocks",
    "inline": "parts of lines",
}
"""What the patterns of a rule without a heuristic of its own are held against."""
WHOLE_LINES = frozenset(PATTERN_KINDS.keys() - {"inline"})
"""Kinds whose patterns match from the start of a line of some hundred characters, which `unless` looks at, too."""
SEARCHED = frozenset({"inline", "captions.credited", "markup.tags"})
"""Kinds and heuristics that look for their patterns anywhere in a line; all others match them at its start."""

CATEGORIES: Mapping[str, str] = {
    "FRM": "content-farm frame",
    "BIO": "author bios and contacts",
    "BYL": "bylines and datelines",
    "TIM": "dates, updates, reading time",
    "CNT": "views, ratings, votes, shares",
    "REL": "related and recirculated links",
    "CAP": "captions and credits",
    "TTL": "repeated titles and teasers",
    "TAG": "tag lists, sections, breadcrumbs",
    "SHR": "share and follow",
    "NWS": "newsletters, apps, alerts",
    "PAY": "paywall and login",
    "ADV": "ad markers",
    "AFF": "commerce disclosures",
    "CKE": "cookies and consent",
    "LEG": "copyright and agency notices",
    "CMT": "comments",
    "MED": "players and embeds",
    "NAV": "navigation",
    "ERR": "interface errors",
    "FBK": "feedback and donations",
    "PUB": "publisher boilerplate",
    "LIV": "tickers and widgets",
    "MKP": "markup debris",
    "NRM": "normalization",
    "GLU": "joined words",
}
"""The categories of the built-in rules. Packs may add their own by their codes."""

_REQUIRED: Mapping[str, type | tuple[type, ...]] = {
    "code": str,
    "name": str,
    "detect": str,
    "confidence": float,
    "what": str,
    "why": str,
    "limits": str,
    "examples": list,
    "counterexamples": list,
}
_OPTIONAL: Mapping[str, type | tuple[type, ...]] = {
    "phrases": dict,
    "pattern": (str, list, dict),
    "unless": (str, list),
    "topic": (str, list),
    "terms": dict,
    "zones": list,
    "min_words": int,
    "max_words": int,
    "alone": bool,
    "reported": bool,
    "keeps": str,
    "flag": str,
    "measured": str,
}


@dataclass(frozen=True)
class RuleSet:
    """All rules of a run, sorted by code, and the digest of the files they came from."""

    rules: tuple[Rule, ...]
    digest: str

    def __getitem__(self, code: str) -> Rule:
        return self._by_code[code]

    @cached_property
    def _by_code(self) -> dict[str, Rule]:
        return {rule.code: rule for rule in self.rules}

    def matching(self, selectors: Iterable[str], where: str) -> frozenset[str]:
        """Codes that the selectors name: `ALL`, a prefix such as `REL`, or a whole code.

        Raises `RuleError` for a selector that names nothing, with the nearest one that does.
        """
        codes = {rule.code for rule in self.rules}
        found: set[str] = set()
        for selector in selectors:
            chosen = codes if selector == "ALL" else {code for code in codes if code.startswith(selector)} if selector else set()
            if not chosen:
                raise RuleError(f"{where}: unknown rule {selector!r}{self._nearest(selector)}")
            found |= chosen
        return frozenset(found)

    def _nearest(self, selector: str) -> str:
        """The end of the message about an unknown rule: the code that was probably meant."""
        codes = sorted({rule.code for rule in self.rules} | {rule.category for rule in self.rules})
        names = {rule.name: rule.code for rule in self.rules}
        near = get_close_matches(selector.upper(), codes, 1)
        near = near or [names[name] for name in get_close_matches(selector.lower(), list(names), 1)]
        return f"; did you mean {near[0]!r}?" if near else "; `cleaner rule` lists them"

    def of_category(self, category: str) -> tuple[Rule, ...]:
        """The rules of the category with this code, such as `REL`; none if there is no such category."""
        return tuple(rule for rule in self.rules if rule.category == category)

    def find(self, word: str) -> Rule:
        """The rule with this code or name. Raises `RuleError` if there is none."""
        for rule in self.rules:
            if word.upper() == rule.code or word.lower() == rule.name:
                return rule
        raise RuleError(f"unknown rule {word!r}{self._nearest(word)}")


def built_in() -> RuleSet:
    """The rules that come with the package."""
    return _built_in()[0]


@cache
def _built_in() -> tuple[RuleSet, Digest]:
    """The built-in rules, and the state of the digest behind their files, with which that of a pack goes on."""
    digest = hashlib.sha256()
    rules = _extended((), built_in_packs(), digest, trusted=True)
    return rules, digest


def load(packs: Sequence[Path]) -> RuleSet:
    """The built-in rules and those of further packs (TOML files).

    Raises `RuleError`, naming file and code, when a pack cannot be read or a rule is not valid.
    """
    own, digest = _built_in()
    return _extended(own.rules, [(str(path), path) for path in packs], digest.copy())


def _extended(own: Iterable[Rule], packs: Iterable[tuple[str, Traversable]], digest: Digest, *, trusted: bool = False) -> RuleSet:
    """The rules and those of the packs, each with the label of its errors; the digest takes in what is read.

    Expressions of trusted packs, which the tests have checked, are compiled when they are needed.
    """
    rules = {rule.code: rule for rule in own}
    names = {rule.name: rule.code for rule in rules.values()}
    for label, path in packs:
        data = _read(label, path)
        take_in(digest, data)
        for rule in parse(label, data, trusted=trusted):
            if rule.code in rules:
                raise RuleError(f"{label}: {rule.code}: code is used twice")
            if rule.name in names:
                raise RuleError(f"{label}: {rule.code}: name {rule.name!r} is used twice, first by {names[rule.name]}")
            rules[rule.code] = rule
            names[rule.name] = rule.code
    return RuleSet(tuple(rules[code] for code in sorted(rules)), digest.hexdigest())


def _read(label: str, path: Traversable) -> bytes:
    try:
        return read_regular(path, MAX_TOML_BYTES, "a rule pack") if isinstance(path, Path) else path.read_bytes()
    except UnreadableError as error:
        raise RuleError(f"{label}: {error}") from error


def parse(label: str, data: bytes, *, trusted: bool = False) -> list[Rule]:
    """The rules of a pack; see `load`. Expressions of a trusted one are not checked and compiled late."""
    try:
        tables = parse_toml(data)
    except UnreadableError as error:
        raise RuleError(f"{label}: {error}") from error
    for key in tables:
        if key != "rule":
            raise RuleError(f"{label}: unknown key {key!r}; rules stand in [[rule]] tables")
    rules = tables.get("rule", [])
    if not isinstance(rules, list) or not all(isinstance(table, dict) for table in rules):
        raise RuleError(f"{label}: rules stand in [[rule]] tables")
    return [_rule(label, at, table, trusted=trusted) for at, table in enumerate(rules, 1)]


def _rule(label: str, at: int, table: dict[str, Any], *, trusted: bool) -> Rule:
    code = table.get("code")
    where = f"{label}: {code if isinstance(code, str) else f'rule {at}'}"

    def refuse(reason: str) -> RuleError:
        return RuleError(on_one_line(f"{where}: {reason}"))

    known = {**_REQUIRED, **_OPTIONAL}
    for key, value in table.items():
        if key not in known:
            near = get_close_matches(key, known, 1)
            raise refuse(f"unknown key {key!r}{f'; did you mean {near[0]!r}?' if near else ''}")
        kind = known[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            wanted = kind.__name__ if isinstance(kind, type) else " or ".join(one.__name__ for one in kind)
            raise refuse(f"{key} must be {wanted}, not {type(value).__name__}")
    for key in _REQUIRED:
        if key not in table or table[key] in ("", []):
            raise refuse(f"missing key {key!r}")
    if not CODE.fullmatch(table["code"]):
        raise refuse("a code is three to eight capitals and three digits")
    if not NAME.fullmatch(table["name"]):
        raise refuse(f"name {table['name']!r} is not lower case words with hyphens")
    if not 0 < table["confidence"] <= 1:
        raise refuse("confidence must lie above 0 and not above 1")
    zones = table.get("zones", list(ZONES))
    if not zones or any(zone not in ZONES for zone in zones):
        raise refuse(f"zones are some of {', '.join(ZONES)}")
    keeps = table.get("keeps", "")
    if keeps and keeps not in Metadata.__dataclass_fields__:
        raise refuse(f"keeps names no metadata field: {keeps!r}")
    if len(table["counterexamples"]) < LEAST_COUNTEREXAMPLES or not all(
        isinstance(text, str) for text in table["counterexamples"]
    ):
        raise refuse(f"at least {LEAST_COUNTEREXAMPLES} counterexamples, each a text")

    sources = [
        (language, part)
        for language, source in _by_language(table.get("pattern", {})).items()
        for part in (source if isinstance(source, list) else [source])
    ]
    compiled = partial(_compile, refuse, trusted=trusted)
    if not trusted:
        place = {"anywhere": table["detect"] in SEARCHED, "bounded": table["detect"] in WHOLE_LINES}
        for language, part in sources:
            compiled(f"pattern.{language}", part, **place)
    patterns = Patterns((language, _bounded(part)) for language, part in sources)
    phrases = _phrases(refuse, table.get("phrases", {}))
    if table["detect"] in PATTERN_KINDS and not patterns and not phrases:
        raise refuse(f"detect = {table['detect']!r} needs a pattern or phrases")
    too_long = next((phrase for phrase in phrases if len(phrase.split()) > table.get("max_words", 40)), None)
    if too_long is not None:
        raise refuse(f"the phrase {too_long!r} has more words than max_words allows")
    return Rule(
        code=table["code"],
        name=table["name"],
        detect=table["detect"],
        phrases=phrases,
        patterns=patterns,
        confidence=table["confidence"],
        what=table["what"],
        why=table["why"],
        limits=table["limits"],
        examples=tuple(_example(refuse, example) for example in table["examples"]),
        counterexamples=tuple(table["counterexamples"]),
        zones=tuple(zone for zone in ZONES if zone in zones),
        unless=compiled("unless", table["unless"], anywhere=True, bounded=True) if "unless" in table else None,
        topic=compiled("topic", table["topic"], anywhere=True) if "topic" in table else None,
        min_words=table.get("min_words", 1),
        max_words=table.get("max_words", 40),
        alone=table.get("alone", False),
        reported=table.get("reported", False),
        keeps=keeps,
        flag=table.get("flag", ""),
        terms={name: compiled(f"terms.{name}", source, anywhere=True) for name, source in table.get("terms", {}).items()},
        measured=table.get("measured", ""),
    )


def _by_language(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {"any": value}


def _phrases(refuse: Any, table: dict[str, Any]) -> dict[str, str]:
    phrases: dict[str, str] = {}
    for language, texts in table.items():
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise refuse(f"phrases.{language} must be a list of texts")
        counts = Counter(texts)
        for text in texts:
            key = plain(text)
            if not key:
                raise refuse(f"phrases.{language}: {text!r} has no words")
            if len(key.split()) > PHRASE_WORDS:
                raise refuse(f"phrases.{language}: {text!r} is longer than {PHRASE_WORDS} words; use a pattern")
            if phrases.setdefault(key, language) == language and counts[text] > 1:
                raise refuse(f"phrases.{language}: {text!r} stands twice")
    return phrases


_SPACES = re.compile(r"(?<!\\)\\s([*+])")
"""In patterns `\\s*` and `\\s+` stand for three characters at most. Normalization leaves no longer runs in lines,
and hostile runs would cost the square or the cube of their length where two of these follow each other."""


def _bounded(source: str) -> str:
    return _SPACES.sub(lambda found: "\\s{0,3}" if found[1] == "*" else "\\s{1,3}", source)


def _compile(
    refuse: Any, key: str, source: Any, *, anywhere: bool, bounded: bool = False, trusted: bool = False
) -> re.Pattern[str]:
    """One expression of a string or of a list of alternatives; case does not matter unless it says so."""
    parts = source if isinstance(source, list) else [source]
    if not parts or not all(isinstance(part, str) and part for part in parts):
        raise refuse(f"{key} must be an expression or a list of them")
    parts = [_bounded(part) for part in parts]
    try:
        if not trusted:
            from cleaner.backtracking import checked

            for part in parts:
                checked(part, re.IGNORECASE, anywhere=anywhere, bounded=bounded)
        return re.compile("|".join(f"(?:{part})" for part in parts) if len(parts) > 1 else parts[0], re.IGNORECASE)
    except (ValueError, re.error) as error:
        raise refuse(f"{key}: {error}") from error


def _example(refuse: Any, example: Any) -> Example:
    if (
        not isinstance(example, dict)
        or not isinstance(example.get("text"), str)
        or not example.keys() <= {"text", "removed", "clean", "hints"}
    ):
        raise refuse("an example is a table of text and removed or clean, and of hints from markup if need be")
    removed = example.get("removed", [])
    if isinstance(removed, str):
        removed = [removed]
    clean = example.get("clean")
    if not removed and clean is None:
        raise refuse("an example says what is removed, or what is left as clean")
    if any(not isinstance(text, str) or text not in example["text"] for text in removed):
        raise refuse(f"example: the removed text does not stand in the text: {removed!r}")
    return Example(example["text"], tuple(removed), clean, _example_hints(refuse, example))


def _example_hints(refuse: Any, example: dict[str, Any]) -> tuple[tuple[int, tuple[str, ...]], ...]:
    """The hints of an example's lines, written as a table from the beginning of a line to a list of hints."""
    told = example.get("hints", {})
    if not isinstance(told, dict) or not all(
        isinstance(hints, list) and all(isinstance(hint, str) for hint in hints) for hints in told.values()
    ):
        raise refuse("example: hints is a table of lists of texts")
    order = {beginning: at for at, beginning in enumerate(told)}
    lengths = sorted(set(map(len, told)))
    of_beginnings: dict[tuple[str, ...], tuple[str, ...]] = {}
    found = []
    offset = 0
    missing = set(told)
    for line in example["text"].split("\n") if told else ():
        beginnings = (line[:length] for length in lengths[: bisect_right(lengths, len(line))])
        fitting = tuple(sorted((beginning for beginning in beginnings if beginning in told), key=order.__getitem__))
        if fitting not in of_beginnings:
            of_beginnings[fitting] = tuple(hint for beginning in fitting for hint in told[beginning])
            missing -= set(fitting)
        found.append((offset, of_beginnings[fitting]))
        offset += len(line) + 1
    if missing:
        raise refuse(f"example: no line begins with {min(missing)!r}")
    return tuple(found)
