"""How well the bot does, as its ledgers tell: what is in error, what waits for too long, when it last passed."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select

from mailbot.store import tables
from mailbot.store.transaction import Transaction

LAST_PASS = "last pass"  # noqa: S105 (no password)
"""The fact that says when a bot was last through with a pass."""

DAY = timedelta(days=1)
"""For so long a refused letter is told of."""

_box, _timer, _network, _action, _mail = (
    tables.outbox.c,
    tables.timer.c,
    tables.network_request.c,
    tables.action.c,
    tables.inbox.c,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Numbers of what is in error; moments since when something waits that could have left (None: nothing does)."""

    quarantined: int
    stuck_steps: int
    failed_network_requests: int
    refused_letters: int
    oldest_letter: datetime | None
    oldest_network_request: datetime | None
    oldest_timer: datetime | None
    last_pass: datetime | None

    @property
    def errors(self) -> int:
        return self.quarantined + self.stuck_steps + self.failed_network_requests + self.refused_letters


def health(conn: Connection, now: datetime, since: datetime) -> Health:
    """`since`: letters that were refused before are somebody's affair already."""
    count = select(func.count())
    due = or_(_box.not_before.is_(None), _box.not_before <= now)
    ready = or_(_network.not_before.is_(None), _network.not_before <= now)
    stuck = count.select_from(tables.action).where(_action.trouble.is_not(None))
    failed = count.where(_network.state.in_(["failed", "unknown"]), _network.closed >= since)
    refused = count.where(_box.state == "refused", _box.created >= since)
    waiting = select(func.min(_box.created)).where(_box.state == "waiting", due)
    paused = select(tables.breaker.c.target).where(tables.breaker.c.until.is_not(None))
    free = _network.target.not_in(paused)
    undriven = select(func.min(_network.created)).where(_network.state == "unprocessed", ready, free)
    passed = Transaction(conn).fact(LAST_PASS)
    return Health(
        quarantined=conn.scalar(count.where(_mail.state == "quarantined")) or 0,
        stuck_steps=conn.scalar(stuck) or 0,
        failed_network_requests=conn.scalar(failed) or 0,
        refused_letters=conn.scalar(refused) or 0,
        oldest_letter=conn.scalar(waiting),
        oldest_network_request=conn.scalar(undriven),
        oldest_timer=conn.scalar(select(func.min(_timer.at))),
        last_pass=datetime.fromisoformat(passed) if passed else None,
    )
