"""Connections to a server that ends them."""

import psycopg
import pytest
from sqlalchemy import select

from mailbot.store import Store, StoreUnreachable, engine

pytestmark = pytest.mark.servers


@pytest.fixture
def store(postgres):
    made = Store(postgres.database())
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


def test_a_connection_that_the_server_ended_while_it_was_idle_is_made_anew(store, postgres, monkeypatch):
    monkeypatch.setattr(engine, "IDLE", 0)
    assert answers(store)
    hung_up(postgres)
    assert answers(store)


def test_one_that_is_ended_between_two_uses_is_told_once(store, postgres, monkeypatch):
    monkeypatch.setattr(engine, "IDLE", 3600)
    assert answers(store)
    hung_up(postgres)
    with pytest.raises(StoreUnreachable, match="does not answer"):
        answers(store)
    assert answers(store)
