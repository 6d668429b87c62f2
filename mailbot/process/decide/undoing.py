"""Compensation: what was taken is given back and what was activated is undone, in reverse order, each as a step.

It goes on after the end of a request, and one thing after the other: space must not be given back while a router
still sends its traffic to its last holder. What is undone is not undone again.
"""

from collections.abc import Iterable

from mailbot.process import clock, graph
from mailbot.process.decide import driving
from mailbot.process.decide.asking import allowance_of, trouble
from mailbot.process.decide.draft import Draft
from mailbot.process.decide.rights import concerned
from mailbot.process.definition import DRIVING, Action, StepKind
from mailbot.process.duration import Duration, Unit
from mailbot.process.expression import EvaluationFailed
from mailbot.process.marks import END
from mailbot.process.request import (
    GiveBack,
    Kind,
    NetworkState,
    Step,
    StepState,
)

ENDED = "ended"
"""The mark of a step whose end was told."""

LEAD_TIME = Duration(amount=1, unit=Unit.DAY, working=True)
"""For what is undone by a step without one."""

_OPPOSITE = {Action.ADD: Action.REMOVE, Action.REMOVE: Action.ADD, Action.CHANGE: Action.CHANGE}


def run_out(d: Draft, name: str) -> None:
    """What was for a time is over: it is undone, and before it all that was done with it afterwards."""
    d.change_step(name, told=d.request.step(name).told | {END})
    d.write("time is up", step=name, actor=d.directory.bot)
    later = [s.name for s in d.request.steps if s.undoes is None and _builds_on(d, s, name)]
    undo(d, [name, *later])
    advance(d)


def _builds_on(d: Draft, step: Step, name: str) -> bool:
    base, item = name.partition(".")[0], d.request.step(name).item
    comes_after = base in graph.before(d.process.steps)[d.rule(step.name).name]
    return comes_after and (item is None or step.item in {None, item})


# -- what is to be undone --------------------------------------------------------------------------------------


def undo(d: Draft, names: Iterable[str]) -> None:
    """Plan the undoing of those of these steps that have done something, the last one first."""
    places = {step.name: place for place, step in enumerate(d.request.steps)}
    found = [step for name in names if _has_done(d, step := d.request.step(name))]
    found.sort(key=lambda s: (s.answered_at or s.opened or d.now, places[s.name]), reverse=True)
    for step in found:
        d.change_step(step.name, undone=True)
    d.add_steps(Step(name=f"{step.name}.undo", item=step.item, undoes=step.name) for step in found)


def _has_done(d: Draft, step: Step) -> bool:
    if step.undone or step.undoes:
        return False
    if any(a.step == step.name and a.state in driving.IN_FORCE for a in d.request.addresses):
        return True
    kind = d.rule(step.name).kind
    if kind not in DRIVING or kind is StepKind.VERIFY:
        return False
    return any(one.state is not NetworkState.FAILED for one in driving.newest(step).values())


# -- one after the other ------------------------------------------------------------------------------------------


def advance(d: Draft) -> None:
    """Begin what is to be undone next, and tell of what has ended."""
    while (step := _next(d)) and step.state is StepState.WAITING:
        begin(d, step)
    if step is None:
        _tell_what_ended(d)


def _next(d: Draft) -> Step | None:
    over = {StepState.DONE, StepState.SKIPPED, StepState.FAILED}
    return next((s for s in d.request.steps if s.undoes and s.state not in over), None)


def begin(d: Draft, step: Step) -> None:
    """Undo one step. Where what its targets are told cannot be worked out, it is stuck."""
    try:
        _begin(d, step)
    except EvaluationFailed as failure:
        trouble(d, step.name, str(failure))


def _begin(d: Draft, step: Step) -> None:
    rule = d.rule(step.name)
    allowance = allowance_of(d, rule) if rule.lead_time else None
    calendar = rule.calendar or d.process.calendar or "house"
    allowance = allowance or clock.started(clock.allow(LEAD_TIME, calendar, d.directory), d.now)
    due = clock.due(allowance, d.directory)
    step = d.change_step(step.name, state=StepState.OPEN, opened=d.now, allowance=allowance, due=due, trouble=None)
    if rule.kind in DRIVING:
        _drive_back(d, step)
    else:
        _give_back(d, step)


def _give_back(d: Draft, step: Step) -> None:
    for address in d.request.addresses:
        if address.step == step.undoes and address.state in driving.IN_FORCE:
            d.wish(GiveBack(step=step.name, prefix=address.prefix, pool=address.pool, own=True))


def _drive_back(d: Draft, step: Step) -> None:
    """At every target that has done it, or may have."""
    done = driving.newest(d.request.step(step.undoes or ""))
    targets = [one.target for one in done.values() if one.state is not NetworkState.FAILED]
    driving.drive(d, step, _OPPOSITE[d.rule(step.name).action], targets)


def _tell_what_ended(d: Draft) -> None:
    """Once it really has."""
    for step in d.request.steps:
        if END in step.told and ENDED not in step.told:
            d.change_step(step.name, told=step.told | {ENDED})
            d.write(ENDED, step=step.name, actor=d.directory.bot)
            d.tell(Kind.ENDED, concerned(d), step=step.name, began=step.answered_at)
