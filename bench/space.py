"""Finding and recording a prefix among a thousand and among a million allocations: the ratio is the promise.

Every fifth prefix of each pool is free again, at random: the holes that years of use leave. Medians, commit included.
`quick`: a hundred thousand for a million, and fewer samples.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random  # noqa: TID251 -- holes, not secrets
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from sqlalchemy import Connection, Engine, event, insert, literal, select

from bench.figure import Figure
from mailbot.addresses import Block, parse_prefix
from mailbot.store import space
from mailbot.store.base import metadata
from mailbot.store.engine import open_engine
from mailbot.store.space.blocks import batches
from mailbot.store.space.tables import address_history, allocation, pool

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
LIMIT = 2.0
SMALL, LARGE, QUICK = 1_000, 1_000_000, 100_000
HOLES = 0.2
ROOTS = {"v4": ("192.168.0.0/16", "10.0.0.0/7"), "v6": ("2001:db8::/40", "2001:dba::/32")}
LENGTHS = {"v4": 28, "v6": 56}
# Past SQLAlchemy, whose care for each value is what takes the time when there are millions.
ROW = "INSERT INTO allocation (pool_id, network, host_bits, state, reference, holder) VALUES (?, ?, ?, ?, ?, ?)"


def figures(*, quick: bool) -> Iterator[Figure]:
    sizes, rounds = (SMALL, QUICK if quick else LARGE), 200 if quick else 1_000
    with TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{Path(folder) / 'space.db'}")
        # A flush to the disk costs the same whatever the pool's size: left in, it would flatter the ratio.
        event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA synchronous = OFF"))
        fill(engine, sizes)
        for family in ROOTS:
            yield from report(engine, family, sizes, rounds)
        engine.dispose()


def fill(engine: Engine, sizes: tuple[int, int]) -> None:
    """A small and a large pool of each family, in bulk: rows, then the free blocks that follow from them."""
    metadata.create_all(engine)
    named = {(family, size): ROOTS[family][at] for family in ROOTS for at, size in enumerate(sizes)}
    definitions = [
        space.PoolDefinition(name=f"{family}-{size}", title="", prefixes=(root,))
        for (family, size), root in named.items()
    ]
    with engine.begin() as conn:
        space.sync_pools(conn, definitions, NOW)
        ids = dict(conn.execute(select(pool.c.name, pool.c.id)).all())
        for (family, size), root in named.items():
            name = f"{family}-{size}"
            rows = held(ids[name], parse_prefix(root), LENGTHS[family], size)
            for batch in batches(rows):
                conn.connection.cursor().executemany(ROW, batch)
            space.rebuild(conn, name)
        remember(conn)


def held(of: int, root: Block, length: int, count: int) -> Iterator[tuple[Any, ...]]:
    """So many allocations, with holes between them, from the root's beginning."""
    random, bits, at = Random(28), root.family.width - length, root.network  # noqa: S311 -- wants repeating
    while count:
        if random.random() >= HOLES:
            count -= 1
            yield of, at.to_bytes(16, "big"), bits, "allocated", f"IP-{count}", f"p{count}@example.net"
        at += 1 << bits


def remember(conn: Connection) -> None:
    """Each allocation as the history would tell it."""
    same = ("network", "host_bits", "state", "reference", "holder")
    told = select(literal(NOW, address_history.c.at.type), pool.c.name, pool.c.vrf, pool.c.family).add_columns(
        *(allocation.c[name] for name in same)
    )
    rows = told.join_from(allocation, pool)
    conn.execute(insert(address_history).from_select(["at", "pool", "vrf", "family", *same], rows))


def report(engine: Engine, family: str, sizes: tuple[int, int], rounds: int) -> Iterator[Figure]:
    """The two pools turn about, so that whatever else the machine does falls on both alike."""
    took: dict[str, dict[int, list[float]]] = {}
    for turn in range(rounds):
        for size in sizes:
            for name, seconds in one_life(engine, f"{family}-{size}", LENGTHS[family], turn):
                took.setdefault(name, {}).setdefault(size, []).append(seconds)
    for name, by_size in took.items():
        small, large = (median(by_size[size]) for size in sizes)
        what = f"{name} in IP{family}, {sizes[1]:,} / {sizes[0]:,} allocations"
        yield Figure(what=what, value=large / small, bound=LIMIT)


def one_life(engine: Engine, name: str, length: int, turn: int) -> Iterator[tuple[str, float]]:
    """A prefix is taken, looked up, given back."""
    taken: list[space.Allocation] = []
    terms: space.Terms = {"reference": f"IP-T{turn}", "step": "allocate", "holder": "bob@example.net"}

    def take(conn: Connection) -> None:
        taken.append(space.take(conn, name, length, now=NOW, **terms))

    def who_has(conn: Connection) -> None:
        assert space.who_has(conn, taken[0].prefix) == taken

    def who_had(conn: Connection) -> None:
        assert space.who_had(conn, taken[0].prefix)

    def give_back(conn: Connection) -> None:
        space.give_back(conn, taken[0].prefix, reference=f"IP-R{turn}", now=NOW)

    for operation in (take, who_has, who_had, give_back):
        yield operation.__name__.replace("_", " "), timed(engine, operation)


def timed(engine: Engine, operation: Callable[[Connection], None]) -> float:
    began = perf_counter()
    with engine.begin() as conn:
        operation(conn)
    return perf_counter() - began
