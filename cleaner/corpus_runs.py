"""A `clean` run over corpora: streams their rows through the workers, and goes on where an earlier run was interrupted."""

from __future__ import annotations

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from copy import deepcopy
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

import click

from cleaner import report
from cleaner.console import complain, count, is_watched, one_line, standard_input, standard_output
from cleaner.corpora import (
    Chunk,
    FormatError,
    Part,
    Place,
    check_installed,
    is_part,
    part_of,
    read_chunks,
    read_lines,
    remove_part,
    schema_of,
    steady,
)
from cleaner.files import Article, corpus_suffix, put
from cleaner.locks import alone_in, locked, sweep
from cleaner.model import InputError, WorkerError
from cleaner.pipeline import Cleaner
from cleaner.places import LOCK_SUFFIX, NEW, PART_SUFFIX, STATE_SUFFIX, Reserved, check_folder, check_inside, portable, resolved
from cleaner.provenance import canonical, digest
from cleaner.reading import UnreadableError, read_regular
from cleaner.rows import BadRowError, Fields, Job, Outcome, check_schema, clean_chunk, schema_for
from cleaner.signals import stopping
from cleaner.unpacked import Bounds
from cleaner.workers import ordered_map

if TYPE_CHECKING:
    import pyarrow as pa

MAX_STATE_BYTES = 2**20
COMMIT_SECONDS = 2.0
"""So much work at most is done again when a killed run is continued."""
SHOWN_ROWS = 20
"""More bad rows are not told one by one; `--rejects` has them all."""
JSON_NAMES = ".jsonl, .jsonl.gz or .jsonl.zst"


@dataclass(frozen=True, slots=True)
class Options:
    """What a run reads, and what it writes beside the clean rows."""

    fields: Fields
    bounds: Bounds
    output: Literal["rows", "dolma"] = "rows"
    records: Path | None = None
    rejects: Path | None = None
    workers: int = 0

    @property
    def extra(self) -> dict[str, Path]:
        """The files that are written once per run, by what they hold."""
        named = {"records": self.records, "rejects": self.rejects}
        return {name: path for name, path in named.items() if path is not None}


@dataclass(frozen=True, slots=True)
class Tally:
    """What came of the corpora so far."""

    rows: int = 0
    rejected: int = 0
    failed: int = 0
    """Corpora that could not be read."""
    statistics: report.Statistics = field(default_factory=report.Statistics)
    flags: Counter[str] = field(default_factory=Counter)
    sizes: dict[str, int] = field(default_factory=dict)
    """Bytes of the files of `Options.extra`."""
    checksums: dict[str, int] = field(default_factory=dict)
    """Of these bytes."""

    def plus(self, outcome: Outcome, sizes: dict[str, int], checksums: dict[str, int]) -> Tally:
        """The tally with a chunk; `sizes` and `checksums` are those of the files with it."""
        statistics = deepcopy(self.statistics)
        statistics.update(outcome.statistics)
        rejected = self.rejected + len(outcome.bad)
        return Tally(self.rows + outcome.rows, rejected, self.failed, statistics, self.flags + outcome.flags, sizes, checksums)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        values = {name: getattr(self, name) for name in ("rows", "rejected", "failed", "flags", "sizes", "checksums")}
        return {**values, "statistics": self.statistics.to_dict()}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Tally:
        """The tally of its JSON form."""
        statistics = report.Statistics.from_dict(data["statistics"])
        return cls(**{**data, "statistics": statistics, "flags": Counter(data["flags"])})


@dataclass(frozen=True, slots=True)
class State:
    """How far a run has come: all that another one needs to go on.

    It is never changed, only replaced by another one, as a signal can come between any two steps.
    """

    fingerprint: str
    """Of inputs, settings and rules. A run with another one starts again."""
    corpus: int = 0
    """Index of the corpus being cleaned."""
    place: Place = field(default_factory=Place)
    size: int = 0
    """Bytes of its part up to that place."""
    checksum: int = 0
    """Of these bytes. Another run may have left a part of that name since."""
    is_whole: bool = False
    """True if nothing is left to do for this corpus but to put its part in place."""
    tally: Tally = field(default_factory=Tally)
    before: Tally = field(default_factory=Tally)
    """The tally at the start of this corpus, to go back to if it turns out to be damaged."""

    def next_corpus(self, tally: Tally) -> State:
        """The state at the start of the next corpus."""
        return State(self.fingerprint, self.corpus + 1, tally=tally, before=tally)

    def to_json(self) -> str:
        """The JSON form."""
        values = {name: getattr(self, name) for name in ("fingerprint", "corpus", "size", "checksum", "is_whole")}
        made = {"place": asdict(self.place), "tally": self.tally.to_dict(), "before": self.before.to_dict()}
        return json.dumps({**values, **made})

    @classmethod
    def from_json(cls, text: str) -> State:
        """The state of its JSON form. Raises `ValueError`, `KeyError` or `TypeError` if it is none."""
        data = json.loads(text)
        tallies = {name: Tally.from_dict(data[name]) for name in ("tally", "before")}
        return cls(**{**data, **tallies, "place": Place(**data["place"])})


class _Run:
    """What all runs over corpora share: counting, telling of bad rows, records and rejects."""

    files = 0
    """How many corpora there are, if they are files."""

    def __init__(self, cleaner: Cleaner, options: Options) -> None:
        self.cleaner = cleaner
        self.options = options
        self.changes: list[str] = []
        self._extra: dict[str, Part] = {}
        self._shown = 0
        for path in options.extra.values():
            if not corpus_suffix(path).startswith(".jsonl"):
                raise InputError(f"{path}: name a file that ends in {JSON_NAMES}")
            check_installed(path)

    @property
    def tally(self) -> Tally:
        """What came of the rows so far."""
        raise NotImplementedError

    @property
    def is_flawed(self) -> bool:
        """True if a corpus or a row could not be cleaned."""
        return bool(self.tally.failed or self.tally.rejected)

    def summarize(self) -> None:
        """What was removed by which rule, and what was written."""
        tally = self.tally
        for line in tally.statistics.table(self.cleaner.rule_set, "rows"):
            click.echo(line, err=True)
        for flag, rows in sorted(tally.flags.items()):
            click.echo(f"{report.printable(flag, 80)}: {count(rows, 'row')}", err=True)
        parts = [f"{tally.rows:,} cleaned", *([f"{tally.rejected:,} rejected"] if tally.rejected else [])]
        if tally.failed:
            parts.append(f"{count(tally.failed, 'file')} failed")
        where = f" of {count(self.files, 'file')}" if self.files else ""
        click.echo(f"{count(tally.rows + tally.rejected, 'row')}{where}: {', '.join(parts)}", err=True)

    def name_changes(self) -> None:
        """Say which files were written."""
        for change in self.changes:
            click.echo(one_line(change), err=True)

    def _check_targets(self, corpora: Iterable[Path], targets: Iterable[Path] = ()) -> None:
        """Raise `InputError` if what is read, or is written already, would be written over."""
        written: set[Path] = set()
        reserved = Reserved(corpora)
        for path in [*targets, *self.options.extra.values()]:
            if reserved.holder(path) is not None:
                raise InputError(f"{path}: would take the place of a raw corpus; name another file or folder")
            if resolved(path) in written:
                raise InputError(f"{path}: would be written twice; name two files, or clean the corpora into two folders")
            written.add(resolved(path))

    def _open_extra(self, paths: Mapping[str, Path]) -> None:
        """Open files of `Options.extra`, each cut to its size. Raises `InputError`, and leaves no new one then."""
        try:
            for kind, path in paths.items():
                self._extra[kind] = Part(path, self.tally.sizes.get(kind, 0), self.tally.checksums.get(kind, 0))
        except InputError:
            for part in self._extra.values():
                part.close() if part.size else part.discard()
            self._extra = {}
            raise

    def _job(self, path: str, name: str, suffix: str) -> Job:
        records = self.options.records
        return Job(
            cleaner=self.cleaner.for_path(path),
            fields=self.options.fields,
            name=portable(name),
            output=self.options.output,
            suffix=suffix,
            records=corpus_suffix(records) if records is not None else None,
            max_row_bytes=self.options.bounds.row_bytes,
        )

    def _counted(self, name: str, outcome: Outcome) -> Tally:
        """Keep records and rejects, tell of bad rows, and give the tally with them."""
        for kind, part in self._extra.items():
            part.write(outcome.records if kind == "records" else outcome.rejects)
        for number, message in outcome.bad:
            if self._shown < SHOWN_ROWS:
                complain(f"{name}: row {number}: {message}")
            elif self._shown == SHOWN_ROWS:
                complain("more bad rows are not shown; --rejects FILE has them all")
            self._shown += 1
        sizes = {kind: part.size for kind, part in self._extra.items()}
        return self.tally.plus(outcome, sizes, {kind: part.checksum for kind, part in self._extra.items()})

    def _finish_extra(self) -> None:
        for part in self._extra.values():
            if part.finish():
                self.changes.append(f"wrote {part.target}")
        self._extra = {}


class StreamRun(_Run):
    """A run over one corpus that writes to standard output. It cannot be continued."""

    def __init__(self, cleaner: Cleaner, options: Options) -> None:
        super().__init__(cleaner, options)
        self._tally = Tally()

    @property
    def tally(self) -> Tally:
        """What came of the rows so far."""
        return self._tally

    def through(self, path: Path | None, echo: Callable[[bytes], None]) -> None:
        """Clean the rows of a corpus, or those on standard input if there is none, and print them as JSON lines with `echo`.

        Raises `InputError` if something cannot be read or written, `WorkerError` if a worker dies, `StoppedError` on a signal.
        """
        self._check_targets([path] if path is not None else [])
        streams = [standard_output(), *([standard_input()] if path is None else [])]
        for extra in self.options.extra.values():
            if any(_is_open_as(stream, extra) for stream in streams):
                raise InputError(f"{extra}: is standard input or output already; name another file")
        name, bounds = str(path or "-"), self.options.bounds
        chunks = read_chunks(path, Place(), bounds) if path is not None else read_lines(standard_input(), bounds)
        job = self._job(name, name, ".jsonl")
        self._open_extra(self.options.extra)
        try:
            with stopping(), closing(ordered_map(partial(clean_chunk, job), chunks, self.options.workers)) as outcomes:
                for outcome in outcomes:
                    echo(outcome.out)
                    self._tally = self._counted(name, outcome)
            standard_output().flush()
            self._finish_extra()
        finally:
            for part in self._extra.values():
                part.discard()


def _is_open_as(stream: IO[bytes], path: Path) -> bool:
    """True if a stream is that of the file at a path."""
    try:
        return os.path.samestat(os.fstat(stream.fileno()), path.stat())
    except (OSError, ValueError):  # there is no such file, or the stream is none of the system's
        return False


@dataclass(frozen=True, slots=True)
class _Step:
    """A chunk of a corpus; without one, its end, or why it cannot be read any further."""

    corpus: int
    job: Job | None = None
    chunk: Chunk | None = None
    outcome: Outcome | None = None
    error: InputError | None = None
    schema: pa.Schema | None = None
    """At the end of a corpus: that of the file to be made of its part, if it is to have one."""


def _taken(step: _Step) -> _Step:
    """The step with what came of its chunk in place of the chunk."""
    if step.job is None or step.chunk is None:
        return step
    try:
        return _Step(step.corpus, outcome=clean_chunk(step.job, step.chunk))
    except FormatError as error:
        return _Step(step.corpus, error=error)


class CorpusRun(_Run):
    """A run over corpora, from files to files. All of them go through the same workers, as one stream of chunks."""

    def __init__(self, cleaner: Cleaner, corpora: list[Article], out: Path, options: Options) -> None:
        super().__init__(cleaner, options)
        self.corpora = corpora
        self.files = len(corpora)
        self.out = out
        self.is_single = bool(corpus_suffix(out)) and not out.is_dir()
        if self.is_single and len(corpora) > 1:
            raise InputError(f"{out}: is the name of one file, and there are {len(corpora)} corpora; name a folder with --out")
        if not self.is_single:
            check_folder(out, f"name a folder with --out, or a file that ends in {JSON_NAMES} or .parquet")
        self.targets = list(map(self._target, corpora))
        self._check_targets((corpus.path for corpus in corpora), self.targets)
        for target in self.targets if not self.is_single else ():
            check_inside(target, out, follow_links=cleaner.config.follow_links)
        self._sizes, fingerprint = self._look()
        self._state = State(fingerprint)
        folder, name = (out.parent, f".{out.name}") if self.is_single else (out, "")
        self._state_path = folder / f"{name}{STATE_SUFFIX}"
        self._lock_path = folder / f"{name}{LOCK_SUFFIX}"
        self._committed = time.monotonic()

    @property
    def tally(self) -> Tally:
        """What came of the rows so far."""
        return self._state.tally

    def _target(self, corpus: Article) -> Path:
        target = self.out if self.is_single else self.out / corpus.copy
        given, wanted = corpus_suffix(corpus.path), corpus_suffix(target)
        if self.options.output == "dolma":
            if wanted == ".parquet" and self.is_single:
                raise InputError(f"{target}: Dolma attributes are JSON; name a file that ends in {JSON_NAMES}")
            return target.with_suffix(".jsonl") if wanted == ".parquet" else target
        if (given == ".parquet") != (wanted == ".parquet"):
            allowed = ".parquet" if given == ".parquet" else JSON_NAMES
            raise InputError(f"{target}: {corpus.path} cannot be written in this format; name a file that ends in {allowed}")
        return target

    def _look(self) -> tuple[list[int], str]:
        """The sizes of the corpora, and what changes with everything on which the bytes written depend."""
        looks = [_look(corpus.path) for corpus in self.corpora]
        corpora = [
            [str(corpus.path), str(target), *look] for corpus, target, look in zip(self.corpora, self.targets, looks, strict=True)
        ]
        options = [str(value) for name, value in asdict(self.options).items() if name != "workers"]
        fingerprint = digest(canonical([corpora, self.cleaner.tool, self.cleaner.config.per_file_ignores, options]))
        return [size for size, _ in looks], fingerprint

    def to_files(self) -> None:
        """Clean all corpora. What cannot be read or cleaned is told and counted, and the rest goes on.

        Raises `InputError` if something cannot be written, `WorkerError` if a worker dies, `StoppedError` on a signal. Then,
        and if the run is killed, a later one with the same inputs and settings goes on from there.
        """
        with stopping(self._hint), locked(self._lock_path) if self.is_single else alone_in(self.out):
            self._resume()
            try:
                with _progress(self._sizes) as bar:
                    self._clean(bar)
                self._finish_extra()
            except (InputError, WorkerError) as error:
                raise type(error)(f"{error}{self._hint()}") from None
            finally:
                for part in self._extra.values():
                    part.close()
            self._state_path.unlink(missing_ok=True)

    def _hint(self) -> str:
        corpus = self.corpora[min(self._state.corpus, len(self.corpora) - 1)].path
        return f"; the same command goes on behind row {self._state.place.row} of {corpus}"

    def _resume(self) -> None:
        """Take up the state of an interrupted run if it is one over the same inputs with the same settings."""
        state = self._found_state()
        if state is None:
            for target in self.targets:
                remove_part(target)
            if not self.is_single:
                sweep(self.out, PART_SUFFIX)
        else:
            self._state = state
            for target in self.targets[: state.corpus]:
                remove_part(target)
            if state.corpus < len(self.corpora):
                complain(f"{self.corpora[state.corpus].path}: goes on behind row {state.place.row}, where a run was interrupted")
        is_open = self._state.corpus < len(self.corpora)  # or the last run has put some of these files in place
        extra = {kind: path for kind, path in self.options.extra.items() if is_open or part_of(path).exists()}
        self._open_extra(extra)

    def _found_state(self) -> State | None:
        """The state of an interrupted run, if this one can go on from it."""
        if not os.path.lexists(self._state_path):
            return None
        try:
            state = State.from_json(read_regular(self._state_path, MAX_STATE_BYTES, "a state").decode("utf-8"))
        except UnreadableError as error:
            what = str(error)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            what = "is not what an interrupted run writes"
        else:
            if state.fingerprint != self._state.fingerprint:
                what = "belongs to other inputs, settings or rules"
            elif self._is_there(state):
                return state
            else:
                what = "tells of rows that are gone"
        complain(f"{self._state_path}: {what}; starting again")
        return None

    def _is_there(self, state: State) -> bool:
        """True if the parts that a state tells of still have what it needs."""
        if state.corpus >= len(self.corpora):
            return True
        tally = state.tally
        needed = [(path, tally.sizes.get(kind, 0), tally.checksums.get(kind, 0)) for kind, path in self.options.extra.items()]
        target = self.targets[state.corpus]
        if not state.is_whole or part_of(target).exists():  # or it is in its place already
            needed.append((target, state.size, state.checksum))
        return all(not size or is_part(part_of(path), size, checksum) for path, size, checksum in needed)

    def _clean(self, bar: Any) -> None:
        part: Part | None = None
        try:
            with closing(ordered_map(_taken, self._steps(), self.options.workers)) as steps:
                for step in steps:
                    if step.corpus < self._state.corpus:
                        continue  # it was dropped, and what follows was on its way
                    target = self.targets[step.corpus]
                    if part is None and not (self._state.is_whole and not part_of(target).exists()):
                        part = Part(target, self._state.size, self._state.checksum)
                    if step.outcome is not None:
                        assert part is not None
                        self._take(part, step.corpus, step.outcome)
                        bar.show(step.corpus, step.outcome.read)
                        continue
                    if step.error is not None:
                        self._drop(part, step.error)
                    else:
                        self._finish(part, step.schema)
                    part = None
                    bar.show(step.corpus + 1, 0)
        except BaseException:
            with suppress(InputError):  # the first error is the one to tell
                self._commit(part)
            raise
        finally:
            if part is not None:
                part.close()

    def _steps(self) -> Iterator[_Step]:
        state = self._state
        first, place, is_whole = state.corpus, state.place, state.is_whole
        for index, corpus in enumerate(self.corpora[first:], first):
            try:
                with steady(corpus.path):
                    schema = self._schema(index)
                    if not (is_whole and index == first):
                        job = self._job(corpus.path.as_posix(), str(corpus.name), corpus_suffix(self.targets[index]))
                        start = place if index == first else Place()
                        for chunk in read_chunks(corpus.path, start, self.options.bounds):
                            yield _Step(index, job, chunk)
                yield _Step(index, schema=schema)
            except InputError as error:
                yield _Step(index, error=error)

    def _schema(self, index: int) -> pa.Schema | None:
        """The schema of the file to be written if it has one. Raises `InputError` if the corpus does not allow for it."""
        path, target = self.corpora[index].path, self.targets[index]
        check_installed(path)
        check_installed(target)
        if corpus_suffix(path) != ".parquet":
            return None
        fields, schema = self.options.fields, schema_of(path, self.options.bounds)
        try:
            check_schema(fields, schema)
            return schema_for(fields, schema) if corpus_suffix(target) == ".parquet" else None
        except BadRowError as error:
            raise InputError(f"{path}: {error}") from None

    def _take(self, part: Part, corpus: int, outcome: Outcome) -> None:
        part.write(outcome.out)
        tally = self._counted(str(self.corpora[corpus].path), outcome)
        self._state = replace(self._state, place=outcome.end, size=part.size, checksum=part.checksum, tally=tally)
        if time.monotonic() - self._committed > COMMIT_SECONDS:
            self._commit(part)

    def _commit(self, part: Part | None) -> None:
        """Write down how far the run has come, after all that it tells of is safe."""
        for one in [*self._extra.values(), *([part] if part is not None else [])]:
            one.sync()
        put(self._state_path, self._state.to_json().encode("utf-8"), self._state_path.with_name(f"{self._state_path.name}{NEW}"))
        self._committed = time.monotonic()

    def _finish(self, part: Part | None, schema: pa.Schema | None) -> None:
        if part is not None:
            self._state = replace(self._state, is_whole=True)
            self._commit(part)
            try:
                is_new = part.finish(schema)
            except FormatError as error:
                self._drop(part, error)
                return
            if is_new:
                self.changes.append(f"wrote {part.target}")
        self._state = self._state.next_corpus(self.tally)
        self._commit(None)

    def _drop(self, part: Part | None, error: InputError) -> None:
        """Leave no trace of a corpus that cannot be read to its end, but say so."""
        complain(error)
        before = self._state.before
        self._state = self._state.next_corpus(replace(before, failed=before.failed + 1))
        for kind, extra in self._extra.items():
            extra.cut(before.sizes.get(kind, 0), before.checksums.get(kind, 0))
        self._commit(None)
        if part is not None:
            part.discard()


class _Bar:
    """How many bytes of all corpora were read."""

    def __init__(self, sizes: list[int], bar: Any) -> None:
        self._before = list(accumulate(sizes, initial=0))
        self._bar = bar
        self._shown = 0

    def show(self, corpus: int, read: int) -> None:
        """So many bytes of this corpus, and all of those before."""
        done = self._before[corpus] + read
        if self._bar is not None:
            self._bar.update(done - self._shown)
        self._shown = done


def _look(path: Path) -> tuple[int, int]:
    """Size and time of a file; of one that is gone since it was found, which reading it will tell, nothing."""
    try:
        info = path.stat()
    except OSError:
        return 0, 0
    return info.st_size, info.st_mtime_ns


@contextmanager
def _progress(sizes: list[int]) -> Iterator[_Bar]:
    if not is_watched():
        yield _Bar(sizes, None)
        return
    with click.progressbar(length=sum(sizes), label="Cleaning", file=sys.stderr, show_pos=False) as bar:
        yield _Bar(sizes, bar)
