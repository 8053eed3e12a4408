"""How fast cleaning is, against what people would use instead.

    python benchmarks/speed.py FOLDER [--runs N]

FOLDER holds texts as `dataset.py` reads them. Everything that is compared is measured in turns in one process, by processor
time; the table gives the median over the runs and how far the runs lie apart. Ratios count, not seconds: they are about the same
on other machines. Peers are optional (`pip install datatrove ftfy langdetect`); what is missing is named.
"""

import argparse
import hashlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from dataset import read_texts

import cleaner
from cleaner.language import detect_language
from cleaner.pipeline import Cleaner
from cleaner.prefilter import Prefilter
from cleaner.segment import segment

EXTRACTORS = ("trafilatura", "readability")
RUNS = 5
EVERY = 4
"""Each text of so many is used: a run takes seconds, and the mixture is the same."""
FILES = 500
STARTS = 7
REGEXES = [
    re.compile(source, re.IGNORECASE)
    for source in (
        r"^advertisement$", r"^(?:also|must) read:.*$", r"^read more:?.*$", r"^share (?:this|on).*$", r"^follow us.*$",
        r"^sign up.*$", r"^subscribe.*$", r"^views?: \d+$", r"^\d+ min(?:ute)?s? read$", r"^(?:photo|image|credit):.*$",
        r"^by [A-Z][a-z]+ [A-Z][a-z]+$", r"^(?:published|updated):?.*$", r"^©.*$",
    )
]  # fmt: skip
"""A list of the kind that everybody writes."""

Call = Callable[[str], object]


def seconds(call: Call, texts: Sequence[str]) -> float:
    start = time.process_time()
    for text in texts:
        call(text)
    return time.process_time() - start


def with_regexes(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not any(pattern.match(line) for pattern in REGEXES))


def peers() -> dict[str, Call]:
    """By name what can be compared here."""
    found: dict[str, Call] = {
        "str.splitlines": str.splitlines,
        "sha256": lambda text: hashlib.sha256(text.encode()).digest(),
        "13 regular expressions": with_regexes,
    }
    try:
        from datatrove.data import Document
        from datatrove.pipeline.filters import C4QualityFilter
    except ImportError:
        print("datatrove is missing: no C4 line rules", file=sys.stderr)
    else:
        # Sentences are not counted: for that it needs a splitter that is not part of the line rules.
        rules = C4QualityFilter(min_num_sentences=-1)
        found["datatrove's C4 line rules"] = lambda text: rules.filter(Document(text=text, id=""))
    try:
        import ftfy
    except ImportError:
        print("ftfy is missing", file=sys.stderr)
    else:
        found["ftfy"] = ftfy.fix_text
    return found


def text_mode(texts: Sequence[str], runs: int) -> None:
    calls: dict[str, Call] = {"cleaner.clean": cleaner.clean, "its language detection": detect_language, **peers()}
    for call in calls.values():
        seconds(call, texts)  # what is loaded and compiled once is no cost of a text
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(runs):
        for name, call in calls.items():
            taken[name].append(seconds(call, texts))
    size = sum(map(len, texts)) / 1e6
    ours = statistics.median(taken["cleaner.clean"])
    print(f"\n{len(texts)} texts, {size:.2f} million characters, {runs} runs\n")
    print("| | MB/s | from | to | speed of cleaner against it |\n|---|---:|---:|---:|---:|")
    for name, times in taken.items():
        median = statistics.median(times)
        print(f"| {name} | {size / median:.3g} | {size / max(times):.3g} | {size / min(times):.3g} | {median / ours:.3g} × |")
    print(f"\nShare of language detection: {statistics.median(taken['its language detection']) / ours:.1%}")


def growth(texts: Sequence[str], runs: int) -> None:
    """What ten times the text costs, and twice as many rules in the prefilter's scan."""
    text = "\n\n".join(texts[:10])
    one, ten = ([seconds(cleaner.clean, [text * times]) for _ in range(runs)] for times in (1, 10))
    print(f"\nTen times the text: {statistics.median(ten) / statistics.median(one):.1f} × the time")
    rules = Cleaner().rule_set.rules
    documents = [segment(one) for one in texts]
    scans = {}
    for name, chosen in (("half", rules[::2]), ("all", rules)):
        prefilter = Prefilter(chosen)
        scans[name] = min(
            _clocked(lambda prefilter=prefilter: [prefilter.candidates(one) for one in documents]) for _ in range(runs)
        )
    share = (scans["all"] - scans["half"]) / min(seconds(cleaner.clean, texts) for _ in range(runs))
    print(f"Twice as many rules cost the scan {share:+.1%} of the whole time")


def _clocked(call: Callable[[], object]) -> float:
    start = time.process_time()
    call()
    return time.process_time() - start


def command_line(texts: Sequence[str]) -> None:
    """Start-up, and a folder of files against reading and hashing them."""
    base = _started("-c", "pass")
    print(f"\n`import cleaner`: {1000 * (_started('-c', 'import cleaner') - base):+.0f} ms against an empty program")
    print(f"`cleaner --version`: {1000 * (_started('-m', 'cleaner', '--version') - base):+.0f} ms")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(FILES):
            (folder / f"{number}.txt").write_text(texts[number % len(texts)], "utf-8")
        start = time.perf_counter()
        for path in folder.iterdir():
            hashlib.sha256(path.read_bytes()).digest()
        read = time.perf_counter() - start
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "cleaner", "check", "-q", "--exit-zero", "--isolated", name],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        checked = time.perf_counter() - start
        print(f"`cleaner check` on {FILES} files: {checked:.1f} s, {checked / read:.0f} × reading and hashing them")


def _started(*arguments: str) -> float:
    def once() -> float:
        start = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        return time.perf_counter() - start

    return statistics.median(once() for _ in range(STARTS))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=RUNS, metavar="N", help=f"[{RUNS}]")
    args = parser.parse_args()
    by_extractor = read_texts(args.folder)
    texts = [text for name in EXTRACTORS for text in by_extractor[name].values() if text.strip()][::EVERY]
    text_mode(texts, args.runs)
    growth(texts, args.runs)
    command_line(texts)


if __name__ == "__main__":
    main()
