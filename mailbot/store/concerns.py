"""Whom a request concerns, and what others call it: kept in columns, beside the requests that say so."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from mailbot.process.request import Request
from mailbot.store import tables
from mailbot.store.values import Stored

_MOVE = update(tables.concern).where(tables.concern.c.request_id == bindparam("b_request"))


def concerned_by(request: Request) -> frozenset[str]:
    """Beside its requester: who watches, whoever is asked or sat for, and by their marks its customers."""
    return frozenset(_concerned_by(request))


def _concerned_by(request: Request) -> Iterator[str]:
    yield from request.watchers
    yield from (customer.mark for customer in request.customers.values())
    for step in request.steps:
        yield from step.asked
        yield from step.departments
        yield from (one.absent for one in step.stand_ins)


def note(conn: Connection, stored: Stored, request: Request) -> None:
    """Bring the ledger to what the request says now."""
    before, after = concerned_by(stored.request), concerned_by(request)
    kind = {"state": request.state.value, "type": request.type, "created": request.created}
    if before & after and stored.request.state is not request.state:
        conn.execute(_MOVE, {"b_request": stored.id, "state": request.state.value})
    _change(conn, tables.concern, "who", stored, gone=before - after, new=after - before, beside=kind)


def name(conn: Connection, stored: Stored, names: Iterable[str]) -> None:
    """What others call a request, from now on."""
    known = select(tables.other_name.c.name).where(tables.other_name.c.request_id == stored.id)
    before, after = set(conn.scalars(known)), set(map(spelled, names)) - {""}
    _change(conn, tables.other_name, "name", stored, gone=before - after, new=after - before)


def spelled(text: str) -> str:
    """A name in the form in which names are compared: "#1234" is 1234."""
    return " ".join(text.casefold().split()).removeprefix("#").strip()


def _change(
    conn: Connection,
    table: Table,
    column: str,
    stored: Stored,
    *,
    gone: Collection[str],
    new: Collection[str],
    beside: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """`beside`: what stands in a row, too."""
    if gone:
        this = (table.c.request_id == stored.id, table.c[column] == bindparam("b_what"))
        conn.execute(delete(table).where(*this), [{"b_what": what} for what in gone])
    if new:
        conn.execute(insert(table), [{"request_id": stored.id, column: what, **beside} for what in new])
