"""Whom requests still wait for."""

from collections.abc import Iterator, Mapping

from mailbot.process.directory import Directory
from mailbot.process.request import Request, State, Step, StepState
from mailbot.words import say


def waits_for(request: Request, directory: Directory, pools: Mapping[str, str]) -> tuple[str, ...]:
    """Departments by title, not people; `pools` are titles by name."""
    if request.state is State.PENDING:
        return (say("digest.its_requester"),)
    if request.state is State.HELD:
        return (say("digest.nobody_it_is_on"),)
    steps = [step for step in request.steps if step.state is StepState.OPEN]
    found = (who for step in steps for who in _step_waits_for(step, directory, pools, unfit=bool(request.faults)))
    return tuple(dict.fromkeys(found))


def _step_waits_for(step: Step, directory: Directory, pools: Mapping[str, str], *, unfit: bool) -> Iterator[str]:
    if step.trouble and unfit:
        yield say("digest.its_requester")
    elif step.waits_for:
        yield say("digest.room_in", pool=pools.get(step.waits_for, step.waits_for))
    elif step.trouble:
        yield say("digest.an_operator")
    elif titles := [directory.departments[name].title for name in step.departments if name in directory.departments]:
        yield from titles
    else:
        yield say("digest.people_asked_by_name")
