"""What a request holds already: a reservation taken up, and another end for what is held for a time."""

from dataclasses import replace
from datetime import datetime
from typing import Unpack

from sqlalchemy import Connection

from mailbot.addresses import Block
from mailbot.store.space.blocks import become, drop, note
from mailbot.store.space.pools import lock_pool
from mailbot.store.space.taking import give_out
from mailbot.store.space.values import Allocation, NotReserved, State, Terms
from mailbot.store.space.views import held_at
from mailbot.words import say

_OWN = (State.ALLOCATED, State.RESERVED)


def take_up(conn: Connection, pool: str, prefix: Block, *, now: datetime, **terms: Unpack[Terms]) -> Allocation:
    """Gives out what the same request has reserved, on new terms: from now on it is held by these alone.

    Raises NotReserved (it lapsed, was given back, or is another's), NotFound (no such pool).
    """
    of = lock_pool(conn, pool)
    reserved = held_at(conn, of, prefix)
    if reserved is None or reserved.state is not State.RESERVED or reserved.reference != terms["reference"]:
        raise NotReserved(say("space.of_is_not_reserved", prefix=prefix, pool=pool, reference=terms["reference"]))
    if reserved.until is not None and reserved.until <= now:
        raise NotReserved(
            say("space.the_reservation_of_of", prefix=prefix, pool=pool, until=f"{reserved.until:%Y-%m-%d %H:%M}")
        )
    drop(conn, of, prefix)
    return give_out(conn, of, prefix, now, terms)


def prolong(
    conn: Connection, pool: str, prefix: Block, until: datetime, *, reference: str, now: datetime
) -> Allocation:
    """What this request holds, reserved or allocated, ends then; whether its time is over is the request's affair.

    Raises NotReserved (it does not hold it, or not any more), NotFound (no such pool).
    """
    of = lock_pool(conn, pool)
    own = held_at(conn, of, prefix)
    if own is None or own.state not in _OWN or own.reference != reference:
        raise NotReserved(say("space.of_is_not_held", prefix=prefix, pool=pool, reference=reference))
    became = replace(own, until=until)
    if became != own:
        become(conn, of, became)
        note(conn, [became], cause=reference, now=now)
    return became
