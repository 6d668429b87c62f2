"""Finding and recording a prefix among a thousand and among a million allocations, on SQLite and PostgreSQL.

Every fifth prefix of each pool is free again, at random: the holes that years of use leave. Medians, commit included,
once as the bot commits (flushed to the disk), once without the flush: it costs the same whatever the pool's size, and
left in it would flatter the ratio. In the same run the way of others: netaddr's IPSet, all that is held subtracted from
the pool, as NetBox finds its next prefix (netbox/ipam/models/ip.py, get_available_prefixes).

`quick`: up to a hundred thousand, and fewer samples.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from random import Random  # noqa: TID251 -- holes, not secrets
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from netaddr import IPNetwork, IPSet
from servers.postgres import Postgres
from sqlalchemy import Connection, Engine, event, insert, literal, select

from bench.figure import Figure
from mailbot.addresses import Block, parse_prefix
from mailbot.store import space
from mailbot.store.base import metadata
from mailbot.store.engine import open_engine, reading
from mailbot.store.space.blocks import batches
from mailbot.store.space.tables import address_history, allocation, pool

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
SIZES, QUICK = (1_000, 10_000, 100_000, 1_000_000), (1_000, 100_000)
COMPARED = 100_000
GROWS, FASTER = 2.0, 1_000
BOUNDS = {
    "SQLite": {"take": 2.5, "give back": 2.5, "free": 2.5, "who has": 0.3},
    "PostgreSQL": {"take": 5.0, "give back": 5.0, "free": 5.0, "who has": 1.0},
}
"""Milliseconds."""
HOLES = 0.2
ROOTS = {
    "IPv4": ("192.168.0.0/16", "172.16.0.0/12", "11.0.0.0/8", "14.0.0.0/7"),
    "IPv6": ("2001:db8::/40", "2001:db9::/36", "2001:dba::/34", "2001:dbb::/32"),
}
LENGTHS = {"IPv4": 28, "IPv6": 56}
COLUMNS = ("pool_id", "network", "host_bits", "state", "reference", "holder")

Took = dict[tuple[str, int], list[float]]
"""What was done, among how many → milliseconds."""


def figures(*, quick: bool) -> Iterator[Figure]:
    sizes, rounds = (QUICK, 100) if quick else (SIZES, 400)
    with TemporaryDirectory() as folder:
        yield from on("SQLite", f"sqlite:///{Path(folder) / 'space.db'}", sizes, rounds)
    server = Postgres(fsync=True, local=True)
    try:
        yield from on("PostgreSQL", server.database(), sizes, rounds)
    finally:
        server.close()


def on(database: str, url: str, sizes: tuple[int, ...], rounds: int) -> Iterator[Figure]:
    flushed, unflushed = open_engine(url), without_flush(url)
    try:
        fill(unflushed, sizes)
        for family in ROOTS:
            took, bare = measured(flushed, family, sizes, rounds), measured(unflushed, family, sizes, rounds)
            yield from report(database, family, sizes, took, bare)
            for size in sizes:
                theirs, ours = by_subtraction(unflushed, family, size), median(took["take", size])
                what = f"IPSet subtraction / take in {family} on {database}, {size:,} allocations"
                yield Figure(what=what, value=theirs / ours, bound=FASTER if size == COMPARED else None, is_least=True)
    finally:
        flushed.dispose()
        unflushed.dispose()


def without_flush(url: str) -> Engine:
    engine = open_engine(url)
    said = "PRAGMA synchronous = OFF" if url.startswith("sqlite") else "SET synchronous_commit = off"

    def connected(raw: Any, _: object) -> None:
        raw.execute(said)
        raw.commit()

    event.listen(engine, "connect", connected)
    return engine


# -- filling -----------------------------------------------------------------------------------------------------------


def fill(engine: Engine, sizes: tuple[int, ...]) -> None:
    """Pools of each family and size, in bulk: rows, then the free blocks that follow from them."""
    metadata.create_all(engine)
    roots = {(family, size): ROOTS[family][SIZES.index(size)] for family in ROOTS for size in sizes}
    definitions = [space.PoolDefinition(name=name_of(*key), title="", prefixes=(root,)) for key, root in roots.items()]
    with engine.begin() as conn:
        space.sync_pools(conn, definitions, NOW)
        ids = dict(conn.execute(select(pool.c.name, pool.c.id)).all())
        for (family, size), root in roots.items():
            name = name_of(family, size)
            for batch in batches(held(ids[name], parse_prefix(root), LENGTHS[family], size)):
                load(conn, batch)
            space.rebuild(conn, name)
        remember(conn)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
            conn.exec_driver_sql("VACUUM ANALYZE")


def name_of(family: str, size: int) -> str:
    return f"{family}-{size}"


def held(of: int, root: Block, length: int, count: int) -> Iterator[tuple[Any, ...]]:
    """So many allocations, with holes between them, from the root's beginning."""
    random, bits, at = Random(28), root.family.width - length, root.network  # noqa: S311 -- wants repeating
    while count:
        if random.random() >= HOLES:
            count -= 1
            yield of, at.to_bytes(16, "big"), bits, "allocated", f"IP-{count}", f"p{count}@example.net"
        at += 1 << bits


def load(conn: Connection, rows: list[tuple[Any, ...]]) -> None:
    """Past SQLAlchemy, whose care for each value is what takes the time when there are millions."""
    names, cursor = ", ".join(COLUMNS), conn.connection.cursor()
    if conn.dialect.name == "postgresql":
        with cursor.copy(f"COPY allocation ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
    else:
        marks = ", ".join("?" * len(COLUMNS))
        cursor.executemany(f"INSERT INTO allocation ({names}) VALUES ({marks})", rows)


def remember(conn: Connection) -> None:
    """Each allocation as the history would tell it."""
    same = ("network", "host_bits", "state", "reference", "holder")
    told = select(literal(NOW, address_history.c.at.type), pool.c.name, pool.c.vrf, pool.c.family).add_columns(
        allocation.c.reference, *(allocation.c[name] for name in same)
    )
    rows = told.join_from(allocation, pool)
    conn.execute(insert(address_history).from_select(["at", "pool", "vrf", "family", "cause", *same], rows))


# -- measuring ---------------------------------------------------------------------------------------------------------


def measured(engine: Engine, family: str, sizes: tuple[int, ...], rounds: int) -> Took:
    """The pools turn about, so that whatever else the machine does falls on all alike."""
    took: Took = {}
    for turn in range(rounds):
        for size in sizes:
            for name, seconds in one_life(engine, name_of(family, size), LENGTHS[family], turn):
                took.setdefault((name, size), []).append(1_000 * seconds)
    return took


def one_life(engine: Engine, name: str, length: int, turn: int) -> Iterator[tuple[str, float]]:
    """A prefix is taken, looked up, given back to rest; another is reserved, and free again at once."""
    taken: list[space.Allocation] = []
    terms: space.Terms = {"reference": f"IP-T{turn}", "step": "allocate", "holder": "bob@example.net"}

    def take(conn: Connection) -> None:
        taken.append(space.take(conn, name, length, now=NOW, **terms))

    def reserve(conn: Connection) -> None:
        taken.append(space.take(conn, name, length, now=NOW, state=space.State.RESERVED, **terms))

    def who_has(conn: Connection) -> None:
        assert space.who_has(conn, taken[0].prefix) == taken

    def who_had(conn: Connection) -> None:
        assert space.who_had(conn, taken[0].prefix)

    def give_back(conn: Connection) -> None:
        space.give_back(conn, taken[-1].prefix, reference=f"IP-R{turn}", now=NOW)

    yield "take", timed(engine.begin, take)
    yield "who has", timed(lambda: reading(engine), who_has)
    yield "who had", timed(lambda: reading(engine), who_had)
    yield "give back", timed(engine.begin, give_back)
    timed(engine.begin, reserve)
    yield "free", timed(engine.begin, give_back)


def timed(begin: Callable[[], Any], operation: Callable[[Connection], None]) -> float:
    began = perf_counter()
    with begin() as conn:
        operation(conn)
    return perf_counter() - began


def by_subtraction(engine: Engine, family: str, size: int) -> float:
    """Milliseconds in which the next prefix is found by subtracting all that is held from the pool, and recorded."""
    root = IPNetwork(ROOTS[family][SIZES.index(size)])
    name, length = name_of(family, size), LENGTHS[family]
    with engine.connect() as conn:
        of = conn.execute(select(pool.c.id).where(pool.c.name == name)).scalar_one()
        began = perf_counter()
        rows = conn.execute(select(allocation.c.network, allocation.c.host_bits).where(allocation.c.pool_id == of))
        width = root._module.width  # noqa: SLF001 -- as NetBox does
        present = IPSet(IPNetwork((row.network, width - row.host_bits), version=root.version) for row in rows)
        free = next(one for one in (IPSet(root) - present).iter_cidrs() if one.prefixlen <= length)
        place = {"pool_id": of, "network": free.first, "host_bits": width - length}
        conn.execute(insert(allocation).values(**place, state=space.State.ALLOCATED))
        took = perf_counter() - began
        conn.rollback()
    return 1_000 * took


def report(database: str, family: str, sizes: tuple[int, ...], took: Took, bare: Took) -> Iterator[Figure]:
    for name in dict.fromkeys(name for name, _ in took):
        bound: Mapping[str, float] = BOUNDS[database]
        for size in sizes:
            what = f"{name} in {family} on {database}, {size:,} allocations"
            yield Figure(what=what, value=median(took[name, size]), unit="ms", bound=bound.get(name))
        small, large = median(bare[name, sizes[0]]), median(bare[name, sizes[-1]])
        what = f"{name} in {family} on {database}, {sizes[-1]:,} / {sizes[0]:,}, without flush"
        yield Figure(what=what, value=large / small, bound=GROWS)
    flush = median(took["take", sizes[-1]]) - median(bare["take", sizes[-1]])
    yield Figure(what=f"of a take in {family} on {database}: the flush to the disk", value=flush, unit="ms")
