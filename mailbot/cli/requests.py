"""`mailbot requests`: see what there is. What changes a request stands in `steer` and `opening`."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import click

from mailbot.bot import Bot
from mailbot.cli import page, setting
from mailbot.cli.adopt import adopt
from mailbot.cli.attachments import attachments
from mailbot.cli.group import Group
from mailbot.cli.opening import new
from mailbot.cli.output import Cell, json_option, print_json, print_json_list, print_table, when
from mailbot.cli.steer import cancel, hold, resume, retry, skip
from mailbot.errors import NotFound, near_miss
from mailbot.process.request import Request, State, StepState
from mailbot.process.shape import instant
from mailbot.store import Connection, codec, unreachable, views

STATES = click.Choice([state.value for state in State], case_sensitive=False)


@click.group(cls=Group)
def requests() -> None:
    """List, show, open and steer requests."""


for command in (new, attachments, hold, resume, cancel, retry, skip, adopt):
    requests.add_command(command)


@requests.command("list")
@click.option("--state", type=STATES)
@click.option("--type", "type_", metavar="TYPE")
@click.option("--requester", metavar="ADDRESS")
@click.option("--reference", metavar="NAME", help="Called so by us or by others: an order of a supplier, a ticket.")
@click.option("--open", "only_open", is_flag=True, help="Neither completed nor ended otherwise.")
@click.option("--late", "only_late", is_flag=True, help="Over the request's own due time.")
@json_option
def list_(
    state: str | None,
    type_: str | None,
    requester: str | None,
    reference: str | None,
    only_open: bool,
    only_late: bool,
    as_json: bool,
) -> None:
    """All requests, or those of which all options hold."""
    with setting.bot() as bot, bot.store.reading() as conn:
        who = bot.directory.person(setting.address(requester)) if requester else None
        wanted = views.RequestFilter(
            state=state,
            type=type_,
            requester=who,
            open=only_open,
            late=only_late,
            references=setting.references(conn, reference, bot) if reference else None,
        )
        found = (bot.shape(conn, request) for request in views.requests(conn, wanted, bot.now()))
        if as_json:
            print_json_list(found)
            return
        zone = bot.config.bot.zone
        columns = ["request", "state", "type", "requester", "due", "summary"]
        print_table(columns, (_row(request, zone) for request in found), "No requests.")


@requests.command()
@click.argument("reference", metavar="REF")
@json_option
def show(reference: str, as_json: bool) -> None:
    """One request, whole."""
    with setting.bot() as bot, bot.store.reading() as conn:
        request = views.request(conn, setting.one_reference(conn, reference, bot))
        shape = bot.shape(conn, request) | {"unreachable": _unreached(conn, request)}
        if as_json:
            print_json(shape)
        else:
            page.show(shape, bot.process(conn, request), _history(conn, request.reference), bot.config.bot.zone)


@requests.command()
@click.option("--for", "who", metavar="WHO", help="A department, or a person's address.")
@json_option
def actions(who: str | None, as_json: bool) -> None:
    """Open steps, soonest due first: whom they wait for, and until when."""
    with setting.bot() as bot, bot.store.reading() as conn:
        found = list(_actions(conn, _names(bot, who), bot.now()))
        zone = bot.config.bot.zone
    if as_json:
        print_json(found)
    else:
        columns = ["due", "request", "step", "waits for", "summary"]
        print_table(columns, (_action_row(action, zone) for action in found), "Nothing is open.")


def _row(request: dict[str, Any], zone: ZoneInfo) -> list[Cell]:
    return [
        request["reference"],
        page.state_of(request),
        request["type"],
        request["requester"],
        when(request["due"], zone),
        request["summary"],
    ]


def _history(conn: Connection, reference: str) -> Iterable[Any]:
    return views.history(conn, views.HistoryFilter(reference=reference))


def _names(bot: Bot, who: str | None) -> list[str | None]:
    """What a person or department is written to as: a member of a group with an address answers its letters too."""
    if who is None:
        return [None]
    groups = bot.directory.departments
    if "@" not in who:
        if who in groups:
            return [who]
        near = near_miss(who, groups)
        raise NotFound(f"there is no department {who!r}" + (f" (did you mean {near!r}?)" if near else ""))
    person = bot.directory.person(setting.address(who))
    shared = (groups[name].address for name in bot.directory.groups_of(person))
    return [person, *(address for address in shared if address)]


def _actions(conn: Connection, names: Iterable[str | None], now: datetime) -> Iterator[dict[str, Any]]:
    """One for each open step; the ledger has a row for each seat."""
    rows = [row for name in names for row in views.actions(conn, name)]
    lost = unreachable.all_(conn)
    rows.sort(key=lambda row: (row["due"] is None, row["due"] or now, row["reference"], row["step"]))
    for (reference, step), seats in groupby(rows, key=lambda row: (row["reference"], row["step"])):
        first, *more = seats
        asked = sorted({row["seat"] for row in (first, *more)} - {""})
        request = codec.read(first["body"])
        yield {
            "reference": reference,
            "step": step,
            "asked": asked,
            "unreachable": [seat for seat in asked if seat in lost],
            "departments": [name for name in first["departments"].split("|") if name],
            "due": instant(first["due"]),
            "late": first["due"] is not None and first["due"] < now,
            "trouble": first["trouble"],
            "state": request.state.value,
            "type": request.type,
            "requester": request.requester,
            "summary": request.summary,
        }


def _unreached(conn: Connection, request: Request) -> list[str]:
    """Whom it waits for, and letters do not reach."""
    asked = {seat for step in request.steps if step.state is StepState.OPEN for seat in step.asked}
    return sorted(asked & unreachable.all_(conn).keys())


def _action_row(action: dict[str, Any], zone: ZoneInfo) -> list[Cell]:
    asked = page.marked(action["asked"], action["unreachable"])
    waits = f"stuck: {action['trouble']}" if action["trouble"] else asked
    return [
        (when(action["due"], zone), "red" if action["late"] else ""),
        action["reference"],
        action["step"],
        (waits, "yellow" if action["trouble"] or action["unreachable"] else ""),
        action["summary"],
    ]
