"""`mailbot subscribers`: who is told of events, how far each has come, and what he says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

import click

from mailbot.bot import Bot
from mailbot.broadcast import letter, terms_of
from mailbot.cli import setting
from mailbot.cli.group import Group
from mailbot.cli.output import json_option, one_line, print_json, print_line, print_table, when
from mailbot.config.events import Severity
from mailbot.config.subscribers import MailSubscriber
from mailbot.errors import NotFound, NotPossible
from mailbot.process.news.payload import Event
from mailbot.process.shape import instant
from mailbot.store import Connection, Transaction, following
from mailbot.store import subscribers as feed
from mailbot.store.subscribers import Subscription
from mailbot.subscriber import Message, NotTaken


@click.group(cls=Group)
def subscribers() -> None:
    """Who is told of events: [subscribers] in config.toml, and what the API's hub has been asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """Where somebody stands: `behind` are events that he has not read past, of whatever type."""

    to: Subscription
    kind: str
    where: str
    behind: int


@subscribers.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Each subscriber, how many events he is behind, and what he said last where he takes none."""
    with setting.bot() as bot, bot.store.reading() as conn:
        places = [_place(bot, to, following.last_position(conn)) for to in _known(bot, conn)]
        zone = bot.config.bot.zone
    if as_json:
        print_json([_shape(place) for place in places])
        return
    rows = (
        [p.to.id, p.kind, p.where, str(p.behind), when(p.to.failing_since, zone), one_line(p.to.error)] for p in places
    )
    print_table(["id", "kind", "where", "behind", "fails since", "because"], rows, "Nobody is told of events.")


@subscribers.command()
@click.argument("id_", metavar="ID")
def test(id_: str) -> None:
    """Tell one subscriber an event of type `test`, now and apart from all others."""
    with setting.bot() as bot:
        with bot.store.reading() as conn:
            to = _one(bot, conn, id_)
        words = _tried(bot, to, bot.now())
    print_line(f"{id_}: {words}")


@subscribers.command()
@click.argument("id_", metavar="ID")
@click.option("--to", "position", type=click.IntRange(min=1), metavar="SEQUENCE", help="Up to this event, and with it.")
def skip(id_: str, position: int | None) -> None:
    """Go over the event that a subscriber does not take (or over several), and tell him what comes behind it."""

    def change(tx: Transaction) -> int:
        to = _one(bot, tx.conn, id_)
        last = following.last_position(tx.conn)
        wanted = terms_of(to, bot.config.subscribers).wanted
        next_ = following.after(tx.conn, to.position, wanted, until=last, most=1)
        if not next_:
            raise NotPossible(f"{id_} has all events")
        place = min(position or next_[0].position, last)
        if place <= to.position:
            raise NotPossible(f"{id_} has the event {place} already: the next one is {next_[0].position}")
        feed.move(tx.conn, id_, place)
        setting.house_note(tx, bot, "events skipped", f"{id_}: up to {place}")
        return place

    with setting.bot() as bot:
        place = setting.committed(bot, change)
    print_line(f"{id_}: goes on behind the event {place} with the next pass of `mailbot run`.")


def _known(bot: Bot, conn: Connection) -> list[Subscription]:
    """Those of the configuration that no bot has seen yet are not among them."""
    named = bot.config.subscribers
    return [to for to in feed.subscriptions(conn) if not to.is_configured or to.id in named]


def _one(bot: Bot, conn: Connection, id_: str) -> Subscription:
    """Raises NotFound."""
    found = next((to for to in _known(bot, conn) if to.id == id_), None)
    if found is None:
        new = f"[subscribers.{id_}] is new: it is known after a pass of `mailbot run`"
        raise NotFound(new if id_ in bot.config.subscribers else f"there is no subscriber {id_!r}")
    return found


def _tried(bot: Bot, to: Subscription, now: datetime) -> str:
    event = Event(
        id=f"test-{uuid4().hex}",
        sequence=0,
        at=now,
        type="test",
        severity=Severity.INFO,
        reference=None,
        facts={"detail": "mailbot subscribers test"},
    )
    configured = bot.config.subscribers.get(to.id)
    if isinstance(configured, MailSubscriber):
        with bot.store.transaction() as tx:
            bot.desk.tell(tx, [letter(event, configured.to)], now)
        return f"a letter to {configured.to} leaves with the next pass of `mailbot run`"
    body, content_type = bot.broadcast.telling.plain(event, terms_of(to, bot.config.subscribers))
    message = Message(
        id=event.id,
        at=now,
        type=event.type,
        severity=event.severity,
        reference=None,
        words=event.words,
        body=body,
        content_type=content_type,
    )
    try:
        bot.broadcast.sink(to).deliver(message, now)
    except NotTaken as error:
        raise NotPossible(f"{to.id} has not taken it: {error}") from None
    return "taken"


def _place(bot: Bot, to: Subscription, last: int) -> _Place:
    kind, where = _where(bot, to)
    return _Place(to=to, kind=kind, where=where, behind=max(0, last - to.position))


def _where(bot: Bot, to: Subscription) -> tuple[str, str]:
    configured = bot.config.subscribers.get(to.id)
    if configured is None:
        return "hub", (to.callback or "").partition("?")[0]
    return configured.kind, configured.where


def _shape(place: _Place) -> Mapping[str, Any]:
    to = place.to
    return {
        "id": to.id,
        "kind": place.kind,
        "where": place.where,
        "key": to.key,
        "query": to.query,
        "scope": dict(to.scope),
        "created": instant(to.created),
        "sequence": to.position,
        "behind": place.behind,
        "delivered": instant(to.delivered),
        "attempts": to.attempts,
        "not_before": instant(to.not_before),
        "failing_since": instant(to.failing_since),
        "error": to.error,
    }
