"""The ledger of network requests while it is being worked off: claimed and `sent` in one commit, before anything is
done to a target, and closed by its answer.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    func,
    insert,
    not_,
    or_,
    select,
    true,
    update,
)

from mailbot.process.definition import Action
from mailbot.process.request import Drive, NetworkState
from mailbot.store import tables

NOBODY = 0
"""An owner who has never lived."""

AWAITED = -1
"""Nor he: what is his was told, and its answer comes by a way of its own."""

NO_LANES: Mapping[str, int] = MappingProxyType({})

_ledger = tables.network_request
_row = _ledger.c
_open = _row.state.in_([NetworkState.UNPROCESSED.value, NetworkState.SENT.value])
_awaited = and_(_row.state == NetworkState.SENT.value, _row.owner == AWAITED)
_told = and_(_row.state == NetworkState.SENT.value, _row.owner != AWAITED)
_ours = and_(
    _row.id == bindparam("b_id"),
    _row.owner == bindparam("b_owner"),
    _row.claim == bindparam("b_claim"),
    _row.state == NetworkState.SENT.value,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A network request that is some bot's to drive. `claim` tells this attempt from any other, as in `sending`."""

    id: int
    claim: int
    owner: int
    name: str
    reference: str
    step: str
    target: str
    action: Action
    body: Mapping[str, Any]
    created: datetime
    sent: datetime | None
    attempts: int

    @property
    def drive(self) -> Drive:
        """What was wished for."""
        return Drive(id=self.name, step=self.step, target=self.target, action=self.action, body=self.body)


def queue(conn: Connection, drive: Drive, reference: str, now: datetime) -> None:
    """Put a network request into the ledger: it leaves when its target has answered all that stand before it."""
    row = {
        "name": drive.id,
        "created": now,
        "reference": reference,
        "step": drive.step,
        "target": drive.target,
        "action": drive.action.value,
        "body": json.dumps(drive.body, ensure_ascii=False),
    }
    conn.execute(_QUEUE, row)


def is_idle(conn: Connection) -> bool:
    """Whether nothing waits, and nobody is at work. Asking it stops no other bot."""
    return conn.execute(select(_row.id).where(_open, not_(_awaited)).limit(1)).first() is None


def claim(
    conn: Connection,
    owner: int,
    now: datetime,
    *,
    lanes: Mapping[str, int] = NO_LANES,
    batches: Mapping[str, int] = NO_LANES,
) -> list[Sent]:
    """Take the oldest network request that may leave now, and make it `sent`; empty when there is none.

    A target is told as many at a time as it has `lanes` (one, where it is not named), in the order of asking; where it
    takes `batches`, those that are due behind it come along. One that was put off stops all behind it. Only what was
    set aside before it ever left (see `set_aside`) lets others pass. Two must not claim at the same time.
    """
    waiting = _row.state == NetworkState.UNPROCESSED.value
    due = or_(_row.not_before.is_(None), _row.not_before <= now)
    first_of_each = select(func.min(_row.id)).where(waiting, or_(_row.attempts > 0, due)).group_by(_row.target)
    heads = select(_row.id, _row.target).where(_row.id.in_(first_of_each), due).order_by(_row.id)
    busy = {row.target: row.told for row in conn.execute(_BUSY)}
    for head in conn.execute(heads).all():
        if busy.get(head.target, 0) < lanes.get(head.target, 1):
            line = select(_row.id).where(_row.target == head.target, waiting, due, _row.id >= head.id)
            return _take(conn, owner, now, line.order_by(_row.id).limit(batches.get(head.target, 1)))
    return []


def _take(conn: Connection, owner: int, now: datetime, chosen: Select[tuple[int]]) -> list[Sent]:
    taken = (
        update(_ledger)
        .where(_row.id.in_(conn.execute(chosen).scalars().all()))
        .values(
            state=NetworkState.SENT.value,
            sent=now,
            owner=owner,
            claim=_row.claim + 1,
            attempts=_row.attempts + 1,
            not_before=None,
        )
        .returning(*_columns())
    )
    return sorted((_sent(row) for row in conn.execute(taken).mappings()), key=lambda sent: sent.id)


def under_way(conn: Connection) -> list[Sent]:
    """All that some bot is telling just now, or was when it died, oldest first."""
    return _found(conn, _told)


def awaited(conn: Connection, target: str | None = None) -> list[Sent]:
    """All that were told, to one target or to any, whose answers come by a way of their own; oldest first."""
    of = true() if target is None else _row.target == target
    return _found(conn, _awaited, of)


def told(conn: Connection, target: str, names: Collection[str]) -> dict[str, tuple[Sent, NetworkState]]:
    """Those of these names that this target was told, and how each stands."""
    known = select(*_columns(), _row.state).where(_row.target == target, _row.name.in_(names), _row.attempts > 0)
    rows = [dict(row) for row in conn.execute(known).mappings()]
    return {row["name"]: (_sent(row), state) for row in rows if (state := NetworkState(row.pop("state")))}


def wait_for_answer(conn: Connection, sent: Sent, detail: str) -> bool:
    """It was told, and its answer is still to come: it holds up nobody meanwhile. False as in `close`."""
    return _mark(conn, sent, owner=AWAITED, detail=detail)


def close(conn: Connection, sent: Sent, state: NetworkState, detail: str, now: datetime) -> bool:
    """What came of it, for good; False where it is not this owner's any more."""
    return _mark(conn, sent, state=state.value, detail=detail, owner=None, closed=now)


def put_off(conn: Connection, sent: Sent, not_before: datetime, detail: str) -> bool:
    """Surely nothing was done: it waits again, and all behind it with it. False as in `close`."""
    waiting = NetworkState.UNPROCESSED.value
    return _mark(conn, sent, state=waiting, detail=detail, owner=None, not_before=not_before, sent=None)


def set_aside(conn: Connection, sent: Sent, not_before: datetime, detail: str) -> None:
    """It could not leave for a reason of its own: until then the others pass."""
    waiting, tried = NetworkState.UNPROCESSED.value, sent.attempts - 1
    _mark(conn, sent, state=waiting, detail=detail, owner=None, not_before=not_before, sent=None, attempts=tried)


def withdraw(conn: Connection, name: str, detail: str, now: datetime) -> bool:
    """It is not to leave any more; False where it has left, or was settled before."""
    failed = {"state": NetworkState.FAILED.value, "detail": detail, "not_before": None, "closed": now}
    waiting = (_row.name == name, _row.state == NetworkState.UNPROCESSED.value)
    return conn.execute(update(_ledger).where(*waiting).values(failed)).rowcount == 1


def doubt(conn: Connection) -> bool:
    """All that wait may have been done already, by what this database was before: as if a bot had died over them.

    Whether there were any.
    """
    waiting = update(_ledger).where(_row.state == NetworkState.UNPROCESSED.value)
    return conn.execute(waiting.values(state=NetworkState.SENT.value, owner=NOBODY)).rowcount > 0


def _found(conn: Connection, *which: ColumnElement[bool]) -> list[Sent]:
    found = select(*_columns()).where(*which).order_by(_row.id)
    return [_sent(row) for row in conn.execute(found).mappings()]


def _mark(conn: Connection, of: Sent, /, **values: Any) -> bool:
    key = {"b_id": of.id, "b_owner": of.owner, "b_claim": of.claim}
    return conn.execute(_MARK, key | values).rowcount == 1


def _columns() -> list[Any]:
    return [_row[name] for name in Sent.__slots__]


def _sent(row: Mapping[Any, Any]) -> Sent:
    return Sent(**{**row, "action": Action(row["action"]), "body": json.loads(row["body"])})


_QUEUE = insert(_ledger)
_BUSY = select(_row.target, func.count().label("told")).where(_told).group_by(_row.target)
_MARK = update(_ledger).where(_ours)
