"""What is measured, as the database has it: so it is right for any number of bots."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Table, func, or_, select

from mailbot.process.marks import JEOPARDY, LATE
from mailbot.process.request import CLOSED, NetworkState, State
from mailbot.store import codec, following, subscribers, tables
from mailbot.store.transaction import Transaction
from mailbot.store.values import PAUSED

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_UNSETTLED = [state.value for state in NetworkState if state is not NetworkState.CONFIRMED]

_request, _box = tables.request.c, tables.outbox.c
_is_open = _request.state.in_([state.value for state in State if state not in CLOSED])


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


class Settled:
    """Counts of what does not change any more, kept as long as the process lives: a look adds what came since.

    So the first look counts all there is, and every other one what is of the last days. What a transaction is about to
    commit is younger than a day.
    """

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = {}
        self._until: dict[str, datetime] = {}

    def by_state(
        self, conn: Connection, table: Table, at: str, now: datetime, *those: ColumnElement[bool]
    ) -> Counter[str]:
        """Rows of a table that are at an end since the moment in column `at`, by state."""
        name, edge, moment = table.name, now - DAY, table.c[at]
        since = self._until.get(name)
        begun = [moment >= since] if since else []
        if since is None or since < edge:
            more = Counter(_by_state(conn, table, *those, *begun, moment < edge))
            self._counts[name], self._until[name] = self._counts.get(name, Counter()) + more, edge
        return self._counts[name] + Counter(_by_state(conn, table, *those, moment >= self._until[name]))


def gauges(conn: Connection, now: datetime, settled: Settled) -> Gauges:
    """`settled` is this process's, from one look to the next."""
    network = tables.network_request
    confirmed = network.c.state == "confirmed"
    sent = settled.by_state(conn, tables.outbox, "sent", now)
    last, told = following.last_position(conn), subscribers.subscriptions(conn)
    return Gauges(
        open_requests=_open_requests(conn),
        closed_requests=settled.by_state(conn, tables.request, "closed", now),
        late=_counted(conn, _request.closed.is_(None), _request.due < now),
        jeopardy=_in_jeopardy(conn, now),
        letters=_by_state(conn, tables.outbox, _box.state.in_(["waiting", "refused", "withdrawn"]))
        | {"sent": sent.total()},
        sent_last_hour=_counted(conn, _box.sent > now - HOUR),
        network_requests=_by_state(conn, network, network.c.state.in_(_UNSETTLED))
        | settled.by_state(conn, network, "closed", now, confirmed),
        held_mail=_by_state(conn, tables.inbox, tables.inbox.c.state.in_(["held", "quarantined"])),
        paused=Transaction(conn).fact(PAUSED) or "",
        events=last,
        behind={to.id: max(0, last - to.position) for to in told},
        failing_since={to.id: to.failing_since for to in told if to.failing_since is not None},
    )


def _counted(conn: Connection, *those: ColumnElement[bool]) -> int:
    return conn.scalar(select(func.count()).where(*those)) or 0


def _by_state(conn: Connection, table: Table, *those: ColumnElement[bool]) -> dict[str, int]:
    state = func.coalesce(table.c.state, table.c.state)  # by no index of states: what is asked for leads to the rows
    found = select(state, func.count()).where(*those).group_by(state)
    return {str(state): count for state, count in conn.execute(found)}


def _open_requests(conn: Connection) -> dict[tuple[str, str], int]:
    found = select(_request.type, _request.state, func.count()).where(_is_open)
    rows = conn.execute(found.group_by(_request.type, _request.state))
    return {(type_, state): count for type_, state, count in rows}


def _in_jeopardy(conn: Connection, now: datetime) -> int:
    """Those that were told of, and are not late yet: what may be one by its text is read."""
    not_yet = or_(_request.due >= now, _request.due.is_(None))
    found = select(_request.body).where(_request.closed.is_(None), not_yet, _request.body.contains(f'"{JEOPARDY}"'))
    requests = (codec.read(body) for body in conn.execute(found).scalars())
    return sum(JEOPARDY in one.told and LATE not in one.told for one in requests)
