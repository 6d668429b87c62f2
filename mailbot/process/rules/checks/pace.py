"""Lead times against each other: of the steps against the request's, and against what lapses meanwhile.

Only a calendar knows how long "3 working days" are, so it is tried, from all over a week in which a request may come.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from mailbot.errors import Fault
from mailbot.process import graph
from mailbot.process.calendar import ALWAYS, Calendar
from mailbot.process.definition import ASKING, DRIVING, StepKind, StepRule, Unanswered, Verdict
from mailbot.process.directory import HOUSE, PARTY
from mailbot.process.duration import Duration
from mailbot.process.rules.case import Case

_MONDAY = datetime(2027, 6, 7, tzinfo=UTC)
_WEEK = tuple(_MONDAY + timedelta(hours=hour) for hour in range(0, 7 * 24, 3))
"""A week that has no holidays in most places."""
_OFFICE = Calendar.parse(hours="mon-fri 09:00-17:00")
"""Where nobody says when the house works."""


def pace_faults(case: Case) -> Iterator[Fault]:
    if graph.circles(case.process.steps) or case.damaged:
        return  # then nothing is said that can be relied upon
    yield from _too_long(case)
    for index, rule in enumerate(case.process.steps):
        yield from _reservation(case, index, rule)
        if rule.unanswered is not None:
            yield from _unanswered(case, index, rule, rule.unanswered)


# -- the request's lead time ---------------------------------------------------------------------------


def _too_long(case: Case) -> Iterator[Fault]:
    calendar, allowed = _calendar(case, case.process.calendar), case.process.lead_time
    if any(max(_ends(case, start).values()) <= calendar.after(start, allowed) for start in _starts(calendar)):
        return
    ends = _ends(case, _MONDAY)
    way = _way(case, max(ends, key=lambda name: ends[name]), ends)
    steps = ", then ".join(f"{rule.name} ({rule.lead_time})" for rule in way)
    words = f"the request is due after {allowed}, but its steps may take longer: {steps}"
    yield case.source.unwise(("lead_time",), words)


def _starts(calendar: Calendar) -> Iterator[datetime]:
    """All over the week, and when work begins: then there is most time until the evening."""
    yield from dict.fromkeys(calendar.next_working(start) for start in _WEEK)
    yield from _WEEK


def _way(case: Case, last: str, ends: Mapping[str, datetime]) -> list[StepRule]:
    """The steps that take their time on the longest way to the last one."""
    way, rule = list[StepRule](), case.process.step(last)
    while True:
        way += [rule] if _takes_time(rule) else []
        before = [name for name in rule.after if name in ends]
        if not before:
            return way[::-1]
        rule = case.process.step(max(before, key=lambda name: ends[name]))


def _ends(case: Case, start: datetime, among: Collection[str] | None = None) -> dict[str, datetime]:
    """When each step is over if all take the lead time that they are allowed; what waits for a date takes none.

    `among`: as if there were no others.
    """
    rules = {rule.name: rule for rule in case.process.steps if among is None or rule.name in among}
    ends: dict[str, datetime] = {}
    while todo := [rule for name, rule in rules.items() if name not in ends]:
        for rule in todo:
            awaited = [name for name in rule.after if name in rules]
            if all(name in ends for name in awaited):
                begin = max((ends[name] for name in awaited), default=start)
                ends[rule.name] = _end(case, rule, begin)
    return ends


def _end(case: Case, rule: StepRule, begin: datetime) -> datetime:
    if not _takes_time(rule) or rule.lead_time is None:
        return begin
    return _calendar_of(case, rule).after(begin, rule.lead_time)


def _takes_time(rule: StepRule) -> bool:
    return rule.lead_time is not None and rule.kind in ASKING | DRIVING


def _calendar_of(case: Case, rule: StepRule) -> Calendar:
    """A supplier's hours are his own; they are taken to be the longest."""
    outside = bool(rule.asks) and all(text.source.startswith(PARTY) for text in rule.asks)
    return ALWAYS if outside and not rule.calendar else _calendar(case, rule.calendar or case.process.calendar)


def _calendar(case: Case, name: str | None) -> Calendar:
    return case.around.working.get(name or HOUSE, _OFFICE)


# -- a reservation's -------------------------------------------------------------------------------------


def _reservation(case: Case, index: int, rule: StepRule) -> Iterator[Fault]:
    """It must hold while those who decide on it take the time that they are allowed."""
    length = _length(rule)
    if rule.kind is not StepKind.RESERVE or length is None:
        return
    prior = graph.before(case.process.steps)
    for taker in case.process.steps:
        if taker.kind is not StepKind.ALLOCATE or rule.name not in prior[taker.name] or taker.pool != rule.pool:
            continue
        between = {name for name in prior[taker.name] if rule.name in prior[name]}
        lapses = [start for start in _WEEK if _lapses(case, rule, start, length, between)]
        if lapses:
            when = "" if len(lapses) == len(_WEEK) else f", where it begins on a {_day(case, lapses[0])}"
            slow = [other.name for other in case.process.steps if other.name in between and _takes_time(other)]
            words = f"it lapses after {length}, before {' and '.join(slow)} must be over{when}"
            yield case.source.unwise(("step", index, "for"), words)
        return


def _length(rule: StepRule) -> Duration | None:
    try:
        return Duration.parse(rule.lasts.plain) if rule.lasts and rule.lasts.plain else None
    except ValueError:
        return None


def _lapses(case: Case, rule: StepRule, start: datetime, length: Duration, between: Collection[str]) -> bool:
    if not between:
        return False
    return max(_ends(case, start, between).values()) > _calendar_of(case, rule).after(start, length)


def _day(case: Case, start: datetime) -> str:
    return f"{start.astimezone(_calendar(case, None).zone):%A}"


# -- silence ---------------------------------------------------------------------------------------------


def _unanswered(case: Case, index: int, rule: StepRule, silent: Unanswered) -> Iterator[Fault]:
    if rule.kind not in ASKING:
        return
    calendar = _calendar_of(case, rule)
    lead = rule.lead_time
    if lead and all(calendar.after(start, silent.after) < calendar.after(start, lead) for start in _WEEK):
        words = f"after {silent.after} the rules answer, before those who are asked are late ({lead})"
        yield case.source.unwise(("step", index, "unanswered"), words)
    if silent.then is Verdict.APPROVE:
        yield from _approved_by_silence(case, index, rule)


def _approved_by_silence(case: Case, index: int, rule: StepRule) -> Iterator[Fault]:
    path = ("step", index, "unanswered")
    needed = [field.name for field in rule.fields if field.required and field.default is None]
    if needed:
        words = f"nobody has filled in {' and '.join(needed)} then: what is asked for cannot be agreed to by silence"
        yield case.source.at(path, words)
    elif rule.kind is StepKind.APPROVAL:
        yield case.source.unwise(path, "an approval by silence: whoever asks for it has but to wait")
