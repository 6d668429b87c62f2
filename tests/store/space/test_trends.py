"""What was given out and given back in a span of time, and how the use of pools grew day by day."""

from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.addresses import parse_prefix
from mailbot.store import space
from mailbot.store.space import Move

DAY = timedelta(days=1)


def test_what_was_given_out_and_back_is_told_once_whatever_became_of_it(conn, pools, take, now):
    pools(lan="10.0.0.0/24")
    held = take("lan", 28)
    space.give_back(conn, held.prefix, reference="IP-2", now=now + DAY)
    space.end_quarantine(conn, now + 40 * DAY)
    moved = [(str(move.prefix), move.given_out) for move in space.moves(conn, now, now + 50 * DAY)]
    assert moved == [("10.0.0.0/28", True), ("10.0.0.0/28", False)]


def test_only_what_happened_in_the_span_is_told_and_its_end_is_not_part_of_it(conn, pools, take, now):
    pools(lan="10.0.0.0/24")
    take("lan", 28)
    held = take("lan", 29, now=now + DAY)
    space.give_back(conn, held.prefix, reference=None, now=now + 2 * DAY)
    assert list(space.moves(conn, now + DAY, now + 2 * DAY)) == [
        Move(pool="lan", prefix=held.prefix, given_out=True),
    ]
    assert list(space.moves(conn, now + 2 * DAY, now + 3 * DAY)) == [
        Move(pool="lan", prefix=held.prefix, given_out=False),
    ]


def test_what_an_import_brought_was_given_out_by_nobody(conn, pools, take, now):
    pools(lan="10.0.0.0/24")
    take("lan", "10.0.0.0/28", reference=None)
    assert list(space.moves(conn, now, now + DAY)) == []
    space.give_back(conn, parse_prefix("10.0.0.0/28"), reference="IP-1", now=now)
    assert [move.given_out for move in space.moves(conn, now, now + DAY)] == [False]


def test_ipv6_grows_in_exact_numbers(conn, pools, take, now):
    pools(six="2001:db8::/32")
    take("six", 56)
    take("six", 33)
    assert space.growth(conn, now) == {"six": {now.date(): 2**72 + 2**95}}


def test_space_that_rests_is_still_in_use(conn, pools, take, now):
    pools(lan="10.0.0.0/24")
    held = take("lan", 28)
    space.give_back(conn, held.prefix, reference=None, now=now + DAY)
    space.end_quarantine(conn, now + 40 * DAY)
    assert space.growth(conn, now) == {"lan": {now.date(): 16, (now + 40 * DAY).date(): -16}}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(
    acts=st.lists(st.tuples(st.integers(0, 3), st.sampled_from(["take", "reserve", "give back", "rest"])), max_size=25)
)
def test_growth_adds_up_to_what_a_pool_uses_at_the_end_of_every_day(conn, pools, take, now, acts):
    with conn.begin_nested() as undone:
        pools(lan={"prefixes": "10.0.0.0/24", "quarantine": 2 * DAY})
        held, used, at = [], {}, now
        for days, act in acts:
            at += days * DAY
            if act == "give back" and held:
                space.give_back(conn, held.pop(0), reference=None, now=at)
            elif act == "rest":
                space.end_quarantine(conn, at)
            elif space.fits(conn, "lan", [29]).fits:
                state = space.State.RESERVED if act == "reserve" else space.State.ALLOCATED
                held.append(take("lan", 29, now=at, state=state).prefix)
            used[at.date()] = space.figures(conn, "lan").used
        assert _summed(space.growth(conn, now).get("lan", {}), used) == used
        undone.rollback()


def _summed(growth: dict[date, int], days: dict[date, int]) -> dict[date, int]:
    """What a pool uses at the end of each of these days, by its growth."""
    return {day: sum(net for when, net in growth.items() if when <= day) for day in days}
