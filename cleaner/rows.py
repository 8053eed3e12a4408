"""One chunk of a corpus: rows in, clean rows with their records out. Runs in worker processes."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from cleaner.corpora import Chunk, FormatError, Place, compressed, from_stream, to_stream
from cleaner.files import problem_of
from cleaner.model import CleanerError, InputError, Metadata, Result, json_text
from cleaner.pipeline import Cleaner
from cleaner.registry import CATEGORIES
from cleaner.report import Statistics

if TYPE_CHECKING:
    import pyarrow as pa

RESULTS = ("metadata", "flags", "record")
"""The new fields of a row."""
DOLMA = "cleaner"
"""The name of the experiment in Dolma attributes."""

_KINDS = {dict: "an object", list: "a list", str: "a string", int: "a number", float: "a number"}
_DECODER = json.JSONDecoder()
_SPACE = re.compile(r"[ \t\n\r]*")


class BadRowError(InputError):
    """A row that cannot be cleaned; the message says why, without the place."""


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a row that are read and written."""

    text: str = "text"
    """The raw text, which the clean text replaces."""
    id: str = "id"
    """Names the row in records, rejects and attributes; rows need not have it."""
    html: str = ""
    """If set, pages are read from this field, and `text` is a new one."""
    prefix: str = ""
    """Stands before the names of the new fields."""

    def __post_init__(self) -> None:
        """Raise `InputError` if two new fields have the same name."""
        if self.html and self.new.count(self.text) > 1:
            raise InputError(f"two new fields would have the name {self.text!r}; name one with --text-field or --field-prefix")

    @property
    def source(self) -> str:
        """The field that is cleaned."""
        return self.html or self.text

    @property
    def new(self) -> list[str]:
        """The fields that rows must not have yet."""
        return [*([self.text] if self.html else []), *(self.prefix + name for name in RESULTS)]

    def check_source(self, present: Container[str]) -> None:
        """Raise `BadRowError` if the field to clean is not there."""
        if self.source not in present:
            option = "--html-field" if self.html else "--text-field"
            raise BadRowError(f"no field {self.source!r}; name the right one with {option}")

    def check(self, present: Iterable[str]) -> None:
        """Raise `BadRowError` if a field to clean is not there, or a new one is."""
        present = set(present)
        self.check_source(present)
        for name in self.new:
            if name in present:
                option = "--text-field" if self.html and name == self.text else "--field-prefix"
                raise BadRowError(f"has a field {name!r} already, which is to be a new one; name the new one with {option}")


@dataclass(frozen=True, slots=True)
class Job:
    """How the rows of one corpus are cleaned."""

    cleaner: Cleaner
    fields: Fields
    name: str
    """Of the corpus, for records, rejects and attributes."""
    output: Literal["rows", "dolma"]
    suffix: str
    """Of the file written, which says how it is compressed."""
    records: str | None = None
    """Suffix of the file of records, if there is one."""
    max_row_bytes: int = 16 * 2**20


@dataclass(slots=True)
class Outcome:
    """What became of a chunk: bytes to append to the files, and what to count."""

    end: Place
    read: int
    out: bytes = b""
    records: bytes = b""
    rejects: bytes = b""
    rows: int = 0
    """Rows that were cleaned."""
    bad: list[tuple[int, str]] = field(default_factory=list)
    """Number of each row that was not, and why."""
    statistics: Statistics = field(default_factory=Statistics)
    flags: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, slots=True)
class _Clean:
    """A row that was cleaned."""

    number: int
    id: Any
    result: Result

    def values(self) -> tuple[dict[str, Any], list[str], Mapping[str, Any]]:
        """Those of the new fields, in the order of `RESULTS`."""
        return self.result.metadata.to_dict(), list(self.result.flags), self.result.record.data


def clean_chunk(job: Job, chunk: Chunk) -> Outcome:
    """Clean the rows of a chunk; those that cannot be cleaned are told apart.

    Raises `FormatError` if the format of the corpus does not allow for what is to be written.
    """
    outcome = Outcome(chunk.end, chunk.read)
    if chunk.batch:
        rows = _clean_batch(job, from_stream(chunk.batch), chunk.start.row + 1, outcome)
    else:
        rows = _clean_lines(job, chunk, outcome)
    if job.records is not None and rows:
        records = (
            json_text({"file": job.name, "row": row.number, "id": _plain(row.id), "record": row.result.record.data})
            for row in rows
        )
        outcome.records = compressed(_lines(records), job.records)
    for row in rows:
        outcome.rows += 1
        outcome.statistics.add(row.result)
        outcome.flags.update(row.result.flags)
    return outcome


def _clean(job: Job, number: int, identity: Any, value: Any) -> _Clean:
    """Clean one value. Raises `BadRowError`."""
    kind = job.fields.source
    if isinstance(value, UnicodeDecodeError):
        raise BadRowError(_not_utf8(value))
    if not isinstance(value, str) and not (job.fields.html and isinstance(value, bytes)):
        raise BadRowError(f"the field {kind!r} holds {_kind(value)}, not text")
    size = len(value.encode("utf-8", "surrogatepass")) if isinstance(value, str) else len(value)
    if size > job.max_row_bytes:
        raise BadRowError(_too_long(job))
    try:
        if job.fields.html:
            result = job.cleaner.clean_html(value)
        else:
            assert isinstance(value, str)
            if problem := problem_of(value):
                raise BadRowError(problem)
            result = job.cleaner.clean(value)
    except CleanerError as error:
        raise BadRowError(str(error)) from error
    except Exception as error:  # a defect that one row of millions lays open must not cost the others
        raise BadRowError(f"internal error, please report it: {type(error).__name__}: {error}") from error
    return _Clean(number, identity, result)


def _not_utf8(error: UnicodeDecodeError) -> str:
    return f"byte 0x{error.object[error.start]:02x} at offset {error.start} is not utf-8"


def _too_long(job: Job) -> str:
    return f"longer than {job.max_row_bytes:,} bytes; raise --max-row-bytes if it is an article"


def _kind(value: Any) -> str:
    """What a JSON value is, in the words of JSON."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true or false"
    return _KINDS.get(type(value), type(value).__name__)


def _reject(job: Job, outcome: Outcome, number: int, identity: Any, line: str | None, error: BadRowError) -> None:
    outcome.bad.append((number, str(error)))
    row = {"file": job.name, "row": number, "id": _plain(identity), "error": str(error), "line": line}
    outcome.rejects += _lines([json_text(row)])


# JSONL


@dataclass(frozen=True, slots=True)
class _Object:
    """A JSON object as it stands in a line: values, and where those of the outermost level are."""

    line: str
    values: dict[str, Any]
    spans: dict[str, tuple[int, int]]
    close: int
    """Where the last brace is."""


def _clean_lines(job: Job, chunk: Chunk, outcome: Outcome) -> list[_Clean]:
    rows = []
    lines = []
    for number, line in enumerate(chunk.lines, chunk.start.row + 1):
        if line is not None and not line.strip():
            continue
        found: _Object | None = None
        row: _Clean | None = None
        try:
            if line is None:
                raise BadRowError(_too_long(job))
            found = parse_line(line)
            if job.output == "rows":
                job.fields.check(found.spans)
            else:
                job.fields.check_source(found.spans)
            row = _clean(job, number, found.values.get(job.fields.id), found.values[job.fields.source])
            rows.append(row)
        except BadRowError as error:
            shown = line.decode("utf-8", "backslashreplace") if line is not None else None
            _reject(job, outcome, number, found.values.get(job.fields.id) if found is not None else None, shown, error)
        if job.output == "dolma":
            lines.append(_attributes(job, number, found.values if found is not None else {}, row))
        elif row is not None and found is not None:
            lines.append(_spliced(job.fields, found, row))
    if lines:
        outcome.out = compressed(_lines(lines), job.suffix)
    return rows


def parse_line(line: bytes) -> _Object:
    """Read a JSON object and find where its values stand, so that all but one can stay as they are written.

    Raises `BadRowError`.
    """
    try:
        text = line.decode("utf-8")
        return _parse(text)
    except UnicodeDecodeError as error:
        raise BadRowError(_not_utf8(error)) from None
    except RecursionError:
        raise BadRowError("JSON nested too deep") from None
    except json.JSONDecodeError as error:  # its own words name a line, which would be 1 in every row
        raise BadRowError(f"not JSON: {error.msg}: column {error.colno}") from None
    except ValueError as error:
        raise BadRowError(f"not JSON: {error}") from None


def _parse(text: str) -> _Object:
    values: dict[str, Any] = {}
    spans: dict[str, tuple[int, int]] = {}
    at = _after_space(text, 0)
    if text[at : at + 1] != "{":
        raise BadRowError(f"holds {_kind(json.loads(text))}, not a JSON object")
    at = _after_space(text, at + 1)
    more = text[at : at + 1] != "}"
    while more:
        if text[at : at + 1] != '"':
            raise json.JSONDecodeError("Expecting the name of a field in double quotes", text, at)
        name, at = _DECODER.raw_decode(text, at)
        at = _after_space(text, at)
        if text[at : at + 1] != ":":
            raise json.JSONDecodeError("Expecting ':'", text, at)
        start = _after_space(text, at + 1)
        value, at = _DECODER.raw_decode(text, start)
        if name in spans:
            raise BadRowError(f"has the field {name!r} twice")
        values[name], spans[name] = value, (start, at)
        at = _after_space(text, at)
        more = text[at : at + 1] == ","
        if more:
            at = _after_space(text, at + 1)
    if text[at : at + 1] != "}":
        raise json.JSONDecodeError("Expecting ',' or '}'", text, at)
    if _after_space(text, at + 1) != len(text):
        raise json.JSONDecodeError("Extra data", text, at + 1)
    return _Object(text, values, spans, at)


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None
    return found.end()


def _spliced(fields: Fields, found: _Object, row: _Clean) -> str:
    """The line with the clean text in place of the raw one, and the new fields at its end."""
    line, close = found.line, found.close
    new = dict(zip((fields.prefix + name for name in RESULTS), row.values(), strict=True))
    if fields.html:
        head = line[:close]
        new = {fields.text: row.result.text, **new}
    else:
        start, end = found.spans[fields.text]
        head = line[:start] + json_text(row.result.text) + line[end:close]
    return (
        head.rstrip() + "".join(f", {json_text(name)}: {json_text(value)}" for name, value in new.items()) + line[close:].rstrip()
    )


def _lines(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode("utf-8")


def _plain(value: Any) -> Any:
    """The value if JSON has a form for it, else what it looks like as text."""
    return value if isinstance(value, str | int | float | bool | None) else str(value)


# Dolma attributes


def _attributes(job: Job, number: int, values: Mapping[str, Any], row: _Clean | None) -> str:
    """A line of Dolma attributes; a row that could not be cleaned has none, but keeps its line."""
    identity = values.get(job.fields.id)
    source = values.get("source")
    return json_text(
        {
            "id": str(number if identity is None else identity),
            "attributes": attributes(row.result) if row is not None else {},
            "source": source if isinstance(source, str) else job.name,
        }
    )


def attributes(result: Result) -> dict[str, list[list[float]]]:
    """The spans to delete, sure or not, as Dolma attributes: by rule `[start, end, confidence]` in code points of the raw text.

    Edits that put something else in place have no form there, and are left out.
    """
    found = [(edit.start, edit.end, edit.finding) for edit in result.edits if not edit.replacement]
    found += [(finding.start, finding.end, finding) for finding in result.suggestions if not finding.replacement]
    spans: dict[str, list[list[float]]] = {}
    for start, end, finding in sorted(found, key=lambda one: (one[2].rule.code, one[0], one[1])):
        rule = finding.rule
        key = f"{DOLMA}__{rule.code}__{_slug(rule.category)}"
        spans.setdefault(key, []).append([start, end, round(finding.confidence, 5)])
    return spans


def _slug(category: str) -> str:
    """A category's name as part of an attribute's: its first words, as far as they name one thing."""
    name = re.split(r",| and ", CATEGORIES.get(category, category.lower()))[0]
    return re.sub(r"\W", "_", name)


# Parquet


def result_fields(prefix: str) -> list[pa.Field]:
    """The new columns of a Parquet file; records are JSON, as what they hold differs from row to row."""
    import pyarrow as pa

    names = pa.list_(pa.string())
    metadata = [(name, names if isinstance(value, list) else pa.string()) for name, value in Metadata().to_dict().items()]
    types = (pa.struct(metadata), names, pa.string())
    return [pa.field(prefix + name, kind) for name, kind in zip(RESULTS, types, strict=True)]


def check_schema(fields: Fields, schema: pa.Schema) -> None:
    """Raise `BadRowError` if the column to clean is missing or holds no text, or if two columns have the same name."""
    fields.check_source(schema.names)
    for name, times in Counter(schema.names).items():
        if times > 1:
            raise BadRowError(f"has the field {name!r} twice")
    kind = schema.field(fields.source).type
    if not _is_text(kind, or_bytes=bool(fields.html)):
        raise BadRowError(f"the field {fields.source!r} has the type {kind}, not text")


def schema_for(fields: Fields, schema: pa.Schema) -> pa.Schema:
    """The schema with the new columns. Raises `BadRowError` if one of them is there already."""
    import pyarrow as pa

    fields.check(schema.names)
    text = [pa.field(fields.text, pa.string())] if fields.html else []
    for new in [*text, *result_fields(fields.prefix)]:
        schema = schema.append(new)
    return schema


def _is_text(kind: pa.DataType, *, or_bytes: bool) -> bool:
    from pyarrow import types

    if types.is_dictionary(kind):
        kind = kind.value_type
    is_text = types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)
    return is_text or (or_bytes and (types.is_binary(kind) or types.is_large_binary(kind)))


def _clean_batch(job: Job, batch: pa.RecordBatch, first: int, outcome: Outcome) -> list[_Clean]:
    import pyarrow as pa

    fields = job.fields
    texts, ids, sources = (_values(batch, name) for name in (fields.source, fields.id, "source"))
    ids = [None if isinstance(identity, ValueError) else identity for identity in ids]
    rows: list[_Clean] = []
    lines = []
    for number, (identity, source, text) in enumerate(zip(ids, sources, texts, strict=True), first):
        row: _Clean | None = None
        try:
            row = _clean(job, number, identity, text)
            rows.append(row)
        except BadRowError as error:
            _reject(job, outcome, number, identity, None, error)
        if job.output == "dolma":
            lines.append(_attributes(job, number, {fields.id: identity, "source": source}, row))
    if job.output == "dolma":
        outcome.out = compressed(_lines(lines), job.suffix)
    elif rows:
        try:
            outcome.out = to_stream(_with_results(fields, batch, rows, first))
        except pa.ArrowException as error:
            raise FormatError(f"{job.name}: a column cannot be written: {error}") from error
    return rows


def _values(batch: pa.RecordBatch, name: str) -> list[Any]:
    """The values of a column, `None` for one that is not there, the error for what Python has no form for.

    Files may hold texts that are not UTF-8, as nothing that wrote or read them need have looked at them.
    """
    if name not in batch.schema.names:
        return [None] * batch.num_rows
    column = batch.column(name)
    try:
        values: list[Any] = column.to_pylist()
    except ValueError:
        return list(map(_value, column))
    return values


def _value(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py()
    except ValueError as error:
        return error


def _with_results(fields: Fields, batch: pa.RecordBatch, rows: Sequence[_Clean], first: int) -> pa.RecordBatch:
    """The cleaned rows of a batch with the clean texts and the new columns."""
    import pyarrow as pa

    schema = schema_for(fields, batch.schema)
    kept = batch
    if len(rows) < batch.num_rows:  # by slices, as not all types of columns can be taken from
        slices = [batch.slice(row.number - first, 1) for row in rows]
        (kept,) = pa.Table.from_batches(slices).unify_dictionaries().combine_chunks().to_batches()
    columns = dict(zip(batch.schema.names, kept.columns, strict=True))
    columns[fields.text] = pa.array([row.result.text for row in rows], pa.string())
    values = list(zip(*(row.values() for row in rows), strict=True))
    for new, column in zip(result_fields(fields.prefix), values, strict=True):
        is_record = new.name == fields.prefix + "record"
        columns[new.name] = pa.array([json_text(value) for value in column] if is_record else column, new.type)
    arrays = [
        columns[name] if columns[name].type == schema.field(name).type else columns[name].cast(schema.field(name).type)
        for name in schema.names
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


# batches of the library


def clean_batch(cleaner: Cleaner, batch: Mapping[str, Sequence[Any]], fields: Fields) -> dict[str, Any]:
    """The columns of a batch with the clean texts and the new columns, which all hold JSON.

    Libraries guess the types of columns from the first batch, and a list that is empty there, or a date that is null,
    would not fit the ones that come later. Raises `InputError`.
    """
    fields.check(batch)
    job = Job(cleaner, fields, "", "rows", "")
    columns: dict[str, Any] = {**batch, fields.text: [], **{fields.prefix + name: [] for name in RESULTS}}
    for number, value in enumerate(batch[fields.source], 1):
        try:
            row = _clean(job, number, None, value)
        except BadRowError as error:
            raise InputError(f"row {number} of the batch: {error}") from error
        columns[fields.text].append(row.result.text)
        for name, new in zip(RESULTS, row.values(), strict=True):
            columns[fields.prefix + name].append(json_text(new))
    return columns
