"""Places: where paths lead, whatever links stand on the way, and where nothing must be written."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from cleaner.model import InputError


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


def check_folder(out: Path) -> None:
    """Raise `InputError` if no folder can stand, or be made, where one is named with --out."""
    if out.is_symlink() and not out.exists():
        raise InputError(f"{out}: the link leads nowhere; mend or remove it")
    if out.exists() and not out.is_dir():
        raise InputError(f"{out}: is a file; name a folder with --out")
