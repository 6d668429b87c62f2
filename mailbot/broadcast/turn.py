"""A subscriber's turn: he is told what he lacks, one event after the other, and each is marked when he has it.

An event is told twice in one case only: it was taken, and we were killed before our mark was committed, or its answer
was lost. Then it comes again, with the same id.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from mailbot.config.subscribers import AnySubscriber, Format, MailSubscriber, SyslogSubscriber, WebhookSubscriber
from mailbot.desk import Desk
from mailbot.desk.telling import Hub, Telling, Terms
from mailbot.errors import Conflict, MailbotError
from mailbot.process.news import Scope
from mailbot.process.news.hub import Query
from mailbot.process.news.payload import Event, plain
from mailbot.process.request import Kind, Notice
from mailbot.store import Connection, Store, Transaction, customers, following, subscribers
from mailbot.store.alerting import alert, all_clear
from mailbot.store.following import Told, Wanted
from mailbot.store.subscribers import Subscription, Turn
from mailbot.subscriber import Gone, Message, Sink
from mailbot.words import say

log = logging.getLogger(__name__)

A_TURN = 50
"""Events that a subscriber is told in one turn."""

FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=15)
TOLD_AFTER = timedelta(minutes=15)
"""So long a subscriber may take nothing before admins hear of it."""
ENDED_AFTER = timedelta(days=3)
"""So long a callback of the API may take nothing before its subscription is ended."""
TOGETHER = timedelta(hours=1)
"""What is to end so soon after another callback of its key ends with it: admins have one letter of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """`configured` are the configuration's subscribers by name; `sink` finds how one is reached."""

    store: Store
    desk: Desk
    telling: Telling
    configured: Mapping[str, AnySubscriber]
    sink: Callable[[Subscription], Sink]
    clock: Callable[[], datetime]

    def take(self, turn: Turn, last: int) -> int:
        """Tell him what he lacks, up to the event of that number; how many he took."""
        taken = 0
        try:
            told = self._next(turn, last)
            for one, event in told:
                if event is not None:
                    self._deliver(turn, event)
                    taken += 1
                if not self._mark(turn, one, event):
                    return taken
        except Conflict:  # ours, and not his: his next turn goes on from the last mark
            self._end_turn(turn)
        except MailbotError as error:
            self._failed(turn, taken, str(error), is_gone=isinstance(error, Gone))
        except Exception as error:
            log.exception("%s could not be told", turn.to.id)
            self._failed(turn, taken, f"{type(error).__name__}: {error}")
        else:
            self._end_turn(turn, last if len(told) < A_TURN else None)
        return taken

    def _end_turn(self, turn: Turn, position: int | None = None) -> None:
        """`position`: nothing more up to there was for him."""
        with self.store.transaction() as tx:
            if position is not None:
                subscribers.pass_over(tx.conn, turn, position)
            subscribers.end_turn(tx.conn, turn)

    def _next(self, turn: Turn, last: int) -> list[tuple[Told, Event | None]]:
        """His next ones, in their order; None for what is not his to see."""
        terms = terms_of(turn.to, self.configured)
        with self.store.reading() as conn:
            terms = replace(terms, scope=_as_on_record(conn, terms.scope))
            found = following.after(conn, turn.to.position, terms.wanted, until=last, most=A_TURN)
            return [(told, self.telling.event(conn, told, terms)) for told in found]

    def _deliver(self, turn: Turn, event: Event) -> None:
        """Raises NotTaken. A letter is written with its mark: so it is one letter an event."""
        if isinstance(self.configured.get(turn.to.id), MailSubscriber):
            return
        body, content_type = self.telling.body(event, terms_of(turn.to, self.configured))
        message = Message(
            id=event.id,
            at=event.at,
            type=event.type,
            severity=event.severity,
            reference=event.reference,
            words=event.words,
            body=body,
            content_type=content_type,
        )
        self.sink(turn.to).deliver(message, self.clock())

    def _mark(self, turn: Turn, told: Told, event: Event | None) -> bool:
        """Whether the turn is still ours."""
        now = self.clock()
        with self.store.transaction() as tx:
            if event is None:
                return subscribers.pass_over(tx.conn, turn, told.position)
            if not subscribers.mark_taken(tx.conn, turn, told.position, now):
                return False
            _well(tx, turn.to, now)
            to = self.configured.get(turn.to.id)
            if isinstance(to, MailSubscriber):
                self.desk.tell(tx, [letter(event, to.to)], now)
        return True

    def _failed(self, turn: Turn, taken: int, why: str, *, is_gone: bool = False) -> None:
        """He is told later; who has been away for long, admins hear of."""
        log.warning("%s takes no events: %s", _named(turn.to), why)
        now = self.clock()
        attempts = 0 if taken else turn.to.attempts
        pause = min(FIRST_PAUSE * 2 ** min(attempts, 10), LONGEST_PAUSE)
        is_hub = not turn.to.is_configured
        with self.store.transaction() as tx:
            if is_hub:
                tx.hold(_cause(turn.to))  # what others of its key are marked with too: one after the other
            since = subscribers.mark_failed(tx.conn, turn, why, now + pause, now)
            if since is None:
                return
            if is_hub and (is_gone or now - since >= ENDED_AFTER):
                self._end(tx, turn.to, [] if is_gone else _failing(tx, turn.to, now - ENDED_AFTER + TOGETHER), why, now)
            elif now - since >= TOLD_AFTER and subscribers.note_told(tx.conn, turn.to):
                self._tell_admins(tx, turn.to, since, why, now)

    def _end(self, tx: Transaction, to: Subscription, alike: list[Subscription], why: str, now: datetime) -> None:
        """`alike` are the callbacks of its key that end with it."""
        for one in alike or [to]:
            subscribers.unsubscribe(tx.conn, one.id)
        _well(tx, to, now)
        if len(alike) > 1:
            self._say(tx, say("broadcast.are_not_told_any_more", count=len(alike), key=to.key), _each(alike), now)
        else:
            self._say(tx, say("broadcast.is_not_told_any_more", who=_named(to)), [why], now)

    def _tell_admins(self, tx: Transaction, to: Subscription, since: datetime, why: str, now: datetime) -> None:
        alert(tx, _cause(to), f"{_named(to)} takes no events: {why}", now)
        alike = [] if to.is_configured else _failing(tx, to, now)
        moment = f"{since:%Y-%m-%d %H:%M}"
        if len(alike) > 1:
            what = say("broadcast.take_no_events_since", count=len(alike), key=to.key, since=moment)
            self._say(tx, what, _each(alike), now)
        else:
            self._say(tx, say("broadcast.takes_no_events_since", who=_named(to), since=moment), [why], now)

    def _say(self, tx: Transaction, what: str, lines: list[str], now: datetime) -> None:
        facts = {
            "headline": what,
            "text": say("broadcast.nothing_is_lost"),
            "lines": lines,
        }
        admins = self.desk.directory.admins
        self.desk.tell(tx, [Notice(kind=Kind.ALERT, to=admin, facts=facts) for admin in admins], now)


def terms_of(to: Subscription, configured: Mapping[str, AnySubscriber]) -> Terms:
    """On which somebody is told: the configuration's, or the API's."""
    found = configured.get(to.id)
    if found is None:
        return Terms(
            wanted=Wanted(types=("request.*", "step.done")),
            scope=Scope.read(to.scope),
            hub=Hub(query=Query.parse(to.query), key=to.key or "", version=to.version or "v4"),
        )
    return Terms(
        wanted=Wanted(types=() if "*" in found.types else found.types, severity=found.severity.severity),
        scope=Scope(
            customers=found.customers,
            requesters=found.requesters,
            sees_everything=not found.customers and not found.requesters,
        ),
        format=found.format if isinstance(found, WebhookSubscriber | SyslogSubscriber) else Format.JSON,
    )


def _as_on_record(conn: Connection, scope: Scope) -> Scope:
    """With all that its customers are called, so that theirs is what their keys see."""
    found = customers.named(conn, scope.customers)
    names = {name for customer in found.values() for name in customer.names}
    return replace(scope, customers=(*scope.customers, *sorted(names)))


def letter(event: Event, to: str) -> Notice:
    """For a mailbox, as a ticket system has: a line a fact, of which `alert.cause` says which ticket it is about."""
    values = {name: value for name, value in plain(event).items() if value is not None and name != "request"}
    lines = [f"{name}: {value}" for name, value in _flat(values)]
    return Notice(kind=Kind.EVENT, to=to, facts={"subject": event.words, "headline": event.type, "lines": lines})


def _flat(values: Mapping[str, object], above: str = "") -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for name, value in values.items():
        found += _flat(value, f"{above}{name}.") if isinstance(value, Mapping) else [(f"{above}{name}", value)]
    return found


def _cause(to: Subscription) -> str:
    """Of all callbacks of a key it is one."""
    return f"subscriber/{to.id}" if to.is_configured else f"callbacks/{to.key}"


def _failing(tx: Transaction, to: Subscription, since: datetime) -> list[Subscription]:
    """The callbacks of his key that have taken nothing since then at least, himself among them."""
    of_key = subscribers.subscriptions(tx.conn, key=to.key)
    return [one for one in of_key if one.failing_since is not None and one.failing_since <= since]


def _well(tx: Transaction, to: Subscription, now: datetime) -> None:
    """He takes events, or is told none any more; with callbacks it is well once none of their key fails."""
    if to.is_configured or not _failing(tx, to, now):
        all_clear(tx, _cause(to), now)


def _each(alike: list[Subscription]) -> list[str]:
    return [say("broadcast.of_callback", address=one.callback, why=one.error) for one in alike]


def _named(to: Subscription) -> str:
    if to.is_configured:
        return say("broadcast.the_subscriber", name=to.id)
    return say("broadcast.the_callback", address=to.callback)
