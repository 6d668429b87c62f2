"""What pages list: open steps, the trace, the mail of a request, versions of rules; as far as a reader may see them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, Select, and_, exists, func, or_, select, true, union_all

from mailbot.process.request import Request
from mailbot.store import codec, tables
from mailbot.store.base import unindexed
from mailbot.store.lists import seen
from mailbot.store.lists.values import LOOKED_AT
from mailbot.store.records import Place, Sight, concerned_with, is_seen, references_concerning

_request, _history, _action, _concern = tables.request.c, tables.history.c, tables.action.c, tables.concern.c

_AT_ONCE = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenStep:
    """A step that waits, of a request: soonest due first."""

    request: Request
    step: str
    departments: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What is searched for; all of these must hold, and None asks for nothing. `until` is exclusive.

    `user` did it, or it is about his request; `place` is address space that the request had; `customer` is the mark of
    the customer whose request it is. `after` is the id of an entry, behind which a page begins.
    """

    user: str | None = None
    reference: str | None = None
    action: str | None = None
    type: str | None = None
    place: Place | None = None
    customer: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: int | None = None


def request(conn: Connection, reference: str, sight: Sight) -> Request | None:
    """By its reference alone. None where there is none to be seen."""
    found = select(_request.body).where(_request.reference == reference, is_seen(sight))
    body = conn.execute(found).scalar_one_or_none()
    return None if body is None else codec.read(body)


def waiting(conn: Connection, seats: Collection[str], sight: Sight, most: int) -> list[OpenStep]:
    """What waits for an answer in one of these seats."""
    found = [step for seat in sorted(seats) for step in _open_steps(conn, _action.seat == seat, sight, most)]
    once = {(one.request.reference, one.step): one for one in found}
    return sorted(once.values(), key=_urgency)[:most]


def _urgency(of: OpenStep) -> tuple[bool, float]:
    due = of.request.step(of.step).due
    return due is None, due.timestamp() if due else 0.0


def open_steps(conn: Connection, departments: Collection[str] | None, sight: Sight, most: int) -> list[OpenStep]:
    """What waits for these departments; None: for anybody, or anything."""
    if departments is None:
        return _open_steps(conn, None, sight, most)
    theirs = (_action.departments.contains(f"|{name}|", autoescape=True) for name in sorted(departments))
    return _open_steps(conn, or_(*theirs), sight, most) if departments else []


def _open_steps(conn: Connection, wanted: ColumnElement[bool] | None, sight: Sight, most: int) -> list[OpenStep]:
    """The index gives the soonest due first, and those without a due time last: only as many are read as are shown."""
    found: dict[tuple[int, str], OpenStep] = {}
    for has_due in (_action.due.is_not(None), _action.due.is_(None)):
        seats = select(_action.request_id, _request.body, _action.step, _action.departments).join_from(
            tables.action, tables.request, _action.request_id == _request.id
        )
        if wanted is not None:
            seats = seats.where(wanted)
        soonest = seats.where(has_due, is_seen(sight)).order_by(_action.due, _action.request_id, _action.step)
        with conn.execute(soonest, execution_options={"yield_per": most}) as rows:
            for row in rows:
                if len(found) == most:
                    break
                key = (row.request_id, row.step)
                if key not in found:
                    names = _names(row.departments)
                    found[key] = OpenStep(request=codec.read(row.body), step=row.step, departments=names)
    return list(found.values())


def _names(departments: str) -> tuple[str, ...]:
    return tuple(filter(None, departments.split("|")))


def search(
    conn: Connection, sought: Sought, sight: Sight, most: int, skip: int = 0
) -> tuple[Sequence[RowMapping], int | None]:
    """Entries of the history, newest first, behind the first `skip`.

    And the id of the entry behind which to go on; None where there are no more than these.

    Entries that are about no request are seen by those alone who see everything.
    """
    few = None if sight.everything else _few_seen(conn, sight)
    has_few = sought.customer is not None and _has_few(conn, sought.customer)
    is_narrow = few is not None or has_few or bool(sought.user or sought.reference or sought.place)
    if not is_narrow and not sight.everything:
        return _newest_seen(conn, sought, sight, most, skip)
    found = _narrowed(select(tables.history), sought, sight, has_few=has_few, is_narrow=is_narrow)
    if few is not None:
        found = found.where(_history.reference.in_(few))
    elif not sight.everything and not sought.user:
        found = found.where(_is_of_seen(sight))
    # What is found by an index of its own is sorted; only where there is none, the newest are looked through. Left to
    # itself, a database walks backwards through the whole history for the two entries of somebody who has no more.
    order = [(_history.id + 0).desc()] if is_narrow else [_history.at.desc(), _history.id.desc()]
    rows = conn.execute(found.order_by(*order).limit(most + 1).offset(skip)).mappings().all()
    return rows[:most], rows[most - 1]["id"] if len(rows) > most > 0 else None


def _newest_seen(
    conn: Connection, sought: Sought, sight: Sight, most: int, skip: int
) -> tuple[Sequence[RowMapping], int | None]:
    """The same for somebody who sees very many, and asks for all of a kind or of a time.

    He may see few of just these: the newest are looked at, as many as a page may wait for, and where that was not all
    there may be more.
    """
    newest = _narrowed(select(_history.id), sought, sight).order_by(_history.at.desc(), _history.id.desc())
    found, looked, last = list[RowMapping](), 0, None
    with conn.execute(newest.limit(LOOKED_AT), execution_options={"yield_per": _AT_ONCE}) as rows:
        for ids in rows.scalars().partitions():
            looked, last = looked + len(ids), ids[-1]
            part = select(tables.history).where(_history.id.in_(ids), _is_of_seen(sight))
            found += conn.execute(part.order_by(_history.at.desc(), _history.id.desc())).mappings()
            if len(found) > skip + most:
                return found[skip : skip + most], found[skip + most - 1]["id"] if most else None
    return found[skip : skip + most], last if looked == LOOKED_AT else None


def _is_of_seen(sight: Sight) -> ColumnElement[bool]:
    """Of one entry of the history: it is about a request that may be seen."""
    return exists(select(_request.id).where(_request.reference == _history.reference, is_seen(sight)))


def _few_seen(conn: Connection, sight: Sight) -> list[str] | None:
    """The references of all that may be seen; None where these are more than a few."""
    ids = seen.few(conn, sight)
    if ids is None:
        return None
    return sorted(conn.scalars(select(_request.reference).where(_request.id.in_(ids))))


def _has_few(conn: Connection, customer: str) -> bool:
    """Whether a customer, by his mark, has no more requests than a few."""
    theirs = select(_concern.request_id).where(_concern.who == customer)
    return conn.execute(theirs.offset(seen.FEW).limit(1)).first() is None


def _narrowed(
    found: Select[Any], sought: Sought, sight: Sight, *, has_few: bool = False, is_narrow: bool = False
) -> Select[Any]:
    """Of a user, what may be seen: his requests are looked at, and not each of their entries.

    `has_few`: the customer that is asked for; of one with many requests, each entry is looked at. With `is_narrow` what
    is narrow leads to the entries, and no index of all the others.
    """
    action, at = (unindexed(one) if is_narrow else one for one in (_history.action, _history.at))
    if sought.user:
        mine = select(_request.reference).where(_request.requester == sought.user, is_seen(sight))
        by_him = and_(_history.actor == sought.user, true() if sight.everything else _is_of_seen(sight))
        both = (by_him, _history.reference.in_(mine))
        found = found.where(_history.id.in_(union_all(*(select(_history.id).where(one) for one in both))))
    if sought.reference:
        found = found.where(_history.reference == sought.reference)
    if sought.action:
        found = found.where(action == sought.action)
    if sought.type:
        of_type = select(_request.id).where(_request.reference == _history.reference, _request.type == sought.type)
        found = found.where(exists(of_type))
    if sought.place:
        found = found.where(_history.reference.in_(concerned_with(sought.place)))
    if sought.customer:
        theirs = references_concerning(sought.customer)
        each = exists(theirs.where(_request.reference == _history.reference))
        found = found.where(_history.reference.in_(theirs) if has_few else each)
    if sought.since:
        found = found.where(at >= sought.since)
    if sought.until:
        found = found.where(at < sought.until)
    if sought.after is not None:
        begin = select(_history.at).where(_history.id == sought.after).scalar_subquery()
        behind = and_(at <= begin, or_(at < begin, _history.id < sought.after))
        found = found.where(_history.id < sought.after if is_narrow else behind)
    return found


def requests_of(conn: Connection, references: Collection[str]) -> dict[str, Request]:
    """Requests by their references."""
    found = select(_request.reference, _request.body).where(_request.reference.in_(sorted(references)))
    return {row.reference: codec.read(row.body) for row in conn.execute(found)}


def letters(conn: Connection, reference: str, recipients: Collection[str] | None) -> Sequence[RowMapping]:
    """The letters about a request, oldest first: to these people, or (None) to all."""
    box = tables.outbox.c
    wanted = and_(box.reference == reference, func.length(box.raw) > 0)
    if recipients is not None:
        wanted = and_(wanted, box.recipient.in_(sorted(recipients)))
    columns = (box.created.label("at"), box.recipient, box.kind, box.state, box.raw)
    return conn.execute(select(*columns).where(wanted).order_by(box.id)).mappings().all()


def mail(conn: Connection, reference: str, senders: Collection[str] | None) -> Sequence[RowMapping]:
    """The mail that came in about a request, oldest first: from these people, or (None) from all."""
    box = tables.inbox.c
    wanted = and_(box.reference == reference, box.raw.is_not(None))
    if senders is not None:
        wanted = and_(wanted, box.sender.in_(sorted(senders)), box.believed)
    columns = (box.received.label("at"), box.sender, box.raw)
    return conn.execute(select(*columns).where(wanted).order_by(box.id)).mappings().all()


def rule_versions(conn: Connection) -> Sequence[RowMapping]:
    """Every version of every process that a request began with, newest first of each type: version, type, since."""
    rules = tables.rules.c
    found = select(rules.version, rules.type, rules.since).order_by(rules.type, rules.since.desc(), rules.version)
    return conn.execute(found).mappings().all()


def rules_source(conn: Connection, version: str) -> str | None:
    """The source of a version that some request began with; None where there is none of that name."""
    found = select(tables.rules.c.source).where(tables.rules.c.version == version)
    return conn.execute(found).scalar_one_or_none()
