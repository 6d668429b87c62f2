"""How a customer stands: what he holds, and what his quotas leave him."""

from collections import Counter
from collections.abc import Collection, Generator, Mapping
from contextlib import ExitStack, closing
from datetime import datetime, tzinfo
from heapq import merge
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, func, or_, select

from mailbot.process.customers import Customer, Quota, Standing, begun, left
from mailbot.store.space.tables import address_history, allocation, pool
from mailbot.store.space.values import State
from mailbot.store.space.views import stream

_held = address_history.c

HELD = (State.ALLOCATED, State.RESERVED)
"""What rests in quarantine is nobody's."""


def standing(conn: Connection, customer: Customer, now: datetime, zone: tzinfo, *, but: str | None = None) -> Standing:
    """What he holds, and what his quotas leave him; `but` is a request whose own taking does not count."""
    holds = held(conn, customer.names, but=but)
    return Standing(
        id=customer.id,
        name=customer.name,
        account_manager=customer.account_manager,
        attributes=customer.attributes,
        held=holds,
        left=left(_rests(conn, customer, holds, now, zone, but=but)),
    )


def rests(
    conn: Connection, customer: Customer, now: datetime, zone: tzinfo, *, but: str | None = None
) -> dict[Quota, int]:
    """What each of his quotas leaves him, never less than nothing."""
    return _rests(conn, customer, held(conn, customer.names, but=but), now, zone, but=but)


def _rests(
    conn: Connection, customer: Customer, holds: Mapping[str, int], now: datetime, zone: tzinfo, *, but: str | None
) -> dict[Quota, int]:
    def used(quota: Quota) -> int:
        if quota.every is None:
            return holds.get(quota.pool, 0)
        return _taken_since(conn, customer.names, quota, begun(quota.every, now, zone), but=but)

    return {quota: max(quota.most - used(quota), 0) for quota in customer.quotas}


def held(conn: Connection, names: Collection[str], *, but: str | None = None) -> dict[str, int]:
    """Addresses (or numbers) by pool, reserved ones too; what rests in quarantine is nobody's."""
    sizes = (allocation.c.pool_id, allocation.c.host_bits)
    found = select(*sizes, func.count().label("count")).where(allocation.c.state.in_(HELD)).group_by(*sizes)
    if but is not None:
        found = found.where(or_(allocation.c.reference.is_(None), allocation.c.reference != but))
    sums = Counter[int]()
    for name in names:  # one by one, an index has them in groups
        for row in conn.execute(found.where(allocation.c.customer == name)):
            sums[row.pool_id] += row.count << row.host_bits
    of_pool = {row.id: row.name for row in conn.execute(select(pool.c.id, pool.c.name).where(pool.c.id.in_(sums)))}
    return {of_pool[number]: amount for number, amount in sums.items()}


def _taken_since(conn: Connection, names: Collection[str], quota: Quota, since: datetime, *, but: str | None) -> int:
    """What requests took since then, given back meanwhile or not; but not what they gave back themselves again: a
    reservation that lapsed, an end that undid it. Once the quota is used up, no more is looked at.
    """
    # The last that a request did with a prefix decides, so that it is read backwards.
    decided, taken = set[tuple[str, int, int, str]](), 0
    with ExitStack() as ends:
        of_each = [ends.enter_context(closing(_backwards(conn, name, quota.pool, since))) for name in names]
        for row in merge(*of_each, key=attrgetter("at", "id"), reverse=True):
            key = (row.vrf, row.network, row.host_bits, row.reference)
            if key not in decided and row.reference != but and row.state in HELD:
                taken += 1 << row.host_bits
            decided.add(key)
            if taken >= quota.most:
                break
    return taken


def _backwards(conn: Connection, name: str, of: str, since: datetime) -> Generator[Any, None, None]:
    """What requests did with prefixes that they took for this customer."""
    found = select(_held.id, _held.at, _held.vrf, _held.network, _held.host_bits, _held.reference, _held.state)
    wanted = found.where(_held.customer == name, _held.at >= since, _held.pool == of, _held.cause == _held.reference)
    return stream(conn, wanted.order_by(_held.at.desc(), _held.id.desc()), {})
