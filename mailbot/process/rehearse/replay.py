"""Past requests held against the rules as they are now: which would take another way, and the rule that decides it."""

from collections.abc import Mapping
from dataclasses import dataclass

from mailbot.config.locate import KeyPath
from mailbot.process.definition import Process, StepRule
from mailbot.process.directory import Directory
from mailbot.process.rehearse.past import Pools, base, played, then
from mailbot.process.rehearse.stage import Stage
from mailbot.process.request import Request, State, Step, StepState
from mailbot.process.scope import scope_of
from mailbot.process.why import with_values

_IDLE = frozenset({StepState.WAITING, StepState.SKIPPED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """Where a request came to: its state, the steps that ran (also "remove for 10.20.0.0/28"), and what was wrong with
    its form.
    """

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


def replay(request: Request, process: Process, directory: Directory, pools: Pools) -> Difference | None:
    """How a past request differs from what these rules make of it; None where it takes the same way."""
    stage = played(request, process, directory, pools)
    was, now = way_of(request), way_of(stage.request)
    if (was.state, set(was.steps), set(was.faults)) == (now.state, set(now.steps), set(now.faults)):
        return None
    path, why = _reason(request, stage)
    return Difference(reference=request.reference, type=request.type, was=was, now=now, path=path, why=why)


def way_of(request: Request) -> Way:
    """What is undone by itself is no way of its own: that comes with the end; nor is what a step cannot have."""
    steps = tuple(_label(step) for step in request.steps if _ran(step))
    faults = request.faults if request.state is State.PENDING else {}
    return Way(state=request.state, steps=steps, faults=faults)


def _ran(step: Step) -> bool:
    """Neither waiting nor skipped; an item that is none any more did not run."""
    dropped = step.item is not None and step.state is StepState.CANCELLED
    return step.opened is not None and step.state not in _IDLE and step.undoes is None and not dropped


def _label(step: Step) -> str:
    return step.name if step.item is None else f"{base(step)} for {step.item}"


# -- the rule that decides ---------------------------------------------------------------------------------------


def _reason(request: Request, stage: Stage) -> tuple[KeyPath, str]:
    """The first thing that comes out otherwise, in the order of the form and then of the steps."""
    if set(way_of(stage.request).faults) != set(way_of(request).faults):
        return of_form(request, stage)
    before, after = set(way_of(request).steps), set(way_of(stage.request).steps)
    for index, rule in enumerate(stage.process.steps):
        if (rule.name in before) != (rule.name in after):
            return of_step(index, request, stage)
        own = {label for label in before ^ after if label.startswith(f"{rule.name} for ")}
        if own:
            return _of_item(index, stage, min(own), runs=min(own) in after)
    known = {step.name for step in stage.request.steps}
    for step in request.steps:
        if _ran(step) and step.item is None and step.name not in known:
            return (), f"there is no step {step.name} any more"
    return of_end(stage)


def of_form(request: Request, stage: Stage) -> tuple[KeyPath, str]:
    """Which field is at fault, or is not any more."""
    for index, field in enumerate(stage.process.fields):
        if fault := stage.request.faults.get(field.name):
            return ("field", index, "name"), f"the form is faulty: {field.name} {fault}"
    names = ", ".join(request.faults)
    return (), f"the form is complete: nothing is wrong with {names} any more"


def of_step(index: int, request: Request, stage: Stage) -> tuple[KeyPath, str]:
    """Why a step runs now that did not, or the other way round; and where that is said."""
    rule = stage.process.steps[index]
    now = stage.request.step(rule.name)
    if now.state is StepState.SKIPPED:
        words = f"step {rule.name} is skipped, for this does not hold: {_condition(rule, stage)}"
        return ("step", index, "when"), words
    if now.state is StepState.WAITING or now.opened is None:
        return _of_waiting(index, stage)
    if then(request, now) is None:
        return ("step", index, "name"), f"step {rule.name} is new"
    if rule.when is not None:
        return ("step", index, "when"), f"step {rule.name} runs, for this holds: {_condition(rule, stage)}"
    return ("step", index, "name"), f"step {rule.name} runs without a condition"


def _of_item(index: int, stage: Stage, label: str, *, runs: bool) -> tuple[KeyPath, str]:
    key = "each" if stage.process.steps[index].when is None else "when"
    return ("step", index, key), f"step {label} {'runs now' if runs else 'does not run any more'}"


def _condition(rule: StepRule, stage: Stage) -> str:
    scope = scope_of(stage.process, stage.request, stage.directory)
    return with_values(rule.when, scope) if rule.when else ""


def _of_waiting(index: int, stage: Stage) -> tuple[KeyPath, str]:
    """A step that is not reached: by what stands before it, or because the request has ended before."""
    rule = stage.process.steps[index]
    path, why = of_end(stage)
    return path or ("step", index, "after"), f"step {rule.name} is not reached: {why}"


def of_end(stage: Stage) -> tuple[KeyPath, str]:
    """The step that the request ends or stands at."""
    places = {rule.name: place for place, rule in enumerate(stage.process.steps)}
    for step in (step for step in stage.request.steps if step.undoes is None):
        path = ("step", places[base(step)], "name")
        if step.state in {StepState.REFUSED, StepState.FAILED} and step.item is None:
            return path, f"{step.name} is {step.state.value}: {step.answer or stage.request.reason}"
        if not stage.request.is_closed and (why := _stands(step)):
            return path, f"{_label(step)} {why}"
    return (), f"the request is {stage.request.state.value}"


def _stands(step: Step) -> str:
    """Why it does not go on here; "" where it does, or where its items say it."""
    if step.wakes is not None and step.state in {StepState.WAITING, StepState.OPEN}:
        return f"waits until {step.wakes:%Y-%m-%d %H:%M}Z"
    if step.state is not StepState.OPEN or not (step.trouble or step.asked or step.network):
        return ""
    return step.trouble or f"waits for {', '.join(step.asked or [one.target for one in step.network])}"
