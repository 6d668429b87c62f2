"""An empty store of either kind, with pools as a test wants them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from servers.postgres import Postgres
from sqlalchemy import Connection, Engine, select

from mailbot.addresses import Block, parse_space
from mailbot.store import space
from mailbot.store.base import metadata
from mailbot.store.engine import open_engine
from mailbot.store.space.pools import read_pool
from mailbot.store.space.tables import free_block

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def postgresql(postgres: Postgres) -> Iterator[Engine]:
    """One database for all tests: each is undone at its end, as nothing here ever commits."""
    engine = open_engine(postgres.database())
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite() -> Iterator[Engine]:
    engine = open_engine("sqlite://")
    metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def conn(request: pytest.FixtureRequest) -> Iterator[Connection]:
    with request.getfixturevalue(request.param).connect() as conn:
        yield conn
        assert space.check(conn) == []  # whatever a test did, the tiles are whole


@pytest.fixture
def pools(conn) -> Callable[..., list[str]]:
    """`pools(lan="10.0.0.0/24", wan=dict(prefixes=…, hosts=True), vlans=dict(numbers=…))`: exactly these from now on.

    Gives the problems.
    """

    def sync(**wanted):
        definitions = []
        for name, said in wanted.items():
            keys = said if isinstance(said, dict) else {"prefixes": said}
            keys = {
                key: tuple(value.split()) if key in {"prefixes", "numbers"} else value for key, value in keys.items()
            }
            definitions.append(space.PoolDefinition(name=name, title=name, **keys))
        return space.sync_pools(conn, definitions, NOW)

    return sync


@pytest.fixture
def take(conn):
    """`take("lan", 28)`, `take("lan", "10.0.0.0/28")`, `take("vlans", None)`: for bob unless said otherwise."""

    def take(pool, wanted, *, reference="IP-1", holder="bob@example.net", now=NOW, **more):
        terms = {"reference": reference, "step": "allocate", "holder": holder, "now": now, **more}
        if isinstance(wanted, str):
            return space.take_named(conn, pool, parse_space(wanted), **terms)
        return space.take(conn, pool, wanted, **terms)

    return take


@pytest.fixture
def free(conn):
    """The free blocks of a pool, as text, in order of address."""

    def free(pool):
        of = read_pool(conn, pool)
        rows = conn.execute(select(free_block).where(free_block.c.pool_id == of.id).order_by(free_block.c.network))
        return [str(Block(family=of.family, network=r.network, host_bits=r.host_bits)) for r in rows]

    return free
