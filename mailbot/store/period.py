"""What happened in a span of time: the questions that the digest and `stats` are made from."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, text

from mailbot.process.request import Request
from mailbot.store import chain, codec, tables
from mailbot.store.space.tables import address_history
from mailbot.store.transaction import Transaction

_request = tables.request.c
_history = tables.history.c


def requests_between(conn: Connection, since: datetime | None, until: datetime) -> Iterator[Request]:
    """All that were open at some moment of [since, until), oldest first, read while they are iterated."""
    found = select(_request.body).where(_request.created < until).order_by(_request.id)
    if since is not None:
        found = found.where(or_(_request.closed.is_(None), _request.closed >= since))
    for body in conn.execute(found, execution_options={"yield_per": 200}).scalars():
        yield codec.read(body)


def lives(conn: Connection, since: datetime) -> Iterator[tuple[datetime, datetime | None, str]]:
    """(created, closed, state) of all requests that came or ended since then."""
    found = select(_request.created, _request.closed, _request.state)
    for row in conn.execute(found.where(or_(_request.created >= since, _request.closed >= since))):
        yield row.created, row.closed, row.state


def mails_from_people(conn: Connection, since: datetime | None, until: datetime) -> dict[str, int]:
    """Reference → how many mails people wrote about a request that was closed in [since, until)."""
    box = tables.inbox.c
    found = select(box.reference, func.count().label("mails")).join(tables.request, _request.reference == box.reference)
    about = found.where(box["class"] == "human", _closed(since, until)).group_by(box.reference)
    return {row.reference: row.mails for row in conn.execute(about)}


def customers_of_space(conn: Connection, since: datetime, until: datetime) -> dict[str, str]:
    """Reference → the customer that space was booked under, of requests closed in [since, until) that took any."""
    held = address_history.c
    found = select(held.reference, func.min(held.customer).label("customer")).join(
        tables.request, _request.reference == held.reference
    )
    booked = found.where(held.customer.is_not(None), _closed(since, until)).group_by(held.reference)
    return {row.reference: row.customer for row in conn.execute(booked)}


def asked_again(conn: Connection, since: datetime | None, until: datetime) -> frozenset[str]:
    """Requests closed in [since, until) whose form was not complete at the first try."""
    found = select(_history.reference).join(tables.request, _request.reference == _history.reference)
    incomplete = and_(_history.action == "incomplete", _history.step.is_(None))
    return frozenset(conn.scalars(found.where(incomplete, _closed(since, until))).all())


def _closed(since: datetime | None, until: datetime) -> ColumnElement[bool]:
    began = _request.closed >= since if since is not None else _request.closed.is_not(None)
    return and_(began, _request.closed < until)


def hold_history(conn: Connection) -> None:
    """Let nobody write history until this transaction ends, and wait for who does.

    On SQLite a transaction that writes has that anyway. Here a seal needs it: what it covers are the entries with
    smaller numbers, and an entry that is not committed yet has its number already.
    """
    if conn.dialect.name == "postgresql":
        # In the order of all who write the house's history: else the two wait for each other.
        Transaction(conn).hold(chain.HOUSE_HEAD)
        conn.execute(text("LOCK TABLE history IN SHARE ROW EXCLUSIVE MODE"))


def seal(conn: Connection) -> str:
    """The seal of the whole history as it stands, 64 hexadecimal digits (see `chain.sealed`)."""
    return chain.sealed(heads(conn)).hex()


def heads(conn: Connection) -> Mapping[str | None, bytes]:
    """Of all chains, by reference; None is the house's."""
    found: dict[str | None, bytes] = {
        row.reference: row.head for row in conn.execute(select(_request.reference, _request.head))
    }
    house = select(tables.fact.c.value).where(tables.fact.c.name == chain.HOUSE_HEAD)
    found[None] = bytes.fromhex(conn.execute(house).scalar_one_or_none() or chain.ROOT.hex())
    return found
