"""Pages with gold bodies: reading a folder of them, and counting what a cleaner keeps and loses.

A folder holds two files, each a JSON object per line, gzipped:

- `pages.jsonl.gz`: `id`, `set`, `lang`, `gold` (the body, a paragraph per line), `optional` (lines of
  title and standfirst, neither rewarded nor punished); for the measures of HTML also `html`, `url` and `meta`
  (`title`, `published` as ISO date, `authors`; or null)
- `texts.jsonl.gz`: `id`, `extractor`, `text` (what that extractor made of the page)
"""

import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import mean

EXTRACTORS = ("trafilatura", "newspaper4k", "readability", "goose3", "resiliparse")
"""Those that select the content; others in a folder are whole-page dumps."""
SHINGLE = 4
TOKEN = re.compile(r"\w+")


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """All runs of four words, as scrapinghub/article-extraction-benchmark counts them."""
    tokens = TOKEN.findall(text)
    if not tokens:
        return Counter()
    return Counter(tuple(tokens[at : at + SHINGLE]) for at in range(max(1, len(tokens) - SHINGLE + 1)))


def key(line: str) -> str:
    """The words of a line, for comparison."""
    return " ".join(TOKEN.findall(line.lower()))


@dataclass(frozen=True)
class Page:
    """A page's gold."""

    id: str
    set: str
    language: str
    gold: str
    optional: frozenset[str]
    html: str = ""
    url: str | None = None
    meta: dict | None = None

    @cached_property
    def shingles(self) -> Counter[tuple[str, ...]]:
        """Those of the gold body."""
        return shingles(self.gold)

    @cached_property
    def lines(self) -> frozenset[tuple[str, ...]]:
        """Its lines as words."""
        return frozenset(tuple(TOKEN.findall(line)) for line in self.gold.split("\n"))

    def is_content(self, line: str) -> bool:
        """True if at least half of the line stands in the gold body; a very short line must stand there whole."""
        tokens = TOKEN.findall(line)
        if len(tokens) < SHINGLE:
            return tuple(tokens) in self.lines
        grams = [tuple(tokens[at : at + SHINGLE]) for at in range(len(tokens) - SHINGLE + 1)]
        return 2 * sum(gram in self.shingles for gram in grams) >= len(grams)

    def is_optional(self, line: str) -> bool:
        """True for lines of title and standfirst."""
        return key(line) in self.optional

    def oracle(self, text: str) -> str:
        """The text without exactly the lines that hold no content."""
        return "\n".join(line for line in text.split("\n") if TOKEN.search(line) and self.is_content(line))


@dataclass(frozen=True)
class Score:
    """Macro-averaged precision and recall; `lost` is the share of the gold shingles of the input that went."""

    precision: float
    recall: float
    lost: float

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def read_pages(folder: Path) -> list[Page]:
    """The pages of a folder."""
    return [
        Page(
            row["id"],
            row["set"],
            row["lang"] or "",
            row["gold"],
            frozenset(map(key, row["optional"])),
            row.get("html") or "",
            row.get("url"),
            row.get("meta"),
        )
        for row in _rows(folder / "pages.jsonl.gz")
    ]


def read_texts(folder: Path) -> dict[str, dict[str, str]]:
    """By extractor, then by page: the texts that are not empty."""
    texts: dict[str, dict[str, str]] = defaultdict(dict)
    for row in _rows(folder / "texts.jsonl.gz"):
        if row["text"] and row["text"].strip():
            texts[row["extractor"]][row["id"]] = row["text"]
    return texts


def _rows(path: Path) -> Iterator[dict]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def score(pages: list[Page], texts: dict[str, str], clean: Callable[[Page, str], str]) -> Score:
    """Score a cleaner on the texts of one extractor."""
    precisions, recalls = [], []
    lost = had = 0
    for page in pages:
        if page.id not in texts:
            continue
        raw = texts[page.id]
        predicted, before = (
            shingles("\n".join(line for line in text.split("\n") if not page.is_optional(line)))
            for text in (clean(page, raw), raw)
        )
        matched = sum((predicted & page.shingles).values())
        found = sum((before & page.shingles).values())
        lost += max(0, found - matched)
        had += found
        recalls.append(matched / max(1, sum(page.shingles.values())))
        if predicted:
            precisions.append(matched / sum(predicted.values()))
    return Score(mean(precisions or [0.0]), mean(recalls or [0.0]), lost / max(1, had))
