"""How findings are shown: lines for people, JSON, SARIF and workflow annotations for programs."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from cleaner._version import __version__
from cleaner.model import NORMALIZING, Finding, Record, Result, Rule, on_one_line
from cleaner.registry import PATTERN_KINDS, RuleSet

MARKDOWN_EXAMPLES = 5
EXCERPT = 60
"""Characters of a finding's text that a message shows."""
BOLD, RED, PLAIN = "\x1b[1m", "\x1b[31m", "\x1b[0m"
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_FOREIGN = re.compile("[^\x00-\x7e]+")
SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


@dataclass(frozen=True, slots=True)
class Shown:
    """One finding with its place as editors count it (lines and columns from 1, in code points)."""

    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    rule: Rule
    text: str
    replacement: str
    confidence: float
    evidence: str
    places: int
    """How many findings of the file this one stands for; more than one for normalization only."""

    @property
    def message(self) -> str:
        """What was found, in one line."""
        name = self.rule.name.replace("-", " ")
        if self.places > 1:
            return f"{name} ({self.places} places)"
        lines = self.end_line - self.line + 1
        size = f" ({lines} lines)" if lines > 1 else ""
        if self.rule.category in NORMALIZING:
            return f"{name}: {printable(self.evidence, 2 * EXCERPT)}"
        return f"{name}{size}: “{printable(self.text, EXCERPT)}”"

    def entries(self) -> list[Any]:
        """All but the path, with the code of the rule, as JSON values."""
        return [
            self.line, self.column, self.end_line, self.end_column, self.rule.code,
            self.text, self.replacement, self.confidence, self.evidence, self.places,
        ]  # fmt: skip

    @classmethod
    def from_entries(cls, path: str, rules: RuleSet, entries: Sequence[Any]) -> Shown:
        """The finding of its entries. Raises `ValueError` or `KeyError` if they are none."""
        if tuple(map(type, entries)) != _ENTRIES:
            raise ValueError("these are no entries of a finding")
        line, column, end_line, end_column, code, *others = entries
        return cls(path, line, column, end_line, end_column, rules[code], *others)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "end_line": self.end_line,
            "end_column": self.end_column,
            "rule": self.rule.code,
            "name": self.rule.name,
            "category": self.rule.category,
            "message": self.message,
            "text": self.text,
            "replacement": self.replacement,
            "confidence": self.confidence,
            "evidence": self.evidence,
            "places": self.places,
        }


_ENTRIES = (int, int, int, int, str, str, str, float, str, int)
"""The types of `Shown.entries`."""


def shown(path: str, result: Result) -> list[Shown]:
    """The findings of one file that would be edits, in text order; normalization counts once per rule."""
    raw = result.raw
    position = _positions(raw)
    normal: dict[str, int] = Counter(edit.finding.rule.code for edit in result.edits if edit.finding.rule.category in NORMALIZING)
    seen: set[str] = set()
    rows = []
    for edit in result.edits:
        finding = edit.finding
        code = finding.rule.code
        if code in normal and code in seen:
            continue
        seen.add(code)
        rows.append(_shown(path, raw, position, finding, normal.get(code, 1)))
    return rows


def _shown(path: str, raw: str, position: Callable[[int], tuple[int, int]], finding: Finding, places: int) -> Shown:
    line, column = position(finding.start)
    end_line, end_column = position(finding.end)
    return Shown(
        path, line, column, end_line, end_column, finding.rule, raw[finding.start : finding.end],
        finding.replacement, finding.confidence, finding.evidence, places,
    )  # fmt: skip


def _positions(raw: str) -> Callable[[int], tuple[int, int]]:
    """A function from an offset to (line, column); offsets must not go back."""
    line, start, behind = 1, 0, 0

    def position(offset: int) -> tuple[int, int]:
        nonlocal line, start, behind
        if offset < behind:
            line, start, behind = 1, 0, 0
        line += raw.count("\n", behind, offset)
        newline = raw.rfind("\n", behind, offset)
        if newline >= 0:
            start = newline + 1
        behind = offset
        return line, offset - start + 1

    return position


def printable(text: str, length: int = sys.maxsize) -> str:
    """The text on one line, without control characters, not longer than `length`."""
    if not text.isprintable():
        text = "".join(char if char.isprintable() else " " for char in text)
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def name(path: str, length: int = 1000) -> str:
    """The name of a file on one line, with escapes for what would not be seen, so that no two names look the same."""
    text = on_one_line(path)
    return text if len(text) <= length else text[: length - 1] + "…"


def visible(text: str) -> str:
    """The text with signs in place of what would move the cursor, color the screen or turn the direction of writing."""
    return _UNSEEN.sub(_sign, text)


def _sign(found: re.Match[str]) -> str:
    code = ord(found[0])
    return chr(0x2400 + code) if code < 0x20 else "\N{SYMBOL FOR DELETE}" if code == 0x7F else "\N{REPLACEMENT CHARACTER}"


def to_json(value: Any, indent: int | None = None) -> str:
    """JSON of a value, with escapes in place of all characters that a terminal would not print, and of lone surrogates."""
    return plain_json(json.dumps(value, ensure_ascii=False, indent=indent))


def plain_json(text: str) -> str:
    """The same JSON, with such escapes."""
    return visible(_FOREIGN.sub(_escapes, text))


def _escapes(found: re.Match[str]) -> str:
    if found[0].isprintable():
        return found[0]
    return "".join(char if char.isprintable() else json.dumps(char)[1:-1] for char in found[0])


def as_text(rows: Iterable[Shown], *, verbose: bool = False, color: bool = False) -> Iterator[str]:
    """`path:line:column: CODE message` lines; with the reasons below them if `verbose`."""
    for row in rows:
        path, code = name(row.path), row.rule.code
        if color:
            path, code = f"{BOLD}{path}{PLAIN}", f"{RED}{code}{PLAIN}"
        yield f"{path}:{row.line}:{row.column}: {code} {row.message}"
        if verbose:
            yield f"    {printable(row.rule.what, 1000)}"
            yield f"    Here: {printable(row.evidence, 200)} (confidence {row.confidence:.2f})"


def as_json(rows: Iterable[Shown]) -> Iterator[str]:
    """One JSON array."""
    yield to_json([row.to_dict() for row in rows], indent=2)


def as_jsonl(rows: Iterable[Shown]) -> Iterator[str]:
    """A JSON object per line."""
    return (to_json(row.to_dict()) for row in rows)


def as_github(rows: Iterable[Shown]) -> Iterator[str]:
    """Workflow commands that annotate the lines of a pull request."""

    def escaped(text: str) -> str:
        return visible(text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A"))

    for row in rows:
        path = escaped(row.path).replace(",", "%2C").replace(":", "%3A")
        place = f"file={path},line={row.line},col={row.column},endLine={row.end_line}"
        yield f"::warning {place},title={row.rule.code} {row.rule.name}::{escaped(row.message)}"


def as_sarif(rows: Iterable[Shown]) -> Iterator[str]:
    """A SARIF 2.1.0 log."""
    rows = list(rows)
    rules = {row.rule.code: row.rule for row in rows}
    log = {
        "$schema": SARIF_SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "cleaner",
                        "semanticVersion": __version__,
                        "rules": [_sarif_rule(rules[code]) for code in sorted(rules)],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [_sarif_result(row) for row in rows],
            }
        ],
    }
    yield to_json(log, indent=2)


def _sarif_rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.code,
        "name": "".join(part.capitalize() for part in rule.name.split("-")),
        "shortDescription": {"text": rule.what},
        "fullDescription": {"text": f"{rule.what} {rule.why}"},
        "help": {"text": f"{rule.why} Limits: {rule.limits}"},
        "properties": {"category": rule.category, "confidence": rule.confidence},
    }


def _sarif_result(row: Shown) -> dict[str, Any]:
    return {
        "ruleId": row.rule.code,
        "level": "note" if row.rule.category in NORMALIZING else "warning",
        "message": {"text": row.message},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(row.path.replace("\\", "/"), errors="surrogateescape")},
                    "region": {
                        "startLine": row.line,
                        "startColumn": row.column,
                        "endLine": row.end_line,
                        "endColumn": row.end_column,
                    },
                }
            }
        ],
        "properties": {"confidence": row.confidence, "evidence": row.evidence},
    }


FORMATS: Mapping[str, Callable[[Iterable[Shown]], Iterator[str]]] = {
    "text": as_text,
    "json": as_json,
    "jsonl": as_jsonl,
    "sarif": as_sarif,
    "github": as_github,
}


class Statistics:
    """What a run did, by the code of the rule."""

    def __init__(self) -> None:
        self.edits: Counter[str] = Counter()
        self.words: Counter[str] = Counter()
        self.articles: Counter[str] = Counter()

    @classmethod
    def of(cls, result: Result) -> Statistics:
        """The statistics of one article."""
        statistics = cls()
        statistics.add(result)
        return statistics

    def add(self, result: Result) -> None:
        """Count the edits of one article."""
        self.add_record(result.record)

    def add_record(self, record: Record) -> None:
        """Count the edits that a record names."""
        for edit in record["edits"]:
            self.edits[edit["rule"]] += 1
            if not edit["replacement"]:
                self.words[edit["rule"]] += len(edit["removed"].split())
        self.articles.update({edit["rule"] for edit in record["edits"]})

    def update(self, other: Statistics) -> None:
        """Count what was counted elsewhere, too."""
        self.edits.update(other.edits)
        self.words.update(other.words)
        self.articles.update(other.articles)

    def to_dict(self) -> dict[str, dict[str, int]]:
        """The JSON form."""
        return {"edits": self.edits, "words": self.words, "articles": self.articles}

    @classmethod
    def from_dict(cls, data: Mapping[str, Mapping[str, int]]) -> Statistics:
        """The statistics of their JSON form. Raises `ValueError` or `KeyError` if it is none."""
        if not all(isinstance(number, int) for counts in data.values() for number in counts.values()):
            raise ValueError("these are no statistics")
        statistics = cls()
        statistics.edits.update(data["edits"])
        statistics.words.update(data["words"])
        statistics.articles.update(data["articles"])
        return statistics

    def rows(self) -> list[tuple[str, ...]]:
        """(rule, edits, articles, words) of each rule, most words first."""
        codes = sorted(self.edits, key=lambda code: (-self.words[code], -self.edits[code], code))
        return [(code, str(self.edits[code]), str(self.articles[code]), str(self.words[code])) for code in codes]

    def table(self, rules: RuleSet, articles: str = "files") -> list[str]:
        """Lines of a table that says what each rule finds; empty if nothing was found. `articles` names what is counted."""
        rows = [(*row, printable(rules[row[0]].what, 1000)) for row in self.rows()]
        return table(("rule", "findings", articles, "words", "what it is"), rows, right=(1, 2, 3)) if rows else []


def table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """Columns of equal width; those in `right` are set to the right."""
    rows = [head, *rows]
    widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
    return [
        "  ".join(
            cell.rjust(width) if at in right else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]


def rule_page(rule: Rule) -> str:
    """All about one rule, as `cleaner rule CODE` prints it."""
    parts = [
        f"{rule.code} {rule.name}",
        "",
        rule.what,
        "",
        "Why",
        f"  {rule.why}",
        "",
        "Limits",
        f"  {rule.limits}",
        "",
        "Found by",
        f"  {_found_by(rule)}",
        "",
        f"Confidence  {rule.confidence:.2f}",
    ]
    if rule.measured:
        parts.append(f"  {rule.measured}")
    if rule.keeps:
        parts += ["", f"Keeps what it removes as `{rule.keeps}` in the metadata."]
    parts += ["", "Examples"]
    for example in rule.examples:
        parts += ["", *_indented(example.text)]
        if example.clean is not None:
            parts += ["  becomes", *_indented(example.clean)]
        else:
            parts += ["  loses", *(line for text in example.removed for line in _indented(text))]
    parts += ["", "Left alone"]
    for text in rule.counterexamples:
        parts += ["", *_indented(text)]
    return "\n".join(parts)


def rules_markdown(rules: Iterable[Rule]) -> Iterator[str]:
    """A page about all rules, as `docs/rules.md` has it."""
    rules = list(rules)
    yield "# Rules\n"
    yield "Made by `cleaner rule --output-format markdown`; `cleaner rule CODE` shows all examples. Below 0.90 a rule only makes"
    yield "suggestions, unless `--profile thorough` is chosen.\n"
    yield "| code | name | confidence | what it finds |"
    yield "|---|---|---:|---|"
    for rule in rules:
        yield f"| [{rule.code}](#{rule.code.lower()}-{rule.name}) | {rule.name} | {rule.confidence:.2f} | {_cell(rule.what)} |"
    for rule in rules:
        yield f"\n## {rule.code} {rule.name}\n"
        yield f"{rule.what} {rule.why}\n"
        yield f"- Limits: {rule.limits}"
        yield f"- Found by: {_found_by(rule)}"
        yield f"- Confidence: {rule.confidence:.2f}{f'. {rule.measured}' if rule.measured else ''}"
        if rule.keeps:
            yield f"- Kept in the metadata as `{rule.keeps}`"
        removed = [text for example in rule.examples for text in example.removed][:MARKDOWN_EXAMPLES]
        if removed:
            yield f"- Goes: {' · '.join(f'`{_cell(text)}`' for text in removed)}"
        stays = [text for text in rule.counterexamples if "\n" not in text][:MARKDOWN_EXAMPLES]
        if stays:
            yield f"- Stays: {' · '.join(f'`{_cell(text)}`' for text in stays)}"


def _cell(text: str) -> str:
    return printable(text, 200).replace("|", "\\|").replace("`", "'")


def _found_by(rule: Rule) -> str:
    languages = sorted({language for language, _ in rule.patterns} | set(rule.phrases.values()))
    kind = PATTERN_KINDS.get(rule.detect, f"the heuristic {rule.detect}")
    where = "" if len(rule.zones) > 2 else f", only in the {' and the '.join(rule.zones)} of the text"
    return f"{kind}{where}{'; languages: ' + ', '.join(languages) if languages else ''}"


def _indented(text: str) -> list[str]:
    return [f"    {line}" for line in text.strip("\n").split("\n")]


def rule_dict(rule: Rule) -> dict[str, Any]:
    """The JSON form of a rule."""
    return {
        "code": rule.code,
        "name": rule.name,
        "category": rule.category,
        "detect": rule.detect,
        "zones": list(rule.zones),
        "languages": sorted({language for language, _ in rule.patterns} | set(rule.phrases.values())),
        "confidence": rule.confidence,
        "measured": rule.measured or None,
        "what": rule.what,
        "why": rule.why,
        "limits": rule.limits,
        "keeps": rule.keeps or None,
        "flag": rule.flag or None,
        "examples": [
            {"text": example.text, "removed": list(example.removed), "clean": example.clean} for example in rule.examples
        ],
        "counterexamples": list(rule.counterexamples),
    }
