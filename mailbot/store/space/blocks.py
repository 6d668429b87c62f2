"""Cutting and joining free blocks, and writing down who holds what: the primitives of every change of space.

Whoever calls these holds the pool's lock. What they change in a pool with a source is noted for it (see sourced.py).
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Executable, Table, bindparam, delete, insert, select, update
from sqlalchemy.sql.dml import ReturningDelete

from mailbot.addresses import Block, gap_around, gaps, remainders
from mailbot.process.news import News, news
from mailbot.process.shape import instant
from mailbot.store import feed
from mailbot.store.space import sourced
from mailbot.store.space.choice import CLAIM
from mailbot.store.space.tables import address_history, allocation, free_block
from mailbot.store.space.values import Allocation, Pool, Untiled
from mailbot.store.space.views import neighbours, stream

BATCH = 10_000

_KEEP = insert(free_block)
_CLAIM = delete(free_block).where(
    free_block.c.pool_id == bindparam("pool"),
    free_block.c.host_bits == bindparam("bits"),
    free_block.c.network == bindparam("at"),
)
_HOLD = insert(allocation)
_HELD_AT = (
    allocation.c.pool_id == bindparam("of_pool"),
    allocation.c.network == bindparam("at_network"),
)
_DROP = delete(allocation).where(*_HELD_AT)
_BECOME = update(allocation).where(*_HELD_AT)
_NOTE = insert(address_history)


def _its(table: Table) -> dict[str, Any]:
    """A value for each column but the running number, named alike for both tables."""
    return {one.name: bindparam(f"its_{one.name}", type_=one.type) for one in table.c if one.name != "id"}


_IS_TOLD = feed.ANYBODY.exists().label("is_told")
_HOLD_IT = insert(allocation).values(_its(allocation))
_NOTE_IT = insert(address_history).values(_its(address_history)).returning(_IS_TOLD)
_HOLD_AND_NOTE_IT = _NOTE_IT.add_cte(_HOLD_IT.cte("held"))


def _take_it(claim: ReturningDelete[Any]) -> Executable:
    """Claims a free block, and holds and notes the beginning of it: where there is none, nothing comes of it."""
    free = claim.cte("free")
    held, noted = (
        insert(table).from_select(list(its), select(*its.values()).select_from(free))
        for table, its in ((one, _its(one) | {"network": free.c.network}) for one in (allocation, address_history))
    )
    size = select(free.c.host_bits).scalar_subquery().label("size")
    return noted.returning(address_history.c.network, size, _IS_TOLD).add_cte(held.cte("held"))


_TAKE_IT = {strategy: _take_it(claim) for strategy, claim in CLAIM.items()}

_HELD_IN = (
    select(allocation.c.network, allocation.c.host_bits)
    .where(
        allocation.c.pool_id == bindparam("pool"),
        allocation.c.network.between(bindparam("first"), bindparam("last")),
    )
    .order_by(allocation.c.network)
)

T = TypeVar("T")


def batches(things: Iterable[T]) -> Iterator[list[T]]:
    """As lists of at most BATCH, so that a million rows never stand in memory at once."""
    stream = iter(things)
    while batch := list(islice(stream, BATCH)):
        yield batch


def keep(conn: Connection, pool: Pool, blocks: Iterable[Block]) -> None:
    """Blocks that nobody holds, and of which no two are buddies."""
    for batch in batches(blocks):
        conn.execute(_KEEP, [_place(pool, block) for block in batch])


def keep_all(conn: Connection, pool: Pool, places: Collection[tuple[int, int]]) -> None:
    """The same for at most a batch, each told by its network and host bits."""
    if places:
        conn.execute(_KEEP, [{"pool_id": pool.id, "network": at, "host_bits": bits} for at, bits in places])


def claim_exactly(conn: Connection, pool: Pool, block: Block) -> None:
    """Removes this free block. Raises Untiled where it is not there: nothing may be put in its place then."""
    if not _claimed(conn, pool, block):
        raise Untiled(pool.name)


def cut(conn: Connection, pool: Pool, prefix: Block, root: Block) -> None:
    """Takes a prefix that is free out of the free block in which it lies. Raises Untiled."""
    free = gap_around(prefix, root, *neighbours(conn, pool, prefix))
    claim_exactly(conn, pool, free)
    keep(conn, pool, remainders(free, prefix))


def claim_all(conn: Connection, pool: Pool, places: Collection[tuple[int, int]]) -> None:
    """The same for many, each told by its network and host bits."""
    keys = [{"pool": pool.id, "bits": bits, "at": network} for network, bits in places]
    if keys and conn.execute(_CLAIM, keys).rowcount != len(keys):
        raise Untiled(pool.name)


def put_back(conn: Connection, pool: Pool, root: Block, block: Block) -> None:
    """Frees a block, joined with its buddy for as long as that is free too, and never beyond the root."""
    while block.host_bits < root.host_bits and _claimed(conn, pool, block.buddy):
        block = block.ancestor(block.host_bits + 1)
    conn.execute(_KEEP, _place(pool, block))


def _claimed(conn: Connection, pool: Pool, block: Block) -> bool:
    key = {"pool": pool.id, "bits": block.host_bits, "at": block.network}
    return conn.execute(_CLAIM, key).rowcount == 1


def fill(conn: Connection, pool: Pool, root: Block) -> None:
    """Derives the free blocks of a root that has none from its allocations."""
    keep(conn, pool, gaps(root, held_in(conn, pool, root.network, root.last)))


def held_in(conn: Connection, pool: Pool, start: int, end: int) -> Iterator[Block]:
    """The held prefixes that begin from `start` to `end`, in order of address, read while iterated."""
    place = {"pool": pool.id, "first": start, "last": end}
    for network, host_bits in stream(conn, _HELD_IN, place):
        yield Block(family=pool.family, network=network, host_bits=host_bits)


def hold(conn: Connection, pool: Pool, allocations: Iterable[Allocation]) -> None:
    for batch in batches(allocations):
        conn.execute(_HOLD, [_place(pool, one.prefix) | _terms(one) for one in batch])
        if pool.source:
            sourced.changed(conn, pool, batch)


def record(conn: Connection, pool: Pool, taken: Allocation, *, now: datetime) -> None:
    """`hold` and `note` of one prefix, as a request takes it; one statement where the database knows such."""
    its = _as_values(pool, taken, now)
    if conn.dialect.name == "postgresql":
        is_told = conn.execute(_HOLD_AND_NOTE_IT, its).scalar_one()
    else:
        conn.execute(_HOLD_IT, its)
        is_told = conn.execute(_NOTE_IT, its).scalar_one()
    _tell(conn, pool, taken, now, is_told=is_told)


def take_at_once(conn: Connection, pool: Pool, wanted: Allocation, size: int, *, now: datetime) -> Allocation | None:
    """`claim` of a free block with so many host bits and `record` in one statement, on the database that knows such;
    then `keep` of what is left of it. Where `wanted` lies is not known before. None where there is no room.
    """
    row = conn.execute(_TAKE_IT[pool.strategy], {"pool": pool.id, "bits": size} | _as_values(pool, wanted, now)).first()
    if row is None:
        return None
    free = Block(family=pool.family, network=row.network, host_bits=row.size)
    taken = replace(wanted, prefix=replace(wanted.prefix, network=row.network))
    keep(conn, pool, remainders(free, taken.prefix))
    _tell(conn, pool, taken, now, is_told=row.is_told)
    return taken


def _as_values(pool: Pool, taken: Allocation, now: datetime) -> dict[str, Any]:
    """For both tables."""
    its = _place(pool, taken.prefix) | _entry(taken) | {"at": now, "cause": taken.reference}
    return {f"its_{name}": value for name, value in its.items()}


def _tell(conn: Connection, pool: Pool, taken: Allocation, now: datetime, *, is_told: bool) -> None:
    if pool.source:
        sourced.changed(conn, pool, [taken])
    if is_told:
        feed.tell(conn, [_news(taken, taken.reference)], now, reference=taken.reference)


def drop(conn: Connection, pool: Pool, prefix: Block) -> None:
    conn.execute(_DROP, {"of_pool": pool.id, "at_network": prefix.network})
    if pool.source:
        sourced.gone(conn, pool, prefix)


def become(conn: Connection, pool: Pool, became: Allocation) -> None:
    """The state and the end of an allocation change to what is given; all else stays."""
    key = {"of_pool": pool.id, "at_network": became.prefix.network}
    conn.execute(_BECOME, key | {"state": became.state, "until": became.until})
    if pool.source:
        sourced.changed(conn, pool, [became])


def note(conn: Connection, became: Iterable[Allocation], *, cause: str | None, now: datetime) -> None:
    """Into the history: from `now` on these prefixes are held so (or, RELEASED, not held)."""
    is_told = feed.has_subscribers(conn)
    for batch in batches(became):
        conn.execute(_NOTE, [_entry(one) | {"at": now, "cause": cause} for one in batch])
        if is_told:
            feed.tell(conn, [_news(one, cause) for one in batch], now, reference=cause)


def _place(pool: Pool, block: Block) -> dict[str, Any]:
    return {"pool_id": pool.id, "host_bits": block.host_bits, "network": block.network}


def _terms(held: Allocation) -> dict[str, Any]:
    return {
        "state": held.state,
        "until": held.until,
        "reference": held.reference,
        "step": held.step,
        "holder": held.holder,
        "customer": held.customer,
        "description": held.description,
        "carries": {name: value for name, value in held.carries.items() if name != "customer"},
    }


def _news(held: Allocation, cause: str | None) -> News:
    """As an event tells it: all that is to be known of that prefix from then on."""
    about = {
        "prefix": str(held.prefix),
        "pool": held.pool,
        "vrf": held.vrf,
        "state": held.state.value,
        "until": instant(held.until),
        "reference": held.reference,
        "step": held.step,
        "holder": held.holder,
        "customer": held.customer,
        "description": held.description,
        "carries": dict(held.carries),
        "cause": cause,
    }
    return news(f"allocation.{held.state}", allocation=about)


def _entry(held: Allocation) -> dict[str, Any]:
    prefix = held.prefix
    return _terms(held) | {
        "pool": held.pool,
        "vrf": held.vrf,
        "family": prefix.family,
        "network": prefix.network,
        "host_bits": prefix.host_bits,
    }
