"""What `stats` tells: how requests went in any span of time, by type and by department."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mailbot.digest.figures import Pace, Span, Tally, answered, pace, tally
from mailbot.process.calendar import Calendar
from mailbot.process.directory import Directory
from mailbot.process.request import Request, StepState
from mailbot.store import Connection, period, views

ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """Of the `closed` requests: `mails` that people wrote about them, and how many had no fault of that kind."""

    closed: int
    mails: int
    complete_at_first_try: int
    trace_complete: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeFigures:
    """`name` is a type, or ALL. `pace` is of those that were granted or refused, from coming to the answer."""

    name: str
    tally: Tally
    pace: Pace
    quality: Quality


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartmentFigures:
    """How fast a department answers its steps, from being asked to the answer."""

    name: str
    title: str
    pace: Pace


@dataclass(frozen=True, slots=True, kw_only=True)
class Statistics:
    types: tuple[TypeFigures, ...]
    """In the order of their names; ALL is the last."""
    departments: tuple[DepartmentFigures, ...]
    """In the order of the configuration; those that answered nothing are left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Traces:
    """What the store knows about requests beside themselves."""

    mails: Mapping[str, int]
    asked_again: frozenset[str]
    broken: frozenset[str | None]


def statistics(conn: Connection, directory: Directory, span: Span) -> Statistics:
    """Reads every request of the span, and the whole history: it is held against its chain."""
    requests = list(period.requests_between(conn, span.since, span.until))
    traces = _Traces(
        mails=period.mails_from_people(conn, span.since, span.until),
        asked_again=period.asked_again(conn, span.since, span.until),
        broken=frozenset(reference for reference, _ in views.breaks(conn)),
    )
    calendar = directory.calendar(None)
    names = sorted({request.type for request in requests})
    by_type = [(name, [r for r in requests if r.type == name]) for name in names]
    return Statistics(
        types=tuple(_of_type(name, found, span, calendar, traces) for name, found in [*by_type, (ALL, requests)]),
        departments=tuple(_departments(requests, directory, span)),
    )


def _of_type(name: str, requests: list[Request], span: Span, calendar: Calendar, traces: _Traces) -> TypeFigures:
    closed = [request for request in requests if request.closed in span]
    return TypeFigures(
        name=name,
        tally=tally(requests, span),
        pace=pace(answered(requests, span), calendar),
        quality=Quality(
            closed=len(closed),
            mails=sum(traces.mails.get(request.reference, 0) for request in closed),
            complete_at_first_try=sum(request.reference not in traces.asked_again for request in closed),
            trace_complete=sum(_is_traced(request, traces) for request in closed),
        ),
    )


def _is_traced(request: Request, traces: _Traces) -> bool:
    """Whether its history is as it was written, and every answer has somebody who gave it."""
    answers = (step for step in request.steps if step.answered_at is not None)
    return request.reference not in traces.broken and all(step.answered_by for step in answers)


def _departments(requests: Iterable[Request], directory: Directory, span: Span) -> Iterable[DepartmentFigures]:
    steps = [step for request in requests for step in request.steps]
    ended = [step for step in steps if step.state in {StepState.DONE, StepState.REFUSED} and step.answered_at in span]
    for name, department in directory.departments.items():
        answers = [
            (step.opened, step.answered_at, step.due)
            for step in ended
            if name in step.departments and step.opened is not None and step.answered_at is not None
        ]
        if answers:
            figures = pace(answers, directory.calendar(None))
            yield DepartmentFigures(name=name, title=department.title, pace=figures)
