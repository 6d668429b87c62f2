"""`mailbot rules replay`: the rule files, held against what people asked for in the past."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from mailbot.bot import Bot
from mailbot.cli import setting
from mailbot.cli.output import counted, json_option, print_json, print_line, print_table
from mailbot.cli.rules.folders import chosen, place, pools_of, rules_in
from mailbot.process.rehearse.replay import Difference, Way
from mailbot.process.rehearse.replay import replay as play_again
from mailbot.process.request import Request
from mailbot.process.rules import Rules
from mailbot.store import views
from mailbot.store.privacy import ERASED

SHOWN = 20
"""Differences that people are shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Replayed:
    """What became of all requests. `orphans` are of types that there is no rule file for any more, by type."""

    count: int
    differences: tuple[Difference, ...]
    orphans: Mapping[str, int]


@click.command()
@click.argument("type_", metavar="[TYPE]", required=False)
@click.option("--since", metavar="DATE", help="Requests that were opened on that day or later.")
@click.option(
    "--rules",
    "folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="Rule files to hold against them, instead of the bot's own.",
)
@json_option
def replay(type_: str | None, since: str | None, folder: Path | None, as_json: bool) -> None:
    """Which past requests would now take another way, and the rule that decides it. Nothing is changed."""
    with setting.bot() as bot:
        rules = rules_in(bot, folder or bot.config.home / "rules")
        wanted = chosen(rules, type_).type if type_ else None
        found = _replayed(rules, _past(bot, wanted, since), bot)
    if as_json:
        print_json(_as_json(found, rules))
    else:
        _show(found, rules)


def _past(bot: Bot, type_: str | None, since: str | None) -> Iterator[Request]:
    begin = setting.span(since, bot.config.bot.zone)[0] if since else None
    with bot.store.reading() as conn:
        for request in views.requests(conn, views.RequestFilter(type=type_), bot.now()):
            is_told = request.requester != ERASED  # else nobody knows any more what it asked for
            if is_told and (begin is None or request.created >= begin):
                yield request


def _replayed(rules: Rules, past: Iterable[Request], bot: Bot) -> _Replayed:
    pools = pools_of(bot.config)
    count, orphans = 0, Counter[str]()
    differences: list[Difference] = []
    for request in past:
        process = rules.processes.get(request.type)
        if process is None:
            orphans[request.type] += 1
            continue
        count += 1
        if found := play_again(request, process, bot.directory, pools):
            differences.append(found)
    return _Replayed(count=count, differences=tuple(differences), orphans=orphans)


# -- for people --------------------------------------------------------------------------------------------------------


def _show(found: _Replayed, rules: Rules) -> None:
    other = len(found.differences)
    same = found.count - other
    print_line(f"{counted(found.count, 'request')}: {same} would take the same way, {other} another")
    for type_, count in found.orphans.items():
        print_line(
            (f"{counted(count, 'request')} of type {type_!r}, which no rule file describes: not played", "yellow")
        )
    if not other:
        return
    click.echo()
    reasons = Counter(_where(one, rules) for one in found.differences)
    print_table(["requests", "decided by"], [[str(count), where] for where, count in reasons.most_common()], indent=2)
    for one in found.differences[:SHOWN]:
        click.echo()
        print_line((one.reference, "bold"), one.type)
        print_table(["", ""], [["was", _told(one.was)], ["now", _told(one.now)], ["why", one.why]], indent=2)
        print_line(f"  {_where(one, rules)}")
    if other > SHOWN:
        click.echo(f"\nand {other - SHOWN} more")


def _told(way: Way) -> str:
    steps = f": {', '.join(way.steps)}" if way.steps else ""
    return f"{way.state.value}{steps}"


def _where(one: Difference, rules: Rules) -> str:
    """file:line of the rule; the file's first line where it says nothing about it."""
    source = rules.origins[rules.processes[one.type].version]
    return place(source.at(one.path or ("type",), ""))


# -- for programs ------------------------------------------------------------------------------------------------------


def _as_json(found: _Replayed, rules: Rules) -> dict[str, Any]:
    return {
        "requests": found.count,
        "same": found.count - len(found.differences),
        "not_played": dict(found.orphans),
        "differences": [
            {
                "reference": one.reference,
                "type": one.type,
                "was": _way(one.was),
                "now": _way(one.now),
                "rule": _where(one, rules),
                "why": one.why,
            }
            for one in found.differences
        ],
    }


def _way(way: Way) -> dict[str, Any]:
    return {"state": way.state.value, "steps": list(way.steps), "faults": dict(way.faults)}
