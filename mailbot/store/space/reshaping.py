"""What is held, cut otherwise: split, made one, and brought back to what it was."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import reduce

from sqlalchemy import Connection, bindparam, select

from mailbot.addresses import Block, Family, is_whole
from mailbot.errors import NotFound, NotPossible
from mailbot.store.base import ONE
from mailbot.store.space.blocks import cut, drop, hold, note
from mailbot.store.space.giving import released
from mailbot.store.space.pools import allowed, lock_pool, root_of
from mailbot.store.space.tables import address_history
from mailbot.store.space.values import Allocation, NotReserved, Pool, PrefixTaken, State
from mailbot.store.space.views import as_allocation, held_at, neighbours
from mailbot.words import say

_history = address_history.c
_HELD_BEFORE = (
    select(address_history)
    .where(
        _history.family == bindparam("family"),
        _history.network == bindparam("network"),
        _history.host_bits == bindparam("bits"),
        _history.pool == bindparam("pool"),
        _history.state == State.ALLOCATED,
    )
    .order_by(_history.id.desc())
    .limit(ONE)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is held from now on; a holder of None stays who he was, and what is carried is beside what was."""

    prefix: Block
    holder: str | None = None
    carries: Mapping[str, str] = field(default_factory=dict)


def reshape(
    conn: Connection,
    pool: str,
    before: Sequence[Block],
    after: Sequence[Part],
    *,
    reference: str,
    step: str | None,
    now: datetime,
) -> list[Allocation]:
    """Has these prefixes, which are allocated, held as those parts: one split, several made one, or cut otherwise.

    Both must be the same addresses. Each part is held on the terms of what it lies in, or of what lies in it as far as
    all agree; by this request. Raises NotReserved (one is not held, or only for a time), PoolRefuses (a length that the
    pool does not give out), NotPossible (they are not the same addresses), NotFound (no such pool).
    """
    of = lock_pool(conn, pool)
    held = [_whole(conn, of, prefix) for prefix in sorted(before, key=_at)]
    parts = sorted(after, key=lambda part: part.prefix.network)
    _same_space(of, [one.prefix for one in held], [part.prefix for part in parts])
    for part in parts:
        allowed(of, part.prefix.length)
    became = [_on_terms(part, held, reference, step) for part in parts]
    _exchange(conn, of, held, became, reference, now)
    return became


def revert(
    conn: Connection, pool: str, after: Sequence[Block], before: Sequence[Block], *, reference: str, now: datetime
) -> list[Allocation]:
    """Has held again, on the terms of then, what was; in place of what this request has held since (of nothing: from
    its rest, or free space).

    Raises NotReserved (what is in its place is not this request's any more), PrefixTaken, NotFound.
    """
    of = lock_pool(conn, pool)
    mine = [_mine(conn, of, prefix, reference) for prefix in sorted(after, key=_at)]
    became = [_as_before(conn, of, prefix) for prefix in sorted(before, key=_at)]
    if mine:
        _same_space(of, [one.prefix for one in mine], [one.prefix for one in became])
        _exchange(conn, of, mine, became, reference, now)
        return became
    for one in became:
        _make_room(conn, of, one.prefix, reference, now)
    hold(conn, of, became)
    note(conn, became, cause=reference, now=now)
    return became


def _exchange(
    conn: Connection, of: Pool, before: Iterable[Allocation], after: Sequence[Allocation], cause: str, now: datetime
) -> None:
    gone = list(before)
    for one in gone:
        drop(conn, of, one.prefix)
    note(conn, map(released, gone), cause=cause, now=now)
    hold(conn, of, after)
    note(conn, after, cause=cause, now=now)


def _whole(conn: Connection, of: Pool, prefix: Block) -> Allocation:
    held = held_at(conn, of, prefix)
    if held is None or held.state is not State.ALLOCATED:
        raise NotReserved(
            say("space.is_not_held_by", prefix=prefix) if held is None else say("space.is_not_in_use", held=held)
        )
    if held.until is not None:
        raise NotReserved(say("space.ends_by_itself", prefix=prefix, until=f"{held.until:%Y-%m-%d %H:%M}"))
    return held


def _mine(conn: Connection, of: Pool, prefix: Block, reference: str) -> Allocation:
    held = held_at(conn, of, prefix)
    if held is None or held.state is not State.ALLOCATED or held.reference != reference:
        raise NotReserved(say("space.of_is_not_held", prefix=prefix, pool=of.name, reference=reference))
    return held


def _same_space(of: Pool, before: Sequence[Block], after: Sequence[Block]) -> None:
    if of.family is Family.NUMBER:
        raise NotPossible(say("space.numbers_stay_apart", name=of.name))
    whole = reduce(_around, before)
    if not is_whole(before, whole):
        raise NotPossible(say("space.are_no_whole_prefix", prefixes=tuple(before)))
    if not is_whole(after, whole):
        parts = tuple(f"/{part.length}" for part in after)
        raise NotPossible(say("space.do_not_make_up", parts=parts, whole=whole))


def _around(one: Block, other: Block) -> Block:
    """The smallest block that covers both."""
    bits = max(one.host_bits, other.host_bits, (one.network ^ other.network).bit_length())
    return one.ancestor(bits)


def _on_terms(part: Part, held: Iterable[Allocation], reference: str, step: str | None) -> Allocation:
    of_it = [one for one in held if one.prefix.overlaps(part.prefix)]
    agreed = dict(set.intersection(*(set(one.carries.items()) for one in of_it)))
    return replace(
        of_it[0],
        prefix=part.prefix,
        holder=part.holder or of_it[0].holder,
        customer=None,
        carries={**agreed, **part.carries},
        reference=reference,
        step=step,
    )


def _as_before(conn: Connection, of: Pool, prefix: Block) -> Allocation:
    place = {"family": prefix.family, "network": prefix.network, "bits": prefix.host_bits, "pool": of.name}
    row = conn.execute(_HELD_BEFORE, place).first()
    if row is None:
        raise NotFound(f"nobody has held {prefix} of {of.name} before")
    return replace(as_allocation(row), until=None)


def _make_room(conn: Connection, of: Pool, prefix: Block, cause: str, now: datetime) -> None:
    """Out of the rest into which it was given, or of free space."""
    resting = held_at(conn, of, prefix)
    if resting and resting.state is State.QUARANTINED:
        drop(conn, of, prefix)
        note(conn, [released(resting)], cause=cause, now=now)
        return
    before, _ = neighbours(conn, of, prefix)
    blocker = held_at(conn, of, before) if before and before.overlaps(prefix) else None
    if blocker:
        raise PrefixTaken(prefix, blocker)
    cut(conn, of, prefix, root_of(conn, of, prefix))


def _at(block: Block) -> int:
    return block.network
