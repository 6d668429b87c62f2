"""Subscriptions as the API makes them, and the configuration's."""

import pytest
from house import MONDAY

from mailbot.store import Store, Transaction, subscribers

BACK = "https://oss.example.net/listener"


@pytest.fixture
def tx(url):
    store = Store(url)
    store.upgrade()
    with store.transaction() as tx:
        yield tx
    store.close()


def subscribed(tx: Transaction, key="k1", callback=BACK, query="", scope=None) -> str:
    return subscribers.subscribe(tx.conn, key=key, callback=callback, query=query, scope=scope or {}, now=MONDAY)


def test_a_subscription_is_there_with_its_keys_scope_until_it_is_ended(tx):
    id_ = subscribed(tx, query="eventType=ServiceOrderStateChangeEvent", scope={"customers": ["acme"]})
    [found] = subscribers.subscriptions(tx.conn)
    assert found == subscribers.subscription(tx.conn, id_)
    assert (found.id, found.key, found.callback) == (id_, "k1", BACK)
    assert (found.query, found.scope) == ("eventType=ServiceOrderStateChangeEvent", {"customers": ["acme"]})
    assert subscribers.unsubscribe(tx.conn, id_, key="k1")
    assert subscribers.subscriptions(tx.conn) == []
    assert not subscribers.unsubscribe(tx.conn, id_, key="k1")


def test_a_key_sees_and_ends_only_its_own(tx):
    mine, theirs = subscribed(tx), subscribed(tx, key="k2")
    assert [found.id for found in subscribers.subscriptions(tx.conn, key="k1")] == [mine]
    assert not subscribers.unsubscribe(tx.conn, theirs, key="k1")
    assert len(subscribers.subscriptions(tx.conn)) == 2


def test_the_same_subscription_once_more_is_the_same_one(tx):
    assert subscribed(tx) == subscribed(tx)
    assert len(subscribers.subscriptions(tx.conn)) == 1


def test_a_newcomer_is_told_of_what_comes_and_not_of_what_was(tx):
    tx.set_fact(subscribers.LAST_EVENT, "41")
    assert subscribers.subscription(tx.conn, subscribed(tx)).position == 41


def test_who_is_not_configured_any_more_is_forgotten_and_the_hub_is_left_alone(tx):
    subscribed(tx)
    subscribers.sync(tx.conn, ["billing", "tickets"], MONDAY)
    tx.set_fact(subscribers.LAST_EVENT, "7")
    subscribers.sync(tx.conn, ["tickets", "faults"], MONDAY)
    places = {s.id: s.position for s in subscribers.subscriptions(tx.conn) if s.is_configured}
    assert places == {"tickets": 0, "faults": 7}
    assert not subscribers.unsubscribe(tx.conn, "tickets")
    assert len(subscribers.subscriptions(tx.conn)) == 3
