"""Pools as the configuration says them, from one start of the bot to the next."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from mailbot.addresses import Strategy, parse_prefix
from mailbot.errors import NotFound, NotPossible
from mailbot.store import space
from mailbot.store.space.pools import read_pool


@pytest.fixture
def roots(conn):
    def roots(pool):
        return [str(root) for root in space.figures(conn, pool).prefixes]

    return roots


def test_nothing_is_done_when_nothing_has_changed(conn, pools):
    pools(lan="10.0.0.0/24", six="2001:db8::/48")
    said = []
    event.listen(conn, "before_cursor_execute", lambda *args: said.append(args[2]))
    assert pools(lan="10.0.0.0/24", six="2001:db8::/48") == []
    assert len(said) == 1


def test_a_pool_takes_up_its_new_settings(conn, pools):
    pools(lan="10.0.0.0/24")
    settings = {"strategy": Strategy.SPARSE, "quarantine": timedelta(hours=1), "min_length": 26, "max_length": 30}
    assert pools(lan={"prefixes": "10.0.0.0/24", **settings}) == []
    now_is = read_pool(conn, "lan")
    assert {name: getattr(now_is, name) for name in settings} == settings


def test_a_root_is_added_and_an_empty_one_taken_away(pools, roots, take, free):
    pools(lan="10.0.0.0/24")
    take("lan", 28)
    assert pools(lan="10.0.0.0/24 10.0.1.0/24") == []
    assert free("lan")[-1] == "10.0.1.0/24"
    assert pools(lan="10.0.0.0/24") == []
    assert roots("lan") == ["10.0.0.0/24"]


def test_trap_36_a_pool_is_not_shrunk_below_what_is_held(pools, roots, take):
    pools(lan="10.0.0.0/24 10.0.1.0/24")
    take("lan", "10.0.1.0/28", reference="IP-7")
    assert pools(lan={"prefixes": "10.0.0.0/24", "strategy": Strategy.SPARSE}) == [
        "lan: space that is held cannot be taken away: 1 held, 10.0.1.0/28 (allocated: IP-7, bob@example.net) first"
    ]
    assert roots("lan") == ["10.0.0.0/24", "10.0.1.0/24"]
    assert take("lan", 28).prefix == parse_prefix("10.0.1.16/28")  # best-fit still: nothing of the pool has changed


def test_what_rests_holds_its_root_until_its_time_is_over(conn, pools, take, now):
    pools(lan={"prefixes": "10.0.0.0/24 10.0.1.0/24", "quarantine": timedelta(days=1)})
    take("lan", "10.0.1.0/28", now=now - timedelta(days=1))
    space.give_back(conn, parse_prefix("10.0.1.0/28"), reference=None, now=now)
    assert "quarantined" in pools(lan="10.0.0.0/24")[0]
    definition = space.PoolDefinition(name="lan", title="", prefixes=("10.0.0.0/24",))
    assert space.sync_pools(conn, [definition], now + timedelta(days=1)) == []


@pytest.mark.parametrize("hosts", [False, True])
@pytest.mark.parametrize("grown", ["10.0.0.0/23", "10.0.0.0/16 10.9.0.0/24"])
def test_a_pool_grows_around_what_is_held(pools, roots, take, grown, hosts):
    pools(lan={"prefixes": "10.0.0.0/24 10.0.1.0/24", "hosts": hosts})
    held = [take("lan", "10.0.0.16/28"), take("lan", "10.0.1.128/26")]
    assert pools(lan={"prefixes": grown, "hosts": hosts}) == []
    assert roots("lan") == grown.split()
    with pytest.raises(space.PrefixTaken):
        take("lan", str(held[0].prefix))


def test_a_pool_shrinks_to_where_everything_is(pools, roots, take):
    pools(lan="10.0.0.0/16")
    take("lan", "10.0.0.16/28")
    take("lan", "10.0.7.0/24")
    assert pools(lan="10.0.0.0/24 10.0.4.0/22") == []
    assert roots("lan") == ["10.0.0.0/24", "10.0.4.0/22"]


def test_a_pool_that_becomes_a_host_pool_keeps_what_it_has_given(conn, pools, take):
    pools(lan="10.0.0.0/24")
    take("lan", "10.0.0.0/30")  # over the network and the gateway
    assert pools(lan={"prefixes": "10.0.0.0/24", "hosts": True}) == []
    assert [str(held) for held in space.allocations(conn, "lan")] == [
        "10.0.0.0/30 (allocated: IP-1, bob@example.net)",
        "10.0.0.255/32 (excluded)",
    ]
    assert pools(lan="10.0.0.0/24") == []
    assert len(list(space.allocations(conn, "lan"))) == 1


def test_what_an_operator_excluded_is_not_taken_for_what_hosts_exclude(conn, pools, now):
    pools(lan="10.0.0.0/24")
    space.import_rows(conn, [{"prefix": "10.0.0.0/30", "pool": "lan", "state": "excluded"}], now)
    for hosts in (True, False):
        assert pools(lan={"prefixes": "10.0.0.0/24", "hosts": hosts}) == []
    assert [str(held) for held in space.allocations(conn, "lan")] == ["10.0.0.0/30 (excluded)"]


def test_a_pool_leaves_with_the_configuration_unless_it_holds_something(conn, pools, take):
    pools(lan={"prefixes": "10.0.0.0/24", "hosts": True}, wan="10.1.0.0/24", dmz="10.2.0.0/24")
    take("wan", 28)
    problems = pools(dmz="10.2.0.0/24")
    assert [problem[:44] for problem in problems] == ["wan: space that is held cannot be taken away"]
    with pytest.raises(NotFound):
        read_pool(conn, "lan")
    assert read_pool(conn, "wan").name == "wan"


@pytest.mark.parametrize(
    ("wanted", "problems"),
    [
        ({"lan": "10.0.0.0/24", "wan": "10.0.0.0/16"}, ["wan: 10.0.0.0/16 overlaps 10.0.0.0/24 of lan"]),
        ({"lan": "10.0.0.0/16", "wan": "10.0.9.0/24"}, ["wan: 10.0.9.0/24 overlaps 10.0.0.0/16 of lan"]),
        ({"lan": "10.0.0.0/24 10.0.0.0/25"}, ["lan: 10.0.0.0/25 overlaps 10.0.0.0/24 of lan"]),
        ({"lan": "10.0.0.0/24 2001:db8::/32"}, ["lan: IPv4 and IPv6 need a pool each"]),
        ({"lan": "10.0.0.1/24"}, ["lan: 10.0.0.1/24 has host bits set (did you mean 10.0.0.0/24?)"]),
        ({"lan": ""}, ["lan: it has no prefixes"]),
        ({"lan": "10.0.0.0/24", "six": "::a00:0/120"}, []),
        ({"lan": "10.0.0.0/24", "red": {"prefixes": "10.0.0.0/16", "vrf": "red"}}, []),
    ],
)
def test_what_cannot_be_is_told_in_words(pools, wanted, problems):
    assert pools(**wanted) == problems


def test_a_pool_with_a_problem_does_not_keep_the_others_back(pools, roots):
    pools(lan="10.0.0.0/24")
    assert pools(lan="10.0.1.0/24", wan="10.0.0.0/16", dmz="10.3.0.0/24") == [
        "wan: 10.0.0.0/16 overlaps 10.0.1.0/24 of lan"
    ]
    assert (roots("lan"), roots("dmz")) == (["10.0.1.0/24"], ["10.3.0.0/24"])
    assert pools(lan="10.0.1.0/24", wan="10.0.0.0/16", dmz="10.3.0.0/24") != []  # told again at each start


def test_an_old_pool_beats_a_new_one_that_overlaps_it(pools):
    pools(wan="10.0.0.0/16")
    assert pools(lan="10.0.9.0/24", wan="10.0.0.0/16") == ["lan: 10.0.9.0/24 overlaps 10.0.0.0/16 of wan"]


def test_free_space_moves_from_pool_to_pool_in_one_change(pools, roots):
    pools(lan="10.0.0.0/24", wan="10.0.1.0/24")
    assert pools(lan="10.0.1.0/24", wan="10.0.0.0/24") == []
    assert (roots("lan"), roots("wan")) == (["10.0.1.0/24"], ["10.0.0.0/24"])


@pytest.mark.parametrize(
    "after", [{"prefixes": "2001:db8::/48"}, {"prefixes": "10.0.0.0/24", "vrf": "red"}, {"prefixes": "::a00:0/120"}]
)
def test_family_and_vrf_change_only_while_nothing_is_held(pools, take, after):
    pools(lan={"prefixes": "10.0.0.0/24", "hosts": True})
    assert pools(lan=dict(after)) == []
    pools(lan="10.0.0.0/24")
    take("lan", 28)
    assert len(pools(lan=dict(after))) == 1


def test_a_root_added_by_hand_stays(conn, pools, roots, take, now):
    pools(lan="10.0.0.0/24", wan="10.1.0.0/24")
    space.add_root(conn, "lan", parse_prefix("10.7.0.0/24"), now)
    pools(lan={"prefixes": "10.0.0.0/24", "strategy": Strategy.SPARSE}, wan="10.1.0.0/24")
    assert roots("lan") == ["10.0.0.0/24", "10.7.0.0/24"]
    assert take("lan", "10.7.0.0/28").pool == "lan"
    pools(lan="10.0.0.0/24 10.7.0.0/24", wan="10.1.0.0/24")
    assert "cannot be taken away" in pools(lan="10.0.0.0/24", wan="10.1.0.0/24")[0]  # the configuration's own by now


@pytest.mark.parametrize(
    ("prefix", "why"),
    [
        ("10.0.0.0/24", "10.0.0.0/24 is a prefix of lan already"),
        ("10.0.0.0/25", "10.0.0.0/25 overlaps 10.0.0.0/24 of lan"),
        ("10.1.0.0/16", "10.1.0.0/16 overlaps 10.1.0.0/24 of wan"),
        ("2001:db8::/48", "2001:db8::/48 is IPv6, and lan is a pool of IPv4"),
    ],
)
def test_a_root_that_overlaps_is_not_added(conn, pools, prefix, why, now):
    pools(lan="10.0.0.0/24", wan="10.1.0.0/24")
    with pytest.raises(NotPossible, match=why):
        space.add_root(conn, "lan", parse_prefix(prefix), now)
