"""The pools of a rehearsal: never the same prefix twice, and answers that are known beforehand."""

from hypothesis import given
from hypothesis import strategies as st

from mailbot.addresses import parse_prefix
from mailbot.process.rehearse.space import Space
from mailbot.process.request import Fits, GaveBack, GiveBack, NotGivenBack, NotTaken, Take, Taken, WouldFit

POOLS = {"lan": ("10.20.0.0/27", "10.21.0.0/28"), "v6": ("2001:db8::/32",)}


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


def test_a_named_prefix_is_given_once():
    space = Space(pools=POOLS)
    assert isinstance(take(space, prefix="10.20.0.16/28"), Taken)
    for name in ("10.20.0.16/28", "10.20.0.16/29", "10.99.0.0/28", "nonsense"):
        assert isinstance(take(space, prefix=name), NotTaken)


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
