"""How much of what extractors leave behind is removed, and what that costs: the quality benchmark.

    python benchmarks/quality.py FOLDER [--floors FILE]            the table; fails below the floors
    python benchmarks/quality.py FOLDER --floors FILE --raise      pin better figures; never lowers one
    python benchmarks/quality.py FOLDER --floors FILE --lower WHY  pin worse figures, too, and say why in the file

`before` and `after` are F1 over 4-word shingles, macro-averaged over pages; `oracle` removes exactly the lines
without gold content. `gap` is the share of the way from before to oracle that was won, `lost` the share of
the gold shingles of the input that went. The rows `clean input` clean the gold bodies themselves: every
shingle lost there is damage, `untouched` the share of pages that come back as they are. The rows `dump` and
`soup` are whole pages as text, with menus, teasers and comments; `recall` is the share of the gold shingles that
is in the clean copy.
"""

import argparse
import json
import math
import sys
from pathlib import Path
from statistics import mean

sys.path.insert(0, str(Path(__file__).parent))
from dataset import EXTRACTORS, Page, key, read_pages, read_texts, score

import cleaner

CLEAN = "clean input"
DUMPS = ("dump", "soup")
"""Whole pages as text: by resiliparse without content selection, and by BeautifulSoup, a line for each tag."""
DIGITS = {"gap": 2, "lost": 4, "untouched": 2, "f1": 2, "recall": 2}
"""Floors are pinned with so many digits, rounded away from the measured figure."""
HIGHER_IS_BETTER = {"gap": True, "lost": False, "untouched": True, "f1": True, "recall": True}

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
    parser.add_argument("--floors", type=Path, metavar="FILE", help="pinned figures to compare with")
    change = parser.add_mutually_exclusive_group()
    change.add_argument("--raise", dest="raised", action="store_true", help="pin the figures that are better than their floor")
    change.add_argument("--lower", metavar="WHY", help="pin all figures and write down why some got worse")
    args = parser.parse_args()
    if (args.raised or args.lower) and not args.floors:
        parser.error("--raise and --lower need --floors")
    if not (args.folder / "pages.jsonl.gz").is_file():
        parser.error(f"{args.folder} holds no pages.jsonl.gz")
    rows = measure(args.folder)
    print("\n".join(table(rows)))
    if args.raised or args.lower:
        pin(rows, args.floors, args.lower)
    if args.floors:
        worse = compare(rows, json.loads(args.floors.read_text("utf-8"))["floors"])
        if worse:
            sys.exit("\n".join(["", *worse]))
        print(f"\nAll figures hold the floors of {args.floors}.")


if __name__ == "__main__":
    main()
