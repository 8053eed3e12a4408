"""Copies and their records: every changed byte is found, and nothing is read or written outside of the folders named."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cleaner.cli import main
from cleaner.model import CleanerError, Record
from cleaner.pairs import Pair, find_pairs
from cleaner.provenance import sealed

RAW = (
    "Storm closes the old harbour bridge\r\n\r\n"
    "The old harbour bridge was closed on Monday after a storm tore off parts of its roof, the city said.\r\n\r\n"
    "Also Read: Ten bridges that did not last\r\n\r\n"
    "Engineers will look at the piers this week, and the bridge may open again for buses before Friday.\r\n"
)


def run(*args: object) -> Result:
    return CliRunner().invoke(main, [*map(str, args)])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder with the pair of raw/a.txt."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.txt").write_bytes(RAW.encode())
    assert run("clean", tmp_path / "raw", "--out", tmp_path / "out", "--isolated").exit_code == 0
    return tmp_path / "out"


def edit(record: Path, **source: Any) -> None:
    """Change the source entry of a record, and its digest with it."""
    data = json.loads(record.read_text())
    data["source"].update(source)
    record.write_text(sealed(Record(data)).to_json())


# verify


SMALL = "Rain fell.\r\n\r\nAdvertisement\r\n\r\nIt stopped.\r\n"
PAGE = "<p>Rain fell.</p><p>Advertisement</p><p>It stopped.</p>"


@pytest.mark.parametrize(("name", "text"), [("a.txt", SMALL), ("a.html", PAGE)])
def test_verify_finds_every_changed_byte(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    raw, copy, record = tmp_path / "raw" / name, tmp_path / "out" / "a.txt", tmp_path / "out" / "a.json"
    raw.write_bytes(text.encode())
    assert run("clean", tmp_path / "raw", "--out", tmp_path / "out", "--isolated").exit_code == 0
    (pair,) = find_pairs(tmp_path / "out")
    pair.verify(tmp_path / "raw")
    blanks = {ord(" "): b"\t", ord("\n"): b" "}  # in JSON one stands for another
    for path in (raw, copy, record):
        data = path.read_bytes()
        for at, byte in enumerate(data):
            for other in (bytes([byte ^ 1]), *([blanks[byte]] if path == record and byte in blanks else [])):
                path.write_bytes(data[:at] + other + data[at + 1 :])
                with pytest.raises(CleanerError):
                    pair.verify(tmp_path / "raw")
        for changed in (data[:-1], data + b"\n", data + b" ", b"\xef\xbb\xbf" + data, b""):
            path.write_bytes(changed)
            with pytest.raises(CleanerError):
                pair.verify(tmp_path / "raw")
        path.write_bytes(data)
    pair.verify(tmp_path / "raw")


def test_verify_finds_records_that_were_mixed_up(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    (raw / "a.txt").write_text("Rain  fell.\n")
    (raw / "b.txt").write_text("Rain\tfell.\n")  # the same copy, another record
    run("clean", raw, "--out", out, "--isolated")
    for one, other in (("a.json", "c.json"), ("b.json", "a.json"), ("c.json", "b.json")):
        (out / one).rename(out / other)
    done = run("verify", out)
    assert done.exit_code == 1
    assert f"{out / 'a.json'}: names 'b.txt', whose copy has another name; it was moved, or mixed up\n" in done.stdout
    assert done.stderr == "0 verified, 2 problems\n"


BROKEN = {
    "cut off": lambda text: text[:200],
    "edited": lambda text: text.replace("Ten", "Two", 1),
    "future": lambda text: text.replace("record/1", "record/2", 1),
    "number": lambda text: text.replace('"start": ', '"start": ' + "9" * 5000, 1),
    "deep": lambda _: "[" * 100_000,
    "bytes": lambda _: "\x1b]0;x\x07",
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_record_is_one_line_and_the_rest_is_done(kind: str, out: Path, tmp_path: Path) -> None:
    for suffix in (".txt", ".json"):
        (out / f"b{suffix}").write_bytes((out / f"a{suffix}").read_bytes())
    edit(out / "b.json", path="b.txt")
    (out / "a.json").write_text(BROKEN[kind]((out / "a.json").read_text()))
    for command, code, told in (
        (["verify", out], 1, "1 verified, 1 problem\n"),
        (["restore", out, "--out", tmp_path / "again"], 2, "1 restored, 0 unchanged, 1 failed\n"),
        (["stats", out], 2, "1 record, 1 failed\n"),
    ):
        done = run(*command)
        assert done.exit_code == code
        assert done.output.count(f"{out / 'a.json'}: ") == 1
        assert "\x1b" not in done.output
        assert done.stderr.endswith(told)
    assert contents(tmp_path / "again") == {"b.txt": RAW.encode()}


# somebody else's files


@pytest.mark.parametrize("names", [["a.txt"], ["a.json"], ["a.txt", "a.json"]])
def test_clean_takes_the_place_of_nothing_that_it_has_not_written(names: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(PAGE)
    (tmp_path / "b.html").write_text(PAGE)
    for name in names:
        (tmp_path / name).write_text('{"mine": true}')
    done = run("clean", tmp_path / "a.html", tmp_path / "b.html", "--out", tmp_path, "--isolated")
    assert done.exit_code == 2
    what = "was not written by `cleaner clean`, or its record is gone or damaged; move it away, or name another folder with --out"
    assert f"cleaner: {tmp_path / names[0]}: {what}\n" in done.stderr
    assert {name for name, data in contents(tmp_path).items() if data == b'{"mine": true}'} == set(names)
    assert (tmp_path / "b.json").exists()


def test_clean_renews_what_it_has_written(out: Path, tmp_path: Path) -> None:
    args = ["clean", tmp_path / "raw", "--out", out, "--isolated"]
    before = contents(out)
    data = json.loads(before["a.json"])
    edited = json.dumps({**data, "schema": "article-cleaner/record/0"}).encode()  # of an older version, or put in another form
    for changed in (b"{" + before["a.json"][9:200], edited):  # cut off, say
        (out / "a.json").write_bytes(changed)
        (out / "a.txt").write_text("changed")
        assert run(*args).exit_code == 0
        assert contents(out) == before
    (out / "a.txt").unlink()
    assert run(*args).exit_code == 0
    assert contents(out) == before
    (out / "a.json").unlink()
    assert run(*args).exit_code == 0  # the copy is the same
    assert contents(out) == before


@pytest.mark.usefixtures("out")
def test_of_a_pair_the_record_is_written_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    replace, replaced = Path.replace, []

    def killed(path: Path, target: Path) -> Path:
        assert not replaced, "killed"
        replaced.append(target.name)
        return replace(path, target)

    args = ["clean", tmp_path / "raw", "--out", tmp_path / "new", "--isolated"]
    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", killed)
        assert run(*args).exit_code == 2
    assert replaced == ["a.json"]
    (tmp_path / "raw" / "a.txt").write_bytes(RAW.replace("Monday", "Sunday").encode())
    assert run(*args).exit_code == 0  # nobody takes what is there for somebody else's
    assert run("verify", tmp_path / "new", "--source", tmp_path / "raw").exit_code == 0


# folders


NAMES = [
    "",
    ".",
    "./.",
    "..",
    "../a.txt",
    "/a.txt",
    "//a.txt",
    "a/../../a.txt",
    "..\\a.txt",
    "C:a.txt",
    "C:\\a.txt",
    "\\\\host\\a\\b",
]
NO_NAMES = ["a\0.txt", "\ud800.txt"]


@pytest.mark.parametrize("name", NAMES + NO_NAMES)
def test_a_path_that_leads_out_is_refused(name: str, out: Path, tmp_path: Path) -> None:
    edit(out / "a.json", path=name)
    before = contents(tmp_path)
    what = "cannot be the name of a file" if name in NO_NAMES else "leads out of the folder"
    message = f"{out / 'a.json'}: its source path {name!r} {what}\n"
    done = run("restore", out, "--out", tmp_path / "deep" / "again")
    assert (done.exit_code, done.stderr) == (2, f"cleaner: {message}0 restored, 0 unchanged, 1 failed\n")
    assert contents(tmp_path) == before
    done = run("verify", out, "--source", tmp_path / "raw")
    assert (done.exit_code, done.stdout) == (1, message)


@pytest.mark.parametrize(
    "name", ["18:30 news.txt", "a\\b.txt", "a\nb\x1b[31m.txt", "deep/er/a.txt", "a\udcff.txt", ".a.txt", "a.cleaner-tmp"]
)
def test_odd_names_are_restored(name: str, out: Path, tmp_path: Path) -> None:
    edit(out / "a.json", path=name)
    done = run("restore", out, "--out", tmp_path / "again")
    assert (done.exit_code, done.stderr) == (0, "1 restored, 0 unchanged\n")
    assert (tmp_path / "again" / name).read_bytes() == RAW.encode()


OWN = [".cleaner-lock", ".a.txt.7.cleaner-tmp", "sub/.a.jsonl.cleaner-part", ".a.parquet.cleaner-part.made", ".cleaner-state.new"]


@pytest.mark.parametrize("name", OWN)
def test_a_raw_file_that_the_run_would_remove_is_refused(name: str, out: Path, tmp_path: Path) -> None:
    edit(out / "a.json", path=name)
    done = run("restore", out, "--out", tmp_path / "again")
    message = f"{out / 'a.json'}: its source path {name!r} is the name of a file of a run, which would be removed"
    assert (done.exit_code, done.stderr) == (2, f"cleaner: {message}\n0 restored, 0 unchanged, 1 failed\n")
    assert contents(tmp_path / "again") == {}


def test_a_name_that_is_too_long_is_told(out: Path, tmp_path: Path) -> None:
    edit(out / "a.json", path="a" * 5000)
    done = run("restore", out, "--out", tmp_path / "again")
    assert done.exit_code == 2
    assert done.stderr.endswith("aaa: cannot be written: file name too long\n0 restored, 0 unchanged, 1 failed\n")


@pytest.mark.parametrize("name", ["link.txt", "sub/a.txt", "sub/deep/a.txt", "circle/a.txt", "new.txt"])
def test_links_in_the_folder_are_not_followed_out_of_it(name: str, out: Path, tmp_path: Path) -> None:
    again, elsewhere = tmp_path / "again", tmp_path / "elsewhere"
    again.mkdir()
    elsewhere.mkdir()
    (elsewhere / "a.txt").write_bytes(RAW.encode())
    (again / "sub").symlink_to(elsewhere)
    (again / "link.txt").symlink_to(elsewhere / "a.txt")
    (again / "new.txt").symlink_to(elsewhere / "new.txt")
    (again / "circle").symlink_to(again / "circle")
    edit(out / "a.json", path=name)
    before = contents(elsewhere)
    message = f"{out / 'a.json'}: its source path {name!r} leads out of the folder {again}, by a link there\n"
    done = run("restore", out, "--out", again)
    assert (done.exit_code, done.stderr) == (2, f"cleaner: {message}0 restored, 0 unchanged, 1 failed\n")
    assert contents(elsewhere) == before
    (out / "a.txt").rename(out / Path(name).name)
    (out / "a.json").rename(out / Path(name).with_suffix(".json").name)
    done = run("verify", out, "--source", again)
    assert done.exit_code == 1
    assert "leads out of the folder" in done.stdout


@pytest.mark.parametrize("name", ["a.txt", "a.jsonl"])
def test_clean_writes_through_no_link_out_of_its_folder(name: str, tmp_path: Path) -> None:
    raw, out, elsewhere = tmp_path / "raw", tmp_path / "out", tmp_path / "elsewhere"
    for folder in (raw / "sub", out, elsewhere):
        folder.mkdir(parents=True)
    (raw / "sub" / name).write_text(RAW if name == "a.txt" else json.dumps({"text": RAW}) + "\n")
    (elsewhere / "secret").write_text("mine")
    (out / "sub").symlink_to(elsewhere)
    args = ["clean", raw, "--out", out, "--workers", 1, "--isolated"]
    done = run(*args)
    assert done.exit_code == 2
    assert f"cleaner: {out / 'sub' / name}: a link in {out} leads out of it; --follow-links writes there\n" in done.stderr
    assert list(contents(elsewhere)) == ["secret"]
    (out / name).symlink_to(elsewhere / "secret")
    assert run("clean", raw / "sub", "--out", out, "--workers", 1, "--isolated").exit_code == 0  # a link gives way
    assert (elsewhere / "secret").read_text() == "mine"
    assert run(*args, "--follow-links").exit_code == 0
    assert name in contents(elsewhere)


def test_links_in_a_circle_cost_nothing_else(tmp_path: Path) -> None:
    raw, out = tmp_path / "raw", tmp_path / "out"
    for path in (raw / "a.txt", raw / "b.txt", raw / "sub" / "c.txt"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(RAW)
    (raw / "d.jsonl").write_text(json.dumps({"text": RAW}) + "\n")
    out.mkdir()
    for name in ("a.txt", "sub", "d.jsonl"):
        (out / name).symlink_to(name)
    done = run("clean", raw, "--out", out, "--workers", 1, "--isolated")
    assert done.exit_code == 2
    assert done.stderr.count("cleaner: ") == 1
    assert f"cleaner: {out / 'sub' / 'c.txt'}: a link in {out} leads out of it; --follow-links writes there\n" in done.stderr
    assert sorted(contents(out)) == ["a.json", "a.txt", "b.json", "b.txt", "d.jsonl"]  # links to files give way
    (raw / "loop").symlink_to("loop")
    assert run("clean", raw, "--out", tmp_path / "more", "--workers", 1, "--follow-links", "--isolated").exit_code == 0


@pytest.mark.parametrize(("command", "name"), [("clean", "raw"), ("clean", "a.jsonl"), ("restore", "out")])
@pytest.mark.usefixtures("out")
def test_a_link_that_leads_nowhere_is_no_output_folder(command: str, name: str, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"text": RAW}) + "\n")
    (tmp_path / "loop").symlink_to("loop")
    done = run(command, tmp_path / name, "--out", tmp_path / "loop", "--isolated")
    assert (done.exit_code, done.stderr) == (2, f"cleaner: {tmp_path / 'loop'}: the link leads nowhere; mend or remove it\n")


def test_links_inside_the_folder_may_stand(out: Path, tmp_path: Path) -> None:
    again = tmp_path / "again"
    (again / "real").mkdir(parents=True)
    (again / "sub").symlink_to("real")
    edit(out / "a.json", path="sub/a.txt")
    assert run("restore", out, "--out", again).exit_code == 0
    assert (again / "real" / "a.txt").read_bytes() == RAW.encode()
    assert run("verify", out, "--source", again).exit_code == 0


def test_restore_does_not_take_the_place_of_copies_or_of_another_file(out: Path, tmp_path: Path) -> None:
    before = contents(out)
    done = run("restore", out, "--out", out)
    assert done.exit_code == 2
    assert done.stderr == f"cleaner: {out}: is the folder of the copies, which must not be touched; name another one with --out\n"
    assert contents(out) == before
    for suffix in (".txt", ".json"):
        (out / f"b{suffix}").write_bytes((out / f"a{suffix}").read_bytes())
    done = run("restore", out, "--out", tmp_path / "again")
    assert done.exit_code == 2
    assert (
        f"{out / 'b.json'}: its raw file would be written to {tmp_path / 'again' / 'a.txt'}, as that of {out / 'a.json'} was"
        in (done.stderr)
    )


def test_restore_does_not_write_over_what_it_reads(tmp_path: Path) -> None:
    raw, clean = tmp_path / "raw", tmp_path / "clean"
    for name in ("x.txt", "raw/x.txt", "clean/x.txt", "clean/new.txt"):
        (raw / name).parent.mkdir(parents=True, exist_ok=True)
        (raw / name).write_text(RAW + name)
    assert run("clean", raw, "--out", clean, "--isolated").exit_code == 0
    before, wanted = contents(clean), contents(raw)
    shutil.rmtree(raw)
    done = run("restore", clean, "--out", clean / "raw")
    assert (done.exit_code, "must not be touched; name another folder with --out" in done.stderr) == (2, True)
    done = run("restore", clean, "--out", tmp_path)
    assert done.exit_code == 2
    for name, holder in (("clean/x.txt", clean / "x.txt"), ("clean/new.txt", clean)):
        record = clean / Path(name).with_suffix(".json")
        message = f"{record}: its raw file would be written to {tmp_path / name}, and {holder} must not be touched; "
        assert message in done.stderr
    assert {name: data for name, data in contents(clean).items() if name in before} == before
    assert not (clean / "new.txt").exists()
    assert (tmp_path / "x.txt").read_bytes() == wanted["x.txt"]  # the others are restored
    assert run("restore", clean, "--out", tmp_path / "again").exit_code == 0
    assert contents(tmp_path / "again") == wanted


def test_hidden_pairs_are_found_too(out: Path, tmp_path: Path) -> None:
    hidden = tmp_path / "raw" / ".h.txt"
    hidden.write_text(RAW)
    assert run("clean", hidden, "--out", out, "--isolated").exit_code == 0
    for name in (".settings.json", "._a.json", "._a.txt", ".other/b.json"):
        (out / name).parent.mkdir(exist_ok=True)
        (out / name).write_text("{}")
    assert run("verify", out, "--source", tmp_path / "raw").stderr == "2 verified\n"
    assert run("restore", out, "--out", tmp_path / "again").exit_code == 0
    assert contents(tmp_path / "again") == contents(tmp_path / "raw")
    done = run("clean", tmp_path / "raw", "--out", out, "--prune", "--isolated")
    assert (done.exit_code, (out / ".h.json").exists()) == (0, True)  # its raw file is there, though a folder run passes it over
    hidden.unlink()
    assert run("clean", tmp_path / "raw", "--out", out, "--prune", "--isolated").exit_code == 0
    assert not (out / ".h.json").exists()


def test_pairs_behind_links_out_of_the_folder_are_problems(out: Path, tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "a.txt").write_bytes((out / "a.txt").read_bytes())
    (inside / "a.json").symlink_to(out / "a.json")
    (inside / "folder").symlink_to(out)
    done = run("verify", inside)
    assert (done.exit_code, done.stderr) == (1, "0 verified, 1 problem\n")
    assert done.stdout == f"{inside / 'a.json'}: a link that leads out of the folder; --follow-links reads it\n"
    assert run("verify", inside / "a.json").exit_code == 0  # it was named


def test_a_raw_name_that_is_no_unicode_is_kept(tmp_path: Path) -> None:
    name = os.fsdecode(b"f\xfcr.txt")
    (tmp_path / "raw").mkdir()
    try:
        (tmp_path / "raw" / name).write_text(RAW)
    except OSError:
        pytest.skip("this file system knows Unicode names only")
    done = run("clean", tmp_path / "raw", "--out", tmp_path / "out", "--isolated")
    assert done.exit_code == 0
    assert run("verify", tmp_path / "out", "--source", tmp_path / "raw").exit_code == 0
    assert run("restore", tmp_path / "out", "--out", tmp_path / "again").exit_code == 0
    assert contents(tmp_path / "again") == contents(tmp_path / "raw")


ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


def test_names_go_from_one_locale_to_the_other(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "é.txt").write_bytes(RAW.encode())
    (raw / "雨.jsonl").write_text(json.dumps({"text": RAW}) + "\n" + json.dumps({"text": 5}) + "\n")

    def plainly(*args: object) -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "cleaner", *map(str, args)]
        return subprocess.run(command, env={**os.environ, **ASCII}, capture_output=True, check=False)

    for name, call in (("here", run), ("there", plainly)):
        extra = ["--records", tmp_path / name / "records.jsonl", "--rejects", tmp_path / name / "rejects.jsonl", "--workers", 1]
        call("clean", raw, "--out", tmp_path / name, "--per-file-ignores", "é*:REL", *extra, "--isolated")
    assert contents(tmp_path / "here") == contents(tmp_path / "there")
    assert json.loads((tmp_path / "there" / "é.json").read_text())["source"]["path"] == "é.txt"
    assert "Also Read" in (tmp_path / "there" / "é.txt").read_text()  # the setting for it was found
    assert plainly("verify", tmp_path / "here", "--source", raw).returncode == 0
    assert plainly("restore", tmp_path / "here", "--out", tmp_path / "again").returncode == 0
    assert contents(tmp_path / "again") == {"é.txt": RAW.encode()}


def test_a_pair_without_a_copy_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(CleanerError, match=r"the clean copy of a\.json is missing; clean the raw file again"):
        Pair(tmp_path / "a.txt", tmp_path / "a.json").read()
