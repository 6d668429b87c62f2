"""What billing is told of a month: who held which space for how long, and which lead times were met."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from mailbot.process.forecast import is_late
from mailbot.process.request import Request, State
from mailbot.store import Connection, period, space
from mailbot.store.space.intervals import Interval, intervals

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """[since, until), in the bot's own time."""

    name: str
    since: datetime
    until: datetime

    @classmethod
    def parse(cls, text: str, zone: ZoneInfo) -> "Month":
        """Read "2026-11"; else ValueError."""
        begin = datetime.strptime(text, "%Y-%m").replace(tzinfo=zone)
        year, month = divmod(begin.year * 12 + begin.month, 12)
        return cls(name=f"{begin:%Y-%m}", since=begin, until=datetime(year, month + 1, 1, tzinfo=zone))


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Space that was held within the month, cut to it. `addresses` is how many it has (of numbers: 1).

    `began` and `ended` say whether that fell into the month.
    """

    held: space.Allocation
    since: datetime
    until: datetime
    began: bool
    ended: bool

    @property
    def addresses(self) -> int:
        return self.held.prefix.size

    @property
    def seconds(self) -> int:
        return int((self.until - self.since).total_seconds())

    @property
    def address_days(self) -> Fraction:
        return self.addresses * Fraction(self.seconds, int(DAY.total_seconds()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A request that was closed in the month. `met` is None where nothing was promised, or where it was withdrawn.

    `allowed` is its lead time in working time, with what was granted beside. `customer` is the one on record that its
    form names; else the one whose space it took, as `Usage` has it.
    """

    request: Request
    customer: str | None
    met: bool | None
    allowed: timedelta | None


def usage(conn: Connection, month: Month, now: datetime) -> Iterator[Usage]:
    """In order of address. A month that is not over is told up to now; of one that has not begun there is nothing."""
    end = min(month.until, now)
    if end > month.since:
        for one in intervals(conn, month.since, end):
            yield _cut(one, month, end)


def services(conn: Connection, month: Month) -> Iterator[Service]:
    """In order of coming."""
    booked = period.customers_of_space(conn, month.since, month.until)
    for request in period.requests_between(conn, month.since, month.until):
        if request.closed is not None and month.since <= request.closed < month.until:
            allowance = request.allowance
            allowed = None if allowance is None else allowance.lead + allowance.granted
            customer = next(iter(request.customers), None) or booked.get(request.reference)
            yield Service(request=request, customer=customer, met=_met(request), allowed=allowed)


def _cut(one: Interval, month: Month, end: datetime) -> Usage:
    until = end if one.until is None else min(one.until, end)
    return Usage(
        held=one.held,
        since=max(one.since, month.since),
        until=until,
        began=one.since >= month.since,
        ended=one.until is not None and one.until <= end,
    )


def _met(request: Request) -> bool | None:
    if request.due is None or request.closed is None or request.state is State.CANCELLED:
        return None
    return not is_late(request, request.closed)
