"""How the use of pools went: what was taken and given back in a span of time, and how full a pool was day by day."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import BigInteger, Connection, and_, case, func, select, type_coerce

from mailbot.addresses import Block, Family
from mailbot.store.base import ONE
from mailbot.store.space.tables import address_history as history
from mailbot.store.space.values import State

_DAY = 24 * 60 * 60
_EPOCH = date(1970, 1, 1).toordinal()
_HELD = (State.ALLOCATED, State.RESERVED)

# The state of a prefix before each row of its history: what became free or not free shows in no row alone. One probe
# of the index for each row of the time that is looked at; a window function would read the whole history.
_earlier = history.alias("earlier")
_before = (
    select(_earlier.c.state)
    .where(
        _earlier.c.family == history.c.family,
        _earlier.c.network == history.c.network,
        _earlier.c.host_bits == history.c.host_bits,
        _earlier.c.vrf == history.c.vrf,
        _earlier.c.id < history.c.id,
    )
    .order_by(_earlier.c.id.desc())
    .limit(ONE)
    .correlate(history)
    .scalar_subquery()
    .label("before")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A prefix that a request took (`given_out`), or that was given back by whoever held it."""

    pool: str
    prefix: Block
    given_out: bool


def moves(conn: Connection, since: datetime, until: datetime) -> Iterator[Move]:
    """In [since, until), oldest first. What an import brought was not given out by anybody."""
    was_held = select(history, _before).where(history.c.at >= since, history.c.at < until).subquery()
    of = was_held.c
    taken = and_(of.state.in_(_HELD), of.reference.is_not(None), of.before.is_(None) | of.before.not_in(_HELD))
    given_back = and_(of.state.not_in(_HELD), of.before.in_(_HELD))
    found = select(of.pool, of.family, of.network, of.host_bits, taken.label("given_out"))
    for row in conn.execute(found.where(taken | given_back).order_by(of.id)):
        prefix = Block(family=Family(row.family), network=row.network, host_bits=row.host_bits)
        yield Move(pool=row.pool, prefix=prefix, given_out=row.given_out)


def growth(conn: Connection, since: datetime) -> Mapping[str, Mapping[date, int]]:
    """Pool → day (UTC) → by how many addresses its use grew on it: only days on which something changed."""
    lately = select(history.c.pool, history.c.at, history.c.host_bits, history.c.state, _before)
    was = lately.where(history.c.at >= since).subquery()
    change = case(
        (and_(was.c.state != State.RELEASED, was.c.before.is_(None) | (was.c.before == State.RELEASED)), 1),
        (and_(was.c.state == State.RELEASED, was.c.before != State.RELEASED), -1),
        else_=0,
    )
    day_of = (type_coerce(was.c.at, BigInteger) // _DAY).label("day")
    by_day = select(was.c.pool, day_of, was.c.host_bits, func.sum(change).label("net"))
    found: dict[str, dict[date, int]] = {}
    for row in conn.execute(by_day.group_by(was.c.pool, day_of, was.c.host_bits)):
        days = found.setdefault(row.pool, {})
        day = date.fromordinal(_EPOCH + row.day)
        days[day] = days.get(day, 0) + int(row.net) * (1 << row.host_bits)
    return {pool: {day: net for day, net in sorted(days.items()) if net} for pool, days in found.items()}
