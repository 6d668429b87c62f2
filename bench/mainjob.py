"""CPU of a request mail from the mailbox to its letters, beside a bare program's (see `bench.bare`).

Both read the same mails from a real Dovecot by IMAPS and send to a real SMTP server by STARTTLS; both commit with
synchronous FULL. The CPU is that of the whole process, its start included. They run in turn.
"""

import json
import pickle
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from typing import Any

from servers.dovecot import PASSWORD, Person

from bench import mails, sink
from bench.child import Failed, Usage, spend
from bench.figure import Figure
from bench.stage import MAILBOT, Stage, built
from mailbot.bot import Bot
from mailbot.config import load
from mailbot.delivered import asset
from mailbot.mail.letter import Rendered, Templates

BOUND = 2.0
MAILS, ROUNDS = 2_000, 2
QUICK_MAILS, QUICK_ROUNDS = 200, 2
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
BARE = Path(__file__).with_name("bare.py")


def figures(*, quick: bool) -> Iterator[Figure]:
    count, rounds = (QUICK_MAILS, QUICK_ROUNDS) if quick else (MAILS, ROUNDS)
    inbox = [mails.request(number) for number in range(count)]
    with built() as stage:
        contexts = recorded(stage, inbox[0])
        _ = mailbot(stage, []), bare(stage, [], contexts)  # Python compiles what they import, once
        turns = [(mailbot(stage, inbox), bare(stage, inbox, contexts)) for _ in range(rounds)]
    ours, theirs = (median(usage.cpu for usage in side) for side in zip(*turns, strict=True))
    yield Figure(what=f"CPU of a request mail, mailbot ({count:,} mails)", value=ours / count * 1000, unit="ms")
    yield Figure(what="CPU of a request mail, bare program", value=theirs / count * 1000, unit="ms")
    yield Figure(what="CPU of a request mail, mailbot / bare program", value=ours / theirs, bound=BOUND)


def mailbot(stage: Stage, inbox: list[bytes]) -> Usage:
    home = stage.home(stage.inbox(inbox))
    usage = spend(MAILBOT, "--config", home / "config.toml", "run", "--once", place=home)
    _same_number(stage.letters(), len(inbox))
    return usage


def bare(stage: Stage, inbox: list[bytes], contexts: list[tuple[str, Any]]) -> Usage:
    person = stage.inbox(inbox)
    settings = written(stage, stage.home(person), person, contexts)
    usage = spend(sys.executable, BARE, settings, place=settings.parent)
    _same_number(stage.letters(), len(inbox))
    return usage


LETTERS = 4
"""To one request: to its requester, two of network operations, one of billing."""


def _same_number(letters: int, requests: int) -> None:
    if letters != requests * LETTERS:
        raise Failed(f"{requests} mails were answered by {letters} letters, not by {LETTERS} each")


def written(stage: Stage, home: Path, person: Person, contexts: list[tuple[str, Any]]) -> Path:
    """What the bare program is told."""
    (home / "contexts").write_bytes(pickle.dumps(contexts))
    settings = {
        "imap": stage.dovecot.imaps,
        "user": person.user,
        "password": PASSWORD,
        "smtp": stage.smtp,
        "smtp_user": sink.USER,
        "smtp_password": sink.PASSWORD,
        "ca": str(stage.tls.ca),
        "database": str(home / "bare.db"),
        "templates": [str(asset("templates") / "mail")],
        "contexts": str(home / "contexts"),
    }
    path = home / "settings.json"
    path.write_text(json.dumps(settings))
    return path


class Recorder(Templates):
    """Templates that remember what they were rendered with."""

    def __init__(self) -> None:
        super().__init__([asset("templates") / "mail"])
        self.seen: list[tuple[str, Any]] = []

    def render(self, kind: str, context: Mapping[str, Any]) -> Rendered:
        self.seen.append((str(kind), plain(context)))
        return super().render(kind, context)


def recorded(stage: Stage, mail: bytes) -> list[tuple[str, Any]]:
    """The kinds and contexts of the letters that mailbot answers this mail with."""
    bot = Bot(load(stage.home(stage.dovecot.fresh()) / "config.toml"))
    bot.templates = recorder = Recorder()
    bot.prepare()
    bot.intake.take(mail, NOW)
    bot.close()
    return recorder.seen


def plain(value: Any) -> Any:
    """The value with nothing of mailbot's in it: the bare program need not import what it does not use."""
    if is_dataclass(value) and not isinstance(value, type):
        return SimpleNamespace(**{field.name: plain(getattr(value, field.name)) for field in fields(value)})
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    return tuple(map(plain, value)) if isinstance(value, tuple) else value
