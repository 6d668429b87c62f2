"""Drivers as a bot opens them; as a program: one that drives a target once, to be killed amid it."""

import json
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from servers.ground import Login

from mailbot.config import load
from mailbot.delivered import asset
from mailbot.mail.letter import Letterhead
from mailbot.mail.relay import open_relay
from mailbot.mail.token import Tokens
from mailbot.process.definition import Action
from mailbot.process.request import Drive
from mailbot.target import Driver, open_drivers

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
"""When all leaves that bears the moment at which it leaves."""


def drivers(home: Path, port: int) -> dict[str, Driver]:
    """The targets of the configuration there; mail leaves by the SMTP server at this port."""
    return open_drivers(
        load(home / "config.toml").targets,
        home=home,
        templates=[home / "templates" / "target", asset("templates") / "target"],
        letterhead=Letterhead(name="IP requests", address="ip-requests@example.net"),
        tokens=Tokens([b"a key of the tests"]),
        relay=lambda: open_relay(Login(url=f"smtp://127.0.0.1:{port}")),
        clock=lambda: NOW,
    )


DEADLY = {"file": "os.rename", "batch": "os.rename", "dns": "socket.connect"}
"""What kills it, of what Python tells an audit hook, where the target itself does not."""


def killed_by(event: str) -> None:
    def kill(happens: str, _words: tuple[object, ...]) -> None:
        if happens == event:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(kill)


if __name__ == "__main__":
    ORDER = json.loads(sys.argv[1])
    BODY = ORDER["body"]
    DRIVER = drivers(Path(ORDER["home"]), ORDER["port"])["it"]
    if ORDER["kind"] in DEADLY:
        killed_by(DEADLY[ORDER["kind"]])
    DRIVER.drive(
        Drive(id=BODY["id"], step=BODY["step"], target="it", action=Action(BODY["action"]), body=BODY),
        datetime(2026, 11, 23, 9, tzinfo=UTC),
    )
