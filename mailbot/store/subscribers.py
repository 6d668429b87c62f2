"""Who is told of events, each with a place in the line of events: the configuration's, and hub subscriptions."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, bindparam, delete, func, insert, or_, select, update

from mailbot.store import tables
from mailbot.store.transaction import Transaction

LAST_EVENT = "last event"
"""The fact that holds the number of the last event that was given one."""

_table = tables.subscriber
_row = _table.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """Somebody who is told of events, and how that goes.

    `id` is what the API calls it, or the name in the configuration (then it has no `callback`). `key` is the API key
    that made it, and `scope` what that key may see, as plain JSON values (empty: everything). `query` is as TM Forum's
    hub takes it, and `version` that of the hub that took it. `position` is the number of the last event that he has;
    `failing_since` is None while all is well.
    """

    id: str
    key: str | None
    callback: str | None
    query: str
    version: str | None
    scope: Mapping[str, Any]
    created: datetime
    position: int
    delivered: datetime | None
    attempts: int
    not_before: datetime | None
    failing_since: datetime | None
    error: str

    @property
    def is_configured(self) -> bool:
        return self.callback is None


def subscribe(
    conn: Connection,
    *,
    key: str,
    callback: str,
    query: str = "",
    scope: Mapping[str, Any],
    version: str = "v4",
    now: datetime,
) -> str:
    """A hub subscription to all that happens from now on; its id. The same once more is the same subscription."""
    same = (_row.key == key, _row.callback == callback, _row.query == query, _row.version == version)
    known = conn.execute(select(_row.name).where(*same)).scalar_one_or_none()
    if known is not None:
        conn.execute(update(_table).where(*same).values(scope=json.dumps(scope)))
        return str(known)
    name = uuid4().hex
    _begin(conn, name, now, key=key, callback=callback, query=query, scope=json.dumps(scope), version=version)
    return name


def unsubscribe(conn: Connection, id_: str, *, key: str | None = None) -> bool:
    """End a hub subscription, of that key where one is given; False where there is none."""
    this = [_row.name == id_, _row.callback.is_not(None)]
    if key is not None:
        this.append(_row.key == key)
    return conn.execute(delete(_table).where(*this)).rowcount == 1


def subscriptions(conn: Connection, *, key: str | None = None) -> list[Subscription]:
    """All who are told, in the order in which they came; or the hub subscriptions of one key."""
    found = select(_table).order_by(_row.id)
    if key is not None:
        found = found.where(_row.key == key)
    return [_subscription(row) for row in conn.execute(found).mappings()]


def subscription(conn: Connection, id_: str) -> Subscription | None:
    row = conn.execute(select(_table).where(_row.name == id_)).mappings().one_or_none()
    return None if row is None else _subscription(row)


def sync(conn: Connection, names: Collection[str], now: datetime) -> None:
    """Bring the configuration's subscribers to these: who is new is told from now on, who is gone is forgotten."""
    known = set(conn.scalars(select(_row.name).where(_row.callback.is_(None))))
    for name in sorted(set(names) - known):
        _begin(conn, name, now)
    if gone := known - set(names):
        conn.execute(delete(_table).where(_row.name.in_(gone), _row.callback.is_(None)))


def end_revoked(conn: Connection) -> None:
    """End the hub subscriptions whose keys are not believed any more."""
    keys = tables.api_key.c
    revoked = select(keys.name).where(keys.revoked.is_not(None))
    conn.execute(delete(_table).where(_row.callback.is_not(None), _row.key.in_(revoked)))


# -- claims ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A subscriber who is ours to tell. `claim` tells our turn from any other: an outdated mark changes nothing."""

    to: Subscription
    owner: int
    claim: int


def are_behind(conn: Connection, now: datetime, last: int) -> bool:
    """Whether there is anybody to tell something now. Asking it stops no other bot."""
    return conn.execute(select(_row.id).where(*_due(now, last)).limit(1)).first() is not None


def claim(conn: Connection, owner: int, now: datetime, last: int) -> Turn | None:
    """Take the one who has waited longest, of those who may be told now and lack events up to `last`."""
    next_ = (
        select(_row.id)
        .where(*_due(now, last), _row.owner.is_(None))
        .order_by(_row.position, _row.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    taken = update(_table).where(_row.id == next_.scalar_subquery())
    row = conn.execute(taken.values(owner=owner, claim=_row.claim + 1).returning(_table)).mappings().one_or_none()
    return None if row is None else Turn(to=_subscription(row), owner=owner, claim=row["claim"])


def free_the_dead(conn: Connection, is_at_work: Callable[[int, str], bool]) -> None:
    """Whom a bot was telling when it died is told by others, from the last event that was marked."""
    for row in conn.execute(select(_row.id, _row.owner, _row.name).where(_row.owner.is_not(None))).all():
        if not is_at_work(row.owner, row.name):
            conn.execute(update(_table).where(_row.id == row.id, _row.owner == row.owner).values(owner=None))


def mark_taken(conn: Connection, turn: Turn, position: int, now: datetime) -> bool:
    """He has all up to there; False where it is not our turn any more."""
    well = {"attempts": 0, "not_before": None, "failing_since": None, "error": "", "told": False}
    return _mark(conn, turn, position=position, delivered=now, **well)


def pass_over(conn: Connection, turn: Turn, position: int) -> bool:
    """Nothing up to there was for him. False as in `mark_taken`."""
    return _mark(conn, turn, position=position)


def mark_failed(conn: Connection, turn: Turn, error: str, not_before: datetime, now: datetime) -> datetime | None:
    """He takes nothing just now; since when that is so, None where it is not our turn any more."""
    failing = {"attempts": _row.attempts + 1, "not_before": not_before, "error": error, "owner": None}
    since = func.coalesce(_row.failing_since, bindparam("now", now, _row.failing_since.type))
    marked = update(_table).where(*_ours(turn)).values(**failing, failing_since=since)
    return conn.execute(marked.returning(_row.failing_since)).scalar_one_or_none()


def end_turn(conn: Connection, turn: Turn) -> None:
    _mark(conn, turn, owner=None)


def note_told(conn: Connection, to: Subscription) -> bool:
    """That admins know of his failing, and of all callbacks of his key that fail; False where they knew of any."""
    failing = _row.failing_since.is_not(None)
    his = _row.name == to.id if to.is_configured else and_(_row.callback.is_not(None), _row.key == to.key, failing)
    known = conn.execute(select(_row.id).where(his, _row.told.is_(True)).limit(1)).first()
    conn.execute(update(_table).where(his).values(told=True))
    return known is None


def move(conn: Connection, name: str, position: int) -> None:
    """He is told of what comes behind that place, at once."""
    conn.execute(update(_table).where(_row.name == name).values(position=position, not_before=None, attempts=0))


def _due(now: datetime, last: int) -> tuple[ColumnElement[bool], ...]:
    return _row.position < last, or_(_row.not_before.is_(None), _row.not_before <= now)


def _mark(conn: Connection, turn: Turn, **values: Any) -> bool:
    return conn.execute(update(_table).where(*_ours(turn)).values(values)).rowcount == 1


def _ours(turn: Turn) -> tuple[ColumnElement[bool], ...]:
    return _row.name == turn.to.id, _row.owner == turn.owner, _row.claim == turn.claim


def _begin(conn: Connection, name: str, now: datetime, **terms: Any) -> None:
    position = int(Transaction(conn).fact(LAST_EVENT) or 0)
    conn.execute(insert(_table).values(name=name, created=now, position=position, **terms))


def _subscription(row: RowMapping) -> Subscription:
    fields: Sequence[str] = [name for name in Subscription.__slots__ if name not in {"id", "scope"}]
    return Subscription(id=row["name"], scope=json.loads(row["scope"]), **{name: row[name] for name in fields})
