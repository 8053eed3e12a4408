"""Corpora as a user cleans them: every format there and back, bad rows, interruptions, and the library's batches."""

from __future__ import annotations

import base64
import gzip
import json
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import zstandard
from click.testing import CliRunner, Result
from pyarrow import parquet

import cleaner
from cleaner import corpora, corpus_runs
from cleaner.cli import main
from cleaner.locks import locked
from cleaner.model import InputError, RuleError
from cleaner.unpacked import Bounds

LINK = "Also Read: Ten bridges that did not last"
STORY = (
    "Storm closes the old harbour bridge\n\n"
    "The old harbour bridge was closed on Monday after a storm tore off parts of roof {number}, the city said.\n\n"
    "{junk}"
    "Engineers will look at the piers this week, and the bridge may open again for buses before Friday.\n"
)
SUFFIXES = [".jsonl", ".jsonl.gz", ".jsonl.zst", ".parquet"]


def raw(number: int) -> str:
    return STORY.format(number=number, junk=f"{LINK}\n\n")


def clean(number: int) -> str:
    return STORY.format(number=number, junk="")


def rows_of(numbers: Iterable[int]) -> list[dict[str, Any]]:
    return [{"id": f"r{number}", "text": raw(number), "where": {"page": number, "süd": None}} for number in numbers]


def lines(rows: Iterable[Any]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".parquet":
        parquet.write_table(pa.Table.from_pylist(rows), path, row_group_size=7)
    else:
        pack: dict[str, Callable[[bytes], bytes]] = {".gz": gzip.compress, ".zst": zstandard.compress}
        path.write_bytes(pack.get(path.suffix, bytes)(lines(rows)))
    return path


def plain(path: Path) -> bytes:
    """The file without its compression."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(data)
    if path.suffix == ".zst":
        with zstandard.ZstdDecompressor().stream_reader(data, read_across_frames=True) as reader:
            return bytes(reader.read())
    return data


def read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        rows: list[dict[str, Any]] = parquet.read_table(path).to_pylist()
        return [{**row, "record": json.loads(row["record"])} for row in rows]
    return [json.loads(line) for line in plain(path).decode().split("\n") if line]


def run(*args: object, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, ["clean", *map(str, args), "--isolated"], input=stdin)


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


# every format, there and back


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_there_and_back(suffix: str, tmp_path: Path) -> None:
    source = write(tmp_path / f"a{suffix}", rows_of(range(20)))
    out = tmp_path / f"clean{suffix}"
    done = run(source, "--out", out, "--workers", 1)
    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr.endswith("20 rows of 1 file: 20 cleaned\n")
    found = read(out)
    assert [list(row) for row in found] == [["id", "text", "where", "metadata", "flags", "record"]] * 20
    assert [row["text"] for row in found] == [clean(number) for number in range(20)]
    assert [cleaner.restore(row["text"], row["record"]) for row in found] == [raw(number) for number in range(20)]
    assert [(row["id"], row["where"]) for row in found] == [(row["id"], row["where"]) for row in rows_of(range(20))]
    assert found[3]["metadata"]["title"] == "Storm closes the old harbour bridge"
    assert names(tmp_path) == [source.name, out.name]


def test_a_folder_is_mirrored_and_articles_in_it_are_cleaned_too(tmp_path: Path) -> None:
    source = tmp_path / "raw"
    for name in ("a.jsonl", "deep/b.jsonl.gz", "deep/c.parquet"):
        write(source / name, rows_of(range(2)))
    (source / "d.txt").write_text(raw(1))
    done = run(source, "--out", tmp_path / "out", "--workers", 1)
    assert done.exit_code == 0
    assert "6 rows of 3 files: 6 cleaned" in done.stderr
    assert "1 article: 1 written" in done.stderr
    assert names(tmp_path / "out") == ["a.jsonl", "d.json", "d.txt", "deep/b.jsonl.gz", "deep/c.parquet"]


def test_copies_never_take_the_place_of_another_raw_corpus(tmp_path: Path) -> None:
    source = tmp_path / "raw"
    for name in ("a.jsonl", "raw/a.jsonl", "raw/new.jsonl"):
        write(source / name, rows_of([1]))
    before = {name: (source / name).read_bytes() for name in names(source)}
    for _ in range(2):
        done = run(source, "--out", tmp_path, "--workers", 1)
        assert done.exit_code == 2
        for name, holder in (("a.jsonl", source / "a.jsonl"), ("new.jsonl", source)):
            assert f"would be written to {source / name}, and {holder} must not be touched; name another folder" in done.stderr
        assert {name: (source / name).read_bytes() for name in names(source)} == before
        assert [row["text"] for row in read(tmp_path / "a.jsonl")] == [clean(1)]  # the others are done
    assert run(source, "--out", source, "--workers", 1).exit_code == 2
    assert {name: (source / name).read_bytes() for name in names(source)} == before


def test_a_second_run_writes_nothing_and_says_so(tmp_path: Path) -> None:
    for name in ("a.jsonl.zst", "b.parquet"):
        write(tmp_path / "raw" / name, rows_of(range(2)))
    out = tmp_path / "out"
    first = run(tmp_path / "raw", "--out", out, "--workers", 1, "--exit-non-zero-on-write")
    assert first.exit_code == 1
    assert f"wrote {out / 'a.jsonl.zst'}\nwrote {out / 'b.parquet'}\n" in first.stderr
    before = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    again = run(tmp_path / "raw", "--out", out, "--workers", 1, "--exit-non-zero-on-write")
    assert (again.exit_code, "wrote" in again.stderr) == (0, False)
    assert {path: path.stat().st_mtime_ns for path in out.iterdir()} == before


def test_what_is_not_the_text_stays_as_it_is_written(tmp_path: Path) -> None:
    before, after = '{ "price":1.10,"big": 1e400, "a":"\\u00fc" ,"body":', ', "nan": NaN, "deep":{"x":[1,2 , 3]}'
    (tmp_path / "a.jsonl").write_bytes(f"\ufeff{before}{json.dumps(raw(1))}{after}  }} \r\n\r\n".encode())
    assert run(tmp_path / "a.jsonl", "--out", tmp_path / "b.jsonl", "--text-field", "body", "--workers", 1).exit_code == 0
    expected = f'{before}{json.dumps(clean(1))}{after}, "metadata": {{"title": "Storm closes'
    assert (tmp_path / "b.jsonl").read_text().startswith(expected)
    assert (tmp_path / "b.jsonl").read_text().endswith('"}}\n')


def test_compressions_of_json_lines_can_be_changed(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl.gz", rows_of(range(3)))
    for name in ("b.jsonl", "b.jsonl.zst"):
        assert run(source, "--out", tmp_path / name, "--workers", 1).exit_code == 0
    assert plain(tmp_path / "b.jsonl") == plain(tmp_path / "b.jsonl.zst")


def test_standard_input_to_standard_output(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", rows_of(range(3)))
    run(source, "--out", tmp_path / "b.jsonl", "--workers", 1)
    piped = run("-", "--input-format", "jsonl", "--workers", 1, "-q", stdin=source.read_bytes())
    named = run(source, "--workers", 1, "-q")
    assert (piped.exit_code, piped.stderr) == (named.exit_code, named.stderr) == (0, "")
    assert piped.stdout_bytes == named.stdout_bytes == (tmp_path / "b.jsonl").read_bytes()


def test_an_empty_corpus_is_an_empty_corpus(tmp_path: Path) -> None:
    for suffix in SUFFIXES:
        write(tmp_path / f"a{suffix}", rows_of(range(1)))
        if suffix == ".parquet":
            parquet.write_table(parquet.read_table(tmp_path / "a.parquet").slice(1), tmp_path / "a.parquet")
        else:
            write(tmp_path / f"a{suffix}", [])
        assert run(tmp_path / f"a{suffix}", "--out", tmp_path / f"b{suffix}", "--workers", 1).exit_code == 0
        assert read(tmp_path / f"b{suffix}") == []


def test_empty_texts_are_rows_too(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    source.write_bytes(b'{"text": ""}\n{"text": " \\n"}\n{"text": "A \\ud800 alone."}\n')
    assert run(source, "--out", tmp_path / "b.jsonl", "--workers", 1).exit_code == 0
    found = read(tmp_path / "b.jsonl")
    assert [cleaner.restore(row["text"], row["record"]) for row in found] == ["", " \n", "A \ud800 alone."]


# Parquet


def test_the_schema_is_kept(tmp_path: Path) -> None:
    text = pa.array([raw(1), raw(2)])
    schema = pa.schema(
        [
            pa.field("when", pa.timestamp("ms", "UTC")),
            pa.field("text", pa.large_string(), nullable=False, metadata={"unit": "article"}),
            pa.field("kind", pa.dictionary(pa.int8(), pa.string())),
            pa.field("price", pa.decimal128(9, 2)),
        ],
        metadata={"origin": "test"},
    )
    arrays = [
        pa.array([1, 2], pa.timestamp("ms", "UTC")), text.cast(pa.large_string()),
        pa.array(["news", "news"]).dictionary_encode().cast(pa.dictionary(pa.int8(), pa.string())),
        pa.array([1, None], pa.decimal128(9, 2)),
    ]  # fmt: skip
    parquet.write_table(pa.table(arrays, schema=schema), tmp_path / "a.parquet")
    assert run(tmp_path / "a.parquet", "--out", tmp_path / "b.parquet", "--workers", 1).exit_code == 0
    before, after = parquet.read_table(tmp_path / "a.parquet"), parquet.read_table(tmp_path / "b.parquet")
    kept = pa.schema([after.schema.field(name) for name in before.schema.names], after.schema.metadata)
    assert kept.equals(before.schema, check_metadata=True)
    assert after.drop(["text", "metadata", "flags", "record"]).equals(before.drop(["text"]))
    assert after.column("text").to_pylist() == [clean(1), clean(2)]


def test_texts_may_be_a_dictionary_and_have_gaps(tmp_path: Path) -> None:
    texts = pa.array([raw(1), None, raw(1)]).dictionary_encode()
    parquet.write_table(pa.table({"text": texts, "id": [10, 11, 12]}), tmp_path / "a.parquet")
    done = run(tmp_path / "a.parquet", "--out", tmp_path / "b.parquet", "--workers", 1, "--rejects", tmp_path / "bad.jsonl")
    assert done.exit_code == 2
    assert f"cleaner: {tmp_path / 'a.parquet'}: row 2: the field 'text' holds null, not text\n" in done.stderr
    assert [(row["id"], row["text"]) for row in read(tmp_path / "b.parquet")] == [(10, clean(1)), (12, clean(1))]
    assert [(row["row"], row["id"]) for row in read(tmp_path / "bad.jsonl")] == [(2, 11)]


def test_a_text_that_is_not_utf8_costs_no_other_row(tmp_path: Path) -> None:
    texts = pa.array([raw(1).encode(), b"Caf\xe9", raw(2).encode()], pa.binary())
    broken = pa.Array.from_buffers(pa.string(), len(texts), texts.buffers())
    ids = pa.array([10, 11, 12], pa.timestamp("ns"))  # not all of which Python has a form for
    parquet.write_table(pa.table({"text": broken, "id": ids}), tmp_path / "a.parquet")
    done = run(tmp_path / "a.parquet", "--out", tmp_path / "b.parquet", "--workers", 1)
    assert done.exit_code == 2
    assert f"cleaner: {tmp_path / 'a.parquet'}: row 2: byte 0xe9 at offset 3 is not utf-8\n" in done.stderr
    found = parquet.read_table(tmp_path / "b.parquet")
    assert found.column("text").to_pylist() == [clean(1), clean(2)]
    assert found.column("id").equals(pa.chunked_array([ids.take(pa.array([0, 2]))]))


@pytest.mark.parametrize("typed", [False, True])
def test_rows_that_are_too_long_are_set_aside_whatever_makes_them_so(typed: bool, tmp_path: Path) -> None:  # noqa: FBT001
    more = pa.array(["x", "y" * 50_000, None, "x", "z" * 60_000, "x"] * 2)
    columns = {
        "id": list(range(12)),
        "text": [raw(number) for number in range(12)],
        "more": more.dictionary_encode() if typed else more,
    }
    parquet.write_table(pa.table(columns), tmp_path / "a.parquet")
    bad = tmp_path / "bad.jsonl"
    args = [tmp_path / "a.parquet", "--rejects", bad, "--max-row-bytes", 40_000, "--workers", 1]
    done = run(*args, "--out", tmp_path / "b.parquet")
    assert done.exit_code == 2
    assert "row 2: longer than 40,000 bytes; raise --max-row-bytes if it is an article" in done.stderr
    assert "12 rows of 1 file: 8 cleaned, 4 rejected" in done.stderr
    assert [row["row"] for row in read(bad)] == [2, 5, 8, 11]
    found = parquet.read_table(tmp_path / "b.parquet")
    assert found.schema.field("more").type == pa.table(columns).schema.field("more").type
    assert found.column("more").to_pylist() == ["x", None, "x", "x"] * 2
    assert found.column("text").to_pylist() == [clean(number) for number in range(12) if number % 3 != 1]
    assert run(*args, "--out", tmp_path / "c.jsonl", "--output-format", "dolma").exit_code == 2
    assert len(read(tmp_path / "c.jsonl")) == 12


@pytest.mark.parametrize("names", [["text", "text"], ["text", "kind", "kind"]])
def test_columns_of_the_same_name_are_refused(names: list[str], tmp_path: Path) -> None:
    arrays = [pa.array([raw(1)]), *(pa.array(["news"]) for _ in names[1:])]
    parquet.write_table(pa.Table.from_arrays(arrays, names=names), tmp_path / "a.parquet")
    done = run(tmp_path / "a.parquet", "--out", tmp_path / "b.parquet", "--workers", 1)
    assert done.exit_code == 2
    assert f"cleaner: {tmp_path / 'a.parquet'}: has the field {names[-1]!r} twice\n" in done.stderr


def test_row_groups_do_not_show_the_chunks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path / "a.parquet", rows_of(range(25)))
    monkeypatch.setattr(corpora, "ROW_GROUP_ROWS", 10)
    for size in (4, 256):
        monkeypatch.setattr(corpora, "CHUNK_ROWS", size)
        assert run(source, "--out", tmp_path / f"{size}.parquet", "--workers", 1).exit_code == 0
    assert (tmp_path / "4.parquet").read_bytes() == (tmp_path / "256.parquet").read_bytes()
    metadata = parquet.read_metadata(tmp_path / "4.parquet")
    assert [metadata.row_group(index).num_rows for index in range(metadata.num_row_groups)] == [10, 10, 5]


# the same result, however it is made


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_chunks_are_the_same_wherever_reading_begins(suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpora, "CHUNK_ROWS", 4)
    monkeypatch.setattr(corpora, "CHUNK_BYTES", 900)  # two of the long rows
    rows = [{**row, "text": row["text"] * (1 + number // 10)} for number, row in enumerate(rows_of(range(20)))]
    source = write(tmp_path / f"a{suffix}", rows)
    bounds = Bounds(2**20, 200)
    ends = [chunk.end for chunk in corpora.read_chunks(source, corpora.Place(), bounds)]
    assert ends[-1].row == 20
    for number, end in enumerate(ends):
        assert [chunk.end for chunk in corpora.read_chunks(source, end, bounds)] == ends[number + 1 :]


def test_workers_and_chunks_do_not_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for suffix in SUFFIXES:
        write(tmp_path / "raw" / f"a{suffix}", [*rows_of(range(30)), {"id": "bad", "text": None, "where": None}])
    outs = []
    for name, workers, rows in (("one", 1, 8), ("two", 2, 8), ("large", 1, 256)):
        monkeypatch.setattr(corpora, "CHUNK_ROWS", rows)
        out = tmp_path / name
        extra = ["--records", out / "records.jsonl", "--rejects", out / "rejects.jsonl"]
        done = run(tmp_path / "raw", "--out", out, "--workers", workers, *extra)
        assert (done.exit_code, "124 rows of 4 files: 120 cleaned, 4 rejected" in done.stderr) == (2, True)
        outs.append(out)
    one, two, large = outs
    assert names(one) == [*(f"a{suffix}" for suffix in SUFFIXES), "records.jsonl", "rejects.jsonl"]
    for name in names(one):
        assert (one / name).read_bytes() == (two / name).read_bytes(), name
        assert plain(one / name) == plain(large / name), name


@pytest.mark.parametrize("value", [None, b"Rain fell.", 7])
def test_what_is_no_text_is_refused(value: Any) -> None:
    message = f"the text is of type {type(value).__name__}, not str"
    with pytest.raises(InputError, match=message):
        cleaner.clean(value)
    with pytest.raises(InputError, match=message):
        list(cleaner.clean_many(["Rain fell.", value], workers=2))


def test_one_text_is_not_taken_for_many() -> None:
    with pytest.raises(InputError, match="not one text; use clean"):
        cleaner.clean_many("Rain fell.")


def test_clean_many_gives_the_same_results_with_workers() -> None:
    texts = [raw(number) for number in range(10)]
    one, two = list(cleaner.clean_many(texts)), list(cleaner.clean_many(texts, workers=2))
    assert one == two
    assert one[0].edits[0].finding.rule is two[0].edits[0].finding.rule
    assert pickle.loads(pickle.dumps(one[0])).text == clean(0)


PACK = """
[[rule]]
code = "OWN001"
name = "greeting"
detect = "line"
confidence = 0.95
what = "A greeting."
why = "It is none of the article's."
limits = "A greeting that is quoted."
pattern.en = '{word} from the desk$'
examples = [{{ text = "{word} from the desk", removed = "{word} from the desk" }}]
counterexamples = ["Rain fell on the town.", "Nobody at the desk said a word."]
"""


def test_a_cleaner_goes_on_with_the_pack_it_has_read(tmp_path: Path) -> None:
    pack = tmp_path / "own.toml"
    pack.write_text(PACK.format(word="Hello"))
    text = f"{raw(1)}\n\nHello from the desk\n"
    config = cleaner.Config(extend_rules=(str(pack),), per_file_ignores=(("b.txt", ("REL",)),))
    first = cleaner.Cleaner(config)
    pack.write_text(PACK.format(word="Goodbye"))
    assert "Hello" not in first.clean(text).text
    assert "Hello" not in first.for_path("b.txt").clean(text).text
    with pytest.raises(RuleError, match="not the rules of the cleaner that was pickled"):
        list(first.clean_many([text] * 3, workers=2))
    second = cleaner.Cleaner(config)
    assert second.rule_set.digest == pickle.loads(pickle.dumps(second)).rule_set.digest != first.rule_set.digest
    other = f"{raw(1)}\n\nGoodbye from the desk\n"
    for result in second.clean_many([other] * 3, workers=2):
        assert [edit.finding.rule.what for edit in result.edits if edit.finding.rule.code == "OWN001"] == ["A greeting."]
        assert [edit.finding.rule for edit in result.edits] == [edit.finding.rule for edit in second.clean(other).edits]


def test_a_cleaner_is_pickled_as_its_settings() -> None:
    careful = cleaner.Cleaner(cleaner.Config(ignore=("REL",)))
    data = pickle.dumps(careful)
    assert len(data) < 2000
    assert pickle.loads(data).clean(raw(1)).text == careful.clean(raw(1)).text == raw(1)


# bad rows


BAD: dict[bytes, str] = {
    b'{"text": "cut off': "not JSON: Unterminated string starting at: column 10",
    b'{"text": "a" "b": 1}': "not JSON: Expecting ',' or '}': column 14",
    b'{"text": "a", }': "not JSON: Expecting the name of a field in double quotes: column 15",
    b'{"text" "a"}': "not JSON: Expecting ':': column 9",
    b'{"text": "a"} {}': "not JSON: Extra data: column 14",
    b"[1, 2]": "holds a list, not a JSON object",
    b'"text"': "holds a string, not a JSON object",
    b'{"text": "\xff"}': "byte 0xff at offset 10 is not utf-8",
    b'{"body": "Rain fell."}': "no field 'text'; name the right one with --text-field",
    b'{"text": null}': "the field 'text' holds null, not text",
    b'{"text": ["a"]}': "the field 'text' holds a list, not text",
    b'{"text": 7}': "the field 'text' holds a number, not text",
    b'{"text": "a", "text": "b"}': "has the field 'text' twice",
    b'{"text": "a", "flags": []}': "has a field 'flags' already, which is to be a new one; name the new one with --field-prefix",
    b'{"text": "a", "deep": ' + b"[" * 5000 + b"]" * 5000 + b"}": "JSON nested too deep",
    b'{"text": "' + b"long " * 10_000 + b'"}': "longer than 40,000 bytes; raise --max-row-bytes if it is an article",
}


def test_bad_rows_are_told_and_set_aside_and_the_rest_is_done(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    source.write_bytes(b"\n".join([lines(rows_of([1])).strip(), *BAD, lines(rows_of([2])).strip()]))
    done = run(
        source, "--out", tmp_path / "b.jsonl", "--rejects", tmp_path / "bad.jsonl", "--max-row-bytes", 40_000, "--workers", 1
    )
    assert done.exit_code == 2
    told = [line for line in done.stderr.split("\n") if line.startswith("cleaner: ")]
    assert told == [f"cleaner: {source}: row {number}: {message}" for number, message in enumerate(BAD.values(), 2)]
    assert f"{len(BAD) + 2} rows of 1 file: 2 cleaned, {len(BAD)} rejected" in done.stderr
    assert [row["text"] for row in read(tmp_path / "b.jsonl")] == [clean(1), clean(2)]
    rejects = read(tmp_path / "bad.jsonl")
    assert [(row["row"], row["error"]) for row in rejects] == list(enumerate(BAD.values(), 2))
    assert rejects[0]["line"] == '{"text": "cut off'
    assert rejects[7]["line"] == '{"text": "\\xff"}'
    assert rejects[-1]["line"] is None


def test_only_the_first_bad_rows_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(b"{}\n" * 50)
    done = run(tmp_path / "a.jsonl", "--out", tmp_path / "b.jsonl", "--workers", 1)
    assert done.stderr.count("no field 'text'") == corpus_runs.SHOWN_ROWS
    assert "more bad rows are not shown; --rejects FILE has them all" in done.stderr
    assert "50 rows of 1 file: 0 cleaned, 50 rejected" in done.stderr


def test_a_line_of_a_gigabyte_in_a_small_file_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpora, "CHUNK_BYTES", 4096)
    pieces: list[int] = []
    readline = gzip.GzipFile.readline

    def watched(file: gzip.GzipFile, size: int | None = -1) -> bytes:
        line = readline(file, size)
        pieces.append(len(line))
        return line

    monkeypatch.setattr(gzip.GzipFile, "readline", watched)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(b'{"text": "' + b"0" * 3_000_000 + b'"}\n' + lines(rows_of([1]))))
    done = run(tmp_path / "a.jsonl.gz", "--out", tmp_path / "b.jsonl", "--max-row-bytes", 5000, "--workers", 1)
    assert "row 1: longer than 5,000 bytes" in done.stderr
    assert [row["text"] for row in read(tmp_path / "b.jsonl")] == [clean(1)]
    assert max(pieces) <= 5001


# files that cannot be read


@pytest.mark.parametrize(
    ("name", "damage", "message"),
    [
        ("b.jsonl.gz", lambda data: data[:-40], "damaged behind row"),
        ("b.jsonl.zst", lambda data: data[:-40], "damaged behind row 0: the file ends inside a Zstandard frame"),
        ("b.jsonl.zst", lambda data: b"none" + data, "damaged behind row 0"),
        ("b.parquet", lambda data: data[:-40], "cannot be read as Parquet"),
    ],
)
def test_a_damaged_file_leaves_nothing_and_the_others_are_done(
    name: str, damage: Callable[[bytes], bytes], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpora, "CHUNK_ROWS", 2)
    source = tmp_path / "raw"
    for other in ("a.jsonl", "c.jsonl"):
        write(source / other, rows_of(range(2)))
    path = write(source / name, [*rows_of(range(300)), {"text": None}])
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(lines([{}, *({"text": base64.b64encode(os.urandom(900)).decode()} for _ in range(9))])))
    path.write_bytes(damage(path.read_bytes()))
    out = tmp_path / "out"
    done = run(source, "--out", out, "--workers", 1, "--rejects", out / "bad.jsonl", "--records", out / "records.jsonl")
    assert done.exit_code == 2
    assert f"cleaner: {path}: {message}" in done.stderr
    assert "4 rows of 3 files: 4 cleaned, 1 file failed" in done.stderr
    assert names(out) == ["a.jsonl", "bad.jsonl", "c.jsonl", "records.jsonl"]
    assert (out / "bad.jsonl").read_bytes() == b""
    assert [row["file"] for row in read(out / "records.jsonl")] == ["a.jsonl"] * 2 + ["c.jsonl"] * 2


def test_packages_that_are_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for suffix, module, extra in ((".jsonl.zst", "zstandard", "zstd"), (".parquet", "pyarrow", "parquet")):
        path = write(tmp_path / f"a{suffix}", rows_of([1]))
        with monkeypatch.context() as patch:
            patch.setitem(sys.modules, module, None)
            done = run(path, "--out", tmp_path / "out", "--workers", 1)
        assert done.exit_code == 2
        message = f"{path}: needs {module}, which is not installed: pip install 'article-cleaner[{extra}]'"
        assert f"cleaner: {message}\n" in done.stderr
        assert names(tmp_path / "out") == []


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["a.jsonl", "--out", "b.parquet"], "name a file that ends in .jsonl, .jsonl.gz or .jsonl.zst"),
        (["a.parquet", "--out", "b.jsonl"], "name a file that ends in .parquet"),
        (["a.parquet"], "Parquet cannot go to standard output; name a file: --out FILE.parquet"),
        (["a.jsonl", "a.parquet", "--out", "b.jsonl"], "is the name of one file, and there are 2 corpora"),
        (["a.jsonl", "--out", "a.jsonl"], "would take the place of a raw corpus"),
        (["a.jsonl", "--out", "b.jsonl", "--records", "b.jsonl"], "would be written twice"),
        (["a.jsonl", "--records", "a.jsonl"], "a.jsonl: would take the place of a raw corpus; name another file"),
        (["a.jsonl", "--records", "./b.jsonl", "--rejects", "b.jsonl"], "b.jsonl: would be written twice"),
        (["a.jsonl", "--records", "b.jsonl", "--rejects", "d.txt/c.jsonl"], "c.jsonl.cleaner-part: cannot be written"),
        (["a.jsonl", "--out", "b.jsonl", "--records", "b.txt"], "name a file that ends in .jsonl"),
        (["a.jsonl", "--out", "d.txt"], "is a file; name a folder with --out, or a file that ends in"),
        (["d.txt", "--out", "out", "--rejects", "x.jsonl"], "are for corpora, and there is none here"),
        (["a.jsonl", "d.txt", "--out", "out", "--output-format", "dolma"], "Dolma attributes are for corpora"),
        (["a.jsonl", "d.txt", "--out", "b.jsonl"], "is the name of a corpus, and articles go to a folder"),
        (["none.jsonl", "--out", "b.jsonl"], "none.jsonl: no such file or folder"),
        (["a.jsonl", "--out", "b.jsonl", "--output-format", "dolma", "--html-field", "page"], "leave one of them out"),
        (["a.jsonl", "--out", "b.jsonl", "--html-field", "page", "--text-field", "record"], "two new fields would have the name"),
        (["a.jsonl", "--input-format", "jsonl"], "--input-format is for standard input"),
        (["a.jsonl", "--out", "b.jsonl", "--text-field", ""], "text-field must not be empty"),
        (["a.parquet", "--out", "b.parquet", "--text-field", "body"], "no field 'body'; name the right one with --text-field"),
        (["a.parquet", "--out", "b.parquet", "--text-field", "where"], "the field 'where' has the type struct<"),
    ],
)
def test_wrong_usage(args: list[str], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("a.jsonl", "a.parquet"):
        write(tmp_path / name, rows_of([1]))
    (tmp_path / "d.txt").write_text(raw(1))
    before = names(tmp_path)
    done = run(*args, "--workers", 1)
    assert done.exit_code == 2
    assert message in done.stderr
    assert "Traceback" not in done.output
    assert names(tmp_path) == before


def test_what_goes_through_standard_streams_is_not_written_over(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", rows_of([1]))
    before = source.read_bytes()
    command = [sys.executable, "-m", "cleaner", "clean", "-", "--input-format", "jsonl", "--workers", "1", "--isolated"]
    for extra in ("a.jsonl", "out.jsonl"):
        with source.open("rb") as stdin, (tmp_path / "out.jsonl").open("wb") as stdout:
            done = subprocess.run(
                [*command, "--records", tmp_path / extra], stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, check=False
            )
        assert done.returncode == 2
        assert done.stderr.decode() == f"cleaner: {tmp_path / extra}: is standard input or output already; name another file\n"
        assert (source.read_bytes(), names(tmp_path)) == (before, ["a.jsonl", "out.jsonl"])


def test_other_commands_say_that_they_read_articles_only(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", rows_of([1]))
    done = CliRunner().invoke(main, ["check", str(path), "--isolated"])
    assert (done.exit_code, done.stderr) == (
        2,
        f"cleaner: {path}: a corpus, which only `cleaner clean` reads; give it articles\n",
    )


def test_a_missing_file_does_not_keep_the_others(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", rows_of([1]))
    done = run(source, tmp_path / "none.jsonl", "--out", tmp_path / "out", "--workers", 1)
    assert (done.exit_code, names(tmp_path / "out")) == (2, ["a.jsonl"])
    assert f"cleaner: {tmp_path / 'none.jsonl'}: no such file or folder\n" in done.stderr


# fields


def test_names_that_are_taken_get_a_prefix(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", [{"id": "d", "text": raw(1), "metadata": {"by": "me"}}])
    assert run(source, "--out", tmp_path / "b.jsonl", "--workers", 1).exit_code == 2
    assert run(source, "--out", tmp_path / "b.jsonl", "--workers", 1, "--field-prefix", "cleaner_").exit_code == 0
    (row,) = read(tmp_path / "b.jsonl")
    assert list(row) == ["id", "text", "metadata", "cleaner_metadata", "cleaner_flags", "cleaner_record"]
    assert row["metadata"] == {"by": "me"}


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_pages_in_a_field(suffix: str, tmp_path: Path) -> None:
    body = "".join(f"<p>{line}</p>" for line in raw(1).split("\n\n")[1:])
    page = f"<html><body><article><h1>Storm closes the bridge</h1>{body}</article></body></html>"
    source = write(tmp_path / f"a{suffix}", [{"page": page, "id": 1}])
    out = tmp_path / f"b{suffix}"
    assert run(source, "--out", out, "--html-field", "page", "--workers", 1).exit_code == 0
    (row,) = read(out)
    assert list(row) == ["page", "id", "text", "metadata", "flags", "record"]
    assert row["page"] == page
    assert LINK not in row["text"]
    assert row["record"]["extraction"]["tool"] == "trafilatura"
    assert LINK in cleaner.restore(row["text"], row["record"])
    taken = write(tmp_path / f"c{suffix}", [{"page": page, "text": "mine"}])
    assert "has a field 'text' already" in run(taken, "--out", out, "--html-field", "page", "--workers", 1).stderr


def test_records_in_a_file_of_their_own(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", [{"doc": 7, "text": raw(1)}, {"text": None}, {"doc": 9, "text": raw(2)}])
    records = tmp_path / "records.jsonl.gz"
    run(source, "--out", tmp_path / "b.jsonl", "--records", records, "--id-field", "doc", "--workers", 1)
    found = read(records)
    assert [(row["file"], row["row"], row["id"]) for row in found] == [("a.jsonl", 1, 7), ("a.jsonl", 3, 9)]
    assert [row["record"] for row in found] == [row["record"] for row in read(tmp_path / "b.jsonl")]


@pytest.mark.parametrize("suffix", [".jsonl.gz", ".parquet"])
def test_dolma_attributes(suffix: str, tmp_path: Path) -> None:
    texts = [f"\U0001f327 {raw(1)}", clean(2), None, raw(3)]
    rows = [{"id": f"d{number}", "text": text, "source": "news", "metadata": {"n": 1}} for number, text in enumerate(texts)]
    write(tmp_path / "documents" / f"a{suffix}", rows)
    out = tmp_path / "attributes"
    done = run(tmp_path / "documents", "--out", out, "--output-format", "dolma", "--workers", 1)
    assert done.exit_code == 2
    found = read(out / f"a{suffix}".replace(".parquet", ".jsonl"))
    assert [row["id"] for row in found] == ["d0", "d1", "d2", "d3"]
    assert {row["source"] for row in found} == {"news"}
    assert [list(row["attributes"]) for row in found] == [["cleaner__REL001__related"], [], [], ["cleaner__REL001__related"]]
    for row, text in ((found[0], texts[0]), (found[3], texts[3])):
        ((start, end, confidence),) = row["attributes"]["cleaner__REL001__related"]
        assert text is not None
        assert text[start:end].strip() == LINK
        assert confidence == 0.97


# interruptions


DRIVER = """
import multiprocessing, os, signal, sys
from pathlib import Path
from cleaner import corpora, corpus_runs
from cleaner.cli import main
from cleaner.locks import locked
if __name__ == "__main__":
    stop, pids, *args = sys.argv[1:]
    corpora.CHUNK_ROWS = 4
    corpus_runs.COMMIT_SECONDS = 0
    commit, commits = corpus_runs.CorpusRun._commit, []
    def counted(run, part):
        commit(run, part)
        commits.append(run)
        if len(commits) == int(stop):
            Path(pids).write_text(" ".join(str(child.pid) for child in multiprocessing.active_children()))
            os.kill(os.getpid(), signal.SIGKILL)
    corpus_runs.CorpusRun._commit = counted
    main(args)
"""


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
def test_a_killed_run_is_continued_and_leaves_nobody_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for suffix in SUFFIXES:
        write(tmp_path / "raw" / f"a{suffix}", [*rows_of(range(22)), {"text": None}])
    (tmp_path / "driver.py").write_text(DRIVER)
    monkeypatch.setattr(corpora, "CHUNK_ROWS", 4)

    def args(out: Path) -> list[object]:
        return [tmp_path / "raw", "--out", out, "--records", out / "records.jsonl.gz", "--rejects", out / "rejects.jsonl"]

    whole, out = tmp_path / "whole", tmp_path / "out"
    run(*args(whole), "--workers", 1)
    command = [
        sys.executable,
        tmp_path / "driver.py",
        "11",
        tmp_path / "pids",
        "clean",
        *args(out),
        "--workers",
        "2",
        "--isolated",
    ]
    killed = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert names(out) == [
        ".a.jsonl.gz.cleaner-part", ".cleaner-lock", ".cleaner-state",
        ".records.jsonl.gz.cleaner-part", ".rejects.jsonl.cleaner-part", "a.jsonl",
    ]  # fmt: skip
    with (out / ".a.jsonl.gz.cleaner-part").open("ab") as file:
        file.write(b"what was written after the state was")
    workers = [int(pid) for pid in (tmp_path / "pids").read_text().split()]
    assert len(workers) == 2
    end = time.monotonic() + 30
    while any(map(is_running, workers)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(map(is_running, workers))
    done = run(*args(out), "--workers", 1)
    assert done.exit_code == 2
    assert f"{tmp_path / 'raw' / 'a.jsonl.gz'}: goes on behind row 12, where a run was interrupted" in done.stderr
    assert "92 rows of 4 files: 88 cleaned, 4 rejected" in done.stderr
    assert names(out) == names(whole)
    for name in names(whole):
        assert (out / name).read_bytes() == (whole / name).read_bytes(), name


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("suffix", [".jsonl.zst", ".parquet"])
def test_a_signal_ends_a_run_in_order(
    stop: signal.Signals, code: int, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write(tmp_path / f"a{suffix}", rows_of(range(20)))
    monkeypatch.setattr(corpora, "CHUNK_ROWS", 4)

    def args(name: str) -> list[object]:
        return [source, "--out", tmp_path / f"{name}{suffix}", "--records", tmp_path / f"{name}.records.jsonl", "--workers", 1]

    run(*args("whole"))
    counted = corpus_runs.CorpusRun._counted

    def interrupted(one: corpus_runs.CorpusRun, name: str, outcome: Any) -> corpus_runs.Tally:
        tally = counted(one, name, outcome)
        if outcome.end.row >= 7:
            signal.raise_signal(stop)  # when all of the chunk is written, and nothing knows of it
        return tally

    with monkeypatch.context() as patch:
        patch.setattr(corpus_runs.CorpusRun, "_counted", interrupted)
        done = run(*args("out"))
    assert done.exit_code == code
    assert done.stderr == f"cleaner: stopped by {stop.name}; the same command goes on behind row 4 of {source}\n"
    assert not (tmp_path / f"out{suffix}").exists()
    assert not (tmp_path / "out.records.jsonl").exists()
    done = run(*args("out"))
    assert "goes on behind row 4, where a run was interrupted" in done.stderr
    assert done.stderr.endswith("20 rows of 1 file: 20 cleaned\n")
    for name in (suffix, ".records.jsonl"):
        assert (tmp_path / f"out{name}").read_bytes() == (tmp_path / f"whole{name}").read_bytes()


def test_a_run_with_other_settings_starts_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write(tmp_path / "a.jsonl", rows_of(range(8)))
    monkeypatch.setattr(corpora, "CHUNK_ROWS", 4)
    with monkeypatch.context() as patch:
        patch.setattr(corpus_runs.CorpusRun, "_finish", lambda *_: signal.raise_signal(signal.SIGTERM))
        assert run(source, "--out", tmp_path / "b.jsonl", "--workers", 1).exit_code == 143
    done = run(source, "--out", tmp_path / "b.jsonl", "--workers", 1, "--ignore", "REL")
    assert "belongs to other inputs, settings or rules; starting again" in done.stderr
    assert [row["text"] for row in read(tmp_path / "b.jsonl")] == [raw(number) for number in range(8)]
    assert names(tmp_path) == ["a.jsonl", "b.jsonl"]


@pytest.mark.parametrize("at", ["_take", "_finish"])
def test_a_run_goes_on_with_no_part_of_another_one(at: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, out = write(tmp_path / "raw" / "a.jsonl", rows_of(range(20))), tmp_path / "out"
    monkeypatch.setattr(corpora, "CHUNK_ROWS", 4)
    calls: list[object] = []

    def stopped(*args: Any) -> None:
        calls.append(args)
        if len(calls) == 2 or at == "_finish":
            signal.raise_signal(signal.SIGTERM)
        take(*args)

    take = getattr(corpus_runs.CorpusRun, at)
    one = [tmp_path / "raw", "--out", out, "--workers", 1]
    for args in (one, [source, "--out", out / "a.jsonl", "--ignore", "REL", "--workers", 1]):
        calls.clear()
        with monkeypatch.context() as patch:
            patch.setattr(corpus_runs.CorpusRun, at, stopped)
            assert run(*args).exit_code == 143
    done = run(*one)
    assert (done.exit_code, f"{out / '.cleaner-state'}: tells of rows that are gone; starting again" in done.stderr) == (0, True)
    assert [row["text"] for row in read(out / "a.jsonl")] == [clean(number) for number in range(20)]


STATES = {
    "gone": "tells of rows that are gone",
    "large": "1,048,577 bytes are more than a state has (1,048,576); split the file",
    "broken": "is not what an interrupted run writes",
}


@pytest.mark.parametrize("kind", STATES)
def test_a_run_that_cannot_go_on_says_why(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, state = write(tmp_path / "a.jsonl", rows_of(range(8))), tmp_path / ".b.jsonl.cleaner-state"
    monkeypatch.setattr(corpora, "CHUNK_ROWS", 4)
    with monkeypatch.context() as patch:
        patch.setattr(corpus_runs.CorpusRun, "_finish", lambda *_: signal.raise_signal(signal.SIGTERM))
        assert run(source, "--out", tmp_path / "b.jsonl", "--workers", 1).exit_code == 143
    if kind == "gone":
        (tmp_path / ".b.jsonl.cleaner-part").unlink()
    else:
        state.write_text("x" * (2**20 + 1 if kind == "large" else 1))
    done = run(source, "--out", tmp_path / "b.jsonl", "--workers", 1)
    assert (done.exit_code, f"cleaner: {state}: {STATES[kind]}; starting again\n" in done.stderr) == (0, True)
    assert [row["text"] for row in read(tmp_path / "b.jsonl")] == [clean(number) for number in range(8)]
    assert names(tmp_path) == ["a.jsonl", "b.jsonl"]


def test_two_runs_do_not_write_the_same_file(tmp_path: Path) -> None:
    source = write(tmp_path / "a.jsonl", rows_of([1]))
    with locked(tmp_path / ".b.jsonl.cleaner-lock"):
        done = run(source, "--out", tmp_path / "b.jsonl", "--workers", 1)
    assert done.exit_code == 2
    assert "another run writes the same files; wait for its end, or name another --out" in done.stderr
    assert names(tmp_path) == ["a.jsonl"]


# batches of the library


@pytest.mark.skipif(sys.platform == "win32", reason="no locks there")
def test_a_lock_on_a_file_that_is_gone_keeps_nobody_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    source, lock = write(tmp_path / "a.jsonl", rows_of([1])), tmp_path / ".b.jsonl.cleaner-lock"

    def another_run_ends_and_a_third_starts(*_: object) -> None:
        lock.rename(tmp_path / "gone")
        lock.touch()

    monkeypatch.setattr(fcntl, "flock", another_run_ends_and_a_third_starts)
    done = run(source, "--out", tmp_path / "b.jsonl", "--workers", 1)
    assert done.exit_code == 2
    assert "another run writes the same files" in done.stderr
    assert lock.exists()


def test_clean_batch_keeps_all_columns() -> None:
    function = pickle.loads(pickle.dumps(cleaner.clean_batch))
    batch = {"id": [1, 2], "text": [raw(1), clean(2)], "flag": [None, "x"]}
    found = function(batch)
    assert list(found) == ["id", "text", "flag", "metadata", "flags", "record"]
    assert (found["id"], found["flag"]) == ([1, 2], [None, "x"])
    assert found["text"] == [clean(1), clean(2)]
    assert cleaner.restore(found["text"][0], json.loads(found["record"][0])) == raw(1)
    assert json.loads(found["metadata"][0])["title"] == "Storm closes the old harbour bridge"
    assert found["flags"] == ["[]", "[]"]
    assert batch["text"] == [raw(1), clean(2)]


def test_clean_batch_says_which_row_is_bad() -> None:
    with pytest.raises(cleaner.CleanerError, match="row 2 of the batch: the field 'body' holds null, not text"):
        cleaner.clean_batch({"body": [raw(1), None]}, text_field="body")
    with pytest.raises(cleaner.CleanerError, match="no field 'text'"):
        cleaner.clean_batch({"body": [raw(1)]})
    with pytest.raises(cleaner.CleanerError, match="has a field 'record' already"):
        cleaner.clean_batch({"text": [raw(1)], "record": [None]})


def test_a_corpus_is_no_file_of_one_article(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    path.write_text('{"text": "Rain fell."}\n')
    with pytest.raises(InputError, match="holds many articles"):
        cleaner.clean_file(path)
