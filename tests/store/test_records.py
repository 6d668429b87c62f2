"""What is on record, as far as somebody may see it: requests, and who had an address."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from servers.postgres import Postgres

from mailbot.addresses import Block, Family, parse_address, parse_prefix
from mailbot.process.request import Request, State, Step
from mailbot.store import Store, Transaction, concerns, records, space
from mailbot.store.records import EVERYTHING, Place, Sight

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
DAY = timedelta(days=1)
BOB, EVE, ANA, LI = (f"{name}@example.net" for name in ("bob", "eve", "ana", "li"))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'mailbot.db'}"
    else:
        postgres: Postgres = request.getfixturevalue("postgres")
        url = postgres.new_database()
    store = Store(url)
    store.upgrade()
    with store.transaction() as tx:
        lan = space.PoolDefinition(name="lan", title="LAN", prefixes=("10.0.0.0/16",), quarantine=30 * DAY)
        wan = space.PoolDefinition(name="wan", title="WAN", prefixes=("10.1.0.0/16",))
        space.sync_pools(tx.conn, [lan, wan], NOW)
    yield store
    store.close()
