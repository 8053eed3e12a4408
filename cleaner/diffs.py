"""The difference between raw and clean text, for people: unified, or side by side."""

from __future__ import annotations

import difflib
import io
import unicodedata
from collections.abc import Iterator
from itertools import zip_longest

CONTEXT = 1
"""Unchanged lines around a change in the side-by-side form."""
GAP = " │ "
NO_BREAK = "\\ No newline at end of file"
"""What `diff` writes behind a last line without a line break, and `patch` understands."""


def unified(name: str, before: str, after: str) -> Iterator[str]:
    """The lines of a unified diff, without line breaks at their ends; empty if nothing changed.

    Where a text has no line break at its end, this is said in a line, as `diff` and `git` do.
    """
    old, new = (io.StringIO(text, newline="\n").readlines() for text in (before, after))  # breaks at line feeds alone
    for line in difflib.unified_diff(old, new, name, f"{name} (clean)"):
        yield line.removesuffix("\n")
        if not line.endswith("\n"):
            yield NO_BREAK


def side_by_side(before: str, after: str, width: int) -> Iterator[tuple[str, str]]:
    """(mark, line of two columns) pairs for a terminal of `width` cells, with a little of what surrounds changes.

    The mark is `-` for what goes, `~` for what changes, `+` for what is new, a space for what stays, and `@`
    where unchanged lines are left out. A missing line break at the end is not shown.
    """
    old, new = (text.removesuffix("\n").split("\n") for text in (before, after))
    cells = max(10, (width - len(GAP)) // 2)
    groups = difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT)
    for number, group in enumerate(groups):
        if number:
            yield "@", "…"
        for tag, first, last, start, end in group:
            mark = {"equal": " ", "delete": "-", "insert": "+", "replace": "~"}[tag]
            for left, right in zip_longest(old[first:last], new[start:end], fillvalue=""):
                for one, other in zip_longest(wrapped(left, cells), wrapped(right, cells), fillvalue=""):
                    yield mark, f"{padded(one, cells)}{GAP}{other}".rstrip()


def width_of(text: str) -> int:
    """Cells that the text takes on a terminal: East Asian wide characters take two, combining ones none."""
    return sum(0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def padded(text: str, cells: int) -> str:
    """The text with spaces up to `cells`."""
    return text + " " * max(0, cells - width_of(text))


def wrapped(text: str, cells: int) -> list[str]:
    """The text without control characters, cut into pieces of at most `cells`, at spaces where there are some."""
    text = "".join(char if char.isprintable() else " " for char in text)
    lines = []
    while width_of(text) > cells:
        end = taken = 0
        while taken + width_of(text[end]) <= cells:
            taken += width_of(text[end])
            end += 1
        space = text.rfind(" ", 1, end + 1)
        at = space if space > 0 else end
        lines.append(text[:at])
        text = text[at:].lstrip(" ")
    return [*lines, text]
