"""What a run found out about files, for the next run: texts by keys, in a folder that may be removed at any time."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType

FILE = "results-1.db"
"""The number changes with what the table holds."""
MOST_ENTRIES = 250_000
"""More are not kept; the oldest ones go."""
MAPPED_BYTES = 2**30
"""So much of the file at most is read by looking at memory, which is much faster."""
WRITTEN_AT_ONCE = 5_000
"""So many new entries are held at most: memory is bounded, and a run that is killed has kept the others."""
LOCKED_SECONDS = 5.0
"""So long a run waits for another one that writes, and then goes on without."""

_IGNORED = "# Made by cleaner.\n*\n"
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# This folder holds a cache of cleaner; see https://bford.info/cachedir/\n"


class Cache:
    """A table of texts in a SQLite file, with everything that a program expects of a folder for caches.

    Never fails: where the file cannot be read or written, nothing is known and nothing is kept. Keys must be digests over
    all that a value depends on, so that nothing can be stale. Not for use from several threads.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._new: dict[str, str] = {}
        self._known: sqlite3.Connection | None = None
        # Nobody but a stranger makes a link of the folder or the file, to have something else be written.
        self._is_usable = not folder.is_symlink()
        with suppress(OSError, sqlite3.Error):
            if (folder / FILE).is_symlink() and self._is_usable:
                (folder / FILE).unlink()
            if (folder / FILE).is_file() and self._is_usable:
                self._known = sqlite3.connect(f"{(folder / FILE).resolve().as_uri()}?mode=ro", uri=True, timeout=LOCKED_SECONDS)
                self._known.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")

    def __enter__(self) -> Cache:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def get(self, key: str) -> str | None:
        """The value that was put under a key by this or an earlier run; of this one, not if many were put since."""
        if key in self._new:
            return self._new[key]
        if self._known is None:
            return None
        try:
            row = self._known.execute("SELECT value FROM results WHERE key = ?", (key,)).fetchone()
        except sqlite3.Error:  # another program's file, a damaged one, or one that another run does not let go
            self._forget()
            return None
        return row[0] if row is not None and isinstance(row[0], str) else None

    def put(self, key: str, value: str) -> None:
        """Keep a value; it is written with others, at the latest when the cache is closed."""
        self._new[key] = value
        if len(self._new) >= WRITTEN_AT_ONCE:
            self._save()

    def close(self) -> None:
        """Write what is new."""
        self._forget()
        self._save()

    def _forget(self) -> None:
        with suppress(sqlite3.Error):
            if self._known is not None:
                self._known.close()
        self._known = None

    def _save(self) -> None:
        new, self._new = self._new, {}
        if not new or not self._is_usable:
            return
        with suppress(OSError):
            try:
                self._write(new)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    return  # locked, or no place to write to
                (self._folder / FILE).unlink(missing_ok=True)
                with suppress(sqlite3.Error):
                    self._write(new)

    def _write(self, new: Mapping[str, str]) -> None:
        if not self._folder.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            for name, content in ((".gitignore", _IGNORED), ("CACHEDIR.TAG", _TAG)):  # not in a folder of somebody else
                with suppress(FileExistsError), (self._folder / name).open("x", encoding="utf-8") as file:
                    file.write(content)
        with closing(sqlite3.connect(self._folder / FILE, timeout=LOCKED_SECONDS)) as table, table:
            table.execute("CREATE TABLE IF NOT EXISTS results (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
            table.executemany("INSERT OR REPLACE INTO results VALUES (?, ?)", new.items())
            table.execute("DELETE FROM results WHERE rowid <= (SELECT max(rowid) FROM results) - ?", (MOST_ENTRIES,))
