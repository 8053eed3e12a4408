"""What holds for every result, whatever went in: for the property tests and the fuzzer."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from itertools import pairwise

import jsonschema

from cleaner.model import CleanerError, Document, Result, apply
from cleaner.pipeline import Cleaner
from cleaner.provenance import parse_record, restore
from cleaner.segment import BREAK


@cache
def schema() -> jsonschema.Draft202012Validator:
    """The published schema of records."""
    text = resources.files("cleaner").joinpath("data/record.schema.json").read_text("utf-8")
    return jsonschema.Draft202012Validator(json.loads(text))


def assert_way_back(result: Result, raw: str) -> None:
    """The record, also as it is read from a file, gives the raw text; a short one is held against the published schema, too."""
    assert apply(raw, result.edits) == result.text
    assert restore(result.text, result.record) == raw
    read = parse_record(result.record.to_json())
    assert read == result.record
    if len(result.edits) < SHORT_RECORD:
        schema().validate(read.data)


SHORT_RECORD = 12
"""Edits; a validation takes longer than all else, and longer ones hold nothing new."""


def assert_all_there(result: Result, raw: str) -> None:
    """Every character is in the clean text or in an edit: what no edit covers is the clean text without what edits put in."""
    behind = 0
    kept = []
    for edit in result.edits:
        assert behind <= edit.start <= edit.end <= len(raw)
        kept.append(raw[behind : edit.start])
        behind = edit.end
    kept.append(raw[behind:])
    assert "".join(kept) == "".join(_without_replacements(result))


def _without_replacements(result: Result) -> list[str]:
    pieces, behind = [], 0
    for edit in result.record["edits"]:
        pieces.append(result.text[behind : edit["clean_start"]])
        behind = edit["clean_start"] + len(edit["replacement"])
    return [*pieces, result.text[behind:]]


def assert_form(text: str) -> None:
    """A clean text ends with one line break, has no blank line too many and none of the other breaks."""
    assert text == "" or (text.endswith("\n") and not text.endswith("\n\n"))
    assert "\r" not in text
    assert "\n\n\n" not in text


def assert_settled(cleaner: Cleaner, text: str) -> None:
    """Cleaning the clean text again changes nothing; if it does, the message says what did it."""
    again = cleaner.clean(text)
    changes = [
        (edit.finding.rule.code, text[edit.start : edit.end], edit.replacement, edit.finding.evidence) for edit in again.edits
    ]
    assert again.text == text, changes


def assert_one_line(error: CleanerError) -> None:
    """A message is a line for the terminal, whatever the input holds."""
    assert "\n" not in str(error)
    assert "\r" not in str(error)


def assert_cut_into_lines(document: Document) -> None:
    """Lines are stripped, in order, and with the breaks and white space between them they are the whole text."""
    behind = 0
    for index, line in enumerate(document.lines):
        assert line.index == index
        assert line.text == line.text.strip() == document.text[line.offset : line.offset + len(line.text)] != ""
        assert not BREAK.search(line.text)
        gap = document.text[behind : line.offset]
        assert not gap.strip()
        assert not index or BREAK.search(gap)
        behind = line.offset + len(line.text)
    assert not document.text[behind:].strip()
    assert apply(document.raw, document.edits) == document.text
    for above, below in pairwise(document.lines):
        assert above.start <= above.end <= below.start <= below.end
    if not document.edits:
        assert all(document.raw[line.start : line.end] == line.text for line in document.lines)
    assert [index for block in document.blocks for index in block] == list(range(len(document.lines)))
