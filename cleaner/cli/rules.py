"""`cleaner rule`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from cleaner import report
from cleaner.cli.options import FOUND
from cleaner.console import count, one_line
from cleaner.pipeline import problems_of
from cleaner.registry import CATEGORIES, built_in, load


@click.command()
@click.argument("codes", nargs=-1)
@click.option(
    "--output-format", type=click.Choice(["text", "json", "markdown"]), default="text", help="How rules are printed. [text]"
)
@click.option(
    "--test", "packs", multiple=True, type=click.Path(path_type=Path), help="Try the examples of a rule pack of your own."
)
@click.pass_context
def rule(ctx: click.Context, /, codes: tuple[str, ...], output_format: str, packs: tuple[Path, ...]) -> None:
    """Explain rules by code or name; list a category, or all rules.

    \b
    cleaner rule
    cleaner rule REL
    cleaner rule REL001
    cleaner rule --test rules/mine.toml
    """
    if packs:
        ctx.exit(_test_packs(packs))
    rules = built_in()
    chosen = [one for code in codes for one in rules.of_category(code.upper()) or (rules.find(code),)] or list(rules.rules)
    if output_format == "json":
        click.echo(report.to_json([report.rule_dict(one) for one in chosen], indent=2))
    elif output_format == "markdown":
        click.echo("\n".join(report.rules_markdown(chosen)))
    elif all(code.upper() in CATEGORIES for code in codes):
        _list_rules(chosen)
    else:
        click.echo("\n\n".join(map(report.rule_page, chosen)))


def _test_packs(packs: tuple[Path, ...]) -> int:
    """Try the rules of the packs on their own examples; 1 if one fails."""
    own = {one.code for one in built_in().rules}
    tested = [one for one in load(packs).rules if one.code not in own]
    problems = [problem for one in tested for problem in problems_of(one, packs)]
    for problem in problems:
        click.echo(one_line(problem))
    click.echo(f"{count(len(tested), 'rule')} tested, {count(len(problems), 'problem')}", err=True)
    return FOUND if problems else 0


def _list_rules(rules: list[Any]) -> None:
    category = ""
    for one in rules:
        if one.category != category:
            category = one.category
            click.echo(f"{category}  {CATEGORIES.get(category, '')}".rstrip())
        click.echo(f"  {one.code}  {one.confidence:.2f}  {one.name:28}  {one.what}")
