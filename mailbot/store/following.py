"""The line of events as it is read: numbered in the order of the commits, and forgotten when it is old."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, bindparam, delete, func, or_, select, update

from mailbot.process.news import Severity
from mailbot.store import tables
from mailbot.store.subscribers import LAST_EVENT
from mailbot.store.transaction import Transaction

AT_ONCE = 1000
"""Events that are numbered together."""

_event, _snapshot, _subscriber = tables.event, tables.snapshot, tables.subscriber


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event in the line. `snapshot` is its request as it stood then, in JSON; None where it is about none."""

    position: int
    name: str
    at: datetime
    type: str
    severity: Severity
    reference: str | None
    facts: Mapping[str, Any]
    snapshot: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which events: of types that read so, or begin so before a "*" (none named: all), and at least so grave."""

    types: tuple[str, ...] = ()
    severity: Severity = Severity.INFO


def is_numbered(conn: Connection) -> bool:
    """Whether every event has its place. Asking it stops no other bot."""
    return conn.execute(_UNNUMBERED, {"most": 1}).first() is None


def number(tx: Transaction) -> int:
    """Give events their places in the line, in the order in which they were committed; how many there were.

    One bot at a time does it, so that no number becomes visible after a higher one: who has read up to a number has
    missed nothing.
    """
    tx.hold(LAST_EVENT)
    ids = tx.conn.execute(_UNNUMBERED, {"most": AT_ONCE}).scalars().all()
    if not ids:
        return 0
    last = last_position(tx.conn)
    tx.conn.execute(_NUMBER, [{"b_id": id_, "b_position": place} for place, id_ in enumerate(ids, last + 1)])
    tx.set_fact(LAST_EVENT, str(last + len(ids)))
    return len(ids)


def last_position(conn: Connection) -> int:
    """The number of the last event in the line."""
    return int(Transaction(conn).fact(LAST_EVENT) or 0)


def after(conn: Connection, position: int, wanted: Wanted, *, until: int, most: int) -> list[Told]:
    """The first of the wanted events behind that place, up to another."""
    found = _EVENTS.where(_event.c.position > position, _event.c.position <= until)
    if wanted.severity:
        found = found.where(_event.c.severity >= int(wanted.severity))
    if wanted.types:
        found = found.where(or_(*(_is_of(type_) for type_ in wanted.types)))
    return [_told(row) for row in conn.execute(found.order_by(_event.c.position).limit(most)).mappings()]


def forget(conn: Connection, before: datetime) -> Mapping[str, int]:
    """Drop events that are older than that; by subscriber, how many he has not been told of, of whatever type."""
    last = conn.execute(select(func.max(_event.c.position)).where(_event.c.at < before)).scalar_one()
    if last is None:
        return {}
    behind = select(_subscriber.c.name, _subscriber.c.position).where(_subscriber.c.position < last)
    lost = {row.name: last - row.position for row in conn.execute(behind)}
    conn.execute(delete(_event).where(_event.c.position <= last))
    conn.execute(delete(_snapshot).where(_snapshot.c.at < before))
    conn.execute(update(_subscriber).where(_subscriber.c.position < last).values(position=last))
    return lost


def _is_of(type_: str) -> Any:
    if type_.endswith("*"):
        return _event.c.type.startswith(type_.removesuffix("*"), autoescape=True)
    return _event.c.type == type_


def _told(row: RowMapping) -> Told:
    return Told(**{**row, "severity": Severity(row["severity"]), "facts": json.loads(row["facts"])})


_UNNUMBERED = select(_event.c.id).where(_event.c.position.is_(None)).order_by(_event.c.id).limit(bindparam("most"))
_NUMBER = update(_event).where(_event.c.id == bindparam("b_id")).values(position=bindparam("b_position"))
_EVENTS = select(
    *(_event.c[name] for name in Told.__slots__ if name != "snapshot"), _snapshot.c.body.label("snapshot")
).join_from(
    _event,
    _snapshot,
    and_(_snapshot.c.reference == _event.c.reference, _snapshot.c.version == _event.c.version),
    isouter=True,
)
