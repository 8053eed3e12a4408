"""Findings as programs read them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from sarif_pydantic import Sarif

import cleaner
from cleaner import report

TEXT = (
    "Storm closes the old harbour bridge\n\n"
    "The old harbour bridge was closed on Monday after a storm tore off parts of its roof, the city said.\n\n"
    "\U0001d4d0lso unnoticed:  two\u200b spaces. Also Read: Ten bridges\n\n"
    "Also Read: Ten bridges that did not last, 50% off\n\n"
    "Engineers will look at the piers this week, and the bridge may open again for buses before Friday.\n"
)


@pytest.fixture(scope="module")
def rows() -> list[report.Shown]:
    return report.shown("news/a,b.txt", cleaner.clean(TEXT))


def also_read(rows: list[report.Shown]) -> report.Shown:
    return next(row for row in rows if row.rule.code == "REL001")


def test_places_are_counted_as_editors_do(rows: list[report.Shown]) -> None:
    row = also_read(rows)
    line = TEXT.split("\n")[row.line - 1]
    assert line[row.column - 1 : row.end_column - 1] == row.text == "Also Read: Ten bridges that did not last, 50% off"


def test_normalization_is_one_row_per_rule(rows: list[report.Shown]) -> None:
    codes = [row.rule.code for row in rows]
    assert len(codes) == len(set(codes))


def test_json_and_jsonl_say_the_same(rows: list[report.Shown]) -> None:
    (whole,) = report.as_json(rows)
    assert json.loads(whole) == [json.loads(line) for line in report.as_jsonl(rows)]
    assert {"path", "line", "column", "rule", "message", "confidence", "evidence"} <= json.loads(whole)[0].keys()


def test_text_lines_are_those_that_editors_and_problem_matchers_read(rows: list[report.Shown]) -> None:
    for line, row in zip(report.as_text(rows), rows, strict=True):
        found = re.fullmatch(r"(?P<path>[^:]+):(?P<line>\d+):(?P<column>\d+): (?P<code>[A-Z]{3}\d{3}) (?P<message>.+)", line)
        assert found is not None
        assert (found["path"], int(found["line"]), int(found["column"]), found["code"]) == (
            row.path,
            row.line,
            row.column,
            row.rule.code,
        )
    assert "\x1b[31mREL001" in "\n".join(report.as_text(rows, color=True))


def test_github_annotations_are_escaped(rows: list[report.Shown]) -> None:
    line = next(line for line in report.as_github(rows) if "REL001" in line)
    assert line.startswith("::warning file=news/a%2Cb.txt,line=7,col=1,endLine=7,title=REL001 also-read-link::")
    assert "50%25 off" in line


def test_sarif(rows: list[report.Shown]) -> None:
    (text,) = report.as_sarif(rows)
    Sarif.model_validate_json(text)
    log: dict[str, Any] = json.loads(text)
    (run,) = log["runs"]
    assert (log["version"], run["columnKind"]) == ("2.1.0", "unicodeCodePoints")
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    result = next(result for result in run["results"] if result["ruleId"] == "REL001")
    assert rules["REL001"]["help"]["text"]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert (region["startLine"], region["startColumn"], region["endLine"], region["endColumn"]) == (7, 1, 7, 50)
    assert {result["ruleId"] for result in run["results"]} == set(rules)


def test_messages_fit_on_one_line_without_control_characters() -> None:
    assert report.printable("a\x1b[31m\tb\r\nc\u2028d", 100) == "a [31m b c d"
    assert report.printable("abcdef", 4) == "abc…"


def test_what_a_terminal_would_obey_is_shown_as_signs() -> None:
    assert (
        report.visible("a\x1b[31m\tb\r\n\x7f\x9b\u202ec") == "a\N{SYMBOL FOR ESCAPE}[31m\tb\N{SYMBOL FOR CARRIAGE RETURN}\n␡��c"
    )
    assert report.visible("a\u061c\u200e\u200fb") == "a���b"  # marks that turn the direction of writing
    assert report.visible("Zürich 東京 👩\u200d🚀 5\u00a0€") == "Zürich 東京 👩\u200d🚀 5\u00a0€"


def test_json_is_plain_and_says_the_same() -> None:
    value = {"a\x9b": ["\x1b", "\x7f", "\u202e", "\udc80", "\U000e0001", "Zürich 東京"]}
    text = report.to_json(value, indent=1)
    assert json.loads(text) == value
    assert all(char.isprintable() or char == "\n" for char in text)
    assert "Zürich 東京" in text


def test_sarif_names_files_by_addresses() -> None:
    (text,) = report.as_sarif(report.shown("news/a b\x1b%,\udcff.txt", cleaner.clean(TEXT)))
    (run,) = json.loads(text)["runs"]
    place = run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == "news/a%20b%1B%25%2C%FF.txt"
