"""What the figures are measured on: a Dovecot, an SMTP server, and mailbots between them, thrown away afterwards."""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from shutil import rmtree

from servers.dovecot import PASSWORD, Dovecot, Person
from servers.ground import Certificates, certificates, place
from servers.tokens import TokenServer

from bench import sink

MAILBOT = Path(sys.executable).with_name("mailbot")

CONFIG = """\
[bot]
address = "ip-requests@example.net"
name = "IP requests"
admins = ["hostmaster@example.net"]
secrets = ["file:var/secret"]

[mailbox]
url = "imaps://localhost:{imap}/INBOX"
user = "{user}"
password = "file:imap-password"
ca = "{ca}"

[relay]
url = "smtp+starttls://localhost:{smtp}"
user = "{smtp_user}"
password = "file:smtp-password"
ca = "{ca}"

[trust]
authentication_results = "mx.example.net"
requests = "verified"

[database]
url = "sqlite:///var/mailbot.db"

[groups.noc]
title = "Network operations"
members = ["ana@example.net", "li@example.net"]
lead = "head-of-noc@example.net"

[groups.billing]
title = "Billing"
members = ["bill@example.net"]

[groups.ip-managers]
title = "Address managers"
members = ["manager@example.net"]

[pools.customers-v4]
title = "Customer space, IPv4"
prefixes = ["10.20.0.0/16"]
owner = "noc"

[pools.customers-v6]
title = "Customer space, IPv6"
prefixes = ["2001:db8::/32"]
strategy = "sparse"
owner = "noc"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The servers, and a folder for whatever runs between them."""

    tls: Certificates
    dovecot: Dovecot
    smtp: int
    folder: Path
    _sink: subprocess.Popen[str]
    _homes: Iterator[int] = field(default_factory=count)

    def inbox(self, mails: Iterable[bytes]) -> Person:
        """A new mailbox with these mails in it."""
        person = self.dovecot.fresh()
        person.deliver(*mails)
        return person

    def home(self, person: Person) -> Path:
        """A new folder with a mailbot that reads this mailbox: init's rule files, and a config for the servers."""
        home = self.folder / f"mailbot-{next(self._homes)}"
        home.mkdir()
        (home / "imap-password").write_text(PASSWORD)
        (home / "smtp-password").write_text(sink.PASSWORD)
        config = CONFIG.format(
            imap=self.dovecot.imaps, user=person.user, smtp=self.smtp, smtp_user=sink.USER, ca=self.tls.ca
        )
        (home / "config.toml").write_text(config)
        subprocess.run([MAILBOT, "init", home], check=True, stdout=subprocess.DEVNULL)  # noqa: S603 (ours)
        return home

    def letters(self) -> int:
        """How many the SMTP server took since this was asked last."""
        assert self._sink.stdin, "opened by `built`"
        assert self._sink.stdout, "opened by `built`"
        self._sink.stdin.write("\n")
        self._sink.stdin.flush()
        return int(self._sink.stdout.readline())


@contextmanager
def built() -> Iterator[Stage]:
    """The servers, each in a process of its own, so that no figure holds their work."""
    folder, tokens = place("bench"), TokenServer()
    tls = certificates(folder)
    dovecot = Dovecot(tls, tokens)
    command = [sys.executable, "-m", "bench.sink", str(tls.certificate), str(tls.key), str(tls.ca)]
    root = Path(__file__).parents[1]
    with subprocess.Popen(  # noqa: S603 (ours)
        command, cwd=root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as smtp:
        try:
            assert smtp.stdin, "a pipe, as asked for"
            assert smtp.stdout, "a pipe, as asked for"
            port = int(smtp.stdout.readline())
            yield Stage(tls=tls, dovecot=dovecot, smtp=port, folder=folder, _sink=smtp)
        finally:
            smtp.kill()
            dovecot.close()
            tokens.close()
            rmtree(folder, ignore_errors=True)
