"""The course of a request: which steps begin, what each kind does when it does, and when all is over."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from mailbot.process import clock, moments
from mailbot.process.calendar import Calendar
from mailbot.process.decide import driving, ending, undoing
from mailbot.process.decide.asking import allowance_of, ask, named, trouble
from mailbot.process.decide.draft import Draft
from mailbot.process.decide.taking import length_of, pool_of, prefix_of, take
from mailbot.process.definition import OnFailure, StepKind, StepRule
from mailbot.process.duration import Duration
from mailbot.process.expression import EvaluationFailed, names_in
from mailbot.process.marks import WAKE
from mailbot.process.request import OVER, GiveBack, Kind, Outcome, State, Step, StepState, WouldFit

MOST_ITEMS = 500
"""Items that one step runs for."""


def advance(d: Draft, changes: Sequence[str] = ()) -> None:
    """Begin every step whose turn has come; when none is left, complete the request. Nothing moves while it is held.

    `changes` are the labels of what has just changed in the form.
    """
    while d.request.state is State.IN_PROGRESS and (step := _next(d)):
        begin(d, step, changes)
    _complete_if_over(d)
    undoing.advance(d)


def is_over(d: Draft, step: Step) -> bool:
    """Whether what comes after it may begin: also behind a failure that is to be lived with."""
    lived_with = step.state is StepState.FAILED and d.rule(step.name).on_failure is OnFailure.CONTINUE
    return lived_with or step.state in OVER


def _next(d: Draft) -> Step | None:
    over = {step.name for step in d.request.steps if is_over(d, step)}
    for step in d.request.steps:
        if step.state is not StepState.WAITING or step.undoes or (step.wakes and step.wakes > d.now):
            continue
        rule = d.rule(step.name)
        if step.item is not None or all(name in over for name in rule.after):
            return step
    return None


def begin(d: Draft, step: Step, changes: Sequence[str] = ()) -> None:
    """Begin a step. What cannot be evaluated is never taken for false: the step is held, and admins are told."""
    try:
        if not _wanted(d, step):
            d.change_step(step.name, state=StepState.SKIPPED)
            d.write("skipped", step=step.name, detail=f"when {d.rule(step.name).when}", actor=d.directory.bot)
            settle_items(d, step)
        elif not _sleeps(d, step):
            _open(d, step, changes)
    except (EvaluationFailed, ValueError) as failure:
        trouble(d, step.name, str(failure))


def _wanted(d: Draft, step: Step) -> bool:
    """Its condition; one that speaks of the item is asked once an item."""
    rule = d.rule(step.name)
    if rule.when is None:
        return True
    of_item = rule.each is not None and any(name.partition(".")[0] == "item" for name in names_in(rule.when.source))
    if of_item is not (step.item is not None):
        return True
    return rule.when.holds(d.scope_for(step))


# -- dates -------------------------------------------------------------------------------------------------


def _sleeps(d: Draft, step: Step) -> bool:
    """Whether it must not begin yet. It is told once when it will, and woken then."""
    rule = d.rule(step.name)
    if rule.not_before is None or step.wakes is not None or step.item is not None:
        return False
    at = moments.begins(rule.not_before.render(d.scope_for(step)), _calendar(d, rule))
    if at <= d.now:
        return False
    _grant_the_waiting(d, at)
    d.change_step(step.name, wakes=at, due=at)
    d.write("sleeps", step=step.name, detail=f"until {at:%Y-%m-%d %H:%M}Z", actor=d.directory.bot)
    return True


def _wait(d: Draft, step: Step, rule: StepRule) -> None:
    at = end_of(d, step, rule) or d.now
    if at <= d.now:
        finish(d, step.name, "over")
        return
    _grant_the_waiting(d, at)
    d.change_step(step.name, state=StepState.OPEN, opened=d.now, wakes=at, due=at)
    d.write("waits", step=step.name, detail=f"until {at:%Y-%m-%d %H:%M}Z", actor=d.directory.bot)


def _grant_the_waiting(d: Draft, until: datetime) -> None:
    """Nobody is late while all wait for a date: what is left of the lead time is left then."""
    allowance = d.request.allowance
    others = [s.wakes for s in d.request.steps if s.wakes and s.state in {StepState.WAITING, StepState.OPEN}]
    since = max([d.now, *others])
    if allowance is None or d.request.due is None or until <= since:
        return
    more = d.directory.calendar(allowance.calendar).between(since, until)
    allowance = replace(allowance, granted=allowance.granted + more)
    d.change(allowance=allowance, due=clock.due(allowance, d.directory))


def wake(d: Draft, name: str) -> None:
    """The date has come that a step waited for."""
    step = d.change_step(name, told=d.request.step(name).told | {WAKE})
    if step.state is StepState.OPEN:
        finish(d, name, "over")
    d.write("woke", step=name, actor=d.directory.bot)
    advance(d)


def end_of(d: Draft, step: Step, rule: StepRule) -> datetime | None:
    """When what the step takes, activates or waits for ends by itself. Raises EvaluationFailed, ValueError."""
    scope, calendar = d.scope_for(step), _calendar(d, rule)
    if rule.lasts is not None:
        return calendar.after(d.now, Duration.parse(rule.lasts.render(scope)))
    if rule.until is not None:
        text, reading = rule.until.render(scope), moments.begins if rule.kind is StepKind.WAIT else moments.ends
        return reading(text, calendar)
    return None


def _calendar(d: Draft, rule: StepRule) -> Calendar:
    return d.directory.calendar(rule.calendar or d.process.calendar)


# -- one way a kind --------------------------------------------------------------------------------------------


def _open(d: Draft, step: Step, changes: Sequence[str]) -> None:
    rule = d.rule(step.name)
    if rule.each is not None and step.item is None:
        _split(d, step, rule)
        return
    match rule.kind:
        case StepKind.APPROVAL | StepKind.FORM | StepKind.TASK:
            ask(d, step, changes)
        case StepKind.ALLOCATE | StepKind.RESERVE:
            _run(d, step)
            d.wish(take(d, step, rule, _ends_later(d, step, rule)))
        case StepKind.RELEASE:
            _run(d, step)
            pool = pool_of(d, step, rule) if rule.pool else ""
            d.wish(GiveBack(step=step.name, prefix=prefix_of(d, step, rule), pool=pool))
        case StepKind.CHECK:
            _run(d, step)
            length = None if rule.length is None else length_of(d, step, rule)
            d.wish(WouldFit(step=step.name, pool=pool_of(d, step, rule), length=length))
        case StepKind.NOTIFY:
            _notify(d, step, rule)
        case StepKind.WAIT:
            _wait(d, step, rule)
        case StepKind.CHANGE | StepKind.ACTIVATE | StepKind.VERIFY:
            _run(d, step)
            driving.drive(d, d.change_step(step.name, until=_ends_later(d, step, rule)), rule.action)
            if not rule.targets:
                finish(d, step.name, "done")


def _ends_later(d: Draft, step: Step, rule: StepRule) -> datetime | None:
    """Raises ValueError where it would be over before it began."""
    until = end_of(d, step, rule)
    if until is not None and until <= d.now:
        raise ValueError(f"it would end at {until:%Y-%m-%d %H:%M}Z, and that is past")
    return until


def _run(d: Draft, step: Step) -> None:
    """Open a step that nobody is asked about; the answer to its wish ends it."""
    allowance = allowance_of(d, d.rule(step.name))
    d.change_step(
        step.name,
        state=StepState.OPEN,
        opened=d.now,
        allowance=allowance,
        due=clock.due(allowance, d.directory),
    )


def _notify(d: Draft, step: Step, rule: StepRule) -> None:
    people = [d.directory.person(a) for name in named(d, step, rule.to) for a in d.directory.addressees(name)]
    d.change_step(step.name, state=StepState.DONE, opened=d.now, answered_at=d.now, asked=tuple(people))
    d.write("notified", step=step.name, detail=", ".join(people), actor=d.directory.bot)
    d.tell(Kind.STATUS, people, step=step.name, template=rule.template, news=rule.title)
    settle_items(d, step)


# -- once an item ----------------------------------------------------------------------------------------------


def _split(d: Draft, step: Step, rule: StepRule) -> None:
    """The step stands for one step an item, which begin at once."""
    items = rule.each.evaluate(d.scope_for(step)) if rule.each else []
    if not isinstance(items, (list, tuple)):
        raise EvaluationFailed(f"{rule.each} gives {items!r}, which is no list")
    if len(items) > MOST_ITEMS:
        raise EvaluationFailed(f"{rule.each} has {len(items)} items, and a step runs for {MOST_ITEMS} at most")
    if not items:
        finish(d, step.name, "nothing to do")
        return
    _run(d, step)
    d.write("split", step=step.name, detail=", ".join(items), actor=d.directory.bot)
    children = (Step(name=f"{step.name}.{number}", item=item) for number, item in enumerate(items, 1))
    d.add_steps(children, behind=step.name)


def settle_items(d: Draft, child: Step) -> None:
    """When all items are over, so is the step that stands for them; where every one was refused, it is refused."""
    if child.item is None or child.undoes:
        return
    parent = d.request.step(child.name.partition(".")[0])
    children = d.children(parent)
    if parent.state is not StepState.OPEN or any(s.state in {StepState.WAITING, StepState.OPEN} for s in children):
        return
    refused = [s for s in children if s.state is StepState.REFUSED]
    if len(refused) == len(children):
        d.change_step(parent.name, state=StepState.REFUSED, answered_at=d.now, answer="all were refused")
        ending.reject(d, parent.name, refused[-1].answer or "all were refused", refused[-1].answered_by or "")
        return
    done = sum(s.state is StepState.DONE for s in children)
    finish(d, parent.name, f"{done} of {len(children)}")


def finish(d: Draft, name: str, answer: str, *, by: str = "", prefix: str | None = None) -> Step:
    """A step that nobody was asked about is done."""
    step = d.change_step(
        name,
        state=StepState.DONE,
        opened=d.request.step(name).opened or d.now,
        answered_by=by or d.directory.bot,
        answered_at=d.now,
        answer=answer,
        prefix=prefix,
        trouble=None,
        waits_for="",
    )
    settle_items(d, step)
    return step


def refuse(d: Draft, name: str, reason: str, by: str) -> None:
    """A step is refused, and with it the request; of several items, only that item."""
    step = d.change_step(name, state=StepState.REFUSED, answered_at=d.now, answered_by=by, answer=reason, trouble=None)
    if step.item is None:
        ending.reject(d, name, reason, by)
        return
    d.write("refused item", step=name, detail=f"{step.item}: {reason}", actor=by)
    settle_items(d, step)
    advance(d)


def _complete_if_over(d: Draft) -> None:
    if d.request.state is not State.IN_PROGRESS:
        return
    if any(not (is_over(d, step) or _dropped(step)) for step in d.request.steps):
        return
    d.move(Outcome.COMPLETE, closed=d.now)
    d.write("completed", actor=d.directory.bot)
    given_back = [step.prefix for step in d.request.steps if step.prefix and d.rule(step.name).kind is StepKind.RELEASE]
    d.tell(Kind.COMPLETED, (d.request.requester, *d.request.watchers), given_back=given_back)


def _dropped(step: Step) -> bool:
    """What goes on without being done: an item that was refused, and what is undone meanwhile."""
    return step.undoes is not None or (step.item is not None and step.state is StepState.REFUSED)
