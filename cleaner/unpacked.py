"""What a Parquet file unpacks to, told by its description and the headers of its pages, before any of it is unpacked.

A few bytes of such a file can stand for any number of others: pages are compressed, equal values are counted, and a
dictionary is referred to as often as one likes. What the file says of itself is read here and not by pyarrow, which
takes some hundred bytes of memory for each of it, and ends the process where columns are described by halves.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from cleaner.model import InputError

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

LEAST_LIMIT = 64 * 2**20
"""Whatever its size, a file may unpack to so many bytes."""
HELD_BYTES = 256 * 2**20
"""Rows are unpacked so many at once that they take about so many bytes at most."""
BATCH_ROWS = 65_536
"""Rows that are looked at together where values stand in dictionaries."""
LONG_BYTES = 16 * 2**20
"""Where each value may be as long as its page, rows are unpacked so many at once that they cannot take more than this."""
MOST_HELD_BYTES = 2**30
"""Pages of a row group, one of each column, that are unpacked together; writers make pages of a megabyte, few of some hundred."""
VALUE_BYTES = 8
"""What a value of any type takes besides its characters."""
MOST_ELEMENTS = 2**18
"""Columns of row groups, row groups, and fields of the schema that a file may describe."""
HEADER_BYTES = (2**8, 2**16, 2**20)
"""A page's header is looked for in so many bytes: some tens, but for statistics of long values."""
END = 8
"""Bytes at the end of a Parquet file: the size of its description and four letters."""

_BYTE_ARRAY = 6
_DICTIONARY_PAGE = 2
_BY_DICTIONARY = frozenset({2, 8})
"""Encodings of pages whose values are numbers of entries of the dictionary."""
_BY_BEGINNINGS = 7
"""The encoding of pages whose values take as much as they like from the value before."""
_I32, _I64, _BINARY, _LIST, _STRUCT = 5, 6, 8, 9, 12
_WIDTHS = {1: 0, 2: 0, 3: 1, 7: 8}
"""Bytes of values that always have as many; true and false stand in the head of the field, and take one in a list."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a corpus may take of memory and time."""

    row_bytes: int
    """The longest row; also the longest description of a Parquet file, which is held in memory like one."""
    expansion: int
    """How many times the size of a file it may unpack to."""

    def limit(self, size: int) -> int:
        """How many bytes a file of this size may unpack to."""
        return max(LEAST_LIMIT, size * self.expansion)

    def exceeded(self, size: int) -> InputError:
        """The error, without a name, for a file of this size that unpacks to more."""
        limit = self.limit(size)
        times = f"{limit // max(1, size):,} times its size"
        return InputError(f"unpacks to more than {limit:,} bytes, {times}; if it is a corpus all the same, raise --max-expansion")


class DamagedError(Exception):
    """A file cannot be what it says that it is."""


@dataclass(slots=True)
class Column:
    """A column of a row group."""

    name: str = ""
    type: int = -1
    packed: int = 0
    """Bytes of it in the file, from `offset` on."""
    offset: int = 0
    unpacked: int = 0
    """Bytes of its pages, and of its values, but for what they take from the dictionary."""
    largest: int = 0
    """Bytes of the largest of its pages."""
    places: int = 0
    """How many values its pages hold, with those that are missing."""
    entries: int = 0
    """Bytes of its dictionary."""
    references: int = 0
    """How many values refer to the dictionary."""
    shared: int = 0
    """Bytes that values with shared beginnings cannot exceed: none is longer than its page …"""
    longest: int = 0
    """… and none takes more bytes than these."""

    @property
    def is_text(self) -> bool:
        """True if its values can be of any length."""
        return self.type == _BYTE_ARRAY

    @property
    def most(self) -> int:
        """Bytes that it cannot exceed, as no value is longer than the whole dictionary."""
        return self.unpacked + (self.references * self.entries if self.is_text else 0)


@dataclass(slots=True)
class Group:
    """A row group."""

    rows: int = 0
    columns: list[Column] = field(default_factory=list)
    at_once: int = 1
    """How many rows of it may be unpacked at once."""


@dataclass(frozen=True, slots=True)
class _Leaf:
    """What a column is unpacked to."""

    width: int
    """Bytes that are taken for a value, or in its place where there is none: lists of a fixed size take them all the same."""
    is_repeated: bool = False
    """True if a row can hold any number of them."""


def check_description(path: Path, bounds: Bounds) -> None:
    """Make sure that pyarrow can read what a Parquet file says of itself in bounded memory.

    Raises `InputError`, without the name of the file, `DamagedError` or `OSError`.
    """
    with path.open("rb") as file:
        _described(_description(file, bounds))


def row_groups(path: Path, bounds: Bounds, rows: int) -> list[Group]:
    """The row groups of a Parquet file, of which up to `rows` rows may be unpacked at once.

    Raises `InputError`, without the name of the file, if it unpacks to more than it may, `DamagedError`, `OSError`, or
    what pyarrow raises.
    """
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        limit = bounds.limit(size)
        groups = _described(_description(file, bounds))
        columns = [column for group in groups for column in group.columns]
        if sum(column.packed for column in columns) > size:
            raise DamagedError("its columns are larger than the file, or lie in the same place")
        for column in columns:
            _look_at_pages(file, column)
    if sum(column.unpacked for column in columns) > limit:
        raise bounds.exceeded(size)
    _count_empty_places(path, groups, limit)
    if sum(column.unpacked for column in columns) > limit:
        raise bounds.exceeded(size)
    held = max((sum(column.largest for column in group.columns) for group in groups), default=0)
    if held > MOST_HELD_BYTES:
        raise InputError(f"its pages take {held:,} bytes of memory at once; write it with smaller ones")
    most = [sum(column.most for column in group.columns) for group in groups]
    is_in_doubt = sum(most) > limit
    total = 0
    with ExitStack() as stack:
        opened: pq.ParquetFile | None = None
        for number, group in enumerate(groups):
            size_of_group = most[number]
            if is_in_doubt or size_of_group > HELD_BYTES // rows * group.rows:
                opened = opened or stack.enter_context(_with_dictionaries(path, columns))
                referred = _referred(opened, number, group.columns, limit - total)
                size_of_group = sum(column.unpacked for column in group.columns) + referred
            total += size_of_group
            if total > limit:
                raise bounds.exceeded(size)
            group.at_once = max(1, min(rows, HELD_BYTES * group.rows // max(1, size_of_group), _bearable(group.columns)))
    return groups


def _bearable(columns: list[Column]) -> int:
    """How many rows may be unpacked at once where each value may be as long as its page."""
    return max(1, LONG_BYTES // max(1, sum(column.longest for column in columns)))


def _count_empty_places(path: Path, groups: list[Group], limit: int) -> None:
    """Add to what columns unpack to what their types take beyond the values in the file.

    What cannot be told, as all of it may stand in a single row, counts as if it did.
    """
    from pyarrow import parquet

    with parquet.ParquetFile(path, pre_buffer=False) as file:
        leaves = [leaf for field in file.schema_arrow for leaf in _leaves(field.type)]
    for group in groups:
        if len(group.columns) != len(leaves):
            raise DamagedError("a row group does not have the columns of the schema")
        for column, leaf in zip(group.columns, leaves, strict=True):
            places = column.places if leaf.is_repeated else min(column.places, group.rows)
            column.unpacked = max(column.unpacked, min(places * leaf.width, limit + 1))
            if leaf.is_repeated:
                column.unpacked += min(column.shared, limit + 1)


def _leaves(kind: pa.DataType) -> Iterator[_Leaf]:
    """The columns that a field of this type consists of."""
    import pyarrow as pa

    if isinstance(kind, pa.BaseExtensionType):
        yield from _leaves(kind.storage_type)
    elif pa.types.is_fixed_size_list(kind):
        yield from (_Leaf(kind.list_size * leaf.width, leaf.is_repeated) for leaf in _leaves(kind.value_type))
    elif pa.types.is_nested(kind):
        is_list = not pa.types.is_struct(kind)
        for at in range(kind.num_fields):
            yield from (_Leaf(leaf.width, leaf.is_repeated or is_list) for leaf in _leaves(kind.field(at).type))
    else:
        try:
            yield _Leaf(max(1, kind.bit_width // 8))
        except ValueError:  # texts have any length
            yield _Leaf(VALUE_BYTES)


def taken(batch: pa.RecordBatch) -> int:
    """Bytes that rows take in memory, but for columns with dictionaries, which have been looked into before."""
    return sum(column.nbytes for column in batch.columns if not _has_dictionary(column.type))


def _has_dictionary(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return pa.types.is_dictionary(kind) or any(_has_dictionary(kind.field(at).type) for at in range(kind.num_fields))


def _with_dictionaries(path: Path, columns: list[Column]) -> pq.ParquetFile:
    """The file, to be read without writing out what stands in dictionaries."""
    from pyarrow import parquet

    names = sorted({column.name for column in columns if column.is_text})
    return parquet.ParquetFile(path, read_dictionary=names, pre_buffer=False)


def _referred(file: pq.ParquetFile, group: int, columns: list[Column], most: int) -> int:
    """How many bytes the values of a row group take that stand in dictionaries, each as often as it is referred to.

    Counting ends above `most`.
    """
    import pyarrow as pa

    names = [column.name for column in columns if column.is_text and column.references]
    total = 0
    rows = min(BATCH_ROWS, _bearable(columns))
    for batch in file.iter_batches(rows, row_groups=[group], columns=names, use_threads=False) if names else ():
        total += sum(_size(column) for column in pa.Table.from_batches([batch]).columns)
        if total > most:
            break
    return total


def _size(values: pa.ChunkedArray) -> int:
    """Bytes of the texts in a column with dictionaries at any depth."""
    import pyarrow as pa
    from pyarrow import compute

    total = 0
    for chunk in values.chunks:
        if isinstance(chunk, pa.DictionaryArray):
            lengths = compute.binary_length(chunk.dictionary).cast(pa.int64())
            total += compute.sum(lengths.take(chunk.indices)).as_py() or 0
        elif isinstance(chunk, pa.MapArray):
            total += _size(pa.chunked_array([chunk.keys])) + _size(pa.chunked_array([chunk.items]))
        elif isinstance(chunk, pa.StructArray):
            total += sum(_size(pa.chunked_array([part])) for part in chunk.flatten())
        elif pa.types.is_nested(chunk.type):
            total += _size(pa.chunked_array([chunk.flatten()]))
        else:
            total += chunk.nbytes
    return total


def _description(file: BinaryIO, bounds: Bounds) -> bytes:
    """What a Parquet file says of itself, at its end."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - END))
    end = file.read(END)
    length = int.from_bytes(end[:4], "little")
    if not end.endswith(b"PAR1") or length > size - END:
        raise DamagedError("it does not end as a Parquet file does")
    if length > bounds.row_bytes:
        limit = f"more than a row may ({bounds.row_bytes:,})"
        raise InputError(f"its description of itself takes {length:,} bytes, {limit}; raise --max-row-bytes")
    file.seek(size - END - length)
    return file.read(length)


def _described(description: bytes) -> list[Group]:
    """The row groups that a description names."""
    reader = _Compact(description)
    groups: list[Group] = []
    elements = 0
    try:
        for key, kind in reader.fields():
            if (key, kind) == (4, _LIST):
                groups = []
                for _ in reader.entries(_STRUCT):
                    groups.append(_group(reader))
                    elements += 1 + len(groups[-1].columns)
            else:
                elements += reader.skip(kind)
            if elements > MOST_ELEMENTS:
                raise DamagedError("it describes more columns than any corpus has")
    except IndexError:
        raise DamagedError("its description of itself is cut off") from None
    return groups


def _group(reader: _Compact) -> Group:
    group = Group()
    for key, kind in reader.fields():
        if (key, kind) == (1, _LIST):
            group.columns = []
            for _ in reader.entries(_STRUCT):
                group.columns.append(_chunk(reader))
                if len(group.columns) > MOST_ELEMENTS:
                    raise DamagedError("it describes more columns than any corpus has")
        elif (key, kind) == (3, _I64):
            group.rows = max(0, reader.number())
        else:
            reader.skip(kind)
    return group


def _chunk(reader: _Compact) -> Column:
    column = None
    for key, kind in reader.fields():
        if (key, kind) == (3, _STRUCT):
            column = _column(reader)
        else:
            reader.skip(kind)
    if column is None:
        raise DamagedError("a column has no description")
    return column


def _column(reader: _Compact) -> Column:
    column = Column()
    offsets = []
    for key, kind in reader.fields():
        if (key, kind) == (1, _I32):
            column.type = reader.number()
        elif (key, kind) == (3, _LIST):
            column.name = ".".join(reader.text() for _ in reader.entries(_BINARY))
        elif kind == _I64 and key in (7, 9, 11):
            number = reader.number()
            if key == 7:
                column.packed = max(0, number)
            elif number > 0:
                offsets.append(number)
        else:
            reader.skip(kind)
    column.offset = min(offsets, default=0)
    return column


def _look_at_pages(file: BinaryIO, column: Column) -> None:
    """Find out what a column unpacks to."""
    at, end = column.offset, column.offset + column.packed if column.offset else 0
    while at < end:
        page, length = _page(file, at)
        if page.unpacked < 0 or page.packed < 0 or page.values < 0:
            raise DamagedError("a page has no size")
        at += length + page.packed
        size = page.unpacked + page.values * VALUE_BYTES
        column.unpacked += size
        column.largest = max(column.largest, size)
        if page.kind == _DICTIONARY_PAGE:
            column.entries += page.unpacked
            continue
        column.places += page.values
        if page.encoding in _BY_DICTIONARY:
            column.references += page.values
        elif page.encoding == _BY_BEGINNINGS:
            column.shared += page.values * page.unpacked
            column.longest = max(column.longest, page.unpacked)


@dataclass(frozen=True, slots=True)
class _Page:
    """The header of a page; -1 stands for what it does not say."""

    kind: int
    unpacked: int
    packed: int
    values: int
    encoding: int


def _page(file: BinaryIO, at: int) -> tuple[_Page, int]:
    """The header of a page, and how long it is."""
    for size in HEADER_BYTES:
        file.seek(at)
        reader = _Compact(file.read(size))
        try:
            return _header(reader), reader.at
        except IndexError:  # it is longer
            continue
    raise DamagedError("a page has no header")


def _header(reader: _Compact) -> _Page:
    sizes: dict[int, int] = {}
    values, encoding = 0, -1
    for key, kind in reader.fields():
        if kind == _I32 and key in (1, 2, 3):
            sizes[key] = reader.number()
        elif kind == _STRUCT and key in (5, 8):  # of a page of the first or the second version
            for inner, of_kind in reader.fields():
                if (inner, of_kind) == (1, _I32):
                    values = reader.number()
                elif (inner, of_kind) == (2 if key == 5 else 4, _I32):
                    encoding = reader.number()
                else:
                    reader.skip(of_kind)
        else:
            reader.skip(kind)
    return _Page(sizes.get(1, -1), sizes.get(2, -1), sizes.get(3, -1), values, encoding)


class _Compact:
    """A reader of Thrift's compact protocol. It raises `IndexError` where the data ends, and `DamagedError`."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def fields(self) -> Iterator[tuple[int, int]]:
        """Number and type of each field of a structure; its value has to be read, or passed over, before the next one."""
        key = 0
        while head := self._byte():
            key = key + (head >> 4) if head >> 4 else self.number()
            yield key, head & 15

    def entries(self, kind: int) -> Iterator[int]:
        """The numbers of the entries of a list; each has to be read, or passed over, before the next one."""
        inner, length = self._list()
        if length and inner != kind:
            raise DamagedError("a list holds what it must not")
        yield from range(length)

    def number(self) -> int:
        """A whole number."""
        number = self._length()
        return (number >> 1) ^ -(number & 1)

    def text(self) -> str:
        """A text."""
        length = self._length()
        self.at += length
        if self.at > len(self.data):
            raise IndexError
        return self.data[self.at - length : self.at].decode("utf-8", "replace")

    def skip(self, kind: int, depth: int = 0) -> int:
        """Pass over a value; the number of the structures in it."""
        if kind in _WIDTHS:
            self.at += _WIDTHS[kind]
        elif kind in (4, _I32, _I64):
            self._length()
        elif kind == _BINARY:
            length = self._length()
            self.at += length
        elif kind == _STRUCT and depth < 16:
            return 1 + sum(self.skip(inner, depth + 1) for _, inner in self.fields())
        elif kind in (_LIST, 10) and depth < 16:
            inner, length = self._list()
            return sum(self.skip(3 if inner in (1, 2) else inner, depth + 1) for _ in range(length))
        else:
            raise DamagedError("it holds a value of a type that it must not")
        return 0

    def _list(self) -> tuple[int, int]:
        """The type of a list's entries, and how many there are."""
        head = self._byte()
        return head & 15, self._length() if head >> 4 == 15 else head >> 4

    def _byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def _length(self) -> int:
        number = shift = 0
        while True:
            byte = self._byte()
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number
            if shift > 63:
                raise DamagedError("it holds a number that is too large")
