"""RPSL objects as the RIPE Database takes them, and every way in which it would not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.config.targets import Check
from mailbot.registry import faults

INETNUM = """inetnum:        192.0.2.0 - 192.0.2.15
netname:        EX-ACME-1
descr:          Acme GmbH
descr:          Rack 7, Lyon   # as the contract says
country:        FR
admin-c:        HM1-RIPE
tech-c:         HM1-RIPE, NOC2-RIPE
status:         ASSIGNED PA
mnt-by:         EXAMPLE-MNT
notify:         hostmaster@example.net
source:         RIPE
"""
INET6NUM = """inet6num: 2001:db8:1::/48
netname: EX-ACME-6
country: FR
admin-c: HM1-RIPE
tech-c: HM1-RIPE
status: ASSIGNED
mnt-by: EXAMPLE-MNT
source: RIPE
"""
ROUTE = "route: 192.0.2.0/24\norigin: AS64496\nmnt-by: EXAMPLE-MNT\nsource: RIPE\n"
ROUTE6 = "route6: 2001:db8::/32\ndescr: ours\norigin: AS4200000000\nmnt-by: A1-MNT, B2-MNT\nsource: TEST\n"


def found(text: str) -> str:
    return "\n".join(faults(Check.RPSL, text))


@pytest.mark.parametrize(
    "text",
    [
        INETNUM,
        INET6NUM,
        ROUTE,
        ROUTE6,
        f"{INETNUM}\n{ROUTE}\n\n{ROUTE6}",
        INETNUM.replace("\n", "\r\n"),
        INETNUM.replace("192.0.2.0 - 192.0.2.15", "192.0.2.0/28"),
        INETNUM.replace("descr:          Acme GmbH\n", "descr:          Acme\n+\n                GmbH\n"),
        INETNUM.replace("Acme GmbH", "Société Générale"),
        INETNUM.replace("inetnum", "INETNUM").replace("mnt-by", "Mnt-By"),
        f"% ours\n{INETNUM}# the end\n",
        f"{INETNUM}delete: hostmaster@example.net IP-42 was given back\n",
        INET6NUM.replace("ASSIGNED", "AGGREGATED-BY-LIR\nassignment-size: 56"),
        INETNUM.replace("country:", "geofeed: https://example.net/geo.csv\ncountry:"),
        f"{INETNUM}created: 2026-11-23T09:00:00Z\nlast-modified: 2026-11-23T09:00:00Z\n",
    ],
)
def test_what_the_registry_takes_holds(text: str) -> None:
    assert found(text) == ""


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("netname:        EX-ACME-1\n", "", "line 1: the inetnum has no 'netname', which it must have"),
        ("source:         RIPE\n", "", "the inetnum has no 'source'"),
        ("mnt-by:         EXAMPLE-MNT\n", "", "the inetnum has no 'mnt-by'"),
        ("status", "statsu", "'statsu' is no attribute of a inetnum (did you mean 'status'?)"),
        ("status:         ASSIGNED PA", "status: ASSIGNED", "status: 'ASSIGNED' is not one of ALLOCATED PA"),
        ("country:        FR", "country: France", "line 5: country: 'France' is not a country of two letters"),
        ("country:        FR", "country:", "country: it is empty, and must be a country"),
        ("HM1-RIPE\n", "Hans Meier\n", "admin-c: 'Hans Meier' is not one or more handles"),
        ("EX-ACME-1", "1-ACME", "netname: '1-ACME' is not a name"),
        ("EX-ACME-1", "ACME-", "netname: 'ACME-' is not a name"),
        ("EX-ACME-1", "any", "netname: 'any' is not a name"),
        ("EX-ACME-1", "ACME GMBH", "netname: 'ACME GMBH' is not a name"),
        ("EXAMPLE-MNT", "EXAMPLE-MNT,", "mnt-by: 'EXAMPLE-MNT,' is not one or more names"),
        ("- 192.0.2.15", "- 192.0.1.255", "inetnum: '192.0.2.0 - 192.0.1.255' is not a range"),
        ("192.0.2.0 - 192.0.2.15", "192.0.2.1/28", "inetnum: '192.0.2.1/28' is not a range"),
        ("192.0.2.0 - 192.0.2.15", "2001:db8::/48", "inetnum: '2001:db8::/48' is not a range"),
        (
            "netname:        EX-ACME-1\n",
            "netname: A1\nnetname: B2\n",
            "'netname' stands there 2 times, and may only once",
        ),
        ("descr:          Acme GmbH", "descr: Acme\nGmbH", "line 4: 'GmbH' is no attribute"),
        ("Acme GmbH", "Acme\x1b[2J", "line 3: '\\x1b' must not stand in it"),
        ("Acme GmbH", "Acme\tGmbH", "line 3: '\\t' must not stand in it"),
        ("Acme GmbH", "Łódź", "'Ł' is not in Latin-1"),
        ("Acme GmbH", "x" * 1000, "line 3: it is longer than 998 characters"),
        ("hostmaster@example.net", "hostmaster", "notify: 'hostmaster' is not a mail address"),
        ("notify", "delete:\nnotify", "'delete' must say why"),
        ("inetnum: ", "inetnam: ", "an object of class 'inetnam' is not known (did you mean 'inetnum'?)"),
        ("inetnum:  ", "person: Hans\ninetnum:  ", "an object of class 'person' is not known; the first attribute"),
        ("inetnum:  ", " more\ninetnum:  ", "line 1: it goes on with an attribute that has not begun"),
        ("inetnum:  ", "netname: A1\ninetnum:  ", "an object of class 'netname' is not known"),
        ("notify", "password: secret\nnotify", "'password' is no attribute"),
    ],
)
def test_what_it_would_refuse_is_found_before_it_leaves(before: str, after: str, fault: str) -> None:
    assert fault in found(INETNUM.replace(before, after, 1))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (ROUTE.replace("AS64496", "64496"), "origin: '64496' is not an AS number"),
        (ROUTE.replace("AS64496", "AS4294967296"), "is not an AS number"),
        (ROUTE.replace("AS64496", "AS007"), "is not an AS number"),
        (ROUTE.replace("192.0.2.0/24", "192.0.2.0 - 192.0.2.255"), "is not a prefix of IPv4"),
        (ROUTE.replace("192.0.2.0/24", "192.0.2.0/255.255.255.0"), "is not a prefix of IPv4"),
        (ROUTE6.replace("2001:db8::/32", "192.0.2.0/24"), "is not a prefix of IPv6"),
        (INET6NUM.replace("ASSIGNED", "ASSIGNED PA"), "is not one of ALLOCATED-BY-RIR"),
        (INET6NUM.replace("ASSIGNED", "AGGREGATED-BY-LIR"), "'assignment-size' stands there where the status is"),
        (INET6NUM.replace("source", "assignment-size: 56\nsource"), "and only there"),
        (INET6NUM.replace("ASSIGNED", "AGGREGATED-BY-LIR\nassignment-size: 129"), "is not a prefix length of IPv6"),
        ("", "it holds no object"),
        ("# nothing\n\n", "it holds no object"),
    ],
)
def test_other_classes_have_a_grammar_of_their_own(text: str, fault: str) -> None:
    assert fault in found(text)


def test_all_faults_are_told_at_once() -> None:
    text = INETNUM.replace("FR", "France").replace("source:         RIPE\n", "").replace("EX-ACME-1", "1")
    assert len(faults(Check.RPSL, text)) == 3


@given(st.text(max_size=400))
def test_any_text_gets_an_answer(text: str) -> None:
    assert faults(Check.RPSL, text)  # no text of chance is an object


@given(st.text(alphabet=st.characters(categories=["Cc", "Zl", "Zp", "L"]), min_size=1, max_size=40))
def test_no_customers_name_adds_a_line_that_is_not_seen(name: str) -> None:
    """A name is either one harmless value, or found; it never brings an attribute of its own (trap 44)."""
    text = INETNUM.replace("Acme GmbH", f"{name}mnt-by: EVIL-MNT")
    if not faults(Check.RPSL, text):
        assert "\nmnt-by: EVIL-MNT" not in text.replace("\r", "\n")
