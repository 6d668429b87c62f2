"""The course of a request: which steps begin, what each kind does when it does, and when all is over."""

from collections.abc import Sequence

from mailbot.process import clock
from mailbot.process.decide.asking import allowance_of, ask, named, trouble
from mailbot.process.decide.draft import Draft
from mailbot.process.definition import StepKind, StepRule
from mailbot.process.expression import EvaluationFailed, Expression
from mailbot.process.request import (
    OVER,
    GiveBack,
    Kind,
    Outcome,
    State,
    StepState,
    Take,
    WouldFit,
)


def advance(d: Draft, changes: Sequence[str] = ()) -> None:
    """Begin every step whose turn has come; when none is left, complete the request. Nothing moves while it is held.

    `changes` are the labels of what has just changed in the form.
    """
    while d.request.state is State.IN_PROGRESS and (rule := _next(d)):
        begin(d, rule, changes)
    _complete_if_over(d)


def _next(d: Draft) -> StepRule | None:
    over = {step.name for step in d.request.steps if step.state in OVER}
    for rule in d.process.steps:
        waits = d.request.step(rule.name).state is StepState.WAITING
        if waits and all(name in over for name in rule.after):
            return rule
    return None


def begin(d: Draft, rule: StepRule, changes: Sequence[str] = ()) -> None:
    """Begin a step. What cannot be evaluated is never taken for false: the step is held, and admins are told."""
    try:
        wanted = rule.when is None or rule.when.holds(d.scope)
        if wanted:
            _open(d, rule, changes)
        else:
            d.change_step(rule.name, state=StepState.SKIPPED)
            d.write("skipped", step=rule.name, detail=f"when {rule.when}", actor=d.directory.bot)
    except EvaluationFailed as failure:
        trouble(d, rule, str(failure))


def _open(d: Draft, rule: StepRule, changes: Sequence[str]) -> None:
    match rule.kind:
        case StepKind.APPROVAL | StepKind.FORM | StepKind.TASK:
            ask(d, rule, changes)
        case StepKind.ALLOCATE:
            _run(d, rule)
            d.wish(_take(d, rule))
        case StepKind.RELEASE:
            _run(d, rule)
            d.wish(GiveBack(step=rule.name, prefix=_prefix(d, rule)))
        case StepKind.CHECK:
            _run(d, rule)
            d.wish(_would_fit(d, rule))
        case StepKind.NOTIFY:
            _notify(d, rule)
        case _:
            trouble(
                d,
                rule,
                f"steps of kind {rule.kind.value!r} are not yet in force in this version of mailbot",
            )


def _run(d: Draft, rule: StepRule) -> None:
    """Open a step that nobody is asked about; the answer to its wish ends it."""
    allowance = allowance_of(d, rule)
    d.change_step(
        rule.name,
        state=StepState.OPEN,
        opened=d.now,
        allowance=allowance,
        due=clock.due(allowance, d.directory),
    )


def _take(d: Draft, rule: StepRule) -> Take:
    return Take(
        step=rule.name,
        pool=_pool(d, rule),
        length=None if rule.length is None else _length(d, rule.length),
        prefix=None if rule.prefix is None else _prefix(d, rule),
    )


def _would_fit(d: Draft, rule: StepRule) -> WouldFit:
    if rule.length is None:
        raise EvaluationFailed("it has no length")
    return WouldFit(step=rule.name, pool=_pool(d, rule), length=_length(d, rule.length))


def _length(d: Draft, expression: Expression) -> int:
    value = expression.evaluate(d.scope)
    if not isinstance(value, int):
        raise EvaluationFailed(f"its length is no number: {value!r}")
    return value


def _pool(d: Draft, rule: StepRule) -> str:
    if rule.pool is None:
        raise EvaluationFailed("it has no pool")
    return rule.pool.render(d.scope).strip()


def _prefix(d: Draft, rule: StepRule) -> str:
    if rule.prefix is None:
        raise EvaluationFailed("it has no prefix")
    return str(rule.prefix.evaluate(d.scope))


def _notify(d: Draft, rule: StepRule) -> None:
    people = [d.directory.person(a) for name in named(d, rule.to) for a in d.directory.addressees(name)]
    d.change_step(rule.name, state=StepState.DONE, opened=d.now, answered_at=d.now, asked=tuple(people))
    d.write("notified", step=rule.name, detail=", ".join(people), actor=d.directory.bot)
    d.tell(Kind.STATUS, people, step=rule.name, template=rule.template, news=rule.title)


def _complete_if_over(d: Draft) -> None:
    if d.request.state is not State.IN_PROGRESS:
        return
    if any(step.state not in OVER for step in d.request.steps):
        return
    d.move(Outcome.COMPLETE, closed=d.now)
    d.write("completed", actor=d.directory.bot)
    given_back = [step.prefix for step in d.request.steps if step.prefix and d.rule(step.name).kind is StepKind.RELEASE]
    d.tell(Kind.COMPLETED, (d.request.requester, *d.request.watchers), given_back=given_back)
