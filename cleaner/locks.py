"""Locks: one run at a time writes the same files, and removes what one that was killed has left half-written.

A lock is the system's, not the file's: it goes with the process, however that ends. What a killed run leaves behind
keeps nobody out.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from cleaner.model import InputError
from cleaner.places import LOCK_SUFFIX, MADE, TEMPORARY, resolved
from cleaner.reading import reason

NO_LINKS = getattr(os, "O_NOFOLLOW", 0)
"""Opens a file itself, never one that a link in its place names."""
_NO_WAITING = getattr(os, "O_NONBLOCK", 0)
_BYTES = getattr(os, "O_BINARY", 0)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep a second run from writing the same files, by a lock on this one, which is removed at the end. Raises `InputError`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT | NO_LINKS)
    except OSError as error:
        raise InputError(f"{path.parent}: cannot be written: {reason(error)}") from error
    try:
        if not _is_taken(file, path):
            raise InputError(f"{path.parent}: another run writes the same files; wait for its end, or name another --out")
        try:
            yield
        finally:
            with suppress(OSError):
                path.unlink()
    finally:
        os.close(file)


def _is_taken(file: int, path: Path) -> bool:
    """Take the lock on an open file. False if another run has it."""
    if sys.platform == "win32":
        return True  # no locks there
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True  # this file system has no locks
    try:
        # A run that ended in between has removed the file that was opened, and a third one may hold a new one.
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def claimed(path: Path, *, is_new: bool) -> BinaryIO | None:
    """Open a file to write to, with a lock as long as it is open; `None` if another run has it. Raises `OSError`.

    In the place of a new one nothing is left: a killed run may have left it, or it is a trap, such as a link to another file.
    """
    if is_new and not removed(path):
        return None
    try:
        file = os.open(path, os.O_RDWR | NO_LINKS | _BYTES | (os.O_CREAT | os.O_EXCL if is_new else 0), 0o666)
    except FileExistsError:
        return None  # another run was faster
    if _is_taken(file, path):
        return os.fdopen(file, "r+b")
    os.close(file)
    return None


def removed(path: Path) -> bool:
    """Remove a file, with what was made of it, that a run which was killed has left. False if a run that is at work has it.

    Raises `OSError` if it cannot be removed.
    """
    made = path.with_name(f"{path.name}{MADE}")
    try:
        file = _opened(path)
    except PermissionError:
        raise  # it is somebody else's, whose run may be at work
    except OSError as error:  # it is not there, or a link, say, which no run holds
        made.unlink(missing_ok=True)
        path.unlink(missing_ok=isinstance(error, FileNotFoundError))
        return True
    try:
        if not _is_taken(file, path):
            return False
        made.unlink(missing_ok=True)
        if sys.platform != "win32":
            path.unlink()
    finally:
        os.close(file)
    if sys.platform == "win32":
        path.unlink()  # no open file can be removed there
    return True


def _opened(path: Path) -> int:
    """Open a file for nothing but its lock, which some file systems give only to those who may write."""
    try:
        return os.open(path, os.O_RDWR | NO_LINKS | _NO_WAITING)
    except PermissionError:
        return os.open(path, os.O_RDONLY | NO_LINKS | _NO_WAITING)


class Alone:
    """The locks on a folder, and on one of the folders in it at a time: that into which is written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._here: Path | None = folder
        self._lock = ExitStack()

    def enter(self, folder: Path) -> None:
        """Keep other runs from a folder that is to be written to, until another one is. Raises `InputError` if one is there."""
        if folder == self._here:
            return
        self.leave()
        if resolved(folder) != resolved(self._folder):
            self._lock.enter_context(locked(folder / LOCK_SUFFIX))
            sweep(folder, TEMPORARY, deep=False)
        self._here = folder

    def leave(self) -> None:
        """Let other runs write to the folder that was entered."""
        self._here = None
        self._lock.close()


@contextmanager
def alone_in(folder: Path) -> Iterator[Alone]:
    """Keep a second run from writing to the folder, and begin without what a killed one left. Raises `InputError`."""
    with locked(folder / LOCK_SUFFIX):
        sweep(folder, TEMPORARY)
        alone = Alone(folder)
        try:
            yield alone
        finally:
            alone.leave()


def sweep(folder: Path, suffix: str, *, deep: bool = True) -> None:
    """Remove what killed runs have left under a folder that is locked, in files whose names end so.

    Folders in which there are locks of others are left to the runs that hold them, or to the next ones there.
    """
    for place, folders, names in os.walk(folder):
        others = any(name.endswith(LOCK_SUFFIX) and Path(place, name) != folder / LOCK_SUFFIX for name in names)
        if others or not deep:
            folders.clear()
        if others:
            continue
        for name in names:
            if name.startswith(".") and name.endswith((suffix, suffix + MADE)):
                with suppress(OSError):
                    removed(Path(place, name.removesuffix(MADE)))
