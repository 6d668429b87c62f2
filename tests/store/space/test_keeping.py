"""Reservations that are taken up, and ends that are put off."""

from datetime import timedelta

import pytest

from mailbot.addresses import parse_space
from mailbot.errors import NotFound
from mailbot.store import space
from mailbot.store.space import State

DAY = timedelta(days=1)


@pytest.fixture
def reserve(take, now):
    """Reserves for two weeks unless said otherwise."""

    def reserve(pool, wanted, **more):
        return take(pool, wanted, **{"state": State.RESERVED, "until": now + 14 * DAY, "step": "reserve", **more})

    return reserve


@pytest.fixture
def take_up(conn, now):
    def take_up(pool, prefix, *, reference="IP-1", now=now, **more):
        terms = {"reference": reference, "step": "allocate", "holder": "bob@example.net", **more}
        return space.take_up(conn, pool, parse_space(prefix), now=now, **terms)

    return take_up


@pytest.fixture(params=["prefixes", "numbers"])
def kind(request, pools):
    """A pool of each kind, the length that is taken from it, and what is taken first."""
    if request.param == "prefixes":
        pools(space="10.0.0.0/28")
        return 30, "10.0.0.0/30"
    pools(space={"numbers": "192-207"})
    return None, "192"


def test_a_reservation_that_is_taken_up_is_held_on_the_new_terms_alone(*, conn, kind, reserve, take_up, now):
    length, prefix = kind
    reserve("space", length, carries={"customer": "Acme", "device": "pe1"})
    held = take_up("space", prefix, now=now + DAY, description="Lyon", carries={"customer": "Acme SA"})
    assert (held.state, held.until, held.step, held.customer) == (State.ALLOCATED, None, "allocate", "Acme SA")
    assert space.find(conn, held.prefix, pool="space") == held
    assert held.carries == {"customer": "Acme SA"}
    told = [(str(one.allocation.state), one.since, one.ended) for one in space.who_had(conn, held.prefix)]
    assert told == [("reserved", now, now + DAY), ("allocated", now + DAY, None)]
    assert space.of_request(conn, "IP-1") == [held]


def test_a_reservation_may_become_a_temporary_allocation(kind, reserve, take_up, now):
    length, prefix = kind
    reserve("space", length)
    held = take_up("space", prefix, until=now + DAY)
    assert (held.state, held.until) == (State.ALLOCATED, now + DAY)


def test_only_who_has_reserved_takes_up(kind, reserve, take_up):
    length, prefix = kind
    reserve("space", length, reference="IP-7")
    with pytest.raises(space.NotReserved, match=f"{prefix} of space is not reserved for IP-1, or not any more"):
        take_up("space", prefix)


def test_what_has_lapsed_is_not_taken_up_even_where_nobody_has_freed_it_yet(kind, reserve, take_up, now):
    length, prefix = kind
    reserve("space", length)
    with pytest.raises(space.NotReserved, match="has lapsed, at 2026-12-07 08:00Z"):
        take_up("space", prefix, now=now + 14 * DAY)
    assert take_up("space", prefix, now=now + 14 * DAY - timedelta(seconds=1))


@pytest.mark.parametrize("state", [None, State.ALLOCATED, State.QUARANTINED])
def test_what_is_not_reserved_any_more_is_not_taken_up(*, conn, kind, take, take_up, now, state):
    length, prefix = kind
    if state:
        take("space", length)
    if state is State.QUARANTINED:
        space.give_back(conn, parse_space(prefix), reference="IP-1", now=now, pool="space")
    with pytest.raises(space.NotReserved):
        take_up("space", prefix)


def test_part_of_a_reservation_is_not_taken_up(pools, reserve, take_up):
    pools(lan="10.0.0.0/28")
    reserve("lan", 28)
    with pytest.raises(space.NotReserved):
        take_up("lan", "10.0.0.0/30")


@pytest.mark.parametrize("state", [State.RESERVED, State.ALLOCATED])
def test_what_is_held_for_a_time_is_prolonged(*, conn, kind, take, now, state):
    length, prefix = kind
    held = take("space", length, state=state, until=now + DAY, carries={"device": "pe1"})
    # Whether its time is over says the request, whose clock may have stood.
    became = space.prolong(conn, "space", held.prefix, now + 5 * DAY, reference="IP-1", now=now + 2 * DAY)
    assert became == space.find(conn, parse_space(prefix), pool="space")
    assert (became.state, became.until, became.carries) == (state, now + 5 * DAY, {"device": "pe1"})
    had = space.who_had(conn, held.prefix)
    assert [(one.allocation.until, one.since, one.ended) for one in had] == [
        (now + DAY, now, now + 2 * DAY),
        (now + 5 * DAY, now + 2 * DAY, None),
    ]


def test_an_end_that_stays_leaves_no_trace(conn, kind, take, now):
    held = take("space", kind[0], until=now + DAY)
    space.prolong(conn, "space", held.prefix, now + DAY, reference="IP-1", now=now)
    assert len(space.who_had(conn, held.prefix)) == 1


def test_only_who_holds_it_prolongs_and_only_while_he_does(conn, kind, take, now):
    held = take("space", kind[0], until=now + DAY)
    with pytest.raises(space.NotReserved, match="is not held by IP-2, or not any more"):
        space.prolong(conn, "space", held.prefix, now + 2 * DAY, reference="IP-2", now=now)
    space.give_back(conn, held.prefix, reference="IP-1", now=now, pool="space")
    with pytest.raises(space.NotReserved):
        space.prolong(conn, "space", held.prefix, now + 2 * DAY, reference="IP-1", now=now)
    with pytest.raises(NotFound, match="there is no pool 'wan'"):
        space.prolong(conn, "wan", held.prefix, now + 2 * DAY, reference="IP-1", now=now)


def test_a_reservation_that_is_given_back_is_free_at_once_prolonged_or_not(conn, kind, reserve, free, now):
    held = reserve("space", kind[0])
    space.prolong(conn, "space", held.prefix, now + 90 * DAY, reference="IP-1", now=now)
    became = space.give_back(conn, held.prefix, reference="IP-1", now=now, pool="space")
    assert (became.state, became.until) == (State.RELEASED, None)
    assert len(free("space")) == 1


def test_a_temporary_allocation_rests_when_it_is_given_back(conn, kind, take, now):
    held = take("space", kind[0], until=now + DAY)
    became = space.give_back(conn, held.prefix, reference="IP-1", now=now + DAY, pool="space")
    assert (became.state, became.until) == (State.QUARANTINED, now + 31 * DAY)


def test_time_alone_ends_neither_a_reservation_nor_a_temporary_allocation(conn, kind, reserve, take, now):
    """The lapse and the end are obligations of the request, which gives back."""
    kept = [reserve("space", kind[0]), take("space", kind[0], until=now + DAY)]
    assert space.end_quarantine(conn, now + 400 * DAY) == []
    while space.fits(conn, "space", kind[:1]).fits:
        take("space", kind[0], now=now + 400 * DAY)
    with pytest.raises(space.PoolFull):  # where a full pool frees what has rested
        take("space", kind[0], now=now + 400 * DAY)
    assert [space.find(conn, one.prefix, pool="space") for one in kept] == kept


def test_who_took_up_a_reservation_took_it_once(conn, kind, reserve, take_up, now):
    length, prefix = kind
    held = reserve("space", length)
    space.prolong(conn, "space", held.prefix, now + 20 * DAY, reference="IP-1", now=now)
    take_up("space", prefix)
    assert [move.given_out for move in space.moves(conn, now, now + DAY)] == [True]
    assert space.growth(conn, now) == {"space": {now.date(): held.prefix.size}}


def test_what_an_allocation_carries_is_told_wherever_it_is_seen(conn, pools, take, now):
    pools(lan="10.0.0.0/24")
    carries = {"customer": "Acme", "device": "pe1.lyon", "vlan": "200", "Straße": "Ä\u2028"}
    held = take("lan", 28, carries=carries)
    assert (held.customer, held.carries) == ("Acme", carries)
    assert space.find(conn, held.prefix) == held
    assert space.who_has(conn, held.prefix) == [held]
    assert [one.allocation for one in space.who_had(conn, held.prefix)] == [held]
    assert list(space.allocations(conn, "lan")) == space.of_request(conn, "IP-1") == [held]
    became = space.give_back(conn, held.prefix, reference="IP-1", now=now)
    assert became.carries == carries
    assert space.of_request(conn, "IP-1") == [became]


@pytest.mark.parametrize(
    ("said", "customer", "carries"),
    [
        ({}, None, {}),
        ({"carries": {}}, None, {}),
        ({"customer": "Acme"}, "Acme", {"customer": "Acme"}),
        ({"carries": {"customer": "Acme"}}, "Acme", {"customer": "Acme"}),
        ({"customer": "Acme", "carries": {"vlan": "7"}}, "Acme", {"vlan": "7", "customer": "Acme"}),
        ({"customer": "Acme", "carries": {"customer": "Acme SA"}}, "Acme SA", {"customer": "Acme SA"}),
        ({"carries": {"vlan": ""}}, None, {"vlan": ""}),
    ],
)
def test_a_customer_is_the_same_said_either_way(*, conn, pools, take, said, customer, carries):
    pools(lan="10.0.0.0/24")
    held = take("lan", 28, **said)
    assert (held.customer, held.carries) == (customer, carries)
    assert space.find(conn, held.prefix) == held
