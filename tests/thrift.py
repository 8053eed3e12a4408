"""Parquet files whose description of themselves says what one likes: Thrift's compact protocol, read and written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

BINARY, LIST, STRUCT = 8, 9, 12
Fields = dict[int, tuple[int, Any]]
"""The fields of a structure: by number their type and value."""


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def unsigned(self) -> int:
        number = shift = 0
        while True:
            byte = self.byte()
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    def signed(self) -> int:
        number = self.unsigned()
        return (number >> 1) ^ -(number & 1)

    def struct(self) -> Fields:
        fields: Fields = {}
        key = 0
        while head := self.byte():
            key = key + (head >> 4) if head >> 4 else self.signed()
            fields[key] = (head & 15, self.value(head & 15))
        return fields

    def value(self, kind: int) -> Any:
        if kind in (1, 2):
            return kind
        if kind in (4, 5, 6):
            return self.signed()
        if kind == BINARY:
            length = self.unsigned()
            self.at += length
            return self.data[self.at - length : self.at]
        if kind == LIST:
            head = self.byte()
            length = self.unsigned() if head >> 4 == 15 else head >> 4
            return (head & 15, [self.value(head & 15) for _ in range(length)])
        return self.struct()


def _unsigned(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def _written(kind: int, value: Any) -> bytes:
    if kind in (1, 2):
        return b""
    if kind in (4, 5, 6):
        return _unsigned(2 * value if value >= 0 else -2 * value - 1)
    if kind == BINARY:
        return _unsigned(len(value)) + value
    if kind == LIST:
        inner, entries = value
        return bytes([0xF0 | inner]) + _unsigned(len(entries)) + b"".join(_written(inner, entry) for entry in entries)
    fields = b"".join(bytes([of]) + _unsigned(2 * key) + _written(of, inner) for key, (of, inner) in sorted(value.items()))
    return fields + b"\0"


def description(path: Path) -> tuple[bytes, Fields]:
    """What stands in a Parquet file before its description of itself, and that."""
    data = path.read_bytes()
    length = int.from_bytes(data[-8:-4], "little")
    return data[: -8 - length], _Reader(data[-8 - length : -8]).struct()


def write(path: Path, body: bytes, fields: Fields) -> Path:
    """Write a Parquet file that describes itself so."""
    footer = _written(STRUCT, fields)
    path.write_bytes(body + footer + len(footer).to_bytes(4, "little") + b"PAR1")
    return path
