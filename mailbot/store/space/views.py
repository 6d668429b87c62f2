"""Questions about address space: who has it, who had it, what a request took, how full a pool is."""

from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, literal_column, select

from mailbot.addresses import Block, Family
from mailbot.store.base import ONE
from mailbot.store.space.choice import largest_free, lowest_number
from mailbot.store.space.counting import Counted, free_sizes
from mailbot.store.space.pools import allowed, needed, read_pool, roots
from mailbot.store.space.tables import address_history, allocation, pool, pool_root
from mailbot.store.space.values import Allocation, Figures, Held, Pool, State

PAGE = 1_000

_OF_POOL = (pool.c.name.label("pool"), pool.c.vrf, pool.c.family)
ALLOCATIONS = select(*allocation.c, *_OF_POOL).join_from(allocation, pool)
_ID = select(pool.c.id).where(pool.c.name == bindparam("pool_name")).scalar_subquery()
_IN_POOL = ALLOCATIONS.where(allocation.c.pool_id == _ID).order_by(allocation.c.network)
_BY_HOLDER = ALLOCATIONS.where(allocation.c.holder == bindparam("who")).order_by(pool.c.id, allocation.c.network)
_BY_ADDRESS = select(allocation.c.network, allocation.c.host_bits).where(allocation.c.pool_id == bindparam("of_pool"))
_HELD_AT = ALLOCATIONS.where(
    allocation.c.pool_id == bindparam("of_pool"), allocation.c.network == bindparam("at_network")
)
_UP_TO = _BY_ADDRESS.where(allocation.c.network <= bindparam("end")).order_by(allocation.c.network.desc()).limit(ONE)
_BEYOND = _BY_ADDRESS.where(allocation.c.network > bindparam("end")).order_by(allocation.c.network).limit(ONE)
# Roots are few, so each is looked at; of its allocations only the one that begins nearest below can cover the
# address: one probe of the index, where `start <= x and end >= x` reads half of a million rows.
_NEAREST = (
    select(allocation.c.network)
    .where(allocation.c.pool_id == pool_root.c.pool_id, allocation.c.network <= bindparam("at"))
    .order_by(allocation.c.network.desc())
    .limit(ONE)
    .correlate(pool_root)
    .scalar_subquery()
)
# As a value beside the statement, it would make SQLite plan anew at every call: an index is partial by the state.
_DELEGATED_STATE: ColumnElement[str] = literal_column(f"'{State.DELEGATED}'")
_WHO_HAS = (
    select(*allocation.c, *_OF_POOL)
    .join_from(pool_root, pool)
    .join(
        allocation,
        (allocation.c.pool_id == pool_root.c.pool_id) & (allocation.c.network == _NEAREST),
    )
    .where(
        pool.c.family == bindparam("family"),
        pool_root.c.network <= bindparam("at"),
        pool_root.c.last >= bindparam("at"),
        allocation.c.state != _DELEGATED_STATE,  # whoever has it has it from the pool that is cut out here
    )
)
_OF_REQUESTS = (
    select(address_history)
    .where(address_history.c.reference.in_(bindparam("requests", expanding=True)))
    .order_by(address_history.c.id)
)
# Every prefix that covers an address begins at the address cut to some length: a probe for each length.
_HAD = (
    select(address_history)
    .where(
        address_history.c.family == bindparam("family"),
        address_history.c.network.in_(bindparam("beginnings", expanding=True)),
    )
    .order_by(address_history.c.id)
)
# What is delegated is the roots of other pools, which are few.
_DELEGATED = select(pool_root.c.host_bits).join_from(pool_root, pool).where(pool.c.parent == bindparam("of_name"))


def stream(conn: Connection, statement: Select[Any], values: Mapping[str, Any]) -> Generator[Any, None, None]:
    """Rows as they are asked for, page by page; the cursor is closed even where nobody asks for the last one."""
    with conn.execute(statement, values, execution_options={"yield_per": PAGE}) as rows:
        yield from rows


def allocations(conn: Connection, pool: str, most: int | None = None) -> Iterator[Allocation]:
    """All that a pool holds (or the first of it), in order of address, read while it is iterated."""
    return map(as_allocation, stream(conn, _IN_POOL.limit(most), {"pool_name": pool}))


def held_by(conn: Connection, holder: str) -> list[Allocation]:
    """What somebody holds, quarantined space included."""
    return [as_allocation(row) for row in conn.execute(_BY_HOLDER, {"who": holder})]


def find(conn: Connection, prefix: Block, vrf: str = "", *, pool: str | None = None) -> Allocation | None:
    """The allocation of exactly this prefix in a VRF; or in a pool, without which a number says nothing."""
    for held in who_has(conn, prefix):
        if held.prefix == prefix and (held.pool == pool if pool else held.vrf == vrf):
            return held
    return None


def held_at(conn: Connection, of: Pool, prefix: Block) -> Allocation | None:
    """The allocation of exactly this prefix in a pool that is known: one probe."""
    row = conn.execute(_HELD_AT, {"of_pool": of.id, "at_network": prefix.network}).first()
    return as_allocation(row) if row and row.host_bits == prefix.host_bits else None


def who_has(conn: Connection, address: Block) -> list[Allocation]:
    """What covers an address (or a whole prefix): one for each VRF at most; a number, one for each pool."""
    place = {"family": address.family, "at": address.network}
    found = map(as_allocation, conn.execute(_WHO_HAS, place))
    return [held for held in found if held.prefix.covers(address)]


def of_requests(conn: Connection, references: Collection[str]) -> dict[str, list[Allocation]]:
    """What each of these took, as it is now: RELEASED too, and QUARANTINED whoever gave it back."""
    latest: dict[str, dict[tuple[str, Block], Allocation]] = {reference: {} for reference in references}
    for row in conn.execute(_OF_REQUESTS, {"requests": sorted(latest)}) if latest else ():
        held = as_allocation(row)
        latest[row.reference][held.vrf, held.prefix] = held
    return {reference: list(of.values()) for reference, of in latest.items()}


def of_request(conn: Connection, reference: str) -> list[Allocation]:
    """The same of one."""
    return of_requests(conn, [reference])[reference]


def who_had(conn: Connection, address: Block, at: datetime | None = None) -> list[Held]:
    """Who held an address, oldest first; with `at`, only at that moment."""
    lengths = range(address.host_bits, address.family.width + 1)
    # Some are alike; but so all addresses of a length are asked about in the same words, which are planned once.
    place = {"family": address.family, "beginnings": [address.ancestor(bits).network for bits in lengths]}
    found = intervals(conn.execute(_HAD, place))
    return [held for held in found if held.allocation.prefix.covers(address) and (at is None or _held_at(held, at))]


def intervals(rows: Iterable[Row[*tuple[Any, ...]]]) -> list[Held]:
    """History rows, oldest first, as intervals: each ends with the next row of its prefix."""
    found: list[Held] = []
    still: dict[tuple[str, Block], int] = {}
    for row in rows:
        held = as_allocation(row)
        before = still.pop((held.vrf, held.prefix), None)
        if before is not None:
            found[before] = replace(found[before], ended=row.at)
        if held.state is not State.RELEASED:
            still[held.vrf, held.prefix] = len(found)
            found.append(Held(allocation=held, since=row.at, ended=None))
    return found


def _held_at(held: Held, at: datetime) -> bool:
    return held.since <= at and (held.ended is None or at < held.ended)


def families(conn: Connection) -> dict[str, Family]:
    """All pools, by name."""
    return {row.name: Family(row.family) for row in conn.execute(select(pool.c.name, pool.c.family))}


def parents(conn: Connection) -> dict[str, str | None]:
    """All pools, by name, the oldest first; each with the one that it is cut out of."""
    return {row.name: row.parent for row in conn.execute(select(pool.c.name, pool.c.parent).order_by(pool.c.id))}


def figures(conn: Connection, pool: str, counted: Counted | None = None) -> Figures:
    """How full a pool is; by what was `counted` before, where that is so still. Raises NotFound."""
    of = read_pool(conn, pool)
    present = roots(conn, of)
    size = sum(root.size for root in present)
    delegated = sum(1 << bits for bits in conn.scalars(_DELEGATED, {"of_name": of.name}))
    sizes = counted.free_sizes(conn, of, *present, delegated) if counted else free_sizes(conn, of)
    free = sum(count << bits for bits, count in sizes.items())
    return Figures(
        name=of.name,
        family=of.family,
        prefixes=tuple(present),
        strategy=of.strategy,
        size=size,
        used=size - free,
        free=free,
        delegated=delegated,
        largest_free=lowest_number(conn, of) if of.family is Family.NUMBER else largest_free(conn, of),
        vrf=of.vrf,
        parent=of.parent,
        allocations=allocations(conn, pool),
    )


def room(conn: Connection, pool: str, length: int | None) -> int:
    """How many prefixes of that length (None: numbers) would fit now. A hint: it locks nothing.

    Raises NotFound, PoolRefuses (it never gives out such a thing).
    """
    of = read_pool(conn, pool)
    wanted = needed(conn, of, allowed(of, length))
    return sum(count << (bits - wanted) for bits, count in free_sizes(conn, of).items() if bits >= wanted)


def neighbours(conn: Connection, of: Pool, prefix: Block) -> tuple[Block | None, Block | None]:
    """The last held prefix that begins before this one's end (it may overlap), and the first one beyond."""
    place = {"of_pool": of.id, "end": prefix.last}
    before, after = (conn.execute(statement, place).first() for statement in (_UP_TO, _BEYOND))
    return before and _as_block(of, before), after and _as_block(of, after)


def _as_block(of: Pool, row: Row[*tuple[Any, ...]]) -> Block:
    return Block(family=of.family, network=row.network, host_bits=row.host_bits)


def as_allocation(row: Row[*tuple[Any, ...]]) -> Allocation:
    return Allocation(
        prefix=Block(family=Family(row.family), network=row.network, host_bits=row.host_bits),
        pool=row.pool,
        vrf=row.vrf,
        state=row.state,
        until=row.until,
        reference=row.reference,
        step=row.step,
        holder=row.holder,
        customer=row.customer,
        description=row.description,
        carries=row.carries,
    )
