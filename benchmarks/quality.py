"""How much of what extractors leave behind is removed, and what that costs: the quality benchmark.

    python benchmarks/quality.py FOLDER [--floors FILE]            the table; fails below the floors
    python benchmarks/quality.py FOLDER --floors FILE --raise      pin better figures; never lowers one
    python benchmarks/quality.py FOLDER --floors FILE --lower WHY  pin worse figures, too, and say why in the file
    python benchmarks/quality.py FOLDER --html [--floors FILE …]   the same for HTML pages and the metadata that they state

`before` and `after` are F1 over 4-word shingles, macro-averaged over pages; `oracle` removes exactly the lines
without gold content. `gap` is the share of the way from before to oracle that was won, `lost` the share of
the gold shingles of the input that went. The rows `clean input` clean the gold bodies themselves: every
shingle lost there is damage, `untouched` the share of pages that come back as they are. The rows `dump` and
`soup` are whole pages as text, with menus, teasers and comments; `recall` is the share of the gold shingles that
is in the clean copy.

With `--html` the cleaner gets the page; `before` and `recall before` are trafilatura's, `time` is the processor time of
`cleaner.clean_html` against that of trafilatura with its metadata, page by page in the same run. `title`, `day` and
`authors` are compared with the gold metadata by their words: right or wrong, for authors F1 over the names.
"""

import argparse
import json
import math
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from statistics import mean

sys.path.insert(0, str(Path(__file__).parent))
import trafilatura
from dataset import EXTRACTORS, Page, key, read_pages, read_texts, score

import cleaner
from cleaner.extract import OPTIONS as OWN_OPTIONS

CLEAN = "clean input"
DUMPS = ("dump", "soup")
"""Whole pages as text: by resiliparse without content selection, and by BeautifulSoup, a line for each tag."""
HTML = "html"
METADATA = "html metadata"
WARMING = 20
DIGITS = {"gap": 2, "lost": 4, "untouched": 2, "f1": 3, "recall": 3, "title": 2, "day": 2, "authors": 2}
"""Floors are pinned with so many digits, rounded away from the measured figure."""
HIGHER_IS_BETTER = {name: name != "lost" for name in DIGITS}
OPTIONS = {**OWN_OPTIONS, "with_metadata": True}
"""trafilatura alone, as a user of text and metadata calls it."""

Row = dict[str, float]


def measure(folder: Path) -> dict[str, Row]:
    """By "set / extractor" the figures of the table."""
    pages = read_pages(folder)
    texts = read_texts(folder)
    rows: dict[str, Row] = {}
    for name in sorted({page.set for page in pages}):
        group = [page for page in pages if page.set == name]
        for extractor in EXTRACTORS:
            if extractor in texts:
                rows[f"{name} / {extractor}"] = _extracted(group, texts[extractor])
        rows[f"{name} / {CLEAN}"] = _clean_input(group)
        rows.update({f"{name} / {kind}": _whole_page(group, texts[kind]) for kind in DUMPS if kind in texts})
    return rows


def _extracted(pages: list[Page], texts: dict[str, str]) -> Row:
    before = score(pages, texts, lambda _, text: text)
    after = score(pages, texts, lambda _, text: cleaner.clean(text).body)
    oracle = score(pages, texts, lambda page, text: page.oracle(text))
    return {
        "before": before.f1,
        "after": after.f1,
        "oracle": oracle.f1,
        "gap": (after.f1 - before.f1) / max(1e-9, oracle.f1 - before.f1),
        "lost": after.lost,
    }


def _whole_page(pages: list[Page], texts: dict[str, str]) -> Row:
    after = score(pages, texts, lambda _, text: cleaner.clean(text).body)
    before = score(pages, texts, lambda _, text: text)
    oracle = score(pages, texts, lambda page, text: page.oracle(text))
    return {"before": before.f1, "f1": after.f1, "oracle": oracle.f1, "recall": after.recall}


def _clean_input(pages: list[Page]) -> Row:
    gold = {page.id: page.gold for page in pages}
    bodies = {name: cleaner.clean(text).body for name, text in gold.items()}
    untouched = mean(key(bodies[page.id]) == key(page.gold) for page in pages)
    return {"lost": score(pages, gold, lambda page, _: bodies[page.id]).lost, "untouched": untouched}


def measure_html(folder: Path) -> dict[str, Row]:
    """By "set / html" the figures of HTML pages, and those of the metadata."""
    pages = [page for page in read_pages(folder) if page.html]
    rows: dict[str, Row] = {}
    results = {}
    for page in pages[:: max(1, len(pages) // WARMING)]:  # what is loaded once is no cost of a page
        trafilatura.bare_extraction(page.html, url=page.url, **OPTIONS)
        cleaner.clean_html(page.html, url=page.url)
    for name in sorted({page.set for page in pages}):
        group = [page for page in pages if page.set == name]
        seconds = [0.0, 0.0]
        texts = {}
        for page in group:
            start = time.process_time()
            document = trafilatura.bare_extraction(page.html, url=page.url, **OPTIONS)
            middle = time.process_time()
            results[page.id] = cleaner.clean_html(page.html, url=page.url)
            seconds[0] += middle - start
            seconds[1] += time.process_time() - middle
            texts[page.id] = (document.text if document else "") or ""
        before = score(group, texts, lambda _, text: text)
        after = score(group, texts, lambda page, _: results[page.id].body)
        rows[f"{name} / {HTML}"] = {
            "before": before.f1,
            "f1": after.f1,
            "recall before": before.recall,
            "recall": after.recall,
            "time": seconds[1] / seconds[0],
        }
    stated = [(page.meta, results[page.id].metadata) for page in pages if page.meta]
    if stated:
        rows[METADATA] = {
            "title": mean(key(found.title) == key(gold["title"] or "") for gold, found in stated),
            "day": mean(str(found.published)[:10] == gold["published"] for gold, found in stated if gold["published"]),
            "authors": mean(_names_f1(gold["authors"], found.authors) for gold, found in stated if gold["authors"]),
        }
    return rows


def _names_f1(wanted: Iterable[str], found: Iterable[str]) -> float:
    want, got = set(map(key, wanted)), set(map(key, found))
    return 2 * len(want & got) / (len(want) + len(got))


def html_table(rows: dict[str, Row]) -> list[str]:
    """The figures of HTML pages as a Markdown table, and a line for the metadata."""
    lines = ["| set | F1 before | F1 | recall before | recall | time |", "|---|---:|---:|---:|---:|---:|"]
    for name, row in rows.items():
        if name != METADATA:
            figures = [f"{row[figure]:.4f}" for figure in ("before", "f1", "recall before", "recall")]
            lines.append(f"| {' | '.join([name, *figures, format(row['time'], '.2f')])} |")
    if METADATA in rows:
        lines.append("\nMetadata: " + ", ".join(f"{name} {value:.3f}" for name, value in rows[METADATA].items()))
    return lines


def table(rows: dict[str, Row]) -> list[str]:
    """The figures as a Markdown table."""
    lines = [
        "| set / text | before | after | oracle | gap closed | lost | recall | untouched |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, figures in rows.items():
        row = {"after": figures["f1"], **figures} if "f1" in figures else figures
        scores = [f"{row[figure]:.4f}" if figure in row else "" for figure in ("before", "after", "oracle")]
        formats = (("gap", 1), ("lost", 3), ("recall", 1), ("untouched", 1))
        shares = [f"{row[figure]:.{digits}%}" if figure in row else "" for figure, digits in formats]
        lines.append(f"| {' | '.join([name, *scores, *shares])} |")
    gaps = [row["gap"] for row in rows.values() if "gap" in row]
    if gaps:
        lines.append(f"\nGap closed: mean {mean(gaps):.1%}, worst row {min(gaps):.1%}.")
    return lines


def compare(rows: dict[str, Row], floors: dict[str, Row]) -> list[str]:
    """What is worse than its floor; rows that are pinned and missing count as worse."""
    worse = []
    for name, pinned in floors.items():
        for figure, floor in pinned.items():
            found = rows.get(name, {}).get(figure)
            if found is None:
                worse.append(f"{name}: {figure} was not measured")
            elif _is_worse(figure, found, floor):
                worse.append(f"{name}: {figure} {found:.5f} is worse than the pinned {floor:.5f}")
    return worse


def _is_html(name: str) -> bool:
    return name == METADATA or name.endswith(f"/ {HTML}")


def _is_worse(figure: str, found: float, floor: float) -> bool:
    return found < floor if HIGHER_IS_BETTER[figure] else found > floor


def _pinned(figure: str, value: float) -> float:
    """The value rounded to the side that holds when it is measured again."""
    scale = 10 ** DIGITS[figure]
    return (math.floor if HIGHER_IS_BETTER[figure] else math.ceil)(value * scale) / scale


def pin(rows: dict[str, Row], path: Path, because: str | None) -> None:
    """Write the floors: better figures always, worse ones only with a reason."""
    data = json.loads(path.read_text("utf-8")) if path.exists() else {"floors": {}, "lowered": []}
    for name, row in rows.items():
        pinned = data["floors"].setdefault(name, {})
        for figure in DIGITS.keys() & row.keys():
            new = _pinned(figure, row[figure])
            old = pinned.get(figure)
            if old is not None and _is_worse(figure, new, old):
                if because is None:
                    continue
                data["lowered"].append({"row": name, "measure": figure, "from": old, "to": new, "because": because})
            pinned[figure] = new
        data["floors"][name] = dict(sorted(pinned.items()))
    path.write_text(json.dumps(data, indent=2) + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="pages with gold bodies; benchmarks/README.md says how to make one")
    parser.add_argument("--html", action="store_true", help="measure HTML pages and their metadata")
    parser.add_argument("--floors", type=Path, metavar="FILE", help="pinned figures to compare with")
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--raise", dest="raised", action="store_true", help="pin the figures that are better than their floor")
    change.add_argument("--lower", metavar="WHY", help="pin all figures and write down why some got worse")
    args = parser.parse_args()
    if (args.raised or args.lower) and not args.floors:
        parser.error("--raise and --lower need --floors")
    if not (args.folder / "pages.jsonl.gz").is_file():
        parser.error(f"{args.folder} holds no pages.jsonl.gz")
    rows = measure_html(args.folder) if args.html else measure(args.folder)
    print("\n".join(html_table(rows) if args.html else table(rows)))
    if args.raised or args.lower:
        pin(rows, args.floors, args.lower)
    if args.floors:
        floors = json.loads(args.floors.read_text("utf-8"))["floors"]
        worse = compare(rows, {name: row for name, row in floors.items() if _is_html(name) == args.html})
        if worse:
            sys.exit("\n".join(["", *worse]))
        print(f"\nAll figures hold the floors of {args.floors}.")


if __name__ == "__main__":
    main()
