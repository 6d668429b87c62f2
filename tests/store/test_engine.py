"""Connections: what one view shows, what is undone, and a server that ends them."""

from contextlib import suppress
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import InternalError

from mailbot.errors import NotFound
from mailbot.store import Store, StoreUnreachable, Transaction, engine, space

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def store(url):
    yield from upgraded(url)


@pytest.fixture
def served(postgres):
    """On PostgreSQL alone."""
    yield from upgraded(postgres.database())


def upgraded(url):
    made = Store(url)
    made.upgrade()
    yield made
    made.close()


def hung_up(postgres):
    """The server ends all connections but its own."""
    with psycopg.connect(host="127.0.0.1", port=postgres.port, user="mailbot", dbname="postgres") as conn:
        conn.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname LIKE 'mailbot_%'")


def answers(store):
    with store.reading() as conn:
        return conn.scalar(select(1)) == 1


@pytest.mark.servers
def test_a_connection_that_the_server_ended_while_it_was_idle_is_made_anew(served, postgres, monkeypatch):
    monkeypatch.setattr(engine, "IDLE", 0)
    assert answers(served)
    hung_up(postgres)
    assert answers(served)


@pytest.mark.servers
def test_one_that_is_ended_between_two_uses_is_told_once(served, postgres, monkeypatch):
    monkeypatch.setattr(engine, "IDLE", 3600)
    assert answers(served)
    hung_up(postgres)
    with pytest.raises(StoreUnreachable, match="does not answer"):
        answers(served)
    assert answers(served)


def test_what_others_commit_meanwhile_is_in_no_view_that_had_begun(store):
    with store.reading() as conn:
        assert Transaction(conn).fact("said") is None
        with store.transaction() as tx:
            tx.set_fact("said", "yes")
        assert Transaction(conn).fact("said") is None
    with store.reading() as conn:
        assert Transaction(conn).fact("said") == "yes"


def test_what_is_changed_to_see_what_would_be_is_undone(store):
    with store.rehearsing() as conn:
        Transaction(conn).set_fact("said", "yes")
        assert Transaction(conn).fact("said") == "yes"
    with store.transaction() as tx:  # the same connection again, from the pool
        assert tx.fact("said") is None
        tx.set_fact("said", "no")
    with store.reading() as conn:
        assert Transaction(conn).fact("said") == "no"


@pytest.mark.servers
def test_whoever_reads_changes_nothing(served):
    with pytest.raises(InternalError, match="read-only"), served.reading() as conn:
        Transaction(conn).set_fact("said", "yes")


@pytest.mark.servers
def test_what_is_asked_again_and_again_is_planned_once(served):
    """Which psycopg forgets with every rollback: what is not found, and told so by an exception, makes none."""
    for _ in range(10):
        with suppress(NotFound), served.reading() as conn:
            assert Transaction(conn).fact("said") is None
            raise NotFound("it")
    with served.reading() as conn:
        prepared = conn.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    assert any("FROM fact" in one for one in prepared)


@pytest.mark.servers
def test_who_tries_a_configuration_that_another_bot_brings_in_meanwhile_has_it(served):
    wanted = [space.PoolDefinition(name="lan", title="", prefixes=("10.0.0.0/24",))]
    with served.rehearsing() as conn:
        assert space.families(conn) == {}
        with served.transaction() as tx:
            assert space.sync_pools(tx.conn, wanted, NOW) == []
        assert space.sync_pools(conn, wanted, NOW) == []
        assert space.check(conn) == []
