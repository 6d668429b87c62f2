"""Allocations in and out as CSV rows: all or nothing, and every bad row named with its number and why."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from unicodedata import category

from sqlalchemy import Connection, select

from mailbot.addresses import BadPrefix, Block, gap_around, gaps, host_exclusions, parse_space, told
from mailbot.config.clientele import spelled
from mailbot.errors import near_miss
from mailbot.store.space.blocks import claim_exactly, held_in, hold, keep, note
from mailbot.store.space.pools import lock_pools, read_pool, roots
from mailbot.store.space.tables import pool
from mailbot.store.space.values import Allocation, Pool, State
from mailbot.store.space.views import allocations, held_at, neighbours

COLUMNS = ("prefix", "pool", "state", "customer", "description")
IMPORTABLE = tuple(state for state in State if state not in {State.RELEASED, State.DELEGATED})
_UNWANTED = {"Cc", "Cs"}  # control characters (trap 44) and lone surrogates (trap 40)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """A pool that rows may name, and its roots."""

    pool: Pool
    roots: list[Block]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A row that is good in itself; whether its prefix is free is seen later."""

    number: int
    pool: Pool
    root: Block
    allocation: Allocation

    @property
    def prefix(self) -> Block:
        return self.allocation.prefix


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cut:
    """A free block, and the rows whose prefixes are cut from it."""

    pool: Pool
    free: Block
    rows: list[_Row]


class _BadRow(Exception):
    """Its text completes "row 7: …"."""


def import_rows(
    conn: Connection,
    rows: Iterable[Mapping[str, str | None]],
    now: datetime,
    *,
    customers: Mapping[str, str] | None = None,
) -> list[str]:
    """Records allocations that were made elsewhere; `state` may be left out and means allocated.

    Rows are counted as a spreadsheet does: the header is row 1. Returns what is wrong, row by row; then
    nothing has changed. Lengths outside a pool's limits are taken: what is there is there. `customers`
    are all that customers on record are called (`spelled`), each with the name that his space is booked under: then a
    row must name one of them, or none.
    """
    good, problems = _read(rows, _grounds(conn), now, customers or {})
    good.sort(key=_order)
    cuts: list[_Cut] = []
    for _, group in groupby(good, key=lambda row: (row.pool.id, row.root)):
        planned, collisions = _plan(conn, list(group))
        cuts += planned
        problems += collisions
    if not problems:
        _carry_out(conn, cuts, now)
    return [f"row {number}: {why}" for number, why in sorted(problems)]


def export_rows(conn: Connection) -> Iterator[dict[str, str]]:
    """Every allocation as `import_rows` takes it, but for what the configuration makes of pools; lazily."""
    for name in conn.scalars(select(pool.c.name).order_by(pool.c.name)).all():
        of = read_pool(conn, name)
        own = {one for root in roots(conn, of) for one, _ in host_exclusions(root) if of.hosts}
        for held in allocations(conn, name):
            by_itself = held.state is State.DELEGATED or (held.prefix in own and held.state is State.EXCLUDED)
            if not by_itself:
                cells = (held.prefix, name, held.state, held.customer, held.description)
                yield dict(zip(COLUMNS, (str(cell or "") for cell in cells), strict=True))


def _grounds(conn: Connection) -> dict[str, _Ground]:
    pools = lock_pools(conn, conn.scalars(select(pool.c.name)).all())
    return {of.name: _Ground(pool=of, roots=roots(conn, of)) for of in pools}


def _read(
    rows: Iterable[Mapping[str, str | None]],
    grounds: Mapping[str, _Ground],
    now: datetime,
    customers: Mapping[str, str],
) -> tuple[list[_Row], list[tuple[int, str]]]:
    good, problems = [], []
    for number, row in enumerate(rows, start=2):
        cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
        try:
            good.append(_read_row(number, cells, grounds, now, customers))
        except (BadPrefix, _BadRow) as why:
            problems.append((number, str(why)))
    return good, problems


def _read_row(
    number: int,
    cells: Mapping[str, str],
    grounds: Mapping[str, _Ground],
    now: datetime,
    customers: Mapping[str, str],
) -> _Row:
    for name, cell in cells.items():
        if any(category(character) in _UNWANTED for character in cell):
            raise _BadRow(f"its {name} holds control characters")
    ground = grounds.get(cells["pool"])
    if ground is None:
        raise _BadRow(f"there is no pool {cells['pool']!r}{_hint(cells['pool'], grounds)}")
    of, prefix = ground.pool, parse_space(cells["prefix"], ground.pool.family)
    root = next((root for root in ground.roots if root.covers(prefix)), None)
    if root is None:
        within = ", ".join(told(ground.roots))
        raise _BadRow(f"{prefix} is outside of {of.name} ({within})")
    state = _state(cells["state"])
    held = Allocation(
        prefix=prefix,
        pool=of.name,
        vrf=of.vrf,
        state=state,
        until=now + of.quarantine if state is State.QUARANTINED else None,
        customer=_customer(cells["customer"], customers),
        description=cells["description"] or None,
    )
    return _Row(number=number, pool=of, root=root, allocation=held)


def _customer(cell: str, customers: Mapping[str, str]) -> str | None:
    """As he is called now. While there are no customers on record, any name will do."""
    if not cell or not customers:
        return cell or None
    if (name := customers.get(spelled(cell))) is None:
        near = near_miss(spelled(cell), customers)
        hint = f" (did you mean '{customers[near]}'?)" if near else ": import him first, or leave the cell empty"
        raise _BadRow(f"there is no customer {cell!r}{hint}")
    return name


def _state(cell: str) -> State:
    word = cell.lower() or State.ALLOCATED
    if word not in IMPORTABLE:
        choices = ", ".join(IMPORTABLE)
        raise _BadRow(f"{cell!r} is no state, which is one of {choices}{_hint(word, IMPORTABLE)}")
    return State(word)


def _hint(word: str, choices: Iterable[str]) -> str:
    near = near_miss(word, choices)
    return f" (did you mean '{near}'?)" if near else ""


def _order(row: _Row) -> tuple[int, int, int]:
    return row.pool.id, row.prefix.network, -row.prefix.host_bits


def _plan(conn: Connection, rows: list[_Row]) -> tuple[list[_Cut], list[tuple[int, str]]]:
    """For rows of one root, in order of address: the free blocks to cut, and the rows that collide."""
    cuts: list[_Cut] = []
    problems: list[tuple[int, str]] = []
    widest: _Row | None = None
    for row, before, after in _with_neighbours(rows, _held_around(conn, rows)):
        if widest and widest.prefix.overlaps(row.prefix):
            other = f"{widest.prefix} of row {widest.number}"
            problems.append((row.number, f"{row.prefix} overlaps {other}"))
            continue
        widest = row
        if before and before.overlaps(row.prefix):
            held = held_at(conn, row.pool, before)
            problems.append((row.number, f"{row.prefix} overlaps {held}"))
        else:
            free = gap_around(row.prefix, row.root, before, after)
            if not cuts or cuts[-1].free != free:
                cuts.append(_Cut(pool=row.pool, free=free, rows=[]))
            cuts[-1].rows.append(row)
    return cuts, problems


def _held_around(conn: Connection, rows: list[_Row]) -> Iterator[Block]:
    """What is held already, from the last that begins before the first row; lazily, as rows may end soon."""
    first = rows[0]
    before, _ = neighbours(conn, first.pool, first.prefix)
    start = min(before.network, first.prefix.network) if before else first.prefix.network
    return held_in(conn, first.pool, start, first.root.last)


def _with_neighbours(rows: Iterable[_Row], held: Iterator[Block]) -> Iterator[tuple[_Row, Block | None, Block | None]]:
    """Each row with the last held prefix that begins before the row's end, and the first one beyond."""
    before, after = None, next(held, None)
    for row in rows:
        while after and after.network <= row.prefix.last:
            before, after = after, next(held, None)
        yield row, before, after


def _carry_out(conn: Connection, cuts: Iterable[_Cut], now: datetime) -> None:
    for cut in cuts:
        claim_exactly(conn, cut.pool, cut.free)
    for of, group in groupby(cuts, key=lambda cut: cut.pool):
        mine = list(group)
        keep(conn, of, (b for cut in mine for b in gaps(cut.free, (r.prefix for r in cut.rows))))
        hold(conn, of, (row.allocation for cut in mine for row in cut.rows))
        note(conn, (row.allocation for cut in mine for row in cut.rows), cause=None, now=now)
