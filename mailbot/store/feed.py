"""The line of events: what is written into it with the change that it is about. Nothing is, while nobody subscribes."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, insert, select

from mailbot.process.news import News
from mailbot.store import tables
from mailbot.store.base import ONE


def tell(
    conn: Connection, told: Sequence[News], now: datetime, *, reference: str | None = None, version: int | None = None
) -> None:
    """Put events into the line, where anybody is told of anything.

    `version` is the request's as they leave it: it is kept by `keep`, in the same transaction.
    """
    if told and has_subscribers(conn):
        about = {"reference": reference, "version": version}
        conn.execute(_TELL, [_row(one, now) | about for one in told])


def keep(conn: Connection, reference: str, version: int, body: str, now: datetime) -> None:
    """A request as it stands after a change, in JSON, for what is told of that change."""
    conn.execute(_KEEP, {"reference": reference, "version": version, "at": now, "body": body})


def has_subscribers(conn: Connection) -> bool:
    return conn.execute(ANYBODY).first() is not None


def _row(one: News, now: datetime) -> dict[str, Any]:
    return {
        "name": uuid4().hex,
        "at": now,
        "type": one.type,
        "severity": int(one.severity),
        "facts": json.dumps(one.facts, ensure_ascii=False),
    }


ANYBODY = select(tables.subscriber.c.id).limit(ONE)
_TELL = insert(tables.event)
_KEEP = insert(tables.snapshot)
