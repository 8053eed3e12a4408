"""The standard streams: what is read and written there, and what the commands tell people, on standard error."""

from __future__ import annotations

import io
import sys
from typing import BinaryIO

import click

from cleaner.model import CleanerError, InputError, on_one_line

MESSAGE = 2000
"""Characters of a message that are shown."""


def count(number: int, noun: str) -> str:
    """The number and the noun, which gets an s where there is not one of it."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def one_line(message: CleanerError | str) -> str:
    """The message on one line, with escapes for control characters. A long one loses its middle: the end says what to do."""
    text = on_one_line(str(message))
    return text if len(text) <= MESSAGE else f"{text[: MESSAGE // 2]} … {text[-MESSAGE // 2 :]}"


def complain(error: CleanerError | str) -> None:
    """One line about what went wrong."""
    click.echo(f"cleaner: {one_line(error)}", err=True)


def standard_input() -> BinaryIO:
    """The bytes on standard input. Raises `InputError` if whoever started the process has closed it."""
    if sys.stdin is None:
        raise InputError("-: standard input is closed")
    return sys.stdin.buffer


def standard_output() -> BinaryIO:
    """Where results go. Raises `InputError` if whoever started the process has closed it."""
    if sys.stdout is None:
        raise InputError("standard output is closed, and the result would go there")
    return sys.stdout.buffer


def prepare_output() -> None:
    """Let results leave in UTF-8, whatever the locale, and let no character that a terminal's encoding lacks end the run."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding=None if sys.stdout.isatty() else "utf-8", errors="backslashreplace")


def is_watched() -> bool:
    """True if a person sees what is told while a command works."""
    return sys.stderr is not None and sys.stderr.isatty()
