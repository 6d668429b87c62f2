"""What is held here against what another system says, staged beside it: both in order of address, side by side."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Text, select, type_coerce

from mailbot.addresses import Block, Family
from mailbot.store.space.staging import staged
from mailbot.store.space.tables import allocation, pool
from mailbot.store.space.values import State
from mailbot.store.space.views import stream

_NOBODYS = (State.QUARANTINED, State.EXCLUDED, State.DELEGATED)
"""What rests, is kept free, or is another pool's is held by nobody: others may tell it or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What each side tells of a prefix: its state, and its customer where there is one; None: that side lacks it."""

    prefix: Block
    pool: str
    here: str | None
    there: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    place: tuple[str, int, int]
    family: Family
    state: str
    customer: str

    @property
    def is_held(self) -> bool:
        return self.state not in _NOBODYS

    def __str__(self) -> str:
        return f"{self.state}: {self.customer}" if self.customer else self.state


def differences(conn: Connection, pools: Iterable[str]) -> Iterator[Difference]:
    """In order of pool and address; lazily."""
    names = sorted(pools)
    here, there = _sides(conn, allocation, names), _sides(conn, staged, names)
    ours, theirs = next(here, None), next(there, None)
    while ours or theirs:
        one = theirs if ours is None or (theirs and theirs.place < ours.place) else ours
        assert one  # noqa: S101 (one of both is there)
        mine = ours if ours and ours.place == one.place else None
        their = theirs if theirs and theirs.place == one.place else None
        if _differ(mine, their):
            yield _told(one, mine, their)
        ours = next(here, None) if mine else ours
        theirs = next(there, None) if their else theirs


def _sides(conn: Connection, table: Any, pools: list[str]) -> Iterator[_Side]:
    columns = (table.c.network, table.c.host_bits, type_coerce(table.c.state, Text).label("state"), table.c.customer)
    rows = (
        select(pool.c.name, pool.c.family, *columns)
        .join_from(table, pool, pool.c.id == table.c.pool_id)
        .where(pool.c.name.in_(pools))
        .order_by(pool.c.name, table.c.network, table.c.host_bits.desc())
    )
    for row in stream(conn, rows, {}):
        place = (row.name, row.network, -row.host_bits)
        yield _Side(place=place, family=Family(row.family), state=row.state, customer=row.customer or "")


def _differ(ours: _Side | None, theirs: _Side | None) -> bool:
    held = [side for side in (ours, theirs) if side and side.is_held]
    if not held:
        return False
    return len(held) == 1 or held[0].state != held[1].state or held[0].customer != held[1].customer


def _told(one: _Side, ours: _Side | None, theirs: _Side | None) -> Difference:
    name, network, bits = one.place
    return Difference(
        prefix=Block(family=one.family, network=network, host_bits=-bits),
        pool=name,
        here=str(ours) if ours else None,
        there=str(theirs) if theirs else None,
    )
