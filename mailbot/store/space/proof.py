"""Proving that free blocks and allocations tile every root, and deriving the free blocks anew."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Text, bindparam, delete, literal, select, type_coerce, union_all

from mailbot.addresses import Block, Family, address_text, block_text
from mailbot.store.space.blocks import fill
from mailbot.store.space.delegation import undelegated
from mailbot.store.space.pools import lock_pool, read_pools, roots
from mailbot.store.space.tables import allocation, free_block, pool_root
from mailbot.store.space.values import Pool
from mailbot.store.space.views import stream

_FREE = "free"
_TILES = union_all(
    select(
        allocation.c.network,
        allocation.c.host_bits,
        type_coerce(allocation.c.state, Text).label("state"),
    ).where(allocation.c.pool_id == bindparam("of_pool")),
    select(free_block.c.network, free_block.c.host_bits, literal(_FREE)).where(
        free_block.c.pool_id == bindparam("of_pool")
    ),
).subquery("tiles")
_WITHIN = (
    select(_TILES)
    .where(_TILES.c.network.between(bindparam("start"), bindparam("end")))
    .order_by(_TILES.c.network, _TILES.c.host_bits.desc())
)
_ASTRAY = select(_TILES).where(
    ~select(pool_root)
    .where(
        pool_root.c.pool_id == bindparam("of_pool"),
        pool_root.c.network <= _TILES.c.network,
        pool_root.c.last >= _TILES.c.network,
    )
    .exists()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tile:
    """A row of either table as it stands: a Block would refuse the very rows that are to be reported."""

    family: Family
    network: int
    host_bits: int
    state: str

    @property
    def size(self) -> int:
        return 1 << self.host_bits

    @property
    def last(self) -> int:
        return self.network + self.size - 1

    def __str__(self) -> str:
        return f"{block_text(self.family, self.network, self.host_bits)} ({self.state})"


def check(conn: Connection) -> list[str]:
    """What is wrong with the address space, in words; empty when all invariants hold. Reads every row.

    It wants a consistent view (`reading`), or a transaction beside which there is no other: nothing is locked.
    """
    pools = read_pools(conn)
    faults = [*_overlapping_roots(conn, pools), *undelegated(conn, pools)]
    for of in pools:
        faults += [f"{of.name}: {fault}" for fault in _faults(conn, of)]
    return faults


def rebuild(conn: Connection, pool: str) -> None:
    """Derives a pool's free blocks anew from its roots and allocations. Raises NotFound."""
    of = lock_pool(conn, pool)
    conn.execute(delete(free_block).where(free_block.c.pool_id == of.id))
    for root in roots(conn, of):
        fill(conn, of, root)


def _overlapping_roots(conn: Connection, pools: Iterable[Pool]) -> Iterator[str]:
    # What is cut out of the same pool, or of none, stands beside each other.
    placed = [((of.vrf, of.parent or ""), root, of.name) for of in pools for root in roots(conn, of)]
    placed.sort(key=lambda one: (one[0], one[1].family, one[1].network))
    for (beside, root, name), (other_beside, other, other_name) in pairwise(placed):
        if beside == other_beside and root.overlaps(other):
            yield f"{root} of {name} and {other} of {other_name} overlap"


def _faults(conn: Connection, of: Pool) -> Iterator[str]:
    for row in conn.execute(_ASTRAY, {"of_pool": of.id}):
        yield f"{_tile(of, row)} lies outside of the pool's prefixes"
    for root in roots(conn, of):
        span = {"of_pool": of.id, "start": root.network, "end": root.last}
        yield from _untiled(root, (_tile(of, row) for row in stream(conn, _WITHIN, span)))


def _untiled(root: Block, tiles: Iterable[_Tile]) -> Iterator[str]:
    """Where tiles, in order of address, do not make up the root exactly."""
    cursor, widest = root.network, None
    for tile in tiles:
        if tile.network % tile.size or tile.last > root.last:
            yield f"{tile} is no block of {root}"
        if widest and tile.network < cursor:
            yield f"{tile} overlaps {widest}"
        elif widest and _should_be_one(root, widest, tile):
            yield f"{widest} and {tile} should be one block"
        yield from _unaccounted(root, cursor, tile.network)
        if tile.last >= cursor:
            cursor, widest = tile.last + 1, tile
    yield from _unaccounted(root, cursor, root.last + 1)


def _should_be_one(root: Block, tile: _Tile, following: _Tile) -> bool:
    both_free = tile.state == following.state == _FREE
    return (
        both_free
        and tile.size < root.size
        and tile.network ^ tile.size == following.network
        and tile.size == following.size
    )


def _unaccounted(root: Block, start: int, end: int) -> Iterator[str]:
    if start < end:
        span = [address_text(root.family, at) for at in (start, end - 1)]
        yield f"nothing accounts for {' to '.join(span)}"


def _tile(of: Pool, row: Any) -> _Tile:
    return _Tile(family=of.family, network=row.network, host_bits=row.host_bits, state=row.state)
