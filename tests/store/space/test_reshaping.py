"""What is held, cut otherwise, and brought back."""

from datetime import timedelta

import pytest

from mailbot.addresses import parse_prefix, parse_space
from mailbot.errors import NotPossible
from mailbot.store import space

CALLED = ("10.0.0.0/25", "10.0.0.128/25")


@pytest.fixture
def reshape(conn, now):
    def reshape(before, after, *, pool="lan", reference="IP-2", now=now):
        parts = [part if isinstance(part, space.Part) else space.Part(prefix=parse_space(part)) for part in after]
        space.reshape(conn, pool, list(map(parse_space, before)), parts, reference=reference, step="split", now=now)

    return reshape


@pytest.fixture
def revert(conn, now):
    def revert(after, before, *, pool="lan", reference="IP-2", now=now):
        after, before = (list(map(parse_space, some)) for some in (after, before))
        return space.revert(conn, pool, after, before, reference=reference, now=now)

    return revert


@pytest.fixture
def held(conn):
    return lambda pool="lan": {
        str(one.prefix): (one.reference, one.holder, dict(one.carries)) for one in space.allocations(conn, pool)
    }


def test_a_prefix_is_split_between_two_holders(pools, take, reshape, held):
    pools(lan="10.0.0.0/24")
    take("lan", 24, carries={"customer": "Acme", "device": "pe1"})
    half = space.Part(prefix=parse_prefix(CALLED[1]), holder="eve@example.net", carries={"customer": "Bolt"})
    reshape(["10.0.0.0/24"], [CALLED[0], half])
    assert held() == {
        CALLED[0]: ("IP-2", "bob@example.net", {"customer": "Acme", "device": "pe1"}),
        CALLED[1]: ("IP-2", "eve@example.net", {"customer": "Bolt", "device": "pe1"}),
    }


def test_two_buddies_are_made_one_with_what_both_carry(pools, take, reshape, held):
    pools(lan="10.0.0.0/24")
    take("lan", 25, carries={"customer": "Acme", "device": "pe1"})
    take("lan", 25, carries={"customer": "Acme", "device": "pe2"})
    reshape(CALLED, ["10.0.0.0/24"])
    assert held() == {"10.0.0.0/24": ("IP-2", "bob@example.net", {"customer": "Acme"})}


def test_the_history_tells_who_had_which_part_when(conn, pools, take, reshape, now):
    pools(lan="10.0.0.0/24")
    take("lan", 24)
    later = now + timedelta(days=1)
    reshape(
        ["10.0.0.0/24"], [CALLED[0], space.Part(prefix=parse_prefix(CALLED[1]), holder="eve@example.net")], now=later
    )
    had = space.who_had(conn, parse_prefix("10.0.0.200/32"))
    assert [(str(one.allocation.prefix), one.allocation.holder, one.since, one.ended) for one in had] == [
        ("10.0.0.0/24", "bob@example.net", now, later),
        (CALLED[1], "eve@example.net", later, None),
    ]


def test_what_was_split_is_brought_back_on_the_terms_of_then(pools, take, reshape, revert, held):
    pools(lan="10.0.0.0/24")
    take("lan", 24, carries={"customer": "Acme"})
    before = held()
    reshape(["10.0.0.0/24"], [CALLED[0], space.Part(prefix=parse_prefix(CALLED[1]), holder="eve@example.net")])
    revert(CALLED, ["10.0.0.0/24"])
    assert held() == before


def test_what_was_made_one_is_brought_back_with_what_each_carried(pools, take, reshape, revert, held):
    pools(lan="10.0.0.0/24")
    take("lan", 25, carries={"device": "pe1"})
    take("lan", 25, reference="IP-9", carries={"device": "pe2"})
    before = held()
    reshape(CALLED, ["10.0.0.0/24"])
    revert(["10.0.0.0/24"], CALLED)
    assert held() == before


def test_a_part_that_is_given_back_meanwhile_is_not_pulled_from_its_rest(conn, pools, take, reshape, revert, now):
    pools(lan="10.0.0.0/24")
    take("lan", 24)
    reshape(["10.0.0.0/24"], CALLED)
    space.give_back(conn, parse_prefix(CALLED[1]), reference="IP-3", now=now)
    with pytest.raises(space.NotReserved, match=r"10.0.0.128/25 of lan is not held by IP-2, or not any more"):
        revert(CALLED, ["10.0.0.0/24"])


def test_what_was_given_back_is_had_back_out_of_its_rest(conn, pools, take, revert, held, now):
    pools(lan="10.0.0.0/24")
    take("lan", 28, carries={"device": "pe1"})
    before = held()
    space.give_back(conn, parse_prefix("10.0.0.0/28"), reference="IP-2", now=now)
    revert([], ["10.0.0.0/28"])
    assert held() == before


def test_what_another_has_by_now_is_not_had_back(conn, pools, take, revert, now):
    pools(lan={"prefixes": "10.0.0.0/24", "quarantine": timedelta(0)})
    take("lan", 28)
    space.give_back(conn, parse_prefix("10.0.0.0/28"), reference="IP-2", now=now)
    take("lan", 26, reference="IP-5")
    with pytest.raises(space.PrefixTaken, match=r"10.0.0.0/28 is not free"):
        revert([], ["10.0.0.0/28"])


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (["10.0.0.0/25"], ["10.0.0.0/26"], "parts of /26 do not make up 10.0.0.0/25"),
        (["10.0.0.0/25"], ["10.0.0.0/26", "10.0.0.0/26"], "do not make up"),
        (["10.0.0.0/25"], ["10.0.0.0/26", "10.0.0.128/26"], "parts of /26, /26 do not make up 10.0.0.0/25"),
        (["10.0.0.0/25"], ["10.0.0.0/25", "10.0.0.128/25"], "parts of /25, /25 do not make up 10.0.0.0/25"),
        (["10.0.0.0/25", "10.0.0.192/26"], ["10.0.0.0/24"], "10.0.0.0/25, 10.0.0.192/26 do not make up one prefix"),
        (["10.0.0.128/26"], ["10.0.0.128/27", "10.0.0.160/27"], "10.0.0.128/26 is not held by anybody"),
        (["10.0.0.0/25"], ["10.0.0.0/31"] + [f"10.0.0.{n}/31" for n in range(2, 128, 2)], "/24 to /30, not /31"),
    ],
)
def test_what_cannot_be_cut_so_stays_as_it_is(pools, take, reshape, held, before, after, words):
    pools(lan={"prefixes": "10.0.0.0/24", "min_length": 24, "max_length": 30})
    take("lan", 25)
    take("lan", "10.0.0.192/26")
    now_is = held()
    with pytest.raises(NotPossible, match=words):
        reshape(before, after)
    assert held() == now_is


def test_numbers_and_what_ends_by_itself_stay_whole(pools, take, reshape, now):
    pools(lan="10.0.0.0/24", vlans={"numbers": "200-299"})
    take("vlans", "200")
    take("lan", 25, until=now + timedelta(days=1))
    with pytest.raises(NotPossible, match="one by one"):
        reshape(["200"], ["200"], pool="vlans")
    with pytest.raises(space.NotReserved, match="until 2026-11-24 08:00Z only"):
        reshape(["10.0.0.0/25"], ["10.0.0.0/26", "10.0.0.64/26"])
