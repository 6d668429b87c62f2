"""How a customer stands: what he holds, and what his quotas leave him."""

from collections import Counter
from collections.abc import Collection, Generator
from contextlib import ExitStack, closing
from datetime import datetime, tzinfo
from heapq import merge
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select

from mailbot.process.customers import Customer, Quota, Standing, begun, left
from mailbot.store.space.tables import address_history, allocation, pool
from mailbot.store.space.values import State
from mailbot.store.space.views import of_request, stream

_held = address_history.c

_ALL = 2**31 - 1
"""What PostgreSQL can be told as a limit: nobody holds as many prefixes."""

HELD = (State.ALLOCATED, State.RESERVED)
"""What rests in quarantine is nobody's."""


def standing(conn: Connection, customer: Customer, now: datetime, zone: tzinfo, *, but: str | None = None) -> Standing:
    """What he holds, and what his quotas leave him; `but` is a request whose own taking does not count."""
    return Standing(
        id=customer.id,
        name=customer.name,
        account_manager=customer.account_manager,
        attributes=customer.attributes,
        held=held(conn, customer.names, but=but),
        left=left(rests(conn, customer, now, zone, but=but)),
    )


def rests(
    conn: Connection, customer: Customer, now: datetime, zone: tzinfo, *, but: str | None = None
) -> dict[Quota, int]:
    """What each of his quotas leaves him, never less than nothing."""

    def used(quota: Quota) -> int:
        if quota.every is None:
            return _held_of(conn, customer.names, quota, but=but)
        return _taken_since(conn, customer.names, quota, begun(quota.every, now, zone), but=but)

    return {quota: max(quota.most - used(quota), 0) for quota in customer.quotas}


def held(conn: Connection, names: Collection[str], *, but: str | None = None) -> dict[str, int]:
    """Addresses (or numbers) by pool, reserved ones too; what rests in quarantine is nobody's."""
    sizes = (allocation.c.pool_id, allocation.c.host_bits)
    found = select(*sizes, func.count().label("count")).where(allocation.c.state.in_(HELD)).group_by(*sizes)
    sums = Counter[int]()
    for name in names:  # one by one, an index has them in groups
        for row in conn.execute(found.where(allocation.c.customer == name)):
            sums[row.pool_id] += row.count << row.host_bits
    of_pool = {row.id: row.name for row in conn.execute(select(pool.c.id, pool.c.name).where(pool.c.id.in_(sums)))}
    by_name = Counter({of_pool[number]: amount for number, amount in sums.items()})
    for one in of_request(conn, but) if but else ():  # which no index of the customer's tells
        if one.customer in names and one.state in HELD:
            by_name[one.pool] -= one.prefix.size
    return {name: amount for name, amount in by_name.items() if amount}


def _held_of(conn: Connection, names: Collection[str], quota: Quota, *, but: str | None) -> int:
    """What is held of its pool. A prefix counts for one at least: once the quota is used up, no more is looked at."""
    of_pool = select(pool.c.id).where(pool.c.name == quota.pool).scalar_subquery()
    amount = 0
    for name in names:
        some = select(allocation.c.host_bits).where(allocation.c.customer == name, allocation.c.pool_id == of_pool)
        counting = some.where(allocation.c.state.in_(HELD), *_of_others(but)).limit(min(quota.most, _ALL)).subquery()
        sizes = select(counting.c.host_bits, func.count()).group_by(counting.c.host_bits)
        amount += sum(count << bits for bits, count in conn.execute(sizes))
    return amount


def _of_others(but: str | None) -> list[ColumnElement[bool]]:
    return [] if but is None else [or_(allocation.c.reference.is_(None), allocation.c.reference != but)]


def _taken_since(conn: Connection, names: Collection[str], quota: Quota, since: datetime, *, but: str | None) -> int:
    """What requests took since then, given back meanwhile or not; but not what they gave back themselves again: a
    reservation that lapsed, an end that undid it. Once the quota is used up, no more is looked at.
    """
    # The last that a request did with a prefix decides, so that it is read backwards.
    decided, taken = set[tuple[str, int, int, str]](), 0
    with ExitStack() as ends:
        of_each = [ends.enter_context(closing(_backwards(conn, name, quota.pool, since))) for name in names]
        for row in merge(*of_each, key=attrgetter("at", "id"), reverse=True):
            if row.cause is None or row.cause != row.reference:
                continue
            key = (row.vrf, row.network, row.host_bits, row.reference)
            if key not in decided and row.reference != but and row.state in HELD:
                taken += 1 << row.host_bits
            decided.add(key)
            if taken >= quota.most:
                break
    return taken


def _backwards(conn: Connection, name: str, of: str, since: datetime) -> Generator[Any, None, None]:
    """What became of prefixes that are or were this customer's, by whatever cause.

    Which of it is wanted is not asked in SQL: PostgreSQL would think that it is little, and sort all there is.
    """
    what = (_held.cause, _held.reference, _held.state)
    found = select(_held.id, _held.at, _held.vrf, _held.network, _held.host_bits, *what)
    wanted = found.where(_held.customer == name, _held.at >= since, _held.pool == of)
    return stream(conn, wanted.order_by(_held.at.desc(), _held.id.desc()), {})
