"""Corpora: rows of JSONL and Parquet files in chunks, and files that grow by chunks and can be continued.

What is written is cut into members that stand for themselves (gzip members, Zstandard frames, Arrow streams),
one per chunk. So a worker can make one alone, and a run that was interrupted can go on behind the last one.
"""

from __future__ import annotations

import gzip
import io
import math
import os
import stat
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO

from cleaner.files import corpus_suffix, writing
from cleaner.locks import claimed, removed
from cleaner.model import InputError
from cleaner.places import MADE, PART_SUFFIX
from cleaner.reading import CHANGED, reason, state_of
from cleaner.unpacked import Bounds, DamagedError, Group, check_description, row_groups, taken

if TYPE_CHECKING:
    import pyarrow as pa

CHUNK_ROWS = 256
CHUNK_BYTES = 256 * 1024
"""A chunk ends with the row that reaches one of these: about a second of work, so that few are lost when a run is
interrupted, and enough to be compressed well."""
ROW_GROUP_ROWS = 2000
"""Rows of a row group of the Parquet files written. Records make rows large, and a group is held in memory."""
ROW_GROUP_BYTES = 128 * 2**20
"""A row group ends behind the chunk that reaches this, even if it has fewer rows."""
MAX_WINDOW = 2**27
"""Bytes that a Zstandard frame may ask to be held; the most that the zstd command grants without being told."""
ZSTD_STEP = 1024
"""So many bytes are decompressed at once. A block of a few bytes can stand for 128 KiB."""
Stream = io.BufferedIOBase | IO[bytes]
BOM = b"\xef\xbb\xbf"
GZIP_LEVEL = 6
ZSTD_LEVEL = 3


class FormatError(InputError):
    """A corpus cannot be written in its format."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a corpus a chunk begins or ends."""

    row: int = 0
    """How many rows lie before; lines, in JSONL."""
    offset: int = 0
    """How many bytes of the decompressed file lie before; 0 in Parquet."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Consecutive rows of a corpus as they stand there."""

    start: Place
    end: Place
    read: int
    """Bytes of the file read so far, for showing progress."""
    lines: tuple[bytes | None, ...] = ()
    """Of JSONL: the lines without their ends; `None` for those that are too long, in Parquet, too."""
    batch: bytes = b""
    """Of Parquet: an Arrow stream."""


@contextmanager
def steady(path: Path) -> Iterator[None]:
    """Make sure that a corpus is a regular file that nobody writes to, or replaces, while it is read. Raises `InputError`."""
    try:
        info = path.stat()
        if not stat.S_ISREG(info.st_mode):
            raise InputError(f"{path}: not a regular file")
        before = state_of(info)
        yield
        after = state_of(path.stat())
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {reason(error)}") from error
    if after != before:
        raise InputError(f"{path}: {CHANGED}")


def read_chunks(path: Path, place: Place, bounds: Bounds) -> Iterator[Chunk]:
    """The rows of a corpus from a place on.

    Raises `InputError` if the file cannot be read, or no further, or unpacks to more than it may.
    """
    with steady(path):
        yield from (_read_parquet if corpus_suffix(path) == ".parquet" else _read_json)(path, place, bounds)


def _read_json(path: Path, place: Place, bounds: Bounds) -> Iterator[Chunk]:
    number = place.row
    try:
        with path.open("rb") as file, _decompressed(file, path) as stream:
            _skip(stream, place.offset)
            packed = os.fstat(file.fileno()).st_size if stream is not file else None
            for chunk in read_lines(stream, bounds, place, file, packed):
                number = chunk.end.row
                yield chunk
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    except (OSError, EOFError, zlib.error, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise InputError(f"{path}: damaged behind row {number:,}: {error}") from error


def read_lines(
    stream: Stream, bounds: Bounds, place: Place | None = None, file: BinaryIO | None = None, packed: int | None = None
) -> Iterator[Chunk]:
    """The lines of an open stream that stands at `place`; `file` is what the stream decompresses, `packed` the size of that.

    Raises `InputError`, without a name, if it unpacks to more than it may.
    """
    start = place if place is not None else Place()
    limit = math.inf if packed is None else bounds.limit(packed)
    while True:
        lines: list[bytes | None] = []
        offset = start.offset
        rows = 0
        while rows < CHUNK_ROWS and offset - start.offset < CHUNK_BYTES:
            line = stream.readline(bounds.row_bytes + 1)
            if not line:
                break
            offset += len(line)
            is_too_long = len(line) > bounds.row_bytes and not line.endswith(b"\n")
            for size in _rest_of_line(stream) if is_too_long else ():
                offset += size
                if offset > limit:
                    break
            if packed is not None and offset > limit:
                raise bounds.exceeded(packed)
            line = line.removesuffix(b"\n").removesuffix(b"\r")
            rows += bool(line)
            lines.append(None if is_too_long else line if start.row or lines else line.removeprefix(BOM))
        if not lines:
            return
        end = Place(start.row + len(lines), offset)
        yield Chunk(start, end, file.tell() if file is not None else offset, lines=tuple(lines))
        start = end


def _rest_of_line(stream: Stream) -> Iterator[int]:
    """Read up to the end of the line; the sizes of the pieces."""
    while piece := stream.readline(CHUNK_BYTES):
        yield len(piece)
        if piece.endswith(b"\n"):
            return


def _skip(stream: Stream, size: int) -> None:
    if isinstance(stream, io.BufferedReader) and stream.seekable():  # a plain file
        stream.seek(size)
        return
    while size > 0 and (piece := stream.read(min(size, CHUNK_BYTES))):
        size -= len(piece)


def _decompressed(file: BinaryIO, path: Path) -> Stream:
    suffix = corpus_suffix(path)
    if suffix.endswith(".gz"):
        return gzip.GzipFile(fileobj=file)
    if suffix.endswith(".zst"):
        return io.BufferedReader(_Zstandard(file, path))
    return file


class _Zstandard(io.RawIOBase):
    """The content of Zstandard frames, in bounded memory; unlike `zstandard.stream_reader` it tells where a file was cut off."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self._zstandard = need("zstandard", "zstd", path)
        self._file = file
        self._decompressor = self._zstandard.ZstdDecompressor(max_window_size=MAX_WINDOW)
        self._data = memoryview(b"")
        self._ready = memoryview(b"")
        self._frame: Any = None

    def readable(self) -> bool:
        """True, as `io.BufferedReader` asks for it."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as there is something at hand. Raises `EOFError` where a frame is cut off."""
        while not self._ready:
            self._data = self._data or memoryview(self._file.read(CHUNK_BYTES))
            if not self._data:
                if self._frame is not None:
                    raise EOFError("the file ends inside a Zstandard frame")
                return 0
            if self._frame is None:
                self._frame = self._decompressor.decompressobj()
            step = self._data[:ZSTD_STEP]
            try:
                self._ready = memoryview(self._frame.decompress(step))
            except self._zstandard.ZstdError as error:
                raise ValueError(error) from None
            self._data = self._data[len(step) - len(self._frame.unused_data) :]
            if self._frame.eof:
                self._frame = None
        size = min(len(buffer), len(self._ready))
        buffer[:size] = self._ready[:size]
        self._ready = self._ready[size:]
        return size


def need(module: str, extra: str, path: Path) -> Any:
    """A module that comes with an extra. Raises `InputError` with the command that installs it."""
    try:
        return import_module(module)
    except ImportError:
        raise InputError(f"{path}: needs {module}, which is not installed: pip install 'article-cleaner[{extra}]'") from None


def check_installed(path: Path) -> None:
    """Raise `InputError` if a file of this name needs a package that is not installed."""
    if path.name.lower().endswith(".zst"):
        need("zstandard", "zstd", path)
    elif corpus_suffix(path) == ".parquet":
        need("pyarrow", "parquet", path)


def compressed(data: bytes, suffix: str) -> bytes:
    """The data as a member of a file with this suffix; the same bytes give the same member."""
    if suffix.endswith(".gz"):
        return gzip.compress(data, GZIP_LEVEL, mtime=0)
    if suffix.endswith(".zst"):
        member: bytes = import_module("zstandard").ZstdCompressor(level=ZSTD_LEVEL).compress(data)
        return member
    return data


def schema_of(path: Path, bounds: Bounds) -> pa.Schema:
    """The fields of a Parquet file. Raises `InputError` if it is none."""
    pyarrow = need("pyarrow", "parquet", path)
    from pyarrow import parquet

    try:
        check_description(path, bounds)
        return parquet.read_schema(path)
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    except (OSError, ValueError, DamagedError, pyarrow.ArrowException) as error:
        raise InputError(f"{path}: cannot be read as Parquet: {error}") from error


def _read_parquet(path: Path, place: Place, bounds: Bounds) -> Iterator[Chunk]:
    """Batches of a Parquet file. Pages are decoded as they are needed, however large the row groups are."""
    pyarrow = need("pyarrow", "parquet", path)
    from pyarrow import parquet

    size = path.stat().st_size
    start = place
    try:
        groups = row_groups(path, bounds, CHUNK_ROWS)
        total = sum(group.rows for group in groups)
        with parquet.ParquetFile(path, buffer_size=CHUNK_BYTES, pre_buffer=False) as file:
            skip, first = _group_of(groups, place.row)
            for part in _parts(file, groups, first, bounds, size):
                passed = min(skip, part.num_rows)
                skip -= passed
                if passed < part.num_rows:
                    end = Place(start.row + part.num_rows - passed)
                    read = size * end.row // max(1, total)
                    if part.num_rows == 1 and part.nbytes > bounds.row_bytes:
                        yield Chunk(start, end, read, lines=(None,))
                    else:
                        yield Chunk(start, end, read, batch=to_stream(part.slice(passed)))
                    start = end
        if start.row != total:
            raise DamagedError(f"it says that it has {total:,} rows")
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    except (OSError, ValueError, DamagedError, pyarrow.ArrowException) as error:
        raise InputError(f"{path}: damaged behind row {start.row:,}: {error}") from error


def _parts(file: Any, groups: list[Group], first: int, bounds: Bounds, size: int) -> Iterator[pa.RecordBatch]:
    """The rows from a row group on as they go into chunks: cut the same way wherever reading begins.

    Raises `InputError`, without the name of the file, of which `size` is the size, when they are more than it may unpack to.
    """
    total = 0
    for number in range(first, len(groups)):
        for batch in file.iter_batches(groups[number].at_once, row_groups=[number], use_threads=False):
            total += taken(batch)
            if total > bounds.limit(size):
                raise bounds.exceeded(size)
            yield from _small(_compact(batch), bounds)


def _group_of(groups: list[Group], row: int) -> tuple[int, int]:
    """Behind how many rows of its row group a row stands, and the number of that group."""
    for number, group in enumerate(groups):
        if row < group.rows:
            return row, number
        row -= group.rows
    return 0, len(groups)


def _small(batch: pa.RecordBatch, bounds: Bounds) -> Iterator[pa.RecordBatch]:
    """The rows of a batch in batches of at most `CHUNK_BYTES`, or of one row; what is too long stands alone."""
    rows = max(1, batch.num_rows * CHUNK_BYTES // max(1, batch.nbytes))
    for first in range(0, batch.num_rows, rows):
        part = batch.slice(first, rows)
        if part.nbytes <= bounds.row_bytes:
            yield part
        else:
            yield from (_compact(part.slice(row, 1)) for row in range(part.num_rows))


def _compact(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The batch with no more values in its dictionaries than rows, or each part of it would carry all of them."""
    import pyarrow as pa

    columns = []
    for column in batch.columns:
        if isinstance(column, pa.DictionaryArray) and len(column.dictionary) > len(column):
            used = column.dictionary_decode().dictionary_encode()
            indices = used.indices.cast(column.type.index_type)
            column = pa.DictionaryArray.from_arrays(indices, used.dictionary, ordered=column.type.ordered)  # noqa: PLW2901
        columns.append(column)
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def to_stream(batch: pa.RecordBatch) -> bytes:
    """A batch as an Arrow stream of its own."""
    import pyarrow as pa

    sink = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(sink, batch.schema, options=options) as writer:
        writer.write_batch(batch)
    return sink.getvalue()


def from_stream(data: bytes) -> pa.RecordBatch:
    """The batch of a stream that `to_stream` made."""
    import pyarrow as pa

    with pa.ipc.open_stream(data) as reader:
        return reader.read_next_batch()


class Part:
    """A file that grows under another name and gets its own when it is complete. No other run may write to it meanwhile."""

    def __init__(self, target: Path, size: int = 0, checksum: int = 0) -> None:
        """Open the part of a target, cut to the `size` that is known to be whole, with its checksum. Raises `InputError`."""
        self.target = target
        self.checksum = checksum
        self.path = part_of(target)
        with writing(self.path):
            target.parent.mkdir(parents=True, exist_ok=True)
            file = claimed(self.path, is_new=not size)
            if file is None:
                raise InputError(f"{target}: another run writes this file; wait for its end, or name another one")
            self._file = file
            if self._file.seek(0, os.SEEK_END) < size:
                self.close()
                raise InputError(f"{self.path}: is shorter than it was; remove it to start again")
            self._file.truncate(size)
            self._file.seek(size)
        self.size = size

    def write(self, data: bytes) -> None:
        """Add to the end. Raises `InputError`."""
        with writing(self.path):
            self._file.write(data)
        self.checksum = zlib.crc32(data, self.checksum)
        self.size += len(data)

    def sync(self) -> None:
        """Make sure that what was written outlives a crash. Raises `InputError`."""
        if self._file.closed:
            return
        with writing(self.path):
            self._file.flush()
            os.fsync(self._file.fileno())

    def cut(self, size: int, checksum: int) -> None:
        """Go back to an earlier size, with the checksum of then. Raises `InputError`."""
        with writing(self.path):
            self._file.flush()
            self._file.truncate(size)
            self._file.seek(size)
        self.size, self.checksum = size, checksum

    def close(self) -> None:
        """Leave the part as it is. What a full disk kept from being written is behind all that a state tells of."""
        with suppress(OSError):
            self._file.close()

    def discard(self) -> None:
        """Remove the part."""
        self._close_to_move()
        for path in (_made_of(self.path), self.path):
            with suppress(OSError):
                path.unlink()
        self.close()

    def finish(self, schema: pa.Schema | None = None) -> bool:
        """Put the part into the place of its target; a Parquet file, whose part is Arrow streams, is made first.

        A target that holds the same bytes stays as it is. True if it was written. Raises `InputError`, `FormatError`
        if the fault lies in what is to be written.
        """
        if not self.size and schema is None:
            self.write(compressed(b"", corpus_suffix(self.target)))
        self.sync()
        self._close_to_move()
        try:
            made = self.path if schema is None else _write_parquet(self.path, schema)
            changed = not _is_same(made, self.target)
            if changed:
                made.replace(self.target)
        except FormatError as error:
            self.close()
            raise FormatError(f"{self.target}: {error}") from error
        except OSError as error:
            self.close()
            raise InputError(f"{self.target}: cannot be written: {reason(error)}") from error
        if made == self.path and changed:
            self.close()  # where the part was, another run may be at work already
        else:
            self.discard()
        return changed

    def _close_to_move(self) -> None:
        """Close the part where open files can be neither moved nor removed; there are no locks to lose there."""
        if sys.platform == "win32":
            self.close()


def part_of(target: Path) -> Path:
    """Where a file grows until it is complete: beside it, hidden."""
    return target.with_name(f".{target.name}{PART_SUFFIX}")


def _made_of(part: Path) -> Path:
    """Where a Parquet file is made of a part that is complete."""
    return part.with_name(f"{part.name}{MADE}")


def is_part(path: Path, size: int, checksum: int) -> bool:
    """True if a part begins with these bytes, and is no other file under the name of one."""
    try:
        info = path.lstat()
        if not stat.S_ISREG(info.st_mode) or info.st_nlink != 1 or info.st_size < size:
            return False
        found = 0
        with path.open("rb") as file:
            while size > 0 and (piece := file.read(min(size, CHUNK_BYTES))):
                found = zlib.crc32(piece, found)
                size -= len(piece)
    except OSError:
        return False
    return found == checksum


def remove_part(target: Path) -> None:
    """Remove what has grown of a file that did not get its name, unless a run that is at work writes it."""
    with suppress(OSError):
        removed(part_of(target))


def _is_same(one: Path, other: Path) -> bool:
    """True if both files hold the same bytes."""
    if not other.is_file() or one.stat().st_size != other.stat().st_size:
        return False
    with one.open("rb") as first, other.open("rb") as second:
        while piece := first.read(CHUNK_BYTES):
            if piece != second.read(CHUNK_BYTES):
                return False
    return True


def _write_parquet(path: Path, schema: pa.Schema) -> Path:
    """Make a Parquet file of the Arrow streams in a file, beside it. Raises `FormatError`, without a name, and `OSError`."""
    import pyarrow as pa
    from pyarrow import parquet

    made = _made_of(path)
    made.unlink(missing_ok=True)
    try:
        with parquet.ParquetWriter(made, schema) as writer:
            for table in _tables(_batches(path), schema):
                writer.write_table(table, ROW_GROUP_ROWS)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, pa.ArrowTypeError) as error:
        raise FormatError(f"cannot be written as Parquet: {error}") from error
    with made.open("rb") as file:
        os.fsync(file.fileno())
    return made


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    with pa.OSFile(str(path)) as file:
        while file.tell() < file.size():
            with pa.ipc.open_stream(file) as reader:
                yield from reader


def _tables(batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """The rows in tables of `ROW_GROUP_ROWS`, so that the file does not show how they were cut into chunks."""
    import pyarrow as pa

    pending: list[pa.RecordBatch] = []
    for batch in batches:
        pending.append(batch)
        while sum(one.num_rows for one in pending) >= ROW_GROUP_ROWS:
            table = pa.Table.from_batches(pending, schema)
            yield table.slice(0, ROW_GROUP_ROWS).unify_dictionaries().combine_chunks()
            pending = table.slice(ROW_GROUP_ROWS).to_batches()
        if sum(one.nbytes for one in pending) >= ROW_GROUP_BYTES:
            yield pa.Table.from_batches(pending, schema).unify_dictionaries().combine_chunks()
            pending = []
    if pending:
        yield pa.Table.from_batches(pending, schema).unify_dictionaries().combine_chunks()
