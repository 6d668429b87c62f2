"""The pools of a rehearsal: never the same prefix twice, and answers that are known beforehand."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from mailbot.addresses import parse_prefix
from mailbot.process.definition import Action
from mailbot.process.rehearse.space import Space
from mailbot.process.request import (
    Drive,
    Driven,
    Fits,
    GaveBack,
    GiveBack,
    NetworkState,
    NotGivenBack,
    NotTaken,
    Prolong,
    Take,
    Taken,
    WouldFit,
)

POOLS = {"lan": ("10.20.0.0/27", "10.21.0.0/28"), "v6": ("2001:db8::/32",), "vlans": ("7", "200-201")}
LATER = datetime(2026, 12, 7, 9, tzinfo=UTC)


def take(space, **keys):
    return space.fulfil(Take(step="allocate", **({"pool": "lan"} | keys)))


@given(st.lists(st.integers(26, 33), max_size=40))
def test_what_is_taken_lies_in_its_pool_and_never_overlaps(lengths):
    space = Space(pools=POOLS)
    events = [take(space, length=length) for length in lengths]
    blocks = [parse_prefix(event.prefix) for event in events if isinstance(event, Taken)]
    roots = [parse_prefix(root) for root in POOLS["lan"]]
    assert all(any(root.covers(block) for root in roots) for block in blocks)
    assert not any(one.overlaps(other) for n, one in enumerate(blocks) for other in blocks[:n])


def test_a_pool_takes_its_own_family_and_says_when_it_is_full():
    space = Space(pools=POOLS, full=frozenset({"v6"}))
    assert take(space, length=28) == Taken(step="allocate", prefix="10.20.0.0/28", pool="lan")
    assert take(space, length=64).full
    assert take(space, pool="v6", length=64) == NotTaken(
        step="allocate", pool="v6", full=True, length=64, reason="v6 has no room for a /64"
    )
    assert not take(space, pool="none", length=28).full


def test_nothing_is_renumbered_into_another_family_without_a_length():
    space = Space(pools=POOLS, holds={"10.20.0.0/28": {}})
    assert "10.20.0.0/28 is IPv4" in take(space, pool="v6", instead_of="10.20.0.0/28").reason
    assert take(space, pool="v6", instead_of="10.20.0.0/28", length=64).prefix == "2001:db8::/64"


def test_a_named_prefix_is_given_once():
    space = Space(pools=POOLS)
    assert isinstance(take(space, prefix="10.20.0.16/28"), Taken)
    for name in ("10.20.0.16/28", "10.20.0.16/29", "10.99.0.0/28", "nonsense"):
        assert isinstance(take(space, prefix=name), NotTaken)


def test_what_was_given_back_rests_and_is_not_given_again():
    space = Space(pools={"lan": ("10.20.0.0/28",)})
    space.fulfil(GiveBack(prefix=take(space, length=29).prefix, own=True))
    assert take(space, length=29).prefix == "10.20.0.8/29"
    assert take(space, length=29).full


def test_a_reservation_is_told_with_its_end_and_taken_up_once():
    space = Space(pools=POOLS)
    reserved = take(space, length=28, reserved=True, until=LATER)
    assert reserved == Taken(step="allocate", prefix="10.20.0.0/28", pool="lan", until=LATER, reserved=True)
    assert space.fulfil(Prolong(prefix="10.20.0.0/28", pool="lan", until=LATER)) is None
    up = {"length": 28, "from_reserved": reserved.prefix}
    assert take(space, **up, until=LATER) == Taken(step="allocate", prefix="10.20.0.0/28", pool="lan", until=LATER)
    again = take(space, **up)
    assert (again.full, again.reason) == (False, "10.20.0.0/28 of lan is not reserved any more")
    assert take(space, length=28).prefix == "10.20.0.16/28"


def test_a_reservation_that_lapses_leaves_its_space_free_at_once():
    space = Space(pools={"lan": ("10.20.0.0/28",)})
    reserved = take(space, length=28, reserved=True, until=LATER)
    assert space.fulfil(GiveBack(prefix=reserved.prefix, own=True)) == GaveBack(prefix="10.20.0.0/28", pool="lan")
    assert not take(space, length=28, from_reserved=reserved.prefix).full
    assert take(space, length=28).prefix == "10.20.0.0/28"


def test_numbers_are_given_out_one_by_one_and_belong_to_their_pool():
    space = Space(pools=POOLS | {"others": ("7-9",)})
    assert [take(space, pool="vlans").prefix for _ in range(2)] == ["7", "200"]
    assert take(space, pool="vlans", prefix="201").prefix == "201"
    assert take(space, pool="others").prefix == "7"
    full = take(space, pool="vlans")
    assert (full.full, full.reason) == (True, "vlans has no number left")
    assert space.fulfil(WouldFit(step="check", pool="vlans", length=None)).reason == "no number is left"
    assert space.fulfil(GiveBack(prefix="7", pool="others", own=True)).pool == "others"
    assert space.fulfil(GiveBack(prefix="7", pool="vlans", own=True)).pool == "vlans"


def test_each_kind_of_pool_says_what_it_gives_out():
    space = Space(pools=POOLS)
    assert take(space, pool="vlans", length=28).reason == "vlans gives out numbers, which have no length: leave it out"
    refused = take(space)
    assert (refused.full, refused.reason) == (False, "lan gives out prefixes: say of which length, or which one")


def test_targets_do_what_they_are_told_but_those_that_fail():
    space = Space(pools=POOLS, fails={"dns": "no such zone"})
    for target, state, detail in (
        ("router", NetworkState.CONFIRMED, ""),
        ("dns", NetworkState.FAILED, "no such zone"),
    ):
        wish = Drive(id="IP-1/configure/1", step="configure", target=target, action=Action.ADD, body={})
        assert space.fulfil(wish) == Driven(id=wish.id, step="configure", state=state, detail=detail)


def test_what_fits_takes_nothing():
    space = Space(pools=POOLS)
    for _ in range(3):
        assert space.fulfil(WouldFit(step="check", pool="lan", length=27)) == Fits(step="check", pool="lan", fits=True)
    assert not space.fulfil(WouldFit(step="check", pool="lan", length=26)).fits


def test_only_what_was_taken_or_is_held_is_given_back_and_only_once():
    space = Space(pools=POOLS, holds={"10.20.5.0/28": {}})
    prefix = take(space, length=28).prefix
    assert space.fulfil(GiveBack(prefix=prefix, own=True)) == GaveBack(prefix=prefix, pool="lan")
    assert isinstance(space.fulfil(GiveBack(prefix="10.20.5.0/28", step="release")), GaveBack)
    assert isinstance(space.fulfil(GiveBack(prefix="10.20.9.0/28", step="release")), NotGivenBack)


def test_what_is_known_beforehand_is_answered_so():
    space = Space(pools=POOLS, given={"allocate": "10.1.0.0/28"}, refused={"check": "no room", "release": "in use"})
    assert take(space, length=28).prefix == "10.1.0.0/28"
    assert space.fulfil(WouldFit(step="check", pool="lan", length=28)).reason == "no room"
    assert space.fulfil(GiveBack(prefix="10.1.0.0/28", step="release")).reason == "in use"
