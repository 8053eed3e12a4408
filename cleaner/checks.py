"""A `check` run: what is found in files, from the cache where the same bytes were looked at with the same rules before."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from cleaner.cache import Cache
from cleaner.console import complain
from cleaner.files import HTML_SUFFIXES, Article, Found, LeftOut, read_bytes
from cleaner.model import CleanerError, Result
from cleaner.pipeline import Cleaner
from cleaner.provenance import canonical, digest
from cleaner.report import Shown, Statistics, shown
from cleaner.workers import START_FILES, Ready, ordered_map

LIBRARIES = (
    "ahocorasick-rs", "charset-normalizer", "courlan", "dateparser", "ftfy", "htmldate", "justext",
    "langdetect", "lxml", "trafilatura",
)  # fmt: skip
"""What else decides what is found, besides rules, settings and this package."""
CODE_AND_DATA = (".py", ".toml", ".json", ".txt")
"""The files of this package by which it decides."""


_Seen = tuple[list[Shown], Statistics | None]
"""What was found in an article; its statistics if they are asked for."""


@dataclass(frozen=True, slots=True)
class _Task:
    """An article that nothing is known of."""

    cleaner: Cleaner
    path: Path
    data: bytes
    key: str
    """Where what is found in it is kept."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """What was found in an article, as it is kept."""

    path: Path
    key: str
    value: str


def _look_at(task: _Task) -> _Entry | CleanerError:
    try:
        result = task.cleaner.clean_bytes(task.data, task.path)
    except CleanerError as error:
        return error
    rows = [row.entries() for row in shown(str(task.path), result)]
    return _Entry(task.path, task.key, json.dumps([rows, Statistics.of(result).to_dict()]))


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
        with closing(ordered_map(_look_at, self._tasks(articles), self.cleaner.config.workers, START_FILES)) as outcomes:
            for outcome in outcomes:
                if isinstance(outcome, LeftOut):
                    complain(str(outcome))
                elif isinstance(outcome, CleanerError):
                    self.fail(outcome)
                elif isinstance(outcome, _Entry):
                    if self._known is not None:
                        self._known.put(outcome.key, outcome.value)
                    yield from self._counted(*self._read(outcome.path, outcome.value))
                else:
                    yield from self._counted(*outcome)

    def rows_of(self, name: str, result: Result) -> Iterator[Shown]:
        """The findings in a text that came from elsewhere."""
        return self._counted(shown(name, result), Statistics.of(result))

    def _counted(self, rows: list[Shown], statistics: Statistics | None) -> Iterator[Shown]:
        self.files += 1
        if statistics is not None:
            self.statistics.update(statistics)
        for row in rows:
            self.found += row.places
            yield row

    def fail(self, error: CleanerError) -> None:
        """Say and count an article that cannot be checked."""
        self.failed += 1
        complain(error)

    def _tasks(self, articles: Iterable[Found]) -> Iterator[_Task | Ready[_Entry | _Seen | LeftOut | CleanerError]]:
        """For each article what is to be done, or what is known already."""
        for article in articles:
            if not isinstance(article, Article):
                yield Ready(article)
                continue
            try:
                data = read_bytes(article.path)
            except CleanerError as error:
                yield Ready(error)
                continue
            cleaner = self.cleaner.for_path(article.path.as_posix())
            key = ""
            if self._known is not None:
                kind = "page" if article.path.suffix.lower() in HTML_SUFFIXES else "text"
                key = digest(f"{self._prefix(cleaner)} {kind} {digest(data)}")
            known = self._recall(article.path, key)
            yield Ready(known) if known is not None else _Task(cleaner, article.path, data, key)

    def _recall(self, path: Path, key: str) -> _Seen | None:
        """What is kept under a key; `None` if that is nothing, or nothing of ours."""
        value = self._known.get(key) if self._known is not None else None
        if value is None:
            return None
        try:
            return self._read(path, value)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):  # somebody else's, or damaged
            return None

    def _read(self, path: Path, value: str) -> _Seen:
        rows, statistics = json.loads(value)
        name, rules = str(path), self.cleaner.rule_set
        counted = Statistics.from_dict(statistics) if self.with_statistics else None
        return [Shown.from_entries(name, rules, row) for row in rows], counted

    def _prefix(self, cleaner: Cleaner) -> str:
        """Stands for all but the file itself on which findings depend."""
        if cleaner not in self._keys:
            self._keys[cleaner] = digest(canonical([dict(cleaner.tool), cleaner.config.encoding, _surroundings()]))
        return self._keys[cleaner]


@cache
def _surroundings() -> list[str]:
    """Versions of what decides besides rules and settings; of this package the state of its files, which may be under work."""
    package = Path(str(resources.files("cleaner")))
    files = sorted(path for path in package.rglob("*") if path.suffix in CODE_AND_DATA)
    states = [f"{path.relative_to(package)} {info.st_size} {info.st_mtime_ns}" for path in files for info in [path.stat()]]
    return [platform.python_version(), *map(_version, LIBRARIES), digest(canonical(states))]


def _version(library: str) -> str:
    try:
        return version(library)
    except PackageNotFoundError:  # what another library asks for, and some day may not
        return ""
