"""What a run leaves behind when something goes wrong around it: signals, second runs, full disks, kills."""

from __future__ import annotations

import errno
import gzip
import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import faults
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from cleaner import corpora, corpus_runs, pairs, rows, runs
from cleaner.cli import clean, main
from cleaner.locks import alone_in, locked
from cleaner.model import WorkerError
from cleaner.pipeline import Cleaner
from cleaner.places import LOCK_SUFFIX

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

    def interrupted(one: runs.Run, cleaned: Any) -> None:
        write(one, cleaned)
        if cleaned.article.path.name == "b.txt":
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

    monkeypatch.setattr(pairs.Pair, "read", interrupted)
    monkeypatch.setattr(Cleaner, "clean_bytes", interrupted)
    done = run(command, raw if command in ("check", "diff") else tmp_path / "out", *_out(command, tmp_path / "again"))
    hint = "; the same command finishes the job" if command == "restore" else ""
    assert (done.exit_code, done.stdout, done.stderr) == (code, "", f"cleaner: stopped by {stop.name}{hint}\n")


def _out(command: str, folder: Path) -> list[object]:
    return ["--out", folder] if command == "restore" else []


def test_a_signal_that_is_to_be_ignored_is_ignored(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = runs.Run._write

    def interrupted(one: runs.Run, cleaned: Any) -> None:
        signal.raise_signal(signal.SIGINT)
        write(one, cleaned)

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
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what it starts in the background ignore it
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "cleaner.cli":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Interrupting())
from cleaner.__main__ import main
main()
"""


def test_an_interrupt_while_modules_load_shows_no_traceback() -> None:
    done = subprocess.run([sys.executable, "-c", LOADING], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (-signal.SIGINT, b"", b"")


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


BUSY = "another run writes this file; wait for its end, or name another one"


@pytest.mark.skipif(sys.platform == "win32", reason="no locks there")
@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet"])
@pytest.mark.parametrize("out", ["out", "out/sub", "out/sub/{name}"])
def test_two_runs_do_not_write_to_the_same_corpus_whatever_out_says(name: str, out: str, tmp_path: Path) -> None:
    source, target = tmp_path / "raw", tmp_path / "out" / "sub" / name
    (source / "sub").mkdir(parents=True)
    raw = corpus(source / "sub" / name, ["Monday"] * 3)
    with locked(tmp_path / "out" / LOCK_SUFFIX) if out != "out" else nullcontext():
        part = corpora.Part(target)  # as a run over all of the folder has it
        part.write(b"half")
        made = target.with_name(f".{name}.cleaner-part.made")
        made.write_bytes(b"half")
        done = run(
            "clean",
            source if out == "out" else raw.parent if out == "out/sub" else raw,
            "--out",
            tmp_path / out.format(name=name),
        )
        assert done.exit_code == 2
        assert f"cleaner: {target}: {BUSY}" in done.stderr
        assert made.read_bytes() == b"half"
        part.write(b" whole")
        assert part.finish()
    assert target.read_bytes() == b"half whole"


@pytest.mark.skipif(sys.platform == "win32", reason="no locks there")
def test_two_runs_do_not_write_to_the_same_rejects(tmp_path: Path) -> None:
    source, rejects = corpus(tmp_path / "a.jsonl", ["Monday"]), tmp_path / "bad.jsonl"
    part = corpora.Part(rejects)
    part.write(b"{}\n")
    for args in ([], ["--out", tmp_path / "b.jsonl"], ["--out", tmp_path / "out"]):
        done = run("clean", source, *args, "--records", tmp_path / "records.jsonl", "--rejects", rejects, "--workers", 1)
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr == f"cleaner: {rejects}: {BUSY}\n"
    assert part.finish()
    assert contents(tmp_path) == {"a.jsonl": source.read_bytes(), "bad.jsonl": b"{}\n"}


@pytest.mark.skipif(sys.platform == "win32", reason="no locks there")
@pytest.mark.parametrize("readable", [True, False])
def test_the_part_of_another_user_is_left_alone(readable: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: FBT001
    source, target = corpus(tmp_path / "a.jsonl", ["Monday"]), tmp_path / "b.jsonl"
    opened, part = os.open, corpora.Part(target)

    def refused(path: str | Path, flags: int, *args: Any, **named: Any) -> int:  # the tests may run as root
        if Path(path) == part.path and (flags & os.O_RDWR or not readable):
            raise PermissionError(errno.EACCES, "Permission denied")
        return opened(path, flags, *args, **named)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refused)
        done = run("clean", source, "--out", target, "--workers", 1)
    assert done.exit_code == 2
    assert f"cleaner: {target}: {BUSY}" in done.stderr or "cannot be written: permission denied" in done.stderr
    part.write(b"whole")
    assert part.finish()
    assert target.read_bytes() == b"whole"


@pytest.mark.skipif(sys.platform == "win32", reason="no locks there")
@pytest.mark.parametrize("command", ["clean", "restore"])
def test_a_folder_in_the_output_folder_may_be_that_of_another_run(command: str, raw: Path, tmp_path: Path) -> None:
    for name in ("sub", "sub/deep"):
        (raw / name).mkdir()
        (raw / name / "d.txt").write_text(STORY.format(day="Friday"))
    run("clean", raw, "--out", tmp_path / "out")
    again = tmp_path / "again"
    with alone_in(again / "sub"):
        done = run(command, raw if command == "clean" else tmp_path / "out", "--out", again)
    assert done.exit_code == 2
    told = [line for line in done.stderr.split("\n") if line.startswith("cleaner: ")]
    assert told == [f"cleaner: {again / 'sub'}: another run writes the same files; wait for its end, or name another --out"]
    found = contents(again)
    assert [name for name in found if name.startswith("sub/") and not name.startswith("sub/deep/")] == []
    assert run(command, raw if command == "clean" else tmp_path / "out", "--out", again).exit_code == 0
    assert contents(again).items() > found.items()
    assert not list(again.rglob(".*"))


@pytest.mark.skipif(sys.platform == "win32", reason="no locks there")
def test_a_run_that_writes_to_a_folder_keeps_others_from_it(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (raw / "sub").mkdir()
    (raw / "sub" / "d.txt").write_text(STORY.format(day="Friday"))
    write, told = runs.Run._write, []

    def disturbed(one: runs.Run, cleaned: Any) -> None:
        write(one, cleaned)
        if cleaned.article.path.name == "d.txt":
            with monkeypatch.context() as patch:
                patch.setattr(runs.Run, "_write", write)
                told.append(run("clean", raw / "a.txt", "--out", tmp_path / "out" / "sub").stderr)

    monkeypatch.setattr(runs.Run, "_write", disturbed)
    assert run("clean", raw, "--out", tmp_path / "out").exit_code == 0
    assert told == [
        f"cleaner: {tmp_path / 'out' / 'sub'}: another run writes the same files; wait for its end, or name another --out\n"
    ]
    assert sorted(contents(tmp_path / "out" / "sub")) == ["d.json", "d.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="no locks there")
def test_a_file_system_without_locks_keeps_nobody_out(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    def unknown(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", unknown)
    assert run("clean", raw, "--out", tmp_path / "out").exit_code == 0


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


@pytest.mark.parametrize("trap", [Path.hardlink_to, Path.symlink_to])
def test_what_stands_in_the_place_of_a_part_is_not_written_to(trap: Callable[[Path, Path], None], tmp_path: Path) -> None:
    source, victim, bad = corpus(tmp_path / "a.jsonl", ["Monday"]), tmp_path / "victim", tmp_path / "bad.jsonl"
    victim.write_text("mine")
    for args in ([], ["--out", tmp_path / "b.jsonl"], ["--out", tmp_path / "out"]):
        for part in (tmp_path / ".bad.jsonl.cleaner-part", tmp_path / ".b.jsonl.cleaner-part"):
            part.unlink(missing_ok=True)
            trap(part, victim)
        assert run("clean", source, *args, "--rejects", bad, "--workers", 1).exit_code == 0
        assert victim.read_text() == "mine"
        assert bad.read_bytes() == b""


def test_a_run_goes_on_with_no_other_file_than_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, out, part = corpus(tmp_path / "a.jsonl", ["Monday"] * 8), tmp_path / "b.jsonl", tmp_path / ".b.jsonl.cleaner-part"
    monkeypatch.setattr(corpora, "CHUNK_ROWS", 4)
    with monkeypatch.context() as patch:
        patch.setattr(corpus_runs.CorpusRun, "_finish", lambda *_: signal.raise_signal(signal.SIGTERM))
        assert run("clean", source, "--out", out, "--workers", 1).exit_code == 143
    (tmp_path / "victim").write_bytes(part.read_bytes() + b"mine")
    part.unlink()
    part.hardlink_to(tmp_path / "victim")
    assert run("clean", source, "--out", out, "--workers", 1).exit_code == 0
    assert (tmp_path / "victim").read_bytes().endswith(b"mine")
    assert len(out.read_bytes().splitlines()) == 8


def test_a_pair_that_a_killed_run_removed_by_half_is_removed(raw: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run("clean", raw, "--out", out)
    (raw / "b.txt").unlink()
    (out / "b.txt").unlink()
    done = run("clean", raw, "--out", out, "--prune")
    assert (done.exit_code, "2 unchanged, 1 removed" in done.stderr) == (0, True)
    assert sorted(contents(out)) == ["a.json", "a.txt", "c.json", "c.txt"]
    assert run("verify", out).exit_code == 0


# corpora that change while they are read


def corpus(path: Path, days: Iterable[str]) -> Path:
    rows = [{"id": number, "text": STORY.format(day=day)} for number, day in enumerate(days)]
    if path.suffix == ".parquet":
        parquet.write_table(pa.Table.from_pylist(rows), path)
    else:
        data = "".join(json.dumps(row) + "\n" for row in rows).encode()
        path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def grow(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b'{"text": "half a li')


def shrink(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def exchange(path: Path) -> None:
    corpus(path.with_name(f"new{path.suffix}"), ["Sunday"] * 12).replace(path)


@pytest.mark.parametrize("suffix", [".jsonl", ".jsonl.gz", ".parquet"])
@pytest.mark.parametrize("change", [grow, shrink, exchange, Path.unlink])
def test_a_corpus_that_changes_is_refused_and_the_others_are_done(
    change: Callable[[Path], None], suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, out = tmp_path / "raw", tmp_path / "out"
    folder.mkdir()
    corpus(folder / "a.jsonl", ["Monday"])
    victim = corpus(folder / f"b{suffix}", ["Monday"] * 12)
    corpus(folder / "c.jsonl", ["Friday"])
    monkeypatch.setattr(corpora, "CHUNK_ROWS", 4)
    clean_chunk = corpus_runs.clean_chunk

    def changing(job: rows.Job, chunk: corpora.Chunk) -> rows.Outcome:
        if job.name == victim.name and chunk.start.row == 4:
            change(victim)
        return clean_chunk(job, chunk)

    with monkeypatch.context() as patch:
        patch.setattr(corpus_runs, "clean_chunk", changing)
        done = run("clean", folder, "--out", out, "--workers", 1)
    assert done.exit_code == 2
    assert f"cleaner: {victim}: " in done.stderr
    assert "1 file failed" in done.stderr
    assert sorted(contents(out)) == ["a.jsonl", "c.jsonl"]
    corpus(victim, ["Sunday"] * 12)
    assert run("clean", folder, "--out", out, "--workers", 1).exit_code == 0
    assert run("clean", folder, "--out", tmp_path / "whole", "--workers", 1).exit_code == 0
    assert contents(out) == contents(tmp_path / "whole")


def test_a_file_that_is_gone_since_it_was_found_keeps_nothing_else(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus(raw / "d.jsonl", ["Monday"])
    corpus(raw / "e.jsonl", ["Monday"])
    found = clean.articles_of

    def disappearing(*args: Any, **named: Any) -> Any:
        articles = found(*args, **named)
        (raw / "a.txt").unlink()
        (raw / "d.jsonl").unlink()
        return articles

    monkeypatch.setattr(clean, "articles_of", disappearing)
    done = run("clean", raw, "--out", tmp_path / "out", "--workers", 1)
    assert done.exit_code == 2
    told = [line for line in done.stderr.split("\n") if line.startswith("cleaner: ")]
    assert told == [f"cleaner: {raw / name}: cannot be read: no such file or directory" for name in ("d.jsonl", "a.txt")]
    assert sorted(contents(tmp_path / "out")) == ["b.json", "b.txt", "c.json", "c.txt", "e.jsonl"]


def test_a_run_over_other_corpora_leaves_nothing_of_one_that_was_killed(tmp_path: Path) -> None:
    first, second, out = tmp_path / "first", tmp_path / "second", tmp_path / "out"
    for folder in (first, second, out, out / "deep", out / "busy"):
        folder.mkdir()
    corpus(second / "b.jsonl", ["Monday"])
    for name in (".a.jsonl.cleaner-part", "deep/.c.parquet.cleaner-part.made", ".x.txt.7.cleaner-tmp", ".cleaner-state.new"):
        (out / name).write_text("half")
    for name in (".d.jsonl.cleaner-part", ".d.jsonl.cleaner-lock"):  # somebody else may be at work here
        (out / "busy" / name).write_text("half")
    (out / ".cleaner-state").write_text('{"fingerprint": "' + "[" * 100_000)
    assert run("clean", second, "--out", out, "--workers", 1).exit_code == 0
    assert sorted(contents(out)) == ["b.jsonl", "busy/.d.jsonl.cleaner-lock", "busy/.d.jsonl.cleaner-part"]


def dying(function: Any, items: Iterable[Any], *_: int) -> Iterator[Any]:
    """Stands for `ordered_map` with a worker that dies behind the first item."""
    yield function(next(iter(items)))
    raise WorkerError("a worker process ended by signal 9")


def test_the_death_of_a_worker_says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = corpus(tmp_path / "a.jsonl", ["Monday"] * 12)
    monkeypatch.setattr(corpora, "CHUNK_ROWS", 4)

    with monkeypatch.context() as patch:
        patch.setattr(corpus_runs, "ordered_map", dying)
        done = run("clean", source, "--out", tmp_path / "b.jsonl")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"cleaner: a worker process ended by signal 9; the same command goes on behind row 4 of {source}\n"
    assert run("clean", source, "--out", tmp_path / "b.jsonl", "--workers", 1).exit_code == 0
    assert run("clean", source, "--out", tmp_path / "c.jsonl", "--workers", 1).exit_code == 0
    assert contents(tmp_path)["b.jsonl"] == contents(tmp_path)["c.jsonl"]
    assert sorted(contents(tmp_path)) == ["a.jsonl", "b.jsonl", "c.jsonl"]


def test_the_death_of_a_worker_ends_a_folder_run_in_order(raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(runs, "ordered_map", dying)
        done = run("clean", raw, "--out", tmp_path / "out")
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "cleaner: a worker process ended by signal 9; the same command finishes the job\n"
    assert sorted(contents(tmp_path / "out")) == ["a.json", "a.txt"]
    assert run("clean", raw, "--out", tmp_path / "out").exit_code == 0
    assert sorted(contents(tmp_path / "out")) == ["a.json", "a.txt", "b.json", "b.txt", "c.json", "c.txt"]


# faults at random moments; `make faults` tries many more


@pytest.fixture(scope="module")
def benches(tmp_path_factory: pytest.TempPathFactory) -> list[faults.Bench]:
    names = (faults.FOLDER, "a.jsonl", "a.jsonl.gz", "a.parquet")
    return [faults.Bench(task, tmp_path_factory.mktemp("bench")) for task in faults.tasks(size=20) if task.name in names]


@pytest.mark.parametrize(("fault", "times"), [(faults.killed, 10), (faults.disk_full, 6), (faults.read_only, 2)])
def test_faults_at_random_moments_lose_nothing(fault: faults.Fault, times: int, benches: list[faults.Bench]) -> None:
    seed = random.randrange(10**6)
    try:
        for task, problems in faults.trials(fault, benches, times, random.Random(seed)):
            assert not problems, f"{task}, seed {seed}"
    except faults.SkippedError as error:
        pytest.skip(str(error))
