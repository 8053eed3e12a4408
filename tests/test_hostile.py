"""Input that was made to do harm: names and texts with terminal escapes, bombs, packs and settings, pages with entities."""

from __future__ import annotations

import gzip
import json
import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import thrift
import zstandard
from click.testing import CliRunner, Result
from pyarrow import parquet

import cleaner
from cleaner import corpora, report, rows, runs, unpacked
from cleaner.cli import main, terminal
from cleaner.runs import Run

STORY = (
    "Storm closes the old harbour bridge\n\n"
    "The old harbour bridge was closed on Monday after a storm tore off parts of its roof, the city said.\n\n"
    "{junk}"
    "Engineers will look at the piers this week, and the bridge may open again for buses before Friday.\n"
)
ESCAPES = "\x1b[31m\x1b]0;title\x07\x9b2J\x7f\u202e"
DIRTY = STORY.format(junk=f"Also Read: Ten{ESCAPES} bridges that did not last\n\nAdvertisement{ESCAPES}\n\n")
NAMES = [
    f"a{ESCAPES}\u2028\n::error::b\r%0A,c:d.txt",
    os.fsdecode(b"\xff\xfe.txt"),
    "x..\x1b[0m.txt",
    "  \t.txt",
    "--\x1b[31m.txt",
]


def run(*args: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, [*map(str, args)], input=stdin)


def is_plain(text: str) -> bool:
    """True if nothing in the text could move the cursor of a terminal or change its colors."""
    return all(char.isprintable() or char in "\n\t" for char in text)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    for name in NAMES:
        try:
            (folder / name).write_text(DIRTY)
        except OSError:
            pytest.skip("this file system does not take such names")
    return folder


# names and texts with terminal escapes


@pytest.mark.parametrize("output", [*report.FORMATS, "statistics", "verbose"])
def test_check_prints_nothing_raw(output: str, raw: Path) -> None:
    option = ["--statistics"] if output == "statistics" else ["-v"] if output == "verbose" else ["--output-format", output]
    done = run("check", raw, *option, "--isolated")
    assert done.exit_code == 1
    assert is_plain(done.output)
    assert done.stdout
    if output in ("json", "jsonl"):
        rows = json.loads(done.stdout) if output == "json" else [json.loads(line) for line in done.stdout.split("\n") if line]
        assert {row["path"] for row in rows} == {str(raw / name) for name in NAMES}  # to programs they are told as they are
        assert {row["text"] for row in rows if row["rule"] == "REL001"} == {f"Also Read: Ten{ESCAPES} bridges that did not last"}


def test_github_annotations_cannot_be_forged(raw: Path) -> None:
    lines = run("check", raw, "--output-format", "github", "--isolated").stdout.split("\n")
    assert all(line.startswith("::warning file=") for line in lines if line)
    name = next(line for line in lines if "error" in line).split(",line=")[0]
    assert name.endswith("%0A%3A%3Aerror%3A%3Ab%0D%250A%2Cc%3Ad.txt")


def test_diffs_are_plain_on_a_terminal_and_exact_in_a_pipe(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    for name in NAMES[1:]:
        (raw / name).unlink()
    piped = run("diff", raw, "--isolated").stdout
    assert f"-Also Read: Ten{ESCAPES} bridges that did not last\n" in piped
    assert run("clean", raw / NAMES[0], "--isolated", "--select", "TTL").stdout == DIRTY
    monkeypatch.setattr(terminal, "is_terminal", lambda: True)
    for args in (["diff"], ["diff", "--side-by-side"], ["check", "--diff"], ["diff", "--ignore", "NRM"]):
        done = run(*args, raw, "--isolated")
        assert "Also Read: Ten" in done.stdout
        assert is_plain(done.output), args
    done = run("clean", raw / NAMES[0], "--isolated", "--select", "TTL")
    assert "Also Read: Ten" in done.stdout
    assert is_plain(done.output)


def test_rows_are_plain_on_a_terminal_and_exact_in_a_pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = json.dumps({"id": "süd 日\x9b2J\x7f\u202e", "text": STORY.format(junk="")}, ensure_ascii=False)
    (tmp_path / "a.jsonl").write_text(row.replace(", ", ",\r\t", 1) + "\n")
    piped = run("clean", tmp_path / "a.jsonl", "--workers", 1, "--isolated").stdout
    assert "\x9b2J\x7f\u202e" in piped
    monkeypatch.setattr(terminal, "is_terminal", lambda: True)
    shown = run("clean", tmp_path / "a.jsonl", "--workers", 1, "--isolated").stdout
    assert is_plain(shown)
    assert json.loads(shown.replace("␍", "\r")) == json.loads(piped)
    assert '"süd 日\\u009b2J\\u007f\\u202e"' in shown


def test_runs_print_nothing_raw(raw: Path, tmp_path: Path) -> None:
    (raw / f"{ESCAPES}.txt").write_bytes(b"\0")
    (raw / f"{ESCAPES}.jsonl").write_text('{"text": "x", "\x7f\x9b": 1, "\x7f\x9b": 2}\n')
    out = tmp_path / f"out{ESCAPES}"
    for _ in range(2):
        done = run("clean", raw, "--out", out, "--exit-non-zero-on-write", "--workers", 1, "--isolated")
        assert done.exit_code == 2
        assert is_plain(done.output)
    (raw / NAMES[0]).unlink()
    (raw / f"{ESCAPES}.txt").unlink()
    (raw / f"{ESCAPES}.jsonl").unlink()
    for args in ([], ["--prune", "--exit-non-zero-on-write"]):
        done = run("clean", raw, "--out", out, *args, "--isolated")
        assert "raw file is gone" in done.stderr or "removed" in done.stderr
        assert is_plain(done.output)
    broken = next(path for path in out.iterdir() if path.suffix == ".json")
    broken.write_text(broken.read_text().replace("REL001", ESCAPES[:4]))
    (out / f"{ESCAPES}.txt").write_text("no record")
    for args in (["verify", out], ["stats", out], ["restore", out, "--out", tmp_path / "again"]):
        done = run(*args)
        assert done.exit_code in (1, 2)
        assert is_plain(done.output)


def test_usage_and_settings_print_nothing_raw(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cleaner.toml").write_text('protect = ["\\u001b\\u009b\\u202ex"]\n')
    for args in (
        [f"--{ESCAPES}"],
        [ESCAPES],
        ["check", f"--{ESCAPES}"],
        ["check", f"{ESCAPES}.txt"],
        ["check", "a.txt", "--config", ESCAPES],
        ["check", "a.txt", "--select", ESCAPES],
        ["check", "a.txt", "--per-file-ignores", ESCAPES],
        ["verify", ESCAPES],
        ["rule", ESCAPES],
        ["settings"],
    ):
        done = run(*args)
        assert done.exit_code == (0 if args == ["settings"] else 2)
        assert is_plain(done.output), args
        assert done.output


PACK = """
[[rule]]
code = "MINE001"
name = "weather-box"
detect = "line"
pattern.en = 'weather in \\w+'
confidence = 0.95
what = "The weather\\u001b[31m\\u009b box.\\n::error::x"
why = "It is not\\u001b[31m part of it."
limits = "None\\u001b[31m."
flag = "weather\\u001b[31m"
examples = [{ text = "Rain fell.\\n\\nWeather\\u001b[31m", removed = "Weather" }]
counterexamples = ["The\\u001b[31m weather in Leeds: it rains.", "Weather in Leeds\\u001b[31m is bad."]
"""


def test_packs_print_nothing_raw(tmp_path: Path) -> None:
    pack, text = tmp_path / f"{ESCAPES}.toml", tmp_path / "a.txt"
    pack.write_text(PACK)
    text.write_text(f"{STORY.format(junk='')}\nWeather in Leeds\n")
    done = run("rule", "--test", pack)
    assert (done.exit_code, "MINE001: nothing found in the example" in done.stdout) == (1, True)
    assert is_plain(done.output)
    for option in (["-v"], ["--statistics"], *(["--output-format", name] for name in report.FORMATS)):
        done = run("check", text, "--extend-rules", pack, *option, "--isolated")
        assert "MINE001" in done.stdout
        assert is_plain(done.output)
    done = run("clean", text, "--extend-rules", pack, "--out", tmp_path / "out", "--isolated")
    assert "weather" in done.stderr
    assert is_plain(done.output)
    pack.write_text(PACK.replace("weather-box", "weather\\u001b[31m"))
    done = run("rule", "--test", pack)
    assert done.exit_code == 2
    assert is_plain(done.output)


def test_an_internal_error_prints_nothing_raw_and_ends_with_2(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: Any) -> None:
        raise RuntimeError(ESCAPES)

    monkeypatch.setattr(Run, "_write", failing)
    done = run("clean", raw, "--out", tmp_path / "out", "--isolated")
    assert done.exit_code == 2
    assert "cleaner: internal error, please report it: RuntimeError: " in done.stderr
    assert is_plain(done.output)
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.parametrize(
    "name", ["patterns.re", "patterns.unmarked", "patterns.Line", "breaks.lru_cache", "os.system", "pages.form_of"]
)
def test_a_pack_names_detectors_and_nothing_else(name: str, tmp_path: Path) -> None:
    pack = tmp_path / "pack.toml"
    pack.write_text(PACK.replace('detect = "line"', f'detect = "{name}"'))
    done = run("check", "-", "--extend-rules", pack, "--isolated", stdin="Rain fell.")
    assert (done.exit_code, done.stderr) == (2, f"cleaner: MINE001: there is no detector {name!r}\n")


# packs and settings


TOML = {
    "large": ("x = '" + "long " * 200_000 + "'", "bytes are more than a"),
    "deep": ("x = " + "[" * 100_000, "nested too deep"),
    "deep tables": ("x = " + "{a=" * 100_000, "nested too deep"),
    "dotted": (".".join("a" * 1000) + " = 1", "a key of more than 12 parts in line 1"),
    "quoted": ("\n[" + "'a' . \"b=\". " * 50 + "c]", "a key of more than 12 parts in line 2"),
    "number": ("x = " + "1" * 5000, "not a TOML file: Exceeds the limit"),
    "bytes": ("x = '\udcff'", "not a TOML file"),
    "escape": ("\x1b[31m", "not a TOML file"),
    "other": ("x = 0x" + "f" * 100_000, "unknown"),
}


@pytest.mark.parametrize("kind", TOML)
def test_toml_bombs_are_refused_in_one_line(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text, message = TOML[kind]
    for name, args in (("pack.toml", ["--extend-rules", "pack.toml", "--isolated"]), ("cleaner.toml", [])):
        (tmp_path / name).write_bytes(text.encode("utf-8", "surrogateescape"))
        done = run("check", "-", *args, stdin="Rain fell.")
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr.startswith(f"cleaner: {name if args else tmp_path / name}: ")
        assert message in done.stderr
        assert done.stderr.count("\n") == 1
        assert is_plain(done.stderr)


def test_many_long_keys_take_bounded_time(tmp_path: Path) -> None:
    pack = tmp_path / "pack.toml"
    pack.write_text("".join(f"[k{number}.a.a.a.a.a.a.a.a.a]\n" for number in range(5000)))
    started = time.process_time()
    assert run("rule", "--test", pack).exit_code == 2
    assert time.process_time() - started < 5  # seconds; with a hundred parts each it would be minutes


@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
@pytest.mark.parametrize("option", [None, "--config", "--extend-rules"])
def test_settings_and_packs_are_regular_files(
    kind: str, option: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "cleaner.toml"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)  # nobody ever writes to it
    else:
        path.symlink_to("/dev/zero")
    done = run("check", "-", *([option, path, "--isolated"] if option else []), stdin="Rain fell.")
    assert (done.exit_code, done.stderr) == (2, f"cleaner: {path}: not a regular file\n")


# bombs


GOOD = STORY.format(junk="Also Read: Ten bridges that did not last\n\n")
ROW = json.dumps({"text": GOOD}) + "\n"


def same(value: str, times: int) -> pa.DictionaryArray:
    """A column that holds a value many times, and takes hardly more space than it."""
    return pa.DictionaryArray.from_arrays(pa.array([0] * times, pa.int32()), pa.array([value]))


def write_bombs(folder: Path) -> dict[str, str]:
    """Small files that unpack to much, and what is said of each."""
    limit = "unpacks to more than 67,108,864 bytes"
    zeros = b"0" * 70_000_000
    (folder / "zeros.jsonl.gz").write_bytes(gzip.compress(b'{"text": "' + zeros + b'"}\n', 6))
    (folder / "zeros.jsonl.zst").write_bytes(zstandard.compress(b'{"text": "' + zeros + b'"}\n'))
    packed: dict[str, Any] = {"compression": "zstd", "dictionary_pagesize_limit": 2**30, "store_schema": False}
    huge = same("x" * 2_000_000, 100_000)  # two hundred gigabytes
    parquet.write_table(pa.table({"text": huge}), folder / "dictionary.parquet", **packed)
    parquet.write_table(pa.table({"text": same(GOOD, 100_000), "more": huge}), folder / "other.parquet", **packed)
    items = pa.ListArray.from_arrays(pa.array([0, 200_000]), same("x" * 1_000_000, 200_000))
    parquet.write_table(pa.table({"text": [GOOD], "more": items}), folder / "list.parquet", **packed)
    pages = {f"c{number}": ["x" * 35_000_000] for number in range(2)}
    parquet.write_table(pa.table({"text": [GOOD], **pages}), folder / "pages.parquet", compression="zstd", use_dictionary=False)
    parquet.write_table(pa.table({"text": pa.nulls(9_000_000, pa.string())}), folder / "rows.parquet", compression="zstd")
    write_columns_of_known_width(folder)
    write_shared_beginnings(folder)
    return dict.fromkeys([path.name for path in folder.iterdir()], limit) | write_false_descriptions(folder)


def write_columns_of_known_width(folder: Path) -> None:
    """Parquet files in which hardly anything stands for values, or for missing ones, that always take a megabyte."""
    nothing = pa.nulls(300, pa.list_(pa.int8(), 1_000_000))
    columns = {
        "width-equal": pa.array([b"y" * 1_000_000] * 300, pa.binary(1_000_000)),
        "width-missing": pa.nulls(300, pa.binary(1_000_000)),
        "width-lists": nothing,
        "width-struct": pa.StructArray.from_arrays([nothing], ["a"]),
        "width-lists-in-lists": pa.ListArray.from_arrays(pa.array([0, *[300] * 300], pa.int32()), nothing),
    }
    for name, more in columns.items():
        table = pa.table({"text": [GOOD] * 300, "more": more})
        parquet.write_table(table, folder / f"{name}.parquet", compression="zstd", dictionary_pagesize_limit=2**30)


def write_shared_beginnings(folder: Path) -> None:
    """Parquet files with texts of which each begins as the one before, and takes a few bytes for it."""
    long = "x" * 4_000_000
    packed: dict[str, Any] = {"compression": "zstd", "use_dictionary": False, "data_page_size": 2**30}
    encoding = {"text": "PLAIN", "more": "DELTA_BYTE_ARRAY"}
    parquet.write_table(
        pa.table({"text": [GOOD] * 300, "more": [long] * 300}), folder / "shared.parquet", column_encoding=encoding, **packed
    )
    table = pa.table({"text": [GOOD], "more": [[long] * 300]})
    encoding = {"text": "PLAIN", "more.list.element": "DELTA_BYTE_ARRAY"}
    parquet.write_table(table, folder / "shared-list.parquet", column_encoding=encoding, **packed)


def write_false_descriptions(folder: Path) -> dict[str, str]:
    """Parquet files that say of themselves what is not so."""
    parquet.write_table(pa.table({"text": [GOOD] * 10}), folder / "false.parquet")
    body, fields = thrift.description(folder / "false.parquet")
    (folder / "false.parquet").unlink()
    (group,) = fields[4][1][1]
    (column,) = group[1][1][1]

    def false(name: str, message: str, **changed: Any) -> None:
        values = {**column[3][1], **changed.get("values", {})}
        columns = [changed.get("column", {**column, 3: (thrift.STRUCT, values)})] * changed.get("columns", 1)
        one = {**group, 1: (thrift.LIST, (thrift.STRUCT, columns)), 3: (6, changed.get("rows", 10))}
        groups = (thrift.LIST, (thrift.STRUCT, [one] * changed.get("groups", 1)))
        thrift.write(folder / name, body, {**fields, 4: groups, **changed.get("fields", {})})
        told[name] = message

    told: dict[str, str] = {}
    leaf, nest = {1: (5, 6), 3: (5, 0), 4: (8, b"a")}, {3: (5, 0), 4: (8, b"a"), 5: (5, 1)}
    schema = (thrift.LIST, (thrift.STRUCT, [{4: (8, b"s"), 5: (5, 1)}, *[nest] * 10_000, leaf]))
    false("many-rows.parquet", "damaged behind row 10: it says that it has 4,611,686,018,427,387,904 rows", rows=2**62)
    false("no-values.parquet", "damaged behind row 0: it says that it has 10 rows", values={5: (6, -1)})
    false("large.parquet", "its columns are larger than the file, or lie in the same place", values={7: (6, 2**60)})
    false("again.parquet", "its columns are larger than the file, or lie in the same place", groups=1000)
    false("half.parquet", "a column has no description", column={2: (6, 0)}, columns=1000)
    false("deep.parquet", "Parquet schema too deeply nested", fields={2: schema})
    false("page.parquet", "a page has ", values={9: (6, 1), 11: (6, 1)})
    return told


BOUNDED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (3 * 2**30, 3 * 2**30))
from cleaner.cli import main
code = main.main(sys.argv[1:], standalone_mode=False)
peak = next(line.split()[1] for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(code, int(peak) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="limits the memory as Linux does")
def test_bombs_take_bounded_memory_and_the_rest_is_done(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    told = write_bombs(raw)
    (raw / "z.jsonl").write_text(ROW)
    args = [*map(str, ("clean", raw, "--out", out, "--workers", 1, "--isolated"))]
    done = subprocess.run([sys.executable, "-c", BOUNDED, *args], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    code, megabytes = map(int, done.stdout.split())
    assert code == 2
    for name, message in told.items():
        (line,) = [line for line in done.stderr.split("\n") if line.startswith(f"cleaner: {raw / name}: ")]
        assert message in line
    assert [path.name for path in out.iterdir()] == ["z.jsonl"]
    assert megabytes < 400


def test_descriptions_of_parquet_files_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.parquet"
    parquet.write_table(pa.table({"text": [GOOD] * 90}), path, row_group_size=1)
    args = ["clean", path, "--out", tmp_path / "b.parquet", "--workers", 1, "--isolated"]
    done = run(*args, "--max-row-bytes", 3000)
    assert done.exit_code == 2
    assert re.search(
        r"its description of itself takes [\d,]+ bytes, more than a row may \(3,000\); raise --max-row-bytes", done.stderr
    )
    with monkeypatch.context() as patch:
        patch.setattr(unpacked, "MOST_HELD_BYTES", 100)
        assert re.search(
            r"a\.parquet: its pages take \d{3} bytes of memory at once; write it with smaller ones", run(*args).stderr
        )
    monkeypatch.setattr(unpacked, "MOST_ELEMENTS", 180)
    assert "a.parquet: cannot be read as Parquet: it describes more columns than any corpus has" in run(*args).stderr


@pytest.mark.parametrize("piece", [b"\n", b"{}\n", b'{"text": ""}\n', b" ", b'{"text": "Rain fell."}\n'])
@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_bombs_of_small_rows_are_refused(piece: bytes, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpacked, "LEAST_LIMIT", 5000)
    monkeypatch.setattr(corpora, "CHUNK_BYTES", 1000)
    path = tmp_path / f"a.jsonl{suffix}"
    data = piece * (6000 // len(piece))
    path.write_bytes(gzip.compress(data) if suffix == ".gz" else zstandard.compress(data))
    args = ["clean", path, "--out", tmp_path / "b.jsonl", "--workers", 1, "--max-row-bytes", 2000, "--isolated"]
    done = run(*args, "--max-expansion", 5)
    assert done.exit_code == 2
    assert f"cleaner: {path}: unpacks to more than 5,000 bytes, " in done.stderr
    assert "raise --max-expansion" in done.stderr
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    assert piece.strip() or "unpacks" not in run(*args, "--max-expansion", 10**6).stderr


def test_many_frames_of_hardly_anything_take_time_in_proportion(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.zst"
    empty = zstandard.compress(b"")
    path.write_bytes(zstandard.compress(ROW.encode()) + empty * (600_000 // len(empty)) + zstandard.compress(ROW.encode()))
    started = time.process_time()
    (chunk,) = corpora.read_chunks(path, corpora.Place(), unpacked.Bounds(2**24, 200))
    assert len(chunk.lines) == 2
    assert time.process_time() - started < 2  # seconds; a tenth, where copies of what is left took many


@pytest.mark.parametrize("encoded", [False, True])
def test_what_is_worth_its_size_is_no_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, encoded: bool) -> None:
    """Dictionaries of all kinds as honest files have them: no value more than the file has room for."""
    monkeypatch.setattr(unpacked, "LEAST_LIMIT", 0)
    monkeypatch.setattr(unpacked, "HELD_BYTES", 30_000)
    texts = [STORY.format(junk=f"Report {number}: {number * 7919}\n\n") for number in range(300)]
    table = pa.table(
        {
            "text": texts,
            "kind": pa.array(["news", "sport", None] * 100).dictionary_encode(),
            "tags": pa.array([["harbour", "bridge"][: number % 3] for number in range(300)]),
            "deep": pa.array([{"of": [{"name": f"n{number % 5}", "size": number}]} for number in range(300)]),
            "map": pa.array([[("a", "b")]] * 300, pa.map_(pa.string(), pa.string())),
            "view": pa.array(["x", None, "y"] * 100, pa.string_view()),
            "key": pa.array([number.to_bytes(16, "big") for number in range(300)], pa.binary(16)),
            "vector": pa.array([[number / 7] * 8 for number in range(300)], pa.list_(pa.float32(), 8)),
            "flag": pa.array([True, None, False] * 100),
            "at": pa.array([None, 1, 2] * 100, pa.timestamp("us")),
            "void": pa.nulls(300),
            "site": pa.array([{"host": f"www.example.org/{number % 7}"} for number in range(300)]),
        }
    )
    encodings = dict.fromkeys(("text", "site.host"), "DELTA_BYTE_ARRAY") if encoded else None
    dictionaries = ["kind", "key"] if encoded else True
    parquet.write_table(table, tmp_path / "a.parquet", row_group_size=100, use_dictionary=dictionaries, column_encoding=encodings)
    done = run("clean", tmp_path / "a.parquet", "--out", tmp_path / "b.parquet", "--workers", 1, "--isolated")
    assert (done.exit_code, "300 cleaned" in done.stderr) == (0, True), done.stderr
    after = parquet.read_table(tmp_path / "b.parquet")
    assert after.select([name for name in table.column_names if name != "text"]).equals(table.drop(["text"]))


def test_columns_that_cannot_be_written_cost_no_other_corpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    parquet.write_table(pa.table({"text": [GOOD] * 9}), raw / "a.parquet")
    parquet.write_table(pa.table({"text": [GOOD] * 9}), raw / "b.parquet")
    monkeypatch.setattr(corpora, "CHUNK_ROWS", 3)
    with_results = rows._with_results

    def failing(fields: rows.Fields, batch: Any, cleaned: Any, first: int) -> Any:
        if first == 4 and not failed:
            failed.append(first)
            raise pa.ArrowNotImplementedError("no such type")
        return with_results(fields, batch, cleaned, first)

    failed: list[int] = []
    monkeypatch.setattr(rows, "_with_results", failing)
    done = run("clean", raw, "--out", tmp_path / "out", "--workers", 1, "--isolated")
    assert done.exit_code == 2
    assert "cleaner: a.parquet: a column cannot be written: no such type\n" in done.stderr
    assert "9 rows of 2 files: 9 cleaned, 1 file failed" in done.stderr
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.parquet"]


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_corpora_and_states_are_regular_files(kind: str, tmp_path: Path) -> None:
    def odd(path: Path) -> None:
        if kind == "pipe":
            os.mkfifo(path)  # nobody ever writes to it
        elif kind == "device":
            path.symlink_to("/dev/zero")
        else:
            path.mkdir()

    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    out.mkdir()
    names = ["a.jsonl", "b.jsonl.gz", "c.jsonl.zst", "d.parquet"]
    for path in (*(raw / name for name in names), out / ".cleaner-state"):
        odd(path)
    (raw / "z.jsonl").write_text(ROW)
    done = run("clean", raw, "--out", out, "--workers", 1, "--isolated", "--follow-links")
    if kind == "folder":  # folders of such names are folders
        assert f"cleaner: {out / '.cleaner-state'}: cannot be written: " in done.stderr
        return
    assert done.exit_code == 2
    for name in names:
        assert f"cleaner: {raw / name}: not a regular file\n" in done.stderr
    assert [path.name for path in out.iterdir()] == ["z.jsonl"]


def test_standard_input_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "MAX_BYTES", 1000)
    assert run("check", "-", "--isolated", stdin="Rain. " * 100).exit_code != 2
    done = run("check", "-", "--isolated", stdin="Rain. " * 200)
    assert (done.exit_code, done.stderr) == (2, "cleaner: -: more bytes than an article has (1,000); split the input\n")


# JSON


DEEP = "[" * 100_000 + "]" * 100_000


def test_deep_json_is_a_bad_row(tmp_path: Path) -> None:
    rows = [f'{{"text": "x", "deep": {DEEP}}}', f'{{"deep": {DEEP}, "text": "x"}}', DEEP, '{"a":' * 100_000, f'{{"id": {DEEP}}}']
    (tmp_path / "a.jsonl").write_text("\n".join([*rows, ROW]))
    done = run("clean", tmp_path / "a.jsonl", "--out", tmp_path / "b.jsonl", "--workers", 1, "--isolated")
    assert done.exit_code == 2
    assert done.stderr.count("JSON nested too deep") == len(rows)
    assert "6 rows of 1 file: 1 cleaned, 5 rejected" in done.stderr


@pytest.mark.parametrize("output", [[], ["--output-format", "dolma"]])
def test_json_as_deep_as_can_be_read_can_be_written(output: list[str], tmp_path: Path) -> None:
    """Somewhere here reading begins to fail; what can be read must not fail later."""
    deep = ["[" * depth + "]" * depth for depth in range(700, 1100)]
    (tmp_path / "a.jsonl").write_text("".join(f'{{"id": {one}, "text": 5, "source": {one}}}\n' for one in deep))
    extra = ["--rejects", tmp_path / "bad.jsonl", "--workers", 1, "--isolated"]
    done = run("clean", tmp_path / "a.jsonl", "--out", tmp_path / "b.jsonl", *output, *extra)
    assert done.exit_code == 2
    assert "internal error" not in done.stderr
    assert "400 rows of 1 file: 0 cleaned, 400 rejected" in done.stderr


def test_deep_json_in_pages() -> None:
    body = "".join(f"<p>{line}</p>" for line in GOOD.split("\n\n"))
    for value in (DEEP, '{"@type": "NewsArticle", "headline": ' + DEEP + "}", '{"@graph": ' * 100_000):
        page = f'<html><head><script type="application/ld+json">{value}</script></head><body>{body}</body></html>'
        assert "harbour bridge was closed" in cleaner.clean_html(page).text


# pages


def hostile_page(secret: str, port: int) -> str:
    """A page that asks for files and connections in every way that is known."""
    near, far = f"file://{secret}", f"http://127.0.0.1:{port}"
    laughs = "".join(f'<!ENTITY l{number} "{f"&l{number - 1};" * 10}">' for number in range(1, 10))
    body = "".join(f"<p>{line}</p>" for line in GOOD.split("\n\n"))
    return (
        f'<?xml version="1.0"?><?xml-stylesheet href="{far}/a.xsl" type="text/xsl"?>'
        f'<!DOCTYPE html SYSTEM "{far}/a.dtd" [<!ENTITY near SYSTEM "{near}"><!ENTITY far SYSTEM "{far}/b">'
        f'<!ENTITY % all SYSTEM "{far}/c"> %all; <!ENTITY l0 "ha">{laughs}]>'
        '<html xmlns="http://www.w3.org/1999/xhtml" xmlns:xi="http://www.w3.org/2001/XInclude"><head>'
        f'<base href="{far}/"/><link rel="canonical" href="{far}/d"/><link rel="stylesheet" href="{far}/e.css"/>'
        f'<link rel="import" href="{near}"/><link rel="amphtml" href="{far}/f"/><script src="{far}/g.js"></script>'
        f'<meta http-equiv="refresh" content="0;url={far}/h"/><meta property="og:url" content="{far}/i"/>'
        f'<script type="application/ld+json">{{"@context": "{far}/j", "@type": "NewsArticle", "headline": "Storm"}}'
        f'</script></head><body><article>{body}<p>And &near; &far; &l9; <xi:include href="{near}" parse="text"/> it ended.</p>'
        f'<iframe src="{near}"></iframe><img src="{far}/l.png"/><object data="{near}"></object><embed src="{far}/m"/>'
        f'<a href="{far}/n">More</a></article></body></html>'
    )


def test_connections_are_refused_in_all_tests(refused_connections: list[str]) -> None:
    with pytest.raises(ConnectionRefusedError, match="socket.getaddrinfo"):
        socket.create_connection(("news.example.org", 80))
    with socket.socket() as caller, pytest.raises(ConnectionRefusedError, match="socket.connect"):
        caller.connect(("127.0.0.1", 80))
    assert len(refused_connections) == 2
    refused_connections.clear()


def test_nothing_is_fetched(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("The password of the harbour office is swordfish, and nobody may know it before Friday.")
    raw = tmp_path / "raw"
    raw.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        page = hostile_page(str(secret), server.getsockname()[1])

        for name in ("a.html", "b.xhtml", "c.htm"):
            (raw / name).write_text(page)
        (raw / "d.txt").write_text(page)
        (raw / "e.jsonl").write_text(json.dumps({"page": page}) + "\n")
        told = [run("clean", raw / name, "--isolated").stdout for name in ("a.html", "b.xhtml", "c.htm")]
        told += [run("check", raw, "--isolated", "-v").stdout, run("diff", raw, "--isolated").stdout]
        run("clean", raw, "--out", tmp_path / "out", "--workers", 1, "--html-field", "page", "--isolated")
        run("verify", tmp_path / "out", "--source", raw)
        run("restore", tmp_path / "out", "--out", tmp_path / "again")
        result = cleaner.clean_html(page, url="http://127.0.0.1/story")
        list(cleaner.clean_many([page]))
        with pytest.raises(BlockingIOError):
            server.accept()  # nobody has knocked
    assert "harbour bridge was closed" in result.text
    assert all("harbour bridge was closed" in text for text in told[:3])
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        *("a.json", "a.txt", "b.json", "b.txt", "c.json", "c.txt", "d.json", "d.txt", "e.jsonl"),
    ]
    told += [result.record.to_json(), *(path.read_text() for path in (tmp_path / "out").iterdir())]
    assert not any("swordfish" in text or "hahahaha" in text for text in told)
