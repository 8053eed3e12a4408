"""`cleaner settings`."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import click

from cleaner import report
from cleaner.cli.options import check_codes, found_config
from cleaner.config import Config


@click.command()
@click.option("--config", "config_path", type=click.Path(path_type=Path), help="Read the settings from this file.")
@click.option("--isolated", is_flag=True, help="Do not look for settings.")
def settings(**options: Any) -> None:
    """Show the settings that are in force here, and where each comes from."""
    config, path = found_config(options)
    if path is not None:
        check_codes(config, path)
    default = Config()
    for item in fields(Config):
        value = getattr(config, item.name)
        source = "default" if value == getattr(default, item.name) or path is None else str(path)
        shown = {key: list(codes) for key, codes in value} if item.name == "per_file_ignores" else value
        click.echo(f"{item.name.replace('_', '-')} = {report.to_json(shown)}  # {report.name(source, 500)}")
