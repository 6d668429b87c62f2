"""Working time: when it is spent, how much lies between two moments, when the day ends.

Spans are half-open and told by the clock on the wall, in the zone; what is counted are real seconds: a night
shift is an hour shorter when clocks go forward. A wall-clock time that does not exist is the moment at which
the clock jumps; one that comes twice is the first of the two. A span belongs to the day on which it begins: a
holiday takes away what begins on it, and nothing of the night before.

All moments that come out are UTC, in whole seconds; what comes in is cut to whole seconds.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from mailbot.config.duration import LENGTHS, Duration, Unit
from mailbot.config.holidays import holidays_in, known
from mailbot.config.hours import ALL_WEEK, Week
from mailbot.config.model import ALWAYS_OPEN, HOUSE, Config, WorkingHours
from mailbot.errors import MailbotError

PATIENCE = 400
"""Days without work after which there is none: more than a year, so that yearly work is found."""

Interval = tuple[int, int]
"""From and to, in seconds since the epoch; half-open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Working hours by weekday, less the holidays of a country or region, less single dates."""

    week: Week
    zone: tzinfo = UTC
    holidays: str | None = None
    dates: frozenset[date] = frozenset()
    _worked: dict[int, tuple[Interval, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def parse(
        cls,
        *,
        hours: str,
        holidays: str | None = None,
        dates: Iterable[date] = (),
        zone: tzinfo = UTC,
    ) -> "Calendar":
        """Build one from its words; ValueError, fit to be shown, when they do not hold or leave no work."""
        if holidays is not None:
            known(holidays)
        made = cls(
            week=Week.parse(hours),
            zone=zone,
            holidays=holidays,
            dates=frozenset(dates),
        )
        return _proven(made)

    @property
    def regular_day(self) -> timedelta:
        """The working hours of one regular day, summed: "1 working day"."""
        return self.week.regular_day

    def add(self, start: datetime, work: timedelta) -> datetime:
        """The earliest instant at which `work` is spent, counted from `start`; `start` itself for none."""
        at, left = _epoch(start), int(work.total_seconds())
        if left < 0:
            raise ValueError("working time is not counted backwards")
        if left == 0:
            return _instant(at)
        for begin, end in self._from(at):
            if left <= end - begin:
                return _instant(begin + left)
            left -= end - begin
        raise AssertionError("unreachable: _from has no end")

    def last_start(self, end: datetime, work: timedelta) -> datetime:
        """The latest instant from which `work` is spent by `end`: `add` turned round; `end` itself for none."""
        at, left = _epoch(end), int(work.total_seconds())
        if left < 0:
            raise ValueError("working time is not counted backwards")
        if left == 0:
            return _instant(at)
        for begin, finish in self._until(at):
            if left <= finish - begin:
                return _instant(finish - left)
            left -= finish - begin
        raise AssertionError("unreachable: _until has no end")

    def between(self, start: datetime, end: datetime) -> timedelta:
        """The working time in [start, end); none when `end` is not after `start`."""
        until, total = _epoch(end), 0
        if _epoch(start) >= until:
            return timedelta()
        for begin, finish in self._from(_epoch(start)):
            if begin >= until:
                break
            total += min(finish, until) - begin
        return timedelta(seconds=total)

    def next_working(self, instant: datetime) -> datetime:
        """The first instant, not before this one, at which work goes on. The end of a span is not worked."""
        return _instant(next(self._from(_epoch(instant)))[0])

    def is_worked(self, day: date) -> bool:
        """Whether any work begins on that day."""
        return bool(self._day(day.toordinal()))

    def end_of_work(self, day: date) -> datetime:
        """The end of the last span of that day; on a free day, of the last working day before it."""
        for ordinal in range(day.toordinal(), day.toordinal() - PATIENCE, -1):
            if spans := self._day(ordinal):
                return _instant(spans[-1][1])
        raise ValueError(f"no working time in the {PATIENCE} days before {day}")

    def length(self, duration: Duration) -> tuple[timedelta, bool]:
        """How long that is here, and whether it is working time (else time by the clock)."""
        if not duration.working:
            return duration.elapsed, False
        match duration.unit:
            case Unit.SECOND | Unit.MINUTE | Unit.HOUR:
                unit = LENGTHS[duration.unit]
            case Unit.DAY:
                unit = self.week.regular_day
            case Unit.WEEK:
                unit = self.week.total
        return duration.amount * unit, True

    def after(self, start: datetime, duration: Duration) -> datetime:
        """The moment at which the duration is over, working time or not."""
        length, working = self.length(duration)
        if working:
            return self.add(start, length)
        # Not start + length: Python counts that by the clock on the wall of start's zone.
        return _instant(_epoch(start) + int(length.total_seconds()))

    def _from(self, at: int) -> Iterator[Interval]:
        """What is worked from `at` on, without end; ValueError where nothing is found for too long."""
        # A span of the day before may still be open, past midnight.
        ordinal = datetime.fromtimestamp(at, self.zone).toordinal() - 1
        idle = 0
        while idle < PATIENCE:
            spans = self._day(ordinal)
            for begin, end in spans:
                if at < end:
                    yield max(at, begin), end
            idle = 0 if spans else idle + 1
            ordinal += 1
        raise ValueError(f"no working time within {PATIENCE} days after {date.fromordinal(ordinal - idle)}")

    def _until(self, at: int) -> Iterator[Interval]:
        """What is worked up to `at`, the latest first, without end; ValueError as `_from`."""
        # Where clocks go back over midnight, a span of the next day may have begun already.
        ordinal = datetime.fromtimestamp(at, self.zone).toordinal() + 1
        idle = 0
        while idle < PATIENCE:
            spans = self._day(ordinal)
            for begin, end in reversed(spans):
                if begin < at:
                    yield begin, min(at, end)
            idle = 0 if spans else idle + 1
            ordinal -= 1
        raise ValueError(f"no working time within {PATIENCE} days before {date.fromordinal(ordinal + idle)}")

    def _day(self, ordinal: int) -> tuple[Interval, ...]:
        """What is worked in the spans that begin on that day."""
        if (spans := self._worked.get(ordinal)) is None:
            spans = self._worked[ordinal] = tuple(self._work_out(date.fromordinal(ordinal)))
        return spans

    def _work_out(self, day: date) -> Iterator[Interval]:
        if day in self.dates or (self.holidays and day in holidays_in(self.holidays, day.year)):
            return
        midnight = datetime.combine(day, time())
        for begin, end in self.week.days[day.weekday()]:
            first = _moment(midnight + timedelta(seconds=begin), self.zone)
            last = _moment(midnight + timedelta(seconds=end), self.zone)
            if first < last:  # the clocks may jump over a whole span
                yield first, last


ALWAYS = Calendar(week=ALL_WEEK)


def calendars(config: Config) -> Mapping[str, Calendar]:
    """All that a config names: "house" (its [calendar]), "always", and each of [calendars.NAME].

    MailbotError where one leaves no time to work.
    """
    zone = config.bot.zone
    written = {HOUSE: config.calendar, **config.calendars}
    made = {name: _of(name, hours, zone) for name, hours in written.items()}
    return {ALWAYS_OPEN: Calendar(week=ALL_WEEK, zone=zone), **made}


def _of(name: str, written: WorkingHours, zone: tzinfo) -> Calendar:
    made = Calendar(
        week=written.hours,
        zone=written.zone or zone,
        holidays=written.holidays,
        dates=frozenset(written.dates),
    )
    try:
        return _proven(made)
    except ValueError as error:
        raise MailbotError(f'the calendar "{name}" has {error}') from None


def _proven(calendar: Calendar) -> Calendar:
    """Itself, once there is work to be found. Hours on Sundays alone have none where Sundays are holidays."""
    calendar.next_working(datetime(2026, 1, 1, tzinfo=UTC))
    return calendar


def _moment(wall: datetime, zone: tzinfo) -> int:
    """The first instant at which the zone's clocks show this time, or have jumped past it."""
    first = _epoch(wall.replace(tzinfo=zone, fold=0))
    second = _epoch(wall.replace(tzinfo=zone, fold=1))
    if first <= second:
        return first
    # In a gap fold=0 reads the time by the offset before the jump and so lands after it, fold=1 the other way
    # round (PEP 495): the jump lies between the two.
    low, high = second, first
    offset = datetime.fromtimestamp(high, zone).utcoffset()
    while low + 1 < high:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return high


def _epoch(instant: datetime) -> int:
    if instant.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return int(instant.timestamp() // 1)


def _instant(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
