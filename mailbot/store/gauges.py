"""What is measured, as the database has it: so it is right for any number of bots."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Table, func, not_, select

from mailbot.process.marks import JEOPARDY, LATE
from mailbot.process.request import CLOSED, State
from mailbot.store import codec, following, subscribers, tables
from mailbot.store.transaction import Transaction
from mailbot.store.values import PAUSED

HOUR = timedelta(hours=1)

_request, _box = tables.request.c, tables.outbox.c
_is_open = _request.state.not_in([state.value for state in CLOSED])


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """Numbers; `open_requests` by type and state, `closed_requests` and the ledgers by state.

    `paused` is what does not leave ("" nothing); `behind` and `failing_since` are of subscribers, by id.
    """

    open_requests: Mapping[tuple[str, str], int]
    closed_requests: Mapping[str, int]
    late: int
    jeopardy: int
    letters: Mapping[str, int]
    sent_last_hour: int
    network_requests: Mapping[str, int]
    held_mail: Mapping[str, int]
    paused: str
    events: int
    behind: Mapping[str, int]
    failing_since: Mapping[str, datetime]


def gauges(conn: Connection, now: datetime) -> Gauges:
    last, told = following.last_position(conn), subscribers.subscriptions(conn)
    return Gauges(
        open_requests=_open_requests(conn),
        closed_requests=_by_state(conn, tables.request, not_(_is_open)),
        late=_counted(conn, _is_open, _request.state != State.HELD.value, _request.due < now),
        jeopardy=_in_jeopardy(conn),
        letters=_by_state(conn, tables.outbox, _box.state != "sent") | {"sent": _counted(conn, _box.sent.is_not(None))},
        sent_last_hour=_counted(conn, _box.sent > now - HOUR),
        network_requests=_by_state(conn, tables.network_request),
        held_mail=_by_state(conn, tables.inbox, tables.inbox.c.state.in_(["held", "quarantined"])),
        paused=Transaction(conn).fact(PAUSED) or "",
        events=last,
        behind={to.id: max(0, last - to.position) for to in told},
        failing_since={to.id: to.failing_since for to in told if to.failing_since is not None},
    )


def _counted(conn: Connection, *those: ColumnElement[bool]) -> int:
    return conn.scalar(select(func.count()).where(*those)) or 0


def _by_state(conn: Connection, table: Table, *those: ColumnElement[bool]) -> dict[str, int]:
    found = select(table.c.state, func.count()).where(*those).group_by(table.c.state)
    return {str(state): count for state, count in conn.execute(found)}


def _open_requests(conn: Connection) -> dict[tuple[str, str], int]:
    found = select(_request.type, _request.state, func.count()).where(_is_open)
    rows = conn.execute(found.group_by(_request.type, _request.state))
    return {(type_, state): count for type_, state, count in rows}


def _in_jeopardy(conn: Connection) -> int:
    """Those that were told of, and are not late yet: what may be one by its text is read."""
    found = select(_request.body).where(_is_open, _request.body.contains(f'"{JEOPARDY}"'))
    requests = (codec.read(body) for body in conn.execute(found).scalars())
    return sum(JEOPARDY in one.told and LATE not in one.told for one in requests)
