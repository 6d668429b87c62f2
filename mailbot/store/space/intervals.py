"""What was held in a span of time, and by whom: the history of addresses as intervals."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, select

from mailbot.addresses import Block, Family
from mailbot.store.space.tables import address_history
from mailbot.store.space.values import Allocation, State

_row = address_history.c
_HELD = (State.ALLOCATED, State.RESERVED)
_IN_ORDER = select(address_history).order_by(_row.family, _row.network, _row.host_bits, _row.vrf, _row.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """`held` on the same terms all the while; `until` is None where it is held still."""

    held: Allocation
    since: datetime
    until: datetime | None


def intervals(conn: Connection, since: datetime, until: datetime) -> Iterator[Interval]:
    """All that was allocated or reserved at some moment of [since, until), in order of address, read while iterated.

    An end that moved begins no new interval: it is the same space on the same terms.
    """
    rows = conn.execute(_IN_ORDER.where(_row.at < until), execution_options={"yield_per": 1000})
    for _, group in groupby(rows, key=lambda row: (row.family, row.network, row.host_bits, row.vrf)):
        for one in _of_prefix(list(group)):
            if one.until is None or one.until > since:
                yield one


def _of_prefix(rows: list[Row[Any]]) -> Iterator[Interval]:
    ends = [row.at for row in rows[1:]]
    current: Interval | None = None
    for row, end in zip(rows, [*ends, None], strict=True):
        held = _allocation(row)
        if current is not None and current.until == row.at and _same(current.held, held):
            current = Interval(held=held, since=current.since, until=end)
            continue
        if current is not None:
            yield current
        current = Interval(held=held, since=row.at, until=end) if held.state in _HELD else None
    if current is not None:
        yield current


def _same(one: Allocation, other: Allocation) -> bool:
    return _terms(one) == _terms(other)


def _terms(of: Allocation) -> tuple[Any, ...]:
    return of.state, of.reference, of.step, of.holder, of.pool, dict(of.carries)


def _allocation(row: Row[Any]) -> Allocation:
    return Allocation(
        prefix=Block(family=Family(row.family), network=row.network, host_bits=row.host_bits),
        pool=row.pool,
        vrf=row.vrf,
        state=State(row.state),
        until=row.until,
        reference=row.reference,
        step=row.step,
        holder=row.holder,
        customer=row.customer,
        description=row.description,
        carries=row.carries,
    )
