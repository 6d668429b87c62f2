"""Taking out what is not to be kept any more: by age in small pieces, or a person's at once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, or_, select, update

from mailbot.process.request import CLOSED, Request
from mailbot.store import attachments, codec, tables
from mailbot.store.base import Instant
from mailbot.store.privacy import beside
from mailbot.store.privacy.holds import holds, is_free
from mailbot.store.privacy.words import ERASED, without_person, without_words
from mailbot.store.space.tables import address_history
from mailbot.store.space.values import State

_request, _history, _box, _mail = tables.request.c, tables.history.c, tables.outbox.c, tables.inbox.c
_held = address_history.c

_ENDED = sorted(state.value for state in CLOSED)
_WAITING = ("held", "quarantined", "unconfirmed")
"""States of mail that somebody must still look at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """What became of a person. `kept` says, by reference, why something of his is still there."""

    requests: int
    entries: int
    mails: int
    letters: int
    kept: Sequence[tuple[str, str]]


def _without_remains(conn: Connection) -> None:
    """From here on SQLite overwrites what it deletes; else its file would keep the words in its free places."""
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql("PRAGMA secure_delete = ON")


# -- by age ------------------------------------------------------------------------------------------------------------


def forget_mail(conn: Connection, before: datetime, most: int) -> int:
    """Empty mail that came or left before then, at most so many; how many there were.

    What belongs to a request that runs, or under a hold, stays, and so does what waits for somebody.
    """
    _without_remains(conn)
    kept = select(_request.reference).where(or_(_request.state.not_in(_ENDED), ~is_free(conn)))
    count = 0
    for table, at, over, empty in (
        (tables.inbox, _mail.received, _mail.state.not_in(_WAITING), None),
        (tables.outbox, _box.created, _box.state != "waiting", b""),
    ):
        old = and_(at < before, func.length(table.c.raw) > 0, over)
        free = or_(table.c.reference.is_(None), table.c.reference.not_in(kept))
        some = conn.scalars(select(table.c.id).where(old, free).order_by(table.c.id).limit(most - count)).all()
        conn.execute(update(table).where(table.c.id.in_(some)).values(raw=empty))
        count += len(some)
    return count


def forget_people(conn: Connection, before: datetime, most: int) -> int:
    """Take names and words out of requests that ended before then, at most so many; how many there were."""
    _without_remains(conn)
    ended = and_(_request.closed < before, _request.requester != ERASED, is_free(conn))
    rows = conn.execute(_named_rows().where(ended).order_by(_request.closed).limit(most)).all()
    for row in rows:
        _bare_request(conn, row)
    return len(rows)


def forget_holders(conn: Connection, before: datetime, most: int) -> int:
    """Take the holders out of the ledger of who had which address, where that ended before then."""
    _without_remains(conn)
    of_prefix = [_held.vrf, _held.family, _held.network, _held.host_bits]
    # Only rows from before then are looked at: whose successor is not among them had not ended by then.
    ended = func.lead(_held.at, type_=Instant()).over(partition_by=of_prefix, order_by=_held.id).label("ended")
    old = select(_held.id, _held.state, _held.holder, _held.description, _held.reference, _held.until, ended)
    had = old.where(_held.at < before).subquery().c
    kept = select(_request.reference).where(~is_free(conn))
    rested = and_(had.state == State.QUARANTINED, had.until < before)
    past = or_(had.ended.is_not(None), had.state == State.RELEASED, rested)
    named = or_(had.holder != ERASED, and_(had.holder.is_(None), had.description.is_not(None)))
    free = or_(had.reference.is_(None), had.reference.not_in(kept))
    some = conn.scalars(select(had.id).where(past, named, free).limit(most)).all()
    bare = {"holder": ERASED, "description": None, "customer": None, "carries": None}
    conn.execute(update(address_history).where(_held.id.in_(some)).values(bare))
    return len(some)


# -- a person ----------------------------------------------------------------------------------------------------------


def erase(conn: Connection, names: Collection[str]) -> Erasure:
    """Take a person, by all his addresses, out of everything that is over and under no hold.

    His own requests lose all their words, those of others his name and his words. Who held an address stands in a
    ledger of its own, which law asks for: `forget_holders` comes for it in its time.
    """
    _without_remains(conn)
    kept = [(one.what, f"legal hold: {one.reason}") for one in holds(conn) if one.what in names]
    if kept:
        return Erasure(requests=0, entries=0, mails=0, letters=0, kept=kept)
    touched = entries = 0
    free = set(conn.scalars(select(_request.id).where(is_free(conn))))
    for row in conn.execute(_named_rows().where(_request.id.in_(_of_person(names)))).all():
        request = codec.read(row.body)
        if not request.is_closed:
            kept.append((row.reference, "it is still running"))
        elif row.id not in free:
            kept.append((row.reference, "it is under legal hold"))
        else:
            touched += 1
            entries += _bare_request(conn, row) if row.requester in names else _unname(conn, row, request, names)
    for table in (tables.absence, tables.unreachable):
        conn.execute(delete(table).where(table.c.person.in_(names)))
    spared = select(_request.reference).where(_request.reference.in_([reference for reference, _ in kept]))
    return Erasure(
        requests=touched,
        entries=entries,
        mails=_empty_mail_of(conn, names, spared),
        letters=_empty_letters_to(conn, names, spared),
        kept=kept,
    )


def _of_person(names: Collection[str]) -> Any:
    """Ids of the requests that he began, that concern him, or in whose history he stands."""
    concern = tables.concern.c
    spoke = select(_history.reference).where(or_(_history.actor.in_(names), *_mentions(names)))
    return select(_request.id).where(
        or_(
            _request.requester.in_(names),
            _request.id.in_(select(concern.request_id).where(concern.who.in_(names))),
            _request.reference.in_(spoke),
        )
    )


def _mentions(names: Collection[str]) -> list[ColumnElement[bool]]:
    return [_history.detail.icontains(name, autoescape=True) for name in names]


def _unname(conn: Connection, row: Row[Any], request: Request, names: Collection[str]) -> int:
    """Somebody else's request, in which he acted."""
    attachments.drop(conn, row.id, names)
    request = replace(request, attachments=tuple(one for one in request.attachments if one.by not in names))
    for name in names:
        request = without_person(request, name)
    body = codec.written(request)
    conn.execute(update(tables.request).where(_request.id == row.id).values(body=body, threads="{}"))
    beside.unname(conn, row.id, row.reference, names)
    concern = tables.concern
    conn.execute(delete(concern).where(concern.c.request_id == row.id, concern.c.who.in_(names)))
    token = tables.token
    conn.execute(delete(token).where(token.c.reference == row.reference, token.c.person.in_(names)))
    his = or_(_history.actor.in_(names), *_mentions(names))
    return _unsay(conn, and_(_history.reference == row.reference, his))


def _empty_mail_of(conn: Connection, names: Collection[str], spared: Any) -> int:
    box = tables.inbox
    his = and_(box.c.sender.in_(names), or_(box.c.reference.is_(None), box.c.reference.not_in(spared)))
    return _blank_mail(conn, his)


def _empty_letters_to(conn: Connection, names: Collection[str], spared: Any) -> int:
    his = and_(_box.recipient.in_(names), or_(_box.reference.is_(None), _box.reference.not_in(spared)))
    return _blank_letters(conn, and_(his, _box.state != "waiting"))


# -- pieces ------------------------------------------------------------------------------------------------------------


def _named_rows() -> Any:
    return select(_request.id, _request.reference, _request.requester, _request.body)


def _bare_request(conn: Connection, row: Row[Any]) -> int:
    """A request that is over loses its names and words, wherever they stand; how many entries of its history did."""
    request = without_words(codec.read(row.body))
    bare = {"requester": ERASED, "external_reference": None, "threads": "{}", "body": codec.written(request)}
    conn.execute(update(tables.request).where(_request.id == row.id).values(bare))
    attachments.drop(conn, row.id)
    beside.drop(conn, row.id, row.reference)
    for table in (tables.concern, tables.other_name):
        conn.execute(delete(table).where(table.c.request_id == row.id))
    conn.execute(delete(tables.token).where(tables.token.c.reference == row.reference))
    driven = tables.network_request
    of_it = driven.c.reference == row.reference
    conn.execute(update(driven).where(of_it).values(body="{}", detail=""))
    _blank_mail(conn, _mail.reference == row.reference)
    _blank_letters(conn, _box.reference == row.reference)
    return _unsay(conn, _history.reference == row.reference)


def _unsay(conn: Connection, which: ColumnElement[bool]) -> int:
    """Entries stay in their chain; who, and what was said, go with the salt that would let it be guessed."""
    bare = {"actor": None, "detail": None, "message_id": None, "salt": None}
    return conn.execute(update(tables.history).where(which, _history.salt.is_not(None)).values(bare)).rowcount


def _blank_mail(conn: Connection, which: ColumnElement[bool]) -> int:
    """By a hash the same mail is still known, should it come again."""
    box = tables.inbox
    rows = conn.execute(select(_mail.id, _mail.once).where(which, _mail.sender.is_distinct_from(ERASED))).all()
    for row in rows:
        bare = {"raw": None, "sender": ERASED, "subject": "", "message_id": None, "verdict": "", "reason": ""}
        once = f"erased {sha256(row.once.encode()).hexdigest()}"
        conn.execute(update(box).where(_mail.id == row.id).values(bare | {"once": once}))
    return len(rows)


def _blank_letters(conn: Connection, which: ColumnElement[bool]) -> int:
    bare = {"raw": b"", "recipient": ERASED, "envelope_sender": "", "error": ""}
    return conn.execute(update(tables.outbox).where(which, _box.recipient != ERASED).values(bare)).rowcount
