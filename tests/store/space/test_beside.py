"""Space beside what somebody has, and room that is kept for him."""

import pytest

from mailbot.addresses import Strategy
from mailbot.store import space

EVE = {"holder": "eve@example.net"}
SPARSE = {"prefixes": "2001:db8::/48", "strategy": Strategy.SPARSE, "growth": 2}


def test_the_next_prefix_of_a_holder_lies_beside_his_last(pools, take):
    pools(lan={"prefixes": "10.0.0.0/24", "adjacent": True})
    assert str(take("lan", 28).prefix) == "10.0.0.0/28"
    assert str(take("lan", 28, **EVE).prefix) == "10.0.0.16/28"
    assert str(take("lan", 28, **EVE).prefix) == "10.0.0.32/28"  # not its buddy, which bob has
    assert str(take("lan", 28, **EVE).prefix) == "10.0.0.48/28"  # and now a buddy
    assert str(take("lan", 28).prefix) == "10.0.0.64/28"  # bob has no neighbour that is free


def test_a_buddy_goes_before_another_neighbour(pools, take):
    pools(lan={"prefixes": "10.0.0.0/24", "adjacent": True})
    take("lan", "10.0.0.16/28")
    take("lan", "10.0.0.64/28")
    assert str(take("lan", 28).prefix) == "10.0.0.0/28"
    assert str(take("lan", 28).prefix) == "10.0.0.80/28"
    assert str(take("lan", 28).prefix) == "10.0.0.32/28"


def test_a_neighbour_of_another_size_counts_where_it_fits(pools, take):
    pools(lan={"prefixes": "10.0.0.0/24", "adjacent": True})
    take("lan", "10.0.0.64/26")
    assert str(take("lan", 28).prefix) == "10.0.0.128/28"
    assert str(take("lan", 26).prefix) == "10.0.0.0/26"


def test_a_customer_is_the_holder_whoever_asks_for_him(pools, take):
    pools(lan={"prefixes": "10.0.0.0/24", "adjacent": True})
    take("lan", 28, carries={"customer": "Acme"})
    take("lan", 28, carries={"customer": "Bolt"})
    take("lan", "10.0.0.64/28", carries={"customer": "Acme"})
    assert str(take("lan", 28, **EVE, carries={"customer": "Acme"}).prefix) == "10.0.0.80/28"


def test_numbers_lie_beside_each_other_too(pools, take):
    pools(vlans={"numbers": "200-299", "adjacent": True})
    take("vlans", "230")
    assert [str(take("vlans", None).prefix) for _ in range(3)] == ["231", "229", "228"]


def test_without_the_key_the_strategy_alone_decides(pools, take):
    pools(lan={"prefixes": "10.0.0.0/24"})
    take("lan", "10.0.0.64/28")
    assert str(take("lan", 28).prefix) == "10.0.0.80/28"  # best fit, by chance
    assert str(take("lan", 28).prefix) == "10.0.0.96/28"
    assert str(take("lan", 26).prefix) == "10.0.0.0/26"


def test_growth_keeps_room_for_the_holder_and_gives_it_to_nobody_else(conn, pools, take):
    pools(six=SPARSE | {"prefixes": "2001:db8::/52"})
    first = [str(take("six", 56, holder=f"c{n}@example.net").prefix) for n in range(4)]
    assert first == ["2001:db8::/56", "2001:db8:0:800::/56", "2001:db8:0:400::/56", "2001:db8:0:c00::/56"]
    with pytest.raises(space.PoolFull, match=r"is kept for those who hold the space beside it$"):
        take("six", 56, holder="late@example.net")
    assert not space.fits(conn, "six", [56]).fits
    assert space.room(conn, "six", 56) == 0
    assert space.fits(conn, "six", [56], holder="c0@example.net").fits
    survey = space.Survey(conn)
    assert [survey.fits("six", [56], f"{who}@example.net") for who in ("late", "c0")] == [False, True]
    assert not survey.fits_nobody("six", 56)
    grown = [str(take("six", 56, holder="c0@example.net").prefix) for _ in range(3)]
    assert grown == ["2001:db8:0:100::/56", "2001:db8:0:200::/56", "2001:db8:0:300::/56"]


def test_a_request_as_large_as_the_pool_needs_no_room_beside_it(pools, take):
    pools(six=SPARSE)
    assert str(take("six", 48).prefix) == "2001:db8::/48"


def test_prefixes_with_room_to_grow_begin_on_a_nibble(pools, take):
    pools(six=SPARSE | {"growth": 4})
    taken = [take("six", 60, holder=f"c{n}@example.net").prefix for n in range(256)]
    assert all(prefix.ancestor(72).network == prefix.network for prefix in taken)


def test_room_counts_what_would_be_given_out(conn, pools):
    pools(six=SPARSE | {"prefixes": "2001:db8::/52"})
    assert space.room(conn, "six", 56) == 4
    assert space.fits(conn, "six", [56] * 4).fits
    assert space.fits(conn, "six", [56] * 5).missing == (56,)
