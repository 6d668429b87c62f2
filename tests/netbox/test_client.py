"""NetBox over its API, told as three kinds of trouble."""

from collections.abc import Iterator

import pytest
from servers.netbox import Fault, NetBoxServer, patient

from mailbot.addresses import parse_prefix
from mailbot.netbox import Away, Client, Prefixes, Refused, Unsure

ROOT = parse_prefix("10.20.0.0/24")
ONE = parse_prefix("10.20.0.16/28")


@pytest.fixture
def server() -> Iterator[NetBoxServer]:
    made = NetBoxServer()
    made.add("10.20.0.0/24", "container")
    yield made
    made.close()


@pytest.fixture
def prefixes(server: NetBoxServer, request: pytest.FixtureRequest) -> Prefixes:
    spec = getattr(request.node, "callspec", None)
    return Prefixes(Client(patient(server, spec and spec.params.get("fault"))))


def test_what_is_made_is_found_changed_and_gone(prefixes: Prefixes, server: NetBoxServer) -> None:
    made = prefixes.create(ONE, "active", "Acme")
    prefixes.change(made.id, "deprecated", "Acme, until June")
    found = [(str(one.prefix), one.status, one.description) for one in prefixes.within(ROOT)]
    assert found == [("10.20.0.0/24", "container", ""), ("10.20.0.16/28", "deprecated", "Acme, until June")]
    prefixes.remove(made.id)
    assert server.prefixes() == []


def test_what_is_gone_already_is_removed_without_trouble(prefixes: Prefixes) -> None:
    prefixes.remove(77)


def test_what_is_gone_cannot_be_changed(prefixes: Prefixes) -> None:
    with pytest.raises(Refused, match=r"no ipam\.prefixes 77"):
        prefixes.change(77, "active", "")


def test_around_a_prefix_lies_what_covers_it_and_what_is_in_it(prefixes: Prefixes, server: NetBoxServer) -> None:
    for text in ("10.20.0.16/28", "10.20.0.20/30", "10.20.0.32/28", "10.0.0.0/8"):
        server.add(text)
    found = {str(one.prefix) for one in prefixes.around(ONE)}
    assert found == {"10.20.0.0/24", "10.20.0.16/28", "10.20.0.20/30", "10.0.0.0/8"}


def test_other_vrfs_are_other_worlds(server: NetBoxServer) -> None:
    red = server.put("ipam/vrfs", {"name": "red"})
    server.add("10.20.0.16/28", vrf=red)
    assert [str(one.prefix) for one in Prefixes(Client(server.section), "red").within(ROOT)] == ["10.20.0.16/28"]
    assert [str(one.prefix) for one in Prefixes(Client(server.section)).within(ROOT)] == ["10.20.0.0/24"]


def test_a_vrf_that_netbox_does_not_know_is_told_by_name(server: NetBoxServer) -> None:
    with pytest.raises(Refused, match="no VRF called 'blue'"):
        Prefixes(Client(server.section), "blue").within(ROOT)


def test_many_are_read_page_by_page(server: NetBoxServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mailbot.netbox.client.PAGE", 7)
    for number in range(0, 256, 16):
        server.add(f"10.20.0.{number}/28")
    found = Prefixes(Client(server.section)).within(ROOT)
    assert len({one.id for one in found}) == 17


@pytest.mark.parametrize(
    ("fault", "trouble"),
    [
        (Fault.FAILS, Unsure),
        (Fault.FAILS_AFTER, Unsure),
        (Fault.CUTS, Unsure),
        (Fault.CUTS_AFTER, Unsure),
        (Fault.SLOW, Unsure),
        (Fault.SLOW_AFTER, Unsure),
        (Fault.BABBLES, Unsure),
        (Fault.BUSY, Away),
        (Fault.DENIES, Away),
    ],
)
def test_what_goes_wrong_while_writing_says_whether_it_may_have_been_done(
    prefixes: Prefixes, server: NetBoxServer, fault: Fault, trouble: type[Exception]
) -> None:
    server.faults = lambda _number, call: fault if call.startswith("POST") else None
    with pytest.raises(trouble, match="NetBox"):
        prefixes.create(ONE, "active", "")
    server.settle()
    may_be_done = fault not in {Fault.FAILS, Fault.CUTS, Fault.BUSY, Fault.DENIES}
    assert server.prefixes() == (["10.20.0.16/28"] if may_be_done else [])


@pytest.mark.parametrize("fault", Fault)
def test_to_read_does_nothing_whatever_goes_wrong(prefixes: Prefixes, server: NetBoxServer, fault: Fault) -> None:
    server.faults = lambda _number, _call: fault
    with pytest.raises(Away):
        prefixes.within(ROOT)


def test_what_its_house_refuses_is_told_in_its_words(prefixes: Prefixes, server: NetBoxServer) -> None:
    server.refuses = "Prefixes need a tenant here"
    with pytest.raises(Refused, match="Prefixes need a tenant here"):
        prefixes.create(ONE, "active", "")


def test_a_netbox_that_is_not_there_has_surely_done_nothing(server: NetBoxServer) -> None:
    server.close()
    with pytest.raises(Away, match="does not answer"):
        Prefixes(Client(server.section)).create(ONE, "active", "")


def test_the_token_is_never_told(server: NetBoxServer) -> None:
    server.faults = lambda _number, _call: Fault.DENIES
    with pytest.raises(Away) as trouble:
        Client(server.section).version()
    assert "0123456789abcdef" not in str(trouble.value)
