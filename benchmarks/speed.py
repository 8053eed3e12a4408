"""How fast cleaning is: against what people would use instead, and as texts, lines, files and rules become more.

    python benchmarks/speed.py FOLDER                       all measures (some minutes)
    python benchmarks/speed.py FOLDER --measure text check  some of them
    python benchmarks/speed.py FOLDER --profile             where the time goes

FOLDER holds texts and pages as `dataset.py` reads them. What is compared is measured in turns in one run, by processor time
where it is one process and by the clock where it is more; the figures are medians over the runs, with the lowest and the
highest. Ratios count, not seconds: they are about the same on other machines. Peers are optional (`pip install datatrove`);
what is missing is named. Exits with 1 where a floor does not hold.
"""

import argparse
import cProfile
import hashlib
import json
import os
import platform
import pstats
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
import corpora
import trafilatura
from dataset import Page, read_pages, read_texts

import cleaner
from cleaner.config import Config
from cleaner.extract import OPTIONS
from cleaner.language import detect_language
from cleaner.pipeline import Cleaner
from cleaner.registry import PATTERN_KINDS, built_in

EXTRACTORS = ("trafilatura", "readability")
RUNS = 7
EVERY = 4
"""Each text and page of so many is used: a run takes seconds, and the mixture is the same."""
FILES = 10_000
ROWS = 4_000
STARTS = 11
PROFILED = 30
PACK_RULES = 20
REGEXES = [
    re.compile(source, re.IGNORECASE)
    for source in (
        r"^advertisement$", r"^(?:also|must) read:.*$", r"^read more:?.*$", r"^share (?:this|on).*$", r"^follow us.*$",
        r"^sign up.*$", r"^subscribe.*$", r"^views?: \d+$", r"^\d+ min(?:ute)?s? read$", r"^(?:photo|image|credit):.*$",
        r"^by [A-Z][a-z]+ [A-Z][a-z]+$", r"^(?:published|updated):?.*$", r"^©.*$",
    )
]  # fmt: skip
"""A list of the kind that everybody writes."""


@dataclass(frozen=True)
class Measure:
    """A figure with its lowest and highest run, and what it must and should be."""

    name: str
    values: Sequence[float]
    form: str = "{:.2f} ×"
    floor: float | None = None
    aim: float | None = None
    is_least: bool = False
    """True if floor and aim are the least that the figure may be, not the most."""

    @property
    def value(self) -> float:
        """The median."""
        return statistics.median(self.values)

    @property
    def holds(self) -> bool:
        """True if the floor holds."""
        return self.floor is None or (self.value >= self.floor if self.is_least else self.value <= self.floor)

    def row(self) -> str:
        """The row of the table."""
        sign = "≥" if self.is_least else "≤"
        wanted = [f"{sign} {self.form.format(bound)}" if bound is not None else "" for bound in (self.floor, self.aim)]
        spread = f"{self.form.format(min(self.values))} – {self.form.format(max(self.values))}" if len(self.values) > 1 else ""
        holds = "" if self.floor is None else "yes" if self.holds else "no"
        return f"| {' | '.join([self.name, self.form.format(self.value), spread, *wanted, holds])} |"


HEAD = "| measure | here | lowest – highest | floor | aim | holds |\n|---|---:|---:|---:|---:|---|"


def seconds(call: Callable[[Any], object], items: Sequence[Any]) -> float:
    """Processor seconds that a call takes for all items."""
    start = time.process_time()
    for item in items:
        call(item)
    return time.process_time() - start


def in_turns(calls: dict[str, Callable[[], float]], runs: int) -> dict[str, list[float]]:
    """By name the times of each call, taken in turns after one that does not count."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for run in range(runs + 1):
        for name, call in calls.items():
            spent = call()
            if run:
                taken[name].append(spent)
    return taken


def ratios(one: Sequence[float], other: Sequence[float]) -> list[float]:
    """Those of the runs of two things that were measured in turns."""
    return [a / b for a, b in zip(one, other, strict=True)]


def with_regexes(text: str) -> str:
    """The text without the lines that a list of expressions fits."""
    return "\n".join(line for line in text.split("\n") if not any(pattern.match(line) for pattern in REGEXES))


def peers() -> dict[str, Callable[[str], object]]:
    """By name what can be compared here."""
    import ftfy

    found: dict[str, Callable[[str], object]] = {
        "str.splitlines": str.splitlines,
        "sha256": lambda text: hashlib.sha256(text.encode()).digest(),
        "13 regular expressions": with_regexes,
        "ftfy": ftfy.fix_text,
    }
    try:
        from datatrove.data import Document
        from datatrove.pipeline.filters import C4QualityFilter
    except ImportError:
        print("datatrove is missing: no C4 line rules", file=sys.stderr)
    else:
        # Sentences are not counted: for that it needs a splitter that is not part of the line rules.
        rules = C4QualityFilter(min_num_sentences=-1)
        found[C4] = lambda text: rules.filter(Document(text=text, id=""))
    return found


C4 = "datatrove's C4 line rules"


def text_mode(folder: Path, runs: int) -> Iterator[Measure]:
    """Text mode against its peers, and what language detection takes of it."""
    texts = some_texts(folder)
    ours, language = "cleaner.clean", "its language detection"
    calls: dict[str, Callable[[str], object]] = {ours: cleaner.clean, language: detect_language, **peers()}
    timed = {name: lambda call=call: seconds(call, texts) for name, call in calls.items()}
    taken = in_turns(timed, runs)
    size = sum(map(len, texts)) / 1e6
    lines = sum(text.count("\n") + 1 for text in texts) / len(texts)
    print(f"\n{len(texts)} texts of {lines:.0f} lines and {1e6 * size / len(texts):.0f} characters\n")
    print("| | MB/s | lowest – highest | speed of cleaner against it |\n|---|---:|---:|---:|")
    for name, times in taken.items():
        against = statistics.median(ratios(times, taken[ours]))
        spread = f"{size / max(times):.3g} – {size / min(times):.3g}"
        print(f"| {name} | {size / statistics.median(times):.3g} | {spread} | {against:.2g} × |")
    if C4 in taken:
        yield Measure(f"text mode, speed against {C4}", ratios(taken[C4], taken[ours]), "{:.3f} ×", 0.7, 2, is_least=True)
    yield Measure("share of language detection", ratios(taken[language], taken[ours]), "{:.1%}", 0.15, 0.05)


def html_mode(folder: Path, runs: int) -> Iterator[Measure]:
    """HTML mode against trafilatura alone, with the metadata that both give, and without."""
    pages = some_pages(folder)

    def extracted(*, with_metadata: bool) -> Callable[[Any], object]:
        options = {**OPTIONS, "with_metadata": with_metadata}
        return lambda page: trafilatura.bare_extraction(page.html, url=page.url, **options)

    calls = {
        "ours": lambda page: cleaner.clean_html(page.html, url=page.url),
        "theirs": extracted(with_metadata=True),
        "text alone": extracted(with_metadata=False),
    }
    taken = in_turns({name: lambda call=call: seconds(call, pages) for name, call in calls.items()}, max(1, runs // 2))
    for name, what in (("theirs", "with metadata"), ("text alone", "without metadata")):
        yield Measure(f"HTML mode, time against trafilatura {what}", ratios(taken["ours"], taken[name]), floor=1.3, aim=1.1)


def growth(folder: Path, runs: int) -> Iterator[Measure]:
    """What ten times the text, the lines and the files cost, and twice as many rules."""
    texts = some_texts(folder)
    paragraphs = "\n\n".join(texts[:10]).split("\n")
    for what, lines in (("text", paragraphs), ("lines", [f"line {number}" for number in range(5_000)])):
        few, many = list(numbered(lines, 1)), list(numbered(lines, 10))
        calls = {
            times: lambda lines=lines: seconds(cleaner.clean, ["\n".join(lines)]) for times, lines in (("1", few), ("10", many))
        }
        taken = in_turns(calls, max(3, runs // 2))
        yield Measure(f"time for ten times the {what}", ratios(taken["10"], taken["1"]), floor=11, aim=10.3)
    with tempfile.TemporaryDirectory() as name:
        few, many = Path(name, "few"), Path(name, "many")
        write_files(few, texts, 100)
        write_files(many, texts, 1_000)
        calls = {str(folder): lambda folder=folder: checked(folder, "--no-cache", "--workers", "1") for folder in (few, many)}
        taken = in_turns(calls, 2)
        start = statistics.median(started("-m", "cleaner", "--version") for _ in range(STARTS))
        ratio = [(b - start) / (a - start) for a, b in zip(taken[str(few)], taken[str(many)], strict=True)]
        yield Measure("time for ten times the files, without the start", ratio, floor=11, aim=10.3)
        doubled = Cleaner(Config(extend_rules=tuple(twice_the_rules(Path(name)))))
        plain = Cleaner()
        calls = {"plain": lambda: seconds(plain.clean, texts), "doubled": lambda: seconds(doubled.clean, texts)}
        taken = in_turns(calls, runs)
        cost = [ratio - 1 for ratio in ratios(taken["doubled"], taken["plain"])]
        yield Measure("cost of twice as many phrase rules", cost, "{:+.1%}", 0.3, 0.1)


def numbered(lines: Sequence[str], times: int) -> Iterator[str]:
    """The lines so many times over, each time with another word in each of them: what is known of equal ones does not help."""
    for number in range(times):
        yield from (line.replace(" ", f" {number} ", 1) for line in lines)


def twice_the_rules(folder: Path) -> Iterator[str]:
    """Packs with all rules that are phrases and patterns once more, under other codes."""
    as_toml = partial(json.dumps, ensure_ascii=False)
    tables = []
    for rule in built_in().rules:
        if rule.detect not in PATTERN_KINDS:
            continue
        patterns: dict[str, list[str]] = {}
        for language, source in rule.patterns.sources:
            patterns.setdefault(language, []).append(source)
        phrases: dict[str, list[str]] = {}
        for phrase, language in rule.phrases.items():
            phrases.setdefault(language, []).append(phrase)
        example = rule.examples[0]
        values = {
            "code": f"TWICE{len(tables):03}",
            "name": f"twice-{rule.name}",
            "detect": rule.detect,
            "confidence": rule.confidence,
            "what": rule.what,
            "why": rule.why,
            "limits": rule.limits,
            "zones": list(rule.zones),
            "max_words": rule.max_words,
            "counterexamples": list(rule.counterexamples),
        }
        lines = [f"{key} = {as_toml(value)}" for key, value in values.items()]
        lines += [f"pattern.{language} = {as_toml(sources)}" for language, sources in patterns.items()]
        lines += [f"phrases.{language} = {as_toml(found)}" for language, found in phrases.items()]
        removed = as_toml(list(example.removed) or [example.text])
        lines.append(f"examples = [{{ text = {as_toml(example.text)}, removed = {removed} }}]")
        tables.append("[[rule]]\n" + "\n".join(lines) + "\n")
    for first in range(0, len(tables), PACK_RULES):
        path = folder / f"twice-{first}.toml"
        path.write_text("\n".join(tables[first : first + PACK_RULES]), "utf-8")
        yield str(path)


def checks(folder: Path, _: int) -> Iterator[Measure]:
    """`cleaner check` on a folder that has been checked before, against reading and hashing its files."""
    with tempfile.TemporaryDirectory() as name:
        files = Path(name, "files")
        write_files(files, some_texts(folder), FILES)
        cache = ("--cache-dir", str(Path(name, "cache")))
        first = checked(files, *cache)
        taken = in_turns({"check": lambda: checked(files, *cache), "read": lambda: read_and_hashed(files)}, 3)
    again = statistics.median(taken["check"])
    print(f"\n`cleaner check` on {FILES:,} files: {first:.0f} s the first time, {again:.2f} s after that")
    yield Measure(
        f"`check` on {FILES:,} files, checked before, against reading and hashing them",
        ratios(taken["check"], taken["read"]),
        "{:.1f} ×",
        8,
        3,
    )


def starts(_: Path, runs: int) -> Iterator[Measure]:
    """Start-up against an empty program."""
    calls = {
        "pass": ("-c", "pass"),
        "`import cleaner`": ("-c", "import cleaner"),
        "`cleaner --version`": ("-m", "cleaner", "--version"),
    }
    taken = in_turns({name: lambda call=call: started(*call) for name, call in calls.items()}, max(STARTS, runs))
    for name, floor, aim in (("`import cleaner`", 60, 30), ("`cleaner --version`", 120, 80)):
        more = [1000 * (one - base) for one, base in zip(taken[name], taken["pass"], strict=True)]
        yield Measure(f"{name}, more than an empty program", more, "{:+.0f} ms", floor, aim)


def workers(folder: Path, _: int) -> Iterator[Measure]:
    """Two workers against one, over a corpus of whole texts."""
    with tempfile.TemporaryDirectory() as name:
        raw, clean = Path(name, "raw.jsonl"), Path(name, "clean.jsonl")
        corpora.make(raw, folder, ROWS, 1_000_000)
        taken = in_turns(
            {str(count): lambda count=count: corpora.run(raw, clean, count)[0] for count in (1, 2)},
            2,
        )
    yield Measure("two workers, speed against one", ratios(taken["1"], taken["2"]), floor=1.7, aim=1.9, is_least=True)


def some_texts(folder: Path) -> list[str]:
    """Texts of two extractors."""
    by_extractor = read_texts(folder)
    return [text for name in EXTRACTORS for text in by_extractor[name].values() if text.strip()][::EVERY]


def some_pages(folder: Path) -> list[Page]:
    """Pages that have their HTML."""
    return [page for page in read_pages(folder) if page.html][::EVERY]


def profile(folder: Path) -> None:
    """Print where the time goes when texts, then pages are cleaned: functions with the most time of their own."""
    for what, call, items in (
        ("texts", cleaner.clean, some_texts(folder)),
        ("pages", lambda page: cleaner.clean_html(page.html, page.url), some_pages(folder)),
    ):
        seconds(call, items)
        print(f"\n{len(items)} {what}")
        with cProfile.Profile() as profiled:
            seconds(call, items)
        pstats.Stats(profiled).sort_stats("tottime").print_stats(PROFILED)


def write_files(folder: Path, texts: Sequence[str], count: int) -> None:
    """So many files, no two the same."""
    folder.mkdir()
    for number, text in enumerate(islice(cycle(texts), count)):
        (folder / f"{number:05}.txt").write_text(
            f"{text}\n\nThis was number {number} of them, as far as the town could tell.\n", "utf-8"
        )


def read_and_hashed(folder: Path) -> float:
    """Seconds that it takes to read and hash all files."""
    start = time.perf_counter()
    for path in sorted(folder.iterdir()):
        hashlib.sha256(path.read_bytes()).digest()
    return time.perf_counter() - start


def checked(folder: Path, *options: str) -> float:
    """Seconds that `cleaner check` takes."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "cleaner", "check", "--exit-zero", "--isolated", *options, str(folder)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def started(*arguments: str) -> float:
    """Seconds that an interpreter takes with these arguments."""
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


MEASURES = {"text": text_mode, "html": html_mode, "check": checks, "workers": workers, "growth": growth, "start": starts}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--measure", nargs="+", choices=list(MEASURES), default=list(MEASURES), metavar="NAME")
    parser.add_argument("--profile", action="store_true", help="show where the time goes instead")
    parser.add_argument("--runs", type=int, default=RUNS, metavar="N", help=f"[{RUNS}]")
    args = parser.parse_args()
    if args.profile:
        profile(args.folder)
        return
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores")
    found = []
    for name in args.measure:
        print(f"measuring {name}", file=sys.stderr)
        found += MEASURES[name](args.folder, args.runs)
    print("\n".join(["", HEAD, *(measure.row() for measure in found)]))
    sys.exit(not all(measure.holds for measure in found))


if __name__ == "__main__":
    main()
