"""From a change to what is told of it: the lines of the history that it wrote, the steps that moved, the alerts."""

from collections.abc import Iterator, Mapping, Sequence

from mailbot.process.news.alerts import changes, standing
from mailbot.process.news.kinds import News, news
from mailbot.process.request import Entry, Request, StepState

OF_REQUEST: dict[str, str] = {
    "incomplete": "request.pending",
    "started": "request.started",
    "completed form": "request.amended",
    "changed form": "request.amended",
    "amended": "request.amended",
    "described": "request.amended",
    "comment": "request.commented",
    "question": "request.asked",
    "answer": "request.answered",
    "jeopardy": "request.jeopardy",
    "late": "request.late",
    "held": "request.held",
    "resumed": "request.resumed",
    "adopted": "request.adopted",
    "ended early": "request.ending",
    "completed": "request.completed",
    "rejected": "request.rejected",
    "cancelled": "request.cancelled",
    "lapsed": "request.expired",
    "failed": "request.failed",
    "bounced": "request.unreachable",
}
"""Actions of the history, and what is told of them."""

OF_STEP: dict[str, str] = OF_REQUEST | {
    "incomplete": "",  # somebody's answer lacks something, which is between him and us
    "late": "step.late",
    "delayed": "request.delayed",
    "extended": "request.extended",
    "time is up": "request.ending",
    "ended": "request.ended",
    "assigned": "step.assigned",
    "approved": "step.answered",
    "answered": "step.answered",
    "done": "step.answered",
    "refused step": "step.answered",
    "reminded": "step.reminded",
    "escalated": "step.escalated",
    "troubled": "step.troubled",
    "network request": "network.requested",
    "sent to network": "network.sent",
    "confirmed by network": "network.confirmed",
    "put off by network": "network.delayed",
    "failed by network": "network.failed",
    "unknown on network": "network.unknown",
}
"""The same of actions that are about one step."""

_BECAME: Mapping[StepState, str] = {
    StepState.DONE: "step.done",
    StepState.REFUSED: "step.refused",
    StepState.SKIPPED: "step.skipped",
    StepState.FAILED: "step.failed",
    StepState.CANCELLED: "step.cancelled",
    StepState.OPEN: "step.opened",
}

_FIRST = ("request.amended", "request.pending", "request.started", "request.resumed")
_LAST = (
    "request.held",
    "request.completed",
    "request.rejected",
    "request.cancelled",
    "request.expired",
    "request.failed",
)
STATE_CHANGES = frozenset({*_FIRST[1:], *_LAST})
"""The types that tell of another state; they say `from` and `to`."""


def news_of(before: Request, after: Request, entries: Sequence[Entry]) -> list[News]:
    """What is told of a change that wrote these lines, in the order in which it is told; less that there is a request.

    A step that opens and is done in the same moment is told once, as done.
    """
    told = [*_written(entries, before, after), *_moved(before, after)]
    return [*sorted(told, key=_rank), *changes(standing(before), standing(after))]


def _written(entries: Sequence[Entry], before: Request, after: Request) -> Iterator[News]:
    for entry in entries:
        type_ = (OF_STEP if entry.step else OF_REQUEST).get(entry.action)
        if not type_:
            continue
        moved = before.state is not after.state and type_ in STATE_CHANGES
        state = {"from": before.state.value, "to": after.state.value} if moved else None
        yield news(type_, step=entry.step, actor=entry.actor, detail=entry.detail or None, state=state)


def _moved(before: Request, after: Request) -> Iterator[News]:
    """What has ended comes before what begins."""
    were = {step.name: step.state for step in before.steps}
    moved = [step for step in after.steps if step.state is not were.get(step.name, StepState.WAITING)]
    for step in sorted(moved, key=lambda step: step.state is StepState.OPEN):
        if type_ := _BECAME.get(step.state):
            yield news(type_, step=step.name, actor=step.answered_by if type_ == "step.done" else None)


def _rank(one: News) -> int:
    return 0 if one.type in _FIRST else 2 if one.type in _LAST else 1
