"""The moments at which a request must be looked at again: the timers it needs, derived from its values.

A timer is never set or dropped by hand: whatever changes a request, its marks follow, and the store brings the
ledger to them. What was told already stands in `told`, so that each mark fires once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailbot.process import clock
from mailbot.process.definition import Process, StepKind, StepRule
from mailbot.process.directory import Directory
from mailbot.process.forecast import jeopardy_since
from mailbot.process.request import Request, State, Step, StepState

LATE = "late"
JEOPARDY = "jeopardy"
"""By forecast, a request will be late."""
REMINDER = "reminder-"
ESCALATION = "escalation-"
UNANSWERED = "unanswered"
WAKE = "wake"
"""A step that slept may begin; one that only waits is over."""
WARNING = "warning"
"""What ends by itself soon, and whose requester can still prolong it."""
END = "end"
"""What ends by itself: a reservation lapses, a temporary allocation or activation is undone."""
EXPIRY_WARNING = "expiry-warning"
EXPIRY = "expiry"
"""A request whose requester is silent."""

LONGEST_WARNING = timedelta(days=3)
SHORTEST_WARNED = timedelta(days=1)
"""What lasts no longer than that ends without a warning: it would come with the beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """`at` is when it is told: letters in working time, and so at times after the moment that they are about."""

    name: str
    at: datetime
    step: str | None = None


def marks(request: Request, process: Process, directory: Directory) -> tuple[Mark, ...]:
    """All that is still to come, in no order. While a request is held, and after its end, only obligations are."""
    found = [*_obligations(request, process, directory)]
    match request.state:
        case State.PENDING:
            found += _of_pending(request, process, directory)
        case State.IN_PROGRESS:
            found += _of_request(request, process, directory)
            split = {step.name.partition(".")[0] for step in request.steps if step.item is not None}
            for step in request.steps:
                if step.name not in split:  # what stands for items is asked, and late, in each of them
                    found += _of_step(step, process.step(step.name), process, directory)
        case _:
            undoing = [s for s in request.steps if s.undoes and s.state is StepState.OPEN]
            for step in undoing:
                found += _of_step(step, process.step(step.name), process, directory)
    return tuple(found)


def _of_pending(request: Request, process: Process, directory: Directory) -> Iterator[Mark]:
    if request.pending_since is None or process.pending_expires is None:
        return
    calendar = directory.calendar(process.calendar)
    length, working = calendar.length(process.pending_expires)
    ends = calendar.after(request.pending_since, process.pending_expires)
    half = calendar.add(request.pending_since, length / 2) if working else request.pending_since + length / 2
    if EXPIRY_WARNING not in request.told:
        yield Mark(name=EXPIRY_WARNING, at=calendar.next_working(half))
    yield Mark(name=EXPIRY, at=ends)


def _of_request(request: Request, process: Process, directory: Directory) -> Iterator[Mark]:
    if request.due is not None and LATE not in request.told:
        calendar = directory.calendar(process.calendar)
        yield Mark(name=LATE, at=calendar.next_working(request.due))
    if process.managers and not request.told & {JEOPARDY, LATE}:
        since = jeopardy_since(request, process, directory)
        if since is not None:
            yield Mark(name=JEOPARDY, at=directory.calendar(process.calendar).next_working(since))


def _of_step(step: Step, rule: StepRule, process: Process, directory: Directory) -> Iterator[Mark]:
    waits = step.state is StepState.WAITING or (step.state is StepState.OPEN and rule.kind is StepKind.WAIT)
    if step.wakes is not None and waits and WAKE not in step.told:
        yield Mark(name=WAKE, at=step.wakes, step=step.name)
    if step.state is not StepState.OPEN or step.allowance is None or step.due is None:
        return
    calendar = directory.calendar(rule.calendar or process.calendar)
    moments: dict[str, datetime | None] = {LATE: step.due}
    for number, share in enumerate(rule.remind if step.asked else ()):
        offset = step.allowance.lead * float(share)
        moments[f"{REMINDER}{number}"] = clock.moment(step.allowance, offset, directory)
    for number, rung in enumerate(rule.escalate):
        moments[f"{ESCALATION}{number}"] = calendar.after(step.due, rung.after)
    if step.asked and step.trouble is None:
        moments[UNANSWERED] = clock.due(step.patience, directory)
    for name, at in moments.items():
        if at is not None and name not in step.told:
            yield Mark(name=name, at=calendar.next_working(at), step=step.name)


def _obligations(request: Request, process: Process, directory: Directory) -> Iterator[Mark]:
    """What ends by itself. A reservation's clock stands while the request is held; all other ends come for sure."""
    for step in request.steps:
        if step.until is None or step.undone:
            continue
        rule = process.step(step.name)
        if rule.kind is StepKind.RESERVE and request.state is State.HELD:
            continue
        if END not in step.told:
            yield Mark(name=END, at=step.until, step=step.name)
        if WARNING not in step.told and (at := _warning(step, rule, process, directory)):
            yield Mark(name=WARNING, at=at, step=step.name)


def _warning(step: Step, rule: StepRule, process: Process, directory: Directory) -> datetime | None:
    """While a quarter of the time is left, three days at most; where nobody works then, just before."""
    began = step.answered_at or step.opened
    if step.until is None or began is None or step.until - began < SHORTEST_WARNED:
        return None
    at = step.until - min((step.until - began) / 4, LONGEST_WARNING)
    at = at.replace(microsecond=0)
    working = directory.calendar(rule.calendar or process.calendar).next_working(at)
    return working if working < step.until else at
