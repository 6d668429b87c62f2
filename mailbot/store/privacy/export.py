"""All that is kept of one person, for himself."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, or_, select

from mailbot.process.request import Kept
from mailbot.store import codec, tables
from mailbot.store.attachments import of_people
from mailbot.store.privacy import beside
from mailbot.store.space.tables import address_history
from mailbot.store.space.views import as_allocation

_request, _history, _box, _mail = tables.request.c, tables.history.c, tables.outbox.c, tables.inbox.c
_held = address_history.c

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """`requests` are his own, whole, `orders` what some of them said beside their forms as orders of the API; `entries`
    what the history says of him; `mails` (name, bytes) from and to him; `attachments` what came with his requests, or
    from him.
    """

    requests: list[Row]
    orders: list[Row]
    entries: list[Row]
    addresses: list[Row]
    absences: list[Row]
    attachments: list[Kept]
    unreachable: list[Row]
    mails: Iterator[tuple[str, bytes]]


def about(conn: Connection, names: Collection[str]) -> Export:
    """By all his addresses; `mails` are read while they are iterated."""
    own = select(_request.body).where(_request.requester.in_(names)).order_by(_request.id)
    mine = select(_request.reference).where(_request.requester.in_(names))
    his = select(_request.id).where(_request.requester.in_(names))
    entry = select(_history.at, _history.reference, _history.actor, _history.action, _history.step, _history.detail)
    said = or_(_history.actor.in_(names), _history.reference.in_(mine))
    had = select(address_history).where(_held.holder.in_(names)).order_by(_held.id)
    away = select(tables.absence).where(tables.absence.c.person.in_(names))
    lost = select(tables.unreachable).where(tables.unreachable.c.person.in_(names))
    return Export(
        requests=[codec.plain(codec.read(body)) for body in conn.scalars(own)],
        orders=[{**row, "sheet": json.loads(row["sheet"])} for row in beside.sheets(conn, his)],
        entries=[dict(row) for row in conn.execute(entry.where(said).order_by(_history.id)).mappings()],
        addresses=[_span(row) for row in conn.execute(had)],
        absences=[dict(row) for row in conn.execute(away).mappings()],
        attachments=of_people(conn, names),
        unreachable=[dict(row) for row in conn.execute(lost).mappings()],
        mails=_mails(conn, names),
    )


def _span(row: Any) -> Row:
    held = as_allocation(row)
    return {
        "at": row.at,
        "prefix": str(held.prefix),
        "pool": held.pool,
        "state": held.state.value,
        "reference": held.reference,
        "description": held.description,
        "carries": dict(held.carries),
    }


def _mails(conn: Connection, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
    came = select(_mail.id, _mail.raw).where(_mail.sender.in_(names)).order_by(_mail.id)
    left = select(_box.id, _box.raw).where(_box.recipient.in_(names)).order_by(_box.id)
    for kind, found in (("from", came), ("to", left)):
        for row in conn.execute(found, execution_options={"yield_per": 100}):
            if row.raw:
                yield f"{kind}-{row.id}.eml", row.raw
