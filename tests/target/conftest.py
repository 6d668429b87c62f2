"""One target of each kind, with a real program, a real folder and a real SMTP server behind it."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from servers.netbox import TOKEN, NetBoxServer
from servers.smtp import SmtpServer
from target.opened import drivers

from mailbot.process.definition import Action
from mailbot.process.request import Drive
from mailbot.target import Driver

SINCE = datetime(2026, 11, 23, 9, tzinfo=UTC)
BODY: dict[str, Any] = {
    "id": "IP-42/configure/router/1",
    "reference": "IP-42",
    "type": "attribution",
    "step": "configure",
    "action": "add",
    "form": {"customer": "Acme & Söhne <GmbH>", "size": 28, "reason": "Two firewalls\nno ip routing", "urgent": True},
    "addresses": [{"prefix": "10.20.0.0/28", "pool": "lan", "state": "allocated"}],
    "item": None,
    "set": {"vlan": "210"},
    "undoes": None,
}
NOTE_IT = '#!/bin/sh\n[ -e broken ] && echo "no such vlan" >&2 && exit 3\ncat >> told; echo >> told\necho done\n'


def request(action: Action = Action.ADD, **changes: Any) -> Drive:
    body = {**BODY, "action": action.value, **changes}
    return Drive(id=body["id"], step=body["step"], target="it", action=action, body=body)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`told` is what has reached it, oldest first. `fatal` makes it kill whoever drives it, until it is `harmless`."""

    home: Path
    kind: str
    told: Callable[[], list[str]]
    breaks: Callable[[], object]
    mends: Callable[[], object]
    fatal: Callable[[], object]
    harmless: Callable[[], object]
    smtp: SmtpServer

    @property
    def driver(self) -> Driver:
        return drivers(self.home, self.smtp.plain)["it"]

    def killed(self, asked: Drive) -> int:
        """Drive it by a process of its own, which is killed amid it; how that ended."""
        self.fatal()
        order = {"home": str(self.home), "port": self.smtp.plain, "kind": self.kind, "body": asked.body}
        driving = [sys.executable, "-m", "target.opened", json.dumps(order)]
        path = os.pathsep.join(sys.path)
        try:
            ended = subprocess.run(driving, env={**os.environ, "PYTHONPATH": path}, check=False, timeout=60)  # noqa: S603
            return ended.returncode
        finally:
            self.harmless()


HEAD = """
[bot]
address = "ip-requests@example.net"
admins = ["root@example.net"]
secrets = ["file:secret"]
[mailbox]
url = "maildir:mail"
[relay]
url = "maildir:sent"
[targets.it]
"""


def configured(home: Path, text: str) -> None:
    home.joinpath("config.toml").write_text(HEAD + text)


def program(home: Path, text: str, name: str = "told.sh") -> Path:
    path = home / name
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def command(tmp_path: Path, smtp: SmtpServer) -> Target:
    """A program that notes what it is told."""
    configured(tmp_path, 'kind = "command"\ncommand = ["./told.sh"]\ntimeout = "20 seconds"\n')
    program(tmp_path, NOTE_IT)
    told = tmp_path / "told"
    return Target(
        home=tmp_path,
        kind="command",
        told=lambda: told.read_text().splitlines() if told.exists() else [],
        breaks=lambda: tmp_path.joinpath("broken").touch(),
        mends=lambda: tmp_path.joinpath("broken").unlink(),
        fatal=lambda: program(tmp_path, "#!/bin/sh\ncat >> told; echo >> told\nkill -9 $PPID\n"),
        harmless=lambda: program(tmp_path, NOTE_IT),
        smtp=smtp,
    )


@pytest.fixture
def file(tmp_path: Path, smtp: SmtpServer) -> Target:
    """A folder from which files are collected."""
    configured(tmp_path, 'kind = "file"\nfolder = "out"\n')
    folder = tmp_path / "out"
    folder.mkdir()

    def told() -> list[str]:
        if not folder.exists():
            return []
        return [path.read_text() for path in sorted(folder.iterdir()) if not path.name.startswith(".")]

    return Target(
        home=tmp_path,
        kind="file",
        told=told,
        breaks=folder.rmdir,
        mends=folder.mkdir,
        fatal=lambda: None,  # by itself, before it gives the file its name
        harmless=lambda: None,
        smtp=smtp,
    )


@pytest.fixture
def mail(tmp_path: Path, smtp: SmtpServer) -> Target:
    """A mailbox where orders are taken."""
    configured(tmp_path, 'kind = "mail"\nto = "orders@example.net"\n')
    office = smtp.office

    def fatal() -> None:
        def kill(_letter: object) -> None:
            for pid in children():
                os.kill(pid, signal.SIGKILL)

        office.taken = kill

    return Target(
        home=tmp_path,
        kind="mail",
        told=lambda: [letter.raw.decode() for letter in office.letters],
        breaks=lambda: office.answers.update(RCPT="550 no such user"),
        mends=office.answers.clear,
        fatal=fatal,
        harmless=lambda: setattr(office, "taken", lambda _: None),
        smtp=smtp,
    )


TEMPLATE = """{"find": {"prefix": {{ addresses[0].prefix | json }}}
{% if action != "remove" %},
 "set": {"prefix": {{ addresses[0].prefix | json }}, "status": "active", "comments": {{ body | json | json }}}
{% endif %}}"""


@pytest.fixture
def netbox(tmp_path: Path, smtp: SmtpServer) -> Iterator[Target]:
    """A NetBox where a prefix is made."""
    server = NetBoxServer()
    path = tmp_path / "templates" / "target" / "prefix.txt"
    path.parent.mkdir(parents=True)
    path.write_text(TEMPLATE)
    tmp_path.joinpath("token").write_text(TOKEN)
    configured(
        tmp_path,
        'kind = "netbox"\nobject = "ipam.prefixes"\ntemplate = "prefix"\n'
        f'[netbox]\nurl = "{server.url}"\ntoken = "file:token"\n',
    )

    def kill(call: str) -> None:
        if call.startswith("POST"):
            for pid in children():
                os.kill(pid, signal.SIGKILL)

    def told() -> list[str]:
        return [row["comments"] for row in server.objects.get("ipam/prefixes", {}).values()]

    yield Target(
        home=tmp_path,
        kind="netbox",
        told=told,
        breaks=lambda: setattr(server, "refuses", "Prefixes need a tenant here"),
        mends=lambda: setattr(server, "refuses", None),
        fatal=lambda: setattr(server, "told", kill),
        harmless=lambda: setattr(server, "told", lambda _: None),
        smtp=smtp,
    )
    server.close()


def children() -> list[int]:
    """Of this process: they are found where Linux tells them."""
    tasks = Path("/proc/self/task").iterdir()
    return [int(pid) for task in tasks for pid in (task / "children").read_text().split()]


@pytest.fixture(params=["command", "file", "mail", "netbox"])
def target(request: pytest.FixtureRequest) -> Target:
    found: Target = request.getfixturevalue(request.param)
    return found
