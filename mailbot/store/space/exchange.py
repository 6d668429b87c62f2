"""Allocations in and out as rows: all or nothing, and every bad row named with its number, its column and why."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Connection, Text, insert, literal, null, select, type_coerce

from mailbot.addresses import Block, gap_bits, host_exclusions, tiles
from mailbot.store.space.blocks import BATCH, claim_all, held_in, keep_all
from mailbot.store.space.pools import lock_pools, read_pool, roots
from mailbot.store.space.staging import CARRIES, COLUMNS, Ground, Problem, ground, stage, staged
from mailbot.store.space.tables import address_history, allocation, pool
from mailbot.store.space.values import Allocation, Pool, State
from mailbot.store.space.views import PAGE, allocations, held_at, neighbours, stream

FIRST = COLUMNS[:5]
"""The columns that an export always has; the others only where something has a value there."""

_ROWS = select(staged.c.number, staged.c.root, staged.c.network, staged.c.last).order_by(
    staged.c.pool_id, staged.c.network, staged.c.host_bits.desc(), staged.c.number
)
_TOLD = ("state", "until", "holder", "customer", "description", "carries")

Seen = Callable[[int], None]
_Row = tuple[int, int, int]
"""A row that is good in itself: its number, and its first and last address. Whether it is free is seen now."""
_Span = tuple[int, int]
"""First and last address of what is held."""


class _Cut(NamedTuple):
    """A row's span, and the free block from which it is cut. Plain numbers, as there are millions."""

    first: int
    last: int
    free: int
    free_bits: int


def import_rows(
    conn: Connection,
    rows: Iterable[Mapping[str, str | None]],
    now: datetime,
    *,
    customers: Mapping[str, str] | None = None,
) -> list[str]:
    """Records allocations that were made elsewhere; `state` may be left out and means allocated.

    Rows are counted as a spreadsheet does: the header is row 1. Returns what is wrong, row by row; then
    nothing has changed. Lengths outside a pool's limits are taken: what is there is there.
    """
    on = every_pool(conn, customers)
    found = stage(conn, enumerate(rows, 2), on, now)
    problems = [*found.problems, *(overlaps(conn, on) if found.problems else place(conn, on, now))]
    return list(map(str, sorted(problems)))


def every_pool(conn: Connection, customers: Mapping[str, str] | None = None) -> Ground:
    """All pools, locked; `customers` as of Ground."""
    return ground(conn, lock_pools(conn, conn.scalars(select(pool.c.name)).all()), customers or {})


def overlaps(conn: Connection, on: Ground, seen: Seen = lambda _: None) -> Iterator[Problem]:
    """Which of the staged rows are not free here, or overlap each other. `seen` is told now and then how many were."""
    for of, root, rows in _by_root(conn, on, seen):
        yield from (found for found in _plan(conn, of, root, rows) if isinstance(found, Problem))


def place(conn: Connection, on: Ground, now: datetime, seen: Seen = lambda _: None) -> list[Problem]:
    """What is staged is held from now on; or what `overlaps` says, and then nothing has changed."""
    problems: list[Problem] = []
    with conn.begin_nested() as change:
        for of, root, rows in _by_root(conn, on, seen):
            _cut(conn, of, _without(problems, _plan(conn, of, root, rows)))
        if problems:
            change.rollback()
            return problems
    here = ("pool_id", "network", "host_bits")
    held = select(*(staged.c[name] for name in (*here, *_TOLD))).order_by(staged.c.pool_id, staged.c.network)
    conn.execute(insert(allocation).from_select([*here, *_TOLD], held))
    conn.execute(_remember(now))
    staged.drop(conn)
    return []


def _without(problems: list[Problem], found: Iterable[_Cut | Problem]) -> Iterator[_Cut]:
    for one in found:
        if isinstance(one, Problem):
            problems.append(one)
        else:
            yield one


def _remember(now: datetime) -> Any:
    """Each staged row as the history tells it: no request has brought it about."""
    said = {
        "at": literal(now, address_history.c.at.type),
        "cause": null(),
        "pool": pool.c.name,
        "vrf": pool.c.vrf,
        "family": pool.c.family,
    }
    from_stage = ("network", "host_bits", *_TOLD)
    rows = (
        select(*said.values(), *(staged.c[name] for name in from_stage))
        .join_from(staged, pool, pool.c.id == staged.c.pool_id)
        .order_by(staged.c.pool_id, staged.c.network)
    )
    return insert(address_history).from_select([*said, *from_stage], rows)


def _by_root(conn: Connection, on: Ground, seen: Seen) -> Iterator[tuple[Pool, Block, Iterator[_Row]]]:
    """Staged rows in order of address, by the root in which they lie."""
    rows = _counted(stream(conn, _ROWS, {}), seen)
    for at, mine in groupby(rows, key=itemgetter(1)):
        of, root = on.placed[at]
        yield of, root, ((number, first, last) for number, _, first, last in mine)


def _counted(rows: Iterable[Any], seen: Seen) -> Iterator[Any]:
    for count, row in enumerate(rows, 1):
        yield row
        if count % PAGE == 0:
            seen(count)


def _plan(conn: Connection, of: Pool, root: Block, rows: Iterator[_Row]) -> Iterator[_Cut | Problem]:
    """For rows of one root, in order of address: where each is cut from, or what it collides with."""
    widest: _Row | None = None
    for row, before, after in _with_neighbours(conn, of, root, rows):
        _, first, last = row
        if widest and first <= widest[2]:
            yield _collision(of, row, f"{_block(of, widest[1], widest[2])} of row {widest[0]}")
            continue
        widest = row
        if before and before[1] >= first:
            yield _collision(of, row, str(held_at(conn, of, _block(of, *before))))
        else:
            bits = gap_bits(first, root.host_bits, before and before[1], after and after[0])
            yield _Cut(first, last, first >> bits << bits, bits)


def _collision(of: Pool, row: _Row, other: str) -> Problem:
    number, first, last = row
    return Problem(number=number, column="prefix", why=f"{_block(of, first, last)} overlaps {other}")


def _block(of: Pool, first: int, last: int) -> Block:
    return Block(family=of.family, network=first, host_bits=(last - first).bit_length())


def _with_neighbours(
    conn: Connection, of: Pool, root: Block, rows: Iterator[_Row]
) -> Iterator[tuple[_Row, _Span | None, _Span | None]]:
    """Each row with the last held prefix that begins before the row's end, and the first one beyond."""
    held: Iterator[_Span] = iter(())
    before: _Span | None = None
    after: _Span | None = None
    for count, row in enumerate(rows):
        if not count:
            held = _held_from(conn, of, _block(of, row[1], row[2]), root)
            after = next(held, None)
        while after and after[0] <= row[2]:
            before, after = after, next(held, None)
        yield row, before, after


def _held_from(conn: Connection, of: Pool, first: Block, root: Block) -> Iterator[_Span]:
    """What is held already, from the last that begins before this one; lazily, as rows may end soon."""
    before, _ = neighbours(conn, of, first)
    start = min(before.network, first.network) if before else first.network
    return ((one.network, one.last) for one in held_in(conn, of, start, root.last))


def _cut(conn: Connection, of: Pool, cuts: Iterable[_Cut]) -> None:
    """Free blocks make way, and what is left of each stays free."""
    claimed: list[tuple[int, int]] = []
    left: list[tuple[int, int]] = []
    for (free, bits), mine in groupby(cuts, key=itemgetter(2, 3)):
        claimed.append((free, bits))
        cursor = free
        for first, last, *_ in mine:
            left += tiles(of.family, cursor, first)
            cursor = last + 1
            if len(left) >= BATCH:
                keep_all(conn, of, left)
                left.clear()
        left += tiles(of.family, cursor, free + (1 << bits))
        if len(claimed) >= BATCH:
            claim_all(conn, of, claimed)
            claimed.clear()
    claim_all(conn, of, claimed)
    keep_all(conn, of, left)


# -- out ---------------------------------------------------------------------------------------------------------------


def export_columns(conn: Connection) -> list[str]:
    """Our columns, as far as something stands in them, and one for each thing that allocations carry."""
    more = [name for name in COLUMNS[len(FIRST) :] if _is_used(conn, name)]
    texts = select(type_coerce(allocation.c.carries, Text)).where(allocation.c.carries.is_not(None)).distinct()
    carried = {name for text in conn.scalars(texts) for name in json.loads(text)}
    return [*FIRST, *more, *(CARRIES + name for name in sorted(carried))]


def _is_used(conn: Connection, name: str) -> bool:
    column = allocation.c[name]
    return conn.execute(select(column).where(column.is_not(None)).limit(1)).first() is not None


def export_rows(conn: Connection) -> Iterator[dict[str, str]]:
    """Every allocation as `import_rows` takes it, but for what the configuration makes of pools; lazily."""
    columns = export_columns(conn)
    for name in conn.scalars(select(pool.c.name).order_by(pool.c.name)).all():
        of = read_pool(conn, name)
        own = {one for root in roots(conn, of) for one, _ in host_exclusions(root) if of.hosts}
        for held in allocations(conn, name):
            by_itself = held.state is State.DELEGATED or (held.prefix in own and held.state is State.EXCLUDED)
            if not by_itself:
                told = _told(held)
                yield {column: told.get(column) or "" for column in columns}


def _told(held: Allocation) -> dict[str, str | None]:
    carried = {CARRIES + name: value for name, value in held.carries.items() if name != "customer"}
    return carried | {
        "prefix": str(held.prefix),
        "pool": held.pool,
        "state": held.state.value,
        "customer": held.customer,
        "description": held.description,
        "until": f"{held.until:%Y-%m-%dT%H:%M:%SZ}" if held.until else None,
        "holder": held.holder,
    }
