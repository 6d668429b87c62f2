"""The line of events on both databases: numbered in the order of the commits, claimed by one, forgotten when old."""

from datetime import timedelta

import pytest
from house import MONDAY
from ready import put_database

from mailbot.config.events import Severity
from mailbot.process.news import news
from mailbot.store import Store, feed, following, subscribers
from mailbot.store.following import Wanted

ALL = 10**9


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def store(request, tmp_path):
    """With two subscribers."""
    if request.param == "sqlite":
        put_database(tmp_path / "mailbot.db")
        url = f"sqlite:///{tmp_path / 'mailbot.db'}"
    else:
        url = request.getfixturevalue("postgres").database()
    store = Store(url)
    store.upgrade()
    with store.transaction() as tx:
        subscribers.sync(tx.conn, ["a", "b"], MONDAY)
    yield store
    store.close()


def tell(store, *types, at=MONDAY):
    with store.transaction() as tx:
        feed.tell(tx.conn, [news(type_) for type_ in types], at)


def number(store):
    with store.transaction() as tx:
        return following.number(tx)


def types(store, wanted=Wanted(), position=0, most=100):  # noqa: B008 (a value)
    with store.reading() as conn:
        return [one.type for one in following.after(conn, position, wanted, until=ALL, most=most)]


def test_events_have_no_place_until_they_are_numbered_and_then_for_good(store):
    tell(store, "request.created", "step.opened")
    assert types(store) == []
    assert (number(store), number(store)) == (2, 0)
    tell(store, "request.failed")
    number(store)
    with store.reading() as conn:
        found = following.after(conn, 0, Wanted(), until=ALL, most=100)
        assert following.is_numbered(conn)
    assert [(one.position, one.type) for one in found] == [
        (1, "request.created"), (2, "step.opened"), (3, "request.failed"),
    ]  # fmt: skip


def test_only_what_is_wanted_is_read(store):
    tell(store, "request.created", "request.failed", "step.late", "alert.opened", "test")
    number(store)
    assert types(store, Wanted(types=("request.*", "test"))) == ["request.created", "request.failed", "test"]
    assert types(store, Wanted(severity=Severity.WARNING)) == ["request.failed", "step.late", "alert.opened"]
    assert types(store, Wanted(types=("request.*",), severity=Severity.ERROR)) == ["request.failed"]
    assert types(store, position=2, most=2) == ["step.late", "alert.opened"]


def test_what_is_committed_late_comes_behind_what_was_read_and_is_never_missed(store):
    if store.is_sqlite:
        pytest.skip("there is one writer at a time")
    with store.transaction() as slow:
        feed.tell(slow.conn, [news("request.created")], MONDAY)  # the smaller id
        tell(store, "request.failed")
        number(store)
        assert types(store) == ["request.failed"]
    number(store)
    assert types(store, position=1) == ["request.created"]


def test_a_turn_is_one_bots_and_an_outdated_one_marks_nothing(store):
    tell(store, "request.created", "request.failed")
    number(store)
    with store.transaction() as tx:
        first, second = (subscribers.claim(tx.conn, owner, MONDAY, 2) for owner in (1, 2))
        assert subscribers.claim(tx.conn, 3, MONDAY, 2) is None
        assert {first.to.id, second.to.id} == {"a", "b"}
        assert subscribers.mark_taken(tx.conn, first, 1, MONDAY)
        subscribers.free_the_dead(tx.conn, lambda owner, _: owner != 1)
        again = subscribers.claim(tx.conn, 3, MONDAY, 2)
        assert (again.to.id, again.to.position) == (first.to.id, 1)
        assert not subscribers.mark_taken(tx.conn, first, 2, MONDAY)
        assert subscribers.mark_failed(tx.conn, first, "no", MONDAY, MONDAY) is None


def test_since_when_one_fails_is_kept_until_it_takes_something(store):
    tell(store, "request.created")
    number(store)
    later = MONDAY + timedelta(minutes=5)
    with store.transaction() as tx:
        turn = subscribers.claim(tx.conn, 1, MONDAY, 1)
        assert subscribers.mark_failed(tx.conn, turn, "no", later, MONDAY) == MONDAY
        found = subscribers.subscription(tx.conn, turn.to.id)
        assert (found.attempts, found.not_before, found.failing_since, found.error) == (1, later, MONDAY, "no")
        assert subscribers.note_told(tx.conn, turn.to)
        assert not subscribers.note_told(tx.conn, turn.to)
        subscribers.claim(tx.conn, 1, MONDAY, 1)
        assert subscribers.claim(tx.conn, 1, MONDAY, 1) is None  # that one waits, the other is taken
        turn = subscribers.claim(tx.conn, 1, later, 1)
        assert subscribers.mark_failed(tx.conn, turn, "no", later, later) == MONDAY
        turn = subscribers.claim(tx.conn, 1, later, 1)
        assert subscribers.mark_taken(tx.conn, turn, 1, later)
        assert subscribers.subscription(tx.conn, turn.to.id).failing_since is None


def test_what_is_old_is_forgotten_and_who_missed_it_is_named(store):
    tell(store, "request.created", "request.failed")
    tell(store, "test", at=MONDAY + timedelta(days=2))
    number(store)
    with store.transaction() as tx:
        turn = subscribers.claim(tx.conn, 1, MONDAY, 3)
        subscribers.mark_taken(tx.conn, turn, 2, MONDAY)
        other = next(name for name in ("a", "b") if name != turn.to.id)
        assert following.forget(tx.conn, MONDAY + timedelta(days=1)) == {other: 2}
        assert following.forget(tx.conn, MONDAY + timedelta(days=1)) == {}
        assert subscribers.subscription(tx.conn, other).position == 2
    assert types(store) == ["test"]
