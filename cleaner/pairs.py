"""Pairs: clean copies with their records, as `clean` wrote them to a folder, and what they say of the raw files."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import NamedTuple

from cleaner.files import COPY_SUFFIX, RECORD_SUFFIX, holds, read_bytes, walk, write_changed, writing
from cleaner.model import InputError, Record, RecordError
from cleaner.places import is_own, leads_out, native
from cleaner.provenance import SCHEMA, digest, encode, parse_record, restore

HEAD = 4096
"""Bytes at the start of a record that are looked at to tell whether it is one."""
MARK = SCHEMA.rpartition("/")[0].encode()


class Content(NamedTuple):
    """What a pair holds."""

    text: str
    """That of the copy."""
    record: Record
    written: str
    """The record as it is written."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A clean copy and its record."""

    copy: Path
    record: Path
    folder: Path | None = None
    """The folder that was named, out of which no link may lead; `None` if the pair was named itself, or links are followed."""

    def read(self) -> Content:
        """What copy and record hold. Raises `InputError` or `RecordError`, naming the file."""
        if not self.copy.exists():
            raise InputError(f"{self.copy}: the clean copy of {self.record.name} is missing; clean the raw file again")
        record, written = self._read_record()
        return Content(self._text(self.copy), record, written)

    def read_record(self) -> Record:
        """The record alone. Raises `InputError` or `RecordError`, naming the file."""
        return self._read_record()[0]

    def _read_record(self) -> tuple[Record, str]:
        written = self._text(self.record)
        try:
            return parse_record(written), written
        except RecordError as error:
            raise RecordError(f"{self.record}: {error}") from None

    def restore(self) -> tuple[bytes, Record]:
        """The raw file, byte for byte (of an HTML page: the extracted text), and the record.

        Raises `InputError` or `RecordError` if copy and record do not give it.
        """
        content = self.read()
        return self._raw(content), content.record

    def _raw(self, content: Content) -> bytes:
        record = content.record
        try:
            raw = restore(content.text, record)
            if record["extraction"]:
                return raw.encode("utf-8", "surrogatepass")
            return encode(raw, record["source"])
        except RecordError as error:
            raise RecordError(f"{self.copy}: {error}") from None

    def verify(self, source: Path | None = None, *, follow_links: bool = False) -> None:
        """Make sure that no byte of copy and record, and of the raw file in `source`, differs from when the copy was made.

        Raises `InputError` or `RecordError`, naming the file.
        """
        content = self.read()
        raw, record = self._raw(content), content.record
        if content.written != record.to_json():
            raise RecordError(f"{self.record}: was changed: it says the same, but `clean` writes it in another form")
        name = self.source_path(record)
        if name is None:
            return
        if name.with_suffix(COPY_SUFFIX).name != self.copy.name:
            raise RecordError(f"{self.record}: names {str(name)!r}, whose copy has another name; it was moved, or mixed up")
        if source is None:
            return
        path = source / name if follow_links else self._inside(source, name)
        if not path.exists():
            raise InputError(f"{self.copy}: its raw file {path} is gone")
        data = read_bytes(path)
        is_same = data == raw if not record["extraction"] else digest(data) == record["source"]["sha256"]
        if not is_same or len(data) != record["source"]["bytes"]:
            raise InputError(f"{self.copy}: its raw file {path} has changed; clean it again")

    def raw_path(self, root: Path, folder: Path, record: Record) -> Path:
        """Where in a folder the raw file goes: by the record's path; if it has none, or names a page, by the copy's name.

        Raises `RecordError` if that lies outside of the folder.
        """
        named = None if record["extraction"] else self.source_path(record)
        if named is not None and any(map(is_own, named.parts)):
            raise RecordError(
                f"{self.record}: its source path {str(named)!r} is the name of a file of a run, which would be removed"
            )
        return self._inside(folder, named or PurePosixPath(self.copy.relative_to(root).as_posix()))

    def source_path(self, record: Record) -> PurePosixPath | None:
        """The path of the raw file below its folder, if the record names one. Raises `RecordError` if it leads out of it."""
        named: str | None = record["source"]["path"]
        if named is None:
            return None
        path, on_windows = PurePosixPath(named), PureWindowsPath(named)
        if not path.parts or path.is_absolute() or on_windows.anchor or ".." in (*path.parts, *on_windows.parts):
            raise RecordError(f"{self.record}: its source path {named!r} leads out of the folder")
        with suppress(UnicodeEncodeError):
            if "\0" not in named:
                return PurePosixPath(native(named))
        raise RecordError(f"{self.record}: its source path {named!r} cannot be the name of a file")

    def _inside(self, folder: Path, name: PurePosixPath) -> Path:
        path = folder / name
        if leads_out(path, folder):
            raise RecordError(f"{self.record}: its source path {str(name)!r} leads out of the folder {folder}, by a link there")
        return path

    def _text(self, path: Path) -> str:
        if self.folder is not None and leads_out(path, self.folder):
            raise InputError(f"{path}: a link that leads out of the folder; --follow-links reads it")
        data = read_bytes(path)
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(
                f"{path}: byte 0x{data[error.start]:02x} at offset {error.start} is not utf-8; the file was changed"
            ) from None


def is_record(path: Path) -> bool:
    """True if a file begins as records of any version do, whether it is whole or not."""
    try:
        if path.is_file():
            with path.open("rb") as file:
                return MARK in file.read(HEAD)
    except OSError:
        pass  # who reads all of it is told
    return False


def write_pair(copy: Path, text: str, record: str) -> list[Path]:
    """Write a copy and its record, but for what is written already; the paths of the files that were written.

    The record takes its place first: alone, as a killed run may leave it, it says what it is, and a copy alone does not.
    Raises `InputError`, also if somebody else's files stand there.
    """
    contents = {copy: text.encode("utf-8"), copy.with_suffix(RECORD_SUFFIX): record.encode("utf-8")}
    with writing(copy):
        if not is_record(copy.with_suffix(RECORD_SUFFIX)):
            for target, data in contents.items():
                if _is_taken(target) and not holds(target, data):
                    what = "was not written by `cleaner clean`, or its record is gone or damaged"
                    raise InputError(f"{target}: {what}; move it away, or name another folder with --out")
    return write_changed(contents)


def _is_taken(path: Path) -> bool:
    """True if a file stands there that something else would take the place of; a link gives way."""
    return os.path.lexists(path) and not path.is_symlink() and not path.is_dir()


def find_pairs(folder: Path, *, follow_links: bool = False) -> list[Pair]:
    """All records under an output folder, in a fixed order, each with the path of its copy.

    A hidden file is one only if it looks so: systems and programs have hidden files of their own.
    """
    root = None if follow_links else folder
    found = walk(folder, follow_links=follow_links, with_hidden=True)
    files = (path for path in found if path.suffix == RECORD_SUFFIX and path.is_file())
    records = sorted(path for path in files if not path.name.startswith(".") or is_record(path))
    return [Pair(path.with_suffix(COPY_SUFFIX), path, root) for path in records]


def find_orphans(folder: Path, *, follow_links: bool = False) -> list[Path]:
    """The copies under an output folder that have no record."""
    copies = sorted(path for path in walk(folder, follow_links=follow_links) if path.suffix == COPY_SUFFIX)
    return [copy for copy in copies if not copy.with_suffix(RECORD_SUFFIX).exists()]
