"""Questions to the store that change nothing: what commands, pages and digests show."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, func, or_, select

from mailbot.errors import NotFound
from mailbot.process.customers import Customer
from mailbot.process.forecast import is_late
from mailbot.process.request import CLOSED, Address, Request
from mailbot.store import chain, codec, records, space, tables
from mailbot.store.concerns import spelled

_request = tables.request.c
_history = tables.history.c
_network = tables.network_request


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFilter:
    """All of these must hold; None (False) asks for nothing."""

    state: str | None = None
    type: str | None = None
    requester: str | None = None
    open: bool = False
    late: bool = False
    references: Collection[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryFilter:
    """All of these must hold; None asks for nothing. `place`: of the requests that had this space; `customer`: of those
    that are about him.
    """

    user: str | None = None
    reference: str | None = None
    place: records.Place | None = None
    customer: Customer | None = None
    action: str | None = None
    type: str | None = None
    since: datetime | None = None
    until: datetime | None = None


def request(conn: Connection, reference: str) -> Request:
    """NotFound when there is none of that reference; upper and lower case are the same."""
    found = select(_request.body).where(_request.reference == reference)
    body = conn.execute(found).scalar_one_or_none()
    if body is None:
        raise NotFound(f"there is no request {reference}")
    return codec.read(body)


def is_known(conn: Connection, reference: str) -> bool:
    """Whether there is a request of that reference."""
    return conn.execute(select(_request.id).where(_request.reference == reference)).first() is not None


def named(conn: Connection, name: str) -> Sequence[str]:
    """References of the requests that others call so, oldest first: a supplier's order, a number of their system."""
    others = select(tables.other_name.c.request_id).where(tables.other_name.c.name == spelled(name))
    found = select(_request.reference).where(or_(_request.external_reference == name, _request.id.in_(others)))
    return conn.execute(found.order_by(_request.id)).scalars().all()


def requests(conn: Connection, wanted: RequestFilter, now: datetime) -> Iterator[Request]:
    """Oldest first, read while it is iterated."""
    found = select(_request.body).order_by(_request.id)
    if wanted.state:
        found = found.where(_request.state == wanted.state)
    if wanted.type:
        found = found.where(_request.type == wanted.type)
    if wanted.requester:
        found = found.where(_request.requester == wanted.requester.lower())
    if wanted.references is not None:
        found = found.where(_request.reference.in_(sorted(wanted.references)))
    if wanted.open:
        found = found.where(_request.state.not_in([state.value for state in CLOSED]))
    if wanted.late:
        still_open = _request.closed.is_(None) & (_request.due < now)
        found = found.where(or_(still_open, _request.closed > _request.due))
    for body in conn.execute(found, execution_options={"yield_per": 200}).scalars():
        request_ = codec.read(body)
        if not wanted.late or is_late(request_, now):  # the clock of one on hold stands
            yield request_


def rules_source(conn: Connection, version: str) -> str:
    """The source of a version that some request began with."""
    return str(conn.execute(select(tables.rules.c.source).where(tables.rules.c.version == version)).scalar_one())


def addresses(conn: Connection, of: Request) -> tuple[Address, ...]:
    """What a request took, as it stands now, in the order in which it took it."""
    return with_addresses(conn, [of])[0].addresses


def with_addresses(conn: Connection, requests: Sequence[Request]) -> list[Request]:
    """Each with what it took as that stands now: one question for all of them."""
    held = space.of_requests(conn, {one.reference for one in requests if one.addresses})
    return [replace(one, addresses=_as_it_stands(one.addresses, held.get(one.reference, ()))) for one in requests]


def _as_it_stands(taken: Iterable[Address], held_now: Iterable[space.Allocation]) -> tuple[Address, ...]:
    now = {(held.pool, str(held.prefix)): held for held in held_now}
    return tuple(
        replace(a, state=held.state.value, until=held.until, carries=held.carries)
        if (held := now.get((a.pool, a.prefix)))
        else a
        for a in taken
    )


def actions(conn: Connection, who: str | None = None) -> Sequence[RowMapping]:
    """Open steps, soonest due first: of a person or group address, of a department by name, or of all."""
    a = tables.action.c
    found = select(_request.reference, _request.body, a.step, a.seat, a.departments, a.due, a.trouble)
    found = found.join(tables.action, a.request_id == _request.id)
    if who:
        found = found.where(or_(a.seat == who.lower(), a.departments.contains(f"|{who}|", autoescape=True)))
    return conn.execute(found.order_by(a.due, _request.id)).mappings().all()


def history(conn: Connection, wanted: HistoryFilter) -> Iterator[RowMapping]:
    """Entries, oldest first, read while they are iterated: at, reference, actor, action, step, detail."""
    columns = (_history.at, _history.reference, _history.actor, _history.action, _history.step, _history.detail)
    found = narrowed(select(*columns, _history.message_id), wanted).order_by(_history.id)
    yield from conn.execute(found, execution_options={"yield_per": 500}).mappings()


def narrowed(found: Select[Any], wanted: HistoryFilter) -> Select[Any]:
    """Entries of the history, less those that are not wanted."""
    if wanted.user:
        mine = select(_request.reference).where(_request.requester == wanted.user)
        found = found.where(or_(_history.actor == wanted.user, _history.reference.in_(mine)))
    if wanted.reference:
        found = found.where(_history.reference == wanted.reference)
    if wanted.place:
        found = found.where(_history.reference.in_(records.concerned_with(wanted.place)))
    if wanted.customer:
        found = found.where(_history.reference.in_(records.references_concerning(wanted.customer.mark)))
    if wanted.action:
        found = found.where(_history.action == wanted.action)
    if wanted.type:
        of_type = select(_request.reference).where(_request.type == wanted.type)
        found = found.where(_history.reference.in_(of_type))
    if wanted.since:
        found = found.where(_history.at >= wanted.since)
    if wanted.until:
        found = found.where(_history.at < wanted.until)
    return found


def broken_chains(conn: Connection) -> Iterator[str]:
    """What in the history is not as it was written, in words; nothing when all of it holds."""
    for reference, words in breaks(conn):
        yield f"{reference or 'the house'}: {words}"


def breaks(conn: Connection) -> Iterator[tuple[str | None, str]]:
    """The same, each with the request whose history it is in (None: the house's)."""
    heads = {row.reference: row.head for row in conn.execute(select(_request.reference, _request.head))}
    house = select(tables.fact.c.value).where(tables.fact.c.name == chain.HOUSE_HEAD)
    heads[None] = bytes.fromhex(conn.execute(house).scalar_one_or_none() or chain.ROOT.hex())
    reached: dict[str | None, bytes] = {}
    rows = conn.execute(select(tables.history).order_by(_history.id), execution_options={"yield_per": 1000})
    for row in rows:
        before = reached.get(row.reference, chain.ROOT)
        link = chain.hashed(before, at=row.at, action=row.action, step=row.step, commitment=row.commitment)
        if link != row.hash:
            yield row.reference, f"entry {row.id} ({row.action}) is not what was written"
        erased = row.salt is row.actor is row.detail is None
        if not erased and chain.committed(row.salt or b"", row.actor or "", row.detail or "") != row.commitment:
            yield row.reference, f"the words of entry {row.id} ({row.action}) were changed"
        if (
            row.action == chain.SEALED
            and row.reference is None
            and row.detail not in {None, chain.sealed(reached).hex()}
        ):
            yield None, f"what stands before entry {row.id} is not what its seal was made over"
        reached[row.reference] = row.hash
    for reference, head in heads.items():
        if reached.get(reference, chain.ROOT) != head:
            yield reference, "its last entries are missing"


def inbox(conn: Connection, states: Sequence[str] = (), most: int | None = None) -> Sequence[RowMapping]:
    """Mail that came in, newest last, without its bytes; at most the newest so many."""
    box = tables.inbox.c
    columns = [c for c in box if c.name not in {"raw", "once"}]
    found = select(*columns).order_by(box.id.desc()).limit(most)
    return conn.execute(found.where(box.state.in_(states)) if states else found).mappings().all()[::-1]


def mail(conn: Connection, number: int) -> RowMapping:
    """One mail with its bytes. NotFound."""
    row = conn.execute(select(tables.inbox).where(tables.inbox.c.id == number)).mappings().one_or_none()
    if row is None:
        raise NotFound(f"there is no mail {number} in the inbox")
    return row


def network_requests(conn: Connection, states: Collection[str] = ()) -> Sequence[RowMapping]:
    """What targets were told, or are to be told, oldest first: one row an attempt, in one of these states."""
    found = select(_network).order_by(_network.c.id)
    return conn.execute(found.where(_network.c.state.in_(states)) if states else found).mappings().all()


def network_request(conn: Connection, name: str) -> RowMapping:
    """One of them, by its id ("IP-42/configure/router/1"). NotFound."""
    row = conn.execute(select(_network).where(_network.c.name == name)).mappings().one_or_none()
    if row is None:
        raise NotFound(f"there is no network request {name}: `mailbot targets list --all` tells their ids")
    return row


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How much there is; `letters` and `network_requests` are those that wait to leave."""

    requests: int
    open: int
    letters: int
    network_requests: int


def totals(conn: Connection) -> Totals:
    """A look over the whole."""
    all_, still_open = select(func.count()), _request.state.not_in([state.value for state in CLOSED])
    waiting = all_.select_from(tables.outbox).where(tables.outbox.c.state == "waiting")
    undriven = all_.select_from(_network).where(_network.c.state == "unprocessed")
    return Totals(
        requests=conn.execute(all_.select_from(tables.request)).scalar_one(),
        open=conn.execute(all_.select_from(tables.request).where(still_open)).scalar_one(),
        letters=conn.execute(waiting).scalar_one(),
        network_requests=conn.execute(undriven).scalar_one(),
    )


def last_mail(conn: Connection) -> int:
    """The number of the mail that came in last; 0 when none has."""
    return conn.execute(select(func.max(tables.inbox.c.id))).scalar_one_or_none() or 0


def mail_since(conn: Connection, number: int) -> Iterator[bytes]:
    """The bytes of the mail that came in after that one."""
    box = tables.inbox.c
    found = select(box.raw).where(box.id > number, box.raw.is_not(None)).order_by(box.id)
    yield from conn.execute(found, execution_options={"yield_per": 20}).scalars()


def last_reference(conn: Connection) -> str | None:
    """Of the request that was opened last."""
    return conn.execute(select(_request.reference).order_by(_request.id.desc()).limit(1)).scalar_one_or_none()
