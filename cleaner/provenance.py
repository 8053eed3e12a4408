"""Records: what was done to a text, and the way back to the raw text."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from cleaner.model import Edit, Extraction, Finding, Input, Metadata, Record, RecordError, Source, apply

SCHEMA = "article-cleaner/record/1"
"""Name and version of the record format; `cleaner/data/record.schema.json` describes it."""

_EDIT_KEYS: Mapping[str, type | tuple[type, ...]] = {
    "rule": str,
    "category": str,
    "start": int,
    "end": int,
    "line": int,
    "clean_start": int,
    "removed": str,
    "replacement": str,
    "confidence": (int, float),
    "evidence": str,
}


def digest(content: str | bytes) -> str:
    """SHA-256 of bytes, or of a text as UTF-8 (lone surrogates, which UTF-8 has no form for, pass through)."""
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return hashlib.sha256(data).hexdigest()


def canonical(value: Any) -> str:
    """JSON of the value in one form only, for digests."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def source_of(text: str) -> Source:
    """The source entry of a text that came as a string, not from a file."""
    data = text.encode("utf-8", "surrogatepass")
    return Source(None, digest(data), len(data), "utf-8", newline_of(text), bom=False)


def newline_of(text: str) -> str:
    """`lf`, `crlf`, `cr`, `mixed` or `none`."""
    crlf = text.count("\r\n")
    counts = {"crlf": crlf, "lf": text.count("\n") - crlf, "cr": text.count("\r") - crlf}
    used = [name for name, count in counts.items() if count]
    if not used:
        return "none"
    return used[0] if len(used) == 1 else "mixed"


def check(raw: str, edits: Sequence[Edit], clean: str) -> None:
    """Make sure that the edits turn the raw text into the clean text.

    Raises `AssertionError`, as nothing but a defect of this package can break it.
    """
    behind = 0
    for edit in edits:
        assert behind <= edit.start <= edit.end <= len(raw), f"edits overlap or leave the text at {edit.start}"
        behind = edit.end
    assert apply(raw, edits) == clean, "the edits do not give the clean text"


def make_record(
    *,
    raw: str,
    clean: str,
    words: tuple[int, int],
    sections: Mapping[str, tuple[int, int]],
    edits: Sequence[Edit],
    suggestions: Sequence[Finding],
    metadata: Metadata,
    flags: Sequence[str],
    source: Source,
    extraction: Extraction | None,
    read_as: Input,
    tool: Mapping[str, str],
) -> Record:
    """The record of one clean copy. No clock, host or path but `source.path` goes into it.

    `words` are the sizes of the raw and of the clean text.
    """
    starts = [edit.start for edit in edits] + [finding.start for finding in suggestions]
    line_numbers = _line_numbers(raw, starts)
    moved = 0
    edit_rows = []
    for edit in edits:
        rule = edit.finding.rule
        edit_rows.append(
            {
                "rule": rule.code,
                "category": rule.category,
                "start": edit.start,
                "end": edit.end,
                "line": line_numbers[edit.start],
                "clean_start": edit.start - moved,
                "removed": raw[edit.start : edit.end],
                "replacement": edit.replacement,
                "confidence": edit.finding.confidence,
                "evidence": edit.finding.evidence,
            }
        )
        moved += edit.end - edit.start - len(edit.replacement)
    rules = Counter(edit.finding.rule.code for edit in edits)
    data: dict[str, Any] = {
        "schema": SCHEMA,
        "tool": dict(tool),
        "source": _entries(source),
        "extraction": None if extraction is None else _entries(extraction),
        "input": _entries(read_as),
        "clean": {
            "sha256": digest(clean),
            "chars": len(clean),
            "sections": {name: list(span) for name, span in sections.items()},
        },
        "metadata": metadata.to_dict(),
        "flags": list(flags),
        "edits": edit_rows,
        "suggestions": [
            {
                "rule": finding.rule.code,
                "category": finding.rule.category,
                "start": finding.start,
                "end": finding.end,
                "line": line_numbers[finding.start],
                "text": raw[finding.start : finding.end],
                "replacement": finding.replacement,
                "confidence": finding.confidence,
                "evidence": finding.evidence,
            }
            for finding in suggestions
        ],
        "counts": {
            "chars_raw": len(raw),
            "chars_clean": len(clean),
            "words_raw": words[0],
            "words_clean": words[1],
            "edits": dict(sorted(rules.items())),
        },
    }
    return sealed(Record(data))


def _entries(part: Source | Extraction | Input) -> dict[str, Any]:
    """The fields of a part of the record by their names."""
    values = {item.name: getattr(part, item.name) for item in fields(part)}
    return {name: dict(value) if isinstance(value, Mapping) else value for name, value in values.items()}


def _line_numbers(raw: str, starts: Sequence[int]) -> dict[int, int]:
    """One-based line number of each offset; lines end at line feeds, as editors count them."""
    numbers: dict[int, int] = {}
    behind, number = 0, 1
    for start in sorted(set(starts)):
        number += raw.count("\n", behind, start)
        numbers[start] = number
        behind = start
    return numbers


def sealed(record: Record) -> Record:
    """The record with the digest over all its other entries as the last one."""
    data = {key: value for key, value in record.data.items() if key != "digest"}
    return Record({**data, "digest": digest(canonical(data))})


def restore(clean: str, record: Record | Mapping[str, Any]) -> str:
    """The raw text that the record's edits turned into the clean text.

    Raises `RecordError` if the record is damaged or belongs to another text.
    """
    if record["clean"]["sha256"] != digest(clean):
        raise RecordError("the clean text is not the one that the record was made for; it was changed, or the pair was mixed up")
    pieces = []
    behind = 0
    for edit in record["edits"]:
        start, replacement = edit["clean_start"], edit["replacement"]
        if not behind <= start <= len(clean) or clean[start : start + len(replacement)] != replacement:
            raise RecordError(f"edit of {edit['rule']} at {start} does not fit the clean text")
        pieces.append(clean[behind:start])
        pieces.append(edit["removed"])
        behind = start + len(replacement)
    pieces.append(clean[behind:])
    raw = "".join(pieces)
    wanted = record["extraction"]["text_sha256"] if record["extraction"] else None
    if wanted is not None and digest(raw) != wanted:
        raise RecordError("the restored text is not the extracted text that the record names")
    return raw


def parse_record(text: str) -> Record:
    """Read a record from JSON and check its form, its digest and the order of its edits.

    Raises `RecordError` with a line that says what is wrong.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"not a record: {error}") from error
    if not isinstance(data, dict) or not isinstance(data.get("schema"), str):
        raise RecordError("not a record: no schema entry")
    if data["schema"] != SCHEMA:
        raise RecordError(f"schema {data['schema']!r} is not {SCHEMA!r}, the one that this version reads")
    body = {key: value for key, value in data.items() if key != "digest"}
    if data.get("digest") != digest(canonical(body)):
        raise RecordError("the record was changed: its digest does not fit")
    _check_form(data)
    return Record(data)


def _check_form(data: Mapping[str, Any]) -> None:
    """The parts that restoring relies on; the JSON Schema describes all of it."""
    clean, source = data.get("clean"), data.get("source")
    if not isinstance(clean, dict) or not isinstance(clean.get("sha256"), str):
        raise RecordError("not a record: no clean entry")
    if not isinstance(source, dict) or not isinstance(source.get("sha256"), str) or not isinstance(source.get("encoding"), str):
        raise RecordError("not a record: no source entry")
    extraction = data.get("extraction")
    if extraction is not None and not (isinstance(extraction, dict) and isinstance(extraction.get("text_sha256"), str)):
        raise RecordError("not a record: broken extraction entry")
    edits = data.get("edits")
    if not isinstance(edits, list):
        raise RecordError("not a record: no edits")
    behind = 0
    for number, edit in enumerate(edits, 1):
        if not isinstance(edit, dict) or any(
            not isinstance(edit.get(key), kind) or isinstance(edit.get(key), bool) for key, kind in _EDIT_KEYS.items()
        ):
            raise RecordError(f"edit {number} lacks an entry or has one of the wrong type")
        if not behind <= edit["start"] <= edit["end"] or edit["end"] - edit["start"] != len(edit["removed"]):
            raise RecordError(f"edit {number} overlaps the one before it or has a span that does not fit its text")
        behind = edit["end"]
