"""What requests still wait for: whom, and which space."""

from collections.abc import Iterator, Mapping

from mailbot.addresses import BadPrefix, parse_space
from mailbot.process.definition import Process, StepKind, StepRule
from mailbot.process.directory import Directory
from mailbot.process.expression import EvaluationFailed, Scope
from mailbot.process.request import Request, State, Step, StepState
from mailbot.process.scope import scope_of
from mailbot.words import say

_TO_COME = frozenset({StepState.WAITING, StepState.OPEN})


def waits_for(request: Request, directory: Directory, pools: Mapping[str, str]) -> tuple[str, ...]:
    """Departments by title, not people; `pools` are titles by name."""
    if request.state is State.PENDING:
        return (say("digest.its_requester"),)
    if request.state is State.HELD:
        return (say("digest.nobody_it_is_on"),)
    steps = [step for step in request.steps if step.state is StepState.OPEN]
    return tuple(dict.fromkeys(who for step in steps for who in _step_waits_for(step, directory, pools)))


def _step_waits_for(step: Step, directory: Directory, pools: Mapping[str, str]) -> Iterator[str]:
    if step.waits_for:
        yield say("digest.room_in", pool=pools.get(step.waits_for, step.waits_for))
    elif step.trouble:
        yield say("digest.an_operator")
    elif titles := [directory.departments[name].title for name in step.departments if name in directory.departments]:
        yield from titles
    else:
        yield say("digest.people_asked_by_name")


def wanted(request: Request, process: Process, directory: Directory) -> Iterator[tuple[str, int | None]]:
    """(pool, prefix length) of what it takes if all that it still waits for is granted, as far as it is decided now.

    A number has no length. What the request has reserved already is in use.
    """
    rules = [process.step(step.name) for step in request.steps if step.state in _TO_COME and not step.undoes]
    rules = [rule for rule in rules if rule.kind is StepKind.ALLOCATE]
    if not rules or not request.form:
        return
    scope = scope_of(process, request, directory)
    reserved = {address.pool for address in request.addresses if address.state == "reserved"}
    for rule in rules:
        try:
            found = _take(rule, scope)
        except (EvaluationFailed, BadPrefix):
            continue  # it hangs on an answer that is still to come
        if found and found[0] not in reserved:
            yield found


def _take(rule: StepRule, scope: Scope) -> tuple[str, int | None] | None:
    if rule.pool is None or (rule.when is not None and not rule.when.holds(scope)):
        return None
    pool = rule.pool.render(scope)
    if rule.prefix is not None:
        return pool, parse_space(str(rule.prefix.evaluate(scope))).length
    return pool, None if rule.length is None else int(str(rule.length.evaluate(scope)))
