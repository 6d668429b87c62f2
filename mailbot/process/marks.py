"""The moments at which a request must be looked at again: the timers it needs, derived from its values.

A timer is never set or dropped by hand: whatever changes a request, its marks follow, and the store brings the
ledger to them. What was told already stands in `told`, so that each mark fires once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mailbot.process import clock
from mailbot.process.definition import Process, StepRule
from mailbot.process.directory import Directory
from mailbot.process.request import Request, State, Step, StepState

LATE = "late"
REMINDER = "reminder-"
ESCALATION = "escalation-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """`at` is when it is told: in working time, and so at times after the moment that it is about."""

    name: str
    at: datetime
    step: str | None = None


def marks(request: Request, process: Process, directory: Directory) -> tuple[Mark, ...]:
    """All that is still to come, in no order; nothing while the clock stands or after the end."""
    if request.state is not State.IN_PROGRESS:
        return ()
    found = list(_of_request(request, process, directory))
    for step in request.steps:
        if step.state is StepState.OPEN:
            found.extend(_of_step(step, process.step(step.name), process, directory))
    return tuple(found)


def _of_request(request: Request, process: Process, directory: Directory) -> Iterator[Mark]:
    if request.due is not None and LATE not in request.told:
        calendar = directory.calendar(process.calendar)
        yield Mark(name=LATE, at=calendar.next_working(request.due))


def _of_step(step: Step, rule: StepRule, process: Process, directory: Directory) -> Iterator[Mark]:
    if step.allowance is None or step.due is None:
        return
    calendar = directory.calendar(rule.calendar or process.calendar)
    moments: dict[str, datetime | None] = {LATE: step.due}
    for number, share in enumerate(rule.remind):
        offset = step.allowance.lead * float(share)
        moments[f"{REMINDER}{number}"] = clock.moment(step.allowance, offset, directory)
    for number, rung in enumerate(rule.escalate):
        moments[f"{ESCALATION}{number}"] = calendar.after(step.due, rung.after)
    for name, at in moments.items():
        if at is not None and name not in step.told:
            yield Mark(name=name, at=calendar.next_working(at), step=step.name)
