"""Records: the schema, the way back, and what is refused."""

from __future__ import annotations

import json
from importlib import resources

import jsonschema
import pytest

import cleaner
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


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not a record"),
        ("[]", "no schema"),
        ("[" * 100_000, "not a record"),
        (damaged(lambda data: data.update(schema="article-cleaner/record/9")), "not 'article-cleaner/record/1'"),
        (damaged(lambda data: data["edits"][0].update(removed="other")), "digest"),
        (damaged(lambda data: data.pop("digest")), "digest"),
        (resealed(lambda data: data.pop("clean")), "no clean entry"),
        (resealed(lambda data: data.pop("source")), "no source entry"),
        (resealed(lambda data: data.update(edits={})), "no edits"),
        (resealed(lambda data: data["edits"][0].update(start="1")), "wrong type"),
        (resealed(lambda data: data["edits"][0].update(start=True)), "wrong type"),
        (resealed(lambda data: data["edits"][0].update(end=10**30)), "does not fit its text"),
        (resealed(overlapping), "overlaps"),
    ],
)
def test_damaged_records_are_refused(text: str, message: str) -> None:
    with pytest.raises(RecordError, match=message):
        parse_record(text)


@pytest.mark.parametrize(
    ("text", "newline"),
    [("a", "none"), ("a\nb", "lf"), ("a\r\nb", "crlf"), ("a\rb", "cr"), ("a\r\nb\n", "mixed"), ("a\rb\n", "mixed")],
)
def test_newline_of(text: str, newline: str) -> None:
    assert newline_of(text) == newline
