"""`mailbot probe`: how it does, in one line for monitoring (Nagios: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN)."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from mailbot.bot import Bot, pool_definitions
from mailbot.cli import TRACEBACK, setting, trouble
from mailbot.config import Config
from mailbot.config.duration import Duration
from mailbot.errors import Faulty, MailbotError, Usage
from mailbot.store import PAUSED, Transaction, breaker, following, space, subscribers
from mailbot.store.health import DAY, Health, health
from mailbot.wire import NoCertificate, expires


class Level(IntEnum):
    """Exit codes of monitoring plugins."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """What is still well: so many errors, so old a pass or a letter."""

    most: int
    oldest: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one probe has found; `figure` is for the graphs: "errors=3"."""

    level: Level
    words: str
    figure: str = ""


SOON, AT_ONCE = 21, 7
"""Days that a certificate holds: fewer are a warning, or critical."""
_TLS = {"imaps": (993, ""), "imap+starttls": (143, "imap"), "smtps": (465, ""), "smtp+starttls": (587, "smtp")}
_SEVERITY = (Level.CRITICAL, Level.UNKNOWN, Level.WARNING, Level.OK)


def _errors(bot: Bot, bounds: Bounds) -> Finding:
    """Running, without many records in error."""
    found = _health(bot)
    named = {
        "mail in quarantine": found.quarantined,
        "steps that are stuck": found.stuck_steps,
        "network requests failed or unknown": found.failed_network_requests,
        "letters refused": found.refused_letters,
    }
    words = ", ".join(f"{count} {what}" for what, count in named.items() if count) or "nothing is in error"
    level = Level.CRITICAL if found.errors > bounds.most else Level.WARNING if found.errors else Level.OK
    return Finding(level=level, words=words, figure=f"errors={found.errors}")


def _punctual(bot: Bot, bounds: Bounds) -> Finding:
    """The bot has passed lately, and rings its timers in time."""
    found, now = _health(bot), bot.now()
    if found.last_pass is None:
        return Finding(level=Level.CRITICAL, words="it has never run")
    age = now - found.last_pass
    overdue = now - found.oldest_timer if found.oldest_timer else timedelta()
    figure = f"age={_seconds(age)}s overdue={max(_seconds(overdue), 0)}s"
    if age > bounds.oldest:
        return Finding(level=Level.CRITICAL, words=f"its last pass was {_ago(age)} ago", figure=figure)
    if overdue > bounds.oldest:
        return Finding(level=Level.CRITICAL, words=f"a timer is overdue by {_ago(overdue)}", figure=figure)
    return Finding(level=Level.OK, words=f"its last pass was {_ago(age)} ago", figure=figure)


def _queue(bot: Bot, bounds: Bounds) -> Finding:
    """What could leave leaves soon."""
    found, now = _health(bot), bot.now()
    ages = {
        "letter": now - found.oldest_letter if found.oldest_letter else timedelta(),
        "network request": now - found.oldest_network_request if found.oldest_network_request else timedelta(),
    }
    what, age = max(ages.items(), key=lambda item: item[1])
    figure = f"waiting={_seconds(age)}s"
    with bot.store.reading() as conn:
        paused = Transaction(conn).fact(PAUSED)
    if paused:
        return Finding(level=Level.WARNING, words=f"paused ({paused})", figure=figure)
    late = age > bounds.oldest
    words = f"a {what} waits since {_ago(age)}" if age else "nothing waits to leave"
    return Finding(level=Level.CRITICAL if late else Level.OK, words=words, figure=figure)


def _mailbox(bot: Bot, bounds: Bounds) -> Finding:  # noqa: ARG001 (all probes are called alike)
    return Finding(level=Level.OK, words="; ".join(bot.mailbox.check()) or "it answers")


def _relay(bot: Bot, bounds: Bounds) -> Finding:  # noqa: ARG001
    return Finding(level=Level.OK, words="; ".join(bot.relay.check()) or "it answers")


def _database(bot: Bot, bounds: Bounds) -> Finding:  # noqa: ARG001
    with bot.store.reading() as conn:
        broken = space.check(conn)
    level = Level.CRITICAL if broken else Level.OK
    return Finding(level=level, words=broken[0] if broken else "it answers, and no space is lost or given twice")


def _pools(bot: Bot, bounds: Bounds) -> Finding:  # noqa: ARG001
    """None is full, or as full as its `warn_at`."""
    full: list[str] = []
    warned: list[str] = []
    figures = []
    with bot.store.reading() as conn:
        present = space.families(conn)
        for name in (definition.name for definition in pool_definitions(bot.config)):
            if name not in present:
                continue
            found = space.figures(conn, name)
            share = 100 * found.used // found.size if found.size else 0
            figures.append(f"{name}={share}%")
            if not found.free:
                full.append(name)
            elif share >= bot.desk.warn_at.get(name, 101):
                warned.append(name)
    level = Level.CRITICAL if full else Level.WARNING if warned else Level.OK
    words = [f"{name} is full" for name in full] + [f"{name} is nearly full" for name in warned]
    return Finding(level=level, words=", ".join(words) or "all have room", figure=" ".join(figures))


def _certificates(bot: Bot, bounds: Bounds) -> Finding:  # noqa: ARG001
    """Those of our servers, and of our own pages, hold for some time yet."""
    levels, words, figures = [Level.OK], [], []
    for what, (host, port, starttls, ca) in _secured(bot.config):
        try:
            days = (expires(host, port, starttls=starttls, ca=ca) - bot.now()).days
        except NoCertificate as error:
            levels.append(Level.CRITICAL)
            words.append(f"{what}: {error}")
            continue
        figures.append(f"{what}={days}d")
        if days < SOON:
            levels.append(Level.CRITICAL if days < AT_ONCE else Level.WARNING)
            words.append(f"the certificate of the {what} ({host}) ends in {days} days")
    level = max(levels)
    return Finding(level=level, words=", ".join(words) or "none ends soon", figure=" ".join(figures))


def _secured(config: Config) -> Iterator[tuple[str, tuple[str, int, str, Path | None]]]:
    """What is spoken to by TLS: (host, port, what is spoken before STARTTLS, authorities)."""
    for what, of in (("mailbox", config.mailbox), ("relay", config.relay)):
        parts = urlsplit(of.url)
        if parts.scheme in _TLS:
            port, starttls = _TLS[parts.scheme]
            yield what, (parts.hostname or "", parts.port or port, starttls, of.ca)
    if config.web and config.web.url and config.web.url.startswith("https://"):
        parts = urlsplit(config.web.url)
        yield "web", (parts.hostname or "", parts.port or 443, "", None)


def _targets(bot: Bot, bounds: Bounds) -> Finding:
    """Each could be told something now; what has failed again and again for longer than the age is critical."""
    unable = []
    for name, driver in bot.drivers.items() if bot.config.targets else ():
        try:
            driver.check()
        except MailbotError as error:
            unable.append(f"{name}: {error}")
    with bot.store.reading() as conn:
        paused = [one for one in breaker.breakers(conn).values() if one.until is not None]
    words = [*unable, *(f"{one.target} is paused, failing since {_ago(bot.now() - one.since)}" for one in paused)]
    is_late = any(bot.now() - one.since > bounds.oldest for one in paused)
    level = Level.CRITICAL if unable or is_late else Level.WARNING if paused else Level.OK
    return Finding(level=level, words="; ".join(words) or "all could be told", figure=f"paused={len(paused)}")


def _subscribers(bot: Bot, bounds: Bounds) -> Finding:
    """Each takes what he is told, and none is far behind. Callbacks of the API are others' affair: never critical."""
    now = bot.now()
    with bot.store.reading() as conn:
        known, last = subscribers.subscriptions(conn), following.last_position(conn)
    failing = [(to, now - to.failing_since) for to in known if to.failing_since is not None]
    words = [f"{to.id} takes nothing since {_ago(age)}" for to, age in failing if to.is_configured]
    keys = Counter(to.key for to, _ in failing if not to.is_configured)
    words += [f"callbacks of the key {key} that take nothing: {count}" for key, count in keys.items()]
    is_long = any(age > bounds.oldest for to, age in failing if to.is_configured)
    level = Level.CRITICAL if is_long else Level.WARNING if failing else Level.OK
    behind = max((last - to.position for to in known), default=0)
    return Finding(level=level, words=", ".join(words) or "all take what they are told", figure=f"behind={behind}")


PROBES: dict[str, Callable[[Bot, Bounds], Finding]] = {
    "errors": _errors,
    "punctual": _punctual,
    "queue": _queue,
    "mailbox": _mailbox,
    "relay": _relay,
    "database": _database,
    "pools": _pools,
    "targets": _targets,
    "certificates": _certificates,
    "subscribers": _subscribers,
}


class _Plugin(click.Command):
    """What keeps it from asking is a line too, and UNKNOWN: monitoring reads standard output, and takes 2 for worse."""

    def make_context(self, *args: Any, **more: Any) -> click.Context:
        with _unknown():
            return super().make_context(*args, **more)

    def invoke(self, ctx: click.Context) -> Any:
        with _unknown():
            return super().invoke(ctx)


@contextmanager
def _unknown() -> Iterator[None]:
    try:
        yield
    except (click.exceptions.Exit, click.Abort):
        raise
    except Exception as error:
        words = _in_words(error)
        if words is None and os.environ.get(TRACEBACK):
            raise
        ours = f"a fault of mailbot's own: {type(error).__name__}: {error}"
        click.echo(f"{Level.UNKNOWN.name} - {' '.join((words or ours).split())}")
        raise click.exceptions.Exit(Level.UNKNOWN) from None


def _in_words(error: Exception) -> str | None:
    if isinstance(error, Faulty):
        return "; ".join(map(str, error.faults))
    return error.format_message() if isinstance(error, click.ClickException) else trouble.words(error)


@click.command(cls=_Plugin)
@click.argument("name", required=False, type=click.Choice([*PROBES]))
@click.option("--max", "most", type=click.IntRange(min=0), default=10, show_default=True, help="Of errors.")
@click.option("--max-age", default="10 minutes", show_default=True, metavar="TIME", help="Of a pass, of what waits.")
def probe(name: str | None, most: int, max_age: str) -> None:
    """One line, and exit 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN; without a name, of all: the worst counts."""
    try:
        bounds = Bounds(most=most, oldest=Duration.parse(max_age).elapsed)
    except ValueError as wrong:
        raise Usage(f"--max-age: {wrong}") from None
    with setting.bot(only_looks=True) as bot:
        found = {one: _tried(one, bot, bounds) for one in ([name] if name else PROBES)}
    worst = min((finding.level for finding in found.values()), key=_SEVERITY.index)
    shown = {one: finding for one, finding in found.items() if name or finding.level is not Level.OK}
    words = "; ".join(f"{', '.join(names)}: {what}" for what, names in _by_words(shown).items()) or "all is well"
    figures = " ".join(finding.figure for finding in found.values() if finding.figure)
    click.echo(f"{worst.name} - {words}{f' | {figures}' if figures else ''}")
    raise click.exceptions.Exit(int(worst))


def _by_words(found: Mapping[str, Finding]) -> dict[str, list[str]]:
    """What was found, and by which probes: where all ask one database, it is told once that it is not there."""
    names: dict[str, list[str]] = {}
    for name, finding in found.items():
        names.setdefault(finding.words, []).append(name)
    return names


def _tried(name: str, bot: Bot, bounds: Bounds) -> Finding:
    """What cannot be asked is critical where it is a connection of ours; nothing is ever a traceback."""
    try:
        return PROBES[name](bot, bounds)
    except Exception as error:
        words = trouble.words(error)
        if words is None:
            raise
        return Finding(level=Level.CRITICAL, words=" ".join(words.split()))


def _health(bot: Bot) -> Health:
    with bot.store.reading() as conn:
        return health(conn, bot.now(), bot.now() - DAY)


def _seconds(time: timedelta) -> int:
    return int(time.total_seconds())


def _ago(time: timedelta) -> str:
    """In the largest unit that is whole enough: "3 min", "2 h"."""
    seconds = _seconds(time)
    for length, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
