"""Which records a prefix has: reverse delegations of both families, classless ones (RFC 2317), PTRs."""

from ipaddress import ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.target.base import CannotDrive
from mailbot.target.dns.records import Records, delegated, pointer, prefixes, reverse, wanted, written, zone_of


def body(*prefixes: str, action: str = "add", **changes: Any) -> dict[str, Any]:
    addresses = [{"prefix": prefix, "pool": "lan", "state": "allocated"} for prefix in prefixes]
    return {"action": action, "item": None, "addresses": addresses, "set": {}, **changes}


@pytest.mark.parametrize(
    ("prefix", "names"),
    [
        ("10.20.0.0/24", ["0.20.10.in-addr.arpa."]),
        ("10.20.0.0/16", ["20.10.in-addr.arpa."]),
        ("10.0.0.0/8", ["10.in-addr.arpa."]),
        ("10.20.4.0/23", ["4.20.10.in-addr.arpa.", "5.20.10.in-addr.arpa."]),
        ("10.20.0.0/15", ["20.10.in-addr.arpa.", "21.10.in-addr.arpa."]),
        ("10.20.0.0/25", ["0-25.0.20.10.in-addr.arpa."]),
        ("10.20.0.128/25", ["128-25.0.20.10.in-addr.arpa."]),
        ("10.20.0.16/28", ["16-28.0.20.10.in-addr.arpa."]),
        ("10.20.0.4/31", ["4-31.0.20.10.in-addr.arpa."]),
        ("10.20.0.5/32", ["5.0.20.10.in-addr.arpa."]),
        ("2001:db8::/32", ["8.b.d.0.1.0.0.2.ip6.arpa."]),
        ("2001:db8:12::/48", ["2.1.0.0.8.b.d.0.1.0.0.2.ip6.arpa."]),
        ("2001:db8:12::/47", ["2.1.0.0.8.b.d.0.1.0.0.2.ip6.arpa.", "3.1.0.0.8.b.d.0.1.0.0.2.ip6.arpa."]),
        ("2001:db8::1/128", [pointer(ip_network("2001:db8::1/128").network_address)]),
    ],
)
def test_the_names_at_which_a_prefix_is_delegated(prefix: str, names: list[str]) -> None:
    assert delegated(ip_network(prefix)) == names


V4 = st.builds(
    lambda bits, length: ip_network((bits, length), strict=False), st.integers(0, 2**32 - 1), st.integers(8, 24)
)
V6 = st.builds(
    lambda bits, length: ip_network((bits, length), strict=False), st.integers(2**32, 2**128 - 1), st.integers(4, 128)
)


@given(st.one_of(V4, V6), st.data())
def test_each_address_of_a_prefix_lies_below_exactly_one_of_its_names(network: Any, data: st.DataObject) -> None:
    number = data.draw(st.integers(0, network.num_addresses - 1))
    name = pointer(network[number])
    assert [name == one or name.endswith(f".{one}") for one in delegated(network)].count(True) == 1


def test_a_delegation_is_the_customers_name_servers() -> None:
    found = wanted(body("10.20.0.0/24", set={"nameservers": "ns2.acme.example, NS1.acme.example."}))
    assert found == [
        Records(name="0.20.10.in-addr.arpa.", type="NS", values=("ns1.acme.example.", "ns2.acme.example."))
    ]


def test_rfc_2317_each_address_of_less_than_a_24_leads_into_the_delegated_zone() -> None:
    delegation, *leads = wanted(body("10.20.0.16/28", set={"nameservers": "ns.acme.example"}))
    assert (delegation.name, delegation.type) == ("16-28.0.20.10.in-addr.arpa.", "NS")
    assert len(leads) == 16
    assert leads[1] == Records(
        name="17.0.20.10.in-addr.arpa.", type="CNAME", values=("17.16-28.0.20.10.in-addr.arpa.",)
    )


def test_a_ptr_by_pattern_is_one_an_address() -> None:
    found = wanted(body("10.20.0.4/31", set={"ptr": "ip-*.acme.example"}))
    assert [(one.name, one.values) for one in found] == [
        ("4.0.20.10.in-addr.arpa.", ("ip-10-20-0-4.acme.example.",)),
        ("5.0.20.10.in-addr.arpa.", ("ip-10-20-0-5.acme.example.",)),
    ]
    [v6] = wanted(body("2001:db8::1/128", set={"ptr": "*.acme.example"}))
    assert v6.values == ("2001-0db8-0000-0000-0000-0000-0000-0001.acme.example.",)
    [one] = wanted(body("10.20.0.5/32", set={"ptr": "fw.acme.example"}))
    assert one.values == ("fw.acme.example.",)


def test_a_removal_that_sets_nothing_is_of_all_in_the_reverse_zones() -> None:
    found = wanted(body("10.20.0.4/31", action="remove"))
    assert {(one.name, one.type) for one in found} == {
        ("4-31.0.20.10.in-addr.arpa.", "NS"), ("4-31.0.20.10.in-addr.arpa.", "DS"),
        ("4.0.20.10.in-addr.arpa.", "PTR"), ("4.0.20.10.in-addr.arpa.", "CNAME"),
        ("5.0.20.10.in-addr.arpa.", "PTR"), ("5.0.20.10.in-addr.arpa.", "CNAME"),
    }  # fmt: skip
    assert all(one.values == () for one in found)


def test_the_steps_prefix_counts_before_its_item_and_both_before_what_the_request_has() -> None:
    full = body("10.20.0.0/24", "200", item="10.20.1.0/24", prefix="10.20.2.0/24")
    assert [str(one) for one in prefixes(full)] == ["10.20.2.0/24"]
    assert [str(one) for one in prefixes({**full, "prefix": ""})] == ["10.20.1.0/24"]
    assert [str(one) for one in prefixes(body("10.20.0.0/24", "200", "2001:db8::/48"))] == [
        "10.20.0.0/24",
        "2001:db8::/48",
    ]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (body("200"), "there is no prefix"),
        (body("10.20.0.0/28"), 'neither "nameservers" nor "ptr"'),
        (body("10.20.0.0/28", set={"ptr": "fw.acme.example"}), 'needs a "\\*"'),
        (body("10.20.0.0/22", set={"ptr": "*.acme.example"}), "more addresses than have a PTR"),
        (body("2001:db8::/64", set={"ptr": "*.acme.example"}), "more addresses than have a PTR"),
        (body("10.20.0.0/28", set={"nameservers": "ns1"}), "no host's name"),
        (body("10.20.0.0/28", set={"nameservers": "-x.acme.example"}), "no host's name"),
        (body("10.20.0.0/28", set={"nameservers": "ns.acme.example;"}), "no host's name"),
        (body("10.20.0.0/31", set={"ptr": "*.acme.example\nevil NS x"}), "no host's name"),
    ],
)
def test_trap_44_what_makes_no_record_is_refused_in_words(asked: dict[str, Any], words: str) -> None:
    with pytest.raises(CannotDrive, match=words):
        wanted(asked)


def test_a_template_writes_a_record_a_line() -> None:
    found = written('; ours\nFW.acme.example A 10.20.0.1\n\nfw.acme.example. a 10.20.0.2\nfw.acme.example TXT "a b"\n')
    assert found == [
        Records(name="fw.acme.example.", type="A", values=("10.20.0.1", "10.20.0.2")),
        Records(name="fw.acme.example.", type="TXT", values=('"a b"',)),
    ]


@pytest.mark.parametrize(
    "text", ["", "; nothing", "fw A", "fw.acme.example SOA x", "$INCLUDE /etc/passwd", "fw 300 A 10.0.0.1"]
)
def test_lines_that_are_no_records_are_refused(text: str) -> None:
    with pytest.raises(CannotDrive):
        written(text)


def test_templates_are_given_the_reverse_names() -> None:
    [found] = reverse([ip_network("10.20.0.4/31")])
    assert found["names"] == ["4-31.0.20.10.in-addr.arpa."]
    assert found["addresses"][1] == {"address": "10.20.0.5", "name": "5.0.20.10.in-addr.arpa."}
    [wide] = reverse([ip_network("10.0.0.0/8")])
    assert wide["addresses"] == []


def test_a_record_stands_in_the_closest_zone_and_a_delegation_above_its_own() -> None:
    zones = ["10.in-addr.arpa", "20.10.in-addr.arpa", "0.20.10.in-addr.arpa"]
    assert zone_of(Records(name="5.0.20.10.in-addr.arpa.", type="PTR"), zones) == "0.20.10.in-addr.arpa."
    assert zone_of(Records(name="0.20.10.in-addr.arpa.", type="NS"), zones) == "20.10.in-addr.arpa."
    assert zone_of(Records(name="0.20.10.in-addr.arpa.", type="TXT"), zones) == "0.20.10.in-addr.arpa."
    for name in ("1.11.in-addr.arpa.", "120.10.in-addr.arpa.x.", "10.in-addr.arpa."):
        with pytest.raises(CannotDrive, match="in none of the target's zones"):
            zone_of(Records(name=name, type="NS"), zones)
