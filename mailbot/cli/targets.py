"""`mailbot targets`: what targets are to be told, what became of it, and how they do."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import click

from mailbot.bot import Bot
from mailbot.cli import sealed, setting, steer
from mailbot.cli.group import Group
from mailbot.cli.output import Cell, counted, json_option, one_line, print_json, print_line, print_table, when
from mailbot.config.targets import AnyTarget
from mailbot.errors import NotPossible
from mailbot.process.request import NetworkState, Retry, StepState
from mailbot.process.shape import instant
from mailbot.store import Connection, Transaction, breaker, views
from mailbot.store.breaker import Breaker

WAITING = (NetworkState.UNPROCESSED, NetworkState.SENT)
WRONG = (NetworkState.FAILED, NetworkState.UNKNOWN)

RECENT = timedelta(days=7)
"""So long is shown what has failed for good, beside what somebody can still do something about."""

_STYLES = {NetworkState.FAILED: "red", NetworkState.UNKNOWN: "yellow", NetworkState.CONFIRMED: "green"}
_DEALT_WITH = frozenset({StepState.DONE, StepState.SKIPPED, StepState.CANCELLED})


@click.group(cls=Group)
def targets() -> None:
    """Network requests: what is told to the systems that [targets] in config.toml names."""


@targets.command("list")
@click.option(
    "--state",
    "states",
    type=click.Choice([state.value for state in NetworkState]),
    multiple=True,
    help="All that are so; may be given several times.",
)
@click.option("--all", "everything", is_flag=True, help="Every one that there has ever been.")
@json_option
def list_(states: tuple[str, ...], everything: bool, as_json: bool) -> None:
    """Network requests that wait, failed or are unknown, oldest first.

    What failed is shown until somebody has dealt with it; where its request has ended with it, for a week.
    """
    with setting.bot() as bot, bot.store.reading() as conn:
        everything = everything or bool(states)
        found = list(views.network_requests(conn, states)) if everything else _that_matter(conn, bot.now())
        zone = bot.config.bot.zone
        paused = [one for one in breaker.breakers(conn).values() if one.until is not None]
    if as_json:
        print_json([_shape(row) for row in found])
    else:
        nothing = "No network request." if everything else "No network request waits, failed or is unknown."
        print_table(["id", "action", "state", "since", "detail"], (_row(row, zone) for row in found), nothing)
        for one in paused:
            print_line(f"{one.target} is paused: {_failing(one, zone)}")


@targets.command()
@click.argument("name")
@json_option
def show(name: str, as_json: bool) -> None:
    """One target: what it is, what waits for it, and whether it fails."""
    with setting.bot() as bot, bot.store.reading() as conn:
        target = sealed.target_of(bot, name)
        waiting = [row["state"] for row in views.network_requests(conn, WAITING) if row["target"] == name]
        failing = breaker.breakers(conn).get(name)
        zone = bot.config.bot.zone
    counts = {state: waiting.count(state) for state in WAITING}
    if as_json:
        print_json(_target_shape(target, counts, failing))
        return
    print_line(f"{name} ({target.kind}){f': {target.title}' if target.title != name else ''}")
    after = f"paused after {counted(target.pause_after, 'failure')} in a row" if target.pause_after else "never paused"
    print_line(f"{target.at_once} at a time; {after}")
    print_line(f"{counts[NetworkState.UNPROCESSED]} wait, {counts[NetworkState.SENT]} sent and not yet answered")
    if failing is not None:
        print_line(f"{'paused: ' if failing.until else ''}{_failing(failing, zone)}")


@targets.command()
@click.argument("name")
def resume(name: str) -> None:
    """Try a paused target at once, without waiting for the end of its pause."""
    with setting.bot() as bot:
        sealed.target_of(bot, name)
        setting.committed(bot, partial(_resume, bot=bot, name=name))
    print_line(f"{name}: it is tried with the next pass of `mailbot run`; when that goes well, all that waits leaves.")


def _resume(tx: Transaction, bot: Bot, name: str) -> None:
    if not breaker.resume(tx.conn, name, bot.now()):
        raise NotPossible(f"{name} is not paused")
    setting.house_note(tx, bot, "resumed target", name)


for _command in (sealed.keys, sealed.read, sealed.expect):
    targets.add_command(_command)


@targets.command()
@click.argument("names", nargs=-1, required=True, metavar="ID…")
@click.option("--reason", default="", metavar="TEXT", help="Why: stands in the history.")
def retry(names: tuple[str, ...], reason: str) -> None:
    """Tell a target once more what failed or is unknown. What is unknown may have been done: look there first.

    It is a new attempt with an id of its own, at all targets of that step that have not confirmed.
    """
    with setting.bot() as bot:
        for name in names:
            made = setting.committed(bot, partial(_again, bot=bot, name=name, deed=Retry(reason=reason)))
            print_line(f"{', '.join(made)}: leaves with the next pass of `mailbot run`.")


def _again(tx: Transaction, bot: Bot, name: str, deed: Retry) -> list[str]:
    """The ids of the new attempts. Raises NotFound, NotPossible."""
    row = views.network_request(tx.conn, name)
    if row["state"] not in WRONG:
        raise NotPossible(f"{name} is {row['state']}: only what failed or is unknown is told again")
    step = tx.load(row["reference"]).request.step(row["step"])
    attempts = [one.id for one in step.network if one.target == row["target"]]
    if attempts[-1] != name:
        raise NotPossible(f"{name} was told again already: {attempts[-1]}")
    if step.state is not StepState.OPEN:
        raise NotPossible(f"{name}: the step {step.name!r} is {step.state}")
    before = {one.id for one in step.network}
    request = steer.settle(tx, bot, row["reference"], deed, step.name)
    return [one.id for one in request.step(step.name).network if one.id not in before]


def _that_matter(conn: Connection, now: datetime) -> list[Mapping[Any, Any]]:
    rows = views.network_requests(conn, [*WAITING, *WRONG])
    return [row for row in rows if row["state"] in WAITING or _is_left_over(conn, row, now)]


def _is_left_over(conn: Connection, row: Mapping[Any, Any], now: datetime) -> bool:
    """Whether somebody must still look at what went wrong."""
    step = views.request(conn, row["reference"]).step(row["step"])
    last = [one.id for one in step.network if one.target == row["target"]][-1:]
    if last != [row["name"]] or step.state in _DEALT_WITH:
        return False
    return step.state is StepState.OPEN or row["closed"] > now - RECENT


def _shape(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        "id": row["name"],
        "reference": row["reference"],
        "step": row["step"],
        "target": row["target"],
        "action": row["action"],
        "state": row["state"],
        "detail": row["detail"],
        "attempts": row["attempts"],
        "created": instant(row["created"]),
        "not_before": instant(row["not_before"]),
        "sent": instant(row["sent"]),
        "closed": instant(row["closed"]),
    }


def _target_shape(target: AnyTarget, counts: Mapping[NetworkState, int], failing: Breaker | None) -> dict[str, Any]:
    return {
        "name": target.name,
        "kind": target.kind,
        "owner": target.owner,
        "at_once": target.at_once,
        "pause_after": target.pause_after,
        "waiting": counts[NetworkState.UNPROCESSED],
        "sent": counts[NetworkState.SENT],
        "failures": failing.failures if failing else 0,
        "failing_since": instant(failing.since) if failing else None,
        "paused_until": instant(failing.until) if failing else None,
        "detail": failing.detail if failing else "",
    }


def _failing(one: Breaker, zone: ZoneInfo) -> str:
    since = when(one.since, zone)
    if one.failures == 1:
        words = f"1 answer since {since} was no confirmation; it said: {one.detail}"
    else:
        words = f"{one.failures} answers in a row since {since} were no confirmation; the last: {one.detail}"
    return f"{words}. It is tried again at {when(one.until, zone)}" if one.until else words


def _row(row: Mapping[Any, Any], zone: ZoneInfo) -> list[Cell]:
    state = NetworkState(row["state"])
    since = row["closed"] or row["sent"] or row["created"]
    return [row["name"], row["action"], (state, _STYLES.get(state, "")), when(since, zone), one_line(row["detail"])]
