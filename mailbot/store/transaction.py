"""What a door may do within its transaction: load values, record them, post letters. The block's end commits."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import Any, NamedTuple

from sqlalchemy import Connection, Insert, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import ReturningInsert

from mailbot.errors import Conflict, NotFound
from mailbot.process.marks import Mark
from mailbot.process.news import news, news_of
from mailbot.process.request import Drive, Entry, Request, State
from mailbot.store import chain, codec, concerns, driving, feed, tables
from mailbot.store.engine import told
from mailbot.store.values import Posted, Stored, Threads, TokenRow, Waiting


class Transaction:
    """One connection inside one transaction. Nothing here commits."""

    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        # PostgreSQL's takes its time to import: only who uses it pays for it.
        self._upserts = _upserts(conn.dialect.name)

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Undoes what is done within when it fails; the transaction goes on. Raises Conflict, StoreUnreachable."""
        try:
            with self.conn.begin_nested():
                yield
        except DBAPIError as error:
            raise told(error) from error

    # -- facts and rules -----------------------------------------------------------------------------------------------

    def hold(self, name: str) -> None:
        """Until we end, nobody else passes here with this name: for facts that are counted on, there already or not."""
        if self.conn.dialect.name == "postgresql":  # SQLite has one writer at a time
            self.conn.execute(_HOLD, {"name": name})

    def fact(self, name: str) -> str | None:
        return self.conn.execute(_FACT, {"name": name}).scalar_one_or_none()

    def facts(self, beginning: str) -> dict[str, str]:
        """All facts whose names begin so, without that beginning."""
        found = select(tables.fact).where(tables.fact.c.name.startswith(beginning, autoescape=True))
        return {row.name.removeprefix(beginning): row.value for row in self.conn.execute(found)}

    def set_fact(self, name: str, value: str | None) -> None:
        if value is None:
            self.conn.execute(delete(tables.fact).where(tables.fact.c.name == name))
            return
        self.conn.execute(self._upserts.fact, {"name": name, "value": value})

    def next_reference(self, prefix: str) -> str:
        """The next of IP-1, IP-2, …: none is left out, none is given twice."""
        self.hold(_LAST_REFERENCE)
        number = int(self.fact(_LAST_REFERENCE) or 0) + 1
        self.set_fact(_LAST_REFERENCE, str(number))
        return f"{prefix}-{number}"

    def skip_references(self, number: str | None) -> None:
        """Go on behind this one, where fewer have been given out."""
        if number is not None and int(number) > int(self.fact("last reference") or 0):
            self.set_fact("last reference", number)

    def keep_rules(self, version: str, type_: str, source: str, now: datetime) -> None:
        values = {"version": version, "type": type_, "source": source, "since": now}
        self.conn.execute(self._upserts.rules, values)

    def rules(self, version: str) -> str:
        """The source of a version that a request began with."""
        return str(self.conn.execute(_RULES, {"version": version}).scalar_one())

    # -- requests ------------------------------------------------------------------------------------------------------

    def create(self, request: Request) -> Stored:
        """A new request, with nothing in its history yet."""
        row = _row(request) | {"threads": "{}", "head": chain.ROOT}
        number = self.conn.execute(_CREATE, row).scalar_one()
        # Told before all that comes of it, as it stands when all has come: `record` always follows.
        began = [news("request.created", actor=request.requester)]
        feed.tell(self.conn, began, request.created, reference=request.reference, version=request.version + 1)
        return Stored(id=number, request=request, threads={}, head=chain.ROOT)

    def load(self, reference: str) -> Stored:
        """NotFound when there is none. On PostgreSQL the row is ours until the transaction ends."""
        row = self.conn.execute(_LOAD, {"reference": reference}).one_or_none()
        if row is None:
            raise NotFound(f"there is no request {reference}")
        threads = {person: (ids[0], ids[1]) for person, ids in json.loads(row.threads).items()}
        return Stored(id=row.id, request=codec.read(row.body), threads=threads, head=row.head)

    def record(
        self,
        stored: Stored,
        request: Request,
        *,
        entries: Sequence[Entry],
        threads: Threads,
        message_id: str | None,
        now: datetime,
    ) -> None:
        """Write the request as it is now, with its history. Conflict when it is not what was loaded any more."""
        head = self._chain(stored.head, request.reference, entries, message_id, now)
        request = replace(request, version=stored.request.version + 1)
        row = _row(request) | {
            "threads": json.dumps(threads),
            "head": head,
            "b_id": stored.id,
            "b_version": stored.request.version,
        }
        if self.conn.execute(_RECORD, row).rowcount != 1:
            raise Conflict(f"{request.reference} was changed by another bot")
        concerns.note(self.conn, stored, request)
        if feed.has_subscribers(self.conn):
            told, name = news_of(stored.request, request, entries), request.reference
            feed.tell(self.conn, told, now, reference=name, version=request.version)
            if told or stored.request.version == 0:
                feed.keep(self.conn, name, request.version, row["body"], now)

    def set_timers(self, stored: Stored, marks: Iterable[Mark]) -> None:
        """Bring the ledger of what waits to what the request's values say."""
        self.conn.execute(_DROP_TIMERS, {"request_id": stored.id})
        rows = [{"request_id": stored.id, "step": mark.step or "", "mark": mark.name, "at": mark.at} for mark in marks]
        if rows:
            self.conn.execute(_SET_TIMERS, rows)

    def set_waiting(self, stored: Stored, waiting: Iterable[Waiting]) -> None:
        """Bring the list of what people must do to what the request's values say."""
        self.conn.execute(_DROP_ACTIONS, {"request_id": stored.id})
        rows = [
            {
                "request_id": stored.id,
                "step": w.step,
                "seat": w.seat,
                "departments": "".join(f"|{name}|" for name in w.departments),
                "due": w.due,
                "trouble": w.trouble,
                "waits_for_pool": w.pool,
                "wanted_length": w.length,
            }
            for w in waiting
        ]
        if rows:
            self.conn.execute(_SET_ACTIONS, rows)

    def write_house(self, entries: Sequence[Entry], now: datetime, message_id: str | None = None) -> None:
        """History that is about no request: pools, pauses, restores."""
        self.hold(chain.HOUSE_HEAD)
        head = bytes.fromhex(self.fact(chain.HOUSE_HEAD) or chain.ROOT.hex())
        self.set_fact(chain.HOUSE_HEAD, self._chain(head, None, entries, message_id, now).hex())

    def _chain(
        self,
        head: bytes,
        reference: str | None,
        entries: Sequence[Entry],
        message_id: str | None,
        now: datetime,
    ) -> bytes:
        rows = []
        for e in entries:
            made = chain.link(head, at=now, action=e.action, step=e.step, actor=e.actor, detail=e.detail)
            head = made.hash
            rows.append(
                {
                    "reference": reference,
                    "at": now,
                    "action": e.action,
                    "step": e.step,
                    "actor": e.actor,
                    "detail": e.detail,
                    "message_id": message_id,
                    "salt": made.salt,
                    "commitment": made.commitment,
                    "hash": made.hash,
                }
            )
        if rows:
            self.conn.execute(_HISTORY, rows)
        return head

    # -- letters and tokens --------------------------------------------------------------------------------------------

    def post(self, letters: Sequence[Posted], tokens: Sequence[TokenRow], now: datetime, inbox: int | None) -> None:
        """Put letters into the outbox, and remember what their tokens stand for."""
        if tokens:
            rows = list({t.id: _token_row(t) for t in tokens}.values())
            self.conn.execute(self._upserts.token, rows)
        if letters:
            self.conn.execute(_POST, [_letter_row(letter, now, inbox) for letter in letters])

    def queue(self, drive: Drive, reference: str, now: datetime) -> None:
        """Put a network request into the ledger of what leaves to targets."""
        driving.queue(self.conn, drive, reference, now)

    def withdraw(self, id_: str, detail: str, now: datetime) -> bool:
        """Take a network request out of what leaves to targets; False where it has left."""
        return driving.withdraw(self.conn, id_, detail, now)

    def token(self, id_: str) -> TokenRow | None:
        row = self.conn.execute(_TOKEN, {"id": id_}).mappings().one_or_none()
        return None if row is None else TokenRow(**row)

    def letters_to(self, person: str, since: datetime, kind: str | None = None) -> int:
        """How many letters a person was sent since then: of one kind, or else in answer to believed mail that asked for
        nothing that is decided. What somebody else writes in his name takes nothing from that.
        """
        box = tables.outbox.c
        counted = select(func.count()).where(box.recipient == person, box.created > since)
        answers = or_(box.reference.is_(None), box.kind == "misunderstood")
        wanted = box.kind == kind if kind else and_(box.inbox_id.is_not(None), answers, box.kind != "confirm")
        return int(self.conn.execute(counted.where(wanted)).scalar_one())

    # -- mail that came in ---------------------------------------------------------------------------------------------

    def receive(self, **row: Any) -> int | None:
        """The id of a mail's new row; None when the same mail has been here before."""
        return self.conn.execute(self._upserts.inbox, row).scalar_one_or_none()

    def state_of_mail(self, once: str) -> str:
        return str(self.conn.execute(_STATE_OF_MAIL, {"once": once}).scalar_one())

    def number_of(self, once: str) -> int:
        """The inbox row of the mail that is known by `once`. NotFound when there is none."""
        number = self.conn.execute(select(tables.inbox.c.id).where(tables.inbox.c.once == once)).scalar_one_or_none()
        if number is None:
            raise NotFound("no mail is known by this")
        return int(number)

    def is_known(self, number: int, once: str) -> bool:
        """Whether another mail than this one is known by `once`."""
        box = tables.inbox.c
        return self.conn.execute(select(box.id).where(box.once == once, box.id != number)).first() is not None

    def is_first(self, number: int, once: str) -> bool:
        """Make `once` what this mail is known by; False where another mail was known by it before."""
        if self.is_known(number, once):
            return False
        self.file_mail(number, once=once)
        return True

    def file_mail(self, number: int, **changes: Any) -> None:
        self.conn.execute(_FILE, changes | {"b_id": number})

    def mail(self, number: int) -> Mapping[str, Any]:
        """A row of the inbox, to be handled again. NotFound when there is none."""
        found = select(tables.inbox).where(tables.inbox.c.id == number).with_for_update()
        row = self.conn.execute(found).mappings().one_or_none()
        if row is None:
            raise NotFound(f"there is no mail {number} in the inbox")
        return dict(row)

    def mail_held_since(self, number: int) -> Sequence[Any]:
        """(id, sender, subject, reason) of the mail after `number` that waits for an admin, oldest first."""
        box = tables.inbox.c
        waiting = select(box.id, box.sender, box.subject, box.reason).where(
            box.id > number, box.state.in_(["held", "quarantined"])
        )
        return self.conn.execute(waiting.order_by(box.id)).all()

    def room_wanted(self) -> Sequence[Any]:
        """(pool, length) of what full pools hold steps for, each once."""
        a = tables.action.c
        wanted = select(a.waits_for_pool.label("pool"), a.wanted_length.label("length")).distinct()
        return self.conn.execute(wanted.where(a.waits_for_pool.is_not(None))).all()

    def waiting_for_room(self) -> Sequence[Any]:
        """(reference, requester, step, pool, length) of the steps that a full pool holds, the oldest request first."""
        a = tables.action.c
        wanted = (a.step, a.waits_for_pool.label("pool"), a.wanted_length.label("length"))
        found = select(_request.c.reference, _request.c.requester, *wanted)
        held = found.join(tables.action, a.request_id == _request.c.id)
        held = held.where(a.waits_for_pool.is_not(None), _request.c.state == State.IN_PROGRESS.value)
        return self.conn.execute(held.order_by(_request.c.id)).all()

    # -- timers --------------------------------------------------------------------------------------------------------

    def due_timer(self, now: datetime) -> tuple[str, str | None, str] | None:
        """(reference, step, mark) of the timer that is most overdue, taken out of the ledger; None when none is."""
        row = self.conn.execute(_DUE, {"now": now}).one_or_none()
        if row is None:
            return None
        self.conn.execute(_RING, {"id": row.id})
        return row.reference, row.step or None, row.mark

    def put_off(self, reference: str, step: str | None, mark: str, at: datetime) -> None:
        """A timer that was taken out of the ledger rings again then."""
        number = select(_request.c.id).where(_request.c.reference == reference).scalar_subquery()
        row = {"request_id": number, "step": step or "", "mark": mark, "at": at}
        self.conn.execute(insert(tables.timer).values(row))


def _row(request: Request) -> dict[str, Any]:
    return {
        "reference": request.reference,
        "type": request.type,
        "rules": request.rules,
        "state": request.state.value,
        "requester": request.requester,
        "external_reference": request.external_reference,
        "created": request.created,
        "due": request.due,
        "closed": request.closed,
        "version": request.version,
        "body": codec.written(request),
    }


def _token_row(token: TokenRow) -> dict[str, Any]:
    return {name: getattr(token, name) for name in TokenRow.__slots__}


def _letter_row(letter: Posted, now: datetime, inbox: int | None) -> dict[str, Any]:
    """A letter that is held back counts from when it may leave: it is neither old then nor to be given up."""
    created = letter.not_before or now
    return {name: getattr(letter, name) for name in Posted.__slots__} | {"created": created, "inbox_id": inbox}


_request = tables.request

# Statements are built once: what costs with SQLAlchemy is building them.
_LAST_REFERENCE = "last reference"
_HOLD = select(func.pg_advisory_xact_lock(0x6D626661, func.hashtext(bindparam("name"))))  # "mbfa": apart from `owner`
_FACT = select(tables.fact.c.value).where(tables.fact.c.name == bindparam("name"))
_RULES = select(tables.rules.c.source).where(tables.rules.c.version == bindparam("version"))
_CREATE = insert(tables.request).returning(tables.request.c.id)
_LOAD = (
    select(_request.c.id, _request.c.body, _request.c.threads, _request.c.head)
    .where(_request.c.reference == bindparam("reference"))
    .with_for_update()
)
_RECORD = update(tables.request).where(
    tables.request.c.id == bindparam("b_id"), tables.request.c.version == bindparam("b_version")
)
_DROP_TIMERS = delete(tables.timer).where(tables.timer.c.request_id == bindparam("request_id"))
_SET_TIMERS = insert(tables.timer)
_DROP_ACTIONS = delete(tables.action).where(tables.action.c.request_id == bindparam("request_id"))
_SET_ACTIONS = insert(tables.action)
_FILE = update(tables.inbox).where(tables.inbox.c.id == bindparam("b_id"))
_HISTORY = insert(tables.history)
_POST = insert(tables.outbox)
_TOKEN = select(tables.token).where(tables.token.c.id == bindparam("id"))
_STATE_OF_MAIL = select(tables.inbox.c.state).where(tables.inbox.c.once == bindparam("once"))
_DUE = (
    select(tables.timer.c.id, tables.timer.c.step, tables.timer.c.mark, _request.c.reference)
    .join(tables.request)
    .where(tables.timer.c.at <= bindparam("now"))
    .order_by(tables.timer.c.at, tables.timer.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_RING = delete(tables.timer).where(tables.timer.c.id == bindparam("id"))


class _Upserts(NamedTuple):
    """What each database says in its own way, by table."""

    fact: Insert
    rules: Insert
    token: Insert
    inbox: ReturningInsert[int]


@cache
def _upserts(dialect: str) -> _Upserts:
    said: Any = import_module(f"sqlalchemy.dialects.{dialect}").insert
    fact, token = said(tables.fact), said(tables.token)
    return _Upserts(
        fact=fact.on_conflict_do_update(index_elements=["name"], set_={"value": fact.excluded.value}),
        rules=said(tables.rules).on_conflict_do_nothing(),
        # The same token in a later letter: it lives as long as that one.
        token=token.on_conflict_do_update(index_elements=["id"], set_={"expires": token.excluded.expires}),
        inbox=said(tables.inbox).on_conflict_do_nothing().returning(tables.inbox.c.id),
    )
