"""The ledger of network requests while it is being worked off: claimed and `sent` in one commit, before anything is
done to a target, and closed by its answer.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, bindparam, func, insert, or_, select, update

from mailbot.process.definition import Action
from mailbot.process.request import Drive, NetworkState
from mailbot.store import tables

NOBODY = 0
"""An owner who has never lived."""

_ledger = tables.network_request
_row = _ledger.c
_open = _row.state.in_([NetworkState.UNPROCESSED.value, NetworkState.SENT.value])
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
    return conn.execute(select(_row.id).where(_open).limit(1)).first() is None


def claim(conn: Connection, owner: int, now: datetime) -> Sent | None:
    """Take the oldest network request that may leave now, and make it `sent`; None when there is none.

    A target is told one thing at a time, in the order of asking: one that waits, or is sent, stops all behind it. Only
    what was set aside before it ever left (see `set_aside`) lets others pass. Two must not claim at the same time.
    """
    due = or_(_row.not_before.is_(None), _row.not_before <= now)
    first_of_each = select(func.min(_row.id)).where(_open, or_(_row.attempts > 0, due)).group_by(_row.target)
    waiting = _row.state == NetworkState.UNPROCESSED.value
    next_ = select(_row.id).where(_row.id.in_(first_of_each), waiting, due).order_by(_row.id).limit(1)
    taken = (
        update(_ledger)
        .where(_row.id == next_.scalar_subquery())
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
    row = conn.execute(taken).mappings().one_or_none()
    return None if row is None else _sent(row)


def under_way(conn: Connection) -> list[Sent]:
    """All that are sent and have no answer yet, oldest first."""
    found = select(*_columns()).where(_row.state == NetworkState.SENT.value).order_by(_row.id)
    return [_sent(row) for row in conn.execute(found).mappings()]


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


def _mark(conn: Connection, of: Sent, /, **values: Any) -> bool:
    key = {"b_id": of.id, "b_owner": of.owner, "b_claim": of.claim}
    return conn.execute(_MARK, key | values).rowcount == 1


def _columns() -> list[Any]:
    return [_row[name] for name in Sent.__slots__]


def _sent(row: RowMapping) -> Sent:
    return Sent(**{**row, "action": Action(row["action"]), "body": json.loads(row["body"])})


_QUEUE = insert(_ledger)
_MARK = update(_ledger).where(_ours)
