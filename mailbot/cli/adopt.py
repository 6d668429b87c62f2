"""`mailbot requests adopt`: a running request goes on by the rule files as they are now, where that is possible."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import click

from mailbot.bot import Bot
from mailbot.cli import setting
from mailbot.cli.output import Cell, json_option, print_json, print_line, print_table, when
from mailbot.cli.rules.folders import place, pools_of
from mailbot.errors import NotFound, NotPossible
from mailbot.process.decide import decide
from mailbot.process.decide.adoption import fitted
from mailbot.process.definition import Process
from mailbot.process.rehearse.adoption import Obstacle, obstacles
from mailbot.process.rehearse.past import with_its_customers
from mailbot.process.request import Adopt, Request, Step, StepState
from mailbot.process.rules import Rules, Source
from mailbot.process.shape import instant
from mailbot.store import Transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class _Adoption:
    """The request before and after (with obstacles: as it stays), and the files of the version."""

    before: Request
    after: Request
    source: Source
    obstacles: tuple[Obstacle, ...] = ()


@click.command()
@click.argument("reference", metavar="REF")
@click.option("--reason", default="", metavar="TEXT", help="Why: stands in the history, and in the letters.")
@click.option("--try", "only_try", is_flag=True, help="Tell what would come of it, and change nothing.")
@json_option
def adopt(reference: str, reason: str, only_try: bool, as_json: bool) -> None:
    """Have a running request go on by the rule files as they are now.

    Its history is rehearsed first: where that would have taken another course, nothing is changed, and the lines are
    told that decide otherwise. What is still asked is asked anew where it has changed.
    """
    with setting.bot() as bot:
        rules, known = bot.load_rules(), setting.reference(reference, bot)
        found = setting.committed(bot, lambda tx: _adopted(tx, bot, rules, known, reason, only_try=only_try))
        zone = bot.config.bot.zone
    if as_json:
        print_json(_as_json(found, only_try=only_try))
    else:
        _show(found, zone, only_try=only_try)
    if found.obstacles:
        raise click.exceptions.Exit(1)


def _adopted(tx: Transaction, bot: Bot, rules: Rules, reference: str, reason: str, *, only_try: bool) -> _Adoption:
    before, now = tx.load(reference).request, bot.now()
    process = _version(before, rules)
    old, directory = bot.desk.process(tx, before), bot.desk.present(tx, now)
    source = rules.origins[process.version]
    if found := obstacles(before, old, process, directory, pools_of(bot.config)):
        return _Adoption(before=before, after=before, source=source, obstacles=found)
    event = Adopt(actor=setting.operator(), was=before.rules, reason=reason)
    if only_try:
        after = decide(fitted(before, process), process, with_its_customers(before, directory), event, now).request
    else:
        after = bot.desk.adopt(tx, reference, process, rules.sources[process.version], event, now)
    return _Adoption(before=before, after=after, source=source)


def _version(request: Request, rules: Rules) -> Process:
    """The version to adopt. NotPossible where there is nothing to adopt, or nothing goes on."""
    if request.is_closed:
        raise NotPossible(f"{request.reference} is {request.state}: nothing goes on by any rules")
    process = rules.processes.get(request.type)
    if process is None:
        raise NotFound(f"there is no rule file of type {request.type!r} any more")
    if process.version == request.rules:
        raise NotPossible(f"{request.reference} goes by the rule files as they are already")
    return process


# -- for people --------------------------------------------------------------------------------------------------------


def _show(found: _Adoption, zone: ZoneInfo, *, only_try: bool) -> None:
    reference = found.before.reference
    if found.obstacles:
        print_line((f"{reference} stays with the rules that it began with: these would have led elsewhere", "red"))
        print_table(["", ""], [[_place(one, found.source), one.why] for one in found.obstacles], indent=2)
        return
    print_line(f"{reference} {'would go' if only_try else 'goes'} on by the rule files as they are now.")
    rows: list[list[Cell]] = [[name, was, becomes] for name, was, becomes in _changes(found)]
    if found.before.due != found.after.due:
        rows.append(["due", when(found.before.due, zone), when(found.after.due, zone)])
    print_table(["", "was", "would be" if only_try else "is"], rows, indent=2)


def _changes(found: _Adoption) -> list[tuple[str, str, str]]:
    """The steps with which something happens: name, before, after."""
    before = {step.name: step for step in found.before.steps}
    after = {step.name: step for step in found.after.steps}
    told = [(name, _how(before.get(name)), _how(after.get(name))) for name in {**after, **before}]
    return [(name, was, becomes) for name, was, becomes in told if was != becomes or _is_anew(before, after, name)]


def _is_anew(before: dict[str, Step], after: dict[str, Step], name: str) -> bool:
    """Asked before and after, about something else."""
    return name in before and name in after and before[name].content != after[name].content


def _how(step: Step | None) -> str:
    if step is None:
        return "not there"
    asked = step.asked if step.state is StepState.OPEN else ()
    return f"{step.state.value}: {', '.join(asked)}" if asked else step.state.value


def _place(obstacle: Obstacle, source: Source) -> str:
    return place(source.at(obstacle.path or ("type",), ""))


# -- for programs ------------------------------------------------------------------------------------------------------


def _as_json(found: _Adoption, *, only_try: bool) -> dict[str, Any]:
    return {
        "reference": found.before.reference,
        "adopted": not (found.obstacles or only_try),
        "from": found.before.rules,
        "to": found.source.version,
        "obstacles": _listed(found.obstacles, found.source),
        "steps": [{"name": name, "was": was, "is": becomes} for name, was, becomes in _changes(found)],
        "due": instant(found.after.due),
    }


def _listed(found: Sequence[Obstacle], source: Source) -> list[dict[str, str]]:
    return [{"rule": _place(one, source), "why": one.why} for one in found]
