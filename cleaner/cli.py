"""The command line. Results go to standard output, everything else to standard error.

Exit codes: 0 nothing to report, or done; 1 something was found (`check`, `verify`) or written under
`--exit-non-zero-on-write`; 2 usage, settings, unreadable input, internal error; 128 + the number of the signal that
ended the command.
"""

from __future__ import annotations

import os
import shutil
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal, TypeVar

import click

from cleaner import diffs, report
from cleaner._version import __version__
from cleaner.config import INPUTS, PROFILES, Config, find_config, nearest, read_config
from cleaner.console import complain, count, one_line
from cleaner.corpus_runs import CorpusRun, Options, StreamRun
from cleaner.files import (
    COPY_SUFFIX,
    RECORD_SUFFIX,
    Article,
    LeftOut,
    corpus_suffix,
    decode,
    find_articles,
    write_if_changed,
)
from cleaner.locks import alone_in
from cleaner.model import CleanerError, ConfigError, InputError, RecordError, Result, RuleError, StoppedError
from cleaner.pairs import Pair, find_orphans, find_pairs
from cleaner.pipeline import Cleaner, cleaner_for, problems_of
from cleaner.reading import reason
from cleaner.registry import CATEGORIES, built_in, digest_of_built_in, load
from cleaner.rows import Fields
from cleaner.runs import FINISHES, STDIN, Run, articles_of, articles_to_show
from cleaner.signals import stopping

FOUND, FAILED = 1, 2
WIDE = 120
"""Columns from which on a difference is shown side by side."""

Command = TypeVar("Command", bound=Callable[..., Any])


class Group(click.Group):
    """A group whose commands end with one line, not a traceback, on a user's mistake."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Find the command, or say which one was probably meant."""
        if args and self.get_command(ctx, args[0]) is None:
            ctx.fail(f"no command {args[0]!r}{nearest(args[0], self.commands)}")
        return super().resolve_command(ctx, args)

    def make_context(self, *args: Any, **named: Any) -> click.Context:
        """Read the arguments."""
        with _plain_usage():
            return super().make_context(*args, **named)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command and turn its errors, and signals, into messages and exit codes."""
        try:
            with stopping(), _plain_usage():
                return super().invoke(ctx)
        except CleanerError as error:
            complain(error)
            ctx.exit(128 + error.signal if isinstance(error, StoppedError) else FAILED)
        except BrokenPipeError:
            raise  # whoever read the output has seen enough, and click knows what to do
        except OSError as error:
            complain(f"{error.filename or ''}: {reason(error)}".removeprefix(": "))
            ctx.exit(FAILED)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            click.echo(report.visible(traceback.format_exc()), err=True, nl=False)
            complain(f"internal error, please report it: {type(error).__name__}: {error}")
            ctx.exit(FAILED)


@contextmanager
def _plain_usage() -> Iterator[None]:
    """Let messages about usage repeat no control characters: an argument may be the name of a file."""
    try:
        yield
    except click.UsageError as error:
        raise click.UsageError(one_line(error.format_message()), error.ctx) from None


def _settings(command: Command) -> Command:
    """The options that choose rules and how sure they must be; each has a setting of the same name."""
    for option in reversed(
        [
            click.option("--profile", type=click.Choice(list(PROFILES)), help="How sure a finding must be. [default]"),
            click.option(
                "--select", multiple=True, metavar="CODES", help="Use only these rules: codes or prefixes, comma separated."
            ),
            click.option("--extend-select", multiple=True, metavar="CODES", help="Use these rules, too."),
            click.option("--ignore", multiple=True, metavar="CODES", help="Do not use these rules."),
            click.option(
                "--per-file-ignores",
                multiple=True,
                metavar="PATTERN:CODES",
                help="Do not use these rules for the files that the pattern fits.",
            ),
            click.option(
                "--input",
                type=click.Choice(INPUTS),
                help="What the texts are: extracted articles or whole pages. [auto: as each looks]",
            ),
            click.option("--extend-rules", multiple=True, metavar="FILE", help="A rule pack of your own (TOML)."),
            click.option("--protect", multiple=True, metavar="REGEX", help="Text that no rule may touch."),
            click.option("--encoding", metavar="NAME", help="Encoding of text files without a byte order mark. [utf-8]"),
        ]
    ):
        command = option(command)
    return _links(command)


def _links(command: Command) -> Command:
    """The options that say whether links are followed, and where that, and all else, is set."""
    for option in reversed(
        [
            click.option(
                "--follow-links",
                is_flag=True,
                default=None,
                help="Follow links in folders: to files outside of them, and to folders.",
            ),
            click.option("--config", "config_path", type=click.Path(path_type=Path), help="Read the settings from this file."),
            click.option("--isolated", is_flag=True, help="Do not look for settings."),
        ]
    ):
        command = option(command)
    return command


def _found_config(options: dict[str, Any]) -> tuple[Config, Path | None]:
    """The settings of a file, before options, and the file."""
    path: Path | None = options.pop("config_path")
    is_isolated = options.pop("isolated")
    if is_isolated and path is None:
        return Config(), None
    return (read_config(path), path) if path is not None else find_config(Path.cwd())


def _check_codes(config: Config, path: Path) -> None:
    """Raise `ConfigError`, naming file and key, if the settings of a file name rules that are not there."""
    packs = [Path(pack) for pack in config.extend_rules]
    rules = load(packs) if packs else built_in()
    named = {
        "select": config.select,
        "extend-select": config.extend_select,
        "ignore": config.ignore,
        "per-file-ignores": tuple(code for _, codes in config.per_file_ignores for code in codes),
    }
    for key, codes in named.items():
        try:
            rules.matching(codes, key)
        except RuleError as error:
            raise ConfigError(f"{path}: {error}") from None


def _config(options: dict[str, Any], *, with_rules: bool = True) -> Config:
    """The settings for a command: its options win over a file. Without rules, what is said of them is not looked at."""
    config, path = _found_config(options)
    if path is not None and with_rules:
        _check_codes(config, path)
    return config.override(**_values(options))


def _values(options: dict[str, Any]) -> dict[str, Any]:
    """The options that were given, as settings."""
    values = {name: value for name, value in options.items() if value not in (None, ())}
    for name in values.keys() & {"select", "extend_select", "ignore"}:
        values[name] = _codes(values[name])
    if "per_file_ignores" in values:
        values["per_file_ignores"] = tuple(map(_ignored, values["per_file_ignores"]))
    if "out" in values:
        values["out"] = str(values["out"])
    return {name: value for name, value in values.items() if value is not None}


def _codes(values: tuple[str, ...]) -> tuple[str, ...] | None:
    return tuple(code.strip().upper() for value in values for code in value.split(",") if code.strip()) or None


def _ignored(value: str) -> tuple[str, tuple[str, ...]]:
    pattern, colon, codes = value.rpartition(":")
    if not colon or not pattern:
        raise click.UsageError(f"--per-file-ignores {value!r}: give a pattern, a colon and codes, as in 'raw/*.txt:CAP,TAG'")
    return pattern, _codes((codes,)) or ()


def _show_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        click.echo(f"cleaner {__version__} (rules {digest_of_built_in()[:12]})")
        ctx.exit()


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version and exit."
)
def main() -> None:
    """Find and remove what is not the article: a linter and fixer for article text.

    \b
    cleaner check seeds                 show what is found, and where
    cleaner clean seeds --out clean     write clean copies with their records
    cleaner restore clean --out raw     write the raw files again, byte for byte
    """


_paths = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
_quiet = click.option("-q", "--quiet", is_flag=True, default=None, help="Print errors only.")


_CORPUS_OPTIONS = [
    click.option("--text-field", metavar="NAME", help="Of corpora: the field of the raw text, then of the clean one. [text]"),
    click.option("--id-field", metavar="NAME", help="Of corpora: the field that names a row. [id]"),
    click.option("--html-field", metavar="NAME", help="Of corpora: take the texts from the pages in this field."),
    click.option("--field-prefix", metavar="TEXT", help="Of corpora: put this before the names of the new fields."),
    click.option("--records", type=click.Path(dir_okay=False, path_type=Path), help="Of corpora: write the records here, too."),
    click.option("--rejects", type=click.Path(dir_okay=False, path_type=Path), help="Of corpora: write bad rows here."),
    click.option("--workers", type=click.IntRange(min=0), metavar="N", help="Of corpora: processes to use. [one per core]"),
    click.option("--max-row-bytes", type=click.IntRange(min=1), metavar="N", help="Of corpora: reject longer rows. [16 MiB]"),
    click.option("--input-format", type=click.Choice(["text", "jsonl"]), default="text", help="Of standard input. [text]"),
    click.option(
        "--output-format", "output", type=click.Choice(["rows", "dolma"]), default="rows",
        help="Of corpora: clean rows, or only what would be removed, as Dolma attributes. [rows]",
    ),
]  # fmt: skip


def _corpus_options(command: Command) -> Command:
    """The options that say how corpora are read and written."""
    for option in reversed(_CORPUS_OPTIONS):
        command = option(command)
    return command


@main.command()
@_paths
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="Folder for the clean copies and their records; for one corpus, a file."
)
@click.option("--exit-non-zero-on-write", is_flag=True, default=None, help="Name the files that were written, and exit with 1.")
@click.option("--prune", is_flag=True, default=None, help="Remove copies and records whose raw file is gone.")
@_corpus_options
@_settings
@_quiet
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
    config = _config(options)
    cleaner = cleaner_for(config)
    rows = Options(
        Fields(config.text_field, config.id_field, config.html_field, config.field_prefix),
        config.max_row_bytes,
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
        _echo_text(_clean_one(cleaner, paths[0]).text, nl=False)
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
    if not corpora:
        _no_corpora(rows)
    runs: list[Run | CorpusRun] = [CorpusRun(cleaner, corpora, out, rows)] if corpora else []
    if has_articles or not (corpora or is_file):
        runs.append(Run(cleaner, paths, out, others))
        others = []
    for one in others:
        complain(str(one))
    is_flawed = any(isinstance(one, InputError) for one in others)
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
    run.through(path if path != STDIN else None, sys.stdin.buffer, sys.stdout.buffer)
    if not cleaner.config.quiet:
        run.summarize()
    return FAILED if run.is_flawed else 0


def _clean_one(cleaner: Cleaner, path: Path) -> Result:
    if path == STDIN:
        text, _ = decode(sys.stdin.buffer.read(), "-", cleaner.config.encoding)
        return cleaner.clean(text)
    found = next(iter(find_articles([path])))
    if isinstance(found, InputError):
        raise found
    return cleaner.for_path(path.as_posix()).clean_file(path)


@main.command()
@_paths
@click.option("--output-format", type=click.Choice(list(report.FORMATS)), help="How findings are printed. [text]")
@click.option("--statistics", is_flag=True, help="Count findings by rule instead of listing them.")
@click.option("--diff", "as_diff", is_flag=True, help="Show what `clean` would change instead of listing findings.")
@click.option("--exit-zero", is_flag=True, default=None, help="Exit with 0 even if something was found.")
@click.option("--stdin-filename", default="-", metavar="NAME", help="Name to show for standard input.")
@click.option("-v", "--verbose", is_flag=True, default=None, help="Say why, below each finding.")
@_settings
@_quiet
@click.pass_context
def check(
    ctx: click.Context, /, paths: tuple[Path, ...], statistics: bool, as_diff: bool, stdin_filename: str, **options: Any
) -> None:
    """Show what is found in files and folders, or on standard input (-). Nothing is written.

    \b
    cleaner check articles
    cleaner check articles --select CAP,REL --statistics
    cleaner check articles --output-format github
    """
    config = _config(options)
    rows: list[report.Shown] = []
    counts = report.Statistics()
    failed = False
    files = 0
    cleaner = cleaner_for(config)
    for name, result in _results(cleaner, paths, stdin_filename):
        if isinstance(result, CleanerError):
            failed = True
            complain(result)
            continue
        files += 1
        rows += report.shown(name, result)
        counts.add(result)
        if as_diff:
            _echo_diff(name, result)
    if statistics:
        lines = iter(counts.table(cleaner.rule_set))
    elif as_diff:
        lines = iter(())
    elif config.output_format == "text":
        lines = report.as_text(rows, verbose=config.verbose, color=_has_color())
    else:
        lines = report.FORMATS[config.output_format](rows)
    for line in lines:
        click.echo(line)
    if not config.quiet and config.output_format == "text" and (files or not failed):
        found = sum(row.places for row in rows)
        where = count(files, "file")
        click.echo(f"{count(found, 'finding')} in {where}" if found else f"nothing found in {where}", err=True)
    ctx.exit(FAILED if failed else FOUND if rows and not config.exit_zero else 0)


def _has_color() -> bool:
    return _is_terminal() and not os.environ.get("NO_COLOR")


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _echo_text(text: str, mark: str = "", *, nl: bool = True) -> None:
    """Print what an article holds: as it is for programs, and without control characters for a terminal."""
    shown = _colored(mark, report.visible(text)) if _is_terminal() else text
    click.echo(shown, nl=nl, color=True)  # which keeps click from taking out what looks like a color


def _results(cleaner: Cleaner, paths: tuple[Path, ...], stdin_name: str = "-") -> Iterator[tuple[str, Result | CleanerError]]:
    if paths == (STDIN,):
        yield stdin_name, _clean_one(cleaner, STDIN)
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


@main.command()
@_paths
@click.option(
    "--side-by-side/--unified", default=None, help="Two columns or one. [two on a terminal of 120 columns or more, else one]"
)
@_settings
@click.pass_context
def diff(ctx: click.Context, /, paths: tuple[Path, ...], side_by_side: bool | None, **options: Any) -> None:
    """Show what `clean` would change.

    \b
    cleaner diff raw
    cleaner diff raw/a.txt --side-by-side
    """
    cleaner = cleaner_for(_config(options))
    columns = shutil.get_terminal_size().columns
    is_wide = side_by_side if side_by_side is not None else _is_terminal() and columns >= WIDE
    failed = False
    for name, result in _results(cleaner, paths):
        if isinstance(result, CleanerError):
            failed = True
            complain(result)
        elif not is_wide:
            _echo_diff(name, result)
        elif result.text != result.raw:
            click.echo(click.style(report.printable(name, 1000), bold=True) if _has_color() else report.printable(name, 1000))
            for mark, line in diffs.side_by_side(result.raw, result.text, columns):
                click.echo(_colored(mark, line))
    ctx.exit(FAILED if failed else 0)


def _echo_diff(name: str, result: Result) -> None:
    for line in diffs.unified(report.printable(name, 1000), result.raw, result.text):
        _echo_text(line, "" if line[:3] in ("---", "+++") else line[:1])


def _colored(mark: str, line: str) -> str:
    color = {"-": "red", "+": "green", "~": "yellow", "@": "cyan"}.get(mark)
    return click.style(line, fg=color) if color and _has_color() else line


_copies = click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))


@main.command()
@_copies
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="Folder for the raw files.")
@_links
@_quiet
@click.pass_context
def restore(ctx: click.Context, /, paths: tuple[Path, ...], out: Path, **options: Any) -> None:
    """Write the raw files again from clean copies and their records, byte for byte.

    PATHS are folders that `clean` wrote, or single copies or records in them. Of an HTML page the
    text that was extracted from it is restored.

    \b
    cleaner restore clean --out raw
    """
    config = _config(options, with_rules=False)
    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: is a file; name a folder with --out")
    pairs = _pairs(paths, config)
    if any(root.resolve() == out.resolve() for root, _ in pairs):
        raise InputError(f"{out}: is the folder of the copies, which must not be touched; name another one with --out")
    done: dict[Path, Path] = {}
    written = unchanged = failed = 0
    with stopping(lambda: FINISHES), alone_in(out):
        for root, pair in pairs:
            try:
                data, record = pair.restore()
                path = pair.raw_path(root, out, record)
                other = done.setdefault(path, pair.record)
                if other != pair.record:
                    raise RecordError(f"{pair.record}: its raw file would be written to {path}, as that of {other} was")
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


@main.command()
@_copies
@click.option(
    "--source", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of the raw files, to compare with."
)
@_links
@_quiet
@click.pass_context
def verify(ctx: click.Context, /, paths: tuple[Path, ...], source: Path | None, **options: Any) -> None:
    """Check that clean copies and records belong together and give back the raw files.

    Exits with 1 and names each pair that was edited, mixed up or, with --source, has gone stale.

    \b
    cleaner verify clean
    cleaner verify clean --source raw
    """
    config = _config(options, with_rules=False)
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


@main.command()
@click.argument("codes", nargs=-1)
@click.option(
    "--output-format", type=click.Choice(["text", "json", "markdown"]), default="text", help="How rules are printed. [text]"
)
@click.option(
    "--test", "packs", multiple=True, type=click.Path(path_type=Path), help="Try the examples of a rule pack of your own."
)
@click.pass_context
def rule(ctx: click.Context, /, codes: tuple[str, ...], output_format: str, packs: tuple[Path, ...]) -> None:
    """Explain rules by code or name; list a category, or all rules.

    \b
    cleaner rule
    cleaner rule REL
    cleaner rule REL001
    cleaner rule --test rules/mine.toml
    """
    if packs:
        ctx.exit(_test_packs(packs))
    rules = built_in()
    chosen = [one for code in codes for one in rules.of_category(code.upper()) or (rules.find(code),)] or list(rules.rules)
    if output_format == "json":
        click.echo(report.to_json([report.rule_dict(one) for one in chosen], indent=2))
    elif output_format == "markdown":
        click.echo("\n".join(report.rules_markdown(chosen)))
    elif all(code.upper() in CATEGORIES for code in codes):
        _list_rules(chosen)
    else:
        click.echo("\n\n".join(map(report.rule_page, chosen)))


def _test_packs(packs: tuple[Path, ...]) -> int:
    """Try the rules of the packs on their own examples; 1 if one fails."""
    own = {one.code for one in built_in().rules}
    tested = [one for one in load(packs).rules if one.code not in own]
    problems = [problem for one in tested for problem in problems_of(one, packs)]
    for problem in problems:
        click.echo(one_line(problem))
    click.echo(f"{count(len(tested), 'rule')} tested, {count(len(problems), 'problem')}", err=True)
    return FOUND if problems else 0


def _list_rules(rules: list[Any]) -> None:
    category = ""
    for one in rules:
        if one.category != category:
            category = one.category
            click.echo(f"{category}  {CATEGORIES.get(category, '')}".rstrip())
        click.echo(f"  {one.code}  {one.confidence:.2f}  {one.name:28}  {one.what}")


@main.command()
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Read the settings from this file.")
@click.option("--isolated", is_flag=True, help="Do not look for settings.")
def settings(**options: Any) -> None:
    """Show the settings that are in force here, and where each comes from."""
    config, path = _found_config(options)
    if path is not None:
        _check_codes(config, path)
    default = Config()
    for item in fields(Config):
        value = getattr(config, item.name)
        source = "default" if value == getattr(default, item.name) or path is None else str(path)
        shown = {key: list(codes) for key, codes in value} if item.name == "per_file_ignores" else value
        click.echo(f"{item.name.replace('_', '-')} = {report.to_json(shown)}  # {report.printable(source, 500)}")


@main.command()
@_copies
@_links
@click.pass_context
def stats(ctx: click.Context, /, paths: tuple[Path, ...], **options: Any) -> None:
    """Count by rule what the records of a folder say was edited."""
    counts = report.Statistics()
    good = failed = 0
    for _, pair in _pairs(paths, _config(options, with_rules=False)):
        try:
            _, record = pair.read()
            counts.add_record(record)
            good += 1
        except CleanerError as error:
            failed += 1
            complain(error)
    for line in report.table(("rule", "edits", "files", "words"), counts.rows(), right=(1, 2, 3)):
        click.echo(line)
    click.echo(f"{count(good, 'record')}{f', {failed} failed' if failed else ''}", err=True)
    ctx.exit(FAILED if failed else 0)
