"""What commands share: the configuration they were called with, the bot that it makes, and who calls."""

import getpass
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import click

from mailbot.bot import Bot
from mailbot.config import Config, load
from mailbot.config.address import normal
from mailbot.desk import query
from mailbot.errors import NotFound, Usage
from mailbot.process.request import Entry
from mailbot.store import Connection, Transaction, views

T = TypeVar("T")

SECOND = timedelta(seconds=1)


def path() -> Path:
    """The configuration file of this call; it may not be there."""
    found: Path = click.get_current_context().find_root().obj
    return found


def config() -> Config:
    """The configuration of this call. Usage where there is no such file, Faulty with all its faults."""
    if not path().exists():
        raise Usage(f"there is no {path()}: write one with `mailbot init`, or name yours with --config FILE")
    return load(path())


@contextmanager
def bot(of: Config | None = None, *, only_looks: bool = False) -> Iterator[Bot]:
    """The bot of this call; what it opened is closed at the end."""
    made = Bot(of or config(), only_looks=only_looks)
    try:
        yield made
    finally:
        made.close()


def committed(bot: Bot, change: Callable[[Transaction], T]) -> T:
    """Make a change in one transaction, and again where a bot changed the same thing first."""
    return bot.store.committed(change)


def operator() -> str:
    """Who acts at the shell, as the history names him."""
    try:
        name = os.environ.get("SUDO_USER") or getpass.getuser()
    except (OSError, KeyError):  # a user without a name, as containers have them
        name = f"uid {os.getuid()}"
    return f"operator ({name})"


def note(tx: Transaction, bot: Bot, reference: str, entry: Entry) -> None:
    """A line in a request's history about what was done at the shell; the request itself stays as it is."""
    stored = tx.load(reference)
    now, threads = bot.now(), stored.threads
    tx.record(stored, stored.request, entries=[entry], threads=threads, message_id=None, now=now)


def house_note(tx: Transaction, bot: Bot, action: str, detail: str) -> None:
    """The same about what is no request's."""
    tx.write_house([Entry(actor=operator(), action=action, detail=detail)], bot.now())


def address(text: str) -> str:
    """An address in the form in which they are compared. Usage where it is none."""
    found = normal(text)
    if found is None:
        raise Usage(f"{text!r} is no mail address, like ana@example.net")
    return found


def reference(text: str, bot: Bot) -> str:
    """A reference as it is kept: `ip-7`, `[IP-7]` and `7` are IP-7."""
    return query.reference(text, bot.config.bot.reference)


def references(conn: Connection, text: str, bot: Bot) -> Sequence[str]:
    """Of all requests that are called so: by us, else by others."""
    own = reference(text, bot)
    if views.is_known(conn, own):
        return [own]
    return views.named(conn, text)


def one_reference(conn: Connection, text: str, bot: Bot) -> str:
    """Of the one request that is called so, by us or by others. NotFound where there are several."""
    found = references(conn, text, bot)
    if len(found) > 1:
        raise NotFound(f"several requests are called {text!r}: {', '.join(found)}; name one of these")
    return found[0] if found else reference(text, bot)


def span(text: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The time that an option names, from and to (exclusive): a whole day, or one second. Usage where it is none.

    Without an offset it is the bot's own time.
    """
    try:
        begin = datetime.fromisoformat(text.strip())
    except ValueError:
        words = "write a day (2026-11-23) or a time (2026-11-23T10:00, the bot's own time; or with Z, +01:00)"
        raise Usage(f"{text!r} is no time: {words}") from None
    try:
        length = timedelta(days=1) if len(text.strip()) == len("2026-11-23") else SECOND
        begin, end = (at if at.tzinfo else at.replace(tzinfo=zone) for at in (begin, begin + length))
        _ = begin.timestamp(), end.timestamp()
    except (OverflowError, ValueError):
        raise Usage(f"{text!r} is out of all time") from None
    return begin, end


def end(text: str, zone: ZoneInfo) -> datetime:
    """Where a time ends that an option names (exclusive): a day is meant whole, a time as it is."""
    begin, last = span(text, zone)
    return last if last - begin > SECOND else begin
