"""Options that several commands share, and the settings that come of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from cleaner.config import INPUTS, PROFILES, Config, find_config, read_config
from cleaner.model import ConfigError, RuleError
from cleaner.places import portable
from cleaner.registry import built_in, load

FOUND, FAILED = 1, 2
"""Exit codes."""

Command = TypeVar("Command", bound=Callable[..., Any])

paths = click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
copies = click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
quiet = click.option("-q", "--quiet", is_flag=True, default=None, help="Print errors only.")


def rule_options(command: Command) -> Command:
    """The options that choose rules and how sure they must be; each has a setting of the same name."""
    for option in reversed(
        [
            click.option("--profile", type=click.Choice(list(PROFILES)), help="How sure a finding must be. [default]"),
            click.option(
                "--select", multiple=True, metavar="CODES", help="Use only these rules: codes or prefixes, comma separated."
            ),
            click.option("--extend-select", multiple=True, metavar="CODES", help="Use these rules, too."),
            click.option("--ignore", multiple=True, metavar="CODES", help="Do not use these rules."),
            click.option(
                "--per-file-ignores",
                multiple=True,
                metavar="PATTERN:CODES",
                help="Do not use these rules for the files that the pattern fits.",
            ),
            click.option(
                "--input",
                type=click.Choice(INPUTS),
                help="What the texts are: extracted articles or whole pages. [auto: as each looks]",
            ),
            click.option("--extend-rules", multiple=True, metavar="FILE", help="A rule pack of your own (TOML)."),
            click.option("--protect", multiple=True, metavar="REGEX", help="Text that no rule may touch."),
            click.option("--encoding", metavar="NAME", help="Encoding of text files without a byte order mark. [utf-8]"),
        ]
    ):
        command = option(command)
    return link_options(command)


def link_options(command: Command) -> Command:
    """The options that say whether links are followed, and where that, and all else, is set."""
    for option in reversed(
        [
            click.option(
                "--follow-links",
                is_flag=True,
                default=None,
                help="Follow links in folders: to files outside of them, and to folders.",
            ),
            click.option("--config", "config_path", type=click.Path(path_type=Path), help="Read the settings from this file."),
            click.option("--isolated", is_flag=True, help="Do not look for settings."),
        ]
    ):
        command = option(command)
    return command


def found_config(options: dict[str, Any]) -> tuple[Config, Path | None]:
    """The settings of a file, before options, and the file."""
    path: Path | None = options.pop("config_path")
    is_isolated = options.pop("isolated")
    if is_isolated and path is None:
        return Config(), None
    return (read_config(path), path) if path is not None else find_config(Path.cwd())


def check_codes(config: Config, path: Path) -> None:
    """Raise `ConfigError`, naming file and key, if the settings of a file name rules that are not there."""
    packs = [Path(pack) for pack in config.extend_rules]
    rules = load(packs) if packs else built_in()
    named = {
        "select": config.select,
        "extend-select": config.extend_select,
        "ignore": config.ignore,
        "per-file-ignores": tuple(code for _, codes in config.per_file_ignores for code in codes),
    }
    for key, codes in named.items():
        try:
            rules.matching(codes, key)
        except RuleError as error:
            raise ConfigError(f"{path}: {error}") from None


def config_of(options: dict[str, Any], *, with_rules: bool = True) -> Config:
    """The settings for a command: its options win over a file. Without rules, what is said of them is not looked at."""
    config, path = found_config(options)
    if path is not None and with_rules:
        check_codes(config, path)
    return config.override(**_values(options))


def _values(options: dict[str, Any]) -> dict[str, Any]:
    """The options that were given, as settings."""
    values = {name: value for name, value in options.items() if value not in (None, ())}
    for name in values.keys() & {"select", "extend_select", "ignore"}:
        values[name] = _codes(values[name])
    if "per_file_ignores" in values:
        values["per_file_ignores"] = tuple(map(_ignored, values["per_file_ignores"]))
    if "out" in values:
        values["out"] = str(values["out"])
    return {name: value for name, value in values.items() if value is not None}


def _codes(values: tuple[str, ...]) -> tuple[str, ...] | None:
    return tuple(code.strip().upper() for value in values for code in value.split(",") if code.strip()) or None


def _ignored(value: str) -> tuple[str, tuple[str, ...]]:
    pattern, colon, codes = value.rpartition(":")
    if not colon or not pattern:
        raise click.UsageError(f"--per-file-ignores {value!r}: give a pattern, a colon and codes, as in 'raw/*.txt:CAP,TAG'")
    return portable(pattern), _codes((codes,)) or ()
