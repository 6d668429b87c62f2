"""The course of a request: which steps begin, what each kind does when it does, and when all is over."""

from collections.abc import Mapping

from mailbot.process import clock, graph
from mailbot.process.decide import dates, driven, driving, ending, items, lasting, undoing
from mailbot.process.decide.asking import allowance_of, ask, named, trouble
from mailbot.process.decide.draft import Draft, base
from mailbot.process.decide.finishing import finish, is_over, settle, settle_items
from mailbot.process.decide.taking import length_of, pool_of, prefix_of, take
from mailbot.process.decide.wanted import asks_first, is_wanted
from mailbot.process.definition import StepKind, StepRule
from mailbot.process.expression import EvaluationFailed
from mailbot.process.marks import WAKE
from mailbot.process.request import GiveBack, Kind, Outcome, State, Step, StepState, WouldFit
from mailbot.words import phrase_of, say


def advance(d: Draft) -> None:
    """Begin every step whose turn has come; when none is left, complete the request, and where one was refused, reject
    it. Nothing begins while it is held.
    """
    prior = graph.before(d.process.steps)
    while step := _next(d, prior):
        begin(d, step)
    _reject_if_refused(d)
    lasting.tell_what_began(d)
    _complete_if_over(d)
    undoing.advance(d)


def _next(d: Draft, prior: Mapping[str, frozenset[str]]) -> Step | None:
    """What may begin. All that comes before it is over: also what was over once, and is asked anew."""
    if d.request.state is not State.IN_PROGRESS or _refused(d):
        return None
    over = {step.name for step in d.request.steps if step.item is None and is_over(d, step)}
    waiting = (s for s in d.request.steps if s.state is StepState.WAITING and s.undoes is None and not _is_asleep(d, s))
    return next((step for step in waiting if prior[base(step.name)] <= over), None)


def _is_asleep(d: Draft, step: Step) -> bool:
    return step.wakes is not None and step.wakes > d.now


def begin(d: Draft, step: Step) -> None:
    """Begin a step. What cannot be evaluated is never taken for false: the step is held, and admins are told."""
    try:
        if not is_wanted(d, step):
            skipped = d.change_step(step.name, state=StepState.SKIPPED)
            d.write("skipped", step=step.name, detail=f"when {d.rule(step.name).when}", actor=d.directory.bot)
            settle_items(d, skipped)
        elif not dates.sleeps(d, step):
            _open(d, step)
    except (EvaluationFailed, ValueError) as failure:
        trouble(d, step.name, phrase_of(failure))


def wake(d: Draft, name: str) -> None:
    """The date has come that a step waited for."""
    step = d.change_step(name, told=d.request.step(name).told | {WAKE})
    d.write("woke", step=name, actor=d.directory.bot)
    if d.rule(name).kind is StepKind.WAIT and step.state is StepState.OPEN:
        finish(d, name, say("course.over"))
    advance(d)


# -- one way a kind --------------------------------------------------------------------------------------------


def _open(d: Draft, step: Step) -> None:
    rule = d.rule(step.name)
    if rule.each is not None and step.item is None:
        items.split(d, _run(d, step), rule)
        settle(d, step.name)
        return
    match rule.kind:
        case StepKind.APPROVAL | StepKind.FORM | StepKind.TASK:
            ask(d, step)
        case StepKind.ALLOCATE | StepKind.RESERVE if asks_first(d, step):
            d.begin_anew(step.name)
        case StepKind.ALLOCATE | StepKind.RESERVE:
            wish = take(d, _run(d, step), rule, dates.ends_later(d, step, rule))
            d.change_step(step.name, prefix=wish.from_reserved)  # nobody else takes that up
            d.wish(wish)
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
            dates.wait(d, step, rule)
        case StepKind.CHANGE | StepKind.ACTIVATE | StepKind.VERIFY:
            _drive(d, step, rule)


def _run(d: Draft, step: Step) -> Step:
    """Open a step that nobody is asked about; the answer to its wish ends it. One that is tried again stays as due."""
    if step.state is StepState.OPEN and step.allowance is not None:
        return step
    allowance = allowance_of(d, d.rule(step.name))
    return d.change_step(
        step.name,
        state=StepState.OPEN,
        opened=d.now,
        allowance=allowance,
        due=clock.due(allowance, d.directory),
    )


def _drive(d: Draft, step: Step, rule: StepRule) -> None:
    """What was told to targets before is not told again, and ends when it was to end."""
    _run(d, step)
    until = step.until if step.network else dates.ends_later(d, step, rule)
    step = driving.go_on(d, d.change_step(step.name, until=until), rule.action)
    if not driving.is_under_way(step):
        driven.judge(d, step)


def _notify(d: Draft, step: Step, rule: StepRule) -> None:
    people = [d.directory.person(a) for name in named(d, step, rule.to) for a in d.directory.addressees(name)]
    step = d.change_step(step.name, state=StepState.DONE, opened=d.now, answered_at=d.now, asked=tuple(people))
    d.write("notified", step=step.name, detail=", ".join(people), actor=d.directory.bot)
    d.tell(Kind.STATUS, people, step=step.name, template=rule.template, news=rule.title)
    settle_items(d, step)


# -- the end -------------------------------------------------------------------------------------------------------


def _refused(d: Draft) -> Step | None:
    """A refused item does no more than drop out."""
    return next((s for s in d.request.steps if s.state is StepState.REFUSED and s.item is None), None)


def _reject_if_refused(d: Draft) -> None:
    if not d.request.is_closed and (step := _refused(d)):
        ending.reject(d, step.name, step.answer or "", step.answered_by or "")


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
    """What goes on without being done: an item that was refused or is none any more, and what is undone meanwhile."""
    dropped = step.item is not None and step.state in {StepState.REFUSED, StepState.CANCELLED}
    return step.undoes is not None or dropped
