"""The command line. Results go to standard output, everything else to standard error.

Exit codes: 0 nothing to report, or done; 1 something was found (`check`, `verify`) or written under
`--exit-non-zero-on-write`; 2 usage, settings, unreadable input, internal error.
"""

from __future__ import annotations

import difflib
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

import click

from cleaner import report
from cleaner._version import __version__
from cleaner.config import PROFILES, Config, find_config, read_config
from cleaner.files import (
    COPY_SUFFIX,
    RECORD_SUFFIX,
    Article,
    Pair,
    decode,
    find_articles,
    find_pairs,
    read_bytes,
    sweep,
    without_clashes,
    write_if_changed,
)
from cleaner.model import CleanerError, InputError, RecordError, Result
from cleaner.pipeline import Cleaner
from cleaner.registry import CATEGORIES, built_in

FOUND, FAILED = 1, 2
STDIN = Path("-")
PROGRESS_FILES = 20
"""Runs over fewer files end before a progress bar could be read."""

Command = TypeVar("Command", bound=Callable[..., Any])


class Group(click.Group):
    """A group whose commands end with one line, not a traceback, on a user's mistake."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command and turn its errors into messages and exit code 2."""
        try:
            return super().invoke(ctx)
        except CleanerError as error:
            _complain(error)
            ctx.exit(FAILED)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _complain(error: CleanerError | str) -> None:
    click.echo(f"cleaner: {report.printable(str(error), 2000)}", err=True)


def _settings(command: Command) -> Command:
    """The options that choose rules and how sure they must be."""
    for option in reversed(
        [
            click.option("--profile", type=click.Choice(list(PROFILES)), help="How sure a finding must be."),
            click.option(
                "--select", multiple=True, metavar="CODES", help="Use only these rules: codes or prefixes, comma separated."
            ),
            click.option("--extend-select", multiple=True, metavar="CODES", help="Use these rules, too."),
            click.option("--ignore", multiple=True, metavar="CODES", help="Do not use these rules."),
            click.option("--config", "config_path", type=click.Path(path_type=Path), help="Read the settings from this file."),
            click.option("--isolated", is_flag=True, help="Do not look for settings."),
            click.option("--encoding", metavar="NAME", help="Encoding of text files without a byte order mark. [utf-8]"),
        ]
    ):
        command = option(command)
    return command


def _cleaner(options: dict[str, Any]) -> Cleaner:
    """The cleaner for the options of a command, which win over the settings of a file."""
    path: Path | None = options.pop("config_path")
    if path is not None:
        config = read_config(path)
    elif options.pop("isolated"):
        config = Config()
    else:
        config, _ = find_config(Path.cwd())
    options.pop("isolated", None)
    lists = {name: _codes(options[name]) for name in ("select", "extend_select", "ignore")}
    return Cleaner(config.override(profile=options["profile"], encoding=options["encoding"], **lists))


def _codes(values: tuple[str, ...]) -> tuple[str, ...] | None:
    return tuple(code.strip().upper() for value in values for code in value.split(",") if code.strip()) or None


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cleaner")
def main() -> None:
    """Find and remove what is not the article: a linter and fixer for article text.

    \b
    cleaner check seeds                 show what is found, and where
    cleaner clean seeds --out clean     write clean copies with their records
    cleaner restore clean --out raw     write the raw files again, byte for byte
    """  # noqa: D301


_paths = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
_quiet = click.option("-q", "--quiet", is_flag=True, help="Print errors only.")


@main.command()
@_paths
@click.option("-o", "--out", type=click.Path(path_type=Path), help="Folder for the clean copies and their records.")
@click.option("--exit-non-zero-on-write", is_flag=True, help="Exit with 1 if a file was written.")
@_settings
@_quiet
@click.pass_context
def clean(
    ctx: click.Context, /, paths: tuple[Path, ...], out: Path | None, exit_non_zero_on_write: bool, quiet: bool, **options: Any
) -> None:
    """Write clean copies of files and folders, with a record of each edit.

    OUT gets NAME.txt and NAME.json for each article; files that would not change are not written. With
    a single file, or - for standard input, and no OUT, the clean text goes to standard output.
    """
    cleaner = _cleaner(options)
    if out is None:
        if len(paths) != 1 or paths[0].is_dir():
            raise click.UsageError("name a folder for the copies: --out DIR")
        click.echo(_clean_one(cleaner, paths[0]).text, nl=False)
        return
    run = _Run(cleaner, paths, out)
    run.to_folder()
    if not quiet:
        run.summarize()
    ctx.exit(FAILED if run.failed else FOUND if exit_non_zero_on_write and run.written else 0)


def _clean_one(cleaner: Cleaner, path: Path) -> Result:
    if path == STDIN:
        text, _ = decode(sys.stdin.buffer.read(), "-", cleaner.config.encoding)
        return cleaner.clean(text)
    found = next(iter(find_articles([path])))
    if isinstance(found, InputError):
        raise found
    return cleaner.clean_file(path)


class _Run:
    """One `clean` run over files and folders."""

    def __init__(self, cleaner: Cleaner, paths: tuple[Path, ...], out: Path) -> None:
        if out.exists() and not out.is_dir():
            raise InputError(f"{out}: is a file; name a folder with --out")
        if any(path.is_dir() and path.resolve() == out.resolve() for path in paths):
            raise InputError(f"{out}: is the folder of the raw files, which must not be touched; name another one with --out")
        self.cleaner = cleaner
        self.out = out
        self.articles = _articles(paths, out)
        self.statistics = report.Statistics()
        self.flags: dict[str, list[str]] = {}
        self.written = self.unchanged = self.failed = 0

    def to_folder(self) -> None:
        """Clean all articles; what fails is said and counted, and the rest goes on."""
        if self.out.is_dir():
            sweep(self.out)
        for article in _with_progress(self.articles):
            if isinstance(article, InputError):
                self._fail(article)
                continue
            try:
                self._write(article)
            except CleanerError as error:
                self._fail(error)

    def _write(self, article: Article) -> None:
        result = self.cleaner.clean_file(article.path, str(article.name))
        copy = self.out / article.copy
        if any(
            raw.path.resolve() == copy.resolve() for raw in self.articles if isinstance(raw, Article) and raw.name == article.name
        ):
            raise InputError(f"{article.path}: the copy would take the place of the raw file; name another folder with --out")
        written = write_if_changed(copy, result.text.encode("utf-8"))
        written |= write_if_changed(copy.with_suffix(RECORD_SUFFIX), result.record.to_json().encode("utf-8"))
        self.written += written
        self.unchanged += not written
        self.statistics.add(result)
        for flag in result.flags:
            self.flags.setdefault(flag, []).append(str(article.name))

    def _fail(self, error: CleanerError) -> None:
        self.failed += 1
        _complain(error)

    def summarize(self) -> None:
        """What was removed by which rule, and what was written."""
        for line in self.statistics.table():
            click.echo(line, err=True)
        for flag, names in sorted(self.flags.items()):
            shown = ", ".join(report.printable(name, 80) for name in names[:5])
            click.echo(f"{flag}: {shown}{f' and {len(names) - 5} more' if len(names) > 5 else ''}", err=True)
        parts = [f"{self.written} written", f"{self.unchanged} unchanged"]
        if self.failed:
            parts.append(f"{self.failed} failed")
        total = self.written + self.unchanged + self.failed
        click.echo(f"{_count(total, 'article')}: {', '.join(parts)}, in {report.printable(str(self.out), 200)}", err=True)


def _articles(paths: tuple[Path, ...], out: Path | None = None) -> list[Article | InputError]:
    if STDIN in paths:
        raise click.UsageError("- stands for standard input and goes alone, without --out")
    return without_clashes(find_articles(paths, besides=out))


def _with_progress(articles: list[Article | InputError]) -> Iterator[Article | InputError]:
    if len(articles) < PROGRESS_FILES or not sys.stderr.isatty():
        yield from articles
        return
    with click.progressbar(articles, label="Cleaning", file=sys.stderr) as bar:
        yield from bar


@main.command()
@_paths
@click.option("--output-format", type=click.Choice(list(report.FORMATS)), default="text", help="How findings are printed. [text]")
@click.option("--statistics", is_flag=True, help="Count findings by rule instead of listing them.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if something was found.")
@click.option("--stdin-filename", default="-", metavar="NAME", help="Name to show for standard input.")
@click.option("-v", "--verbose", is_flag=True, help="Say why, below each finding.")
@_settings
@_quiet
@click.pass_context
def check(
    ctx: click.Context, /, paths: tuple[Path, ...], output_format: str, statistics: bool, exit_zero: bool, stdin_filename: str,
    verbose: bool, quiet: bool, **options: Any,
) -> None:  # fmt: skip
    """Show what is found in files and folders, or on standard input (-). Nothing is written."""
    cleaner = _cleaner(options)
    rows: list[report.Shown] = []
    counts = report.Statistics()
    failed = False
    files = 0
    for name, result in _results(cleaner, paths, stdin_filename):
        if isinstance(result, CleanerError):
            failed = True
            _complain(result)
            continue
        files += 1
        rows += report.shown(name, result)
        counts.add(result)
    if statistics:
        lines = iter(counts.table())
    elif output_format == "text":
        lines = report.as_text(rows, verbose=verbose)
    else:
        lines = report.FORMATS[output_format](rows)
    for line in lines:
        click.echo(line)
    if not quiet and output_format == "text" and (files or not failed):
        found = sum(row.places for row in rows)
        where = _count(files, "file")
        click.echo(f"{_count(found, 'finding')} in {where}" if found else f"nothing found in {where}", err=True)
    ctx.exit(FAILED if failed else FOUND if rows and not exit_zero else 0)


def _results(cleaner: Cleaner, paths: tuple[Path, ...], stdin_name: str = "-") -> Iterator[tuple[str, Result | CleanerError]]:
    if paths == (STDIN,):
        yield stdin_name, _clean_one(cleaner, STDIN)
        return
    for article in _articles(paths):
        if isinstance(article, InputError):
            yield "", article
            continue
        try:
            yield str(article.path), cleaner.clean_file(article.path)
        except CleanerError as error:
            yield "", error


@main.command()
@_paths
@_settings
@click.pass_context
def diff(ctx: click.Context, /, paths: tuple[Path, ...], **options: Any) -> None:
    """Show as a unified diff what `clean` would change."""
    cleaner = _cleaner(options)
    failed = False
    for name, result in _results(cleaner, paths):
        if isinstance(result, CleanerError):
            failed = True
            _complain(result)
            continue
        before, after = (text.split("\n") for text in (result.document.raw, result.text))
        for line in difflib.unified_diff(before, after, f"{name}", f"{name} (clean)", lineterm=""):
            click.echo(line)
    ctx.exit(FAILED if failed else 0)


_copies = click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))


@main.command()
@_copies
@click.option("-o", "--out", required=True, type=click.Path(path_type=Path), help="Folder for the raw files.")
@_quiet
@click.pass_context
def restore(ctx: click.Context, /, paths: tuple[Path, ...], out: Path, quiet: bool) -> None:
    """Write the raw files again from clean copies and their records, byte for byte.

    PATHS are folders that `clean` wrote, or single copies or records in them. Of an HTML page the
    text that was extracted from it is restored.
    """
    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: is a file; name a folder with --out")
    written = unchanged = failed = 0
    for root, pair in _pairs(paths):
        try:
            data = pair.restore()
            target = out / _raw_name(root, pair)
            changed = write_if_changed(target, data)
            written += changed
            unchanged += not changed
        except CleanerError as error:
            failed += 1
            _complain(error)
    if not quiet:
        click.echo(f"{written} restored, {unchanged} unchanged{f', {failed} failed' if failed else ''}", err=True)
    ctx.exit(FAILED if failed else 0)


def _pairs(paths: tuple[Path, ...]) -> list[tuple[Path, Pair]]:
    pairs: list[tuple[Path, Pair]] = []
    for path in paths:
        if path.is_dir():
            found = find_pairs(path)
            if not found:
                raise InputError(f"{path}: no records in this folder; it is not one that `cleaner clean --out` wrote")
            pairs += [(path, pair) for pair in found]
        else:
            pairs.append((path.parent, Pair(path.with_suffix(COPY_SUFFIX), path.with_suffix(RECORD_SUFFIX))))
    return pairs


def _raw_name(root: Path, pair: Pair) -> PurePosixPath:
    """Where the raw file goes: by the record's path if it stays inside the folder, else beside its copy's name."""
    _, record = pair.read()
    beside = PurePosixPath(pair.copy.relative_to(root).as_posix())
    named = record["source"]["path"]
    if not isinstance(named, str) or record["extraction"]:
        return beside
    path = PurePosixPath(named)
    if path.is_absolute() or ".." in path.parts or "\\" in named or ":" in named or "\0" in named:
        raise RecordError(f"{pair.record}: its source path {named!r} leads out of the folder")
    return path


@main.command()
@_copies
@click.option(
    "--source", type=click.Path(exists=True, file_okay=False, path_type=Path), help="Folder of the raw files, to compare with."
)
@_quiet
@click.pass_context
def verify(ctx: click.Context, /, paths: tuple[Path, ...], source: Path | None, quiet: bool) -> None:
    """Check that clean copies and records belong together and give back the raw files.

    Exits with 1 and names each pair that was edited, mixed up or, with --source, has gone stale.
    """
    good = 0
    problems = 0
    for _, pair in _pairs(paths):
        try:
            _verify(pair, source)
            good += 1
        except CleanerError as error:
            problems += 1
            click.echo(report.printable(str(error), 2000))
    for copy in _orphans(paths):
        problems += 1
        click.echo(f"{copy}: has no record; it was not written by `cleaner clean`, or the record was removed")
    if not quiet:
        click.echo(", ".join([f"{good} verified", *([_count(problems, "problem")] if problems else [])]), err=True)
    ctx.exit(FOUND if problems else 0)


def _verify(pair: Pair, source: Path | None) -> None:
    raw = pair.restore()
    if source is None:
        return
    _, record = pair.read()
    name = record["source"]["path"]
    if not isinstance(name, str):
        return
    path = source / name
    if not path.exists():
        raise InputError(f"{pair.copy}: its raw file {path} is gone")
    data = read_bytes(path)
    same = data == raw if not record["extraction"] else _sha256(data) == record["source"]["sha256"]
    if not same:
        raise InputError(f"{pair.copy}: its raw file {path} has changed; clean it again")


def _sha256(data: bytes) -> str:
    import hashlib

    return hashlib.sha256(data).hexdigest()


def _orphans(paths: tuple[Path, ...]) -> list[Path]:
    return [
        copy
        for path in paths
        if path.is_dir()
        for copy in sorted(path.rglob(f"*{COPY_SUFFIX}"))
        if not copy.name.startswith(".") and not copy.with_suffix(RECORD_SUFFIX).exists()
    ]


@main.command()
@click.argument("codes", nargs=-1)
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", help="How rules are printed. [text]")
def rule(codes: tuple[str, ...], output_format: str) -> None:
    """Explain rules by code or name; without any, list all rules."""
    rules = built_in()
    chosen = [rules.find(code) for code in codes] or list(rules.rules)
    if output_format == "json":
        click.echo(json.dumps([report.rule_dict(one) for one in chosen], ensure_ascii=False, indent=2))
    elif codes:
        click.echo("\n\n".join(map(report.rule_page, chosen)))
    else:
        _list_rules(chosen)


def _list_rules(rules: list[Any]) -> None:
    category = ""
    for one in rules:
        if one.category != category:
            category = one.category
            click.echo(f"{category}  {CATEGORIES.get(category, '')}".rstrip())
        click.echo(f"  {one.code}  {one.confidence:.2f}  {one.name:28}  {one.what}")


@main.command()
@_copies
def stats(paths: tuple[Path, ...]) -> None:
    """Count by rule what the records of a folder say was edited."""
    edits: Counter[str] = Counter()
    words: Counter[str] = Counter()
    files: Counter[str] = Counter()
    pairs = _pairs(paths)
    for _, pair in pairs:
        _, record = pair.read()
        for edit in record["edits"]:
            edits[edit["rule"]] += 1
            words[edit["rule"]] += 0 if edit["replacement"] else len(edit["removed"].split())
        files.update({edit["rule"] for edit in record["edits"]})
    rows = [
        (code, str(edits[code]), str(files[code]), str(words[code]))
        for code in sorted(edits, key=lambda code: (-words[code], -edits[code], code))
    ]
    for line in report.table(("rule", "edits", "files", "words"), rows, right=(1, 2, 3)):
        click.echo(line)
    click.echo(f"{len(pairs)} records", err=True)
