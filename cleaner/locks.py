"""Locks: one run at a time writes the same files, and removes what one that was killed has left half-written."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cleaner.model import InputError
from cleaner.places import LOCK_SUFFIX, TEMPORARY
from cleaner.reading import reason

NO_LINKS = getattr(os, "O_NOFOLLOW", 0)
"""Opens a file itself, never one that a link in its place names."""


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep a second run from writing the same files. Raises `InputError`.

    The lock is the system's, not the file's: it goes with the process, however that ends. A file that a killed run
    left behind keeps nobody out, and the next run removes it.
    """
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


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep a second run from writing to the folder, and begin without what a killed one left. Raises `InputError`."""
    with locked(folder / LOCK_SUFFIX):
        sweep(folder)
        yield


def sweep(folder: Path) -> None:
    """Remove the temporary files under a folder that is locked: whoever made them is gone.

    Folders in it that have a lock of their own are left to the run that holds it, or to the next one there.
    """
    for place, folders, names in os.walk(folder):
        if LOCK_SUFFIX in names and Path(place) != folder:
            folders.clear()
            continue
        for name in names:
            if name.startswith(".") and name.endswith(TEMPORARY):
                with suppress(OSError):
                    Path(place, name).unlink()
