"""`mailbot rules show`: a process, drawn."""

import shutil

import click

from mailbot.cli import setting
from mailbot.cli.output import is_terminal
from mailbot.cli.rules.folders import chosen

WIDTH = 100


@click.command()
@click.argument("type_", metavar="TYPE")
@click.option(
    "--format", "as_", type=click.Choice(["text", "mermaid", "svg"]), default="text", help="svg: to be put into a file."
)
def show(type_: str, as_: str) -> None:
    """The steps of a process: which come after which, who is asked, when, and within what time."""
    from mailbot.process import chart  # noqa: PLC0415 (only who draws pays for it)

    with setting.bot() as bot:
        process = chosen(bot.load_rules(), type_)
    match as_:
        case "mermaid":
            drawn = chart.mermaid(process)
        case "svg":
            drawn = chart.svg(process)
        case _:
            width = min(shutil.get_terminal_size().columns, 120) if is_terminal() else WIDTH
            drawn = chart.text(process, width)
    click.echo(drawn, nl=False)
