"""The line of events: what is written into it with the change that it is about. Nothing is, while nobody subscribes."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, insert, select

from mailbot.process.news import News
from mailbot.store import tables


def tell(
    conn: Connection,
    told: Sequence[News],
    now: datetime,
    *,
    reference: str | None = None,
    snapshot: tuple[int, str] | None = None,
) -> None:
    """Put events into the line, where anybody is told of anything. `snapshot` is the request's version and its JSON."""
    if not told or not has_subscribers(conn):
        return
    version = snapshot[0] if snapshot else None
    conn.execute(_TELL, [_row(one, now) | {"reference": reference, "version": version} for one in told])
    if snapshot:
        row = {"reference": reference, "version": version, "at": now, "body": snapshot[1]}
        conn.execute(_KEEP, row)


def has_subscribers(conn: Connection) -> bool:
    return conn.execute(_ANYBODY).first() is not None


def _row(one: News, now: datetime) -> dict[str, Any]:
    return {
        "name": uuid4().hex,
        "at": now,
        "type": one.type,
        "severity": int(one.severity),
        "facts": json.dumps(one.facts, ensure_ascii=False),
    }


_ANYBODY = select(tables.subscriber.c.id).limit(1)
_TELL = insert(tables.event)
_KEEP = insert(tables.snapshot)
