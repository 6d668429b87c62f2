"""What of a request is still to come, as far as it is decided now: of a step for several items, once for each."""

from collections.abc import Container, Iterator

from mailbot.process.definition import Process, StepKind, StepRule
from mailbot.process.directory import Directory
from mailbot.process.expression import EvaluationFailed, Scope
from mailbot.process.request import TO_COME, Request, Step, StepState
from mailbot.process.scope import scope_of


def to_come(
    request: Request, process: Process, directory: Directory, kinds: Container[StepKind]
) -> Iterator[tuple[StepRule, Scope]]:
    """The rules of steps of these kinds that are not over, once an item, each with what its expressions know."""
    still = [step for step in request.steps if step.state in TO_COME and not step.undoes]
    for step in still:
        rule = process.step(step.name)
        if rule.kind in kinds:
            for item in _items(request, process, directory, step, rule):
                yield rule, scope_of(process, request, directory, item)


def _items(
    request: Request, process: Process, directory: Directory, step: Step, rule: StepRule
) -> tuple[str | None, ...]:
    """Those that it runs for and no step stands for yet; (None,) where there is one thing to do, or nobody can say."""
    if rule.each is None or step.item is not None:
        return (step.item,)
    if step.state is StepState.OPEN:
        return ()  # its items have steps of their own
    try:
        items = rule.each.evaluate(scope_of(process, request, directory))
    except EvaluationFailed:
        return (None,)
    return tuple(map(str, items)) if isinstance(items, (list, tuple)) else (None,)
