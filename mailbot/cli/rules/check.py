"""`mailbot rules check`: every fault of the rule files, with its place."""

from collections.abc import Iterator
from pathlib import Path

import click

from mailbot.bot import Bot
from mailbot.cli import setting
from mailbot.cli.output import counted, tell_faults
from mailbot.cli.rules.folders import FILES, Tried, folders_of, rules_in, tried
from mailbot.errors import Fault, Faulty
from mailbot.process.definition import Process


@click.command()
@FILES
@click.option("--strict", is_flag=True, help="A test that fails, and what no test reaches, is an error too.")
def check(files: tuple[Path, ...], strict: bool) -> None:
    """Syntax, names, types of expressions, and each process as a graph. With FILE…, tell of these alone."""
    with setting.bot() as bot:
        found = [_load(bot, folder, strict=strict) for folder in folders_of(bot, files)]
    wanted = {file.resolve() for file in files}
    faults = [fault for faults, _ in found for fault in faults if not wanted or fault.file.resolve() in wanted]
    if tell_faults(faults):
        raise click.exceptions.Exit(2)
    if files:
        click.echo(f"{counted(len(files), 'rule file')} without errors")
    for process in (process for _, processes in found for process in processes if not files):
        click.echo(f"{process.type}: {process.title}; {_steps(process)}")


def _load(bot: Bot, folder: Path, *, strict: bool) -> tuple[tuple[Fault, ...], tuple[Process, ...]]:
    """Every fault and warning of a folder, and its processes where it holds."""
    try:
        rules = rules_in(bot, folder)
    except Faulty as faulty:
        return faulty.faults, ()
    untested = (fault for one in tried(bot, rules) for fault in _untested(one)) if strict else ()
    return (*rules.warnings, *untested), tuple(rules.processes.values())


def _untested(one: Tried) -> Iterator[Fault]:
    for failed in one.failed:
        yield one.source.at(("test", failed.example.number, "name"), f"the test {failed.example.name!r} fails")
    for gap in one.coverage.gaps:
        yield one.source.at(gap.path, f"no test reaches this: {gap.message}")


def _steps(process: Process) -> str:
    return f"{counted(len(process.fields), 'field')}, steps {', '.join(step.name for step in process.steps)}"
