"""Who is away until when, and who stands in for him."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from mailbot.process.directory import Absence
from mailbot.store import tables

_row = tables.absence.c


def that_hold(conn: Connection, now: datetime) -> Mapping[str, Absence]:
    """The absences of this moment, by person."""
    found = conn.execute(_THAT_HOLD, {"now": now}).mappings()
    return {row["person"]: Absence(**row) for row in found}


def note(conn: Connection, absence: Absence, message_id: str | None) -> None:
    """What he says now holds instead of what he said before."""
    _forget(conn, absence.person)
    row = {name: getattr(absence, name) for name in Absence.__slots__}
    conn.execute(insert(tables.absence), row | {"message_id": message_id})


def end(conn: Connection, person: str) -> None:
    _forget(conn, person)


def _forget(conn: Connection, person: str) -> None:
    conn.execute(delete(tables.absence).where(_row.person == person))


_THAT_HOLD = select(_row.person, _row.since, _row.until, _row.deputy).where(
    _row.since <= bindparam("now"), _row.until > bindparam("now")
)
