"""Addresses have one form to be compared in, and patterns match whole domains."""
# ruff: noqa: RUF001  characters that look alike are what is tested

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.config.address import matches, normal, normal_domain, normal_pattern, without_detail


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("ana@example.net", "ana@example.net"),
        ("  Ana.Ruiz@Example.NET ", "ana.ruiz@example.net"),
        ("o'brien+x@example.net", "o'brien+x@example.net"),
        ("root@localhost", "root@localhost"),
        ("ana@bücher.example", "ana@xn--bcher-kva.example"),
        ("ana@XN--BCHER-KVA.example", "ana@xn--bcher-kva.example"),
        # IDNA 2003 would make "strasse" of it, somebody else's domain.
        ("ana@straße.example", "ana@xn--strae-oqa.example"),
        ("jürgen@example.net", "jürgen@example.net"),
    ],
)
def test_an_address_has_one_form(written: str, expected: str) -> None:
    assert normal(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        "",
        "ana",
        "@example.net",
        "ana@",
        "ana@@example.net",
        "ana@example..net",
        "ana@-example.net",
        ".ana@example.net",
        "ana ruiz@example.net",
        '"ana"@example.net',
        "ana@[192.0.2.1]",
        "<ana@example.net>",
        "ana@example.net,evil@x.com",
        "ana(comment)@example.net",
        "ana@example.net\nBcc: evil@x.com",
        "ａｎａ@example.net",
        "ana@exam\u212ale.net",
        "ana@example\u3002net",
        "ana\u200b@example.net",
        "a" * 65 + "@example.net",
        "ana@" + "a." * 130 + "net",
        "\ud800@example.net",
    ],
)
def test_what_two_parsers_could_read_differently_is_no_address(written: str) -> None:
    assert normal(written) is None


@pytest.mark.parametrize(
    ("address", "pattern", "expected"),
    [
        ("bob@example.net", "bob@example.net", True),
        ("bob@example.net", "Bob@Example.NET", True),
        ("bob@example.net", "*@example.net", True),
        ("bob@example.net", "*@EXAMPLE.net", True),
        ("bob@xn--bcher-kva.example", "*@bücher.example", True),
        ("bob@mail.example.net", "*@*.example.net", True),
        ("bob@a.b.example.net", "*@*.example.net", True),
        ("bob@example.net", "*@*.example.net", False),
        ("bob@mail.example.net", "*@example.net", False),
        ("bob@evilexample.net", "*@example.net", False),
        ("bob@evilexample.net", "*@*.example.net", False),
        ("bob@example.net.evil.com", "*@example.net", False),
        ("bob@example.net", "example.net", False),
        ("bob@example.net", "*", False),
        ("bob@example.net", "*@*", False),
        ("bob@example.net", "b*@example.net", False),
        ("bob@example.net", "", False),
    ],
)
def test_trap_16_a_pattern_matches_the_whole_domain(address: str, pattern: str, *, expected: bool) -> None:
    assert matches(address, pattern) is expected


def test_a_pattern_that_is_none_is_told_apart() -> None:
    assert normal_pattern("*@Example.net") == "*@example.net"
    assert normal_pattern("*.example.net") is None


@pytest.mark.parametrize(
    ("address", "separator", "expected"),
    [
        ("bot+token@x.net", "+", "bot@x.net"),
        ("bot-token@x.net", "-", "bot@x.net"),
        ("bot+token@x.net", "", "bot+token@x.net"),
        ("bot@x.net", "+", "bot@x.net"),
    ],
)
def test_the_detail_of_an_address_can_be_taken_off(address: str, separator: str, expected: str) -> None:
    assert without_detail(address, separator) == expected


@given(st.text())
def test_the_form_of_any_text_is_stable(text: str) -> None:
    form = normal(text)
    assert form is None or normal(form) == form


@given(st.text())
def test_the_form_of_any_domain_is_stable(text: str) -> None:
    form = normal_domain(text)
    assert form is None or normal_domain(form) == form
