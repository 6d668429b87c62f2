"""Prefix arithmetic, against netaddr as the judge; and the words for what is no prefix."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from netaddr import IPNetwork, IPSet

from mailbot.addresses import (
    BadPrefix,
    Block,
    Family,
    gap_around,
    gaps,
    host_exclusions,
    parse_address,
    parse_number,
    parse_prefix,
    parse_space,
    parse_spaces,
    remainders,
    told,
    unplaced,
)
from mailbot.errors import Usage

ADDRESSES = (Family.V4, Family.V6)


@st.composite
def blocks(draw, within=None):
    """Any block, or any block inside another."""
    root = within or Block(family=(f := draw(st.sampled_from(ADDRESSES))), network=0, host_bits=f.width)
    bits = draw(st.integers(0, root.host_bits))
    return Block(
        family=root.family,
        network=root.network + (draw(st.integers(0, (root.size >> bits) - 1)) << bits),
        host_bits=bits,
    )


@st.composite
def nested(draw):
    outer = draw(blocks())
    return outer, draw(blocks(within=outer))


def judged(block):
    return IPNetwork(str(block))


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("10.20.0.0/28", "10.20.0.0/28"),
        (" 10.20.0.0 / 28 ", "10.20.0.0/28"),
        ("10.20.0.0/255.255.255.240", "10.20.0.0/28"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("192.0.2.7/32", "192.0.2.7/32"),
        ("2001:DB8:0::/56", "2001:db8::/56"),
        ("::/0", "::/0"),
        ("2001:db8::1/128", "2001:db8::1/128"),
    ],
)
def test_a_prefix_is_read_as_people_write_it(written, read):
    assert str(parse_prefix(written)) == read


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("10.20.0.5/28", "10.20.0.5/28 has host bits set (did you mean 10.20.0.0/28?)"),
        ("2001:db8::1/56", "2001:db8::1/56 has host bits set (did you mean 2001:db8::/56?)"),
        ("10.20.0.5", "10.20.0.5 has no prefix length (did you mean 10.20.0.5/32?)"),
        (
            "10.0.0.0/33",
            "10.0.0.0/33: '33' is no prefix length of IPv4, which is a number from 0 to 32",
        ),
        (
            "10.0.0.0/255.0.255.0",
            "10.0.0.0/255.0.255.0: '255.0.255.0' is no prefix length of IPv4, which is a number from 0 to 32",
        ),
        ("::/129", "::/129: '129' is no prefix length of IPv6, which is a number from 0 to 128"),
        ("::/255.0.0.0", "::/255.0.0.0: '255.0.0.0' is no prefix length of IPv6, which is a number from 0 to 128"),
        ("10.0.0.0/", "10.0.0.0/: '' is no prefix length of IPv4, which is a number from 0 to 32"),
        ("10/8", "'10/8' is no address space: write it like 10.20.0.0/28 or 2001:db8::/56"),
        ("010.0.0.0/8", "'010.0.0.0/8' is no address space: write it like 10.20.0.0/28 or 2001:db8::/56"),
        ("", "'' is no address space: write it like 10.20.0.0/28 or 2001:db8::/56"),
        ("the second floor", "'the second floor' is no address space: write it like 10.20.0.0/28 or 2001:db8::/56"),
    ],
)
def test_what_is_no_prefix_is_told_in_words_that_help(written, why):
    with pytest.raises(BadPrefix) as caught:
        parse_prefix(written)
    assert str(caught.value) == why


@pytest.mark.parametrize(
    "written", ["10.0.0.0/+8", "10.0.0.0/\u0668", "10.0.0.0/0x8", "10.0.0.0/8/8", "fe80::1%eth0/64"]
)
def test_odd_spellings_are_refused(written):
    with pytest.raises(BadPrefix):
        parse_prefix(written)


@given(st.text(max_size=60) | st.from_regex(r"\A[0-9a-f.:]{1,20}/[0-9.]{0,15}\Z"))
def test_any_text_is_a_prefix_or_has_words_that_say_why_not(text):
    try:
        told = str(parse_prefix(text))
    except BadPrefix as why:
        told = str(why)
    assert told


def test_the_other_family_is_named():
    with pytest.raises(BadPrefix, match=r"2001:db8::/56 is IPv6, and IPv4 is wanted"):
        parse_prefix("2001:db8::/56", Family.V4)
    with pytest.raises(BadPrefix, match=r"10\.0\.0\.1/32 is IPv4, and IPv6 is wanted"):
        parse_address("10.0.0.1", Family.V6)


def test_bad_prefixes_serve_the_shell_and_the_configuration_alike():
    assert issubclass(BadPrefix, Usage)  # exit 2
    assert issubclass(BadPrefix, ValueError)  # pydantic's way of being told


@given(blocks())
def test_reading_what_was_written_gives_the_same_block(block):
    assert parse_prefix(str(block)) == block
    assert str(judged(block).cidr) == str(block)


@pytest.mark.parametrize(("network", "bits"), [(1, 1), (16, 5), (2**32, 0), (0, 33), (0, -1), (-1, 0)])
def test_a_block_that_is_not_aligned_cannot_be_made(network, bits):
    with pytest.raises(ValueError, match=r"aligned|no block"):
        Block(family=Family.V4, network=network, host_bits=bits)


@given(nested())
def test_what_is_left_when_a_block_is_cut_out_is_what_netaddr_leaves(pair):
    outer, inner = pair
    left = remainders(outer, inner)
    assert IPSet([judged(one) for one in left]) == IPSet([judged(outer)]) - IPSet([judged(inner)])
    assert [one.host_bits for one in left] == list(range(inner.host_bits, outer.host_bits))


@given(blocks())
def test_buddies_make_up_their_parent(block):
    if block.length:
        parent = block.ancestor(block.host_bits + 1)
        assert block.buddy.buddy == block
        assert parent.size == 2 * block.size
        assert parent.covers(block)
        assert parent.covers(block.buddy)
        assert not block.overlaps(block.buddy)


@st.composite
def roots_with_holdings(draw):
    root = draw(blocks())
    inside = draw(st.lists(blocks(within=root), max_size=8))
    apart = []
    for block in inside:
        if not any(block.overlaps(other) for other in apart):
            apart.append(block)
    return root, sorted(apart, key=lambda block: block.network)


@given(roots_with_holdings())
def test_gaps_are_the_fewest_blocks_of_all_that_is_not_held(case):
    root, held = case
    free = list(gaps(root, held))
    left = IPSet([judged(root)]) - IPSet([judged(block) for block in held])
    assert [str(block) for block in free] == [str(network) for network in left.iter_cidrs()]
    assert not any(one.buddy == two and one.size < root.size for one, two in pairwise(free))


@given(roots_with_holdings(), st.data())
def test_the_gap_around_a_prefix_is_the_free_block_in_which_it_lies(case, data):
    root, held = case
    free = list(gaps(root, held))
    if free:
        within = data.draw(st.sampled_from(free))
        wanted = data.draw(blocks(within=within))
        before = max((b for b in held if b.network <= wanted.last), key=lambda b: b.network, default=None)
        after = min((b for b in held if b.network > wanted.last), key=lambda b: b.network, default=None)
        assert gap_around(wanted, root, before, after) == within


@pytest.mark.parametrize(
    ("wanted", "free", "left"),
    [
        ([], [], []),
        ([4], [], [4]),
        ([4], [4], []),
        ([4, 4], [5], []),
        ([5, 4, 4], [6], []),
        ([4, 5, 4, 0], [6], [0]),
        ([5, 5], [5, 4, 4], [5]),
        ([128], [128], []),
    ],
)
def test_wanted_sizes_are_placed_largest_first(wanted, free, left):
    assert unplaced(wanted, free) == left


@given(st.lists(st.integers(0, 5), max_size=6), st.lists(st.integers(0, 5), max_size=6))
def test_sizes_fit_exactly_when_there_is_room_for_all(wanted, free):
    """Powers of two leave no awkward rests, so that an all-fit is a matter of sums alone, size by size."""
    room = all(
        sum(1 << bits for bits in wanted if bits >= least) <= sum((1 << bits) for bits in free if bits >= least)
        for least in range(6)
    )
    assert (not unplaced(wanted, free)) == room


@pytest.mark.parametrize(
    ("root", "kept"),
    [
        ("10.0.0.0/24", ["10.0.0.0 network", "10.0.0.1 gateway", "10.0.0.255 broadcast"]),
        ("10.0.0.0/30", ["10.0.0.0 network", "10.0.0.1 gateway", "10.0.0.3 broadcast"]),
        ("10.0.0.0/31", []),
        ("10.0.0.0/32", []),
        ("2001:db8::/64", ["2001:db8:: network", "2001:db8::1 gateway"]),
        ("2001:db8::/127", []),
        ("2001:db8::/128", []),
    ],
)
def test_trap_36_a_host_pool_keeps_network_gateway_and_broadcast_where_there_are_such(root, kept):
    assert [f"{block.address} {why}" for block, why in host_exclusions(parse_prefix(root))] == kept


def test_trap_35_nothing_walks_over_addresses():
    whole = parse_prefix("::/0")
    one = parse_address("2001:db8::1")
    assert len(remainders(whole, one)) == 128
    assert sum(block.size for block in gaps(whole, [one])) == 2**128 - 1


# -- numbers -----------------------------------------------------------------------------------------


SPANS = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 40)), max_size=8)


@given(SPANS)
def test_spans_of_numbers_are_made_of_the_fewest_blocks(spans):
    blocks = parse_spaces([f"{first}-{first + more}" for first, more in spans])
    numbers = {number for first, more in spans for number in range(first, first + more + 1)}
    assert [n for block in blocks for n in range(block.network, block.last + 1)] == sorted(numbers)
    assert not any(one.buddy == other for one, other in pairwise(blocks))
    assert told(parse_spaces(told(blocks))) == told(blocks)
    assert all(
        int(one.partition("-")[0]) > int(before.rpartition("-")[2]) + 1 for before, one in pairwise(told(blocks))
    )


def test_blocks_are_told_as_people_write_them():
    assert told(parse_spaces(["200-3999", "7", "4000"])) == ["7", "200-4000"]
    assert told(parse_spaces(["10.0.0.0/9", "10.128.0.0/9"])) == ["10.0.0.0/9", "10.128.0.0/9"]
    assert [str(block) for block in parse_spaces(["6-9"])] == ["6-7", "8-9"]
    assert told([]) == parse_spaces([]) == []


def test_a_prefix_and_a_number_are_told_apart_by_how_they_look():
    assert parse_space(" 200 ") == parse_number("0200") == Block(family=Family.NUMBER, network=200, host_bits=0)
    assert parse_space("10.0.0.0/28") == parse_prefix("10.0.0.0/28")
    assert str(parse_space("4294967295", Family.NUMBER)) == "4294967295"


@pytest.mark.parametrize(
    ("read", "text", "why"),
    [
        (parse_number, "4294967296", "'4294967296' is no number: write one from 0 to 4294967295"),
        (parse_number, "-1", "'-1' is no number"),
        (parse_number, "", "'' is no number"),
        (parse_number, "٣", "'٣' is no number"),
        (parse_space, "٣", "'٣' is no number"),
        (parse_space, "vlan", "'vlan' is no address space"),
        (lambda text: parse_space(text, Family.NUMBER), "10.0.0.0/28", "'10.0.0.0/28' is no number"),
        (lambda text: parse_space(text, Family.V4), "200", "'200' is no address space"),
        (lambda text: parse_spaces([text]), "9-7", "9-7 ends before it begins (did you mean 7-9?)"),
        (lambda text: parse_spaces([text]), "7-", "'7-' is no number"),
        (lambda text: parse_spaces([text]), "1-2-3", "'1-2-3' is no number"),
    ],
)
def test_what_is_no_number_is_said_so(read, text, why):
    with pytest.raises(BadPrefix) as caught:
        read(text)
    assert str(caught.value).startswith(why)
