"""Kinds of targets, and what can befall them, through a whole bot: nothing is lost or guessed, and what arrives
twice carries the same id.
"""

import json
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import dns.message
import pytest
from house import BOB, CONFIG, DELIVERY, FORM, House, kinds, only
from servers.hooks import Hooks, cuts, says
from target.conftest import SECRET, program

from mailbot.process.request import Retry, Said
from mailbot.store import driving
from mailbot.target import Driver

pytestmark = pytest.mark.timeout(90)

CONFIGURE = """
targets = ["it"]
set = { nameservers = "ns.acme.example" }
"""


class Site(House):
    """A house with one target, `it`."""

    def __init__(self, home: Path, target: str) -> None:
        super().__init__(home, config=f"{CONFIG}\n[targets.it]\n{target}", rules={"delivery": DELIVERY + CONFIGURE})

    def ask(self) -> str:
        reference: str = only(self.mail(BOB, "delivery", FORM), "acknowledged").reference
        return reference

    def drive(self) -> list[Any]:
        self.bot.drive(None)
        return list(self.send())

    @property
    def states(self) -> dict[str, str]:
        return {row.name: row.state for row in self.rows("network_request")}

    def retry(self, reference: str) -> None:
        with self.bot.store.transaction() as tx:
            said = Said(actor="operator", deed=Retry(), step="configure", operator=True)
            self.bot.desk.settle(tx, reference, said, self.now)

    def die_amid_it(self) -> None:
        """A bot sends it, and is dead before it has written down the answer."""
        dead = self.bot.store.new_owner(self.now)
        with self.bot.store.transaction() as tx:
            [sent] = driving.claim(tx.conn, dead.id, self.now)
        driver: Driver = self.bot.drivers["it"]
        driver.drive(sent.drive, sent.created)
        dead.close()


@dataclass(kw_only=True)
class Rig:
    """One target and its world. `befall` makes a fault happen, until `mend`; `arrived` are the ids it was told."""

    site: Site
    befall: Callable[[str], object]
    mend: Callable[[], object] | None
    arrived: Callable[[], list[str]]
    close: Callable[[], object] = field(default=lambda: None)


def command(home: Path) -> Rig:
    home.mkdir()
    scripts = {
        "slow": "sleep 0.3; cat >> told; echo >> told",
        "silent": "cat >> told; echo >> told; sleep 30",
        "refuses": "echo no such vlan >&2; exit 1",
        "nonsense": "cat >> told; echo >> told; head -c 2000 /dev/urandom",
        "cut": "cat >> told; echo >> told; kill -9 $$",
        "fine": "cat >> told; echo >> told; echo done",
    }
    path = home / "told"

    def befall(fault: str) -> None:
        if fault == "down":
            (home / "it.sh").unlink()
        else:
            program(home, f"#!/bin/sh\n{scripts[fault]}\n", "it.sh")

    befall("fine")
    return Rig(
        site=Site(home, 'kind = "command"\ncommand = ["./it.sh"]\ntimeout = "1 second"\n'),
        befall=befall,
        mend=lambda: befall("fine"),
        arrived=lambda: [json.loads(row)["id"] for row in path.read_text().splitlines()] if path.exists() else [],
    )


def webhook(home: Path) -> Rig:
    hooks = Hooks()
    home.mkdir()
    home.joinpath("hook.secret").write_text(SECRET)
    fine = hooks.answer

    def slow(line: socket.socket) -> None:
        threading.Event().wait(0.3)
        fine(line)

    answers = {
        "slow": slow,
        "silent": hooks.hangs,
        "drips": hooks.drips,
        "refuses": says("422 Unprocessable", "no such vlan"),
        "busy": says("503 Busy", Retry_After="60"),
        "breaks": says("500 Oops"),
        "nonsense": lambda line: line.sendall(b"\xff\x00nonsense\r\n\r\n"),
        "cut": cuts,
        "lies": says("302 Found", Location="http://127.0.0.1:1/elsewhere"),
    }

    def befall(fault: str) -> None:
        if fault == "down":
            hooks.down()
        else:
            hooks.answer = answers[fault]

    def mend() -> None:
        hooks.answer = fine
        hooks.down()
        hooks.up()

    target = f'kind = "webhook"\nurl = "{hooks.url}"\nsecrets = ["file:hook.secret"]\nallow = ["127.0.0.0/8"]\n'
    return Rig(
        site=Site(home, f'{target}timeout = "1 second"\n'),
        befall=befall,
        mend=mend,
        arrived=lambda: [call.headers["webhook-id"] for call in hooks.calls],
        close=hooks.down,
    )


class NameServer:
    """One that speaks DNS over TCP, and answers what a test wants, never signed."""

    def __init__(self) -> None:
        self.answer = "lies"
        self._open = threading.Event()
        self.up()

    def up(self, port: int = 0) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._listen, args=(self._listener,), daemon=True).start()

    def down(self) -> None:
        self._open.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _listen(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                line, _ = listener.accept()
                with line:
                    self._take(line)

    def _take(self, line: socket.socket) -> None:
        question = line.recv(int.from_bytes(line.recv(2), "big"))
        match self.answer:
            case "lies":
                words = dns.message.make_response(dns.message.from_wire(question, keyring=False)).to_wire()
                line.sendall(len(words).to_bytes(2, "big") + words)
            case "nonsense":
                line.sendall(b"\x00\x09HTTP/1.1 ")
            case "silent":
                self._open.wait(10)
            case "cut":
                pass


def name_server(home: Path) -> Rig:
    server = NameServer()
    home.mkdir()
    home.joinpath("dns.key").write_text("MDEyMzQ1Njc4OWFiY2RlZg==")

    def befall(fault: str) -> None:
        if fault == "down":
            server.down()
        server.answer = fault

    target = (
        f'kind = "dns"\nserver = "127.0.0.1"\nport = {server.port}\nzones = ["10.in-addr.arpa"]\nkey = "mailbot"\n'
        'secret = "file:dns.key"\ntimeout = "1 second"\n'
    )
    return Rig(site=Site(home, target), befall=befall, mend=None, arrived=list, close=server.down)


RIGS = {"command": command, "webhook": webhook, "dns": name_server}
CASES = {
    ("command", "slow"): "confirmed",
    ("command", "silent"): "unknown",
    ("command", "down"): "failed",
    ("command", "refuses"): "failed",
    ("command", "nonsense"): "confirmed",
    ("command", "cut"): "unknown",
    ("webhook", "slow"): "confirmed",
    ("webhook", "silent"): "unknown",
    ("webhook", "drips"): "unknown",
    ("webhook", "down"): "unprocessed",
    ("webhook", "refuses"): "failed",
    ("webhook", "busy"): "unprocessed",
    ("webhook", "breaks"): "unknown",
    ("webhook", "nonsense"): "unknown",
    ("webhook", "cut"): "unknown",
    ("webhook", "lies"): "failed",
    ("dns", "silent"): "unknown",
    ("dns", "down"): "unprocessed",
    ("dns", "nonsense"): "unknown",
    ("dns", "cut"): "unknown",
    ("dns", "lies"): "unknown",
}


@pytest.fixture
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    made = RIGS[request.param](tmp_path / "home")
    yield made
    made.close()
    made.site.bot.close()


@pytest.mark.parametrize(("rig", "fault", "state"), [(*case, CASES[case]) for case in CASES], indirect=["rig"])
def test_what_befalls_a_target_is_told_as_it_is_and_nothing_is_lost(rig: Rig, fault: str, state: str) -> None:
    site = rig.site
    rig.befall(fault)
    reference = site.ask()
    first = f"{reference}/configure/it/1"
    letters = site.drive()
    assert site.states == {first: state}
    assert (("completed", BOB) in kinds(letters)) is (state == "confirmed")
    again = len(rig.arrived())
    site.wait(minutes=30)
    site.drive()
    if state != "unprocessed":
        assert len(rig.arrived()) == again  # never blindly sent again
    if not rig.mend:
        return  # it takes nothing, whatever it says: what a real one does, test_dns.py tells
    rig.mend()
    if state in {"failed", "unknown"}:
        site.retry(reference)
    site.wait(hours=1)
    letters = site.drive()
    assert list(site.states.values())[-1] == "confirmed"
    assert state == "confirmed" or ("completed", BOB) in kinds(letters)
    assert set(rig.arrived()) <= set(site.states)
    assert site.broken() == []


@pytest.mark.parametrize("rig", ["command", "webhook"], indirect=True)
def test_killed_between_the_targets_yes_and_our_mark_it_is_unknown_and_not_told_again(rig: Rig) -> None:
    site = rig.site
    reference = site.ask()
    site.die_amid_it()
    site.drive()
    assert site.states == {f"{reference}/configure/it/1": "unknown"}
    site.wait(hours=2)
    site.drive()
    assert rig.arrived() == [f"{reference}/configure/it/1"]
    site.retry(reference)
    site.drive()
    assert rig.arrived() == [f"{reference}/configure/it/1", f"{reference}/configure/it/2"]


@pytest.mark.parametrize("rig", ["webhook"], indirect=True)
def test_what_arrives_twice_carries_the_same_id_and_a_line_keeps_its_order(rig: Rig) -> None:
    site = rig.site
    assert rig.mend
    rig.befall("busy")
    ids = [f"{site.ask()}/configure/it/1" for _ in range(3)]
    for _ in range(3):
        site.drive()
        site.wait(minutes=20)
    assert set(rig.arrived()) == {ids[0]}
    rig.mend()
    site.wait(hours=1)
    site.drive()
    assert list(dict.fromkeys(rig.arrived())) == ids
    assert Counter(rig.arrived())[ids[1]] == Counter(rig.arrived())[ids[2]] == 1
    assert set(site.states.values()) == {"confirmed"}
