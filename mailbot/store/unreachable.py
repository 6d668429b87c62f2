"""Whom letters do not reach: since when, and what a mail system said of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from mailbot.store import tables

_row = tables.unreachable.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """`status` is the mail system's: "5.1.1"; "" where it gave none."""

    person: str
    since: datetime
    status: str


def all_(conn: Connection) -> Mapping[str, Unreachable]:
    """By person, in the order of their addresses."""
    found = conn.execute(select(tables.unreachable).order_by(_row.person)).mappings()
    return {row["person"]: Unreachable(**row) for row in found}


def note(conn: Connection, person: str, status: str, now: datetime) -> bool:
    """Whether he was reached before. The first time stands."""
    if conn.execute(select(_row.person).where(_row.person == person)).first() is not None:
        return False
    conn.execute(insert(tables.unreachable), {"person": person, "since": now, "status": status})
    return True


def clear(conn: Connection, people: Iterable[str]) -> list[str]:
    """He has been heard of; who of these was unreachable until now."""
    return [person for person in people if conn.execute(_CLEAR, {"person": person}).rowcount]


_CLEAR = delete(tables.unreachable).where(_row.person == bindparam("person"))
