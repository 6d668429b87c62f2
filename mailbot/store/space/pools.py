"""Pools and their roots as they stand, locked or merely read."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from mailbot.addresses import Block, Family, Strategy, told
from mailbot.errors import NotFound, near_miss
from mailbot.store.base import ONE
from mailbot.store.space.tables import pool, pool_root
from mailbot.store.space.values import OfAnother, Outside, Pool, PoolRefuses
from mailbot.words import listed, say

_TOLD = 4
"""Prefixes of a pool that a refusal names."""

_POOL = [column for column in pool.c if column is not pool.c.definition]
_ALL = select(*_POOL).order_by(pool.c.id)
_BY_NAME = select(*_POOL).where(pool.c.name == bindparam("pool_name"))
_BY_NAMES = select(*_POOL).where(pool.c.name.in_(bindparam("pool_names", expanding=True))).order_by(pool.c.id)
# Of a pool and those that it is cut out of, the innermost.
_AT = (
    select(*_POOL, pool_root.c.network.label("root_network"), pool_root.c.host_bits.label("root_bits"))
    .join_from(pool_root, pool)
    .where(
        pool.c.vrf == bindparam("vrf"),
        pool.c.family == bindparam("family"),
        pool_root.c.network <= bindparam("first"),
        pool_root.c.last >= bindparam("last"),
    )
    .order_by(pool.c.depth.desc())
    .limit(ONE)
)
# On PostgreSQL a pool's row is locked before any of its blocks is read: else races end in "full" where there
# is room, or leave two buddies apart. SQLite's dialect leaves FOR UPDATE out: BEGIN IMMEDIATE serves.
_LOCK_BY_NAME = _BY_NAME.with_for_update()
_LOCK_BY_NAMES = _BY_NAMES.with_for_update()
_LOCK_AT = _AT.with_for_update(of=pool)
_ROOTS = (
    select(pool_root.c.network, pool_root.c.host_bits)
    .where(pool_root.c.pool_id == bindparam("pool"))
    .order_by(pool_root.c.network)
)


def lock_pools(conn: Connection, names: Iterable[str]) -> list[Pool]:
    """Locks several pools in the order of their ids, which keeps two requests from waiting for each other.

    Call it before the first `take` of a transaction that takes from more than one. Raises NotFound.
    """
    wanted = set(names)
    found = [_as_pool(row) for row in conn.execute(_LOCK_BY_NAMES, {"pool_names": sorted(wanted)})]
    for missing in sorted(wanted - {one.name for one in found}):
        raise _unknown(conn, missing)
    return found


def lock_pool(conn: Connection, name: str) -> Pool:
    return _one(conn, name, conn.execute(_LOCK_BY_NAME, {"pool_name": name}).first())


def read_pools(conn: Connection) -> list[Pool]:
    """All of them, in the order of their ids; nothing is locked."""
    return list(map(_as_pool, conn.execute(_ALL)))


def read_pool(conn: Connection, name: str) -> Pool:
    return _one(conn, name, conn.execute(_BY_NAME, {"pool_name": name}).first())


def lock_pool_at(conn: Connection, prefix: Block, vrf: str) -> tuple[Pool, Block]:
    """The pool that owns this space, locked, and the root in which the prefix lies. Raises NotFound."""
    place = {
        "family": prefix.family,
        "vrf": vrf,
        "first": prefix.network,
        "last": prefix.last,
    }
    row = conn.execute(_LOCK_AT, place).first()
    if row is None:
        raise NotFound(say("space.lies_in_no_pool", prefix=prefix))
    found = _as_pool(row)
    return found, Block(family=found.family, network=row.root_network, host_bits=row.root_bits)


def lock_root(conn: Connection, name: str, prefix: Block) -> tuple[Pool, Block]:
    """This pool, locked, and its root in which the prefix lies. Raises NotFound."""
    found = lock_pool(conn, name)
    for root in roots(conn, found):
        if root.covers(prefix):
            return found, root
    raise NotFound(say("space.is_not_within_pool", prefix=prefix, name=name))


def roots(conn: Connection, of: Pool) -> list[Block]:
    """In order of address."""
    return [
        Block(family=of.family, network=row.network, host_bits=row.host_bits)
        for row in conn.execute(_ROOTS, {"pool": of.id})
    ]


def root_of(conn: Connection, of: Pool, prefix: Block) -> Block:
    """The root in which the prefix lies. Raises PoolRefuses, naming what the pool has, or whose the prefix is."""
    present = roots(conn, of)
    for root in present:
        if root.covers(prefix):
            return root
    if prefix.family is not of.family:
        kind = "numbers" if of.family is Family.NUMBER else of.family
        family, some = prefix.family, _some(present)
        raise Outside(
            say("space.is_of_another_family", prefix=prefix, family=family, name=of.name, kind=kind, prefixes=some),
            say("space.is_of_the_other_family", prefix=prefix, family=family, name=of.name, kind=kind),
        )
    if owner := pool_at(conn, prefix, of.vrf):
        raise OfAnother(prefix, of.name, owner)
    raise Outside(
        say("space.is_not_within", prefix=prefix, name=of.name, prefixes=_some(present)),
        say("space.is_not_within_pool", prefix=prefix, name=of.name),
    )


def pool_at(conn: Connection, prefix: Block, vrf: str) -> str | None:
    """The pool that this space belongs to, the innermost of several; nothing is locked."""
    place = {"family": prefix.family, "vrf": vrf, "first": prefix.network, "last": prefix.last}
    row = conn.execute(_AT, place).first()
    return row.name if row else None


def _some(present: list[Block]) -> str:
    """A pool may have hundreds of prefixes."""
    words = told(present)
    some = listed(words[:_TOLD])
    return say("space.and_more", some=some, more=len(words) - _TOLD) if len(words) > _TOLD else some


def needed(conn: Connection, of: Pool, host_bits: int) -> int:
    """Host bits of the free block from which somebody gets such a prefix who holds nothing beside it.

    With growth bits it is larger by these; but where no root is as large as that, a whole root will do.
    """
    if not of.growth:
        return host_bits
    return max(host_bits, min(host_bits + of.growth, max((root.host_bits for root in roots(conn, of)), default=0)))


def allowed(of: Pool, length: int | None) -> int:
    """The host bits of a prefix length that the pool gives out; of numbers, which have none: 0. Raises PoolRefuses."""
    if of.family is Family.NUMBER:
        if length not in {None, of.family.width}:
            raise PoolRefuses(say("space.gives_out_numbers_which", name=of.name))
        return 0
    if length is None:
        raise PoolRefuses(say("space.gives_out_prefixes_say", name=of.name))
    low = of.min_length or 0
    high = of.family.width if of.max_length is None else of.max_length
    if not low <= length <= high:
        raise PoolRefuses(say("space.gives_out_prefix_lengths", name=of.name, low=low, high=high, length=length))
    return of.family.width - length


def could_fit(conn: Connection, of: Pool, host_bits: int) -> None:
    """Raises PoolRefuses where the pool is too small for such a prefix, and would be if all of it were free."""
    largest = max((root.host_bits for root in roots(conn, of)), default=0)
    if host_bits > largest:
        length, most = of.family.width - host_bits, of.family.width - largest
        raise PoolRefuses(say("space.is_too_large", name=of.name, length=length, largest=most))


def _one(conn: Connection, name: str, row: Row[*tuple[Any, ...]] | None) -> Pool:
    if row is None:
        raise _unknown(conn, name)
    return _as_pool(row)


def _unknown(conn: Connection, name: str) -> NotFound:
    near = near_miss(name, conn.scalars(select(pool.c.name)))
    if near is None:
        return NotFound(say("space.there_is_no_pool", name=repr(name)))
    return NotFound(say("space.there_is_no_pool_but", name=repr(name), near=repr(near)))


def _as_pool(row: Row[*tuple[Any, ...]]) -> Pool:
    return Pool(
        id=row.id,
        name=row.name,
        family=Family(row.family),
        vrf=row.vrf,
        strategy=Strategy(row.strategy),
        quarantine=timedelta(seconds=row.quarantine),
        min_length=row.min_length,
        max_length=row.max_length,
        hosts=row.hosts,
        parent=row.parent,
        depth=row.depth,
        growth=row.growth,
        adjacent=row.adjacent,
        source=row.source,
    )
