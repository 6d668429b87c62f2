"""`mailbot rules test`: the tests in the rule files, played; and what none of them reached."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from mailbot.cli import setting
from mailbot.cli.output import Cell, json_option, one_line, print_json, print_line, print_table
from mailbot.cli.rules.folders import FILES, Tried, place, rules_for, shown, tried
from mailbot.process.rehearse.coverage import Gap
from mailbot.process.rehearse.examples import Played
from mailbot.process.rehearse.expected import Mismatch


@click.command()
@FILES
@json_option
def test(files: tuple[Path, ...], as_json: bool) -> None:
    """Play the [[test]] tables, of all rule files or of these; then tell which steps and conditions none reached."""
    with setting.bot() as bot:
        found = [one for rules in rules_for(bot, files) for one in tried(bot, rules, files)]
    if as_json:
        print_json([_as_json(one) for one in found])
    else:
        _show(found)
    if any(one.failed for one in found):
        raise click.exceptions.Exit(1)


# -- for people --------------------------------------------------------------------------------------------------------


def _show(found: Sequence[Tried]) -> None:
    print_table(["", ""], [[shown(one.source.rule.path), _dots(one)] for one in found])
    for one in found:
        for played in one.failed:
            _failure(one, played)
    for one in found:
        _gaps(one)
    click.echo()
    print_line(_summary(found))


def _dots(one: Tried) -> Cell:
    if not one.played:
        return "no tests", "yellow"
    marks = "".join("F" if played.mismatches else "." for played in one.played)
    return marks, "red" if one.failed else "green"


def _failure(one: Tried, played: Played) -> None:
    where = place(one.source.at(("test", played.example.number, "name"), ""))
    click.echo()
    print_line((f"FAILED {where}: {played.example.name}", "bold red"))
    for mismatch in played.mismatches:
        print_line(f"  {place(one.source.at(mismatch.path, ''))}: {mismatch.what}")
        print_table(["", ""], [["expected", mismatch.expected], ["found", (mismatch.found, "red")]], indent=4)
    print_line("  what happened:")
    rows: list[list[Cell]] = [
        [entry.actor, entry.action, ": ".join(filter(None, [entry.step or "", one_line(entry.detail)]))]
        for entry in played.entries
    ]
    print_table(["", "", ""], rows, indent=4)


def _gaps(one: Tried) -> None:
    if not one.coverage.gaps:
        return
    click.echo()
    print_line((f"Not reached in {shown(one.source.rule.path)}", "bold"))
    rows: list[list[Cell]] = [[str(_line(one, gap)), gap.step, gap.message] for gap in one.coverage.gaps]
    print_table(["line", "step", ""], rows, indent=2)


def _summary(found: Sequence[Tried]) -> Cell:
    failed = sum(len(one.failed) for one in found)
    passed = sum(len(one.played) for one in found) - failed
    reached, total = (sum(getattr(one.coverage, key) for one in found) for key in ("reached", "total"))
    told = f"{passed} passed" + (f", {failed} failed" if failed else "")
    return f"{told}; {reached} of {total} steps and conditions reached", "red" if failed else "green"


def _line(one: Tried, gap: Gap) -> int:
    return one.source.at(gap.path, "").line


# -- for programs ------------------------------------------------------------------------------------------------------


def _as_json(one: Tried) -> dict[str, Any]:
    return {
        "type": one.process.type,
        "file": str(one.source.rule.path),
        "tests": [_test_as_json(one, played) for played in one.played],
        "reached": one.coverage.reached,
        "total": one.coverage.total,
        "not_reached": [
            {"line": _line(one, gap), "step": gap.step, "message": gap.message} for gap in one.coverage.gaps
        ],
    }


def _test_as_json(one: Tried, played: Played) -> dict[str, Any]:
    return {
        "name": played.example.name,
        "line": one.source.at(("test", played.example.number, "name"), "").line,
        "passed": not played.mismatches,
        "failures": [_mismatch(one, mismatch) for mismatch in played.mismatches],
    }


def _mismatch(one: Tried, mismatch: Mismatch) -> dict[str, Any]:
    line = one.source.at(mismatch.path, "").line
    return {"line": line, "what": mismatch.what, "expected": mismatch.expected, "found": mismatch.found}
