"""`cleaner clean`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from cleaner.cli import terminal
from cleaner.cli.options import FAILED, FOUND, config_of, paths, quiet, rule_options
from cleaner.console import complain
from cleaner.corpus_runs import CorpusRun, Options, StreamRun
from cleaner.files import Article, corpus_suffix
from cleaner.model import InputError
from cleaner.pipeline import Cleaner, cleaner_for
from cleaner.rows import Fields
from cleaner.runs import STDIN, Run, articles_of, clean_one
from cleaner.unpacked import Bounds

Command = TypeVar("Command", bound=Callable[..., Any])

_CORPUS_OPTIONS = [
    click.option("--text-field", metavar="NAME", help="Of corpora: the field of the raw text, then of the clean one. [text]"),
    click.option("--id-field", metavar="NAME", help="Of corpora: the field that names a row. [id]"),
    click.option("--html-field", metavar="NAME", help="Of corpora: take the texts from the pages in this field."),
    click.option("--field-prefix", metavar="TEXT", help="Of corpora: put this before the names of the new fields."),
    click.option("--records", type=click.Path(dir_okay=False, path_type=Path), help="Of corpora: write the records here, too."),
    click.option("--rejects", type=click.Path(dir_okay=False, path_type=Path), help="Of corpora: write bad rows here."),
    click.option("--workers", type=click.IntRange(min=0), metavar="N", help="Processes to use. [one per core]"),
    click.option("--max-row-bytes", type=click.IntRange(min=1), metavar="N", help="Of corpora: reject longer rows. [16 MiB]"),
    click.option(
        "--max-expansion", type=click.IntRange(min=1), metavar="N",
        help="Of corpora: refuse files that unpack to more than N times their size, and to more than 64 MiB. [200]",
    ),
    click.option("--input-format", type=click.Choice(["text", "jsonl"]), default="text", help="Of standard input. [text]"),
    click.option(
        "--output-format", "output", type=click.Choice(["rows", "dolma"]), default="rows",
        help="Of corpora: clean rows, or only what would be removed, as Dolma attributes. [rows]",
    ),
]  # fmt: skip


def corpus_options(command: Command) -> Command:
    """The options that say how corpora are read and written."""
    for option in reversed(_CORPUS_OPTIONS):
        command = option(command)
    return command


@click.command()
@paths
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Folder for the clean copies and their records; for one corpus, a file."
)
@click.option("--exit-non-zero-on-write", is_flag=True, default=None, help="Name the files that were written, and exit with 1.")
@click.option("--prune", is_flag=True, default=None, help="Remove copies and records whose raw file is gone.")
@corpus_options
@rule_options
@quiet
@click.pass_context
def clean(
    ctx: click.Context,
    /,
    paths: tuple[Path, ...],
    records: Path | None,
    rejects: Path | None,
    input_format: str,
    output: Literal["rows", "dolma"],
    **options: Any,
) -> None:
    """Write clean copies of files and folders, with a record of each edit.

    OUT gets NAME.txt and NAME.json for each article; files that would not change are not written. With
    a single file, or - for standard input, and no OUT, the clean text goes to standard output.

    Corpora (.jsonl, .jsonl.gz, .jsonl.zst, .parquet) are cleaned row by row: the clean text takes the
    place of the raw one, and metadata, flags and record are new fields. A run that was interrupted
    goes on when the same command is given again.

    \b
    cleaner clean raw --out clean
    cleaner clean raw --out clean --ignore TAG --profile careful
    curl -s URL | trafilatura | cleaner clean -
    cleaner clean corpus.jsonl.gz --out clean.jsonl.gz --rejects bad.jsonl
    zcat corpus.jsonl.gz | cleaner clean - --input-format jsonl > clean.jsonl
    """
    config = config_of(options)
    cleaner = cleaner_for(config)
    rows = Options(
        Fields(config.text_field, config.id_field, config.html_field, config.field_prefix),
        Bounds(config.max_row_bytes, config.max_expansion),
        output,
        records,
        rejects,
        config.workers,
    )
    if paths == (STDIN,) and options["out"] is not None:
        raise click.UsageError("- stands for standard input and goes alone, without --out")
    if output == "dolma" and config.html_field:
        raise click.UsageError(
            "Dolma attributes refer to the text of the row, and --html-field reads another one; leave one of them out"
        )
    if input_format == "jsonl" and paths != (STDIN,):
        raise click.UsageError("--input-format is for standard input (-); files tell their format by their name")
    if not config.out or paths == (STDIN,):
        if len(paths) != 1 or paths[0].is_dir():
            raise click.UsageError("name a folder for the copies: --out DIR")
        if input_format == "jsonl" or corpus_suffix(paths[0]):
            ctx.exit(_stream(cleaner, paths[0], rows))
        _no_corpora(rows)
        terminal.echo_text(clean_one(cleaner, paths[0]).text, nl=False)
        return
    out = Path(config.out)
    is_file = bool(corpus_suffix(out)) and not out.is_dir()
    found = articles_of(paths, None if is_file else out, with_corpora=True, follow_links=config.follow_links)
    corpora = [one for one in found if isinstance(one, Article) and one.is_corpus]
    others = [one for one in found if one not in corpora]
    has_articles = any(isinstance(one, Article) for one in others)
    if has_articles and is_file:
        raise InputError(f"{out}: is the name of a corpus, and articles go to a folder; name one with --out")
    if has_articles and output == "dolma":
        raise click.UsageError("Dolma attributes are for corpora; leave other files out")
    is_flawed = any(isinstance(one, InputError) for one in others)
    if not corpora and not is_flawed:
        _no_corpora(rows)
    runs: list[Run | CorpusRun] = [CorpusRun(cleaner, corpora, out, rows)] if corpora else []
    if has_articles or not (corpora or is_file):
        runs.append(Run(cleaner, paths, out, others))
        others = []
    for one in others:
        complain(str(one))
    for run in runs:
        if isinstance(run, CorpusRun):
            run.to_files()
        else:
            run.to_folder()
        if not config.quiet:
            run.summarize()
        if config.exit_non_zero_on_write:
            run.name_changes()
    is_changed = config.exit_non_zero_on_write and any(run.changes for run in runs)
    ctx.exit(FAILED if is_flawed or any(run.is_flawed for run in runs) else FOUND if is_changed else 0)


def _no_corpora(options: Options) -> None:
    """Refuse options that would have no effect."""
    if options.extra or options.output != "rows":
        raise click.UsageError("--records, --rejects and --output-format are for corpora, and there is none here")


def _stream(cleaner: Cleaner, path: Path, options: Options) -> int:
    """Clean a corpus, or the JSON lines on standard input, to standard output."""
    if corpus_suffix(path) == ".parquet" and options.output == "rows":
        raise click.UsageError("Parquet cannot go to standard output; name a file: --out FILE.parquet")
    run = StreamRun(cleaner, options)
    run.through(path if path != STDIN else None, terminal.echo_rows)
    if not cleaner.config.quiet:
        run.summarize()
    return FAILED if run.is_flawed else 0
