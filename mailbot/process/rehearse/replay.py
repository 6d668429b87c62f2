"""What people once wrote, played through the rules as they are now: which requests would take another way, and why.

Nobody is asked again: who answered then answers the same now, in the order of then. A step that nobody was asked
about then is agreed to at once, so that the way behind it is seen, where the request went to an end of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mailbot.config.locate import KeyPath
from mailbot.process import form
from mailbot.process.definition import FieldType, Process, StepKind, StepRule
from mailbot.process.directory import Directory
from mailbot.process.rehearse.space import Space
from mailbot.process.rehearse.stage import Stage, opened, ran
from mailbot.process.request import (
    Approve,
    Cancel,
    Deed,
    Done,
    Fail,
    Hold,
    Reject,
    Request,
    Skip,
    State,
    Step,
    StepState,
)
from mailbot.process.scope import scope_of
from mailbot.process.why import with_values

OPERATOR = "operator"
ROUNDS = 500
"""More answers than any request has had."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where a request came to: its state, the steps that ran, and what was wrong with its form."""

    state: State
    steps: tuple[str, ...]
    faults: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A request that would now take another way; `path` is where the rule file decides so, () where it says nothing."""

    reference: str
    type: str
    was: Way
    now: Way
    path: KeyPath
    why: str


def replay(
    request: Request, process: Process, directory: Directory, pools: Mapping[str, tuple[str, ...]]
) -> Difference | None:
    """How a past request differs from what these rules make of it; None where it takes the same way."""
    stage = _played(request, process, directory, pools)
    was, now = _way(request), _way(stage.request)
    if (was.state, set(was.steps), set(was.faults)) == (now.state, set(now.steps), set(now.faults)):
        return None
    path, why = _reason(request, stage)
    return Difference(reference=request.reference, type=request.type, was=was, now=now, path=path, why=why)


def _way(request: Request) -> Way:
    return Way(state=request.state, steps=ran(request), faults=request.faults)


# -- the play --------------------------------------------------------------------------------------------------


def _played(request: Request, process: Process, directory: Directory, pools: Mapping[str, tuple[str, ...]]) -> Stage:
    stage = opened(
        process,
        directory,
        _space(request, process, pools),
        requester=request.requester,
        given=_given(request, process),
        now=request.created,
        attachments=request.attachments,
        reference=request.reference,
    )
    agree = request.state in {State.COMPLETED, State.REJECTED}
    for _ in range(ROUNDS):
        if not any(
            _answered(stage, step, _then(request, step.name), agree=agree) for step in _in_order(stage, request)
        ):
            break
    _ended(stage, request)
    return stage


def _given(request: Request, process: Process) -> dict[str, str]:
    """What he wrote, less the fields that there are no more: they stand in nobody's way."""
    known = {field.name for field in process.fields}
    return {name: text for name, text in request.given.items() if name in known}


def _space(request: Request, process: Process, pools: Mapping[str, tuple[str, ...]]) -> Space:
    named = (request.form.get(field.name) for field in process.fields if field.type is FieldType.ALLOCATION)
    prefixes = [str(prefix) for value in named for prefix in (value if isinstance(value, tuple) else [value]) if prefix]
    stuck = {step.name: step.trouble for step in request.steps if step.trouble}
    refused = {StepState.REFUSED, StepState.FAILED}
    return Space(
        pools=pools,
        holds={prefix: request.carries.get(prefix, {}) for prefix in prefixes},
        given={step.name: step.prefix for step in request.steps if step.prefix},
        refused=stuck | {s.name: s.answer or request.reason or "refused" for s in request.steps if s.state in refused},
    )


def _then(request: Request, name: str) -> Step | None:
    return next((step for step in request.steps if step.name == name), None)


def _in_order(stage: Stage, request: Request) -> list[Step]:
    """What waits for an answer now: first what nobody had answered then, then as it was answered."""
    return sorted(stage.open_steps(), key=lambda step: _turn(_then(request, step.name), request))


def _turn(then: Step | None, request: Request) -> tuple[datetime, bool]:
    """When it was answered; what ended the request comes last of what was said in the same second."""
    if then is None or then.answered_at is None:
        return request.created, False
    return then.answered_at, then.state is StepState.REFUSED


def _answered(stage: Stage, step: Step, then: Step | None, *, agree: bool) -> bool:
    """Whether the step was answered as it was then, and that has changed something."""
    deed = _deed(stage, step, then, agree=agree)
    if deed is None:
        return False
    by_hand = isinstance(deed, Skip | Fail)
    people = stage.speakers(step)
    if not by_hand and not people:
        return False
    then_by = then.answered_by if then else None
    actor = OPERATOR if by_hand else then_by if then_by in people and then_by else people[0]
    before = stage.request
    stage.say(actor, deed, step.name, operator=by_hand)
    return stage.request != before


def _deed(stage: Stage, step: Step, then: Step | None, *, agree: bool) -> Deed | None:
    rule = stage.process.step(step.name)
    match then and then.state:
        case StepState.FAILED if then:
            return Fail(reason=stage.request.reason or "failed")
        case StepState.SKIPPED if then and then.answered_by:
            return Skip(reason=then.answer or "")
        case StepState.REFUSED if then:
            return Reject(reason=then.answer or "refused")
        case StepState.DONE if then:
            fields = {name: form.written(value) for name, value in then.fields.items()}
            known = {field.name for field in rule.fields}
            given = {name: text for name, text in fields.items() if name in known}
            return Approve(given=given) if rule.kind is StepKind.APPROVAL else Done(given=given)
        case _ if agree and not any(field.required for field in rule.fields):
            return Approve() if rule.kind is StepKind.APPROVAL else Done()
        case _:
            return None


def _ended(stage: Stage, request: Request) -> None:
    """What was done to the request as a whole, when all answers were in."""
    if stage.request.is_closed:
        return
    if request.state is State.CANCELLED:
        stage.say(OPERATOR, Cancel(reason=request.reason or ""), operator=True)
    if request.state is State.HELD:
        stage.say(OPERATOR, Hold(reason=request.reason or ""), operator=True)


# -- the rule that decides ---------------------------------------------------------------------------------------


def _reason(request: Request, stage: Stage) -> tuple[KeyPath, str]:
    """The first thing that comes out otherwise, in the order of the form and then of the steps."""
    if set(stage.request.faults) != set(request.faults):
        return _of_form(request, stage)
    before, after = set(ran(request)), set(ran(stage.request))
    for index, rule in enumerate(stage.process.steps):
        if (rule.name in before) != (rule.name in after):
            return _of_step(index, request, stage)
    for name in (name for name in ran(request) if _then(stage.request, name) is None):
        return (), f"there is no step {name} any more"
    return _of_end(stage)


def _of_form(request: Request, stage: Stage) -> tuple[KeyPath, str]:
    for index, field in enumerate(stage.process.fields):
        if fault := stage.request.faults.get(field.name):
            return ("field", index, "name"), f"the form is faulty: {field.name} {fault}"
    names = ", ".join(request.faults)
    return (), f"the form is complete: nothing is wrong with {names} any more"


def _of_step(index: int, request: Request, stage: Stage) -> tuple[KeyPath, str]:
    rule = stage.process.steps[index]
    now, then = stage.request.step(rule.name), _then(request, rule.name)
    if now.state is StepState.SKIPPED:
        return (
            "step",
            index,
            "when",
        ), f"step {rule.name} is skipped, for this does not hold: {_condition(rule, stage)}"
    if now.state is StepState.WAITING or now.opened is None:
        return _of_waiting(index, stage)
    if then is None:
        return ("step", index, "name"), f"step {rule.name} is new"
    if rule.when is not None:
        return ("step", index, "when"), f"step {rule.name} runs, for this holds: {_condition(rule, stage)}"
    return ("step", index, "name"), f"step {rule.name} runs without a condition"


def _condition(rule: StepRule, stage: Stage) -> str:
    scope = scope_of(stage.process, stage.request, stage.directory)
    return with_values(rule.when, scope) if rule.when else ""


def _of_waiting(index: int, stage: Stage) -> tuple[KeyPath, str]:
    """A step that is not reached: by what stands before it, or because the request has ended before."""
    rule = stage.process.steps[index]
    places = {other.name: place for place, other in enumerate(stage.process.steps)}
    for step in stage.request.steps:
        if step.state is StepState.OPEN:
            words = step.trouble or f"waits for {', '.join(step.asked) or 'an answer'}"
            return ("step", places[step.name], "name"), f"step {rule.name} is not reached: {step.name} {words}"
    path, why = _of_end(stage)
    return path or ("step", index, "after"), f"step {rule.name} is not reached: {why}"


def _of_end(stage: Stage) -> tuple[KeyPath, str]:
    """The step that the request ends or stands at."""
    for index, step in enumerate(stage.request.steps):
        if step.state in {StepState.REFUSED, StepState.FAILED}:
            return ("step", index, "name"), f"{step.name} is {step.state.value}: {step.answer or stage.request.reason}"
        if step.state is StepState.OPEN and not stage.request.is_closed:
            words = step.trouble or f"waits for {', '.join(step.asked) or 'an answer'}"
            return ("step", index, "name"), f"{step.name} {words}"
    return (), f"the request is {stage.request.state.value}"
