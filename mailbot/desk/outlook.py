"""What is to come of a pool: when it is full if it goes on so, and if all that is open is granted."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mailbot.addresses import BadPrefix, parse_space
from mailbot.desk.settle import Desk
from mailbot.process.coming import to_come
from mailbot.process.definition import Process, StepKind, StepRule
from mailbot.process.directory import Directory
from mailbot.process.expression import EvaluationFailed, Scope
from mailbot.process.request import Request
from mailbot.store import Connection, Transaction, period, space
from mailbot.words import say

NOT_KNOWN = say("digest.not_known")
HORIZON = timedelta(days=90)
"""How far back the use of a pool is looked at, to see when it will be full."""
POINTS = 14
"""Days on which its use must have changed: fewer say nothing about the days to come."""
CENTURY = 100 * 365
FRESH = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Of one pool: its growth by day, and how much it gives out beside that if all that is open is granted."""

    growth: Mapping[date, int]
    asked_for: int

    def lasts(self, used: int, size: int) -> str:
        """In words, as it goes on."""
        return lasts(days_left(self.growth, used, size)) if used < size else say("digest.full")

    def lasts_if_granted(self, used: int, size: int) -> str:
        return self.lasts(used + self.asked_for, size)


class Outlooks:
    """Those of all pools as they were at most FRESH ago: to look at all that is open takes a while where it is much."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._looked: datetime | None = None
        self._found: dict[str, Outlook] = {}

    def of(self, conn: Connection, pool: str, now: datetime) -> Outlook:
        if self._looked is None or pool not in self._found or not self._looked <= now < self._looked + FRESH:
            self._found, self._looked = outlooks(conn, self._desk, now), now
        return self._found[pool]


def outlooks(conn: Connection, desk: Desk, now: datetime) -> dict[str, Outlook]:
    """Of all pools."""
    still_open = (request for request in period.requests_between(conn, now, now) if not request.is_closed)
    asked, growth = asked_for(conn, desk, still_open), space.growth(conn, now - HORIZON)
    return {name: Outlook(growth=growth.get(name, {}), asked_for=asked.get(name, 0)) for name in space.families(conn)}


def asked_for(conn: Connection, desk: Desk, requests: Iterable[Request]) -> Mapping[str, int]:
    """Pool → addresses that it gives out if all that these requests wait for is granted."""
    tx, found = Transaction(conn), Counter[str]()
    sizes = {pool: family.width for pool, family in space.families(conn).items()}
    for request in requests:
        for pool, length in wanted(request, desk.process(tx, request), desk.directory):
            if (length or 0) <= sizes.get(pool, -1):
                found[pool] += 1 if length is None else 1 << sizes[pool] - length
    return found


def wanted(request: Request, process: Process, directory: Directory) -> Iterator[tuple[str, int | None]]:
    """(pool, prefix length) of what it takes if all that it still waits for is granted, as far as it is decided now.

    A number has no length. What the request has reserved already is in use.
    """
    if not request.form:
        return
    reserved = {address.pool for address in request.addresses if address.state == "reserved"}
    for rule, scope in to_come(request, process, directory, {StepKind.ALLOCATE}):
        try:
            found = _take(rule, scope)
        except (EvaluationFailed, BadPrefix):
            continue  # it hangs on an answer that is still to come
        if found and found[0] not in reserved:
            yield found


def _take(rule: StepRule, scope: Scope) -> tuple[str, int | None] | None:
    if rule.pool is None or (rule.when is not None and not rule.when.holds(scope)):
        return None
    pool = rule.pool.render(scope)
    if rule.prefix is not None:
        return pool, parse_space(str(rule.prefix.evaluate(scope))).length
    return pool, None if rule.length is None else int(str(rule.length.evaluate(scope)))


def days_left(growth: Mapping[date, int], used: int, size: int) -> int | None:
    """In how many days a pool is full, if it goes on as the days did on which its use changed.

    A straight line is laid through them (least squares). None where there are fewer than POINTS of them; CENTURY
    where it does not grow, or that slowly.
    """
    if len(growth) < POINTS:
        return None
    days = sorted(growth)
    # Backwards from what is known to be used now: what a pool held before its history began does not matter.
    level, levels = used, []
    for day in reversed(days):
        levels.append(level)
        level -= growth[day]
    slope = _slope([day.toordinal() for day in days], levels[::-1])
    if slope <= 0:
        return CENTURY
    return min(CENTURY, int((size - used) / slope))


def _slope(xs: Sequence[int], ys: Sequence[int]) -> float:
    """Of the line through these points that misses them least. Exact until the last division: IPv6 is large."""
    n = len(xs)
    rise = n * sum(x * y for x, y in zip(xs, ys, strict=True)) - sum(xs) * sum(ys)
    run = n * sum(x * x for x in xs) - sum(xs) ** 2
    return rise / run


def lasts(days: int | None) -> str:
    """How long a pool will last."""
    match days:
        case None:
            return NOT_KNOWN
        case 0:
            return say("digest.full_today")
        case _ if days >= CENTURY:
            return say("digest.no_end_in_sight")
        case _ if days < 2 * 7:
            return say("digest.full_in_about_days", days=days)
        case _ if days < 3 * 30:
            return say("digest.full_in_about_weeks", weeks=days // 7)
        case _ if days < 2 * 365:
            return say("digest.full_in_about_months", months=days // 30)
        case _:
            return say("digest.full_in_about_years", years=days // 365)
