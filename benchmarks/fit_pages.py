"""Fit the weights by which `cleaner.detect.pages` finds the article in a whole page.

    python benchmarks/fit_pages.py BENCH             five-fold cross-validation by page: the figures on pages not seen
    python benchmarks/fit_pages.py BENCH --write     fit on all pages and write cleaner/data/page_weights.toml

BENCH is the folder with `bench.py`, `pages.jsonl.gz` and `texts.jsonl.gz`. A logistic regression is trained to tell the lines
from the first to the last line of the gold body from all others; besides the two kinds of dumps it sees the one without blank
lines and list marks, as crawlers store it. Needs scikit-learn; cleaning does not.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cleaner.config import Config
from cleaner.detect import pages
from cleaner.model import WORD, Document
from cleaner.pipeline import Cleaner
from cleaner.segment import segment
from cleaner.shape import unmarked

HERE = Path(__file__).parent
TARGET = HERE.parent / "cleaner" / "data" / "page_weights.toml"
FOLDS = 5
REGULARIZATION = 0.3
"""Inverse strength, as scikit-learn names it `C`."""
LEANING = 1.25
"""Added to the constant weight: a lost sentence is worse than a kept line."""
LEAST, MOST = -2.0, 4.0
"""Bounds of one line's score: no single line decides, and a long list does not end an article."""
DIGITS = 2


@dataclass(frozen=True)
class Sample:
    """One text of one page, cut into lines."""

    page: Any
    kind: str
    document: Document
    names: list[list[str]]
    inside: list[bool]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench", type=Path, help="folder with bench.py and its data")
    parser.add_argument("--write", action="store_true", help="write the weights of a fit on all pages")
    args = parser.parse_args()
    sys.path.insert(0, str(args.bench.resolve()))
    samples = list(read())
    if args.write:
        write(fit(samples))
    else:
        validate(samples)


def read() -> Iterator[Sample]:
    import bench as scorer  # the benchmark's own script

    texts = scorer.load_texts()
    mend = Cleaner(Config(select=("NRM", "GLU")))
    for case in scorer.read("pages.jsonl.gz"):
        page = scorer.Page(case)
        dump = texts["dump"].get(page.id, "")
        for kind, text in (("dump", dump), ("soup", texts["soup"].get(page.id, "")), ("crawl", crawled(dump))):
            document = segment(text, mend.clean(text).edits)
            gold = [index for index, line in enumerate(document.lines) if WORD.search(line.text) and page.is_content(line.text)]
            inside = [bool(gold) and gold[0] <= line.index <= gold[-1] for line in document.lines]
            yield Sample(page, kind, document, list(pages.features(document)), inside)


def crawled(dump: str) -> str:
    """The dump as a crawler stores it: no blank lines, no list marks."""
    lines = (re.sub(r"\s+", " ", line).strip() for line in dump.split("\n"))
    return "\n".join(unmarked(line) for line in lines if line)


def fit(samples: Sequence[Sample]) -> dict[str, float]:
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    rows, labels, weights = [], [], []
    for sample in samples:
        for line, names, inside in zip(sample.document.lines, sample.names, sample.inside, strict=True):
            rows.append(dict.fromkeys(names, 1))
            labels.append(inside)
            weights.append(max(1, line.words) ** 0.5)
    vectorizer = DictVectorizer()
    model = LogisticRegression(C=REGULARIZATION, solver="liblinear", max_iter=500)
    matrix = vectorizer.fit_transform(rows)
    matrix.indices, matrix.indptr = matrix.indices.astype("int32"), matrix.indptr.astype("int32")  # all that liblinear takes
    model.fit(matrix, labels, sample_weight=weights)
    table = {name: round(float(weight), DIGITS) for name, weight in zip(vectorizer.feature_names_, model.coef_[0], strict=True)}
    table = {name: weight for name, weight in sorted(table.items()) if weight}
    return {"always": round(float(model.intercept_[0]) + LEANING, DIGITS), **table}


def write(table: dict[str, float]) -> None:
    lines = [
        "# Weights of what is said about a line of a whole page; their sum is the line's score, positive inside the article.",
        "# Fitted by benchmarks/fit_pages.py; do not edit by hand. `words 3 open` is read: the size in words has reached three",
        "# of its steps, and the line ends no sentence. The steps stand in cleaner/detect/pages.py.",
        f"least = {LEAST}  # bounds of one line's score",
        f"most = {MOST}",
        "",
        "[weights]",
        *(f'"{name}" = {weight}' for name, weight in table.items()),
    ]
    TARGET.write_text("\n".join(lines) + "\n", "utf-8")


def validate(samples: Sequence[Sample]) -> None:
    ids = sorted({sample.page.id for sample in samples})
    random.Random(0).shuffle(ids)
    fold_of = {name: number % FOLDS for number, name in enumerate(ids)}
    figures: dict[tuple[str, str, str], list[tuple[float | None, float]]] = {}
    cleaner = Cleaner(Config(input="article"))
    for fold in range(FOLDS):
        table = fit([sample for sample in samples if fold_of[sample.page.id] != fold])
        for sample in samples:
            if fold_of[sample.page.id] == fold:
                text = selected(sample, table)
                for what, output in (("selected", text), ("and cleaned", cleaner.clean(text).body)):
                    key = sample.page.set, sample.kind, what
                    figures.setdefault(key, []).append(sample.page.measure(output)[:2])
    print("| set | text | | precision | recall | F1 |\n|---|---|---|---:|---:|---:|")
    for (name, kind, what), pairs in sorted(figures.items(), reverse=True):
        precision = statistics.mean(one for one, _ in pairs if one is not None)
        recall = statistics.mean(other for _, other in pairs)
        f1 = 2 * precision * recall / (precision + recall)
        print(f"| {name} | {kind} | {what} | {precision:.3f} | {recall:.3f} | {f1:.3f} |")


def selected(sample: Sample, table: dict[str, float]) -> str:
    selection = pages.selected(sample.document, pages.scores_of(sample.names, table), LEAST, MOST)
    lines = sample.document.lines[selection.first : selection.last + 1] if selection is not None else ()
    return "\n\n".join(line.text for line in lines)


if __name__ == "__main__":
    main()
