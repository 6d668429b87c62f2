"""Lists of actions whose hour has come: written from what is still open then, in one commit with what they empty."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from mailbot.desk.listing import row_of
from mailbot.desk.lists import MOST, Item, item_of
from mailbot.desk.settle import Desk
from mailbot.process.request import Entry, Kind, Notice, State
from mailbot.store import Connection, Transaction, gathering
from mailbot.store.gathering import Untold

_ONE_AT_A_TIME = "lists of actions"

LATER = timedelta(hours=1)
"""What cannot be told now, of a department that gathers no longer, is looked at again."""


def is_due(conn: Connection, now: datetime) -> bool:
    """Whether some list is. Asking it stops nobody."""
    return gathering.due(conn, now) is not None


def due_seat(tx: Transaction, now: datetime) -> str | None:
    """Whose list is to be written next, by us alone; what was settled meanwhile is dropped."""
    tx.hold(_ONE_AT_A_TIME)
    gathering.clear(tx.conn, now)
    return gathering.due(tx.conn, now)


def tell(desk: Desk, tx: Transaction, seat: str, now: datetime) -> None:
    """Write the list of one seat. What was missed while no bot ran is told late, in one list."""
    found = [(untold, tx.load(untold.reference).request) for untold in gathering.listed(tx.conn, seat, now)]
    going = [untold for untold, request in found if request.state is State.IN_PROGRESS]
    held = [untold for untold, request in found if request.state is not State.IN_PROGRESS]
    told, left = going[:MOST], going[MOST:]
    _put_off(desk, tx, seat, [*left, *held], now)
    if len(told) == 1:
        notice = Notice(kind=Kind.ACTION, to=seat, step=told[0].step, facts={"why": told[0].why})
        desk.note(tx, told[0].reference, now, notices=[notice])
    elif told:
        _write_list(desk, tx, seat, told, len(left), now)


def _write_list(desk: Desk, tx: Transaction, seat: str, told: Sequence[Untold], more: int, now: datetime) -> None:
    rows, items = [], []
    for number, untold in enumerate(told, 1):
        request = tx.load(untold.reference).request
        process = desk.process(tx, request)
        view = desk.post.correspondent.view_of(request, process, desk.directory)
        rows.append(row_of(view, untold.step, reader=seat, number=number, why=untold.why, now=now))
        items.append(item_of(request, untold.step))
    facts = {"list": tuple(items), "items": tuple(rows), "more": more}
    desk.tell(tx, [Notice(kind=Kind.ACTIONS, to=seat, facts=facts)], now)
    _note(desk, tx, seat, items, now)


def _note(desk: Desk, tx: Transaction, seat: str, items: Iterable[Item], now: datetime) -> None:
    """In the history of each request; what was gathered of it is told now."""
    for reference, some in groupby(sorted(items, key=lambda item: item.reference), key=lambda item: item.reference):
        steps = [item.step for item in some]
        detail = f"{Kind.ACTIONS} to {seat}"
        entries = [Entry(actor=desk.directory.bot, action="letter", step=step, detail=detail) for step in steps]
        desk.note(tx, reference, now, entries=entries)
        gathering.forget(tx.conn, tx.load(reference), ((step, seat) for step in steps))


def _put_off(desk: Desk, tx: Transaction, seat: str, left: Iterable[Untold], now: datetime) -> None:
    """To the next list: what has no room in this one, and what is on hold."""
    for untold in left:
        stored = tx.load(untold.reference)
        departments = stored.request.step(untold.step).departments
        until = desk.directory.gathers_until(seat, departments, now) or now + LATER
        gathering.put_off(tx.conn, stored, (untold.step, seat), until)
