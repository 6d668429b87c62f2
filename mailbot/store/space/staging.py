"""Rows from elsewhere, read one by one into a table of this connection: a million of them never stand in memory.

What is good in itself stands there; whether its prefix is free here, or held by the same customer, is asked later.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from unicodedata import category

from sqlalchemy import Column, Connection, Integer, MetaData, SmallInteger, Table, Text, delete, func, select

from mailbot.addresses import BadPrefix, Block, Family, parse_space, told
from mailbot.config.address import normal
from mailbot.config.clientele import spelled
from mailbot.errors import near_miss
from mailbot.store.base import Instant, Network
from mailbot.store.space.blocks import batches
from mailbot.store.space.pools import roots
from mailbot.store.space.values import Pool, State

COLUMNS = ("prefix", "pool", "state", "customer", "description", "until", "holder")
CARRIES = "carries."
"""Begins a column of what an allocation carries beside its customer."""
IMPORTABLE = tuple(state for state in State if state not in {State.RELEASED, State.DELEGATED})
CONTAINERS = "containers"
OUTSIDE = "in no pool"

_UNWANTED = {"Cc", "Cs"}  # control characters (trap 44) and lone surrogates (trap 40)
_WHERE_IT_IS = ""

staged = Table(
    "import_row",
    MetaData(),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("pool_id", Integer, nullable=False),
    Column("root", SmallInteger, nullable=False),  # its place in Ground.placed
    Column("network", Network, nullable=False),
    Column("host_bits", SmallInteger, nullable=False),
    Column("last", Network, nullable=False),
    Column("state", Text, nullable=False),
    Column("until", Instant),
    Column("holder", Text),
    Column("customer", Text),
    Column("description", Text),
    Column("carries", Text),
    prefixes=["TEMPORARY"],
)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """What is wrong in a row, in words that say what would be right. Rows are counted as the file's reader counts."""

    number: int
    column: str
    why: str

    def __str__(self) -> str:
        return f"row {self.number}: {self.column}: {self.why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """What became of the rows: `count` are good in themselves, `left` were left out, and why."""

    count: int
    left: Mapping[str, int]
    problems: list[Problem]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The pools that rows may name, or lie in."""

    pools: Mapping[str, Pool]
    roots: Mapping[str, list[Block]]
    """By pool."""
    placed: tuple[tuple[Pool, Block], ...] = field(repr=False)
    """Every root."""
    places: Mapping[tuple[str, Family, int, int], int] = field(repr=False)
    """Where each root stands among these: by VRF, family, host bits and network."""
    sizes: tuple[int, ...]
    """Host bits of all roots, the least first: of two around each other the inner one is meant."""
    customers: Mapping[str, str] = field(default_factory=dict)
    """All that customers on record are called (`spelled`), each with the name that his space is booked under.

    Where there are any, a row must name one of them, or none.
    """

    def around(self, vrf: str, prefix: Block) -> int | None:
        """The place of the root in which a prefix lies."""
        for bits in self.sizes:
            if bits >= prefix.host_bits:
                found = self.places.get((vrf, prefix.family, bits, prefix.network >> bits << bits))
                if found is not None:
                    return found
        return None

    def is_around(self, vrf: str, prefix: Block) -> bool:
        """Whether there is a root within this prefix."""
        if prefix.host_bits <= min(self.sizes, default=0):
            return False  # there may be a million of them
        return any(of.vrf == vrf and prefix != root and prefix.covers(root) for of, root in self.placed)


class _BadCell(Exception):
    def __init__(self, column: str, why: str) -> None:
        self.column = column
        super().__init__(why)


class _LeftOut(Exception):
    """The row is no allocation; its text says what instead."""


def ground(conn: Connection, pools: Iterable[Pool], customers: Mapping[str, str]) -> Ground:
    present = list(pools)
    by_pool = {of.name: roots(conn, of) for of in present}
    placed = tuple((of, root) for of in present for root in by_pool[of.name])
    places = {(of.vrf, root.family, root.host_bits, root.network): at for at, (of, root) in enumerate(placed)}
    sizes = tuple(sorted({root.host_bits for _, root in placed}))
    names = {of.name: of for of in present}
    return Ground(pools=names, roots=by_pool, placed=placed, places=places, sizes=sizes, customers=customers)


def stage(
    conn: Connection,
    rows: Iterable[tuple[int, Mapping[str, str | None]]],
    on: Ground,
    now: datetime,
    *,
    nested: bool = False,
    skip_outside: bool = False,
) -> Staged:
    """Reads rows, each with its number, of our columns; `skip` says why one is no allocation, `wrong` what cannot be
    read of it ("column: why"), `vrf` where to look for the pool where none is named.

    `nested`: a row around another one is its container. `skip_outside`: what lies in no pool is left out.
    """
    staged.drop(conn, checkfirst=True)
    staged.create(conn)
    problems: list[Problem] = []
    left: Counter[str] = Counter()
    good = _good(rows, on, now, problems, left, skip_outside=skip_outside)
    count = 0
    for batch in batches(good):
        _load(conn, batch)
        count += len(batch)
    if nested:
        containers = _without_containers(conn)
        left[CONTAINERS] += containers
        count -= containers
    return Staged(count=count, left={why: many for why, many in sorted(left.items()) if many}, problems=problems)


def _load(conn: Connection, rows: list[tuple[Any, ...]]) -> None:
    """Past SQLAlchemy, whose care for each value is what takes the time when there are millions."""
    names = ", ".join(column.name for column in staged.columns)
    cursor = conn.connection.cursor()
    if conn.dialect.name == "postgresql":
        with cursor.copy(f"COPY {staged.name} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        marks = ", ".join("?" * len(staged.columns))
        cursor.executemany(f"INSERT INTO {staged.name} ({names}) VALUES ({marks})", rows)  # noqa: S608 (our own names)
    cursor.close()


def _without_containers(conn: Connection) -> int:
    inward = (staged.c.network, staged.c.host_bits.desc())
    following = select(
        staged.c.number,
        staged.c.host_bits,
        staged.c.last,
        func.lead(staged.c.network).over(partition_by=staged.c.pool_id, order_by=inward).label("next_network"),
        func.lead(staged.c.host_bits).over(partition_by=staged.c.pool_id, order_by=inward).label("next_bits"),
    ).subquery()
    around = select(following.c.number).where(
        following.c.next_network <= following.c.last, following.c.next_bits < following.c.host_bits
    )
    return conn.execute(delete(staged).where(staged.c.number.in_(around))).rowcount


def _good(
    rows: Iterable[tuple[int, Mapping[str, str | None]]],
    on: Ground,
    now: datetime,
    problems: list[Problem],
    left: Counter[str],
    *,
    skip_outside: bool,
) -> Iterator[tuple[Any, ...]]:
    for number, row in rows:
        try:
            yield _read(number, row, on, now)
        except _BadCell as bad:
            if skip_outside and bad.column == _WHERE_IT_IS:
                left[OUTSIDE] += 1
            else:
                problems.append(Problem(number=number, column=bad.column or "prefix", why=str(bad)))
        except _LeftOut as why:
            left[str(why)] += 1


def _read(number: int, row: Mapping[str, str | None], on: Ground, now: datetime) -> tuple[Any, ...]:
    """As the database keeps it, column by column."""
    if skip := row.get("skip"):
        raise _LeftOut(skip)
    if wrong := row.get("wrong"):
        column, _, why = wrong.partition(": ")
        raise _BadCell(column, why)
    cells = {name: cell.strip() for name, cell in row.items() if cell}
    for name, cell in cells.items():
        # What is printable has none of them; a no-break space is not printable, and welcome.
        if not cell.isprintable() and any(category(character) in _UNWANTED for character in cell):
            raise _BadCell(name, "it holds control characters: take them out")
    at, prefix = _place(cells, on)
    of, _ = on.placed[at]
    state = _state(cells.get("state", ""))
    until = _until(cells, state, of, now)
    carries = {name[len(CARRIES) :]: cell for name, cell in cells.items() if name.startswith(CARRIES)}
    return (
        number,
        of.id,
        at,
        prefix.network.to_bytes(16, "big"),
        prefix.host_bits,
        prefix.last.to_bytes(16, "big"),
        state.value,
        until and int(until.timestamp()),
        _holder(cells.get("holder")),
        _customer(cells.get("customer") or carries.pop("customer", None), on.customers),
        cells.get("description"),
        json.dumps(carries, ensure_ascii=False, sort_keys=True) if carries else None,
    )


def _place(cells: Mapping[str, str], on: Ground) -> tuple[int, Block]:
    """The place of the root in which the prefix lies, and the prefix."""
    name = cells.get("pool")
    if name is not None and name not in on.pools:
        raise _BadCell("pool", f"there is no pool {name!r}{_hint(name, on.pools)}")
    of = on.pools[name] if name is not None else None
    try:
        prefix = parse_space(cells.get("prefix", ""), of.family if of else None)
    except BadPrefix as bad:
        raise _BadCell("prefix", str(bad)) from None
    if of is None:
        return _found(cells.get("vrf", ""), prefix, on), prefix
    at = on.around(of.vrf, prefix)
    if at is not None and (inner := on.placed[at][0]) != of:
        raise _BadCell("pool", f"{prefix} is {inner.name}'s to give out, and not {of.name}'s: name that pool, or none")
    if at is None:
        raise _BadCell(_WHERE_IT_IS, f"{prefix} is outside of {of.name} ({', '.join(told(on.roots[of.name]))})")
    return at, prefix


def _found(vrf: str, prefix: Block, on: Ground) -> int:
    found = on.around(vrf, prefix)
    if found is not None:
        return found
    if on.is_around(vrf, prefix):
        raise _LeftOut(CONTAINERS)
    if vrf and vrf not in {of.vrf for of in on.pools.values()}:
        known = sorted({of.vrf for of in on.pools.values() if of.vrf})
        raise _BadCell(
            "vrf", f"no pool is of VRF {vrf!r}{_hint(vrf, known)}: say --vrf '{vrf}=OURS', or --vrf '{vrf}='"
        )
    where = f" of VRF {vrf!r}" if vrf else ""
    raise _BadCell(_WHERE_IT_IS, f"{prefix} lies in no pool{where}: add it to one's prefixes, or say --skip-outside")


def _state(cell: str) -> State:
    word = cell.lower() or State.ALLOCATED
    if word not in IMPORTABLE:
        choices = ", ".join(IMPORTABLE)
        raise _BadCell("state", f"{cell!r} is no state, which is one of {choices}{_hint(word, IMPORTABLE)}")
    return State(word)


def _until(cells: Mapping[str, str], state: State, of: Pool, now: datetime) -> datetime | None:
    cell = cells.get("until")
    if cell is None:
        return now + of.quarantine if state is State.QUARANTINED else None
    try:
        at = datetime.fromisoformat(cell)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        _ = at.timestamp()
    except (ValueError, OverflowError):
        raise _BadCell("until", f"{cell[:40]!r} is no time: write it like 2026-11-23T10:00:00Z") from None
    return at


def _customer(cell: str | None, customers: Mapping[str, str]) -> str | None:
    """As he is called now. While there are no customers on record, any name will do."""
    if not cell or not customers:
        return cell
    if (name := customers.get(spelled(cell))) is None:
        near = near_miss(spelled(cell), customers)
        hint = f" (did you mean '{customers[near]}'?)" if near else ": import him first, or leave the cell empty"
        raise _BadCell("customer", f"there is no customer {cell!r}{hint}")
    return name


def _holder(cell: str | None) -> str | None:
    if cell is None:
        return None
    found = normal(cell)
    if found is None:
        raise _BadCell("holder", f"{cell[:80]!r} is no mail address, like ana@example.net")
    return found


def _hint(word: str, choices: Iterable[str]) -> str:
    near = near_miss(word, choices)
    return f" (did you mean '{near}'?)" if near else ""
