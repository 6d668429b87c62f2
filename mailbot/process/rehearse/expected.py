"""What came of a test, held against what it expects."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from mailbot.config.locate import KeyPath
from mailbot.process.decide.driving import IN_FORCE
from mailbot.process.rehearse.stage import Stage, ran, undone
from mailbot.process.request import Address, Request, Step, StepState
from mailbot.process.rules.examples import Example


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """One thing that came out differently; `path` is where the test says otherwise."""

    path: KeyPath
    what: str
    expected: str
    found: str


def mismatches(example: Example, stage: Stage) -> Iterator[Mismatch]:
    expect, request = example.expect, stage.request
    if expect.state is not None and expect.state is not request.state:
        yield _told(example, "state", "the request's state", expect.state.value, _state(request))
    in_any_order: dict[str, tuple[str, Sequence[str] | None, Sequence[str]]] = {
        "steps": ("the steps that ran", expect.steps, ran(request)),
        "addresses": ("what it holds", expect.addresses, _addresses(stage, expect.addresses or ())),
        "faults": ("the fields at fault", expect.faults, tuple(request.faults)),
    }
    in_order: dict[str, tuple[str, Sequence[str] | None, Sequence[str]]] = {
        "undone": ("the steps that were undone", expect.undone, undone(request)),
        "targets": ("what targets were told, in this order", expect.targets, _told_to_targets(stage)),
    }
    for key, (what, wanted, came) in in_any_order.items():
        if wanted is not None and sorted(wanted) != sorted(came):
            yield _told(example, key, what, ", ".join(wanted), ", ".join(came))
    for key, (what, wanted, came) in in_order.items():
        if wanted is not None and tuple(wanted) != tuple(came):
            yield _told(example, key, what, ", ".join(wanted), ", ".join(came))
    if expect.reason is not None and expect.reason != (request.reason or ""):
        yield _told(example, "reason", "the reason", expect.reason, request.reason or "")
    yield from _of_steps(example, stage)


def _of_steps(example: Example, stage: Stage) -> Iterator[Mismatch]:
    """What is said of single steps; as much of it as differs."""
    for key, name, what, wanted, found in (*_states(example, stage), *_people(example, stage)):
        if sorted(wanted) != sorted(found):
            yield _told(example, (key, name), what.format(name), ", ".join(wanted), ", ".join(found))


_Line = tuple[str, str, str, Sequence[str], Sequence[str]]
"""The key of `expect`, the step, what is meant, what was expected, what was found."""


def _states(example: Example, stage: Stage) -> Iterator[_Line]:
    expect, zone = example.expect, stage.directory.calendar(None).zone
    for name, state in expect.states.items():
        yield "states", name, "the state of {}", [state.value], [_step(stage, name).state.value]
    for name, text in expect.due.items():
        due = _shown(_step(stage, name).due, zone)
        yield "due", name, "when {} is due", [_on_the_wall(text)], [due] if due else []
    for name, items in expect.items.items():
        yield "items", name, "what {} was done for", items, _items(stage.request, name)


def _people(example: Example, stage: Stage) -> Iterator[_Line]:
    for name, people in example.expect.asked.items():
        yield "asked", name, "who is asked about {}", people, _step(stage, name).asked
    for name, person in example.expect.answered_by.items():
        by = _step(stage, name).answered_by
        yield "answered_by", name, "who answered {}", [person] if person else [], [by] if by else []


def _items(request: Request, name: str) -> list[str]:
    """Those that the step was done for: one that was skipped is not among them."""
    children = (s for s in request.steps if s.name.startswith(f"{name}.") and s.undoes is None)
    return [child.item for child in children if child.item is not None and child.state is StepState.DONE]


def _step(stage: Stage, name: str) -> Step:
    """A step that has not come about (an item that there is not, an undoing that was not needed) has never begun."""
    return next((step for step in stage.request.steps if step.name == name), Step(name=name))


def _told(example: Example, key: str | tuple[str, str], what: str, expected: str, found: str) -> Mismatch:
    below = (key,) if isinstance(key, str) else key
    path = ("test", example.number, "expect", *below)
    return Mismatch(path=path, what=what, expected=expected or "nothing", found=found or "nothing")


# -- words ---------------------------------------------------------------------------------------------------


def _state(request: Request) -> str:
    """With what it waits for, where it does."""
    if request.faults:
        return f"{request.state.value} ({'; '.join(f'{name} {fault}' for name, fault in request.faults.items())})"
    waiting = [step for step in request.steps if step.state is StepState.OPEN and not request.is_closed]
    words = [_waits(step) for step in waiting if step.trouble or step.asked or step.wakes]
    return f"{request.state.value} ({'; '.join(words)})" if words else request.state.value


def _waits(step: Step) -> str:
    if step.trouble:
        return step.trouble
    if step.asked:
        return f"{step.name} waits for {', '.join(step.asked)}"
    return f"{step.name} waits until {step.wakes:%Y-%m-%d %H:%M}Z"


def _addresses(stage: Stage, wanted: Sequence[str]) -> tuple[str, ...]:
    """ "/28 from customers-v4", "a number from vlans": which one it is, the pool of the day decides.

    What stands behind a comma, of what is only held or ends, is told where the test speaks of such.
    """
    zone = stage.directory.calendar(None).zone
    kept = [a for a in stage.request.addresses if a.state in IN_FORCE]
    whole = [f"{_size(a)} from {a.pool}{_terms(a, zone)}" for a in kept]
    return tuple(one if one in wanted else one.partition(",")[0] for one in whole)


def _size(address: Address) -> str:
    _, slash, length = address.prefix.partition("/")
    return f"/{length}" if slash else "a number"


def _terms(address: Address, zone: tzinfo) -> str:
    """ ", until 2026-11-23 15:00", ", reserved until …"."""
    words = ["reserved"] if address.state == "reserved" else []
    words += [f"until {_shown(address.until, zone)}"] if address.until else []
    return f", {' '.join(words)}" if words else ""


def _told_to_targets(stage: Stage) -> tuple[str, ...]:
    """ "add router", "remove router"."""
    return tuple(f"{drive.action.value} {drive.target}" for drive in stage.drives)


def _shown(moment: datetime | None, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}" if moment else ""


def _on_the_wall(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M}"
