"""What a run leaves behind when something goes wrong around it: signals, second runs, full disks, kills."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from cleaner import files, runs
from cleaner.cli import main
from cleaner.locks import LOCK_SUFFIX, locked
from cleaner.pipeline import Cleaner

STORY = (
    "Storm closes the old harbour bridge\n\n"
    "The old harbour bridge was closed on {day} after a storm tore off parts of its roof, the city said.\n\n"
    "Also Read: Ten bridges that did not last\n\n"
    "Engineers will look at the piers this week, and the bridge may open again for buses before Friday.\n"
)


def run(*args: object) -> Result:
    return CliRunner().invoke(main, [*map(str, args), *(["--isolated"] if args[0] in ("clean", "check", "diff") else [])])


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.txt").write_text(STORY.format(day="Monday"))
    return folder


# signals


SIGNALS = pytest.mark.parametrize(("stop", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])


@SIGNALS
def test_a_signal_ends_a_folder_run_in_order(
    stop: signal.Signals, code: int, raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("clean", raw, "--out", tmp_path / "whole")
    write = runs.Run._write

    def interrupted(one: runs.Run, article: files.Article) -> None:
        write(one, article)
        if article.path.name == "b.txt":
            signal.raise_signal(stop)

    with monkeypatch.context() as patch:
        patch.setattr(runs.Run, "_write", interrupted)
        done = run("clean", raw, "--out", tmp_path / "out")
    assert (done.exit_code, done.stdout) == (code, "")
    assert done.stderr == f"cleaner: stopped by {stop.name}; the same command finishes the job\n"
    assert sorted(contents(tmp_path / "out")) == ["a.json", "a.txt", "b.json", "b.txt"]
    done = run("clean", raw, "--out", tmp_path / "out")
    assert "3 articles: 1 written, 2 unchanged" in done.stderr
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


@SIGNALS
@pytest.mark.parametrize("command", ["check", "diff", "verify", "restore", "stats"])
def test_a_signal_ends_every_command_with_one_line(
    command: str, stop: signal.Signals, code: int, raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("clean", raw, "--out", tmp_path / "out")

    def interrupted(*_: Any) -> None:
        signal.raise_signal(stop)

    monkeypatch.setattr(files.Pair, "read", interrupted)
    monkeypatch.setattr(Cleaner, "clean_file", interrupted)
    done = run(command, raw if command in ("check", "diff") else tmp_path / "out", *_out(command, tmp_path / "again"))
    hint = "; the same command finishes the job" if command == "restore" else ""
    assert (done.exit_code, done.stdout, done.stderr) == (code, "", f"cleaner: stopped by {stop.name}{hint}\n")


def _out(command: str, folder: Path) -> list[object]:
    return ["--out", folder] if command == "restore" else []


def test_a_signal_that_is_to_be_ignored_is_ignored(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = runs.Run._write

    def interrupted(one: runs.Run, article: files.Article) -> None:
        signal.raise_signal(signal.SIGINT)
        write(one, article)

    monkeypatch.setattr(runs.Run, "_write", interrupted)
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # as nohup leaves it
    try:
        done = run("clean", raw, "--out", tmp_path / "out")
    finally:
        signal.signal(signal.SIGINT, before)
    assert done.exit_code == 0
    assert "3 articles: 3 written" in done.stderr


LOADING = """
import os, signal, sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "cleaner.cli":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
from cleaner.__main__ import main
main()
"""


def test_an_interrupt_while_modules_load_shows_no_traceback() -> None:
    done = subprocess.run([sys.executable, "-c", LOADING], capture_output=True, check=False, preexec_fn=_let_interrupt)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")


def _let_interrupt() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what it starts in the background ignore it


# two runs at once


@pytest.mark.skipif(sys.platform == "win32", reason="no locks there")
@pytest.mark.parametrize("command", ["clean", "restore"])
def test_two_runs_do_not_write_to_the_same_folder(command: str, raw: Path, tmp_path: Path) -> None:
    run("clean", raw, "--out", tmp_path / "out")
    again = tmp_path / "again"
    with locked(again / LOCK_SUFFIX):
        done = run(command, raw if command == "clean" else tmp_path / "out", "--out", again)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"cleaner: {again}: another run writes the same files; wait for its end, or name another --out\n"
    assert contents(again) == {}


def test_a_lock_that_a_killed_run_left_keeps_nobody_out_and_goes(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / LOCK_SUFFIX).touch()
    assert run("clean", raw, "--out", tmp_path / "out").exit_code == 0
    assert sorted(contents(tmp_path / "out")) == ["a.json", "a.txt", "b.json", "b.txt", "c.json", "c.txt"]


def test_a_link_in_the_place_of_the_lock_is_not_followed(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / LOCK_SUFFIX).symlink_to(tmp_path / "made")
    done = run("clean", raw, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert f"cleaner: {tmp_path / 'out'}: cannot be written: " in done.stderr
    assert not (tmp_path / "made").exists()
