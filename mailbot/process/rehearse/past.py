"""A past request, played through the rules as they are now: everybody answers as he did then, in the order of then.

Nobody is asked again. Time does not pass, but for the dates that were waited for then and have come; pools, and the
targets of network requests, answer as they did.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from mailbot.process import form
from mailbot.process.customers import Customer, spelled
from mailbot.process.decide.driving import newest
from mailbot.process.definition import FieldType, Process, StepKind
from mailbot.process.directory import Directory
from mailbot.process.marks import WAKE
from mailbot.process.rehearse.space import Space
from mailbot.process.rehearse.stage import Stage, opened
from mailbot.process.request import (
    Approve,
    Cancel,
    Deed,
    Done,
    Fail,
    Hold,
    NetworkRequest,
    NetworkState,
    Reject,
    Request,
    Skip,
    State,
    Step,
    StepState,
    TimePassed,
)

OPERATOR = "operator"
ROUNDS = 2000
"""More answers than any request has had."""

Pools = Mapping[str, tuple[str, ...]]
"""The prefixes, or numbers, of each pool."""


def played(request: Request, process: Process, directory: Directory, pools: Pools) -> Stage:
    """A step that nobody was asked about then is agreed to at once, so that the way behind it is seen, where the
    request went to an end of its own.
    """
    stage = opened(
        process,
        with_its_customers(request, directory),
        _space(request, process, pools),
        requester=request.requester,
        given=_given(request, process),
        now=request.created,
        attachments=(one for one in request.attachments if not one.late),
        reference=request.reference,
    )
    agree = request.state in {State.COMPLETED, State.REJECTED}
    for _ in range(ROUNDS):
        answered = any(_answered(stage, step, then(request, step), agree=agree) for step in _in_order(stage, request))
        if not answered and not _woken(stage, request):
            break
    _ended(stage, request)
    return stage


def with_its_customers(request: Request, directory: Directory) -> Directory:
    """The customers that it names, as they stood when it was decided on: not as they stand now."""
    named = {spelled(text): one for name, one in request.customers.items() for text in (name, one.name, one.id)}
    theirs = [Customer(id=one.id, name=one.name, account_manager=one.account_manager) for one in named.values()]
    of = {request.requester: theirs[0]} if theirs and not directory.knows(request.requester) else {}
    return replace(directory, clientele=replace(directory.clientele, of=of, named=named))


def then(request: Request, step: Step) -> Step | None:
    """What the step was then; of an item, whatever its number was."""
    if step.item is None or step.undoes is not None:
        return next((other for other in request.steps if other.name == step.name), None)
    of_item = (other for other in request.steps if other.item == step.item and other.undoes is None)
    return next((other for other in of_item if base(other) == base(step)), None)


def base(step: Step) -> str:
    return step.name.partition(".")[0]


def _given(request: Request, process: Process) -> dict[str, str]:
    """What he wrote, less the fields that there are no more: they stand in nobody's way."""
    known = {field.name for field in process.fields}
    return {name: text for name, text in request.given.items() if name in known}


def _space(request: Request, process: Process, pools: Pools) -> Space:
    named = (request.form.get(field.name) for field in process.fields if field.type is FieldType.ALLOCATION)
    prefixes = [str(prefix) for value in named for prefix in (value if isinstance(value, tuple) else [value]) if prefix]
    stuck = {step.name: step.trouble for step in request.steps if step.trouble}
    refused = {StepState.REFUSED, StepState.FAILED}
    return Space(
        pools=pools,
        holds={prefix: request.carries.get(prefix, {}) for prefix in prefixes},
        given={step.name: step.prefix for step in request.steps if step.prefix},
        refused=stuck | {s.name: s.answer or request.reason or "refused" for s in request.steps if s.state in refused},
        said={(step.name, target): one for step in request.steps for target, one in _answers_of_targets(step)},
    )


def _answers_of_targets(step: Step) -> Iterator[tuple[str, NetworkRequest]]:
    """What came after the step had been cancelled had no part in that."""
    for target, one in newest(step).items():
        late = step.state is StepState.CANCELLED
        yield target, replace(one, state=NetworkState.UNPROCESSED) if late else one


# -- answers -------------------------------------------------------------------------------------------------------


def _in_order(stage: Stage, request: Request) -> list[Step]:
    """What waits for an answer now: first what nobody had answered then, then as it was answered."""
    return sorted(stage.open_steps(), key=lambda step: _turn(then(request, step), request))


def _turn(was: Step | None, request: Request) -> tuple[datetime, bool]:
    """When it was answered; what ended the request comes last of what was said in the same second."""
    if was is None or was.answered_at is None:
        return request.created, False
    return was.answered_at, was.state is StepState.REFUSED


def _answered(stage: Stage, step: Step, was: Step | None, *, agree: bool) -> bool:
    """Whether the step was answered as it was then, and that has changed something."""
    deed = _deed(stage, step, was, agree=agree)
    if deed is None:
        return False
    by_hand = isinstance(deed, Skip | Fail)
    people = stage.speakers(step)
    if not by_hand and not people:
        return False
    was_by = was.answered_by if was else None
    actor = OPERATOR if by_hand else was_by if was_by in people and was_by else people[0]
    before = stage.request
    stage.say(actor, deed, step.name, operator=by_hand)
    return stage.request != before


def _deed(stage: Stage, step: Step, was: Step | None, *, agree: bool) -> Deed | None:
    rule = stage.process.step(step.name)
    match was and was.state:
        case StepState.FAILED if was and was.answered_at is None:
            return Fail(reason=stage.request.reason or "failed")
        case StepState.SKIPPED if was and was.answered_by:
            return Skip(reason=was.answer or "")
        case StepState.REFUSED if was:
            return Reject(reason=was.answer or "refused")
        case StepState.DONE if was:
            fields = {name: form.written(value) for name, value in was.fields.items()}
            known = {field.name for field in rule.fields}
            given = {name: text for name, text in fields.items() if name in known}
            return Approve(given=given) if rule.kind is StepKind.APPROVAL else Done(given=given)
        case _ if agree and not any(field.required for field in rule.fields):
            return Approve() if rule.kind is StepKind.APPROVAL else Done()
        case _:
            return None


# -- time, and ends -----------------------------------------------------------------------------------------------


def _woken(stage: Stage, request: Request) -> bool:
    """Whether the next date that is waited for has come, as it had then. Nothing else that time brings does."""
    if stage.request.is_closed:
        return False
    steps = {step.name: step for step in stage.request.steps}
    waking = [mark for mark in stage.marks() if mark.name == WAKE and mark.step in steps]
    came = [mark for mark in waking if _had_woken(then(request, steps[mark.step or ""]))]
    if not came:
        return False
    mark = min(came, key=lambda mark: mark.at)
    stage.now = max(stage.now, mark.at)
    stage.happen(TimePassed(mark=mark.name, step=mark.step))
    return True


def _had_woken(was: Step | None) -> bool:
    """A step that slept, or did not sleep then, or that there was not."""
    if was is None or WAKE in was.told or was.state is StepState.DONE:
        return True
    return was.wakes is None and was.opened is not None


def _ended(stage: Stage, request: Request) -> None:
    """What was done to the request as a whole, when all answers were in."""
    if stage.request.is_closed:
        return
    if request.state is State.CANCELLED:
        stage.say(OPERATOR, Cancel(reason=request.reason or ""), operator=True)
    if request.state is State.HELD:
        stage.say(OPERATOR, Hold(reason=request.reason or ""), operator=True)
