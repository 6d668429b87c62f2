"""The line of what a pool's source is still to be told of ours: written with each change of space, worked off later.

A row is about one prefix, and says no more than that the source must be looked at: what is wanted there is what our
allocation says at the moment of the look. So a row may be worked off any number of times, and in the end both agree.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, func, insert, select, update

from mailbot.addresses import Block, Family
from mailbot.store.base import ONE
from mailbot.store.space.pools import lock_pool, read_pool, roots
from mailbot.store.space.tables import allocation, pool, sourced
from mailbot.store.space.values import Allocation, Pool, State
from mailbot.store.space.views import ALLOCATIONS, as_allocation, held_at

OURS = (State.RESERVED, State.ALLOCATED, State.QUARANTINED)
"""What its source is told; what is foreign it has told us, and what is excluded is no concern of its."""

KEY = 6
"""Bytes of chance in a key: no two databases have the same one, whatever was lost or restored."""

_row = sourced.c
_line = sourced.alias()
_AT = (_row.pool_id == bindparam("of_pool"), _row.network == bindparam("at"), _row.host_bits == bindparam("bits"))
_LAST_TURN = (
    select(func.coalesce(func.max(_line.c.turn), 0) + 1)
    .where(_line.c.pool_id == bindparam("of_pool"))
    .scalar_subquery()
)
_FRESH: dict[str, Any] = {"turn": _LAST_TURN, "stuck": False, "attempts": 0, "not_before": None, "detail": ""}
_AGAIN = update(sourced).where(*_AT).values(_FRESH)
_NEW = insert(sourced)
_EXPECT = update(sourced).where(*_AT).values(awaited=True, named=bindparam("is_named"))
_OWN_CLAIM = (_row.id == bindparam("b_id"), _row.claim == bindparam("b_claim"))
_UNCHANGED = (*_OWN_CLAIM, _row.turn == bindparam("b_turn"))
_AWAITED = (
    ALLOCATIONS.join(
        sourced,
        and_(
            _row.pool_id == allocation.c.pool_id,
            _row.network == allocation.c.network,
            _row.host_bits == allocation.c.host_bits,
        ),
    )
    .where(_row.turn.is_not(None), _row.awaited)
    .where(allocation.c.reference == bindparam("of_request"), allocation.c.step == bindparam("of_step"))
)
_WORKED_ON = select(_row.owner).distinct().where(_row.pool_id == bindparam("of_pool"), _row.owner.is_not(None))
_FIRST = (
    select(sourced)
    .where(_row.pool_id == bindparam("of_pool"), _row.turn.is_not(None), ~_row.stuck)
    .order_by(_row.turn)
    .limit(ONE)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A prefix about which a source is to be told. `held` is what we want there; None: nothing of ours.

    `number` is what the source calls it, as far as we know; `key` is ours for this prefix, and nobody else's: what
    bears it there we have made. A step waits where it is `awaited`; `named`: for no other one.
    """

    id: int
    turn: int
    claim: int
    attempts: int
    pool: str
    prefix: Block
    roots: tuple[Block, ...]
    held: Allocation | None
    number: int | None
    key: str
    awaited: bool
    named: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """What is not settled with a source: since it was `stuck`, people must see to it."""

    prefix: Block
    stuck: bool
    attempts: int
    detail: str


# -- written with the change -------------------------------------------------------------------------------------------


def changed(conn: Connection, of: Pool, held: Iterable[Allocation]) -> None:
    """Holding these is to be told, behind all that is to be told already."""
    for one in held:
        if one.state in OURS:
            look_again(conn, of, one.prefix)


def gone(conn: Connection, of: Pool, prefix: Block) -> None:
    """It is held no more: to be told, where the source may have heard of it."""
    key = _key(of, prefix)
    conn.execute(_AGAIN, key)
    conn.execute(update(sourced).where(*_AT).values(awaited=False), key)


def look_again(conn: Connection, of: Pool, prefix: Block) -> None:
    """The source may have it otherwise than we want it."""
    if not conn.execute(_AGAIN, _key(of, prefix)).rowcount:
        place = {"pool_id": of.id, "network": prefix.network, "host_bits": prefix.host_bits, "turn": _LAST_TURN}
        conn.execute(_NEW.values({**place, "key": token_hex(KEY)}), {"of_pool": of.id})


def once_more(conn: Connection, of: Pool, prefix: Block) -> None:
    """The same, where it is not in the line already; what is stuck there is tried again."""
    waiting = select(_row.id).where(*_AT, _row.turn.is_not(None), ~_row.stuck)
    if conn.execute(waiting, _key(of, prefix)).first() is None:
        look_again(conn, of, prefix)


def expect(conn: Connection, of: Pool, prefix: Block, *, named: bool) -> None:
    """A step waits until the source has said yes to it."""
    conn.execute(_EXPECT, _key(of, prefix) | {"is_named": named})


def forget(conn: Connection, of: Pool) -> None:
    """The pool goes, and with it who could be told."""
    conn.execute(delete(sourced).where(_row.pool_id == of.id))


def awaited(conn: Connection, reference: str, step: str) -> Allocation | None:
    """What this step has taken, and waits for its source's yes to."""
    row = conn.execute(_AWAITED, {"of_request": reference, "of_step": step}).first()
    return as_allocation(row) if row else None


# -- worked off --------------------------------------------------------------------------------------------------------


def lines(conn: Connection) -> frozenset[str]:
    """The pools of which something is to be told. Asking it stops no other bot."""
    return frozenset(conn.scalars(select(pool.c.name).distinct().join(sourced).where(_row.turn.is_not(None))))


def claim(conn: Connection, name: str, owner: int, lives: Callable[[int], bool], now: datetime) -> Due | None:
    """The first of a pool's line, if it is due and nobody who lives is at work on that pool.

    As with a target, what waits stops all behind it; only what is stuck lets them pass.
    """
    of = lock_pool(conn, name)
    if any(other != owner and lives(other) for other in conn.scalars(_WORKED_ON, {"of_pool": of.id})):
        return None
    row = conn.execute(_FIRST, {"of_pool": of.id}).first()
    if row is None or (row.not_before is not None and row.not_before > now):
        return None
    mine = {"owner": owner, "claim": row.claim + 1, "attempts": row.attempts + 1}
    conn.execute(update(sourced).where(_row.id == row.id).values(mine))
    return _due(conn, of, row)


def _due(conn: Connection, of: Pool, row: Row[*tuple[Any, ...]]) -> Due:
    prefix = Block(family=of.family, network=row.network, host_bits=row.host_bits)
    held = held_at(conn, of, prefix)
    return Due(
        id=row.id,
        turn=row.turn,
        claim=row.claim + 1,
        attempts=row.attempts + 1,
        pool=of.name,
        prefix=prefix,
        roots=tuple(roots(conn, of)),
        held=held if held and held.state in OURS else None,
        number=row.number,
        key=row.key,
        awaited=row.awaited,
        named=row.named,
    )


def settle(conn: Connection, due: Due, number: int | None) -> bool:
    """Both agree about it. False where it has changed meanwhile: then it is looked at once more.

    The row stays, also of what is held no more: by its key is known what comes to light there later.
    """
    agreed = {"turn": None, "awaited": False, "attempts": 0, "detail": ""}
    settled = conn.execute(update(sourced).where(*_UNCHANGED).values(agreed), _claim_of(due)).rowcount == 1
    remember(conn, due, number)
    return settled


def is_unchanged(conn: Connection, due: Due) -> bool:
    return conn.execute(select(_row.id).where(*_UNCHANGED), _claim_of(due)).first() is not None


def remember(conn: Connection, due: Due, number: int | None) -> None:
    """What the source calls it: our claim ends, and nothing is settled."""
    conn.execute(update(sourced).where(*_OWN_CLAIM).values(owner=None, number=number), _claim_only(due))


def put_off(conn: Connection, due: Due, not_before: datetime, detail: str) -> None:
    """Another time, and all behind it in its pool with it."""
    _leave(conn, due, not_before=not_before, detail=detail)


def set_aside(conn: Connection, due: Due, detail: str) -> None:
    """It is stuck until somebody has seen to it, or it changes; the others pass."""
    _leave(conn, due, stuck=True, detail=detail)


def _leave(conn: Connection, due: Due, **values: Any) -> None:
    conn.execute(update(sourced).where(*_UNCHANGED).values(values), _claim_of(due))
    conn.execute(update(sourced).where(*_OWN_CLAIM).values(owner=None), _claim_only(due))


# -- looked at ---------------------------------------------------------------------------------------------------------


def not_settled(conn: Connection, name: str) -> list[Open]:
    """What of a pool is still to be told, in order of its line."""
    of = read_pool(conn, name)
    found = select(sourced).where(_row.pool_id == of.id, _row.turn.is_not(None)).order_by(_row.turn)
    return [
        Open(prefix=_block(of.family, row), stuck=row.stuck, attempts=row.attempts, detail=row.detail)
        for row in conn.execute(found)
    ]


def known(conn: Connection, name: str) -> dict[Block, tuple[str, int | None]]:
    """By prefix: our key, and what the source calls it; also of what we hold no more."""
    found = select(sourced, pool.c.family).join_from(sourced, pool).where(pool.c.name == name)
    return {_block(Family(row.family), row): (row.key, row.number) for row in conn.execute(found)}


def _block(family: Family, row: Row[*tuple[Any, ...]]) -> Block:
    return Block(family=family, network=row.network, host_bits=row.host_bits)


def _key(of: Pool, prefix: Block) -> dict[str, Any]:
    return {"of_pool": of.id, "at": prefix.network, "bits": prefix.host_bits}


def _claim_only(due: Due) -> Mapping[str, Any]:
    return {"b_id": due.id, "b_claim": due.claim}


def _claim_of(due: Due) -> Mapping[str, Any]:
    return {**_claim_only(due), "b_turn": due.turn}
