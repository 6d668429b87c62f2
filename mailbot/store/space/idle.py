"""Space that is given out and not used, as far as some system tells; and whose holders are to be asked."""

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, insert, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from mailbot.addresses import BadPrefix, Block, Family, parse_address, parse_space
from mailbot.store.space.blocks import batches
from mailbot.store.space.pools import read_pool, read_pools
from mailbot.store.space.staging import ground
from mailbot.store.space.tables import address_history, allocation, pool, review, usage
from mailbot.store.space.values import Allocation, State
from mailbot.store.space.views import ALLOCATIONS, as_allocation, stream
from mailbot.store.tables import request

_AHEAD = timedelta(days=1)
"""So far ahead of ours may another system's clock, or its zone, be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """An allocation that nobody has seen in use since then; None: never."""

    allocation: Allocation
    last_seen: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a system reports: the prefix (or address) was in use then."""

    prefix: Block
    last_seen: datetime
    source: str
    vrf: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """How many reports were taken; `outside` are those of prefixes in no pool, `wider` those larger than a pool."""

    count: int
    outside: int
    wider: int


def seen(
    rows: Iterable[tuple[int, Mapping[str, str]]], read_time: Callable[[str], datetime], now: datetime
) -> Iterator[Seen | str]:
    """Rows of a file, each with its number, as values; or what is wrong with one: "row 7: …". Lazily.

    `read_time` reads a time as people write it; ValueError, in words, where it is none.
    """
    for number, row in rows:
        try:
            text = row["prefix"].strip()
            prefix = parse_space(text) if "/" in text or text.isdecimal() else parse_address(text)
            at = _past(row["last_seen"].strip(), read_time, now)
            yield Seen(prefix=prefix, last_seen=at, source=row.get("source", ""), vrf=row.get("vrf", ""))
        except (BadPrefix, ValueError) as wrong:
            yield f"row {number}: {wrong}"


def _past(text: str, read_time: Callable[[str], datetime], now: datetime) -> datetime:
    at = read_time(text)
    if at > now + _AHEAD:
        raise ValueError(f"{text} lies ahead: nothing has been seen then")
    return at


def record_seen(conn: Connection, reports: Iterable[Seen], now: datetime) -> Recorded:
    """Keep what was seen last of each prefix."""
    insert_into = postgresql.insert if conn.dialect.name == "postgresql" else sqlite.insert
    row = insert_into(usage)
    newest = row.on_conflict_do_update(
        index_elements=list(usage.primary_key.columns),
        set_={"last_seen": row.excluded.last_seen, "source": row.excluded.source},
        where=or_(row.excluded.last_seen > usage.c.last_seen, usage.c.last_seen > now + _AHEAD),
    )
    on = ground(conn, read_pools(conn), {})
    count = outside = wider = 0
    for batch in batches(reports):
        conn.execute(newest, [_row(one) for one in batch])
        count += len(batch)
        astray = [one for one in batch if on.around(one.vrf, one.prefix) is None]
        around = sum(on.is_around(one.vrf, one.prefix) for one in astray)
        outside, wider = outside + len(astray) - around, wider + around
    return Recorded(count=count, outside=outside, wider=wider)


def _row(one: Seen) -> dict[str, object]:
    block = one.prefix
    key = {"vrf": one.vrf, "family": block.family, "network": block.network, "host_bits": block.host_bits}
    return key | {"last_seen": one.last_seen, "source": one.source}


def idle(conn: Connection, name: str, before: datetime) -> Iterator[Idle]:
    """What a pool has given out before that moment and nobody has seen in use since then, in order.

    Nothing where no system has ever reported about the pool's space: then nobody knows.
    """
    of = read_pool(conn, name)
    reported = _reported(conn, of.vrf, of.family)
    ahead = next(reported, None)
    if ahead is None:
        return
    held = ALLOCATIONS.where(
        allocation.c.pool_id == of.id, allocation.c.state == State.ALLOCATED, ~_taken_since(of.name, before)
    )
    near: list[tuple[Block, datetime]] = []  # reports that may touch the next allocation
    for row in stream(conn, held.order_by(allocation.c.network), {}):
        one = as_allocation(row)
        while ahead and ahead[0].network <= one.prefix.last:
            near.append(ahead)
            ahead = next(reported, None)
        near = [report for report in near if report[0].last >= one.prefix.network]
        last = max((at for _, at in near), default=None)
        if last is None or last < before:
            yield Idle(allocation=one, last_seen=last)


def _reported(conn: Connection, vrf: str, family: int) -> Iterator[tuple[Block, datetime]]:
    """In order of address."""
    found = select(usage).where(usage.c.vrf == vrf, usage.c.family == family)
    for row in stream(conn, found.order_by(usage.c.network, usage.c.host_bits), {}):
        yield Block(family=Family(row.family), network=row.network, host_bits=row.host_bits), row.last_seen


def _taken_since(name: str, moment: datetime) -> ColumnElement[bool]:
    """It was given out since then: it has not had the time to be seen."""
    history = address_history.c
    return exists().where(
        history.pool == name,
        history.family == pool.c.family,
        history.network == allocation.c.network,
        history.at >= moment,
        history.state == State.ALLOCATED,
    )


def to_review(conn: Connection, pools: Sequence[str], before: datetime) -> Generator[Allocation, None, None]:
    """Prefixes that a holder or a customer has since before that moment, and that no review has been about since, nor
    is still; the longest first, lazily.
    """
    since = (
        select(func.max(address_history.c.at))
        .where(
            address_history.c.pool == pool.c.name,
            address_history.c.family == pool.c.family,
            address_history.c.network == allocation.c.network,
            address_history.c.state == State.ALLOCATED,
        )
        .correlate(allocation, pool)
        .scalar_subquery()
    )
    asked = and_(review.c.pool_id == allocation.c.pool_id, review.c.network == allocation.c.network)
    still_open = exists().where(request.c.reference == review.c.reference, request.c.closed.is_(None))
    found = ALLOCATIONS.outerjoin(review, asked).where(
        pool.c.family != Family.NUMBER,
        allocation.c.state == State.ALLOCATED,
        or_(allocation.c.holder.is_not(None), allocation.c.customer.is_not(None)),
        allocation.c.until.is_(None),
        ~still_open,
        or_(review.c.asked.is_(None), review.c.asked < before),
        since < before,
    )
    if pools:
        found = found.where(pool.c.name.in_(pools))
    yield from map(as_allocation, stream(conn, found.order_by(since, allocation.c.network), {}))


def note_review(conn: Connection, of: Allocation, reference: str, now: datetime) -> None:
    """Its holder has been asked by that request."""
    number = conn.execute(select(pool.c.id).where(pool.c.name == of.pool)).scalar_one()
    key = {"pool_id": number, "network": of.prefix.network}
    conn.execute(delete(review).where(review.c.pool_id == number, review.c.network == of.prefix.network))
    conn.execute(insert(review).values(**key, asked=now, reference=reference))
