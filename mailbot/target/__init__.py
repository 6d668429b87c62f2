"""How a network request reaches a target, a small class for each kind; all with one face, `Driver`."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import assert_never

from mailbot.config.duration import Duration
from mailbot.config.netbox import NetBox
from mailbot.config.targets import (
    AnyTarget,
    Batch,
    CommandTarget,
    DnsTarget,
    FileTarget,
    MailTarget,
    NetBoxTarget,
    WebhookTarget,
)
from mailbot.mail.letter import Letterhead, PlainTemplates
from mailbot.mail.relay import Relay
from mailbot.mail.token import Tokens
from mailbot.netbox import Client
from mailbot.target.answers import AnswerFolder, Turn
from mailbot.target.base import Answer, BatchDriver, CannotDrive, Driver, Unsound, confirmed, failed
from mailbot.target.batch import BatchFileDriver
from mailbot.target.command import CommandDriver
from mailbot.target.dns import DnsDriver
from mailbot.target.file import FileDriver
from mailbot.target.mail import MailDriver, order_token
from mailbot.target.netbox import NetBoxDriver
from mailbot.target.webhook import WebhookDriver

__all__ = [
    "Answer",
    "AnswerFolder",
    "BatchDriver",
    "BatchFileDriver",
    "CannotDrive",
    "Driver",
    "Turn",
    "Unsound",
    "answers_within",
    "confirmed",
    "failed",
    "open_drivers",
    "order_token",
]


def open_drivers(
    targets: Mapping[str, AnyTarget],
    *,
    home: Path,
    templates: Sequence[Path],
    letterhead: Letterhead,
    tokens: Tokens,
    relay: Callable[[], Relay],
    clock: Callable[[], datetime],
    netbox: NetBox | None = None,
) -> dict[str, Driver]:
    """A driver for each target that is in force, by name; nothing is opened or connected yet.

    `home` is where commands are run, and what their paths are relative to; `templates` are folders of templates for
    targets; `relay` opens a relay of one's own, since a driver works on a thread of its own; `clock` is for what bears
    the moment at which it leaves.
    """
    words = PlainTemplates(templates)
    drivers: dict[str, Driver] = {}
    for name, target in targets.items():
        match target:
            case CommandTarget():
                drivers[name] = CommandDriver(target, home, words)
            case FileTarget(batch=Batch() as batch):
                drivers[name] = BatchFileDriver(target, batch, words)
            case FileTarget():
                drivers[name] = FileDriver(target, words)
            case MailTarget():
                drivers[name] = MailDriver(target, words, letterhead=letterhead, tokens=tokens, relay=relay)
            case WebhookTarget():
                drivers[name] = WebhookDriver(target, words, clock)
            case DnsTarget():
                drivers[name] = DnsDriver(target, words)
            case NetBoxTarget() if netbox is not None:
                drivers[name] = NetBoxDriver(target, words, Client(netbox))
            case NetBoxTarget():
                pass
            case _:
                assert_never(target)
    return drivers


def answers_within(driver: Driver) -> Duration | None:
    """How long is waited for its answers, where they come later, by another way; None where they do not."""
    match driver:
        case BatchFileDriver():
            return driver.answers.within if driver.answers else None
        case WebhookDriver():
            return driver.answers_within
        case _:
            return None
