"""`cleaner restore`, `cleaner verify` and `cleaner stats`: what is done with copies and their records."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cleaner import report
from cleaner.cli.options import FAILED, FOUND, config_of, copies, link_options, quiet
from cleaner.config import Config
from cleaner.console import complain, count, one_line
from cleaner.files import COPY_SUFFIX, RECORD_SUFFIX, write_if_changed
from cleaner.locks import alone_in
from cleaner.model import CleanerError, InputError, RecordError
from cleaner.pairs import Pair, find_orphans, find_pairs
from cleaner.places import Reserved, check_folder, resolved
from cleaner.runs import FINISHES
from cleaner.signals import stopping


@click.command()
@copies
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="Folder for the raw files.")
@link_options
@quiet
@click.pass_context
def restore(ctx: click.Context, /, paths: tuple[Path, ...], out: Path, **options: Any) -> None:
    """Write the raw files again from clean copies and their records, byte for byte.

    PATHS are folders that `clean` wrote, or single copies or records in them. Of an HTML page the
    text that was extracted from it is restored.

    \b
    cleaner restore clean --out raw
    """
    config = config_of(options, with_rules=False)
    check_folder(out)
    pairs = _pairs(paths, config)
    if any(resolved(root) == resolved(out) for root, _ in pairs):
        raise InputError(f"{out}: is the folder of the copies, which must not be touched; name another one with --out")
    reserved = Reserved((path for _, pair in pairs for path in (pair.copy, pair.record)), filter(Path.is_dir, paths), out)
    done: dict[Path, Path] = {}
    written = unchanged = failed = 0
    with stopping(lambda: FINISHES), alone_in(out) as alone:
        for root, pair in pairs:
            try:
                data, record = pair.restore()
                path = pair.raw_path(root, out, record)
                if (holder := reserved.holder(path)) is not None:
                    what = f"its raw file would be written to {path}, and {holder} must not be touched"
                    raise RecordError(f"{pair.record}: {what}; name another folder with --out")
                other = done.setdefault(path, pair.record)
                if other != pair.record:
                    raise RecordError(f"{pair.record}: its raw file would be written to {path}, as that of {other} was")
                alone.enter(path.parent)
                changed = write_if_changed(path, data)
                written += changed
                unchanged += not changed
            except CleanerError as error:
                failed += 1
                complain(error)
    if not config.quiet:
        click.echo(f"{written} restored, {unchanged} unchanged{f', {failed} failed' if failed else ''}", err=True)
    ctx.exit(FAILED if failed else 0)


def _pairs(paths: tuple[Path, ...], config: Config) -> list[tuple[Path, Pair]]:
    pairs: list[tuple[Path, Pair]] = []
    for path in paths:
        if path.is_dir():
            found = find_pairs(path, follow_links=config.follow_links)
            if not found:
                raise InputError(f"{path}: no records in this folder; name one of articles (corpora hold records in their rows)")
            pairs += [(path, pair) for pair in found]
        else:
            pairs.append((path.parent, Pair(path.with_suffix(COPY_SUFFIX), path.with_suffix(RECORD_SUFFIX))))
    return pairs


@click.command()
@copies
@click.option(
    "--source", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of the raw files, to compare with."
)
@link_options
@quiet
@click.pass_context
def verify(ctx: click.Context, /, paths: tuple[Path, ...], source: Path | None, **options: Any) -> None:
    """Check that clean copies and records belong together and give back the raw files.

    Exits with 1 and names each pair that was edited, mixed up or, with --source, has gone stale.

    \b
    cleaner verify clean
    cleaner verify clean --source raw
    """
    config = config_of(options, with_rules=False)
    good = 0
    problems = 0
    for _, pair in _pairs(paths, config):
        try:
            pair.verify(source, follow_links=config.follow_links)
            good += 1
        except CleanerError as error:
            problems += 1
            click.echo(one_line(error))
    folders = [path for path in paths if path.is_dir()]
    for copy in (copy for folder in folders for copy in find_orphans(folder, follow_links=config.follow_links)):
        problems += 1
        message = f"{copy}: has no record; it was not written by `cleaner clean`, or the record was removed"
        click.echo(one_line(message))
    if not config.quiet:
        click.echo(", ".join([f"{good} verified", *([count(problems, "problem")] if problems else [])]), err=True)
    ctx.exit(FOUND if problems else 0)


@click.command()
@copies
@link_options
@click.pass_context
def stats(ctx: click.Context, /, paths: tuple[Path, ...], **options: Any) -> None:
    """Count by rule what the records of a folder say was edited."""
    counts = report.Statistics()
    good = failed = 0
    for _, pair in _pairs(paths, config_of(options, with_rules=False)):
        try:
            counts.add_record(pair.read().record)
            good += 1
        except CleanerError as error:
            failed += 1
            complain(error)
    for line in report.table(("rule", "edits", "files", "words"), counts.rows(), right=(1, 2, 3)):
        click.echo(line)
    click.echo(f"{count(good, 'record')}{f', {failed} failed' if failed else ''}", err=True)
    ctx.exit(FAILED if failed else 0)
