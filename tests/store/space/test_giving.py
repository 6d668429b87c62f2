"""Giving space back, and the rest that it takes before it is given out again."""

from datetime import timedelta

import pytest

from mailbot.addresses import parse_prefix
from mailbot.errors import NotFound, NotPossible
from mailbot.store import space

MONTH = timedelta(days=30)


@pytest.fixture
def give_back(conn, now):
    def give_back(prefix, reference="IP-2", now=now):
        return space.give_back(conn, parse_prefix(prefix), reference=reference, now=now)

    return give_back


def test_trap_37_allocated_space_rests_for_the_time_of_its_pool(pools, take, give_back, free, now):
    pools(lan="10.0.0.0/28")
    take("lan", 28)
    became = give_back("10.0.0.0/28")
    assert (became.state, became.until) == (space.State.QUARANTINED, now + MONTH)
    assert free("lan") == []


def test_reserved_space_is_free_at_once(pools, take, give_back, free):
    pools(lan="10.0.0.0/28")
    take("lan", 30, state=space.State.RESERVED)
    became = give_back("10.0.0.0/30")
    assert (became.state, became.until) == (space.State.RELEASED, None)
    assert free("lan") == ["10.0.0.0/28"]


def test_a_pool_without_quarantine_frees_at_once(pools, take, give_back, free):
    pools(lan={"prefixes": "10.0.0.0/28", "quarantine": timedelta(0)})
    take("lan", 30)
    assert give_back("10.0.0.0/30").state is space.State.RELEASED
    assert free("lan") == ["10.0.0.0/28"]


def test_freed_blocks_join_up_to_the_root_and_no_further(pools, take, give_back, free):
    pools(lan={"prefixes": "10.0.0.0/30 10.0.0.4/30", "quarantine": timedelta(0)})
    for _ in range(8):
        take("lan", 32)
    for host in (3, 1, 0, 2, 7, 6, 5, 4):
        give_back(f"10.0.0.{host}/32")
    assert free("lan") == ["10.0.0.0/30", "10.0.0.4/30"]


def test_trap_37_nobody_else_gets_space_that_rests(pools, take, give_back):
    pools(lan="10.0.0.0/28")
    take("lan", 28)
    give_back("10.0.0.0/28")
    with pytest.raises(space.PoolFull):
        take("lan", 28)
    with pytest.raises(space.PrefixTaken, match="quarantined"):
        take("lan", "10.0.0.0/28", holder="eve@example.net")


def test_trap_37_its_last_holder_gets_it_back_by_naming_it_whole(conn, pools, take, give_back):
    pools(lan="10.0.0.0/28")
    take("lan", 28, reference="IP-1")
    give_back("10.0.0.0/28", reference="IP-2")
    with pytest.raises(space.PrefixTaken):
        take("lan", "10.0.0.0/29", reference="IP-3")
    again = take("lan", "10.0.0.0/28", reference="IP-3")
    assert again.state is space.State.ALLOCATED
    assert [held.state for held in space.of_request(conn, "IP-1")] == [space.State.RELEASED]
    assert space.of_request(conn, "IP-3") == [again]


def test_space_of_nobody_known_goes_back_to_nobody(conn, pools, take, give_back, now):
    pools(lan="10.0.0.0/28")
    space.import_rows(conn, [{"prefix": "10.0.0.0/28", "pool": "lan"}], now)
    give_back("10.0.0.0/28")
    with pytest.raises(space.PrefixTaken):
        take("lan", "10.0.0.0/28", holder=None)


def test_rested_space_is_given_out_when_its_time_is_over(*, conn, pools, take, give_back, free, now):
    pools(lan="10.0.0.0/28", wan="10.1.0.0/28")
    take("lan", 28)
    give_back("10.0.0.0/28")
    assert space.end_quarantine(conn, now + MONTH - timedelta(seconds=1)) == []
    assert space.end_quarantine(conn, now + MONTH) == ["lan"]
    assert free("lan") == ["10.0.0.0/28"]
    assert space.end_quarantine(conn, now + MONTH) == []


@pytest.mark.parametrize("wanted", [28, "10.0.0.0/28", "10.0.0.4/30"])
def test_a_full_pool_uses_rested_space_that_nobody_has_freed_yet(pools, take, give_back, now, wanted):
    pools(lan="10.0.0.0/28")
    for _ in range(4):
        take("lan", 30)
    for host in (0, 4, 8, 12):
        give_back(f"10.0.0.{host}/30")
    assert take("lan", wanted, holder="eve@example.net", now=now + MONTH).holder == "eve@example.net"


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("quarantined", "is given back already, and rests until"),
        ("excluded", "is excluded"),
        ("foreign", "is foreign"),
    ],
)
def test_what_is_nobodys_to_give_is_refused(*, conn, pools, give_back, now, state, why):
    pools(lan="10.0.0.0/24")
    space.import_rows(conn, [{"prefix": "10.0.0.0/28", "pool": "lan", "state": state}], now)
    with pytest.raises(NotPossible, match=why):
        give_back("10.0.0.0/28")


@pytest.mark.parametrize(
    ("prefix", "why"),
    [
        ("10.0.0.0/29", "10.0.0.0/29 is not held by anybody"),
        ("10.0.0.0/27", "10.0.0.0/27 is not held by anybody"),
        ("10.0.0.16/28", "10.0.0.16/28 is not held by anybody"),
        ("10.9.0.0/28", "10.9.0.0/28 lies in no pool"),
        ("::/28", "::/28 lies in no pool"),
    ],
)
def test_what_is_not_held_as_named_is_not_found(pools, take, give_back, prefix, why):
    pools(lan="10.0.0.0/24")
    take("lan", 28)
    with pytest.raises(NotFound, match=why):
        give_back(prefix)


def test_an_undone_request_gives_back_what_it_holds_each_by_its_rule(conn, pools, take, give_back, now):
    pools(lan="10.0.0.0/24", six="2001:db8::/48")
    take("six", 56)
    take("lan", 28)
    take("lan", 29, state=space.State.RESERVED)
    take("lan", 30, reference="IP-9")
    give_back("10.0.0.0/28", reference="IP-1")
    became = space.cancel(conn, reference="IP-1", now=now + timedelta(days=1))
    assert [(str(held.prefix), str(held.state)) for held in became] == [
        ("2001:db8::/56", "quarantined"),
        ("10.0.0.16/29", "released"),
    ]
    assert [held.until for held in became] == [now + timedelta(days=31), None]
    assert space.find(conn, parse_prefix("10.0.0.0/28")).until == now + MONTH
    assert space.cancel(conn, reference="IP-1", now=now) == []
