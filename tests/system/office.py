"""An office around one mailbot: its folder, the people who write to it, and the letters that they get."""

import email
import email.policy
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from functools import cache
from itertools import count
from pathlib import Path

from mailbot.store import Store

BOT = "ip-requests@example.net"
BOB, ANA, LI, BILL, HEAD, ADMIN = (
    f"{name}@example.net" for name in ("bob", "ana", "li", "bill", "head-of-noc", "hostmaster")
)
FORM = """\
Customer: Acme GmbH
Prefix length: 28
Justification: Two firewalls and a router in the new Lyon office.
"""

MAILDIRS = """
[mailbox]
url = "maildir:var/mail"

[relay]
url = "maildir:var/sent"
"""
SQLITE = "sqlite:///var/mailbot.db"

BELIEVES_FROM = """
replies  = "token"
requests = "from"
"""

CONFIG = """
[bot]
address = "{bot}"
admins  = ["hostmaster@example.net"]
secrets = ["file:secret"]
{post}
[database]
url = "{database}"

[trust]
{trust}
[limits]
answers_per_hour = 1000

[groups.noc]
title   = "Network operations"
members = ["ana@example.net", "li@example.net"]
lead    = "head-of-noc@example.net"

[groups.billing]
title   = "Billing"
members = ["bill@example.net"]

[groups.ip-managers]
title   = "Address managers"
members = ["manager@example.net"]

[pools.customers-v4]
title    = "Customer space, IPv4"
prefixes = ["10.20.0.0/20"]
owner    = "noc"
"""

ATTRIBUTION = """
type      = "attribution"
title     = "New address space"
summary   = "{form.customer}: /{form.size}"
who       = ["*@example.net"]
lead_time = "3 working days"
managers  = ["ip-managers"]

[[field]]
name     = "customer"
label    = "Customer"
type     = "text"
required = true

[[field]]
name     = "size"
label    = "Prefix length"
type     = "prefix-length"
required = true
min      = 24
max      = 30

[[field]]
name       = "justification"
label      = "Justification"
type       = "long-text"
required   = true
min_length = 20

[[step]]
name      = "technical"
kind      = "approval"
asks      = ["noc"]
when      = "form.size <= 28"
lead_time = "8 working hours"
remind    = ["50%", "100%"]
escalate  = [{ after = "1 working day", to = ["lead"] }]

[[step]]
name      = "billing"
kind      = "form"
asks      = ["billing"]
after     = []
lead_time = "2 working days"
  [[step.field]]
  name     = "account"
  label    = "Account"
  type     = "text"
  required = true

[[step]]
name   = "allocate"
kind   = "allocate"
after  = ["technical", "billing"]
pool   = "customers-v4"
length = "form.size"
"""

LIBERATION = """
type      = "liberation"
title     = "Address space given back"
who       = ["*@example.net"]
lead_time = "3 working days"

[[field]]
name     = "prefix"
label    = "Prefix"
type     = "allocation"
required = true

[[step]]
name      = "unused"
kind      = "approval"
asks      = ["noc"]
lead_time = "8 working hours"

[[step]]
name   = "release"
kind   = "release"
prefix = "form.prefix"
"""

RULES = {"attribution": ATTRIBUTION, "liberation": LIBERATION}

_serial = count(1)


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as its reader has it."""

    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return _parsed(self.raw)

    def header(self, name: str) -> str:
        return str(self.message[name] or "")

    @property
    def kind(self) -> str:
        return self.header("X-Mailbot-Kind")

    @property
    def to(self) -> str:
        return parseaddr(self.header("To"))[1]

    @property
    def step(self) -> str:
        return self.header("X-Mailbot-Step")

    @property
    def reference(self) -> str:
        return self.header("X-Mailbot-Request")

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain",))
        assert body is not None
        return str(body.get_content())


@cache
def _parsed(raw: bytes) -> EmailMessage:
    """Once for the hundreds of times that a letter is looked at."""
    return email.message_from_bytes(raw, policy=email.policy.default)


def only(letters: Iterable[Letter], kind: str, to: str, reference: str = "") -> Letter:
    """The one letter of that kind to that person."""
    all_ = list(letters)
    found = [x for x in all_ if (x.kind, x.to) == (kind, to) and reference in ("", x.reference)]
    assert len(found) == 1, f"one {kind} to {to} is expected, among {kinds(all_)}"
    return found[0]


def kinds(letters: Iterable[Letter]) -> list[tuple[str, str]]:
    return sorted((letter.kind, letter.to) for letter in letters)


def mail(sender: str, subject: str, body: str, *, to: str = BOT, **headers: str) -> bytes:
    """A mail as its sender's program hands it over; the same words make the same mail."""
    message = EmailMessage(policy=email.policy.SMTP.clone(max_line_length=998))
    id_ = hashlib.sha256(repr((sender, to, subject, body)).encode()).hexdigest()[:20]
    given = {"From": sender, "To": to, "Subject": subject, "Message_ID": f"<{id_}@people.example>"}
    for name, value in {**given, **headers}.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    return bytes(message)


def reply(letter: Letter, text: str, *, sender: str = "") -> bytes:
    """An answer below which the letter is quoted, as most mail programs do."""
    quoted = "\n".join(f"> {line}" for line in letter.text.splitlines())
    id_ = letter.header("Message-ID")
    return mail(
        sender or letter.to,
        f"Re: {letter.header('Subject')}",
        f"{text}\n\nOn Mon, 23 Nov 2026 at 09:00, IP requests <{BOT}> wrote:\n\n{quoted}\n",
        to=letter.header("Reply-To"),
        In_Reply_To=id_,
        References=f"{letter.header('References')} {id_}".strip(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A bot's folder: config.toml, rules/, its key, and with `MAILDIRS` its mail."""

    home: Path

    @classmethod
    def build(cls, home: Path, *, post: str = MAILDIRS, database: str = SQLITE, trust: str = BELIEVES_FROM) -> "Office":
        (home / "rules").mkdir(parents=True)
        (home / "config.toml").write_text(CONFIG.format(bot=BOT, post=post, database=database, trust=trust))
        for name, rules in RULES.items():
            (home / "rules" / f"{name}.toml").write_text(rules)
        (home / "secret").write_text("a key of the tests, of no value\n")
        if database != SQLITE:  # that one upgrades itself (contract §1)
            store = Store(database)
            store.upgrade()
            store.close()
        return cls(home=home)

    @property
    def config(self) -> Path:
        return self.home / "config.toml"

    def deliver(self, *mails: bytes) -> None:
        """Put mail into the Maildir, as a delivery agent does, in that order."""
        box = self.home / "var" / "mail"
        for name in ("tmp", "new", "cur"):
            (box / name).mkdir(parents=True, exist_ok=True)
        for raw in mails:
            name = f"{next(_serial):08}.{os.getpid()}.people"
            (box / "tmp" / name).write_bytes(raw)
            (box / "tmp" / name).rename(box / "new" / name)

    def folder(self, name: str) -> list[bytes]:
        """The mails of a folder of the Maildir ("" is the inbox)."""
        box = self.home / "var" / "mail"
        root = box / f".{name}" if name else box
        return [path.read_bytes() for sub in ("new", "cur") for path in sorted((root / sub).glob("*"))]

    def letters(self) -> list[Letter]:
        """All that left by the Maildir, in order of sending."""
        paths = (self.home / "var" / "sent" / "new").glob("*")
        return [Letter(path.read_bytes()) for path in sorted(paths, key=lambda path: int(path.name.partition(".")[0]))]

    def start(self, *words: str) -> "subprocess.Popen[str]":
        """`mailbot WORDS` as a process of its own; what it says is piped."""
        command = [sys.executable, "-m", "mailbot", "--config", str(self.config), *words]
        return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment())  # noqa: S603 - our own

    def run(self, *words: str) -> str:
        """The same, to its end, which is a good one and without a word of complaint; its answer."""
        return ended(self.start(*words))


def ended(*bots: "subprocess.Popen[str]", within: float = 120) -> str:
    """Wait for the good end of each: exit 0, nothing on standard error. The last one's answer."""
    try:
        said = [bot.communicate(timeout=within) for bot in bots]
    finally:
        for bot in bots:
            bot.kill()
    bad = [(bot.returncode, words) for bot, (_, words) in zip(bots, said, strict=True) if bot.returncode or words]
    assert not bad, "\n".join(f"exit {code}: {words}" for code, words in bad)
    return said[-1][0]


def environment() -> dict[str, str]:
    """As ours, but modules once compiled are kept (conftest.py says where): a bot starts three times as fast."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "NO_COLOR": "1"}


def digests(mails: Sequence[bytes]) -> list[str]:
    """Mails by their bytes, however a server ended their lines, to be compared in any order."""
    return sorted(hashlib.sha256(raw.replace(b"\r\n", b"\n")).hexdigest()[:12] for raw in mails)
