"""What orders by the API say beside their forms, what makes them the same order, and their cancellations."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, ScalarSelect, exists, insert, literal, select, update

from mailbot.store import tables
from mailbot.store.lists import Cut, Paged, found
from mailbot.store.records import Sight, is_seen

_request = tables.request.c
_sheet = tables.service_order
_sent = tables.sent_order
_cancellation = tables.order_cancellation

Sheet = Mapping[str, Any]
"""Plain JSON values, by the names that the API gives them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """`refusal` is why it was not cancelled; "" where it was."""

    id: int
    reference: str
    asked: datetime
    reason: str
    refusal: str


def sent_before(conn: Connection, once: str) -> tuple[str, bytes] | None:
    """(reference, digest of what it said) of the order that is known by `once`; None where it is new."""
    found = select(_request.reference, _sent.c.digest).join(tables.request).where(_sent.c.once == once)
    row = conn.execute(found).one_or_none()
    return None if row is None else (row.reference, row.digest)


def note_sent(conn: Connection, reference: str, once: Collection[str], digest: bytes) -> None:
    """From now on this order is known by these names."""
    for name in once:
        conn.execute(insert(_sent).values(once=name, request_id=_id(reference), digest=digest))


def keep_sheet(conn: Connection, reference: str, key: int, sheet: Sheet, *, part_of: str | None = None) -> None:
    """What a new order said beside its form; `part_of` is its first item's request, where it is not that one itself."""
    first = None if part_of is None else _id(part_of)
    conn.execute(insert(_sheet).values(request_id=_id(reference), key_id=key, part_of=first, **_row(sheet)))


def first(conn: Connection, reference: str) -> str:
    """The request of the first item of the order that this one belongs to; mostly itself."""
    head = tables.request.alias()
    found = select(head.c.reference).join_from(_sheet, head, _sheet.c.part_of == head.c.id)
    row = conn.execute(found.where(_sheet.c.request_id == _id(reference))).scalar_one_or_none()
    return reference if row is None else str(row)


def others(conn: Connection, firsts: Collection[str]) -> dict[str, list[str]]:
    """The requests of the further items of orders, in their order; by that of the first, where there are any."""
    head = tables.request.alias()
    found = select(head.c.reference.label("first"), _request.reference).join_from(
        _sheet, tables.request, _sheet.c.request_id == _request.id
    )
    found = found.join(head, _sheet.c.part_of == head.c.id).where(head.c.reference.in_(sorted(firsts)))
    by_first: dict[str, list[str]] = {}
    for row in conn.execute(found.order_by(_request.id)):
        by_first.setdefault(row.first, []).append(row.reference)
    return by_first


def change_sheet(conn: Connection, reference: str, key: int, changes: Sheet) -> None:
    """What is said anew; of a request that was no order so far, it is the first sheet."""
    known = sheets(conn, [reference]).get(reference)
    if known is None:
        keep_sheet(conn, reference, key, changes)
        return
    row = _row({**known, **changes})
    conn.execute(update(_sheet).where(_sheet.c.request_id == _id(reference)).values(**row))


def _row(sheet: Sheet) -> dict[str, Any]:
    asked_for = {name: sheet.get(name) for name in ("category", "priority")}
    return {"sheet": json.dumps(sheet, ensure_ascii=False), **asked_for}


def sheets(conn: Connection, references: Collection[str]) -> dict[str, Sheet]:
    """Of those that were ordered by the API."""
    found = select(_request.reference, _sheet.c.sheet).join_from(
        _sheet, tables.request, _sheet.c.request_id == _request.id
    )
    rows = conn.execute(found.where(_request.reference.in_(sorted(references))))
    return {row.reference: json.loads(row.sheet) for row in rows}


# -- cancellations -------------------------------------------------------------------------------------------------


def note_cancellation(conn: Connection, reference: str, reason: str, refusal: str, now: datetime) -> Cancellation:
    row = {"request_id": _id(reference), "asked": now, "reason": reason, "refusal": refusal}
    number = conn.execute(insert(_cancellation).values(**row).returning(_cancellation.c.id)).scalar_one()
    return Cancellation(id=number, reference=reference, asked=now, reason=reason, refusal=refusal)


def cancellation(conn: Connection, number: int, sight: Sight) -> Cancellation | None:
    """None where there is none to be seen."""
    row = conn.execute(_cancellations(sight).where(_cancellation.c.id == number)).mappings().one_or_none()
    return None if row is None else Cancellation(**row)


def cancellations(conn: Connection, sight: Sight, cut: Cut) -> Paged[Cancellation]:
    """Newest first."""
    ids = [select(_cancellation.c.id)]
    seen = exists(select(_request.id).where(_request.id == _cancellation.c.request_id, is_seen(sight)))
    narrowed = ids if sight.everything else [ids[0].where(seen)]
    begun = narrowed if cut.after is None else found.behind(narrowed, [literal(cut.after)], cut)
    rows, more = found.page(conn, begun, cut)
    total = found.total(conn, narrowed, narrowed, cut, on_page=len(rows), more=more)
    these = _cancellations(sight).where(_cancellation.c.id.in_([row.id for row in rows]))
    shown = conn.execute(these.order_by(_cancellation.c.id.desc())).mappings()
    return Paged(rows=[Cancellation(**row) for row in shown], total=total, more=more)


def _cancellations(sight: Sight) -> Any:
    columns = [column for column in _cancellation.c if column.name != "request_id"]
    found = select(*columns, _request.reference).join(tables.request)
    return found if sight.everything else found.where(is_seen(sight))


def _id(reference: str) -> ScalarSelect[int]:
    return select(_request.id).where(_request.reference == reference).scalar_subquery()
