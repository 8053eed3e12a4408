"""Records: the schema, the way back, and what is refused."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from importlib import resources

import jsonschema
import pytest

import cleaner
from cleaner.forms import FormError, record_form
from cleaner.model import Record, RecordError
from cleaner.pipeline import Cleaner
from cleaner.provenance import newline_of, parse_record, restore, sealed

RAW = "Storm closes the bridge\r\n\r\nRain &amp; wind fell.\r\nAdvertisement\r\n\r\n\r\nThen it\u00a0stopped.\r\n"


@pytest.fixture(scope="module")
def schema() -> dict:
    return json.loads(resources.files("cleaner").joinpath("data/record.schema.json").read_text("utf-8"))


def test_the_record_follows_the_published_schema(cleaner: Cleaner, schema: dict, root) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)
    texts = [RAW, "", *(path.read_text("utf-8") for path in sorted((root / "seeds").iterdir()))]
    for text in texts:
        jsonschema.validate(json.loads(cleaner.clean(text).record.to_json()), schema)


def test_restore_gives_the_raw_text() -> None:
    result = cleaner.clean(RAW)
    assert result.text == "Storm closes the bridge\n\nRain & wind fell.\n\nThen it stopped.\n"
    assert cleaner.restore(result.text, result.record) == RAW
    assert cleaner.restore(result.text, result.record.to_json()) == RAW


def test_a_record_survives_json() -> None:
    result = cleaner.clean(RAW)
    assert restore(result.text, parse_record(result.record.to_json())) == RAW


def test_equal_input_gives_equal_records() -> None:
    assert Cleaner().clean(RAW).record.to_json() == Cleaner().clean(RAW).record.to_json()


def test_positions_in_the_clean_text() -> None:
    result = cleaner.clean(RAW)
    for edit in result.record["edits"]:
        at = edit["clean_start"]
        assert result.text[at : at + len(edit["replacement"])] == edit["replacement"]
        assert RAW[edit["start"] : edit["end"]] == edit["removed"]


def test_another_text_is_refused() -> None:
    result = cleaner.clean(RAW)
    with pytest.raises(RecordError, match="not the one that the record was made for"):
        cleaner.restore(result.text + " ", result.record)


def damaged(change) -> str:
    data = json.loads(cleaner.clean(RAW).record.to_json())
    change(data)
    return json.dumps(data)


def resealed(change) -> str:
    data = json.loads(cleaner.clean(RAW).record.to_json())
    change(data)
    return sealed(Record(data)).to_json()


def overlapping(data: dict) -> None:
    data["edits"][1]["start"] = data["edits"][0]["start"]
    data["edits"][1]["removed"] = RAW[data["edits"][1]["start"] : data["edits"][1]["end"]]


def late(data: dict) -> None:
    data["edits"][-1].update(start=10**6, end=10**6 + len(data["edits"][-1]["removed"]))


RECORD = cleaner.clean(RAW).record.to_json()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a record"),
        ("[]", "no schema"),
        ("[" * 100_000, "not a record"),
        ('{"a":' * 100_000, "not a record"),
        (RECORD[: len(RECORD) // 2], "not a record: Unterminated string|not a record: Expecting"),
        (RECORD[:-3], "not a record: Expecting"),
        (RECORD.replace('"start": ', '"start": ' + "1" * 5000, 1), "not a record: Exceeds the limit"),
        (RECORD.replace('"start": ', '"start": NaN, "was": ', 1), "not a record: NaN is no number of JSON"),
        (RECORD.replace('"start": ', '"start": -Infinity, "was": ', 1), "not a record: -Infinity is no number of JSON"),
        (RECORD.replace('"start": ', '"start": 1, "start": ', 1), "not a record: it has an entry twice"),
        (damaged(lambda data: data.update(schema="article-cleaner/record/9")), "not 'article-cleaner/record/1'"),
        (damaged(lambda data: data["edits"][0].update(removed="other")), "digest"),
        (damaged(lambda data: data.pop("digest")), "digest"),
        (resealed(lambda data: data.pop("clean")), "no clean entry"),
        (resealed(lambda data: data.pop("source")), "no source entry"),
        (resealed(lambda data: data.pop("extraction")), "no extraction entry"),
        (resealed(lambda data: data.update(more=1)), "not a record: an entry 'more' that nobody knows"),
        (resealed(lambda data: data.update(edits={})), "edits has the wrong type: an object, not a list"),
        (resealed(lambda data: data["edits"].append(None)), r"edits\[\d\] has the wrong type: null, not an object"),
        (resealed(lambda data: data["edits"][0].update(start="1")), "wrong type"),
        (resealed(lambda data: data["edits"][0].update(start=True)), "wrong type"),
        (
            resealed(lambda data: data["edits"][0].update(start=1.0)),
            r"edits\[0\].start has the wrong type: a number, not a whole",
        ),
        (resealed(lambda data: data["edits"][0].update(start=-1)), r"edits\[0\].start is out of range"),
        (resealed(lambda data: data["counts"]["edits"].update({"A\n": 0})), r"counts.edits.A\\n is out of range"),
        (resealed(lambda data: data["edits"][0].update(end=10**30)), "does not fit its text"),
        (resealed(lambda data: data["edits"][0].update(clean_start=0)), "edit 1 stands at another place of the clean text"),
        (
            resealed(lambda data: data["edits"][0].update(confidence=1e999)).replace("Infinity", "1e999"),
            r"edits\[0\].confidence is out of range",
        ),
        (resealed(lambda data: data["edits"][0].update(confidence=float("nan"))), "NaN is no number of JSON"),
        (resealed(lambda data: data["edits"][0].update(rule="\x1b[31m")), r"edits\[0\].rule does not fit"),
        (resealed(overlapping), "overlaps"),
        (resealed(late), "overlaps the one before it or has a span that does not fit"),
        (resealed(lambda data: data["edits"].pop()), "the edits do not turn a text of the raw length"),
        (resealed(lambda data: data["clean"]["sections"].update(body=[5, 10**20])), "the body does not lie in the clean text"),
        (resealed(lambda data: data["clean"]["sections"].update(body=[5])), "clean.sections.body has 1 entries, not 2"),
        (resealed(lambda data: data["source"].update(bytes=-1)), "source.bytes is out of range"),
        (resealed(lambda data: data["source"].update(newline="vt")), "source.newline is not 'lf' or"),
    ],
)
def test_damaged_records_are_refused(text: str, message: str) -> None:
    clean = cleaner.clean(RAW).text
    with pytest.raises(RecordError, match=message) as caught:
        parse_record(text)
    assert "\n" not in str(caught.value)
    with pytest.raises(RecordError, match=message):
        cleaner.restore(clean, text)
    if text.startswith("{") and (data := _loaded(text)) is not None:  # what the reading itself refuses has no other form
        with pytest.raises(RecordError):
            cleaner.restore(clean, data)
        with pytest.raises(RecordError):
            cleaner.restore(clean, Record(data))


def _loaded(text: str) -> dict | None:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return data if json.dumps(data, ensure_ascii=False, indent=2) + "\n" != RECORD else None


@pytest.mark.parametrize("value", [{"a": {1, 2}}, {1: 2, "a": 3}, {"a": 10**5000}, {"a": b"bytes"}, {"a": float("nan")}])
def test_what_is_no_json_is_no_record(value: dict) -> None:
    result = cleaner.clean(RAW)
    with pytest.raises(RecordError):
        cleaner.restore(result.text, {**result.record.data, **value})


def test_a_record_with_another_raw_text_is_refused() -> None:
    result = cleaner.clean(RAW)
    other = resealed(lambda data: [edit.update(removed=edit["removed"].swapcase()) for edit in data["edits"]])
    with pytest.raises(RecordError, match="the restored bytes are not those that the record names"):
        cleaner.restore(result.text, other)


@pytest.mark.parametrize("encoding", ["punycode", "idna", "zip", "none", "a\0b", "undefined", "x" * 10_000, "a\r\n", "ascii"])
def test_encodings_that_no_file_has_are_refused(encoding: str) -> None:
    result = cleaner.clean("Rain fell \u2014 and fell.")
    data = json.loads(result.record.to_json())
    data["source"]["encoding"] = encoding
    with pytest.raises(RecordError, match="cannot encode the raw text as") as caught:
        cleaner.restore(result.text, sealed(Record(data)).data)
    assert str(caught.value).isprintable()


def test_the_check_is_that_of_the_published_schema(schema: dict) -> None:
    """Each entry in turn takes values of every kind; both must say the same of each."""
    record = json.loads(cleaner.clean(RAW.replace("Rain", "Also Read: Rain")).record.to_json())
    validator = jsonschema.Draft202012Validator(schema)
    for path in [path for path in _paths(record) if not any(isinstance(key, int) and key for key in path)]:
        for value in (None, True, -1, 10**30, 0.5, 2.5, "", "a" * 64, "REL001", ["x"], [1, 2], {"x": 1}):
            changed = copy.deepcopy(record)
            holder = changed
            for key in path[:-1]:
                holder = holder[key]
            holder[path[-1]] = value
            assert _is_good(changed) == validator.is_valid(changed), (path, value)
        holder.pop(path[-1])
        assert _is_good(changed) == validator.is_valid(changed), path


def _paths(value: object) -> Iterator[tuple]:
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        yield (key,)
        yield from ((key, *rest) for rest in _paths(inner))


def _is_good(record: dict) -> bool:
    try:
        record_form()(record)
    except FormError:
        return False
    return True


@pytest.mark.parametrize(
    ("text", "newline"),
    [("a", "none"), ("a\nb", "lf"), ("a\r\nb", "crlf"), ("a\rb", "cr"), ("a\r\nb\n", "mixed"), ("a\rb\n", "mixed")],
)
def test_newline_of(text: str, newline: str) -> None:
    assert newline_of(text) == newline
