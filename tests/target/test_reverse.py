"""S2.9: reverse DNS comes with a prefix and goes with it, whichever way it goes; with a real BIND, by rule files as
docs/targets.md shows them.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from house import BILL, BOB, CONFIG, FIELDS, ROOT, House, only
from servers.bind import KEY, SECRET, V4, Bind

from mailbot.process.request import Cancel, Said

pytestmark = [pytest.mark.timeout(60), pytest.mark.servers]

SHOWN = Path(__file__).parents[2].joinpath("docs", "targets.md").read_text()
ADD, REMOVE = re.findall(
    r'^\[\[step\]\]\nname    = "(?:delegate|undelegate)".*?(?=^```)', SHOWN, re.MULTILINE | re.DOTALL
)

NEW = f"""
type = "delegated"
title = "Space with reverse DNS"
who = ["*@example.net"]
{FIELDS}
[[field]]
name = "nameservers"
label = "Name servers"
type = "text"
required = true
[[step]]
name = "allocate"
kind = "allocate"
pool = "lan"
length = "form.size"
{ADD}
[[step]]
name = "install"
kind = "task"
asks = ["billing"]
"""
BACK = f"""
type = "liberation"
title = "Space given back"
who = ["*@example.net"]
[[field]]
name = "prefix"
label = "Prefix"
type = "allocation"
required = true
{REMOVE}
"""
FORM = "Customer: Acme\nPrefix length: 28\nReason: Two firewalls\nName servers: ns1.acme.example, ns2.acme.example\n"
DELEGATED = {(f"0-28.0.{V4}.", "NS", f"ns{n}.acme.example.") for n in (1, 2)} | {
    (f"{n}.0.{V4}.", "CNAME", f"{n}.0-28.0.{V4}.") for n in range(16)
}


class Registry(House):
    """A house whose zones a real BIND serves."""

    def __init__(self, home: Path, bind: Bind) -> None:
        target = (
            f'\n[targets.dns]\nkind = "dns"\nserver = "127.0.0.1"\nport = {bind.port}\nzones = ["{V4}"]\n'
            f'key = "{KEY}"\nsecret = "file:dns.key"\n'
        )
        home.joinpath("dns.key").write_text(SECRET)
        super().__init__(home, config=CONFIG + target, rules={"delegated": NEW, "liberation": BACK})

    def drive(self) -> list[Any]:
        self.bot.drive(None)
        return list(self.send())


@pytest.fixture
def registry(tmp_path: Path, bind: Bind) -> Iterator[Registry]:
    registry = Registry(tmp_path, bind)
    yield registry
    registry.bot.close()


def delegated(registry: Registry) -> Any:
    """A prefix with its delegation, and the letter that asks for what comes behind it."""
    registry.mail(BOB, "delegated", FORM)
    return only(registry.drive(), "action", BILL)


def test_s2_9_reverse_dns_goes_before_the_prefix_is_given_back(registry: Registry, bind: Bind) -> None:
    task = delegated(registry)
    assert bind.holds(V4) == DELEGATED
    registry.reply(task, "done")
    assert registry.request().state.value == "completed"
    registry.mail(BOB, "liberation", "Prefix: 10.20.0.0/28\n")
    registry.drive()
    assert bind.holds(V4) == set()
    assert registry.request("IP-2").state.value == "completed"
    assert registry.request("IP-2").steps[-1].name == "release"


def test_s2_9_a_request_that_comes_to_nothing_takes_its_delegation_back(registry: Registry, bind: Bind) -> None:
    delegated(registry)
    with registry.bot.store.transaction() as tx:
        said = Said(actor=ROOT, deed=Cancel(reason="the customer is gone"), operator=True)
        registry.bot.desk.settle(tx, "IP-1", said, registry.now)
    registry.drive()
    assert bind.holds(V4) == set()
    assert registry.request().state.value == "cancelled"
