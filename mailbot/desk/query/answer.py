"""The answer to a question, for whoever asks it."""

from dataclasses import dataclass, replace
from datetime import datetime, time, tzinfo
from functools import cached_property
from typing import Any, assert_never

from mailbot.addresses import address_text
from mailbot.desk.context import View, shown, shown_day
from mailbot.desk.found import Found, RequestRow, Room, WaitingRow, Whole
from mailbot.desk.query.question import Question
from mailbot.desk.query.rights import Asker
from mailbot.desk.query.rows import Rows
from mailbot.desk.settle import Desk
from mailbot.errors import NotFound
from mailbot.mail.command import Query
from mailbot.mail.command.times import SECOND, Span
from mailbot.mail.letter import line
from mailbot.process.customers import spelled
from mailbot.process.reader import addresses_of
from mailbot.process.request import Request
from mailbot.store import Transaction, customers, quotas, records, space, views
from mailbot.store.records import Place
from mailbot.words import phrase_of, say

MOST = 20
"""Lines of a list; of more, the newest."""
MOST_HELD = 1_000
"""Prefixes under each name of a customer whose services are counted."""
MOST_ENTRIES = 50
"""Of one request's history."""
_NOISE = frozenset({"letter"})
"""Entries that would hide what happened: whom we have told."""


def answer(desk: Desk, tx: Transaction, asker: Asker, question: Question, now: datetime) -> Found:
    """What is on record at this moment."""
    room = _ReadingRoom(desk=desk, tx=tx, asker=asker, now=now)
    match question.query:
        case Query.MINE:
            return room.mine()
        case Query.ADDRESS:
            return room.address(question)
        case Query.REFERENCE:
            return room.reference(question.text)
        case Query.USER:
            return room.user(question.text)
        case Query.POOL:
            return room.free(question.text, question.length)
        case Query.CUSTOMER:
            return room.customer(question.text)
        case _:
            assert_never(question.query)


@dataclass(frozen=True, kw_only=True)
class _ReadingRoom:
    """Where one person reads."""

    desk: Desk
    tx: Transaction
    asker: Asker
    now: datetime

    def mine(self) -> Found:
        seats = {name for name in self.asker.names if "@" in name}
        waiting = records.waiting(self.tx.conn, seats, MOST)
        rows = tuple(self._waiting(*row) for row in waiting.rows)
        return self._of_person(Query.MINE, self.asker.person, waiting=rows, waiting_more=waiting.more)

    def user(self, name: str) -> Found:
        """By any of his addresses; whose other one it is, the answer does not tell."""
        return replace(self._of_person(Query.USER, self.asker.directory.person(name)), about=line(name))

    def reference(self, name: str) -> Found:
        """One request whole; of several that others call so, what they are."""
        named = records.named(self.tx.conn, name, self.asker.sight, MOST)
        rows = views.with_addresses(self.tx.conn, named.rows)
        requests = tuple(map(self._request, rows))
        found = Found(query=Query.REFERENCE, about=line(name), requests=requests, requests_more=named.more)
        return replace(found, whole=self._whole(rows[0])) if len(rows) == 1 else found

    def _whole(self, request: Request) -> Whole:
        view = self._view(request)
        titles, entries = view.titles, records.trace(self.tx.conn, request.reference, MOST_ENTRIES, _NOISE)
        return self._rows.whole(view, entries, titles)

    def address(self, question: Question) -> Found:
        assert question.block is not None  # noqa: S101 (who read the question has seen to it)
        span = (question.span.begin, question.span.end) if question.span else None
        place = Place(block=question.block, span=span)
        around = records.holders(self.tx.conn, replace(place, within=False), self.asker.sight, MOST)
        within = records.holders(self.tx.conn, replace(place, around=False), self.asker.sight, MOST)
        return Found(
            query=Query.ADDRESS,
            about=str(question.block)
            if question.block.host_bits
            else address_text(question.block.family, question.block.network),
            at=_words(question.span, self._zone) if question.span else "",
            holders=tuple(map(self._rows.holder, reversed(around.rows))),
            holders_more=around.more,
            within=tuple(map(self._rows.holder, reversed(within.rows))),
            within_more=within.more,
        )

    def free(self, pool: str, length: int | None) -> Found:
        """How many would fit, and never which."""
        found = Found(query=Query.POOL, about=line(pool))
        if not self.asker.may_ask_for_room(pool):
            return found
        try:
            count, refusal = space.room(self.tx.conn, pool, length), ""
        except NotFound:
            return found
        except space.PoolRefuses as refused:
            count, refusal = 0, phrase_of(refused)
        if gone := pool not in self.desk.directory.pools:
            count, refusal = 0, say("pools.is_not_configured", pool=pool)
        title = line(self.desk.post.correspondent.pools.get(pool, pool))
        return replace(found, room=Room(pool=title, length=length, count=count, refusal=refusal, gone=gone))

    def customer(self, name: str) -> Found:
        """His record, his requests and his space; of one that he may not see, what is said of one who is not there."""
        conn, asker = self.tx.conn, self.asker
        about = name or (asker.customer.name if asker.customer else "")
        found = Found(query=Query.CUSTOMER, about=line(about))
        customer = customers.named(conn, [about]).get(spelled(about))
        if customer is None or not asker.may_see_customer(customer):
            return found
        requests = records.concerning(conn, customer.mark, asker.sight, MOST)
        held = records.booked_under(conn, customer.names, asker.sight, MOST)
        services = records.services(conn, customer.names, asker.sight, MOST_HELD)
        rests = quotas.rests(conn, customer, self.now, self._zone)
        return replace(
            found,
            customer=self._rows.customer(customer, rests, services),
            requests=tuple(map(self._request, views.with_addresses(conn, requests.rows))),
            requests_more=requests.more,
            held=tuple(map(self._rows.holding, held.rows)),
            held_more=held.more,
        )

    # -- what is shown of it -------------------------------------------------------------------------------------------

    def _of_person(self, query: Query, person: str, **waiting: Any) -> Found:
        asker, conn = self.asker, self.tx.conn
        requests = records.requests(conn, person, asker.sight, MOST)
        held = records.held_by(conn, addresses_of(person, asker.directory), asker.sight, MOST)
        return Found(
            query=query,
            about="",
            requests=tuple(map(self._request, views.with_addresses(conn, requests.rows))),
            requests_more=requests.more,
            held=tuple(map(self._rows.holding, held.rows)),
            held_more=held.more,
            **waiting,
        )

    def _request(self, request: Request) -> RequestRow:
        return self._rows.request(request, self.desk.process(self.tx, request).title)

    def _waiting(self, request: Request, step: str, due: datetime | None) -> WaitingRow:
        return self._rows.waiting(request, self._view(request).titles[step], due)

    def _view(self, request: Request) -> View:
        process = self.desk.process(self.tx, request)
        return self.desk.post.correspondent.view_of(request, process, self.asker.directory)

    @property
    def _zone(self) -> tzinfo:
        return self.desk.post.correspondent.letterhead.zone

    @cached_property
    def _rows(self) -> Rows:
        ours = self.desk.post.correspondent
        return Rows(asker=self.asker, pools=ours.pools, zone=self._zone, now=self.now, space=ours.space)


def _words(span: Span, zone: tzinfo) -> str:
    """A day; a moment; or two moments, where the clocks of the zone showed the same time twice."""
    begin, end = (at.astimezone(zone) for at in (span.begin, span.end))
    if begin.time() == end.time() == time():
        return say("query.on_day", day=shown_day(begin))
    if span.is_moment:
        return say("query.at_moment", moment=shown(begin, zone, exactly=True))
    return say("query.from_to", begin=shown(begin, zone, exactly=True), end=shown(end - SECOND, zone, exactly=True))
