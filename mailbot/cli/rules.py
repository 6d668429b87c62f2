"""`mailbot rules`: are the rule files right?"""

from pathlib import Path

import click

from mailbot.bot import Bot
from mailbot.cli import setting
from mailbot.cli.group import Group
from mailbot.cli.output import tell_faults
from mailbot.errors import Fault, Faulty, Usage
from mailbot.process.definition import Process
from mailbot.process.rules import load


@click.group(cls=Group, later=("test", "show", "replay"))
def rules() -> None:
    """The rule files: one trade process each."""


@rules.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="[FILE…]")
def check(files: tuple[Path, ...]) -> None:
    """Syntax, names, types of expressions, and each process as a graph. With FILE…, tell of these alone."""
    with setting.bot() as bot:
        folders = {file.resolve().parent for file in files} or {bot.config.home / "rules"}
        found = [_load(bot, folder) for folder in sorted(folders)]
    wanted = {file.resolve() for file in files}
    faults = [fault for faults, _ in found for fault in faults if not wanted or fault.file.resolve() in wanted]
    if tell_faults(faults):
        raise click.exceptions.Exit(2)
    if files:
        click.echo(f"{len(files)} rule file{'s' if len(files) > 1 else ''} without errors")
    for process in (process for _, processes in found for process in processes if not files):
        click.echo(f"{process.type}: {process.title}; {_steps(process)}")


def _load(bot: Bot, folder: Path) -> tuple[tuple[Fault, ...], tuple[Process, ...]]:
    """Every fault and warning of a folder, and its processes where it holds: a file alone lacks what it shares."""
    if not folder.is_dir():
        raise Usage(f"there is no folder {folder}: the rule files stand in rules/ beside the configuration")
    try:
        loaded = load(folder, bot.surroundings)
    except Faulty as faulty:
        return faulty.faults, ()
    return loaded.warnings, tuple(loaded.processes.values())


def _steps(process: Process) -> str:
    return f"{len(process.fields)} fields, steps {', '.join(step.name for step in process.steps)}"
