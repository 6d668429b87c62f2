"""Payloads of ARIN's Reg-RWS, and every way in which it would not take them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.config.targets import Check
from mailbot.registry import faults

SIMPLE = """<net xmlns="http://www.arin.net/regrws/core/v1">
  <version>4</version>
  <comment><line number="1">Rack 7</line></comment>
  <netBlocks>
    <netBlock><type>S</type><startAddress>192.0.2.0</startAddress><cidrLength>28</cidrLength></netBlock>
  </netBlocks>
  <customerHandle>C12345678</customerHandle>
  <parentNetHandle>NET-192-0-2-0-1</parentNetHandle>
  <netName>EX-ACME-1</netName>
</net>
"""
CUSTOMER = """<customer xmlns="http://www.arin.net/regrws/core/v1">
  <customerName>Acme &amp; Sons</customerName>
  <iso3166-1><code2>US</code2></iso3166-1>
  <streetAddress><line number="1">1 Main Street</line><line number="2">Suite 5</line></streetAddress>
  <city>Chantilly</city>
  <iso3166-2>VA</iso3166-2>
  <postalCode>20151</postalCode>
  <privateCustomer>false</privateCustomer>
</customer>
"""
DETAILED = SIMPLE.replace("customerHandle>C12345678<", "orgHandle>ACME-1<").replace("/customerHandle", "/orgHandle")


def found(text: str) -> str:
    return "\n".join(faults(Check.ARIN, text))


@pytest.mark.parametrize(
    "text",
    [
        SIMPLE,
        DETAILED,
        CUSTOMER,
        SIMPLE.replace("192.0.2.0<", "192.000.002.000<"),
        SIMPLE.replace("<cidrLength>28</cidrLength>", "<endAddress>192.0.2.15</endAddress>"),
        SIMPLE.replace("<cidrLength>28", "<endAddress>192.0.2.15</endAddress><cidrLength>28"),
        SIMPLE.replace("<version>4", "<version>6").replace("192.0.2.0", "2001:db8::").replace(">28<", ">48<"),
        SIMPLE.replace("<customerHandle>", "<orgHandle></orgHandle><customerHandle>"),
        CUSTOMER.replace("<code2>US</code2>", "<code3>USA</code3>"),
    ],
)
def test_what_the_registry_takes_holds(text: str) -> None:
    assert found(text) == ""


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("<netName>EX-ACME-1</netName>", "", "net: it has no 'netName', which it must have"),
        ("EX-ACME-1", "Acme Inc.", "netName: 'Acme Inc.' is not capitals, digits and hyphens"),
        ("EX-ACME-1", "", "net: it has no 'netName'"),
        ("<type>S", "<type>DS", "type: 'DS' is not \"S\""),
        ("NET-192-0-2-0-1", "192.0.2.0/24", "parentNetHandle: '192.0.2.0/24' is not a net of ARIN's"),
        ("<version>4", "<version>5", "version: '5' is not 4 or 6"),
        ("<version>4", "<version>6", "is IPv4, and IPv6 is wanted"),
        ("192.0.2.0<", "192.0.2.1<", "192.0.2.1/28 has host bits set (did you mean 192.0.2.0/28?)"),
        ("<cidrLength>28", "<cidrLength>33", "cidrLength 33 is too long for IPv4"),
        ("<cidrLength>28</cidrLength>", "", "neither endAddress nor cidrLength"),
        ("<cidrLength>28", "<endAddress>192.0.2.31</endAddress><cidrLength>28", "does not end at 192.0.2.31"),
        ("<cidrLength>28</cidrLength>", "<endAddress>192.0.1.0</endAddress>", "192.0.1.0 comes before 192.0.2.0"),
        ("<customerHandle>", "<orgHandle>ACME-1</orgHandle><customerHandle>", "one of both, and only one"),
        ("<customerHandle>C12345678</customerHandle>", "", "one of both, and only one"),
        ("netName>", "netNaem>", "'netNaem' is not known here (did you mean 'netName'?)"),
        ("<version>4</version>", "<version>4</version><version>4</version>", "'version' stands there 2 times"),
        ("core/v1", "core/v2", "it is no net and no customer"),
        ("</net>", "", "it is no XML"),
        ("Rack 7", "Rack\x1b7", "line 3: '\\x1b' must not stand in it"),
        ("<net xmlns", '<!DOCTYPE net [<!ENTITY a "b">]><net xmlns', "it declares a document type or entities"),
    ],
)
def test_a_net_that_it_would_refuse_is_found_before_it_leaves(before: str, after: str, fault: str) -> None:
    assert fault in found(SIMPLE.replace(before, after))


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("Acme &amp; Sons", "", "customer: it has no 'customerName'"),
        ("Acme &amp; Sons", "Acme\nSons", "customerName: 'Acme\\nSons' is not"),
        ("<code2>US</code2>", "<name>United States</name>", "a code2 or code3 of ISO 3166-1"),
        ('number="2"', 'number="3"', "its lines are numbered"),
        ("<privateCustomer>false", "<privateCustomer>no", "privateCustomer: 'no' is not true or false"),
        ("Acme &amp; Sons", "</customerName><netName>X</netName><customerName>", "'netName' is not known here"),
    ],
)
def test_a_customer_that_it_would_refuse_is_found_too(before: str, after: str, fault: str) -> None:
    assert fault in found(CUSTOMER.replace(before, after))


@given(st.text(max_size=200))
def test_any_text_gets_an_answer(text: str) -> None:
    assert faults(Check.ARIN, text)
