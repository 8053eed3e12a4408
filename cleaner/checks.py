"""A `check` run: what is found in files, from the cache where the same bytes were looked at with the same rules before."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path

from cleaner.cache import Cache
from cleaner.console import complain
from cleaner.files import HTML_SUFFIXES, Article, Found, LeftOut, read_bytes
from cleaner.model import CleanerError, Result
from cleaner.pipeline import Cleaner
from cleaner.provenance import canonical, digest
from cleaner.report import Shown, Statistics, shown

LIBRARIES = ("ftfy", "trafilatura")
"""What else decides what is found, besides rules, settings and this package."""


_NONE = Statistics()


class Check:
    """One `check` run. What cannot be read is said and counted, and the rest goes on."""

    def __init__(self, cleaner: Cleaner, known: Cache | None = None, *, with_statistics: bool = False) -> None:
        self.cleaner = cleaner
        self.with_statistics = with_statistics
        self.statistics = Statistics()
        self.files = self.failed = self.found = 0
        self._known = known
        self._keys: dict[Cleaner, str] = {}

    def rows(self, articles: Iterable[Found]) -> Iterator[Shown]:
        """The findings in the articles, as they are found."""
        for article in articles:
            if isinstance(article, Article):
                try:
                    rows, statistics = self._of(article)
                except CleanerError as error:
                    self.fail(error)
                    continue
                yield from self._counted(rows, statistics)
            elif isinstance(article, LeftOut):
                complain(str(article))
            else:
                self.fail(article)

    def rows_of(self, name: str, result: Result) -> Iterator[Shown]:
        """The findings in a text that came from elsewhere."""
        statistics = Statistics()
        statistics.add(result)
        return self._counted(shown(name, result), statistics)

    def _counted(self, rows: list[Shown], statistics: Statistics) -> Iterator[Shown]:
        self.files += 1
        if self.with_statistics:
            self.statistics.update(statistics)
        for row in rows:
            self.found += row.places
            yield row

    def fail(self, error: CleanerError) -> None:
        """Say and count an article that cannot be checked."""
        self.failed += 1
        complain(error)

    def _of(self, article: Article) -> tuple[list[Shown], Statistics]:
        cleaner = self.cleaner.for_path(article.path.as_posix())
        name = str(article.path)
        data = read_bytes(article.path)
        key = ""
        if self._known is not None:
            kind = "page" if article.path.suffix.lower() in HTML_SUFFIXES else "text"
            key = digest(f"{self._prefix(cleaner)} {kind} {digest(data)}")
            if (value := self._known.get(key)) is not None and (found := self._read(name, value)) is not None:
                return found
        result = cleaner.clean_bytes(data, article.path)
        rows, statistics = shown(name, result), Statistics()
        statistics.add(result)
        if self._known is not None:
            self._known.put(key, json.dumps([[row.entries() for row in rows], statistics.to_dict()]))
        return rows, statistics

    def _read(self, name: str, value: str) -> tuple[list[Shown], Statistics] | None:
        """What the value under a key says; `None` if it is not one of ours."""
        try:
            rows, statistics = json.loads(value)
            rules = self.cleaner.rule_set
            counted = Statistics.from_dict(statistics) if self.with_statistics else _NONE
            return [Shown.from_entries(name, rules, row) for row in rows], counted
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):  # somebody else's, or damaged
            return None

    def _prefix(self, cleaner: Cleaner) -> str:
        """Stands for all but the file itself on which findings depend."""
        if cleaner not in self._keys:
            self._keys[cleaner] = digest(canonical([dict(cleaner.tool), cleaner.config.encoding, _surroundings()]))
        return self._keys[cleaner]


@cache
def _surroundings() -> list[str]:
    """Versions of what decides besides rules and settings; of this package the state of its files, which may be under work."""
    package = resources.files("cleaner")
    files = sorted(Path(str(package)).rglob("*.py"))
    states = [f"{path.name} {info.st_size} {info.st_mtime_ns}" for path in files for info in [path.stat()]]
    return [platform.python_version(), *map(version, LIBRARIES), digest(canonical(states))]
