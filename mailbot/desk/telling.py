"""How an event is told to one subscriber: what he may see of it, in the form that he wants."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from mailbot.config.subscribers import Format
from mailbot.desk.settle import Desk
from mailbot.process.news import Scope
from mailbot.process.news.hub import Query
from mailbot.process.news.payload import Event, facts_for_customer, for_customer, plain, tmf
from mailbot.process.request import Request
from mailbot.process.shape import shape
from mailbot.store import Connection, Transaction, absences, attachments, codec
from mailbot.store.following import Told, Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """A subscription of TM Forum's hub: what it asks for, and by which key and in which version it did."""

    query: Query
    key: str
    version: str


Order = Callable[[Connection, Request, datetime, Hub], Mapping[str, Any] | None]
"""A request, as it stood at that moment, as the service order that the key would be shown; None: it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On which a subscriber is told. `hub` makes it TM Forum's shape."""

    wanted: Wanted = field(default_factory=Wanted)
    scope: Scope = field(default_factory=lambda: Scope(sees_everything=True))
    format: Format = Format.JSON
    hub: Hub | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """`order` is how a request looks as a service order, `markup` how an event looks in XML."""

    desk: Desk
    markup: Callable[[Mapping[str, Any]], bytes]
    order: Order

    def event(self, conn: Connection, told: Told, terms: Terms) -> Event | None:
        """None where it is not for him."""
        request = None if told.snapshot is None else codec.read(told.snapshot)
        if not terms.scope.sees(request, told.facts.get("allocation")):
            return None
        view = None if request is None else self._view(conn, request, told)
        facts = told.facts
        if not terms.scope.sees_everything:
            facts, view = facts_for_customer(facts), view and for_customer(view)
        event = Event(
            id=told.name,
            sequence=told.position,
            at=told.at,
            type=told.type,
            severity=told.severity,
            reference=told.reference,
            facts=facts,
            request=view,
        )
        return event if terms.hub is None else self._ordered(conn, event, request, terms.hub)

    def _ordered(self, conn: Connection, event: Event, request: Request | None, hub: Hub) -> Event | None:
        if request is None or not hub.query.asks_for(event):
            return None
        order = self.order(conn, request, event.at, hub)
        return None if order is None else replace(event, order=order)

    def body(self, event: Event, terms: Terms) -> tuple[bytes, str]:
        """What he is sent, and its Content-Type."""
        if terms.hub is not None:
            return _json(tmf(event))
        return self.plain(event, terms)

    def plain(self, event: Event, terms: Terms) -> tuple[bytes, str]:
        """The same in our own shape."""
        if terms.format is Format.XML:
            return self.markup(plain(event)), "application/xml; charset=utf-8"
        return _json(plain(event))

    def _view(self, conn: Connection, request: Request, told: Told) -> dict[str, Any]:
        """As it was then: late or not, in jeopardy or not."""
        tx = Transaction(conn)
        away = absences.that_hold(conn, told.at)
        directory = replace(self.desk.directory, absences=away, usual=self.desk.pace.at(conn, told.at))
        files = attachments.with_it(conn, request)
        return shape(request, self.desk.process(tx, request), directory, request.addresses, files, told.at)


def _json(values: Mapping[str, Any]) -> tuple[bytes, str]:
    return f"{json.dumps(values, ensure_ascii=False)}\n".encode(), "application/json"
