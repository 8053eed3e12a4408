"""How often each rule fires on a bench, and how often it is right.

    python benchmarks/rules.py ../shared/bench [--rule CODE ...] [--wrong N] [--suggestions]

A removed line is right if it holds no content of the gold body, or if the clean copy still has the line as
often as the gold body, as with a paragraph that stood there twice. Each line counts once per page, however
many extractors left it in, so that no page weighs more because it was extracted more often.
"""

import argparse
import sys
from collections import defaultdict
from pathlib import Path
from statistics import mean

sys.path.insert(0, str(Path(__file__).parent))
from dataset import EXTRACTORS, TOKEN, Page, key, read_pages, read_texts

from cleaner.config import Config
from cleaner.model import NORMALIZING, Finding
from cleaner.pipeline import Cleaner


class Tally:
    """The lines a rule removed, by page."""

    def __init__(self) -> None:
        self.right: dict[tuple[str, str], str] = {}
        self.wrong: dict[tuple[str, str], str] = {}

    def add(self, page: Page, line: str, clean: str) -> None:
        is_kept = clean.count(line) >= max(1, page.gold.count(line))
        side = self.wrong if page.is_content(line) and not is_kept else self.right
        side.setdefault((page.id, key(line)), line)

    def pages(self) -> int:
        return len({page for page, _ in [*self.right, *self.wrong]})

    def share_of_pages(self) -> float:
        """Mean over the pages: the lines of one page have one cause, and a page with many of them is still one page."""
        counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        for at, side in enumerate((self.wrong, self.right)):
            for page, _ in side:
                counts[page][at] += 1
        return mean(right / (wrong + right) for wrong, right in counts.values())

    def share(self, *, by_words: bool) -> float:
        right, wrong = (sum(len(line.split()) if by_words else 1 for line in side.values()) for side in (self.right, self.wrong))
        return right / max(1, right + wrong)


def tally(folder: Path, cleaner: Cleaner, *, suggestions: bool) -> dict[str, Tally]:
    """What each rule removes from the extractors' texts and from the gold bodies themselves."""
    tallies: dict[str, Tally] = defaultdict(Tally)
    texts = read_texts(folder)
    for page in read_pages(folder):
        sources = [texts[name][page.id] for name in EXTRACTORS if page.id in texts[name]]
        for raw in [*sources, page.gold]:
            result = cleaner.clean(raw)
            found: list[Finding] = [edit.finding for edit in result.edits]
            if suggestions:
                found = list(result.suggestions)
            for finding in found:
                if finding.rule.category in NORMALIZING or finding.replacement:
                    continue
                for line in raw[finding.start : finding.end].split("\n"):
                    if TOKEN.search(line) and not page.is_optional(line):
                        tallies[finding.rule.code].add(page, line.strip(), "" if suggestions else result.text)
    return tallies


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rule", nargs="*", default=[], help="only these rules, with all lines they removed")
    parser.add_argument("--wrong", type=int, default=0, help="show so many wrongly removed lines per rule")
    parser.add_argument("--suggestions", action="store_true", help="what is suggested instead of what is removed")
    parser.add_argument("--profile", default="default")
    args = parser.parse_args()
    cleaner = Cleaner(Config(profile=args.profile))
    tallies = tally(args.folder, cleaner, suggestions=args.suggestions)
    print("rule    confidence  pages  lines  right  by words  by pages  name")
    for rule in cleaner.rule_set.rules:
        counts = tallies.get(rule.code)
        if counts is None:
            if not args.rule:
                print(f"{rule.code}        {rule.confidence:.2f}      0      0      –         –         –  {rule.name}")
            continue
        if args.rule and not any(rule.code.startswith(code) for code in args.rule):
            continue
        lines = len(counts.right) + len(counts.wrong)
        print(
            f"{rule.code}        {rule.confidence:.2f}  {counts.pages():5}  {lines:5}  {counts.share(by_words=False):4.0%}"
            f"      {counts.share(by_words=True):4.0%}      {counts.share_of_pages():4.0%}  {rule.name}"
        )
        shown = list(counts.wrong.items())[: args.wrong or (1000 if args.rule else 0)]
        for (page, _), line in shown:
            print(f"    wrong  {page}  {line[:150]}")
        if args.rule:
            for (page, _), line in counts.right.items():
                print(f"    right  {page}  {line[:150]}")


if __name__ == "__main__":
    main()
