"""`mailbot rules`: are the rule files right?"""

import click

from mailbot.cli import setting


@click.group()
def rules() -> None:
    """The rule files."""


@rules.command()
def check() -> None:
    """Syntax, names, types of expressions, and each process as a graph."""
    with setting.bot() as bot:
        found = bot.load_rules()
    for warning in found.warnings:
        click.echo(str(warning), err=True)
    click.echo(f"{len(found.processes)} processes hold: {', '.join(found.processes)}")
