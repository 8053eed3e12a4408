"""How fast a corpus goes through, and in how much memory.

    python benchmarks/corpora.py FOLDER [--rows N] [--characters N] [--workers 1 2] [--suffix .jsonl]

Makes a corpus of the texts in FOLDER (see `dataset.py`), cut behind the line that reaches so many characters and
repeated with a number in front until there are enough rows, and runs `cleaner clean` on it once per number of
workers. CPU seconds are those of all processes; where other work is going on they tell more than the clock. Memory
is the sum of the resident sets of all processes of the run, looked at five times a second (pages that they share are
counted once for each), in four quarters of the run: it has to be the same in all but the first. Needs Linux.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from dataset import EXTRACTORS, read_texts

from cleaner.corpora import compressed

INTERVAL = 0.2
MEGABYTE = 1_000_000
PAGE = os.sysconf("SC_PAGE_SIZE")


def texts(folder: Path, characters: int) -> Iterator[str]:
    """The texts of all extractors, without end, no two the same."""
    by_extractor = read_texts(folder)
    all_texts = [text for name in EXTRACTORS for text in by_extractor.get(name, {}).values()]
    for number, text in enumerate(cycle(all_texts)):
        end = text.find("\n", characters)
        yield f"Report {number} of the day\n\n{text[: end if end >= 0 else len(text)]}"


def make(path: Path, folder: Path, rows: int, characters: int) -> int:
    """Write a corpus; its size in bytes of text."""
    size = 0
    with path.open("wb") as file:
        for number, text in enumerate(islice(texts(folder, characters), rows)):
            file.write(compressed((json.dumps({"id": number, "text": text}, ensure_ascii=False) + "\n").encode(), path.suffix))
            size += len(text.encode())
    return size


def resident(pid: int) -> int:
    """Bytes that a process and those that it started hold."""
    try:
        own = int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except (FileNotFoundError, ProcessLookupError):
        return 0  # ended meanwhile
    return own + sum(resident(int(child)) for child in children)


def cpu_seconds() -> float:
    """Those of all processes that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def run(source: Path, out: Path, workers: int) -> tuple[float, float, list[int]]:
    """Seconds and CPU seconds that a run takes, and the memory seen."""
    command = [sys.executable, "-m", "cleaner", "clean", source, "--out", out, "--workers", str(workers), "--isolated", "--quiet"]
    seen = []
    start, cpu = time.monotonic(), cpu_seconds()
    with subprocess.Popen(list(map(str, command))) as process:
        while process.poll() is None:
            seen.append(resident(process.pid))
            time.sleep(INTERVAL)
    if process.returncode:
        sys.exit(f"the run ended with {process.returncode}")
    return time.monotonic() - start, cpu_seconds() - cpu, seen


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--characters", type=int, default=200)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--suffix", default=".jsonl", choices=[".jsonl", ".jsonl.gz", ".jsonl.zst"])
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        source, out = (Path(folder) / f"{name}{args.suffix}" for name in ("raw", "clean"))
        size = make(source, args.folder, args.rows, args.characters)
        print(f"{args.rows:,} rows, {size / MEGABYTE:.1f} MB of text\n")
        print("| workers | seconds | CPU s | rows/s | MB/s | memory by quarters, MB | most, MB |")
        print("|---:|---:|---:|---:|---:|---|---:|")
        results = set()
        for workers in args.workers:
            seconds, cpu, seen = run(source, out, workers)
            quarters = [max(seen[len(seen) * at // 4 : len(seen) * (at + 1) // 4] or [0]) // MEGABYTE for at in range(4)]
            print(
                f"| {workers} | {seconds:.0f} | {cpu:.0f} | {args.rows / seconds:.0f} | {size / MEGABYTE / seconds:.2f} "
                f"| {', '.join(map(str, quarters))} | {max(seen) // MEGABYTE} |"
            )
            results.add(out.read_bytes() if size < 100 * MEGABYTE else out.stat().st_size)
        if len(results) > 1:
            sys.exit("\nThe results differ.")


if __name__ == "__main__":
    main()
