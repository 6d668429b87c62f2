"""Space that is given out and not used, as far as some system tells; and whose holders are to be asked."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, insert, or_, select

from mailbot.addresses import BadPrefix, Block, Family, parse_address, parse_space
from mailbot.store.space.pools import read_pool
from mailbot.store.space.tables import address_history, allocation, pool, review, usage
from mailbot.store.space.values import Allocation, State
from mailbot.store.space.views import ALLOCATIONS, as_allocation, stream


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


def seen(rows: Iterable[Mapping[str, str]], read_time: Callable[[str], datetime]) -> tuple[list[Seen], list[str]]:
    """Rows of a file as values, and what is wrong with each of the others: "row 7: …". The header is row 1.

    `read_time` reads a time as people write it; ValueError, in words, where it is none.
    """
    good, problems = [], []
    for number, row in enumerate(rows, 2):
        try:
            text = row["prefix"].strip()
            prefix = parse_space(text) if "/" in text or text.isdecimal() else parse_address(text)
            at = read_time(row["last_seen"].strip())
            good.append(Seen(prefix=prefix, last_seen=at, source=row.get("source", ""), vrf=row.get("vrf", "")))
        except (BadPrefix, ValueError) as wrong:
            problems.append(f"row {number}: {wrong}")
    return good, problems


def record_seen(conn: Connection, reports: Iterable[Seen]) -> int:
    """Keep what was seen last of each prefix; how many prefixes were reported."""
    newest: dict[tuple[str, Block], Seen] = {}
    for one in reports:
        known = newest.get((one.vrf, one.prefix))
        if known is None or one.last_seen > known.last_seen:
            newest[one.vrf, one.prefix] = one
    for one in newest.values():
        _keep(conn, one)
    return len(newest)


def _keep(conn: Connection, one: Seen) -> None:
    key = _key(one)
    same = and_(*(usage.c[name] == value for name, value in key.items()))
    known = conn.execute(select(usage.c.last_seen).where(same)).scalar_one_or_none()
    if known is not None and known >= one.last_seen:
        return
    if known is not None:
        conn.execute(delete(usage).where(same))
    conn.execute(insert(usage).values(**key, last_seen=one.last_seen, source=one.source))


def _key(one: Seen) -> dict[str, object]:
    block = one.prefix
    return {"vrf": one.vrf, "family": block.family, "network": block.network, "host_bits": block.host_bits}


def idle(conn: Connection, name: str, before: datetime) -> Iterator[Idle]:
    """What a pool has given out before that moment and nobody has seen in use since then, in order.

    Nothing where no system has ever reported about the pool's space: then nobody knows.
    """
    of = read_pool(conn, name)
    reported = _reported(conn, of.vrf, of.family)
    if not reported:
        return
    held = ALLOCATIONS.where(allocation.c.pool_id == of.id, allocation.c.state == State.ALLOCATED)
    taken = _taken_since(conn, name, before)
    near: list[tuple[Block, datetime]] = []  # reports that may touch the next allocation
    place = 0
    for row in stream(conn, held.order_by(allocation.c.network), {}):
        one = as_allocation(row)
        while place < len(reported) and reported[place][0].network <= one.prefix.last:
            near.append(reported[place])
            place += 1
        near = [report for report in near if report[0].last >= one.prefix.network]
        last = max((at for _, at in near), default=None)
        if (last is None or last < before) and one.prefix.network not in taken:
            yield Idle(allocation=one, last_seen=last)


def _reported(conn: Connection, vrf: str, family: int) -> Sequence[tuple[Block, datetime]]:
    found = select(usage).where(usage.c.vrf == vrf, usage.c.family == family).order_by(usage.c.network)
    return [
        (Block(family=Family(row.family), network=row.network, host_bits=row.host_bits), row.last_seen)
        for row in conn.execute(found)
    ]


def _taken_since(conn: Connection, name: str, moment: datetime) -> set[int]:
    """Networks of what was given out since then: it has not had the time to be seen."""
    history = address_history.c
    found = select(history.network).where(history.pool == name, history.at >= moment)
    return set(conn.scalars(found.where(history.state == State.ALLOCATED)))


def to_review(conn: Connection, pools: Sequence[str], before: datetime, most: int) -> list[Allocation]:
    """What is held by people since before that moment, and of which they were not asked since; the longest first."""
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
    found = ALLOCATIONS.outerjoin(review, asked).where(
        allocation.c.state == State.ALLOCATED,
        allocation.c.holder.is_not(None),
        allocation.c.until.is_(None),
        or_(review.c.asked.is_(None), review.c.asked < before),
        since < before,
    )
    if pools:
        found = found.where(pool.c.name.in_(pools))
    rows = conn.execute(found.order_by(since, allocation.c.network).limit(most))
    return [as_allocation(row) for row in rows]


def note_review(conn: Connection, of: Allocation, reference: str, now: datetime) -> None:
    """Its holder has been asked by that request."""
    number = conn.execute(select(pool.c.id).where(pool.c.name == of.pool)).scalar_one()
    key = {"pool_id": number, "network": of.prefix.network}
    conn.execute(delete(review).where(review.c.pool_id == number, review.c.network == of.prefix.network))
    conn.execute(insert(review).values(**key, asked=now, reference=reference))
