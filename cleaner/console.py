"""What the commands tell people, on standard error."""

from __future__ import annotations

import click

from cleaner.model import CleanerError
from cleaner.report import printable


def count(number: int, noun: str) -> str:
    """The number and the noun, which gets an s where there is not one of it."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def complain(error: CleanerError | str) -> None:
    """One line about what went wrong."""
    click.echo(f"cleaner: {printable(str(error), 2000)}", err=True)
