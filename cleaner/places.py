"""Places: where paths lead, whatever links stand on the way, and where nothing must be written."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from cleaner.model import InputError

LOCK_SUFFIX = ".cleaner-lock"
TEMPORARY = ".cleaner-tmp"
PART_SUFFIX = ".cleaner-part"
STATE_SUFFIX = ".cleaner-state"
"""How the names of files end that are there while a run is at work, or when it was killed. All of them are hidden."""
MADE, NEW = ".made", ".new"
"""End the name of what is made of a part, and of a state that takes the place of the one before."""


def is_own(name: str) -> bool:
    """True if a file of this name would be taken for one of a run, and removed."""
    suffixes = (LOCK_SUFFIX, TEMPORARY, PART_SUFFIX, PART_SUFFIX + MADE, STATE_SUFFIX, STATE_SUFFIX + NEW)
    return name.startswith(".") and name.lower().endswith(suffixes)


def portable(path: str) -> str:
    """A path as records hold it: in UTF-8, whatever the locale takes the names of files for; other bytes are lone surrogates."""
    try:
        return os.fsencode(path).decode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return path  # it does not come from this system


def native(path: str) -> str:
    """The path, of one that a record holds, by which its file is found here. Raises `UnicodeEncodeError` if it is none."""
    return os.fsdecode(path.encode("utf-8", "surrogateescape"))


def resolved(path: Path) -> Path:
    """The path without links. Where links lead in a circle it stays as it is, which `Path.resolve` takes for an error."""
    return Path(os.path.realpath(path))


def leads_out(path: Path, folder: Path) -> bool:
    """True if links lead from a path in a folder out of it, or in a circle."""
    return not resolved(path).is_relative_to(resolved(folder)) or _is_circle(path)


def _is_circle(path: Path) -> bool:
    try:
        path.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


def check_inside(path: Path, folder: Path, *, follow_links: bool) -> None:
    """Raise `InputError` if a link in a folder would have a file be written outside of it, and nobody asked for that."""
    if not follow_links and leads_out(path.parent, folder):
        raise InputError(f"{path}: a link in {folder} leads out of it; --follow-links writes there")


def check_folder(out: Path, instead: str = "name a folder with --out") -> None:
    """Raise `InputError` if no folder can stand, or be made, where one is named; `instead` says what to do then."""
    if out.is_symlink() and not out.exists():
        raise InputError(f"{out}: the link leads nowhere; mend or remove it")
    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: is a file; {instead}")


class Reserved:
    """What a run reads: the places of these files, into which nothing must be written, nor new files into their folders."""

    def __init__(self, files: Iterable[Path], folders: Iterable[Path] = (), besides: Path | None = None) -> None:
        """`besides` is the output folder: if it lies in one of the folders, it is not read with it and may be written to."""
        self._resolved = cache(resolved)  # many files stand in few folders
        self._files: dict[str, list[Path]] = {}
        for file in files:
            for place in {self._place(file), resolved(file)} if file.is_symlink() else {self._place(file)}:
                self._files.setdefault(str(place).casefold(), []).append(place)
        self._folders = [
            folder for folder in map(resolved, folders) if besides is None or not resolved(besides).is_relative_to(folder)
        ]

    def holder(self, target: Path) -> Path | None:
        """The file that would be lost if the target were written, or the folder that would get a file more, if there is one."""
        place = self._place(target)
        for file in self._files.get(str(place).casefold(), ()):
            if file == place or _is_same_file(file, place):
                return file
        return next((folder for folder in self._folders if place.is_relative_to(folder)), None)

    def _place(self, path: Path) -> Path:
        """Where a file stands that is written at a path: a link there gives way."""
        return self._resolved(path.parent) / path.name


def _is_same_file(one: Path, other: Path) -> bool:
    """True if names that differ in case are those of one file, as some file systems have it."""
    try:
        return one.samefile(other)
    except OSError:
        return False
