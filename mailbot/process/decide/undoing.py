"""Compensation: what was taken is given back and what was activated is undone, in reverse order, each as a step.

It goes on after the end of a request, and one thing after the other: space must not be given back while a router
still sends its traffic to its last holder. What is undone is not undone again.
"""

from collections.abc import Iterable

from mailbot.process import clock, graph
from mailbot.process.decide import changing, driving
from mailbot.process.decide.asking import allowance_of, trouble
from mailbot.process.decide.draft import Draft, base
from mailbot.process.decide.finishing import finish, skip
from mailbot.process.decide.rights import concerned
from mailbot.process.definition import DRIVING, TAKING, Action, StepKind
from mailbot.process.duration import Duration, Unit
from mailbot.process.expression import EvaluationFailed
from mailbot.process.marks import END
from mailbot.process.request import (
    TO_COME,
    Kind,
    NetworkState,
    Step,
    StepState,
    Withdraw,
)
from mailbot.words import phrase_of, say

BEGUN = "begun"
ENDED = "ended"
"""The marks of a step for a time, of which both were told."""

LEAD_TIME = Duration(amount=1, unit=Unit.DAY, working=True)
"""For what is undone by a step without one."""

TIME_IS_UP = say("undoing.its_time_is_up")

_OPPOSITE = {Action.ADD: Action.REMOVE, Action.REMOVE: Action.ADD, Action.CHANGE: Action.CHANGE}


def run_out(d: Draft, name: str) -> None:
    """What was for a time is over: it is undone, and before it all that was activated with it.

    What was still to be activated with it, is not activated any more; whoever is asked something is still asked.
    """
    d.change_step(name, told=d.request.step(name).told | {END})
    d.write("time is up", step=name, actor=d.directory.bot)
    ended = d.request.step(name)
    over = [ended, *(step for step in d.request.steps if was_for(d, step, ended))]
    undo(d, [step.name for step in over])
    for step in over:
        if d.request.step(step.name).state in TO_COME and d.rule(step.name).kind in DRIVING:
            skip(d, step.name, TIME_IS_UP, d.directory.bot)


def was_for(d: Draft, step: Step, ended: Step) -> bool:
    """Whether it activates what the other took: the space that it names, else all that there was when it began."""
    rule = d.rule(step.name)
    if rule.kind not in DRIVING or step.undoes or d.rule(ended.name).kind not in TAKING:
        return False
    return _builds_on(d, step, ended) and (rule.prefix is None or _names(d, step, ended.prefix))


def _names(d: Draft, step: Step, prefix: str | None) -> bool:
    expression = d.rule(step.name).prefix
    try:
        return expression is None or str(expression.evaluate(d.scope_for(step))) == prefix
    except EvaluationFailed:
        return True


def _builds_on(d: Draft, step: Step, other: Step) -> bool:
    """Whether it began after the other was over, and for the same item, where they are for one."""
    comes_after = base(other.name) in graph.before(d.process.steps)[base(step.name)]
    return comes_after and (other.item is None or step.item in {None, other.item})


# -- what is to be undone --------------------------------------------------------------------------------------


def undo(d: Draft, names: Iterable[str]) -> None:
    """Plan the undoing of those of these steps that have done something, the last one first."""
    found = [step for name in names if _has_done(d, step := d.request.step(name))]
    for step in _last_first(d, found):
        told = step.told | {END} if BEGUN in step.told else step.told  # who heard of one end, hears of both
        d.change_step(step.name, undone=True, told=told)
        d.add_steps([Step(name=f"{step.name}.undo", item=step.item, undoes=step.name)])


def _last_first(d: Draft, steps: Iterable[Step]) -> list[Step]:
    """By when they were over; of those that were over in the same moment, what comes after others before these."""
    before, places = graph.before(d.process.steps), {step.name: place for place, step in enumerate(d.request.steps)}
    return sorted(
        steps,
        key=lambda s: (s.answered_at or s.opened or d.now, len(before[base(s.name)]), places[s.name]),
        reverse=True,
    )


def _has_done(d: Draft, step: Step) -> bool:
    if step.undone or step.undoes:
        return False
    taken = [a for a in d.request.addresses if a.step == step.name]
    if any(a.state in driving.IN_FORCE or changing.changed_since(d, a) for a in taken):
        return True
    kind = d.rule(step.name).kind
    if kind not in DRIVING or kind is StepKind.VERIFY:
        return False
    return bool(driving.may_have_done(step))


# -- one after the other ------------------------------------------------------------------------------------------


def advance(d: Draft) -> None:
    """Begin what is to be undone next, and tell of what has ended."""
    while step := _next(d):
        begin(d, step)
    _tell_what_ended(d)


def _next(d: Draft) -> Step | None:
    """What may begin, if anything may. What is stuck holds up only what it was built upon."""
    held_up: list[Step] = []
    for step in _left(d):
        undone = d.request.step(step.undoes or "")
        if step.state is StepState.OPEN and step.trouble is None:
            return None
        if step.state is StepState.WAITING and not any(_builds_on(d, one, undone) for one in held_up):
            return step
        held_up.append(undone)
    return None


def _left(d: Draft) -> list[Step]:
    """What is being undone, or still to be."""
    return [step for step in d.request.steps if step.undoes and step.state in TO_COME]


def begin(d: Draft, step: Step) -> None:
    """Undo one step. Where what its targets are told cannot be worked out, it is stuck."""
    rule = d.rule(step.name)
    allowance = allowance_of(d, rule) if rule.lead_time else None
    calendar = rule.calendar or d.process.calendar or "house"
    allowance = allowance or clock.started(clock.allow(LEAD_TIME, calendar, d.directory), d.now)
    due = clock.due(allowance, d.directory)
    step = d.change_step(step.name, state=StepState.OPEN, opened=d.now, allowance=allowance, due=due, trouble=None)
    if rule.kind in DRIVING:
        _drive_back(d, step)
    else:
        changing.give_back_own(d, step)


def go_on(d: Draft, undone: Step) -> None:
    """The targets of a step have answered all that it had told them: now they can be told to undo it."""
    for step in _left(d):
        if step.undoes == undone.name and step.state is StepState.OPEN and not step.network:
            _drive_back(d, step)


def _drive_back(d: Draft, step: Step) -> None:
    """At every target that has done it, or may have; once none is still about to. What has not left is withdrawn."""
    undone = d.request.step(step.undoes or "")
    if driving.is_under_way(undone):
        for one in undone.network:
            if one.state is NetworkState.UNPROCESSED:
                d.wish(Withdraw(id=one.id, step=undone.name))
        return
    targets = driving.may_have_done(undone)
    if not targets:
        if not changing.goes_on(d, step):
            finish(d, step.name, say("undoing.nothing_was_done"))
        return
    try:
        driving.drive(d, step, _OPPOSITE[d.rule(step.name).action], targets)
    except EvaluationFailed as failure:
        trouble(d, step.name, phrase_of(failure))


def _tell_what_ended(d: Draft) -> None:
    """Once it really has, with all that was to be undone before it; of several items, when the last one has."""
    left = [d.request.step(step.undoes or "") for step in _left(d)]
    ended = [step for step in d.request.steps if END in step.told and ENDED not in step.told]
    for name in dict.fromkeys(base(step.name) for step in ended):
        steps = [step for step in ended if base(step.name) == name]
        if any(one in steps or _builds_on(d, one, step) for one in left for step in steps):
            continue
        for step in steps:
            d.change_step(step.name, told=step.told | {ENDED})
            d.write(ENDED, step=step.name, actor=d.directory.bot)
        d.tell(Kind.ENDED, concerned(d), step=name, began=steps[0].answered_at)
