"""The outbox while it is being emptied: letters are claimed before they leave, and marked once they have left."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, or_, select, update

from mailbot.process.request import Kind
from mailbot.store import tables

_box = tables.outbox
_ours = and_(_box.c.id == bindparam("b_id"), _box.c.owner == bindparam("b_owner"), _box.c.claim == bindparam("b_claim"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A letter that is ours to send. `claim` tells our attempt from any other: an outdated mark changes nothing."""

    id: int
    claim: int
    owner: int
    recipient: str
    envelope_sender: str
    kind: str
    reference: str | None
    step: str | None
    raw: bytes
    created: datetime
    attempts: int


def claim(
    conn: Connection, owner: int, now: datetime, most: int, *, alerts: tuple[int, int] | None = None
) -> list[Claimed]:
    """Take up to `most` letters that may leave now, oldest first; `alerts`: only these, from number to number."""
    due = or_(_box.c.not_before.is_(None), _box.c.not_before <= now)
    free = (
        select(_box.c.id)
        .where(_box.c.state == "waiting", _box.c.owner.is_(None), due, *_among(alerts))
        .order_by(_box.c.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    taken = (
        update(_box)
        .where(_box.c.id.in_(free.scalar_subquery()))
        .values(owner=owner, claim=_box.c.claim + 1, attempts=_box.c.attempts + 1)
        .returning(*(_box.c[name] for name in Claimed.__slots__))
    )
    rows = conn.execute(taken).mappings()
    return sorted((Claimed(**row) for row in rows), key=lambda letter: letter.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBack:
    """A letter about time that nobody has begun to send."""

    id: int
    kind: str
    step: str | None
    recipient: str


def held_back(conn: Connection, reference: str) -> list[HeldBack]:
    """Those about this request; ours until the transaction ends, less those that are being claimed just now."""
    rows = conn.execute(_HELD_BACK, {"reference": reference}).mappings()
    return [HeldBack(**row) for row in rows]


def withdraw(conn: Connection, letters: Iterable[HeldBack]) -> None:
    """They never leave."""
    conn.execute(_WITHDRAW, [{"b_id": letter.id} for letter in letters])


def free_the_dead(conn: Connection, lives: Callable[[int], bool]) -> None:
    """Letters that a bot was sending when it died wait again: the same bytes, the same Message-ID."""
    owners = select(_box.c.owner).where(_box.c.state == "waiting", _box.c.owner.is_not(None)).distinct()
    for owner in conn.execute(owners).scalars().all():
        if not lives(owner):
            released = update(_box).where(_box.c.state == "waiting", _box.c.owner == owner)
            conn.execute(released.values(owner=None))


def mark_sent(conn: Connection, letter: Claimed, now: datetime) -> None:
    conn.execute(_MARK, _key(letter) | {"state": "sent", "sent": now, "owner": None, "error": ""})


def mark_refused(conn: Connection, letter: Claimed, error: str) -> None:
    """For good: somebody has to be told."""
    conn.execute(_MARK, _key(letter) | {"state": "refused", "owner": None, "error": error})


def mark_deferred(conn: Connection, letter: Claimed, not_before: datetime, error: str) -> None:
    conn.execute(_MARK, _key(letter) | {"not_before": not_before, "owner": None, "error": error})


def give_up_claim(conn: Connection, letter: Claimed) -> None:
    """It was not even tried."""
    conn.execute(_MARK, _key(letter) | {"owner": None, "attempts": letter.attempts - 1})


def still_waiting(conn: Connection, now: datetime) -> int:
    """How many letters could leave now."""
    due = or_(_box.c.not_before.is_(None), _box.c.not_before <= now)
    counted = select(func.count()).select_from(_box).where(_box.c.state == "waiting", due)
    return int(conn.execute(counted).scalar_one())


def sent_since(conn: Connection, since: datetime) -> int:
    """How many letters have left since then, that second included."""
    return int(conn.scalar(select(func.count()).where(_box.c.sent >= since)) or 0)


def leaving(conn: Connection) -> int:
    """How many letters are just being sent."""
    return int(conn.scalar(select(func.count()).where(_box.c.state == "waiting", _box.c.owner.is_not(None))) or 0)


def last_letter(conn: Connection) -> int:
    """The number of the letter that was written last."""
    return int(conn.scalar(select(func.max(_box.c.id))) or 0)


def _among(alerts: tuple[int, int] | None) -> tuple[ColumnElement[bool], ...]:
    return () if alerts is None else (_box.c.kind == Kind.ALERT.value, _box.c.id.between(*alerts))


def _key(letter: Claimed) -> dict[str, int]:
    return {"b_id": letter.id, "b_owner": letter.owner, "b_claim": letter.claim}


_MARK = update(_box).where(_ours)
_WITHDRAW = update(_box).where(_box.c.id == bindparam("b_id")).values(state="withdrawn")
# `delayed` is about time where its reader's hours have held it back: a person's delay leaves at once.
_about_time = or_(
    _box.c.kind.in_([Kind.REMINDER.value, Kind.ESCALATION.value, Kind.JEOPARDY.value]),
    and_(_box.c.kind == Kind.DELAYED.value, _box.c.attempts == 0, _box.c.not_before.is_not(None)),
)
_HELD_BACK = (
    select(*(_box.c[name] for name in HeldBack.__slots__))
    .where(_box.c.reference == bindparam("reference"), _box.c.state == "waiting", _box.c.owner.is_(None), _about_time)
    .order_by(_box.c.id)
    .with_for_update(skip_locked=True)
)
