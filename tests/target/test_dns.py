"""A target that is a name server, tried against a real BIND: added, changed, removed, and never anybody else's."""

from pathlib import Path
from typing import Any

import pytest
from servers.bind import FORWARD, KEY, OTHER_KEY, SECRET, V4, V6, Bind
from servers.ground import free_ports
from servers.hooks import Hooks
from target.conftest import SINCE, configured, request
from target.opened import drivers

from mailbot.process.definition import Action
from mailbot.process.request import NetworkState
from mailbot.target import Answer, Driver
from mailbot.target.base import CannotDrive

pytestmark = [pytest.mark.timeout(60), pytest.mark.servers]

NAMESERVERS = {"nameservers": "ns1.acme.example ns2.acme.example"}


class Zones:
    """A name server of ours, driven by a configuration that tests change."""

    def __init__(self, home: Path, bind: Bind) -> None:
        self.home = home
        self.bind = bind
        home.joinpath("dns.key").write_text(SECRET)
        self.configure()

    def configure(self, more: str = "", **changes: Any) -> None:
        values = {"key": KEY, "port": self.bind.port, "zones": [V4, V6, FORWARD], **changes}
        configured(
            self.home,
            f'kind = "dns"\nserver = "127.0.0.1"\nport = {values["port"]}\nkey = "{values["key"]}"\n'
            f'secret = "file:dns.key"\nzones = {values["zones"]}\ntimeout = "5 seconds"\n{more}',
        )

    @property
    def driver(self) -> Driver:
        return drivers(self.home, 9)["it"]

    def told(self, action: Action, *prefixes: str, **changes: Any) -> Answer:
        addresses = [{"prefix": prefix, "pool": "lan", "state": "allocated"} for prefix in prefixes]
        return self.driver.drive(request(action, **{"addresses": addresses, "set": {}, **changes}), SINCE)


@pytest.fixture
def zones(tmp_path: Path, bind: Bind) -> Zones:
    return Zones(tmp_path, bind)


def test_a_reverse_zone_of_each_family_is_delegated_to_the_customers_servers(zones: Zones) -> None:
    answer = zones.told(Action.ADD, "10.20.4.0/23", "2001:db8:12::/48", set=NAMESERVERS)
    assert answer.state is NetworkState.CONFIRMED, answer
    assert answer.detail == f"{V4}.: 2 added; {V6}.: 1 added"
    servers = ("ns1.acme.example.", "ns2.acme.example.")
    assert zones.bind.holds(V4) == {(f"{part}.{V4}.", "NS", ns) for part in (4, 5) for ns in servers}
    assert zones.bind.holds(V6) == {(f"2.1.0.0.{V6}.", "NS", ns) for ns in servers}
    verified = zones.told(Action.VERIFY, "10.20.4.0/23", "2001:db8:12::/48", set=NAMESERVERS)
    assert verified.state is NetworkState.CONFIRMED, verified


def test_rfc_2317_less_than_a_24_is_delegated_without_classes(zones: Zones) -> None:
    assert zones.told(Action.ADD, "10.20.0.16/29", set=NAMESERVERS).state is NetworkState.CONFIRMED
    held = zones.bind.holds(V4)
    assert (f"16-29.0.{V4}.", "NS", "ns1.acme.example.") in held
    assert {row for row in held if row[1] == "CNAME"} == {
        (f"{n}.0.{V4}.", "CNAME", f"{n}.16-29.0.{V4}.") for n in range(16, 24)
    }
    assert zones.told(Action.VERIFY, "10.20.0.16/29", set=NAMESERVERS).state is NetworkState.CONFIRMED


def test_a_whole_24_of_ptrs_is_one_update(zones: Zones) -> None:
    answer = zones.told(Action.ADD, "10.20.7.0/24", set={"ptr": "ip-*.acme.example"})
    assert answer.detail == f"{V4}.: 256 added"
    assert (f"255.7.{V4}.", "PTR", "ip-10-20-7-255.acme.example.") in zones.bind.holds(V4)


def test_told_twice_it_is_done_once_in_both_directions(zones: Zones) -> None:
    for words in ("added", "there already"):
        answer = zones.told(Action.ADD, "10.20.4.0/24", set=NAMESERVERS)
        assert (answer.state, words in answer.detail) == (NetworkState.CONFIRMED, True)
    for words in ("removed", "gone already"):
        answer = zones.told(Action.REMOVE, "10.20.4.0/24", set=NAMESERVERS)
        assert (answer.state, words in answer.detail) == (NetworkState.CONFIRMED, True)
    assert zones.bind.holds(V4) == set()


def test_others_records_are_not_written_over(zones: Zones) -> None:
    zones.bind.put(V4, f"5.0.{V4}.", "PTR", "theirs.example.")
    answer = zones.told(Action.ADD, "10.20.0.4/31", set={"ptr": "ip-*.acme.example"})
    assert answer.state is NetworkState.FAILED
    assert f"others' records stand at 4.0.{V4}. PTR, 5.0.{V4}. PTR" in answer.detail
    assert zones.bind.holds(V4) == {(f"5.0.{V4}.", "PTR", "theirs.example.")}


def test_nor_removed(zones: Zones) -> None:
    zones.bind.put(V4, f"4.{V4}.", "NS", "theirs.example.")
    answer = zones.told(Action.REMOVE, "10.20.4.0/24", set=NAMESERVERS)
    assert answer.state is NetworkState.FAILED
    assert f"other records than ours stand at 4.{V4}. NS" in answer.detail
    assert zones.bind.holds(V4) == {(f"4.{V4}.", "NS", "theirs.example.")}


def test_a_change_replaces_what_is_there_and_makes_nothing(zones: Zones) -> None:
    new = {"nameservers": "ns.new.example"}
    answer = zones.told(Action.CHANGE, "10.20.4.0/24", set=new)
    assert answer.state is NetworkState.FAILED
    assert "there is nothing to change" in answer.detail
    zones.told(Action.ADD, "10.20.4.0/24", set=NAMESERVERS)
    for _ in range(2):
        assert zones.told(Action.CHANGE, "10.20.4.0/24", set=new).state is NetworkState.CONFIRMED
        assert zones.bind.holds(V4) == {(f"4.{V4}.", "NS", "ns.new.example.")}


@pytest.mark.parametrize("prefix", ["10.20.0.16/29", "10.20.4.0/22", "10.20.9.0/24"])
def test_s2_9_on_release_all_reverse_records_of_a_prefix_go_whatever_they_say(zones: Zones, prefix: str) -> None:
    zones.told(Action.ADD, prefix, set=NAMESERVERS)
    zones.bind.put(V4, f"99.99.{V4}.", "PTR", "neighbour.example.")
    for _ in range(2):
        assert zones.told(Action.REMOVE, prefix=prefix).state is NetworkState.CONFIRMED
    assert zones.bind.holds(V4) == {(f"99.99.{V4}.", "PTR", "neighbour.example.")}


def test_a_test_tells_what_is_not_so(zones: Zones) -> None:
    zones.told(Action.ADD, "10.20.4.0/24", set=NAMESERVERS)
    answer = zones.told(Action.VERIFY, "10.20.4.0/23", set=NAMESERVERS)
    assert (answer.state, answer.detail) == (NetworkState.FAILED, f"not so: 5.{V4}. NS")
    answer = zones.told(Action.VERIFY, "10.20.4.0/24", set={"nameservers": "ns1.acme.example"})
    assert answer.state is NetworkState.FAILED


TEMPLATE = """
; the gateway, both ways
{% for one in reverse %}
{{ set.host }} A {{ one.addresses[1].address }}
{{ one.addresses[1].name }} PTR {{ set.host }}
{% endfor %}
"""


def test_a_template_writes_what_it_likes_into_our_zones_alone(zones: Zones) -> None:
    zones.configure('template = "gateway"')
    folder = zones.home / "templates" / "target"
    folder.mkdir(parents=True)
    folder.joinpath("gateway.txt").write_text(TEMPLATE)
    assert zones.driver.check() == "3 zones at 127.0.0.1"
    answer = zones.told(Action.ADD, "10.20.0.16/28", set={"host": f"gw.{FORWARD}"})
    assert answer.state is NetworkState.CONFIRMED, answer
    assert zones.bind.holds(FORWARD) == {(f"gw.{FORWARD}.", "A", "10.20.0.17")}
    assert zones.bind.holds(V4) == {(f"17.0.{V4}.", "PTR", f"gw.{FORWARD}.")}
    for host in ("gw.theirs.example", f"gw.{FORWARD} A 10.0.0.1\nevil.{FORWARD}", f"gw.{FORWARD} TTL"):
        answer = zones.told(Action.ADD, "10.20.0.32/28", set={"host": host})
        assert answer.state is NetworkState.FAILED
    assert len(zones.bind.holds(FORWARD)) == 1


def test_where_one_zone_was_changed_and_another_was_not_it_is_unknown(zones: Zones) -> None:
    zones.bind.put(V6, f"2.1.0.0.{V6}.", "NS", "theirs.example.")
    answer = zones.told(Action.ADD, "10.20.4.0/24", "2001:db8:12::/48", set=NAMESERVERS)
    assert answer.state is NetworkState.UNKNOWN
    assert answer.detail.startswith(f"{V4}.: 1 added; then {V6}.: others' records stand at")


@pytest.mark.parametrize(
    ("changes", "secret", "words"),
    [
        ({"key": "unknown"}, SECRET, "does not take our signature"),
        ({}, "d3Jvbmcgc2VjcmV0IHdyb25nIHNlY3JldCB3cm9uZyE=", "does not take our signature"),
        ({}, "no base64!", "is no base64"),
        ({"key": OTHER_KEY}, SECRET, "answers REFUSED"),
        ({"zones": ["10.in-addr.arpa"]}, SECRET, "answers NOTAUTH"),
        ({"zones": ["11.in-addr.arpa"]}, SECRET, "in none of the target's zones"),
    ],
)
def test_what_the_server_refuses_has_failed(zones: Zones, changes: dict[str, Any], secret: str, words: str) -> None:
    zones.configure(**changes)
    zones.home.joinpath("dns.key").write_text(secret)
    answer = zones.told(Action.ADD, "10.20.4.0/24", set=NAMESERVERS)
    assert (answer.state, words in answer.detail) == (NetworkState.FAILED, True), answer
    assert zones.bind.holds(V4) == set()


def test_a_look_finds_a_zone_that_it_does_not_serve_and_a_server_that_is_not_there(zones: Zones) -> None:
    zones.configure(zones=[V4, "11.in-addr.arpa"])
    with pytest.raises(CannotDrive, match=r"does not serve 11\.in-addr\.arpa"):
        zones.driver.check()
    zones.configure(port=free_ports(1)[0])
    with pytest.raises(CannotDrive, match="refused"):
        zones.driver.check()


def test_one_that_is_down_is_tried_later_and_one_that_says_nothing_or_nonsense_is_unknown(zones: Zones) -> None:
    zones.configure(port=free_ports(1)[0])
    assert zones.told(Action.ADD, "10.20.4.0/24", set=NAMESERVERS).state is NetworkState.UNPROCESSED
    hooks = Hooks()
    try:
        zones.configure(port=hooks.port)
        text = zones.home.joinpath("config.toml").read_text().replace("5 seconds", "1 second")
        zones.home.joinpath("config.toml").write_text(text)
        assert zones.told(Action.ADD, "10.20.4.0/24", set=NAMESERVERS).state is NetworkState.UNKNOWN
    finally:
        hooks.down()
