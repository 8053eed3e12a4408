"""Reading files whole that nobody vouches for: regular ones, of bounded size, and TOML in bounded time."""

from __future__ import annotations

import os
import re
import stat
import tomllib
from pathlib import Path
from typing import Any

MAX_TOML_BYTES = 2**19
"""People write settings and rule packs by hand; the largest pack of the package has a sixth of this."""
KEY_PARTS = 12
"""Reading a key of TOML takes time and memory that grow with the square of its parts, and people write two or three."""
_LONG_KEY = re.compile(
    rb"""(?:(?:(?<![\w-])[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){%d}""" % KEY_PARTS  # or words that look like one
)
CHANGED = "changed while it was read; run the command again when nobody writes to it"


class UnreadableError(Exception):
    """A file cannot be read; the message says why, without its name."""


def read_regular(path: Path, most: int, what: str) -> bytes:
    """The content of a regular file of at most `most` bytes; `what` it should be, for the message. Raises `UnreadableError`."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            before = os.fstat(file.fileno())
            if not stat.S_ISREG(before.st_mode):
                raise UnreadableError("not a regular file")
            data = file.read(min(before.st_size, most) + 1)
            if len(data) > before.st_size:  # it grew, or the system does not say how large it is
                data += file.read(most + 1 - len(data))
            size = max(len(data), before.st_size)
            if size > most:
                raise UnreadableError(f"{size:,} bytes are more than {what} has ({most:,}); split the file")
            if state_of(os.fstat(file.fileno())) != state_of(before):
                raise UnreadableError(CHANGED)
            return data
    except IsADirectoryError:
        raise UnreadableError("not a regular file") from None
    except PermissionError:
        raise UnreadableError("no permission to read it; change its mode or leave it out") from None
    except OSError as error:
        raise UnreadableError(f"cannot be read: {reason(error)}") from error


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; of a pipe, do not wait until somebody writes to it."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def state_of(info: os.stat_result) -> tuple[int, int, int]:
    """What changes when somebody writes to a file, or puts another one in its place."""
    return info.st_ino, info.st_size, info.st_mtime_ns


def reason(error: OSError) -> str:
    """What the system says about an error, as the end of a message."""
    return (error.strerror or str(error)).lower()


def parse_toml(data: bytes) -> dict[str, Any]:
    """The table of a TOML file. Raises `UnreadableError`."""
    if (found := _LONG_KEY.search(data)) is not None:
        line = data.count(b"\n", 0, found.start()) + 1
        raise UnreadableError(f"not a TOML file that people write: a key of more than {KEY_PARTS} parts in line {line}")
    try:
        return tomllib.loads(data.decode("utf-8"))
    except RecursionError:
        raise UnreadableError("not a TOML file that people write: nested too deep") from None
    except ValueError as error:  # of TOML, of UTF-8, or of a number with too many digits
        raise UnreadableError(f"not a TOML file: {error}") from error
