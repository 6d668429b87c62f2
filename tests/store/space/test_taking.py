"""Taking space: which prefix comes, which does not, and the words for it."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from mailbot.addresses import Strategy, parse_prefix
from mailbot.errors import NotFound
from mailbot.store import space


@pytest.mark.parametrize(
    ("strategy", "lengths", "taken"),
    [
        ("best-fit", [28, 30, 28, 30], ["10.0.0.0/28", "10.0.0.16/30", "10.0.0.32/28", "10.0.0.20/30"]),
        ("first-fit", [30, 28, 30], ["10.0.0.0/30", "10.0.0.16/28", "10.0.0.4/30"]),
        ("sparse", [28, 28, 28, 28], ["10.0.0.0/28", "10.0.0.128/28", "10.0.0.64/28", "10.0.0.192/28"]),
    ],
)
def test_the_strategy_chooses_the_place(pools, take, strategy, lengths, taken):
    pools(lan={"prefixes": "10.0.0.0/24", "strategy": Strategy(strategy)})
    assert [str(take("lan", length).prefix) for length in lengths] == taken


def test_best_fit_spares_the_large_block_where_first_fit_takes_the_low_one(pools, take):
    both = "10.0.0.0/24 10.1.0.0/28"
    pools(best={"prefixes": both}, first={"prefixes": both, "strategy": Strategy.FIRST_FIT, "vrf": "blue"})
    assert str(take("best", 28).prefix) == "10.1.0.0/28"
    assert str(take("first", 28).prefix) == "10.0.0.0/28"


def test_sparse_begins_on_a_nibble_as_long_as_there_is_room(pools, take):
    pools(six={"prefixes": "2001:db8::/48", "strategy": Strategy.SPARSE})
    taken = [take("six", 58).prefix for _ in range(256)]
    assert {prefix.ancestor(72).network for prefix in taken} == {prefix.network for prefix in taken}


@pytest.mark.parametrize("root", ["10.0.0.0/24", "10.0.0.0/31", "192.0.2.7/32", "2001:db8::/127", "::1/128", "::/0"])
@pytest.mark.parametrize("strategy", Strategy)
def test_trap_36_a_request_as_large_as_the_pool_takes_it_whole(pools, take, free, root, strategy):
    pools(lan={"prefixes": root, "strategy": strategy, "hosts": root.endswith(("/31", "/32", "/127", "/128"))})
    assert str(take("lan", parse_prefix(root).length).prefix) == root
    assert free("lan") == []


def test_trap_36_a_pool_of_one_point_to_point_prefix_gives_both_its_addresses(pools, take):
    pools(link={"prefixes": "10.0.0.0/31", "hosts": True})
    assert [str(take("link", 32).prefix) for _ in range(2)] == ["10.0.0.0/32", "10.0.0.1/32"]


def test_trap_36_a_host_pool_gives_neither_network_nor_gateway_nor_broadcast(pools, take):
    pools(lan={"prefixes": "10.0.0.0/29", "hosts": True})
    assert {str(take("lan", 32).prefix) for _ in range(5)} == {f"10.0.0.{host}/32" for host in (2, 3, 4, 5, 6)}
    with pytest.raises(space.PoolFull):
        take("lan", 32)
    with pytest.raises(space.PrefixTaken, match="excluded"):
        take("lan", "10.0.0.7/32")


def test_trap_36_vrfs_may_overlap(conn, pools, take, now):
    assert pools(red={"prefixes": "10.0.0.0/24", "vrf": "red"}, blue={"prefixes": "10.0.0.0/24", "vrf": "blue"}) == []
    red, blue = take("red", 28), take("blue", 28)
    assert red.prefix == blue.prefix
    assert space.who_has(conn, red.prefix) == [red, blue]
    space.give_back(conn, red.prefix, reference="IP-2", now=now, vrf="red")
    assert space.find(conn, blue.prefix, vrf="blue") == blue


@pytest.mark.parametrize("root", ["10.0.0.0/8", "2001::/16", "::/0"])
def test_trap_35_an_address_out_of_a_vast_pool_takes_a_handful_of_statements(conn, pools, take, root):
    pools(vast=root)
    said = []
    event.listen(conn, "before_cursor_execute", lambda *args: said.append(args[2]))
    held = take("vast", parse_prefix(root).family.width)
    # Pool, free block, what is left of it, who holds it, and the history: PostgreSQL takes all but two of them as one.
    assert len(said) == (3 if conn.dialect.name == "postgresql" else 5), said
    assert held.prefix.network == parse_prefix(root).network


def test_a_full_pool_says_what_is_left(pools, take):
    pools(lan="10.0.0.0/24")
    take("lan", 25)
    take("lan", 26)
    with pytest.raises(space.PoolFull) as caught:
        take("lan", 25)
    full = caught.value
    assert (full.pool, full.length, str(full.largest_free)) == ("lan", 25, "10.0.0.192/26")
    assert str(full) == "lan has no room for a /25: the largest free block is 10.0.0.192/26"


def test_a_pool_without_any_room_says_so(pools, take):
    pools(lan="10.0.0.0/30")
    take("lan", 30)
    with pytest.raises(space.PoolFull, match="lan has no room for a /32: nothing is free"):
        take("lan", 32)


@pytest.mark.parametrize(
    ("wanted", "why"),
    [
        (23, "lan gives out prefix lengths /24 to /30, not /23"),
        (31, "lan gives out prefix lengths /24 to /30, not /31"),
        (-1, "lan gives out prefix lengths /24 to /30, not /-1"),
        ("10.0.0.0/32", "lan gives out prefix lengths /24 to /30, not /32"),
        ("10.1.0.0/28", r"10.1.0.0/28 is not within lan \(10.0.0.0/24, 10.2.0.0/24\)"),
        ("10.0.0.0/16", r"10.0.0.0/16 is not within lan"),
        ("::/28", r"::/28 is IPv6, and lan is a pool of IPv4"),
    ],
)
def test_a_pool_refuses_what_it_never_gives_out(pools, take, wanted, why):
    pools(lan={"prefixes": "10.0.0.0/24 10.2.0.0/24", "min_length": 24, "max_length": 30})
    with pytest.raises(space.PoolRefuses, match=why):
        take("lan", wanted)


def test_lengths_end_where_the_family_ends(pools, take):
    pools(lan="10.0.0.0/24")
    with pytest.raises(space.PoolRefuses, match="/0 to /32, not /33"):
        take("lan", 33)


def test_an_unknown_pool_is_told_with_a_near_miss(pools, take):
    pools(customers="10.0.0.0/24")
    with pytest.raises(NotFound, match=r"there is no pool 'custmers' \(did you mean 'customers'\?\)"):
        take("custmers", 28)


def test_a_named_prefix_is_cut_out_of_whatever_free_block_holds_it(pools, take, free):
    pools(lan="10.0.0.0/24")
    assert str(take("lan", "10.0.0.96/28").prefix) == "10.0.0.96/28"
    assert free("lan") == ["10.0.0.0/26", "10.0.0.64/27", "10.0.0.112/28", "10.0.0.128/25"]


@pytest.mark.parametrize("wanted", ["10.0.0.96/28", "10.0.0.100/32", "10.0.0.0/24", "10.0.0.96/27"])
def test_a_named_prefix_that_is_held_names_what_stands_in_its_way(pools, take, wanted):
    pools(lan="10.0.0.0/24")
    held = take("lan", "10.0.0.96/28", reference="IP-7")
    with pytest.raises(space.PrefixTaken) as caught:
        take("lan", wanted, reference="IP-8")
    assert caught.value.by == held
    assert str(caught.value) == f"{wanted} is not free: 10.0.0.96/28 (allocated: IP-7, bob@example.net)"


def test_what_is_held_carries_its_terms(conn, pools, take, now):
    pools(lan="10.0.0.0/24")
    until = now + timedelta(days=14)
    held = take("lan", 28, state=space.State.RESERVED, until=until, customer="Acme", description="Lyon")
    assert space.find(conn, held.prefix) == held
    assert held == space.Allocation(
        prefix=parse_prefix("10.0.0.0/28"),
        pool="lan",
        state=space.State.RESERVED,
        until=until,
        reference="IP-1",
        step="allocate",
        holder="bob@example.net",
        customer="Acme",
        description="Lyon",
    )


@pytest.mark.parametrize(
    ("lengths", "missing"),
    [
        ([], ()),
        ([25], ()),
        ([26, 26, 26], ()),
        ([26, 25], ()),
        ([25, 25], (25,)),
        ([32, 24, 25], (24,)),
        ([26] * 5, (26,) * 2),
    ],
)
def test_whether_it_fits_is_told_without_taking_anything(*, conn, pools, take, free, lengths, missing):
    pools(lan="10.0.0.0/24")
    take("lan", 26)
    before = free("lan")
    verdict = space.fits(conn, "lan", lengths)
    assert (verdict.missing, verdict.fits) == (missing, not missing)
    assert str(verdict.largest_free) == "10.0.0.128/25"
    assert free("lan") == before


def test_pools_are_locked_in_the_order_of_their_ids(conn, pools):
    pools(zebra="10.0.0.0/24", ant="10.1.0.0/24", mole="10.2.0.0/24")
    assert [of.name for of in space.lock_pools(conn, ["mole", "ant", "zebra", "ant"])] == ["zebra", "ant", "mole"]
    with pytest.raises(NotFound, match="there is no pool 'bee'"):
        space.lock_pools(conn, ["ant", "bee"])
