"""What the commands tell people, on standard error."""

from __future__ import annotations

import click

from cleaner.model import CleanerError
from cleaner.report import printable

MESSAGE = 2000
"""Characters of a message that are shown."""


def count(number: int, noun: str) -> str:
    """The number and the noun, which gets an s where there is not one of it."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def one_line(message: CleanerError | str) -> str:
    """The message on one line, without control characters. What is too long loses its middle: the end says what to do."""
    text = printable(str(message))
    return text if len(text) <= MESSAGE else f"{text[: MESSAGE // 2]} … {text[-MESSAGE // 2 :]}"


def complain(error: CleanerError | str) -> None:
    """One line about what went wrong."""
    click.echo(f"cleaner: {one_line(error)}", err=True)
