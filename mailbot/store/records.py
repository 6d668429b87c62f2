"""What is on record for somebody who asks: requests, and who held an address, as far as he may see them.

What he may not see is as if it were not there: it is in no list, and in no count.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    Subquery,
    and_,
    exists,
    func,
    or_,
    select,
    true,
    union,
    union_all,
)
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from mailbot.addresses import Block
from mailbot.process.request import Request
from mailbot.store import codec, tables
from mailbot.store.base import Instant
from mailbot.store.concerns import spelled
from mailbot.store.space.tables import address_history, allocation, pool
from mailbot.store.space.values import Allocation, Held, State
from mailbot.store.space.views import ALLOCATIONS, as_allocation

T_co = TypeVar("T_co", covariant=True)

COUNTED = 10_000
"""So many are counted, of what may be very many."""

_request, _history = tables.request.c, tables.history.c
_held = address_history.c

_IN_ORDER = (allocation.c.pool_id, allocation.c.network)
_NAMING = (_held.reference, _held.cause)

Columns = ReadOnlyColumnCollection[str, Any]

Span = tuple[datetime, datetime]
"""From and to (exclusive)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What somebody may see. `selves` are his addresses: his own requests, and what he held, are his to see.

    `names` are those under which other requests may concern him (himself, his departments, a customer's mark), `types`
    the processes that he manages, `pools` the ones that are his to care for, `customers` all that the customers whose
    space he may see are called.
    """

    selves: Collection[str] = ()
    names: Collection[str] = ()
    types: Collection[str] = ()
    pools: Collection[str] = ()
    customers: Collection[str] = ()
    everything: bool = False


EVERYTHING = Sight(everything=True)
"""At the shell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Generic[T_co]):
    """The first of what was found, and how many more there are.

    Of what may be very many (requests, and what is held) no more are counted than COUNTED.
    """

    rows: Sequence[T_co] = ()
    more: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Address space that is asked about: what covers it, and with `within` what is smaller and lies in it.

    With `span`, only what was held at some moment of it.
    """

    block: Block
    within: bool = True
    around: bool = True
    span: Span | None = field(default=None)


# -- requests ------------------------------------------------------------------------------------------------------


def named(conn: Connection, name: str, sight: Sight, most: int) -> Listed[Request]:
    """The one of this reference; else those that others call so, newest first."""
    own = _request.reference == name
    if conn.execute(select(_request.id).where(own, is_seen(sight))).first():
        return _newest(conn, own, most)
    others = select(tables.other_name.c.request_id).where(tables.other_name.c.name == spelled(name))
    called_so = or_(_request.external_reference == name, _request.id.in_(others))
    return _newest(conn, and_(called_so, is_seen(sight)), most)


def requests(conn: Connection, requester: str, sight: Sight, most: int) -> Listed[Request]:
    """Somebody's, newest first."""
    return _newest(conn, and_(_request.requester == requester, is_seen(sight)), most)


def _newest(conn: Connection, wanted: ColumnElement[bool], most: int) -> Listed[Request]:
    count = _counted(conn, select(_request.id).where(wanted), most)
    newest = select(_request.body).where(wanted).order_by(_request.id.desc()).limit(most)
    rows = [codec.read(body) for body in conn.execute(newest).scalars()]
    return Listed(rows=rows, more=count - len(rows))


def _counted(conn: Connection, these: Select[Any], most: int) -> int:
    """How many there are, where these are no more than `most` and COUNTED."""
    return conn.execute(select(func.count()).select_from(these.limit(most + COUNTED).subquery())).scalar_one()


def concerning(conn: Connection, name: str, sight: Sight, most: int) -> Listed[Request]:
    """Those that concern a person, a department or (by his mark) a customer, newest first."""
    concern = tables.concern.c
    wanted = [concern.who == name]
    if not (sight.everything or name in sight.names):
        wanted.append(exists(select(_request.id).where(_request.id == concern.request_id, is_seen(sight))))
    count = _counted(conn, select(concern.request_id).where(*wanted), most)
    newest = select(concern.request_id).where(*wanted).order_by(concern.created.desc(), concern.request_id.desc())
    ids = list(conn.scalars(newest.limit(most)))
    found = conn.execute(select(_request.id, _request.body).where(_request.id.in_(ids)))
    bodies = {row.id: row.body for row in found}
    return Listed(rows=[codec.read(bodies[number]) for number in ids], more=count - len(ids))


def references_concerning(name: str) -> Select[Any]:
    concern = tables.concern
    return select(_request.reference).join_from(tables.request, concern).where(concern.c.who == name)


def waiting(conn: Connection, seats: Collection[str], most: int) -> Listed[tuple[Request, str, datetime | None]]:
    """What waits for an answer in one of these seats, soonest due first: the request, the step, and until when."""
    a = tables.action.c
    wanted = a.seat.in_(sorted(seats))
    count = conn.execute(select(func.count()).select_from(tables.action).where(wanted)).scalar_one()
    found = select(_request.body, a.step, a.due).join(tables.action, a.request_id == _request.id).where(wanted)
    soonest = found.order_by(a.due.is_(None), a.due, _request.id, a.step).limit(most)
    rows = [(codec.read(row.body), row.step, row.due) for row in conn.execute(soonest)]
    return Listed(rows=rows, more=count - len(rows))


def trace(conn: Connection, reference: str, most: int, but: Collection[str] = ()) -> Listed[RowMapping]:
    """The last entries of a request's history, oldest first: at, actor, action, step, detail.

    `but`: no entries of these actions.
    """
    of_it = and_(_history.reference == reference, _history.action.not_in(sorted(but)))
    count = conn.execute(select(func.count()).select_from(tables.history).where(of_it)).scalar_one()
    newest = select(tables.history).where(of_it).order_by(_history.id.desc()).limit(most)
    rows = list(reversed(conn.execute(newest).mappings().all()))
    return Listed(rows=rows, more=count - len(rows))


def is_seen(sight: Sight) -> ColumnElement[bool]:
    """Of one request, looked at by itself: quick for who sees many."""
    if sight.everything:
        return true()
    concern = tables.concern.c
    concerns = select(concern.who).where(concern.request_id == _request.id, concern.who.in_(sorted(sight.names)))
    concerns = concerns.offset(0)  # or PostgreSQL reads all that concerns him beforehand
    own, managed = _request.requester.in_(sorted(sight.selves)), _request.type.in_(sorted(sight.types))
    return or_(exists(concerns), managed, own)  # in this order: the first is answered by an index, without the row


# -- address space ---------------------------------------------------------------------------------------------------


def holders(conn: Connection, place: Place, sight: Sight, most: int | None = None) -> Listed[Held]:
    """Who had it, and from when to when, oldest first; of more than `most` the newest."""
    had = _intervals(place, sight)
    count = conn.execute(select(func.count()).select_from(had)).scalar_one()
    newest = select(had).order_by(had.c.id.desc()).limit(most)
    rows = [
        Held(allocation=as_allocation(row), since=row.at, ended=row.ended)
        for row in reversed(conn.execute(newest).all())
    ]
    return Listed(rows=rows, more=count - len(rows))


def held_by(conn: Connection, selves: Collection[str], sight: Sight, most: int) -> Listed[Allocation]:
    """What the one of these addresses holds now, quarantined space included, in order of address."""
    return _held_now(conn, allocation.c.holder, selves, sight, most, own=sight.selves)


def booked_under(conn: Connection, names: Collection[str], sight: Sight, most: int) -> Listed[Allocation]:
    """What a customer of these names holds now, quarantined space included, in order of address."""
    return _held_now(conn, allocation.c.customer, names, sight, most, own=sight.customers)


def _held_now(
    conn: Connection,
    owner: ColumnElement[str | None],
    names: Collection[str],
    sight: Sight,
    most: int,
    *,
    own: Collection[str],
) -> Listed[Allocation]:
    """Name by name, each of which an index has in the order that is wanted."""
    rows, count = list[Any](), 0
    for name in sorted(names):
        wanted = _of_owner(owner, name, sight, own)
        here = select(allocation.c.network).select_from(allocation if len(wanted) == 1 else allocation.join(pool))
        count += _counted(conn, here.where(*wanted), most)
        in_order = ALLOCATIONS.where(*wanted).order_by(*_IN_ORDER)
        rows.extend(conn.execute(in_order.limit(most)))
    rows.sort(key=attrgetter("pool_id", "network"))
    first = rows[:most]
    return Listed(rows=[as_allocation(row) for row in first], more=min(count - len(first), COUNTED))


def _of_owner(
    owner: ColumnElement[str | None], name: str, sight: Sight, own: Collection[str]
) -> list[ColumnElement[bool]]:
    """What is held by an `own` name is seen."""
    is_own = sight.everything or name in own
    return [owner == name] if is_own else [owner == name, _seen_held(sight, pool.c.name, allocation.c)]


def services(conn: Connection, names: Collection[str], sight: Sight, most: int) -> Counter[str]:
    """What a customer of these names has his space for, by how many prefixes; of the first `most` of each name.

    What rests serves nothing any more.
    """
    found = Counter[str]()
    for name in names:
        seen = _of_owner(allocation.c.customer, name, sight, sight.customers)
        held = select(allocation.c.carries).join_from(allocation, pool).where(*seen)
        in_use = held.where(allocation.c.state != State.QUARANTINED)
        first = in_use.order_by(*_IN_ORDER).limit(most).subquery()
        for carries, count in conn.execute(select(first.c.carries, func.count()).group_by(first.c.carries)):
            found[carries.get("service", "")] += count
    return found


def concerned_with(place: Place) -> Select[Any]:
    """References of the requests that had it; where no time is named, of those too that brought about its end."""
    if place.span:
        had = _intervals(place, EVERYTHING)
        return select(had.c.reference).where(had.c.reference.is_not(None))
    both = (select(name.label("reference")).where(_touches(place), name.is_not(None)) for name in _NAMING)
    return select(union(*both).subquery().c.reference)


def _intervals(place: Place, sight: Sight) -> Subquery:
    """Each row of the history that begins a time in which somebody had it, with the moment at which that `ended`."""
    one_prefix = [_held.vrf, _held.family, _held.network, _held.host_bits]
    ended = func.lead(_held.at, type_=Instant()).over(partition_by=one_prefix, order_by=_held.id).label("ended")
    all_ = select(address_history, ended).where(_touches(place)).subquery()
    had = all_.c
    found = select(all_).where(had.state != State.RELEASED, _seen_held(sight, had.pool, had))
    if place.span:
        begin, end = place.span
        found = found.where(had.at < end, or_(had.ended.is_(None), had.ended > begin))
    return found.subquery()


def _touches(place: Place) -> ColumnElement[bool]:
    """Every prefix that covers an address begins at the address cut to some length: a probe for each length.

    What covers it and what lies in it are looked for apart: together they would lead SQLite through the whole family.
    """
    block = place.block
    around = [block.ancestor(bits) for bits in range(block.host_bits, block.family.width + 1)]
    of_family = select(_held.id).where(_held.family == block.family)
    covering = of_family.where(
        _held.network.in_(sorted({one.network for one in around})),
        or_(*(and_(_held.network == one.network, _held.host_bits == one.host_bits) for one in around)),
    )
    within = of_family.where(_held.network.between(block.network, block.last), _held.host_bits < block.host_bits)
    wanted = [*([covering] if place.around else []), *([within] if place.within else [])]
    return _held.id.in_(union_all(*wanted))


def _seen_held(sight: Sight, of_pool: ColumnElement[Any], held: Columns) -> ColumnElement[bool]:
    """`held` has the columns holder, customer and reference."""
    if sight.everything:
        return true()
    of_seen = exists(select(_request.id).where(_request.reference == held.reference, is_seen(sight)))
    return or_(
        held.holder.in_(sorted(sight.selves)),
        held.customer.in_(sorted(sight.customers)),
        of_pool.in_(sorted(sight.pools)),
        of_seen,
    )
