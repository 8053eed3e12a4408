"""`cleaner check` and `cleaner diff`: what is found, and what would change."""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import click

from cleaner import diffs, report
from cleaner.cache import Cache
from cleaner.checks import Check
from cleaner.cli import terminal
from cleaner.cli.options import FAILED, FOUND, config_of, paths, quiet, rule_options
from cleaner.console import complain, count
from cleaner.files import LeftOut
from cleaner.model import CleanerError, InputError, Result
from cleaner.pipeline import Cleaner, cleaner_for
from cleaner.runs import STDIN, articles_to_show, clean_one

WIDE = 120
"""Columns from which on a difference is shown side by side."""


@click.command()
@paths
@click.option("--output-format", type=click.Choice(list(report.FORMATS)), help="How findings are printed. [text]")
@click.option("--statistics", is_flag=True, help="Count findings by rule instead of listing them.")
@click.option("--diff", "as_diff", is_flag=True, help="Show what `clean` would change instead of listing findings.")
@click.option("--exit-zero", is_flag=True, default=None, help="Exit with 0 even if something was found.")
@click.option("--stdin-filename", default="-", metavar="NAME", help="Name to show for standard input.")
@click.option(
    "--cache-dir",
    metavar="DIR",
    envvar="CLEANER_CACHE_DIR",
    help="Keep here what was found, for the next run; also CLEANER_CACHE_DIR. [.cleaner_cache]",
)
@click.option("--no-cache", is_flag=True, help="Keep nothing, and look at all files anew.")
@click.option("--workers", type=click.IntRange(min=0), metavar="N", help="Processes to use. [one per core]")
@click.option("-v", "--verbose", is_flag=True, default=None, help="Say why, below each finding.")
@rule_options
@quiet
@click.pass_context
def check(
    ctx: click.Context,
    /,
    paths: tuple[Path, ...],
    statistics: bool,
    as_diff: bool,
    stdin_filename: str,
    no_cache: bool,
    **options: Any,
) -> None:
    """Show what is found in files and folders, or on standard input (-). Nothing is written.

    \b
    cleaner check articles
    cleaner check articles --select CAP,REL --statistics
    cleaner check articles --output-format github
    """
    config = config_of(options)
    cleaner = cleaner_for(config)
    has_cache = config.cache_dir and not (no_cache or as_diff or paths == (STDIN,))
    with Cache(Path(config.cache_dir)) if has_cache else nullcontext() as known:
        run = Check(cleaner, known, with_statistics=statistics)
        if as_diff:
            rows = _counted_with_diffs(run, paths, stdin_filename)
        elif paths == (STDIN,):
            rows = run.rows_of(stdin_filename, clean_one(cleaner, STDIN))
        else:
            rows = run.rows(articles_to_show(paths, follow_links=config.follow_links))
        if statistics or as_diff:
            deque(rows, maxlen=0)
            lines = iter(run.statistics.table(cleaner.rule_set) if statistics else ())
        elif config.output_format == "text":
            lines = report.as_text(rows, verbose=config.verbose, color=terminal.has_color())
        else:
            lines = report.FORMATS[config.output_format](rows)
        terminal.echo_lines(lines)
    if not config.quiet and config.output_format == "text" and (run.files or not run.failed):
        where = count(run.files, "file")
        click.echo(f"{count(run.found, 'finding')} in {where}" if run.found else f"nothing found in {where}", err=True)
    ctx.exit(FAILED if run.failed else FOUND if run.found and not config.exit_zero else 0)


def _counted_with_diffs(run: Check, paths: tuple[Path, ...], stdin_name: str) -> Iterator[report.Shown]:
    """The findings, with what would change printed before those of each file."""
    for name, result in _results(run.cleaner, paths, stdin_name):
        if isinstance(result, CleanerError):
            run.fail(result)
        else:
            _echo_diff(name, result)
            yield from run.rows_of(name, result)


def _results(cleaner: Cleaner, paths: tuple[Path, ...], stdin_name: str = "-") -> Iterator[tuple[str, Result | CleanerError]]:
    if paths == (STDIN,):
        yield stdin_name, clean_one(cleaner, STDIN)
        return
    for article in articles_to_show(paths, follow_links=cleaner.config.follow_links):
        if isinstance(article, LeftOut):
            complain(str(article))
            continue
        if isinstance(article, InputError):
            yield "", article
            continue
        try:
            yield str(article.path), cleaner.for_path(article.path.as_posix()).clean_file(article.path)
        except CleanerError as error:
            yield "", error


@click.command()
@paths
@click.option(
    "--side-by-side/--unified", default=None, help="Two columns or one. [two on a terminal of 120 columns or more, else one]"
)
@rule_options
@click.pass_context
def diff(ctx: click.Context, /, paths: tuple[Path, ...], side_by_side: bool | None, **options: Any) -> None:
    """Show what `clean` would change.

    \b
    cleaner diff raw
    cleaner diff raw/a.txt --side-by-side
    """
    cleaner = cleaner_for(config_of(options))
    columns = shutil.get_terminal_size().columns
    is_wide = side_by_side if side_by_side is not None else terminal.is_terminal() and columns >= WIDE
    failed = False
    for name, result in _results(cleaner, paths):
        if isinstance(result, CleanerError):
            failed = True
            complain(result)
        elif not is_wide:
            _echo_diff(name, result)
        elif result.text != result.raw:
            click.echo(click.style(report.name(name), bold=True) if terminal.has_color() else report.name(name))
            for mark, line in diffs.side_by_side(result.raw, result.text, columns):
                click.echo(terminal.colored(mark, line))
    ctx.exit(FAILED if failed else 0)


def _echo_diff(name: str, result: Result) -> None:
    for line in diffs.unified(report.name(name), result.raw, result.text):
        terminal.echo_text(line, "" if line[:3] in ("---", "+++") else line[:1])
