"""Pools cut out of others: what the parent loses and gets back, and whose space it is."""

import pytest
from sqlalchemy import delete

from mailbot.addresses import parse_prefix, parse_space
from mailbot.errors import NotPossible
from mailbot.store import space
from mailbot.store.space.tables import allocation

REGION = {"prefixes": "10.20.0.0/16"}
LYON = {"prefixes": "10.20.0.0/20", "parent": "region"}


@pytest.fixture
def states(conn):
    def states(pool):
        return {str(one.prefix): (one.state.value, one.delegate) for one in space.allocations(conn, pool)}

    return states


def test_the_root_of_a_child_is_delegated_by_its_parent(conn, pools, take, states, free):
    assert pools(region=REGION, lyon=LYON, web={"prefixes": "10.20.0.0/24", "parent": "lyon"}) == []
    assert states("region") == {"10.20.0.0/20": ("delegated", "lyon")}
    assert states("lyon") == {"10.20.0.0/24": ("delegated", "web")}
    assert free("region")[0] == "10.20.16.0/20"
    assert str(take("web", 28).prefix) == "10.20.0.0/28"
    assert str(take("lyon", 28).prefix) == "10.20.1.0/28"
    assert str(take("region", 28).prefix) == "10.20.16.0/28"
    figures = space.figures(conn, "region")
    assert (figures.used, figures.delegated, figures.parent) == (4096 + 16, 4096, None)
    assert space.figures(conn, "web").parent == "lyon"


def test_whoever_has_an_address_has_it_from_the_innermost_pool(conn, pools, take, now):
    pools(region=REGION, lyon={"prefixes": "10.20.0.0/16", "parent": "region"})
    take("lyon", "10.20.0.0/16")
    [held] = space.who_has(conn, parse_prefix("10.20.7.1/32"))
    assert (held.pool, str(held.prefix)) == ("lyon", "10.20.0.0/16")
    assert space.find(conn, parse_prefix("10.20.0.0/16")).pool == "lyon"
    became = space.give_back(conn, parse_prefix("10.20.0.0/16"), reference=None, now=now)
    assert (became.pool, became.state) == ("lyon", space.State.QUARANTINED)


def test_space_of_another_pool_is_refused_naming_that_pool(pools, take):
    pools(region=REGION, lyon=LYON, nice={"prefixes": "10.20.16.0/20", "parent": "region"})
    for asked, prefix, owner in [
        ("region", "10.20.3.0/28", "lyon"),
        ("lyon", "10.20.17.0/28", "nice"),
        ("nice", "10.20.99.0/28", "region"),
    ]:
        with pytest.raises(space.OfAnother, match=f"is not {asked}'s to give out: it belongs to {owner}") as refusal:
            take(asked, prefix)
        assert refusal.value.pool == owner
    with pytest.raises(space.PoolRefuses, match=r"10.99.0.0/28 is not within lyon \(10.20.0.0/20\)"):
        take("lyon", "10.99.0.0/28")


def test_what_is_delegated_nobody_gives_back(conn, pools, now):
    pools(region=REGION, lyon=LYON)
    with pytest.raises(NotPossible, match=r"10.20.0.0/20 is delegated to lyon"):
        space.give_back(conn, parse_prefix("10.20.0.0/20"), reference=None, now=now, pool="region")


def test_a_child_grows_into_free_space_and_shrinks_out_of_its_own(pools, states, take, free):
    pools(region=REGION, lyon=LYON)
    assert pools(region=REGION, lyon={**LYON, "prefixes": "10.20.0.0/19"}) == []
    assert states("region") == {"10.20.0.0/19": ("delegated", "lyon")}
    take("lyon", "10.20.16.0/24", reference="IP-7")
    assert pools(region=REGION, lyon=LYON) == [
        "lyon: space that is held cannot be taken away: 1 held, 10.20.16.0/24 (allocated: IP-7, bob@example.net) first"
    ]
    assert states("region") == {"10.20.0.0/19": ("delegated", "lyon")}
    assert pools(region=REGION, lyon={**LYON, "prefixes": "10.20.16.0/20"}) == []
    assert states("region") == {"10.20.16.0/20": ("delegated", "lyon")}
    assert free("region")[0] == "10.20.0.0/20"


def test_a_child_that_is_gone_gives_its_parent_all_back(pools, states, free):
    pools(region=REGION, lyon=LYON, web={"prefixes": "10.20.0.0/24", "parent": "lyon"})
    assert pools(region=REGION) == []
    assert (states("region"), free("region")) == ({}, ["10.20.0.0/16"])


def test_only_free_space_of_the_parent_is_cut_out(pools, take, states):
    pools(region=REGION)
    take("region", "10.20.3.0/24", reference="IP-7")
    held = "10.20.3.0/24 (allocated: IP-7, bob@example.net)"
    problem = f"lyon: 10.20.0.0/20 cannot be cut out of region: {held} must be given back first"
    assert pools(region=REGION, lyon=LYON) == [problem]
    assert list(states("region")) == ["10.20.3.0/24"]


@pytest.mark.parametrize(
    ("wanted", "problems"),
    [
        (
            {"region": {"prefixes": "10.20.128.0/17"}, "lyon": LYON},
            ["region: 10.20.0.0/20 is delegated to lyon: it cannot be taken away before that pool is smaller"],
        ),
        (
            {"lyon": LYON},
            [
                "lyon: it is cut out of region, and there is no such pool",
                "region: lyon is cut out of it: it cannot go as long as that stays so",
            ],
        ),
        (
            {"region": REGION, "lyon": {**LYON, "prefixes": "10.30.0.0/20"}},
            ["lyon: 10.30.0.0/20 is not within region (10.20.0.0/16)"],
        ),
        (
            {"region": REGION, "lyon": LYON, "nice": {"prefixes": "10.20.8.0/21", "parent": "region"}},
            ["nice: 10.20.8.0/21 overlaps 10.20.0.0/20 of lyon"],
        ),
        (
            {"region": REGION, "lyon": {"prefixes": "10.20.0.0/20"}},
            ["lyon: 10.20.0.0/20 overlaps 10.20.0.0/16 of region"],
        ),
        (
            {"region": REGION, "lyon": LYON, "x": {"prefixes": "10.9.0.0/20", "parent": "y"}},
            ["x: it is cut out of y, and there is no such pool"],
        ),
    ],
    ids=["parent shrinks", "parent goes", "outside", "siblings", "no child any more", "no parent"],
)
def test_what_cannot_be_so_is_told_and_nothing_of_it_changes(pools, states, wanted, problems):
    pools(region=REGION, lyon=LYON)
    assert pools(**wanted) == problems
    assert states("region") == {"10.20.0.0/20": ("delegated", "lyon")}


def test_a_pool_moves_to_another_parent_with_what_is_held_there(pools, take, states):
    pools(region=REGION, lyon=LYON)
    take("lyon", "10.20.1.0/24")
    west = {"prefixes": "10.20.0.0/18", "parent": "region"}
    assert pools(region=REGION, west=west, lyon={**LYON, "parent": "west"}) == []
    assert states("region") == {"10.20.0.0/18": ("delegated", "west")}
    assert states("west") == {"10.20.0.0/20": ("delegated", "lyon")}
    assert list(states("lyon")) == ["10.20.1.0/24"]


def test_a_parent_takes_up_larger_roots_around_what_is_delegated(pools, states, free):
    pools(region=REGION, lyon=LYON)
    assert pools(region={"prefixes": "10.20.0.0/15"}, lyon=LYON) == []
    assert states("region") == {"10.20.0.0/20": ("delegated", "lyon")}
    assert free("region")[-1] == "10.21.0.0/16"


def test_space_added_by_hand_to_a_child_comes_out_of_its_parent(conn, pools, take, states, now):
    pools(region=REGION, lyon=LYON)
    space.add_root(conn, "lyon", parse_prefix("10.20.32.0/20"), now)
    assert list(states("region")) == ["10.20.0.0/20", "10.20.32.0/20"]
    take("region", "10.20.16.0/24")
    with pytest.raises(NotPossible, match=r"10.20.16.0/20 cannot be cut out of region"):
        space.add_root(conn, "lyon", parse_prefix("10.20.16.0/20"), now)
    assert pools(region={**REGION, "hosts": False}, lyon={**LYON, "max_length": 28}) == []
    assert list(states("region")) == ["10.20.0.0/20", "10.20.16.0/24", "10.20.32.0/20"]


def test_numbers_are_delegated_too(conn, pools, take):
    assert pools(vlans={"numbers": "200-399"}, lyon={"numbers": "200-249", "parent": "vlans"}) == []
    assert str(take("lyon", None).prefix) == "200"
    assert str(take("vlans", None).prefix) == "250"
    with pytest.raises(space.OfAnother, match="it belongs to lyon"):
        take("vlans", "201")
    assert [held.pool for held in space.who_has(conn, parse_space("200"))] == ["lyon"]
    assert space.figures(conn, "vlans").delegated == 50


def test_a_vrf_of_its_own_has_the_same_prefixes_once_more(conn, pools, take):
    red = {"vrf": "red"}
    assert pools(region=REGION, lyon=LYON, cpe={**REGION, **red}, shop={**LYON, "parent": "cpe"}) == []
    take("lyon", "10.20.0.0/28", reference="IP-1")
    take("shop", "10.20.0.0/28", reference="IP-2")
    who = space.who_has(conn, parse_prefix("10.20.0.1/32"))
    assert {(held.vrf, held.reference) for held in who} == {("", "IP-1"), ("red", "IP-2")}
    assert space.find(conn, parse_prefix("10.20.0.0/28"), "red").reference == "IP-2"


def test_a_contradiction_between_parent_and_child_is_found(conn, pools):
    pools(region=REGION, lyon=LYON)
    with conn.begin_nested() as savepoint:
        conn.execute(delete(allocation))
        assert "10.20.0.0/20 of lyon is not delegated by region" in space.check(conn)
        savepoint.rollback()
