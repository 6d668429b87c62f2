"""People with mail programs, around one bot with an embedded mailbox: they write, it runs, they read."""

import email
import email.policy
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path

from mailbot.bot import Bot
from mailbot.config import load

_WIRE = email.policy.SMTP.clone(max_line_length=998)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One that the bot has sent, as its reader's mail program has it."""

    message: EmailMessage

    @property
    def to(self) -> str:
        return str(self.message["To"])

    @property
    def kind(self) -> str:
        return str(self.message["X-Mailbot-Kind"])

    @property
    def step(self) -> str:
        return str(self.message["X-Mailbot-Step"] or "")

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        body = self.message.get_body(("plain",))
        return "" if body is None else str(body.get_content()).replace("\r\n", "\n")


@dataclass(slots=True)
class Office:
    """One folder that `init` has made. Every pass of the bot is a bot of its own, as `run --once` is."""

    home: Path
    seen: set[str] = field(default_factory=set)

    def write(self, sender: str, subject: str, body: str) -> None:
        """A new mail to the bot."""
        self._deliver(self._mail(sender, "ip-requests@example.net", subject, body))

    def reply(self, letter: Letter, body: str, *, quote: bool = True) -> None:
        """What the reader's mail program makes of a reply: its address, its thread, the letter quoted below."""
        quoted = "\n".join(f"> {line}".rstrip() for line in letter.text.splitlines())
        text = f"{body}\n\nOn {letter.message['Date']}, IP requests wrote:\n{quoted}\n" if quote else body
        to = str(letter.message["Reply-To"] or letter.message["From"])
        mail = self._mail(letter.to, to, f"Re: {letter.subject}", text)
        mail["In-Reply-To"] = letter.message["Message-ID"]
        mail["References"] = f"{letter.message['References'] or ''} {letter.message['Message-ID']}".strip()
        self._deliver(mail)

    def run(self) -> list[Letter]:
        """One pass of the bot; the letters that it sent, in their order."""
        bot = Bot(load(self.home / "config.toml"))
        try:
            bot.once()
        finally:
            bot.close()
        return self._new_letters()

    def _mail(self, sender: str, to: str, subject: str, body: str) -> EmailMessage:
        mail = EmailMessage(policy=_WIRE)
        mail["From"], mail["To"], mail["Subject"] = sender, to, subject
        mail["Date"] = format_datetime(self._now())
        mail["Message-ID"] = make_msgid(domain="example.net")
        mail.set_content(body)
        return mail

    def _now(self) -> datetime:
        return Bot(load(self.home / "config.toml")).now()

    def _deliver(self, mail: EmailMessage) -> None:
        """As a mail server would: whole under tmp/, then moved into new/."""
        box = self.home / "var" / "mail"
        name = str(mail["Message-ID"]).strip("<>").replace("/", "-")
        (box / "tmp" / name).write_bytes(bytes(mail))
        (box / "tmp" / name).rename(box / "new" / name)

    def _new_letters(self) -> list[Letter]:
        found = []
        for path in sorted((self.home / "var" / "sent" / "new").iterdir()):
            if path.name not in self.seen:
                self.seen.add(path.name)
                message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                found.append(Letter(message=message))
        return found
