"""The command line. Results go to standard output, everything else to standard error.

Exit codes: 0 nothing to report, or done; 1 something was found (`check`, `verify`) or written under
`--exit-non-zero-on-write`; 2 usage, settings, unreadable input, internal error; 128 + the number of the signal that
ended the command.

Each command is loaded when it is called; what they share stands in `options` and `terminal`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import click

from cleaner._version import __version__
from cleaner.packs import digest_of_built_in

COMMANDS: Mapping[str, str] = {
    "clean": "clean",
    "check": "check",
    "diff": "check",
    "restore": "copies",
    "verify": "copies",
    "rule": "rules",
    "settings": "settings",
    "stats": "copies",
}
"""By command the module in this package that holds it, in the order of the help."""
FAILED = 2


class Group(click.Group):
    """A group whose commands are loaded when they are called, and end with one line, not a traceback, on a user's mistake."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load a command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"{__name__}.{COMMANDS[cmd_name]}"), cmd_name)
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        """Find the command, or say which one was probably meant."""
        if args and args[0] not in COMMANDS:
            from cleaner.config import nearest

            ctx.fail(f"no command {args[0]!r}{nearest(args[0], COMMANDS)}")
        return super().resolve_command(ctx, args)

    def make_context(self, *args: Any, **named: Any) -> click.Context:
        """Read the arguments."""
        with _plain_usage():
            return super().make_context(*args, **named)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command and turn its errors, and signals, into messages and exit codes."""
        import traceback

        from cleaner.console import complain, prepare_output
        from cleaner.model import CleanerError, StoppedError
        from cleaner.reading import reason
        from cleaner.report import visible
        from cleaner.signals import stopping

        prepare_output()
        try:
            with stopping(), _plain_usage():
                return super().invoke(ctx)
        except CleanerError as error:
            complain(error)
            ctx.exit(128 + error.signal if isinstance(error, StoppedError) else FAILED)
        except BrokenPipeError:
            raise  # whoever read the output has seen enough, and click knows what to do
        except OSError as error:
            complain(f"{error.filename or ''}: {reason(error)}".removeprefix(": "))
            ctx.exit(FAILED)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            click.echo(visible(traceback.format_exc()), err=True, nl=False)
            complain(f"internal error, please report it: {type(error).__name__}: {error}")
            ctx.exit(FAILED)


@contextmanager
def _plain_usage() -> Iterator[None]:
    """Let messages about usage repeat no control characters: an argument may be the name of a file."""
    try:
        yield
    except click.UsageError as error:
        from cleaner.console import one_line

        raise click.UsageError(one_line(error.format_message()), error.ctx) from None


def _show_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value:
        click.echo(f"cleaner {__version__} (rules {digest_of_built_in()[:12]})")
        ctx.exit()


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version and exit."
)
def main() -> None:
    """Find and remove what is not the article: a linter and fixer for article text.

    \b
    cleaner check seeds                 show what is found, and where
    cleaner clean seeds --out clean     write clean copies with their records
    cleaner restore clean --out raw     write the raw files again, byte for byte
    """
