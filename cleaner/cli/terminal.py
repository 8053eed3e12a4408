"""What is printed for people: colors, and texts without control characters."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from itertools import islice

import click

from cleaner.console import standard_output
from cleaner.report import plain_json, visible

BUNDLE = 200
"""Lines that are printed at once."""


def has_color() -> bool:
    """True if the output may be colored."""
    return is_terminal() and not os.environ.get("NO_COLOR")


def is_terminal() -> bool:
    """True if a person reads the output as it comes."""
    return sys.stdout is not None and sys.stdout.isatty()


def echo_lines(lines: Iterable[str]) -> None:
    """Print lines: each at once for a person, and in bundles for a program."""
    standard_output()
    waiting = iter(lines)
    while bundle := list(islice(waiting, 1 if is_terminal() else BUNDLE)):
        click.echo("\n".join(bundle))


def echo_text(text: str, mark: str = "", *, nl: bool = True) -> None:
    """Print what an article holds: as it is for programs, and without control characters for a terminal."""
    standard_output()
    shown = colored(mark, visible(text)) if is_terminal() else text
    click.echo(shown, nl=nl, color=True)  # which keeps click from taking out what looks like a color


def echo_rows(rows: bytes) -> None:
    """Print JSON lines: as they are for programs, and with escapes for what a terminal would not print, for a terminal."""
    if is_terminal():
        click.echo(plain_json(rows.decode("utf-8", "replace")), nl=False)
    else:
        standard_output().write(rows)


def colored(mark: str, line: str) -> str:
    """A line of a difference in the color of its mark."""
    color = {"-": "red", "+": "green", "~": "yellow", "@": "cyan"}.get(mark)
    return click.style(line, fg=color) if color and has_color() else line
