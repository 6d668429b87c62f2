"""How long departments took for their last answers: what is usual is read from there."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, delete, insert, select

from mailbot.process.usual import LAST, Usual, usual
from mailbot.store import tables

_row = tables.answer_time.c


def note(conn: Connection, times: Mapping[str, timedelta], now: datetime) -> None:
    """Add an answer of each department; of each, those are kept that count."""
    rows = [{"department": name, "seconds": int(time.total_seconds()), "at": now} for name, time in times.items()]
    conn.execute(_NOTE, rows)
    conn.execute(_FORGET, [{"of": name} for name in times])


def usual_times(conn: Connection, department: str | None = None) -> Mapping[str, Usual]:
    """What is usual, by department (or that of one), where it has answered often enough."""
    found: dict[str, list[timedelta]] = {}
    rows = conn.execute(_ALL) if department is None else conn.execute(_OF, {"of": department})
    for name, seconds in rows:
        found.setdefault(name, []).append(timedelta(seconds=seconds))
    return {name: known for name, times in found.items() if (known := usual(times))}


_NOTE = insert(tables.answer_time)
_ALL = select(_row.department, _row.seconds)
_OF = _ALL.where(_row.department == bindparam("of"))
_oldest_that_counts = (
    select(_row.id).where(_row.department == bindparam("of")).order_by(_row.id.desc()).limit(1).offset(LAST - 1)
)
_FORGET = delete(tables.answer_time).where(
    _row.department == bindparam("of"), _row.id < _oldest_that_counts.scalar_subquery()
)
