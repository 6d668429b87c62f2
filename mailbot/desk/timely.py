"""Letters about time: they leave when their reader works, and not at all once what they say is not so any more."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from mailbot.process.definition import Process
from mailbot.process.directory import Directory
from mailbot.process.forecast import in_jeopardy
from mailbot.process.marks import JEOPARDY
from mailbot.process.request import Kind, Notice, Request, State, Step, StepState
from mailbot.store.sending import HeldBack

_ALWAYS_ABOUT_TIME = frozenset({Kind.REMINDER, Kind.ESCALATION, Kind.JEOPARDY})


def leaves(notice: Notice, request: Request, process: Process, directory: Directory, now: datetime) -> datetime | None:
    """When its reader works next, where that is later and the letter about time; None: it leaves at once.

    What ends before that is told at once, too: better at night than afterwards.
    """
    if not _is_about_time(notice):
        return None
    rule = process.step(notice.step) if notice.step else None
    asking = request.step(notice.step).departments if notice.step else ()
    fallback = (rule.calendar if rule else None) or process.calendar
    at = directory.calendar_of(notice.to, fallback, asking).next_working(now)
    ends = notice.facts.get("ends")
    return None if at <= now or (isinstance(ends, datetime) and ends <= at) else at


def _is_about_time(notice: Notice) -> bool:
    """Somebody's own delay, what answers a mail, and that somebody cannot be reached, wait for no hours."""
    late = notice.kind is Kind.DELAYED and bool(notice.facts.get("late"))
    at_once = notice.answers or bool(notice.facts.get("unreached"))
    return not at_once and (late or notice.kind in _ALWAYS_ABOUT_TIME)


def were_told(request: Request) -> bool:
    """Whether there can be letters about time that have not left."""
    return bool(request.told) or any(step.told for step in request.steps)


def overtaken(
    letter: HeldBack, before: Request, after: Request, process: Process, directory: Directory, now: datetime
) -> bool:
    """Whether it says what is not so any more: of a step that is over, answered, put off or on hold."""
    if letter.kind == Kind.JEOPARDY.value and not in_jeopardy(after, process, directory, now):
        return True
    if letter.step is None:
        return after.state is not State.IN_PROGRESS or after.due != before.due
    was, step = (_step(request, letter.step) for request in (before, after))
    if was is None or step is None:
        return step is None
    if _ground(was) != _ground(step) or (after.state is State.HELD and step.undoes is None):
        return True
    return letter.kind == Kind.REMINDER.value and _asks_no_more(letter.recipient, was, step, directory)


def without_telling(request: Request, withdrawn: Iterable[HeldBack]) -> Request:
    """Managers who were not told of jeopardy after all are told when it comes back."""
    if all(letter.kind != Kind.JEOPARDY.value for letter in withdrawn):
        return request
    return replace(request, told=request.told - {JEOPARDY})


def _step(request: Request, name: str) -> Step | None:
    """None for an item that is none any more."""
    return next((step for step in request.steps if step.name == name), None)


def _ground(step: Step) -> tuple[object, ...]:
    """What a letter about a step stands on."""
    return step.state is StepState.OPEN, step.due, step.until, step.undone


def _asks_no_more(seat: str, was: Step, step: Step, directory: Directory) -> bool:
    """Whether somebody else sits there now, or he has spoken; of a shared mailbox: all who read it have."""
    spoken = {name for voice in step.voices for name in (voice.seat, voice.actor)}
    has_left = seat in was.asked and seat not in step.asked
    return has_left or (seat in spoken and not directory.readers(seat) - spoken)
