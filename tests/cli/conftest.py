"""A bot's folder, and a shell in it: commands are called as a person calls them, and what they say is read."""

import io
import json
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mailbot.bot import Bot
from mailbot.cli import TRACEBACK, main
from mailbot.config import load


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def said(self) -> str:
        return self.out + self.err


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """`mailbot …` within one folder."""

    home: Path
    capsys: pytest.CaptureFixture[str]
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, *args: str, stdin: bytes = b"") -> Done:
        self.capsys.readouterr()
        self.monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        with pytest.raises(SystemExit) as ended:
            main(args)
        said = self.capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Done(code=int(ended.value.code or 0), out=said.out, err=said.err)

    def ok(self, *args: str, stdin: bytes = b"") -> str:
        """What it answers, where it must go well."""
        done = self(*args, stdin=stdin)
        assert done.code == 0, done.said
        return done.out

    def json(self, *args: str) -> Any:
        return json.loads(self.ok(*args, "--json"))

    def write(self, name: str, text: str) -> Path:
        path = self.home / name
        path.write_text(text)
        return path

    def edit(self, name: str, old: str, new: str) -> None:
        text = (self.home / name).read_text()
        assert old in text
        self.write(name, text.replace(old, new))

    def bot(self) -> Bot:
        return Bot(load(self.home / "config.toml"))

    def deliver(self, raw: bytes) -> None:
        """Mail that the bot takes in at once."""
        (self.home / "var" / "mail" / "new" / f"{abs(hash(raw))}.here").write_bytes(raw)
        bot = self.bot()
        try:
            bot.once()
        finally:
            bot.close()

    @staticmethod
    def mail(sender: bytes = b"bob@example.net", id_: bytes = b"1") -> bytes:
        """A request, of which not all fields are filled in."""
        head = b"From: %b\r\nTo: ip-requests@example.net\r\nSubject: attribution\r\nMessage-ID: <%b@x>\r\n"
        return head % (sender, id_) + b"\r\nCustomer: Acme\r\n"

    def letters(self) -> list[bytes]:
        """What has left, oldest first."""
        return [path.read_bytes() for path in sorted((self.home / "var" / "sent" / "new").iterdir())]

    def new(self, *values: str, as_: str = "bob@example.net") -> str:
        """A request of somebody's; its reference."""
        return self.ok("requests", "new", "attribution", *(values or FORM), "--as", as_).strip()


FORM = ("customer=Acme GmbH", "size=28", "justification=Two firewalls and a router in the new Lyon office.")


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `init` makes it, its database made."""
    home = tmp_path_factory.mktemp("office")
    for args in (["init", str(home)], ["--config", str(home / "config.toml"), "requests", "list"]):
        with pytest.raises(SystemExit):
            main(args)
    return home


@pytest.fixture
def shell(
    furnished: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Shell:
    home = tmp_path / "office"
    shutil.copytree(furnished, home)
    monkeypatch.chdir(home)
    monkeypatch.delenv("MAILBOT_CONFIG", raising=False)
    monkeypatch.setenv(TRACEBACK, "1")  # a fault of ours is to fail the test, not to be put into words
    return Shell(home=home, capsys=capsys, monkeypatch=monkeypatch)
