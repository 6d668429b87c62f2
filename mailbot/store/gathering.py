"""What people must do and were not told of yet: gathered, until it is told in one list."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, exists, insert, select, update

from mailbot.process.request import State
from mailbot.store import tables
from mailbot.store.values import Stored

_row, _action, _request = tables.gathered.c, tables.action.c, tables.request.c

Place = tuple[str, str]
"""A step of a request, and a seat that it asks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """One thing that `seat` must do, to be told `at`; `why` as in the notice of an action."""

    step: str
    seat: str
    why: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Untold:
    """One thing of a list that is due, with the time by which it must be done."""

    reference: str
    step: str
    why: str
    due: datetime | None


def places(conn: Connection, stored: Stored) -> Mapping[Place, datetime]:
    """What of this request was gathered and not told yet, and when it will be."""
    return {(row.step, row.seat): row.at for row in conn.execute(_PLACES, {"request_id": stored.id})}


def gather(conn: Connection, stored: Stored, rows: Iterable[Gathered]) -> None:
    """What is gathered already waits for the time of the newer row."""
    rows = list(rows)
    forget(conn, stored, ((row.step, row.seat) for row in rows))
    new = [{name: getattr(row, name) for name in Gathered.__slots__} | {"request_id": stored.id} for row in rows]
    if new:
        conn.execute(insert(tables.gathered), new)


def forget(conn: Connection, stored: Stored, told: Iterable[Place]) -> None:
    """They have been told, or need not be told any more."""
    rows = [{"b_request": stored.id, "b_step": step, "b_seat": seat} for step, seat in told]
    if rows:
        conn.execute(_FORGET, rows)


def clear(conn: Connection, now: datetime) -> None:
    """Drop what is due to be told, and waits for nobody any more: it was answered or settled meanwhile."""
    conn.execute(_CLEAR, {"now": now})


def due(conn: Connection, now: datetime) -> str | None:
    """A seat whose list is due; None when there is none."""
    return conn.execute(_DUE, {"now": now}).scalar_one_or_none()


def listed(conn: Connection, seat: str, now: datetime) -> tuple[Untold, ...]:
    """All that a list of this seat is to hold, soonest due first, and so the late ones before all others."""
    rows = conn.execute(_LISTED, {"seat": seat, "now": now})
    return tuple(Untold(reference=row.reference, step=row.step, why=row.why, due=row.due) for row in rows)


def put_off(conn: Connection, stored: Stored, place: Place, until: datetime) -> None:
    step, seat = place
    conn.execute(_PUT_OFF, {"b_request": stored.id, "b_step": step, "b_seat": seat, "until": until})


def put_off_all(conn: Connection, seat: str, now: datetime, until: datetime) -> None:
    """What of this seat is due."""
    conn.execute(_PUT_OFF_ALL, {"b_seat": seat, "now": now, "until": until})


_is_due = _row.at <= bindparam("now")
_waits_here = and_(_action.request_id == _row.request_id, _action.step == _row.step, _action.seat == _row.seat)
_this = and_(
    _row.request_id == bindparam("b_request"), _row.step == bindparam("b_step"), _row.seat == bindparam("b_seat")
)

_PLACES = select(_row.step, _row.seat, _row.at).where(_row.request_id == bindparam("request_id"))
_FORGET = delete(tables.gathered).where(_this)
_PUT_OFF = update(tables.gathered).where(_this).values(at=bindparam("until"))
_PUT_OFF_ALL = update(tables.gathered).where(_is_due, _row.seat == bindparam("b_seat")).values(at=bindparam("until"))
_CLEAR = delete(tables.gathered).where(_is_due, ~exists().where(_waits_here))
_DUE = select(_row.seat).where(_is_due).order_by(_row.at, _row.seat).limit(1)
_LISTED = (
    select(_request.reference, _row.step, _row.why, _action.due)
    .select_from(tables.gathered.join(tables.request).join(tables.action, _waits_here))
    .where(_is_due, _row.seat == bindparam("seat"))
    .order_by(_request.state != State.IN_PROGRESS.value, _action.due.is_(None), _action.due, _row.request_id, _row.step)
)
