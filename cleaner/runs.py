"""A `clean` run: from files and folders to a folder of copies and records."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import click

from cleaner import report
from cleaner.console import complain, count, is_watched, one_line, standard_input
from cleaner.files import (
    COPY_SUFFIX,
    HTML_SUFFIXES,
    MAX_BYTES,
    RECORD_SUFFIX,
    TEXT_SUFFIXES,
    Article,
    Found,
    LeftOut,
    decode,
    find_articles,
    without_clashes,
    without_repeats,
)
from cleaner.locks import Alone, alone_in
from cleaner.model import CleanerError, InputError, Result, WorkerError
from cleaner.pairs import find_pairs, write_pair
from cleaner.pipeline import Cleaner
from cleaner.places import Reserved, check_folder, check_inside, portable, resolved
from cleaner.signals import stopping
from cleaner.workers import START_FILES, Ready, ordered_map

STDIN = Path("-")
FINISHES = "; the same command finishes the job"
PROGRESS_FILES = 20
"""Runs over fewer files end before a progress bar could be read."""


@dataclass(frozen=True, slots=True)
class _Cleaned:
    """What a run needs of the result for an article; much less than all of it, as it may come from another process."""

    article: Article
    text: str
    record: str
    flags: tuple[str, ...]
    statistics: report.Statistics


def _cleaned(cleaner: Cleaner, article: Article) -> _Cleaned | CleanerError:
    """The result for an article, or why there is none."""
    try:
        result = cleaner.for_path(article.path.as_posix()).clean_file(article.path, portable(str(article.name)))
    except CleanerError as error:
        return error
    return _Cleaned(article, result.text, result.record.to_json(), result.flags, report.Statistics.of(result))


class Run:
    """One `clean` run over files and folders."""

    def __init__(self, cleaner: Cleaner, paths: tuple[Path, ...], out: Path, articles: list[Found] | None = None) -> None:
        """`articles` are those that the paths name, if that is known. Raises `InputError` if they cannot go to `out`."""
        check_folder(out)
        if not out.exists() and out.suffix.lower() in TEXT_SUFFIXES | HTML_SUFFIXES:
            raise InputError(f"{out}: --out names a folder; leave it out and send the copy there with >")
        if any(path.is_dir() and resolved(path) == resolved(out) for path in paths):
            raise InputError(f"{out}: is the folder of the raw files, which must not be touched; name another one with --out")
        self.cleaner = cleaner
        self.paths = paths
        self.out = out
        follow_links = cleaner.config.follow_links
        self.articles = articles if articles is not None else articles_of(paths, out, follow_links=follow_links)
        self.statistics = report.Statistics()
        self.flags: dict[str, list[str]] = {}
        self.changes: list[str] = []
        self._alone = Alone(out)
        self.written = self.unchanged = self.failed = self.removed = 0

    def to_folder(self) -> None:
        """Clean all articles; what fails is said and counted, and the rest goes on.

        Raises `InputError` if nothing can be written to the folder, `WorkerError` if a worker dies, `StoppedError` on a signal.
        """
        is_idle = not any(isinstance(article, Article) for article in self.articles)
        with stopping(lambda: FINISHES), nullcontext(self._alone) if is_idle else alone_in(self.out) as self._alone:
            try:
                self._clean()
            except WorkerError as error:
                raise WorkerError(f"{error}{FINISHES}") from None
            self._prune()

    def _clean(self) -> None:
        articles = (one if isinstance(one, Article) else Ready(one) for one in _with_progress(self.articles))
        workers = self.cleaner.config.workers
        with closing(ordered_map(partial(_cleaned, self.cleaner), articles, workers, START_FILES)) as outcomes:
            for outcome in outcomes:
                if isinstance(outcome, LeftOut):
                    complain(str(outcome))
                elif isinstance(outcome, CleanerError):
                    self._fail(outcome)
                else:
                    try:
                        self._write(outcome)
                    except CleanerError as error:
                        self._fail(error)

    def _write(self, cleaned: _Cleaned) -> None:
        article = cleaned.article
        copy = self.out / article.copy
        check_inside(copy, self.out, follow_links=self.cleaner.config.follow_links)
        self._alone.enter(copy.parent)
        written = write_pair(copy, cleaned.text, cleaned.record)
        self.changes += [f"wrote {path}" for path in written]
        self.written += bool(written)
        self.unchanged += not written
        self.statistics.update(cleaned.statistics)
        for flag in cleaned.flags:
            self.flags.setdefault(flag, []).append(str(article.name))

    def _prune(self) -> None:
        """Remove pairs whose raw file is gone, or say that they are there."""
        if not all(isinstance(article, Article) for article in self.articles):
            return  # who knows what stands in a folder that could not be read, or behind a link
        if not all(path.is_dir() for path in self.paths) or not self.out.is_dir():
            return  # single files tell nothing about the others
        known = {self.out / article.copy for article in self.articles if isinstance(article, Article)}
        for pair in find_pairs(self.out):
            if pair.copy in known:
                continue
            try:
                record = pair.read().record if pair.copy.exists() else pair.read_record()  # a run may be killed between the two
                source = pair.source_path(record)
            except CleanerError:
                continue  # not ours, or spoiled: `verify` says so
            if source is None or self.out / source.with_suffix(COPY_SUFFIX) != pair.copy:
                continue  # the copy of a run with another output folder, inside of this one
            if any(os.path.lexists(folder / source) for folder in self.paths):
                continue  # hidden, say
            if not self.cleaner.config.prune:
                complain(f"{pair.copy}: its raw file is gone; remove it with --prune")
                continue
            try:
                self._alone.enter(pair.copy.parent)
            except InputError as error:
                complain(error)
                continue
            pair.copy.unlink(missing_ok=True)
            pair.record.unlink()
            self.removed += 1
            self.changes.append(f"removed {pair.copy}")

    def _fail(self, error: CleanerError) -> None:
        self.failed += 1
        complain(error)

    @property
    def is_flawed(self) -> bool:
        """True if an article could not be cleaned."""
        return self.failed > 0

    def summarize(self) -> None:
        """What was removed by which rule, and what was written."""
        for line in self.statistics.table(self.cleaner.rule_set):
            click.echo(line, err=True)
        for flag, names in sorted(self.flags.items()):
            shown = ", ".join(report.name(one, 80) for one in names[:5])
            click.echo(
                f"{report.printable(flag, 80)}: {shown}{f' and {len(names) - 5} more' if len(names) > 5 else ''}", err=True
            )
        parts = [f"{self.written} written", f"{self.unchanged} unchanged"]
        if self.removed:
            parts.append(f"{self.removed} removed")
        if self.failed:
            parts.append(f"{self.failed} failed")
        total = self.written + self.unchanged + self.failed
        click.echo(f"{count(total, 'article')}: {', '.join(parts)}, in {report.name(str(self.out), 200)}", err=True)

    def name_changes(self) -> None:
        """Say which files were written or removed."""
        for change in self.changes:
            click.echo(one_line(change), err=True)


def articles_of(
    paths: tuple[Path, ...], out: Path | None = None, *, with_corpora: bool = False, follow_links: bool = False
) -> list[Found]:
    """The articles that the paths name, without those in `out`.

    In place of those that would write the same copy as another one, or write among the raw files, there is an error.
    """
    _refuse_stdin(paths)
    found = list(find_articles(paths, besides=out, with_corpora=with_corpora, follow_links=follow_links))
    articles = without_clashes(found)
    if out is None:
        return articles
    reserved = Reserved((one.path for one in found if isinstance(one, Article)), filter(Path.is_dir, paths), out)
    return [_checked(one, out, reserved) if isinstance(one, Article) else one for one in articles]


def _checked(article: Article, out: Path, reserved: Reserved) -> Article | InputError:
    """The article, or an error if its copy or record would be written where only raw files are."""
    copy = out / article.copy
    for target in (copy,) if article.is_corpus else (copy, copy.with_suffix(RECORD_SUFFIX)):
        holder = reserved.holder(target)
        if holder is None:
            continue
        if target == copy and holder == resolved(article.path):
            what = "the copy would take the place of the raw file"
        else:
            what = f"would be written to {target}, and {holder} must not be touched"
        return InputError(f"{article.path}: {what}; name another folder with --out")
    return article


def articles_to_show(paths: tuple[Path, ...], *, follow_links: bool = False) -> list[Found]:
    """The articles that the paths name, where no copies are written that could have the same name."""
    _refuse_stdin(paths)
    found = find_articles(paths, follow_links=follow_links)
    return list(without_repeats(found) if len(paths) > 1 or follow_links else found)


def clean_one(cleaner: Cleaner, path: Path) -> Result:
    """Clean the article in a file, or the one on standard input. Raises `InputError`."""
    if path == STDIN:
        data = standard_input().read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise InputError(f"-: more bytes than an article has ({MAX_BYTES:,}); split the input")
        text, _ = decode(data, "-", cleaner.config.encoding)
        return cleaner.clean(text)
    found = next(iter(find_articles([path])))
    if isinstance(found, InputError):
        raise found
    return cleaner.for_path(path.as_posix()).clean_file(path)


def _refuse_stdin(paths: tuple[Path, ...]) -> None:
    if STDIN in paths:
        raise click.UsageError("- stands for standard input and goes alone, without --out")


def _with_progress(articles: list[Found]) -> Iterator[Found]:
    if len(articles) < PROGRESS_FILES or not is_watched():
        yield from articles
        return
    with click.progressbar(articles, label="Cleaning", file=sys.stderr) as bar:
        yield from bar
