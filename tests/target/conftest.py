"""One target of each kind, with a real program, a real folder and a real SMTP server behind it."""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from servers.bind import FORWARD, KEY, Bind
from servers.bind import SECRET as TSIG
from servers.hooks import Hooks, says
from servers.netbox import TOKEN, NetBoxServer
from servers.smtp import SmtpServer
from target.opened import drivers

from mailbot.process.definition import Action
from mailbot.process.request import Drive
from mailbot.target import Driver
from mailbot.target.keys import new_identity, new_signing_key, public_signing_key, recipient
from mailbot.target.seal import unsealed

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


BATCH = """kind = "file"
folder = "out"
[targets.it.batch]
sign = "file:sign.pem"
encrypt = ["{theirs}"]
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """Who collects batches, and answers them: keys of theirs, and of ours."""

    home: Path
    identity: str
    signing: str

    def read(self, path: Path) -> list[Any]:
        """The network requests in a batch, once it was checked."""
        ours = public_signing_key(self.home.joinpath("sign.pem").read_text())
        sealed = unsealed(path.read_bytes(), signed_by=[ours])
        requests: list[Any] = json.loads(sealed.content(self.identity))["requests"]
        return requests


@pytest.fixture
def partner(tmp_path: Path) -> Partner:
    tmp_path.joinpath("sign.pem").write_text(new_signing_key())
    return Partner(home=tmp_path, identity=new_identity(), signing=new_signing_key())


@pytest.fixture
def batch(tmp_path: Path, smtp: SmtpServer, partner: Partner) -> Target:
    """A folder from which batches are collected, encrypted and signed."""
    configured(tmp_path, BATCH.format(theirs=recipient(partner.identity)))
    folder = tmp_path / "out"
    folder.mkdir()

    def told() -> list[str]:
        found = [one for path in sorted(folder.glob("*.batch")) for one in partner.read(path)]
        return [json.dumps(one, ensure_ascii=False) for one in found]

    def breaks() -> None:
        shutil.rmtree(folder)

    return Target(
        home=tmp_path,
        kind="batch",
        told=told,
        breaks=breaks,
        mends=folder.mkdir,
        fatal=lambda: None,  # by itself, before the file has its name
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


SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    server = Hooks()
    yield server
    server.down()


def hooked(home: Path, url: str, more: str = "") -> None:
    configured(
        home,
        f'kind = "webhook"\nurl = "{url}"\nsecrets = ["file:hook.secret"]\nallow = ["127.0.0.0/8"]\n'
        f'timeout = "5 seconds"\n{more}',
    )
    home.joinpath("hook.secret").write_text(SECRET)


@pytest.fixture
def webhook(tmp_path: Path, smtp: SmtpServer, hooks: Hooks) -> Target:
    """A web server of another system's."""
    hooked(tmp_path, hooks.url)

    def kill(_line: object) -> None:
        for pid in children():
            os.kill(pid, signal.SIGKILL)

    fine = hooks.answer
    return Target(
        home=tmp_path,
        kind="webhook",
        told=lambda: [call.body.decode() for call in hooks.calls],
        breaks=lambda: (
            setattr(hooks, "answer", says("422 Unprocessable", "no such vlan")),
            setattr(hooks, "deaf", True),
        ),
        mends=lambda: (setattr(hooks, "answer", fine), setattr(hooks, "deaf", False)),
        fatal=lambda: setattr(hooks, "answer", kill),
        harmless=lambda: setattr(hooks, "answer", fine),
        smtp=smtp,
    )


ALL_KNOWN = "".join(f"all.{FORWARD} TXT {{{{ {{'{key}': body['{key}']}} | json | quoted }}}}\n" for key in BODY)
"""A record for each key."""


@pytest.fixture
def dns(tmp_path: Path, smtp: SmtpServer, bind: Bind) -> Target:
    """A name server, which is told all that there is to know."""
    configured(
        tmp_path,
        f'kind = "dns"\nserver = "127.0.0.1"\nport = {bind.port}\nkey = "{KEY}"\nsecret = "file:dns.key"\n'
        f'zones = ["{FORWARD}"]\ntemplate = "all"\n',
    )
    tmp_path.joinpath("dns.key").write_text(TSIG)
    folder = tmp_path / "templates" / "target"
    folder.mkdir(parents=True)
    folder.joinpath("all.txt").write_text(ALL_KNOWN)

    def told() -> list[str]:
        texts = sorted(value for _, type_, value in bind.holds(FORWARD) if type_ == "TXT")
        return [" ".join(texts)] if texts else []

    return Target(
        home=tmp_path,
        kind="dns",
        told=told,
        breaks=lambda: bind.put(FORWARD, f"all.{FORWARD}.", "A", "192.0.2.1"),
        mends=lambda: bind.drop(FORWARD, f"all.{FORWARD}."),
        fatal=lambda: None,  # by itself, once it is connected
        harmless=lambda: None,
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
    """Those of this process that drive a target: they are found where Linux tells them."""
    tasks = Path("/proc/self/task").iterdir()
    pids = [int(pid) for task in tasks for pid in (task / "children").read_text().split()]
    return [pid for pid in pids if b"target.opened" in Path(f"/proc/{pid}/cmdline").read_bytes()]


@pytest.fixture(
    params=["command", "file", "batch", "mail", "webhook", "netbox", pytest.param("dns", marks=pytest.mark.servers)]
)
def target(request: pytest.FixtureRequest) -> Target:
    found: Target = request.getfixturevalue(request.param)
    return found
