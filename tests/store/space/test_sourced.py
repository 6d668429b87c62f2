"""The line of what a pool's source is to be told: written with each change, worked off in order, by one at a time."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from mailbot.addresses import parse_prefix
from mailbot.store import space
from mailbot.store.space import sourced, tables

SOURCED = {"prefixes": "10.0.0.0/24", "source": "netbox"}
ME, OTHER = 1, 2


@pytest.fixture(autouse=True)
def lan(pools):
    assert pools(lan=SOURCED, own="10.1.0.0/24") == []


@pytest.fixture
def claim(conn, now):
    def claim(owner=ME, *, alive=(), at=now):
        return sourced.claim(conn, "lan", owner, lambda life: life in alive, at)

    return claim


def rows(conn):
    return conn.scalar(select(func.count()).select_from(tables.sourced))


def test_a_pool_without_a_source_has_no_line(conn, take):
    take("own", 28)
    assert (rows(conn), sourced.lines(conn)) == (0, frozenset())


def test_what_is_taken_is_awaited_until_it_is_settled(conn, take, claim):
    held = take("lan", 28)
    assert space.awaited(conn, "IP-1", "allocate") == held
    due = claim()
    assert (due.prefix, due.held, due.awaited, due.named) == (held.prefix, held, True, False)
    assert sourced.settle(conn, due, 17)
    assert space.awaited(conn, "IP-1", "allocate") is None
    assert (claim(), sourced.known(conn, "lan")[held.prefix]) == (None, (due.key, 17))


def test_one_that_was_taken_by_name_says_so(take, claim):
    take("lan", "10.0.0.32/28")
    assert claim().named


def test_what_waits_stops_all_behind_it_and_what_is_stuck_lets_them_pass(conn, take, claim, now):
    first, second = take("lan", 28), take("lan", 28, reference="IP-2")
    due = claim()
    assert due.prefix == first.prefix
    later = now + timedelta(minutes=1)
    sourced.put_off(conn, due, later, "it is away")
    assert claim() is None
    due = claim(at=later)
    assert (due.prefix, due.attempts) == (first.prefix, 2)
    sourced.set_aside(conn, due, "it refuses")
    assert claim().prefix == second.prefix
    assert [(one.prefix, one.stuck, one.detail) for one in sourced.not_settled(conn, "lan")] == [
        (first.prefix, True, "it refuses"),
        (second.prefix, False, ""),
    ]


def test_what_changes_while_it_is_told_is_told_once_more(conn, take, claim, now):
    held = take("lan", 28)
    due = claim()
    space.give_back(conn, held.prefix, reference="IP-1", now=now, pool="lan")
    assert not sourced.settle(conn, due, 17)
    again = claim()
    assert (again.held.state, again.number) == (space.State.QUARANTINED, 17)


def test_a_prefix_that_is_free_again_is_to_be_gone_there(conn, take, claim, now):
    take("lan", 28, state=space.State.RESERVED)
    sourced.settle(conn, claim(), 17)
    space.cancel(conn, reference="IP-1", now=now)
    due = claim()
    assert (due.held, due.number) == (None, 17)
    sourced.settle(conn, due, None)
    assert claim() is None


def test_the_key_of_a_prefix_outlives_who_held_it(conn, take, claim, now):
    held = take("lan", 28, state=space.State.RESERVED)
    key = claim().key
    space.cancel(conn, reference="IP-1", now=now)
    assert take("lan", 28, reference="IP-2").prefix == held.prefix
    assert claim().key == key


def test_only_one_who_lives_works_on_a_pool(take, claim):
    take("lan", 28)
    assert claim(OTHER) is not None
    assert claim(ME, alive={OTHER}) is None
    assert claim(ME, alive=()) is not None


def test_who_was_overtaken_settles_nothing(conn, take, claim):
    take("lan", 28)
    slow, quick = claim(OTHER), claim(ME)
    assert not sourced.settle(conn, slow, 16)
    assert sourced.settle(conn, quick, 17)


def test_what_others_hold_is_as_the_source_says_it_last(conn, now, take):
    wide, narrow = parse_prefix("10.0.0.0/26"), parse_prefix("10.0.0.16/28")
    assert space.hold_foreign(conn, "lan", narrow, "routers", now)
    assert space.hold_foreign(conn, "lan", wide, "more routers", now)
    assert str(take("lan", 28).prefix) == "10.0.0.64/28"
    assert space.hold_foreign(conn, "lan", narrow, "routers", now)
    assert [str(one.prefix) for one in space.allocations(conn, "lan")] == ["10.0.0.16/28", "10.0.0.64/28"]
    assert space.free_foreign(conn, "lan", narrow, now)
    assert not space.free_foreign(conn, "lan", narrow, now)


def test_what_is_ours_is_never_taken_for_others(conn, now, take):
    held = take("lan", 28)
    assert not space.hold_foreign(conn, "lan", parse_prefix("10.0.0.0/24"), "", now)
    assert not space.free_foreign(conn, "lan", held.prefix, now)


def test_what_others_hold_is_not_told_to_whom_it_came_from(conn, now):
    space.hold_foreign(conn, "lan", parse_prefix("10.0.0.0/28"), "", now)
    space.free_foreign(conn, "lan", parse_prefix("10.0.0.0/28"), now)
    assert rows(conn) == 0


def test_a_pool_that_goes_takes_its_line_with_it(conn, take, pools, now):
    take("lan", 28, state=space.State.RESERVED)
    space.cancel(conn, reference="IP-1", now=now)
    assert pools(own="10.1.0.0/24") == []
    assert rows(conn) == 0
