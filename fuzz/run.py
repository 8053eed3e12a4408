"""Coverage-guided fuzzing of what reads other people's data, with atheris.

    python fuzz/run.py [--seconds N] [--keep] [TARGET ...]   # N seconds for each target, one after the other
    python fuzz/run.py --replay FILE TARGET                  # one input again, to see what is wrong with it

Each target runs in a process of its own, as a page may crash the parser. A finding is any exception but those that tell a
user of a mistake, a broken invariant, a crash, more than 2 seconds of processor time for an input, or more memory than 500 MB
per MB of input beside a fixed base. Findings are kept in .fuzz/TARGET/findings; with --keep inputs that reach new code are
kept in .fuzz/TARGET/corpus, too, and the next run goes on from there. Exits with 1 if there are findings.
"""

from __future__ import annotations

import argparse
import re
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT / "fuzz"), str(ROOT / "tests")]

WORK = ROOT / ".fuzz"
SECONDS = 8
MOST_SECONDS = 2.0
"""Of processor time, for an input of the sizes below, under instrumentation."""
BASE_MEMORY = 64 * 2**20
MEMORY_PER_BYTE = 500
"""Bytes beside the base that an input may take for each of its own."""
HUNG = 60
"""Seconds of real time after which an input that does not come back is given up."""
SEEDS = 200

SIZES = {"decoding": 2_000, "segmenting": 2_000, "rules": 2_500, "pages": 4_000, "records": 200, "corpora": 2_000, "packs": 2_000}
"""By target the most bytes of an input."""

WORDS: Mapping[str, Sequence[str | bytes]] = {
    "decoding": [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", "<meta charset=", "<?xml encoding='", "\x1b$B", "+AGE-"],
    "segmenting": ["\r\n", "\u2028", "\x85", "“", "”", "- ", "\x1c"],
    "rules": [
        "\n\n", "&amp;", "&nbsp;", "“", "\xa0", "\u0301", "Ã©", "\u200b", "- ", "| ", "Advertisement", "Photo:", "By ",
        "Also Read: ", "12 May 2024", "Comments", "ofthe", "said.The", "Views: 12",
    ],
    "pages": [
        "<p>", "</p>", "<div", "<h1>", "<article>", "<a href=", "<li>", "<table>", "<script type='application/ld+json'>",
        "</script>", "<meta ", "charset=", "class=", "<!--", "-->", "<![CDATA[", "&#x", "&nbsp;", "<time datetime=", "<svg>",
    ],
    "records": [],
    "corpora": ["{", "}", "[", "]", '"', ":", ",", "\\u", "null", "true", "1e999", "NaN", "\ufeff", '"text": '],
    "packs": [
        "[[rule]]", "pattern", "unless = '", "terms", "(?:", "+", "*", "{2,}", "(?=", "(?!", "(?<=", "(?>", "++", "\\s", "\\w",
        "[^", "|", "$", "(?i)", "\\1", "examples = [", 'detect = "inline"', "'''",
    ],
}  # fmt: skip
"""What mutations may put in: what means something to a target."""


DANISH = "Den gamle bro i havnen har været lukket siden mandag, efter at en storm rev dele af taget af, sagde byen i går. CafÃ©"
"""What makes libraries be loaded: for its mojibake, and for a language that its small words do not tell."""


def seeds(target: str) -> Iterator[bytes]:
    """Inputs to begin with, made of the fixtures."""
    texts = [path.read_bytes() for path in sorted(ROOT.glob("seeds/*.txt"))]
    texts += [path.read_bytes() for path in sorted(ROOT.glob("fixtures/*/*.txt"))]
    tables = [path.read_text("utf-8") for path in sorted(ROOT.glob("cleaner/rules/*.toml"))]
    lines = [line.encode() for table in tables for line in re.findall(r'(?:text = |counterexamples = \[)"(.*?)"', table)]
    if target == "decoding":
        from targets import ENCODINGS

        for number, (encoding, text) in enumerate(zip(cycle(ENCODINGS), texts, strict=False)):
            content = text.decode("utf-8")[:600].encode(encoding, "ignore")
            yield bytes([number % len(ENCODINGS)]) + content
    elif target == "segmenting":
        yield from (bytes([number % 8]) + bytes(range(7, 31)) + text[: SIZES[target] - 30] for number, text in enumerate(texts))
    elif target == "rules":
        yield b"\x01\x00" + DANISH.encode()
        yield from (bytes([number % 9, 0]) + text[:2000] for number, text in enumerate(texts))
        yield from (bytes([1, 0]) + line.replace(b"\\n", b"\n") for line in lines)
    elif target == "pages":
        yield f"\x01\x00<article><h1>Bro lukket</h1>{f'<p>{DANISH}</p>' * 3}</article>".encode()
        for path in sorted(ROOT.glob("tests/pages/*.toml")):
            for part in path.read_text("utf-8").split("[[page]]")[1:]:
                yield b"\x01\x00<html><head><title>Storm</title></head><body>" + part.encode()[:3500]
    elif target == "records":
        yield from (bytes([number % 3, number % 2, 0, number % 256, number % 256, 3]) for number in range(SEEDS))
    elif target == "corpora":
        yield from (b'{"id": %d, "text": "%s", "n": [1.0e5, null, {"a": true}]}' % pair for pair in enumerate(lines))
    elif target == "packs":
        from cleaner.registry import built_in

        yield from (
            b"\xff[[rule]]" + rule.encode()
            for table in tables
            for rule in table.split("[[rule]]")[1:]
            if len(rule) < SIZES[target]
        )
        yield from (b"\x00" + pattern.pattern.encode() for rule in built_in().rules for _, pattern in rule.patterns)


def prepare(target: str, *, keep: bool) -> Path:
    """The folder of a target with its seeds and dictionary, and what earlier runs have found to reach new code."""
    folder = WORK / target
    if not keep:
        shutil.rmtree(folder / "corpus", ignore_errors=True)
    shutil.rmtree(folder / "seeds", ignore_errors=True)
    for name in ("corpus", "seeds", "findings"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    found = list(seeds(target))
    for number, data in enumerate(found[:: max(1, len(found) // SEEDS)]):
        (folder / "seeds" / f"{number:04}").write_bytes(data[: SIZES[target]])
    words = (word if isinstance(word, bytes) else word.encode() for word in WORDS[target])
    lines = ("".join(f"\\x{byte:02x}" for byte in word) for word in words)
    (folder / "words").write_text("".join(f'"{line}"\n' for line in lines), "ascii")
    return folder


def fuzz(target: str, seconds: int, seed: int, *, keep: bool) -> bool:
    """Fuzz one target in a process of its own and say what came of it. True if there is no finding."""
    folder = prepare(target, keep=keep)
    before = set((folder / "findings").iterdir())
    options = {
        "max_total_time": seconds,
        "max_len": SIZES[target],
        "timeout": HUNG,
        "rss_limit_mb": 4096,
        "seed": seed,
        "print_final_stats": 1,
        "artifact_prefix": f"{folder / 'findings'}/",
    }
    if WORDS[target]:
        options["dict"] = folder / "words"
    command = [sys.executable, __file__, "--inside", target, *(f"-{name}={value}" for name, value in options.items())]
    command += [str(folder / "corpus"), str(folder / "seeds")]
    start = time.monotonic()
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
    took = time.monotonic() - start
    found = sorted(set((folder / "findings").iterdir()) - before)
    if done.returncode == 0 and not found:
        runs = int(re.findall(r"^stat::number_of_executed_units: (\d+)", done.stdout, re.MULTILINE)[-1])
        places = re.findall(r"cov: (\d+)", done.stdout)[-1]
        print(f"{target:10} {runs:>9,} inputs in {took:3.0f} s, {places:>5} places reached, no finding", flush=True)
        return True
    print(f"{target:10} FINDING after {took:.0f} s (exit code {done.returncode})")
    print("\n".join(f"    {line}" for line in _told(done.stdout)))
    for path in found:
        print(f"    again: python fuzz/run.py --replay {path.relative_to(ROOT)} {target}", flush=True)
    return False


def _told(log: str) -> list[str]:
    """The lines of a log that say what broke."""
    at = log.rfind("=== Uncaught Python exception")
    lines = log[max(0, at) :].splitlines()
    return [line for line in lines if not line.startswith(("INFO: ", "#"))][-40:]


def watched(target: Callable[[bytes], None]) -> Callable[[bytes], None]:
    """The target, failing on inputs that take too much time or memory."""

    def run(data: bytes) -> None:
        start, before = time.process_time(), _peak()
        target(data)
        took, grown = time.process_time() - start, _peak() - before
        assert took <= MOST_SECONDS, f"{took:.1f} s for {len(data):,} bytes"
        assert grown <= BASE_MEMORY + MEMORY_PER_BYTE * len(data), f"{grown:,} bytes of memory for {len(data):,} bytes"

    return run


def _peak() -> int:
    """The most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def inside(target: str, arguments: Iterable[str]) -> None:
    """Fuzz in this process, until the time is over or something is found."""
    import atheris

    # Before the targets import it, and whole: what is imported later is not instrumented.
    with atheris.instrument_imports(include=["cleaner"]):
        from targets import TARGETS

        import cleaner.extract
        import cleaner.rows  # noqa: F401
    for data in islice(seeds(target), 0, None, 50):
        TARGETS[target](data)
    atheris.Setup([sys.argv[0], *arguments], watched(TARGETS[target]))
    atheris.Fuzz()


def main() -> None:
    """What the command line asks for."""
    if sys.argv[1:2] == ["--inside"]:
        inside(sys.argv[2], sys.argv[3:])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(SIZES)} [all]")
    parser.add_argument("--seconds", type=int, default=SECONDS, metavar="N", help=f"for each target [{SECONDS}]")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the mutations; 0: another one each time [1]")
    parser.add_argument("--keep", action="store_true", help="go on where the last run stopped, and keep what this one learns")
    parser.add_argument("--optional", action="store_true", help="do nothing where there is no atheris, instead of failing")
    parser.add_argument("--replay", type=Path, metavar="FILE", help="run the target on this input alone")
    args = parser.parse_args()
    if unknown := set(args.targets) - SIZES.keys():
        parser.error(f"unknown target {min(unknown)!r}; there are {', '.join(SIZES)}")
    if args.replay:
        from targets import TARGETS

        for target in args.targets:
            watched(TARGETS[target])(args.replay.read_bytes())
        return
    if find_spec("atheris") is None:
        message = "fuzzing needs atheris, which exists for CPython 3.11 to 3.14 on Linux: python -m pip install --group fuzz"
        print(message, file=sys.stderr)
        sys.exit(0 if args.optional else 2)
    results = [fuzz(target, args.seconds, args.seed, keep=args.keep) for target in args.targets or SIZES]
    sys.exit(not all(results))


if __name__ == "__main__":
    main()
