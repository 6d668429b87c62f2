"""When a request will be over, by the lead times of what must still come: what jeopardy is judged by."""

from datetime import datetime

from mailbot.process import clock
from mailbot.process.definition import Process
from mailbot.process.directory import Directory
from mailbot.process.request import OVER, Request, State, StepState


def expected_end(request: Request, process: Process, directory: Directory, now: datetime) -> datetime:
    """The end of the longest way through the steps that are left, if each takes the lead time it is allowed."""
    ends: dict[str, datetime] = {}
    for rule in process.steps:  # in an order in which what a step waits for may still stand below it
        _end_of(rule.name, request, process, directory, now, ends)
    return max(ends.values(), default=now)


def in_jeopardy(request: Request, process: Process, directory: Directory, now: datetime) -> bool:
    """Whether it will be late, by forecast; a request that is late already, held or over is not in jeopardy."""
    if request.state is not State.IN_PROGRESS or request.due is None or request.due < now:
        return False
    return expected_end(request, process, directory, now) > request.due


def is_late(request: Request, now: datetime) -> bool:
    """By its own due time. While its clock stands, a request is as late as it was when it was stopped."""
    stands = request.allowance
    if request.state is State.HELD and stands is not None:
        return stands.spent > stands.lead + stands.granted
    return request.due is not None and (request.closed or now) > request.due


def _end_of(
    name: str, request: Request, process: Process, directory: Directory, now: datetime, ends: dict[str, datetime]
) -> datetime:
    if name in ends:
        return ends[name]
    step, rule = request.step(name), process.step(name)
    if step.state in OVER:
        ends[name] = now
    elif step.state is StepState.OPEN:
        ends[name] = max(now, step.due or now)
    else:
        starts = [_end_of(n, request, process, directory, now, ends) for n in rule.after]
        start = max(starts, default=now)
        ends[name] = start
        if rule.lead_time is not None:
            calendar = rule.calendar or process.calendar or "house"
            allowance = clock.started(clock.allow(rule.lead_time, calendar, directory), start)
            ends[name] = clock.due(allowance, directory) or start
    return ends[name]
