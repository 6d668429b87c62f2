"""Targets that fail again and again: how often, and until when they are left alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from mailbot.store import tables

FIRST_PAUSE = timedelta(minutes=5)
LONGEST_PAUSE = timedelta(hours=1)

_table = tables.breaker
_row = _table.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaker:
    """`failures` in a row since `since`; with an `until` the target is paused, and has been told of as such."""

    target: str
    failures: int
    detail: str
    since: datetime
    until: datetime | None = None

    def holds(self, now: datetime) -> bool:
        return self.until is not None and now < self.until


def breakers(conn: Connection) -> Mapping[str, Breaker]:
    """Of all targets whose last answer was no confirmation, by name."""
    return {row["target"]: Breaker(**row) for row in conn.execute(select(_table)).mappings()}


def failed(conn: Connection, target: str, detail: str, *, most: int, now: datetime) -> Breaker | None:
    """One more failure in a row; the breaker where this was the one too many (`most`; 0: never), else None."""
    before = breakers(conn).get(target)
    failures = before.failures + 1 if before else 1
    pauses = failures - most if most else -1
    until = now + min(FIRST_PAUSE * 2 ** min(pauses, 10), LONGEST_PAUSE) if pauses >= 0 else None
    values = {"failures": failures, "detail": detail, "until": until}
    if before:
        conn.execute(update(_table).where(_row.target == target).values(values))
    else:
        conn.execute(insert(_table).values(target=target, since=now, **values))
    if until is None or (before and before.until):
        return None
    return breakers(conn)[target]


def succeeded(conn: Connection, target: str) -> bool:
    """It works; whether it had been paused."""
    before = breakers(conn).get(target)
    if before is not None:
        conn.execute(delete(_table).where(_row.target == target))
    return before is not None and before.until is not None


def resume(conn: Connection, target: str, now: datetime) -> bool:
    """Its pause ends now, and one thing is tried; False where it is not paused."""
    paused = (_row.target == target, _row.until.is_not(None))
    return conn.execute(update(_table).where(*paused).values(until=now)).rowcount == 1
