"""Is anything lost when something goes wrong around a run? Kills at random moments, full disks, inputs that change, and more.

    python benchmarks/faults.py [--kills N] [--seed N]

Each trial starts from copies of an older version of the raw files, disturbs a run over the newer one, and looks at what is
left: every file must be the older or the newer one, whole. Then the same command runs again, undisturbed, and must leave
exactly what a run without a fault does. Prints how many trials of each fault went well, and exits with 1 if one did not.
"""

import argparse
import contextlib
import gzip
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import click

from cleaner import cli, corpora, corpus_runs

SIZE = 150
"""Articles or rows of a task: the work takes about as long as it takes to start."""
CHUNK_ROWS = 4
"""So small are the chunks of these runs, and after each the state is written, that a fault hits every step of a run."""
DRIVER = f"""
import signal
signal.signal(signal.SIGINT, signal.SIG_DFL)  # a shell lets what it starts in the background ignore it
from cleaner.__main__ import main
if __name__ == "__main__":
    from cleaner import corpora, corpus_runs
    corpora.CHUNK_ROWS, corpus_runs.COMMIT_SECONDS = {CHUNK_ROWS}, 0
    main()
"""
STORY = (
    "Storm closes the old harbour bridge {number}\n\n"
    "The old harbour bridge was closed on {day} after a storm tore off parts of its roof, the city said.\n\n"
    "Also Read: Ten bridges that did not last\n\n"
    "Engineers will look at the piers this week, and the bridge may open again for buses before Friday.\n"
)
SECONDS = 120.0
"""A run that takes longer hangs."""


class SkippedError(Exception):
    """A fault that cannot be made here; the message says why."""


@dataclass(frozen=True, slots=True)
class Task:
    """A command that is disturbed."""

    name: str
    files: tuple[str, ...]
    """Names of the raw files."""
    args: tuple[str, ...]
    """Arguments of `cleaner`, with {raw} and {out} for the folders."""
    size: int
    """Rows of each corpus."""
    code: int = 0
    """How it ends if nothing disturbs it."""

    def write(self, folder: Path, day: str) -> None:
        """Write the raw files of a day."""
        for name in self.files:
            _write(folder / name, day, self.size)


EXTRA = ("records.jsonl", "records.jsonl.gz", "rejects.jsonl")
"""They hold what belongs to the corpora that could be read to their ends."""
FOLDER = "folder"


def tasks(size: int) -> list[Task]:
    """Commands of all kinds, over so many articles or rows."""
    files = tuple(f"{number}.txt" for number in range(size))
    mixed = ("a.jsonl", "b.jsonl.gz", "c.parquet", "d.txt")
    extra = ("--records", "{out}/records.jsonl", "--workers", "2")
    return [
        Task(FOLDER, files, ("clean", "{raw}", "--out", "{out}", "--isolated"), size),
        *(_corpus(name, size) for name in ("a.jsonl", "a.jsonl.gz", "a.jsonl.zst", "a.parquet")),
        _corpus("a.jsonl.gz", size, workers=2),
        Task("folder of corpora", mixed, ("clean", "{raw}", "--out", "{out}", *extra, "--isolated"), size // 3, code=2),
    ]


def _corpus(name: str, size: int, workers: int = 1) -> Task:
    extra = ("--records", "{out}/records.jsonl.gz", "--rejects", "{out}/rejects.jsonl")
    args = ("clean", f"{{raw}}/{name}", "--out", f"{{out}}/{name}", *extra, "--workers", str(workers), "--isolated")
    return Task(f"{name} with {workers} workers" if workers > 1 else name, (name,), args, size, code=2)


def _write(path: Path, day: str, size: int) -> None:
    if path.suffix == ".txt":
        path.write_text(STORY.format(number=path.stem, day=day), "utf-8")
        return
    rows = [{"id": number, "text": STORY.format(number=number, day=day)} for number in range(size)]
    if path.suffix == ".parquet":
        import pyarrow as pa
        from pyarrow import parquet

        parquet.write_table(pa.Table.from_pylist([*rows, {"id": size, "text": None}]), path, row_group_size=7)
        return
    data = "".join(json.dumps(row) + "\n" for row in [*rows, {"id": size, "text": None}]).encode()
    if path.suffix == ".zst":
        import zstandard

        data = zstandard.compress(data)
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


def contents(folder: Path) -> dict[str, bytes]:
    """All files under a folder, hidden ones, too."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def shown(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files that are not hidden."""
    return {name: data for name, data in files.items() if not Path(name).name.startswith(".")}


class Bench:
    """A task with all that trials need: what its folders hold before and after a run, and how long that takes."""

    def __init__(self, task: Task, folder: Path) -> None:
        """Run the task undisturbed, on the older and then on the newer raw files."""
        self.task = task
        self.folder = folder
        self.raw, self.out = folder / "raw", folder / "out"
        self.raw.mkdir(parents=True)
        task.write(self.raw, "Monday")
        self.again()
        self.old = contents(self.out)
        shutil.copytree(self.out, folder / "old")
        task.write(self.raw, "Sunday")
        self.again()
        self.new = contents(self.out)

    @cached_property
    def seconds(self) -> float:
        """How long an undisturbed run takes, from the start of its process."""
        self.reset()
        started = time.monotonic()
        code, told = self.wait(self.start())
        assert code == self.task.code, told
        assert contents(self.out) == self.new
        return time.monotonic() - started

    def args(self, out: Path | None = None) -> list[str]:
        """The arguments of the task, for another output folder if one is given."""
        return [part.format(raw=self.raw, out=out or self.out) for part in self.task.args]

    def reset(self) -> None:
        """The newer raw files, and the older copies."""
        self.task.write(self.raw, "Sunday")
        shutil.rmtree(self.out, ignore_errors=True)
        shutil.copytree(self.folder / "old", self.out)

    def start(self, out: Path | None = None) -> "subprocess.Popen[str]":
        """A run in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-c", DRIVER, *self.args(out)],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait(self, process: "subprocess.Popen[str]") -> tuple[int, str]:
        """How a run ended, and what it told."""
        told, _ = process.communicate(timeout=SECONDS)
        return process.returncode, told

    def again(self, out: Path | None = None) -> tuple[int, str]:
        """A run in this process, which takes less time."""
        told = io.StringIO()
        with contextlib.redirect_stderr(told), contextlib.redirect_stdout(told), _small_chunks():
            try:
                code = cli.main.main(self.args(out), standalone_mode=False)
            except click.ClickException as error:
                error.show()
                code = error.exit_code
        return code, told.getvalue()

    def torn(self, *others: Mapping[str, bytes]) -> list[str]:
        """Names of files that are neither the older nor the newer ones, nor any of the others, or that are gone."""
        found = shown(contents(self.out))
        names = sorted(found.keys() | shown(self.old))
        return [name for name in names if not any(found.get(name) == files.get(name) for files in (self.old, self.new, *others))]

    def broken(self) -> list[str]:
        """What is wrong right after a fault."""
        return [f"{name} is torn" for name in self.torn()]

    def mended(self) -> list[str]:
        """What is wrong after the same command has run again."""
        code, told = self.again()
        found = contents(self.out)
        problems = [f"the next run ended with {code}: {told}"] if code != self.task.code else []
        problems += [f"{name} differs from an undisturbed run" for name, data in self.new.items() if found.get(name) != data]
        problems += [f"{name} is left" for name in found if name not in self.new]
        if self.task.name == FOLDER and cli.main.main(["verify", str(self.out), "-q"], standalone_mode=False):
            problems.append("verify finds problems")
        return problems


def _is_whole(path: Path) -> bool:
    """True if a file of JSON lines, if it is there, is one to its end."""
    if not path.exists():
        return True
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return all(json.loads(line) for line in data.splitlines()) and (not data or data.endswith(b"\n"))


@contextlib.contextmanager
def _small_chunks() -> Iterator[None]:
    before = corpora.CHUNK_ROWS, corpus_runs.COMMIT_SECONDS
    corpora.CHUNK_ROWS, corpus_runs.COMMIT_SECONDS = CHUNK_ROWS, 0
    try:
        yield
    finally:
        corpora.CHUNK_ROWS, corpus_runs.COMMIT_SECONDS = before


# faults: each takes a bench and numbers drawn at random, disturbs a run, and tells what is wrong afterwards


def killed(bench: Bench, rng: random.Random) -> list[str]:
    """Kill -9 at any moment of a run, from the start of the process to its end."""
    moment = rng.uniform(0, 1.05) * bench.seconds
    bench.reset()
    process = bench.start()
    time.sleep(moment)
    process.kill()
    bench.wait(process)
    return bench.broken() + bench.mended()


def killed_twice(bench: Bench, rng: random.Random) -> list[str]:
    """Kill -9, and again in the run that goes on."""
    moments = [rng.uniform(0.5, 1) * bench.seconds for _ in range(2)]
    bench.reset()
    for moment in moments:
        process = bench.start()
        time.sleep(moment)
        process.kill()
        bench.wait(process)
    return bench.broken() + bench.mended()


def stopped(bench: Bench, rng: random.Random) -> list[str]:
    """SIGINT or SIGTERM at any moment."""
    moment = rng.uniform(0.1, 1) * bench.seconds
    bench.reset()
    process = bench.start()
    time.sleep(moment)
    stop = rng.choice([signal.SIGINT, signal.SIGTERM])
    process.send_signal(stop)
    code, told = bench.wait(process)
    problems = []
    has_begun = "Fatal Python error: init_import_site" not in told  # else not even the interpreter had
    if has_begun and (code not in (bench.task.code, 128 + stop, -stop) or "Traceback" in told):
        problems.append(f"{stop.name} ended the run with {code}: {told}")
    if code == 128 + stop and f"stopped by {stop.name}" not in told:
        problems.append(f"{stop.name} was not told: {told}")
    return problems + bench.broken() + bench.mended()


def worker_killed(bench: Bench, rng: random.Random) -> list[str]:
    """Kill -9 of a worker process."""
    moment = rng.uniform(0.2, 1) * bench.seconds
    bench.reset()
    process = bench.start()
    time.sleep(moment)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not children.parent.parent.exists():
        raise SkippedError("looks for workers in /proc")
    workers = [int(pid) for pid in children.read_text().split()[1:]]  # the first one keeps track of resources
    if workers:
        with contextlib.suppress(ProcessLookupError):
            os.kill(rng.choice(workers), signal.SIGKILL)
    code, told = bench.wait(process)
    is_told = "a worker process ended by signal 9" in told and "the same command goes on behind row" in told
    is_done = " cleaned" in told  # it died when there was nothing left to do
    problems = [] if code == 2 and (is_told or is_done) else [f"the death of a worker ended the run with {code}: {told}"]
    return problems + bench.broken() + bench.mended()


def at_once(bench: Bench, rng: random.Random) -> list[str]:
    """Two runs on the same output at once."""
    moment = rng.uniform(0, 1) * bench.seconds
    bench.reset()
    first = bench.start()
    time.sleep(moment)
    second = bench.start()
    problems = []
    for code, told in (bench.wait(first), bench.wait(second)):
        if code not in (bench.task.code, 2) or "Traceback" in told:
            problems.append(f"one of two runs at once ended with {code}: {told}")
    return problems + bench.broken() + bench.mended()


def changed(bench: Bench, rng: random.Random) -> list[str]:
    """A raw file that grows, shrinks, disappears or is replaced at any moment of the run."""
    moment = rng.uniform(0.2, 1) * bench.seconds
    bench.reset()
    victim = bench.raw / rng.choice(bench.task.files)
    process = bench.start()
    time.sleep(moment)
    kind = rng.choice(["grows", "shrinks", "is gone", "is replaced"])
    if kind == "grows":
        with victim.open("ab") as file:
            file.write(b'{"text": "half a line')
    elif kind == "shrinks":
        os.truncate(victim, victim.stat().st_size // 2)
    elif kind == "is gone":
        victim.unlink()
    else:
        other = bench.folder / f"other{victim.suffix}"
        _write(other, "Friday", bench.task.size)
        other.replace(victim)
    code, told = bench.wait(process)
    problems = [f"a file that {kind} ended the run with {code}: {told}"] if code not in (0, 2) or "Traceback" in told else []
    reference = bench.folder / "reference"
    shutil.copytree(bench.folder / "old", reference)
    bench.again(reference)
    problems += [f"{name} is torn" for name in bench.torn(contents(reference)) if name not in EXTRA]
    problems += [f"{name} is torn" for name in EXTRA if not _is_whole(bench.out / name)]
    shutil.rmtree(reference)
    bench.task.write(bench.raw, "Sunday")
    return problems + bench.mended()


@contextlib.contextmanager
def _disk(folder: Path, size: int) -> Iterator[None]:
    """A file system of its own, with so many bytes, in the place of a folder."""
    folder.mkdir(exist_ok=True)
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], capture_output=True, check=False)
    if made.returncode:
        raise SkippedError("mounting is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def _remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


def disk_full(bench: Bench, rng: random.Random) -> list[str]:
    """A disk that is full after any number of pages."""
    shutil.rmtree(bench.out)
    pages = sum(-(-len(data) // 4096) for data in bench.old.values())
    with _disk(bench.out, 4096 * (pages + rng.randrange(1, pages + 2))):
        shutil.copytree(bench.folder / "old", bench.out, dirs_exist_ok=True)
        bench.task.write(bench.raw, "Sunday")
        code, told = bench.again()
        problems = []
        if code != bench.task.code and ("no space left on device" not in told or code != 2):
            problems.append(f"a full disk ended the run with {code}: {told}")
        problems += bench.broken()
        _remount(bench.out, "size=50m")
        problems += bench.mended()
    return problems


def read_only(bench: Bench, _: random.Random) -> list[str]:
    """A disk that cannot be written to."""
    shutil.rmtree(bench.out)
    with _disk(bench.out, 50_000_000):
        shutil.copytree(bench.folder / "old", bench.out, dirs_exist_ok=True)
        bench.task.write(bench.raw, "Sunday")
        _remount(bench.out, "ro")
        code, told = bench.again()
        problems = []
        if (code, told) != (2, f"cleaner: {bench.out}: cannot be written: read-only file system\n"):
            problems.append(f"a read-only disk ended the run with {code}: {told}")
        problems += [f"{name} has changed" for name, data in contents(bench.out).items() if bench.old.get(name) != data]
        _remount(bench.out, "rw")
        problems += bench.mended()
    return problems


Fault = Callable[[Bench, random.Random], list[str]]
FAULTS: Mapping[str, tuple[Fault, float]] = {
    "kill -9": (killed, 1.0),
    "kill -9, twice": (killed_twice, 0.1),
    "SIGINT or SIGTERM": (stopped, 0.2),
    "death of a worker": (worker_killed, 0.1),
    "two runs at once": (at_once, 0.1),
    "input that changes": (changed, 0.2),
    "full disk": (disk_full, 0.2),
    "read-only disk": (read_only, 0.035),
}
"""What goes wrong, and how often it is tried for each kill -9."""


def trials(fault: Fault, benches: list[Bench], number: int, rng: random.Random) -> Iterator[tuple[str, list[str]]]:
    """So many trials, the benches in turn: the name of the task, and what was lost."""
    for trial in range(number):
        bench = benches[trial % len(benches)]
        yield bench.task.name, fault(bench, rng)


def main() -> None:
    """Try all faults and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    args = parser.parse_args()
    print(f"seed {args.seed}")
    print(f"{'fault':20} {'tried':>6} {'survived':>9} {'lost':>5} {'seconds':>8}")
    lost: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        benches = [Bench(task, Path(folder) / str(number)) for number, task in enumerate(tasks(SIZE))]
        for name, (fault, share) in FAULTS.items():
            rng = random.Random(f"{args.seed} {name}")
            chosen = [bench for bench in benches if "2" in bench.task.args] if fault is worker_killed else benches
            started = time.monotonic()
            tried = failed = 0
            try:
                for task, problems in trials(fault, chosen, max(1, round(args.kills * share)), rng):
                    tried += 1
                    failed += bool(problems)
                    lost += [f"{name}, {task}: {problem}" for problem in problems]
            except SkippedError as error:
                print(f"{name:20} skipped: {error}")
                continue
            print(f"{name:20} {tried:6} {tried - failed:9} {failed:5} {time.monotonic() - started:8.0f}", flush=True)
    for problem in lost:
        print(f"LOST {problem}")
    sys.exit(1 if lost else 0)


if __name__ == "__main__":
    main()
