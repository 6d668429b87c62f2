"""What is wrong with what somebody asks for is told in words that say what to do: each kind of mistake once."""

import pytest

from mailbot.errors import MailbotError
from mailbot.store import space

REGION = {"prefixes": "10.20.0.0/16", "min_length": 20, "max_length": 30}


@pytest.fixture(autouse=True)
def tree(pools):
    pools(
        region=REGION,
        lyon={"prefixes": "10.20.0.0/20", "parent": "region"},
        six={"prefixes": "2001:db8::/32"},
        vlans={"numbers": "200-299"},
        lan={"prefixes": "10.9.0.0/29", "hosts": True},
    )


@pytest.mark.parametrize(
    ("pool", "wanted", "words"),
    [
        ("region", "10.20.16.1/28", "10.20.16.1/28 has host bits set (did you mean 10.20.16.0/28?)"),
        ("region", "10.20.16.0/33", "10.20.16.0/33: '33' is no prefix length of IPv4, which is a number from 0 to 32"),
        ("region", "10.20.16.0/255.0.255.0", "is no prefix length of IPv4, which is a number from 0 to 32"),
        ("region", "10.20.16.0", "10.20.16.0 has no prefix length (did you mean 10.20.16.0/32?)"),
        ("region", "10.20.16/24", "is no address space: write it like 10.20.0.0/28 or 2001:db8::/56"),
        ("region", "2001:db8::/48", "2001:db8::/48 is IPv6, and region is a pool of IPv4: name one of 10.20.0.0/16"),
        ("region", "200", "200 is a number, and region is a pool of IPv4: name one of 10.20.0.0/16"),
        ("region", "10.99.0.0/28", "10.99.0.0/28 is not within region (10.20.0.0/16)"),
        ("region", "10.20.0.0/15", "10.20.0.0/15 is not within region (10.20.0.0/16)"),
        ("region", "10.20.16.0/31", "region gives out prefix lengths /20 to /30, not /31"),
        ("region", 16, "region gives out prefix lengths /20 to /30, not /16"),
        ("region", 64, "region gives out prefix lengths /20 to /30, not /64"),
        ("region", None, "region gives out prefixes: say of which length, or which one"),
        ("region", "10.20.1.0/28", "10.20.1.0/28 is not region's to give out: it belongs to lyon"),
        ("lyon", "10.20.16.0/28", "10.20.16.0/28 is not lyon's to give out: it belongs to region"),
        ("vlans", 24, "vlans gives out numbers, which have no length: leave it out"),
        ("vlans", "300", "300 is not within vlans (200-299)"),
        ("lan", "10.9.0.1/32", "10.9.0.1/32 is not free: 10.9.0.1/32 (excluded)"),
        ("six", 16, "six has no /16: the largest that it can ever give out is a /32"),
        ("regoin", 28, "there is no pool 'regoin' (did you mean 'region'?)"),
    ],
)
def test_wrong_input_is_told_in_words(take, pool, wanted, words):
    with pytest.raises(MailbotError) as refusal:
        take(pool, wanted)
    assert words in str(refusal.value)


def test_what_overlaps_is_told_with_whose_it_is(take):
    take("region", "10.20.32.0/24", reference="IP-7")
    with pytest.raises(space.PrefixTaken) as refusal:
        take("region", "10.20.32.128/25")
    assert str(refusal.value) == "10.20.32.128/25 is not free: 10.20.32.0/24 (allocated: IP-7, bob@example.net)"


def test_a_pool_that_would_shrink_below_what_is_held_is_told(pools, take):
    take("region", "10.20.32.0/24", reference="IP-7")
    lyon = {"prefixes": "10.20.0.0/20", "parent": "region"}
    held = "10.20.32.0/24 (allocated: IP-7, bob@example.net)"
    problems = pools(region={**REGION, "prefixes": "10.20.0.0/19"}, lyon=lyon)
    assert f"region: space that is held cannot be taken away: 1 held, {held} first" in problems
