"""How a step ends: done, refused, skipped; and with the last of several items, the step that stands for them."""

from mailbot.process.decide.draft import Draft, base
from mailbot.process.definition import OnFailure
from mailbot.process.request import OVER, TO_COME, Step, StepState
from mailbot.words import say


def is_over(d: Draft, step: Step) -> bool:
    """Whether what comes after it may begin: also behind a failure that is to be lived with."""
    lived_with = step.state is StepState.FAILED and d.rule(step.name).on_failure is OnFailure.CONTINUE
    return lived_with or step.state in OVER


def finish(d: Draft, name: str, answer: str, *, by: str = "", prefix: str | None = None) -> Step:
    """A step that nobody was asked about, or that nobody answered, is done."""
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
    """A step is refused, and with it the request, when it goes on (see `course`); of several items, only that item."""
    step = d.change_step(name, state=StepState.REFUSED, answered_at=d.now, answered_by=by, answer=reason, trouble=None)
    if step.item is not None:
        d.write("refused item", step=name, detail=f"{step.item}: {reason}", actor=by)
        settle_items(d, step)


def skip(d: Draft, name: str, reason: str, by: str) -> None:
    """What comes after it goes on without it. With a step that stands for items, those that are left are skipped."""
    for child in d.children(d.request.step(name)):
        if child.state in TO_COME:
            _skip(d, child.name, reason, by)
    settle_items(d, _skip(d, name, reason, by))


def _skip(d: Draft, name: str, reason: str, by: str) -> Step:
    d.write("skipped", step=name, detail=reason, actor=by)
    return d.change_step(
        name,
        state=StepState.SKIPPED,
        trouble=None,
        waits_for="",
        answered_by=by,
        answered_at=d.now,
        answer=reason,
    )


def settle_items(d: Draft, child: Step) -> None:
    """When all items are over, so is the step that stands for them; where every one was refused, it is refused."""
    if child.item is not None and child.undoes is None:
        settle(d, base(child.name))


def settle(d: Draft, name: str) -> None:
    """As `settle_items`, by the name of the step that stands for them."""
    step = d.request.step(name)
    children = [child for child in d.children(step) if child.state is not StepState.CANCELLED]
    if step.state is not StepState.OPEN or step.trouble or any(child.state in TO_COME for child in children):
        return
    refused = [child for child in children if child.state is StepState.REFUSED]
    if refused and len(refused) == len(children):
        last = refused[-1]
        refuse(d, name, last.answer or say("finishing.all_were_refused"), last.answered_by or d.directory.bot)
    else:
        done = sum(child.state in OVER for child in children)
        finish(
            d,
            name,
            say("finishing.so_many_of", done=done, all=len(children)) if children else say("finishing.nothing_to_do"),
        )
