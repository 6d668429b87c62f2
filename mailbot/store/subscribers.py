"""Who is told of events, each with a place in the line of events: the configuration's, and hub subscriptions."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

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
    hub takes it. `position` is the number of the last event that he has; `failing_since` is None while all is well.
    """

    id: str
    key: str | None
    callback: str | None
    query: str
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
    conn: Connection, *, key: str, callback: str, query: str = "", scope: Mapping[str, Any], now: datetime
) -> str:
    """A hub subscription to all that happens from now on; its id. The same once more is the same subscription."""
    same = (_row.key == key, _row.callback == callback, _row.query == query)
    known = conn.execute(select(_row.name).where(*same)).scalar_one_or_none()
    if known is not None:
        conn.execute(update(_table).where(*same).values(scope=json.dumps(scope)))
        return str(known)
    name = uuid4().hex
    _begin(conn, name, now, key=key, callback=callback, query=query, scope=json.dumps(scope))
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


def _begin(conn: Connection, name: str, now: datetime, **terms: Any) -> None:
    position = int(Transaction(conn).fact(LAST_EVENT) or 0)
    conn.execute(insert(_table).values(name=name, created=now, position=position, **terms))


def _subscription(row: RowMapping) -> Subscription:
    fields: Sequence[str] = [name for name in Subscription.__slots__ if name not in {"id", "scope"}]
    return Subscription(id=row["name"], scope=json.loads(row["scope"]), **{name: row[name] for name in fields})
