"""Records: what was done to a text, and the way back to the raw text."""

from __future__ import annotations

import codecs
import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from cleaner.forms import FormError, record_form
from cleaner.model import Edit, Extraction, Finding, Input, Metadata, Record, RecordError, Source, apply, on_one_line

SCHEMA = "article-cleaner/record/1"
"""Name and version of the record format; `cleaner/data/record.schema.json` describes it."""

MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins it
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks, and the encoding of each."""
_NOT_FOR_FILES = frozenset({"idna", "punycode", "undefined"})
"""Encodings of the names of hosts; the time that they take grows with the square of the text."""


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


def encode(text: str, source: Mapping[str, Any]) -> bytes:
    """The bytes of a raw text as its source entry says. Raises `RecordError` if that cannot be done."""
    encoding = str(source["encoding"])
    try:
        if not is_for_files(encoding):
            raise LookupError("no encoding of text files")
        data = text.encode(encoding, "surrogatepass")
    except (LookupError, ValueError) as error:
        raise RecordError(on_one_line(f"cannot encode the raw text as {encoding:.60}: {error}")) from error
    marks = {name: mark for mark, name in MARKS}
    return marks.get(encoding, b"") + data if source.get("bom") else data


def is_for_files(encoding: str) -> bool:
    """False for encodings that Python knows and no text file has. Raises `LookupError` or `ValueError` for no encodings."""
    return codecs.lookup(encoding).name not in _NOT_FOR_FILES


def restore(clean: str, record: Record | Mapping[str, Any]) -> str:
    """The raw text that the record's edits turned into the clean text.

    Raises `RecordError` if the record is damaged or belongs to another text.
    """
    record = checked(record.data if isinstance(record, Record) else record)
    if record["clean"]["sha256"] != digest(clean):
        raise RecordError("the clean text is not the one that the record was made for; it was changed, or the pair was mixed up")
    pieces = []
    behind = 0
    for edit in record["edits"]:
        start, replacement = edit["clean_start"], edit["replacement"]
        if clean[start : start + len(replacement)] != replacement:
            raise RecordError(f"edit of {edit['rule']!r} at {start} does not fit the clean text")
        pieces.append(clean[behind:start])
        pieces.append(edit["removed"])
        behind = start + len(replacement)
    pieces.append(clean[behind:])
    raw = "".join(pieces)
    if record["extraction"]:
        if digest(raw) != record["extraction"]["text_sha256"]:
            raise RecordError("the restored text is not the extracted text that the record names")
    elif digest(encode(raw, record["source"])) != record["source"]["sha256"]:
        raise RecordError("the restored bytes are not those that the record names")
    return raw


def parse_record(text: str) -> Record:
    """Read a record from JSON and check it; see `checked`. Raises `RecordError` with a line that says what is wrong."""
    try:
        data = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"not a record: {error}") from error
    return checked(data)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose entries have different names; JSON leaves open which of several with the same one counts."""
    entries = dict(pairs)
    if len(entries) < len(pairs):
        raise ValueError("it has an entry twice")
    return entries


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def checked(data: Any) -> Record:
    """What a JSON text says as a record, if its form, its digest, and all spans in it are right.

    Raises `RecordError` with a line that says what is wrong.
    """
    if not isinstance(data, Mapping) or not isinstance(data.get("schema"), str):
        raise RecordError("not a record: no schema entry")
    if data["schema"] != SCHEMA:
        raise RecordError(f"schema {data['schema']!r:.60} is not {SCHEMA!r}, the one that this version reads")
    body = {key: value for key, value in data.items() if key != "digest"}
    try:
        found = digest(canonical(body))
    except (TypeError, ValueError, RecursionError) as error:  # what came as a mapping need not be JSON
        raise RecordError(f"not a record: {error}") from error
    if data.get("digest") != found:
        raise RecordError("the record was changed: its digest does not fit")
    try:
        record_form()({**data})
    except FormError as error:
        raise RecordError(on_one_line(f"not a record: {str(error).removeprefix(': ').removeprefix('.')}")) from None
    _check_spans(data)
    return Record(data)


def _check_spans(data: Mapping[str, Any]) -> None:
    """Make sure that the spans lie in their texts, do not overlap, and add up to the lengths that the record names."""
    raw, clean = data["counts"]["chars_raw"], data["clean"]["chars"]
    behind = moved = 0
    for number, edit in enumerate(data["edits"], 1):
        start, end = edit["start"], edit["end"]
        if not behind <= start <= end <= raw or end - start != len(edit["removed"]):
            raise RecordError(f"edit {number} overlaps the one before it or has a span that does not fit its text")
        if edit["clean_start"] != start - moved:
            raise RecordError(f"edit {number} stands at another place of the clean text than those before it leave")
        behind = end
        moved += end - start - len(edit["replacement"])
    if raw - moved != clean or data["counts"]["chars_clean"] != clean:
        raise RecordError("the edits do not turn a text of the raw length into one of the clean length")
    for number, one in enumerate(data["suggestions"], 1):
        if not one["start"] <= one["end"] <= raw or one["end"] - one["start"] != len(one["text"]):
            raise RecordError(f"suggestion {number} has a span that does not fit its text")
    for name, (start, end) in data["clean"]["sections"].items():
        if not 0 <= start <= end <= clean:
            raise RecordError(f"the {name} does not lie in the clean text")
