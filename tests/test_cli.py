"""The commands as a user runs them: output, exit codes, messages, files."""

from __future__ import annotations

import errno
import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cleaner.cache import FILE
from cleaner.checks import LIBRARIES, _surroundings
from cleaner.cli import main
from cleaner.cli.check import check, diff
from cleaner.cli.clean import clean
from cleaner.config import Config
from cleaner.model import Record
from cleaner.pipeline import Cleaner
from cleaner.provenance import sealed

STORY = (
    "Storm closes the old harbour bridge\n\n"
    "The old harbour bridge was closed on Monday after a storm tore off parts of its roof, the city said.\n\n"
    "{junk}"
    "Engineers will look at the piers this week, and the bridge may open again for buses before Friday.\n"
)
CLEAN = STORY.format(junk="")
DIRTY = STORY.format(junk="Also Read: Ten bridges that did not last\n\n")


def run(*args: object, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(main, [*map(str, args)], input=stdin)


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    (folder / "a.txt").write_text(DIRTY)
    (folder / "b.txt").write_text(CLEAN)
    return folder


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# clean


def test_clean_writes_copies_and_records(raw: Path, tmp_path: Path) -> None:
    done = run("clean", raw, "--out", tmp_path / "out")
    assert done.exit_code == 0
    assert done.stdout == ""
    assert "REL001" in done.stderr
    assert "2 articles: 2 written, 0 unchanged" in done.stderr
    assert set(files(tmp_path / "out")) == {"a.txt", "a.json", "b.txt", "b.json"}
    assert (tmp_path / "out" / "a.txt").read_text() == CLEAN
    assert (tmp_path / "out" / "b.txt").read_text() == CLEAN


def test_a_second_run_writes_nothing_and_says_so(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert run("clean", raw, "--out", out, "--exit-non-zero-on-write").exit_code == 1
    before = {path: path.stat().st_mtime_ns for path in out.iterdir()}
    again = run("clean", raw, "--out", out, "--exit-non-zero-on-write")
    assert again.exit_code == 0
    assert "2 articles: 0 written, 2 unchanged" in again.stderr
    assert {path: path.stat().st_mtime_ns for path in out.iterdir()} == before


def test_one_file_goes_to_standard_output(raw: Path) -> None:
    done = run("clean", raw / "a.txt")
    assert (done.exit_code, done.stdout, done.stderr) == (0, CLEAN, "")


def test_standard_input() -> None:
    done = run("clean", "-", stdin=DIRTY)
    assert (done.exit_code, done.stdout) == (0, CLEAN)


def test_html_pages_are_extracted(tmp_path: Path) -> None:
    body = "".join(f"<p>{line}</p>" for line in DIRTY.split("\n\n")[1:])
    (tmp_path / "a.html").write_text(f"<html><body><article><h1>Storm closes the bridge</h1>{body}</article></body></html>")
    done = run("clean", tmp_path / "a.html", "--out", tmp_path / "out")
    assert done.exit_code == 0
    assert "Also Read" not in (tmp_path / "out" / "a.txt").read_text()
    record = json.loads((tmp_path / "out" / "a.json").read_text())
    assert record["extraction"]["tool"] == "trafilatura"


CALLS = {
    "- <&-": "-: standard input is closed",
    "- --input-format jsonl <&-": "-: standard input is closed",
    "a.txt >&-": "standard output is closed, and the result would go there",
    "a.jsonl >&-": "standard output is closed, and the result would go there",
}


def shell(command: str, folder: Path, **environ: str) -> subprocess.CompletedProcess[bytes]:
    """Run `cleaner clean` as a shell does, with streams that may be closed."""
    line = f"{shlex.quote(sys.executable)} -m cleaner clean --isolated {command}"
    return subprocess.run(line, shell=True, cwd=folder, capture_output=True, check=False, env={**os.environ, **environ})


@pytest.mark.skipif(sys.platform == "win32", reason="as a POSIX shell writes it")
@pytest.mark.parametrize("call", CALLS)
def test_closed_streams_are_told(call: str, raw: Path) -> None:
    (raw / "a.jsonl").write_text(json.dumps({"text": DIRTY}) + "\n")
    done = shell(f"{call} --workers 1", raw)
    assert (done.returncode, done.stdout, done.stderr.decode()) == (2, b"", f"cleaner: {CALLS[call]}\n")


@pytest.mark.skipif(sys.platform == "win32", reason="as a POSIX shell writes it")
def test_streams_that_are_not_needed_may_be_closed(raw: Path) -> None:
    assert shell(f"{raw} --out out <&- >&- 2>&-", raw.parent).returncode == 0
    assert (raw.parent / "out" / "a.txt").read_text() == CLEAN


@pytest.mark.parametrize("environ", [{"PYTHONIOENCODING": "latin-1"}, {"PYTHONIOENCODING": "ascii", "LC_ALL": "C"}])
def test_texts_leave_in_utf8_whatever_the_locale(environ: dict[str, str], raw: Path) -> None:
    text = CLEAN.replace("the city said", "“the city — 市 — said”")
    (raw / "a.txt").write_text(text, "utf-8")
    done = shell("a.txt", raw, **environ)
    assert (done.returncode, done.stdout.decode("utf-8"), done.stderr) == (0, text, b"")


# what cannot be cleaned


BAD = {
    "missing": "no such file or folder",
    "empty-folder": "no articles in this folder; they are files that end in",
    "link.txt": "the link leads nowhere; mend or remove it",
    "binary.txt": "binary data (a zero byte at offset 8), not text; leave the file out",
    "latin.txt": "byte 0xfc at offset 6 (line 1) is not utf-8; name the right one with --encoding",
    "empty.txt": "empty; remove the file or fetch the article again",
    "blank.txt": "nothing but white space; remove the file or fetch the article again",
    "line.txt": "a line of 1,000,001 characters is data, not article text; leave the file out or break the line",
    "pipe.txt": "not a regular file",
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_line_and_the_rest_is_done(name: str, raw: Path, tmp_path: Path) -> None:
    (tmp_path / "empty-folder").mkdir()
    (tmp_path / "link.txt").symlink_to("nowhere")
    (tmp_path / "binary.txt").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0")
    (tmp_path / "latin.txt").write_bytes("Die Fl\u00fcsse".encode("latin-1"))
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "blank.txt").write_text(" \n\t\n")
    (tmp_path / "line.txt").write_text("x" * 1_000_001)
    os.mkfifo(tmp_path / "pipe.txt")
    before = files(raw)
    done = run("clean", tmp_path / name, raw, "--out", tmp_path / "out")
    assert done.exit_code == 2
    messages = [line for line in done.stderr.split("\n") if line.startswith("cleaner: ")]
    assert len(messages) == 1
    assert messages[0].startswith(f"cleaner: {tmp_path / name}: {BAD[name]}")
    assert "2 written, 0 unchanged, 1 failed" in done.stderr
    assert set(files(tmp_path / "out")) == {"a.txt", "a.json", "b.txt", "b.json"}
    assert files(raw) == before


def test_a_run_over_nothing_makes_no_folder(tmp_path: Path) -> None:
    done = run(
        "clean", tmp_path / "none.txt", tmp_path / "none.jsonl", "--out", tmp_path / "out", "--records", tmp_path / "r.jsonl"
    )
    assert (done.exit_code, done.stderr.count("no such file or folder")) == (2, 2)
    assert not list(tmp_path.iterdir())


def test_no_permission(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.open

    def refused(path: str | Path, *args: Any, **named: Any) -> int:  # the tests may run as root, whom no mode keeps out
        if Path(path) == raw / "a.txt":
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(path, *args, **named)

    monkeypatch.setattr(os, "open", refused)
    done = run("clean", raw, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert f"cleaner: {raw / 'a.txt'}: no permission to read it; change its mode or leave it out\n" in done.stderr
    assert set(files(tmp_path / "out")) == {"b.txt", "b.json"}


def test_a_full_disk_leaves_nothing_half_written(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    run("clean", raw, "--out", out)
    before = files(out)
    (raw / "a.txt").write_text(DIRTY.replace("Monday", "Sunday"))

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    done = run("clean", raw, "--out", out)
    assert done.exit_code == 2
    assert f"cleaner: {out / 'a.txt'}: cannot be written: no space left on device\n" in done.stderr
    assert files(out) == before


def test_the_output_folder_is_a_file(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine")
    done = run("clean", raw, "--out", tmp_path / "out")
    assert (done.exit_code, done.stderr) == (2, f"cleaner: {tmp_path / 'out'}: is a file; name a folder with --out\n")
    assert (tmp_path / "out").read_text() == "mine"


def test_the_output_folder_has_the_name_of_a_copy(raw: Path, tmp_path: Path) -> None:
    done = run("clean", raw / "a.txt", "--out", tmp_path / "clean.txt")
    assert done.exit_code == 2
    assert "--out names a folder" in done.stderr
    assert not (tmp_path / "clean.txt").exists()


def test_the_output_folder_is_the_input(raw: Path) -> None:
    before = files(raw)
    for paths in ([raw], [raw / "a.txt"], [raw / ".." / "raw"]):
        done = run("clean", *paths, "--out", raw)
        assert done.exit_code == 2
        assert len(done.stderr.strip().split("\n")) <= 2
        assert "raw file" in done.stderr
        assert files(raw) == before


def test_an_output_folder_inside_the_input_is_not_cleaned_again(raw: Path) -> None:
    for _ in range(2):
        assert run("clean", raw, "--out", raw / "clean").exit_code == 0
    assert set(files(raw / "clean")) == {"a.txt", "a.json", "b.txt", "b.json"}


def test_an_output_folder_around_the_input_takes_all_of_it(raw: Path) -> None:
    (raw / "deep").mkdir()
    (raw / "deep" / "c.txt").write_text(DIRTY)
    assert run("clean", raw, "--out", raw.parent).exit_code == 0
    assert (raw.parent / "deep" / "c.txt").read_text() == CLEAN


def test_copies_never_take_the_place_of_another_raw_file(raw: Path) -> None:
    (raw / "raw").mkdir()
    (raw / "raw" / "a.txt").write_text(CLEAN)
    (raw / "raw" / "new.txt").write_text(CLEAN)
    before = files(raw)
    for _ in range(2):
        done = run("clean", raw, "--out", raw.parent)
        assert done.exit_code == 2
        told = [line for line in done.stderr.split("\n") if line.startswith("cleaner: ")]
        assert [line.split(": ")[1] for line in told] == [str(raw / "raw" / name) for name in ("a.txt", "new.txt")]
        assert f": would be written to {raw / 'a.txt'}, and {raw / 'a.txt'} must not be touched; name another folder" in told[0]
        assert f": would be written to {raw / 'new.txt'}, and {raw} must not be touched; name another folder" in told[1]
        assert files(raw) == before
        assert (raw.parent / "a.txt").read_text() == CLEAN  # the others are done


@pytest.mark.parametrize("name", ["b.md", "b.html", "b.json"])
def test_copies_never_take_the_place_of_a_raw_file_that_is_named_too(name: str, raw: Path) -> None:
    (raw / name).write_text(DIRTY)
    before = files(raw)
    for paths in ([raw / name, raw / "b.txt"], [raw / "b.txt", raw / name]):
        done = run("clean", *paths, "--out", raw)
        assert (done.exit_code, done.stderr.count("name another folder with --out") > 0) == (2, True)
        assert files(raw) == before


def test_names_that_differ_in_case_are_one_file_where_the_system_says_so(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (raw / "page.TXT").write_text(DIRTY)
    assert run("clean", raw / "page.TXT", "--out", raw).exit_code == 0  # two names, two files
    assert (raw / "page.TXT").read_text() == DIRTY
    monkeypatch.setattr(Path, "samefile", lambda *_: True)
    done = run("clean", raw / "page.TXT", "--out", raw)
    assert (done.exit_code, "the copy would take the place of the raw file" in done.stderr) == (2, True)
    assert run("clean", raw / "page.TXT", "--out", tmp_path / "out").exit_code == 0


def test_files_of_the_same_name_are_checked_each(raw: Path, tmp_path: Path) -> None:
    (raw / "a.md").write_text(DIRTY)
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "a.txt").write_text(DIRTY)
    done = run("check", raw, tmp_path / "more" / "a.txt", raw / "a.txt")
    assert done.exit_code == 1
    assert "in 4 files" in done.stderr
    named = [line.split(":")[0] for line in done.stdout.splitlines()]
    assert list(dict.fromkeys(named)) == [str(raw / "a.md"), str(raw / "a.txt"), str(tmp_path / "more" / "a.txt")]
    assert str(tmp_path / "more" / "a.txt") in run("diff", raw, tmp_path / "more").stdout


def test_two_inputs_for_one_copy(raw: Path, tmp_path: Path) -> None:
    (raw / "a.md").write_text(CLEAN)
    done = run("clean", raw, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert re.search(r"would be written to a\.txt, as .*; clean them into two folders", done.stderr)


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["clean", "seeds", "--select", "REL999"], "REL999"),
        (["rule", "REL999"], "REL999"),
        (["clean", "seeds"], "name a folder for the copies: --out DIR"),
        (["clean", "-", "--out", "out"], "goes alone"),
        (["check", "seeds", "--config", "none.toml"], "none.toml"),
        (["restore", "seeds", "--out", "raw"], "no records in this folder"),
        (["verify", "seeds"], "no records in this folder"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_why(args: list[str], message: str, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    done = run(*args)
    assert done.exit_code == 2
    assert message in done.stderr
    assert "Traceback" not in done.output


# check and diff


def test_check_names_the_place_and_writes_nothing(raw: Path) -> None:
    before = files(raw.parent)
    done = run("check", raw)
    assert done.exit_code == 1
    assert done.stdout == f"{raw / 'a.txt'}:5:1: REL001 also read link: “Also Read: Ten bridges that did not last”\n"
    assert done.stderr == "1 finding in 2 files\n"
    assert files(raw.parent) == before


def test_check_of_clean_text(raw: Path) -> None:
    done = run("check", raw / "b.txt")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "nothing found in 1 file\n")


def test_check_of_standard_input_has_the_name_one_gives_it() -> None:
    done = run("check", "-", "--stdin-filename", "news/a.txt", "--exit-zero", stdin=DIRTY)
    assert done.exit_code == 0
    assert done.stdout.startswith("news/a.txt:5:1: REL001 ")


def test_ignored_rules_find_nothing(raw: Path) -> None:
    assert run("check", raw, "--ignore", "REL").exit_code == 0
    assert run("check", raw, "--select", "TTL,NRM").exit_code == 0
    assert run("check", raw, "--ignore", "REL", "--extend-select", "REL001").exit_code == 1


def test_statistics(raw: Path) -> None:
    done = run("check", raw, "--statistics")
    head, row = done.stdout.strip().split("\n")
    assert head.split() == ["rule", "findings", "files", "words", "what", "it", "is"]
    assert row.split()[:4] == ["REL001", "1", "1", "8"]
    assert "A teaser line that names itself" in row


def test_names_are_never_printed_raw(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31m\nb.txt"
    path.write_text(DIRTY)
    done = run("check", path)
    assert "\x1b" not in done.output
    assert len(done.stdout.strip().split("\n")) == 1
    shown = str(tmp_path / "a\\x1b[31m\\nb.txt")  # so that it is not taken for "a [31m b.txt"
    assert done.stdout.startswith(f"{shown}:5:1: ")
    assert shown in run("diff", path).stdout
    told = run("clean", path, "--out", tmp_path / "o  ut\x9b", "--exit-non-zero-on-write").stderr
    assert f"wrote {tmp_path}/o  ut\\x9b/a\\x1b[31m\\nb.txt\n" in told
    assert f"in {tmp_path}/o  ut\\x9b\n" in told
    assert f"cleaner: {tmp_path}/no\\x1b[31mfile: no such file or folder\n" in run("check", tmp_path / "no\x1b[31mfile").stderr


def test_diff(raw: Path) -> None:
    done = run("diff", raw)
    assert done.exit_code == 0
    changed = [line for line in done.stdout.split("\n") if re.match(r"[+-](?![+-])", line)]
    assert changed == ["-Also Read: Ten bridges that did not last", "-"]


# restore and verify


def test_restore_gives_back_every_byte(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "windows.txt").write_bytes(DIRTY.replace("\n", "\r\n").encode("utf-8-sig"))
    (raw / "utf16.txt").write_bytes(DIRTY.encode("utf-16"))
    (raw / "odd.txt").write_bytes(DIRTY.replace(" ", "\u00a0", 3).encode() + b"\n \n\t\n")
    (raw / "deep").mkdir()
    (raw / "deep" / "a.md").write_bytes(DIRTY.encode())
    assert run("clean", raw, "--out", tmp_path / "out").exit_code == 0
    done = run("restore", tmp_path / "out", "--out", tmp_path / "again")
    assert (done.exit_code, done.stderr) == (0, "4 restored, 0 unchanged\n")
    assert files(tmp_path / "again") == files(raw)


def test_verify_finds_what_was_changed(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("clean", raw, "--out", out)
    assert run("verify", out).exit_code == 0
    (out / "a.txt").write_text(CLEAN.replace("Monday", "Sunday"))
    done = run("verify", out)
    assert done.exit_code == 1
    assert str(out / "a.txt") in done.output
    assert "Traceback" not in done.output


@pytest.fixture(params=["../escaped.txt", "/escaped.txt", "a/../../escaped.txt", "..\\escaped.txt", "C:escaped.txt"])
def escaping(request: pytest.FixtureRequest, raw: Path, tmp_path: Path) -> tuple[Path, str]:
    """A folder with a record that is whole, but for the path of its source; and the message about it."""
    out = tmp_path / "out"
    run("clean", raw / "a.txt", "--out", out)
    record = json.loads((out / "a.json").read_text())
    record["source"]["path"] = request.param
    (out / "a.json").write_text(sealed(Record(record)).to_json())
    return out, f"{out / 'a.json'}: its source path {request.param!r} leads out of the folder"


def test_restore_never_leaves_its_folder(escaping: tuple[Path, str], tmp_path: Path) -> None:
    out, message = escaping
    before = files(tmp_path)
    done = run("restore", out, "--out", tmp_path / "deep" / "again")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"cleaner: {message}\n0 restored, 0 unchanged, 1 failed\n"
    assert files(tmp_path) == before
    assert not Path("/escaped.txt").exists()


def test_verify_never_reads_outside_its_folder(escaping: tuple[Path, str], raw: Path, tmp_path: Path) -> None:
    out, message = escaping
    (tmp_path / "escaped.txt").write_bytes((raw / "a.txt").read_bytes())
    done = run("verify", out, "--source", raw)
    assert (done.exit_code, done.stdout) == (1, f"{message}\n")


# rule and the rest


def test_rule_lists_and_explains() -> None:
    assert "REL001  0.97  also-read-link" in run("rule").stdout
    page = run("rule", "REL001").stdout
    assert page.startswith("REL001 also-read-link\n")
    for heading in ("Why", "Limits", "Found by", "Confidence", "Examples", "Left alone"):
        assert f"\n{heading}" in page
    assert run("rule", "rel").stdout.startswith("REL  related and recirculated links\n  REL001  0.97  also-read-link")
    assert "CAP001" not in run("rule", "REL").stdout
    assert json.loads(run("rule", "also-read-link", "--output-format", "json").stdout)[0]["code"] == "REL001"


def test_stats_reads_the_records(raw: Path, tmp_path: Path) -> None:
    run("clean", raw, "--out", tmp_path / "out")
    done = run("stats", tmp_path / "out")
    assert done.exit_code == 0
    assert done.stdout.split("\n")[1].split() == ["REL001", "1", "1", "8"]


@pytest.mark.usefixtures("raw")
def test_settings_of_the_folder_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cleaner.toml").write_text('ignore = ["REL"]\n')
    assert run("check", "raw").exit_code == 0
    assert run("check", "raw", "--isolated").exit_code == 1
    (tmp_path / "cleaner.toml").write_text("ignored = []\n")
    done = run("check", "raw")
    assert done.exit_code == 2
    assert "cleaner.toml" in done.stderr
    assert "ignored" in done.stderr


# settings, packs, protected text


def test_settings_say_where_each_value_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cleaner.toml").write_text('profile = "careful"\n')
    lines = run("settings").stdout.split("\n")
    assert f'profile = "careful"  # {tmp_path / "cleaner.toml"}' in lines
    assert "ignore = []  # default" in lines


def test_every_option_has_a_setting_and_the_other_way_round() -> None:
    once = {"help", "config_path", "isolated", "paths", "statistics", "as_diff", "stdin_filename", "side_by_side", "no_cache"}
    once |= {"records", "rejects", "input_format", "output"}
    options = {parameter.name for command in (clean, check, diff) for parameter in command.params if parameter.name}
    assert options - once == {item.name for item in fields(Config)}


def test_unknown_codes_in_settings_name_file_and_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "cleaner.toml").write_text('[per-file-ignores]\n"*.md" = ["also-read-lnk"]\n')
    done = run("check", "-", stdin=DIRTY)
    assert done.exit_code == 2
    assert f"{tmp_path / 'cleaner.toml'}: per-file-ignores: unknown rule 'also-read-lnk'; did you mean 'REL001'?" in done.stderr


@pytest.mark.usefixtures("raw")
def test_a_rule_can_be_ignored_for_one_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run("check", "raw").exit_code == 1
    assert run("check", "raw", "--per-file-ignores", "raw/:REL").exit_code == 0
    assert run("check", "raw", "--per-file-ignores", "other/:REL").exit_code == 1
    assert "give a pattern, a colon and codes" in run("check", "raw", "--per-file-ignores", "REL").stderr
    (tmp_path / "cleaner.toml").write_text('[per-file-ignores]\n"raw/" = ["REL"]\n')
    assert run("check", "raw").exit_code == 0
    assert run("clean", "raw", "--out", "out").exit_code == 0
    assert "Also Read" in (tmp_path / "out" / "a.txt").read_text()


def test_protected_text_stays(raw: Path) -> None:
    assert run("clean", raw / "a.txt", "--protect", "Ten bridges").stdout == DIRTY
    assert run("clean", raw / "a.txt", "--protect", "Eleven bridges").stdout == CLEAN


PACK = """
[[rule]]
code = "MINE001"
name = "weather-box"
detect = "line"
pattern.en = 'weather\\s+in\\s+\\w+:.{1,40}$'
confidence = 0.95
what = "The weather box of our site."
why = "It is not part of the article."
limits = "None that we know of."
examples = [{ text = "Rain fell.\\n\\nWeather in Leeds: rain", removed = "Weather in Leeds: rain" }]
counterexamples = ["The weather in Leeds: it rains.", "Weather in Leeds is bad."]
"""


def test_packs_of_ones_own(tmp_path: Path) -> None:
    pack = tmp_path / "mine.toml"
    pack.write_text(PACK)
    done = run("rule", "--test", pack)
    assert (done.exit_code, done.stderr) == (0, "1 rule tested, 0 problems\n")
    text = CLEAN + "\nWeather in Leeds: rain\n"
    assert run("clean", "-", stdin=text).stdout == text
    assert run("clean", "-", "--extend-rules", pack, stdin=text).stdout == CLEAN
    pack.write_text(PACK.replace('"Weather in Leeds is bad."', '"Weather in York: rain"'))
    done = run("rule", "--test", pack)
    assert done.exit_code == 1
    assert "MINE001: the counterexample 'Weather in York: rain' is found" in done.stdout
    pack.write_text(PACK.replace("detect =", "detcet ="))
    done = run("rule", "--test", pack)
    assert done.exit_code == 2
    assert "mine.toml: MINE001: unknown key 'detcet'; did you mean 'detect'?" in done.stderr


def test_links_out_of_the_folder(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.txt").write_text(DIRTY)
    (raw / "c.txt").symlink_to(tmp_path / "secret.txt")
    out = tmp_path / "out"
    assert run("clean", raw, "--out", out, "--follow-links").exit_code == 0
    assert "c.txt" in files(out)
    told = f"cleaner: {raw / 'c.txt'}: a link out of the folder, left out; --follow-links reads it\n"
    done = run("clean", raw, "--out", out, "--prune")
    assert (done.exit_code, told in done.stderr) == (0, True)
    assert "c.txt" in files(out)  # who knows whether its raw file is gone
    for command in ("check", "diff"):
        done = run(command, raw)
        assert (done.stderr.count(told), "c.txt" in done.stdout) == (1, False)
        assert "c.txt" in run(command, raw, "--follow-links").stdout
    done = run("verify", out, "--source", raw)
    assert (done.exit_code, "c.json: its source path 'c.txt' leads out of the folder" in done.stdout) == (1, True)
    (tmp_path / "cleaner.toml").write_text("follow-links = true\n")
    assert run("verify", out, "--source", raw).exit_code == 0
    assert run("verify", out, "--source", raw, "--isolated").exit_code == 1


def test_copies_whose_raw_file_is_gone(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("clean", raw, "--out", out)
    (raw / "b.txt").unlink()
    (out / "notes.txt").write_text("mine")
    done = run("clean", raw, "--out", out)
    assert f"{out / 'b.txt'}: its raw file is gone; remove it with --prune" in done.stderr
    done = run("clean", raw, "--out", out, "--prune", "--exit-non-zero-on-write")
    assert done.exit_code == 1
    assert f"removed {out / 'b.txt'}\n" in done.stderr
    assert set(files(out)) == {"a.txt", "a.json", "notes.txt"}


def test_copies_of_other_folders_are_not_pruned(raw: Path, tmp_path: Path) -> None:
    out, other = tmp_path / "out", tmp_path / "other"
    other.mkdir()
    for name in ("b.txt", "c.txt"):
        (other / name).write_text(DIRTY)
    run("clean", other, "--out", out / "two")
    for args in ([], ["--prune"]):
        done = run("clean", raw, "--out", out, *args)
        assert (done.exit_code, "raw file is gone" in done.stderr, "removed" in done.stderr) == (0, False, False)
    (other / "c.txt").unlink()
    (raw / "b.txt").unlink()
    assert "1 removed" in run("clean", raw, "--out", out, "--prune").stderr
    assert "1 removed" in run("clean", other, "--out", out / "two", "--prune").stderr
    assert set(files(out)) == {"a.txt", "a.json", "two/b.txt", "two/b.json"}


def test_nothing_is_pruned_while_something_cannot_be_read(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("clean", raw, "--out", out)
    (raw / "b.txt").unlink()
    (raw / "c.txt").symlink_to("nowhere")
    run("clean", raw, "--out", out, "--prune")
    assert "b.txt" in files(out)


def test_check_can_show_the_difference(raw: Path) -> None:
    done = run("check", raw, "--diff")
    assert done.exit_code == 1
    assert "-Also Read: Ten bridges that did not last\n" in done.stdout
    assert "REL001" not in done.stdout


def test_side_by_side(raw: Path) -> None:
    done = run("diff", raw, "--side-by-side")
    assert "Also Read: Ten bridges" in done.stdout
    assert " │" in done.stdout
    assert "\x1b" not in done.stdout


def test_mistyped_commands_and_codes() -> None:
    assert "no command 'chek'; did you mean 'check'?" in run("chek").stderr
    assert "unknown rule 'also-read-lnk'; did you mean 'REL001'?" in run("rule", "also-read-lnk").stderr


def test_the_version_names_the_rules() -> None:
    assert re.fullmatch(r"cleaner \d+\.\d+\.\d+ \(rules [0-9a-f]{12}\)\n", run("--version").stdout)


def test_the_page_about_the_rules_is_fresh(root: Path) -> None:
    assert run("rule", "--output-format", "markdown").stdout == (root / "docs" / "rules.md").read_text("utf-8")


class Looks:
    """How often something was cleaned."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.number = 0
        clean_bytes = Cleaner.clean_bytes

        def counted(*args: Any) -> object:
            self.number += 1
            return clean_bytes(*args)

        monkeypatch.setattr(Cleaner, "clean_bytes", counted)


FORMATS_AND_MORE = [["--output-format", name] for name in ("text", "json", "jsonl", "sarif", "github")] + [
    ["-v"],
    ["--statistics"],
]


@pytest.mark.parametrize("args", FORMATS_AND_MORE, ids=" ".join)
def test_what_was_checked_before_is_not_looked_at_again(args: list[str], raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Looks(monkeypatch)
    first = run("check", raw, *args)
    assert looks.number > 0
    seen = looks.number
    again = run("check", raw, *args)
    assert looks.number == seen
    assert (again.exit_code, again.stdout, again.stderr) == (first.exit_code, first.stdout, first.stderr)
    assert run("check", raw, *args, "--no-cache").stdout == first.stdout
    assert looks.number == 2 * seen


@pytest.mark.parametrize("args", [["--profile", "careful"], ["--ignore", "REL"], ["--input", "page"], ["--encoding", "cp1252"]])
def test_other_settings_look_again(args: list[str], raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Looks(monkeypatch)
    run("check", raw)
    seen = looks.number
    run("check", raw, *args)
    assert looks.number == 2 * seen


def test_a_changed_file_is_looked_at_again(raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = Looks(monkeypatch)
    run("check", raw)
    seen = looks.number
    changed = next(path for path in sorted(raw.rglob("*.txt")))
    changed.write_text(changed.read_text("utf-8") + "\n\nAdvertisement\n", "utf-8")
    assert "ADV001" in run("check", raw).stdout
    assert looks.number == seen + 1


def test_another_state_of_the_package_looks_again(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "cleaner"
    shutil.copytree(root / "cleaner", package, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr("cleaner.checks.resources.files", lambda _: package)
    states = [_surroundings.__wrapped__()]
    for name in ("data/english_words.txt", "data/page_weights.toml", "data/needles.json", "cli/check.py", "detect/tails.py"):
        with (package / name).open("a") as file:
            file.write("\n")
        states.append(_surroundings.__wrapped__())
    for library in LIBRARIES:
        monkeypatch.setattr("cleaner.checks._version", lambda name, other=library: "1.1" if name == other else "1.0")
        states.append(_surroundings.__wrapped__())
    assert len(set(map(str, states))) == len(states)


def test_a_damaged_cache_changes_nothing(raw: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    first = run("check", raw, "--cache-dir", cache).stdout
    with sqlite3.connect(cache / FILE) as table:
        table.execute('UPDATE results SET value = \'[[[1, 1, 1, 1, "REL001", 7, "", 0.9, "", 1]], {}]\'')
    assert run("check", raw, "--cache-dir", cache).stdout == first


def test_where_the_cache_is(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLEANER_CACHE_DIR")
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    run("check", raw, "--no-cache")
    assert not list(here.iterdir())
    run("check", raw)
    assert {path.name for path in (here / ".cleaner_cache").iterdir()} == {FILE, ".gitignore", "CACHEDIR.TAG"}
    (tmp_path / "cleaner.toml").write_text('cache-dir = "kept"\n', "utf-8")
    run("check", raw)
    assert (tmp_path / "kept" / FILE).exists()
    (tmp_path / "cleaner.toml").write_text('cache-dir = ""\n', "utf-8")
    (tmp_path / "kept" / FILE).unlink()
    run("check", raw)
    assert not (tmp_path / "kept" / FILE).exists()


@pytest.fixture
def many(raw: Path) -> Path:
    """A folder with junk, clean text, a file that is no text, an empty one and a page."""
    for number in range(6):
        (raw / f"{number}.txt").write_text(DIRTY.replace("Ten", f"Ten or {number}"))
    (raw / "3.txt").write_bytes(b"\x00\x01\xff" * 30)
    (raw / "4.txt").write_text("")
    (raw / "page.html").write_text(
        f"<article><h1>{CLEAN.replace(chr(10) * 2, '</h1><p>', 1).replace(chr(10) * 2, '</p><p>')}</p></article>"
    )
    return raw


def test_the_number_of_workers_does_not_show(many: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = [run("clean", many, "--out", tmp_path / "one", "--workers", 1), run("check", many, "--no-cache", "--workers", 1)]
    monkeypatch.setattr("cleaner.runs.START_FILES", 2)
    monkeypatch.setattr("cleaner.checks.START_FILES", 2)
    cache = ["--cache-dir", tmp_path / "cache"]
    together = [run("clean", many, "--out", tmp_path / "two", "--workers", 2), run("check", many, *cache, "--workers", 2)]
    assert [done.exit_code for done in alone] == [2, 2]
    assert [done.stdout for done in together] == [done.stdout for done in alone]
    assert [done.stderr.replace(str(tmp_path / "two"), str(tmp_path / "one")) for done in together] == [
        done.stderr for done in alone
    ]
    assert files(tmp_path / "two") == files(tmp_path / "one")
    (many / "b.txt").write_text(DIRTY)
    assert run("check", many, *cache, "--workers", 2).stdout == run("check", many, "--no-cache", "--workers", 1).stdout
