"""The kinds of events that other systems are told of, by the names that are a promise, and how grave each is."""

import re
from collections.abc import Mapping
from enum import IntEnum

from mailbot.errors import near_miss


class Severity(IntEnum):
    """How grave an event is; a subscriber names the least that he wants."""

    INFO = 0
    WARNING = 1
    ERROR = 2

    @property
    def word(self) -> str:
        """As it is written: "warning"."""
        return self.name.lower()


INFO, WARNING, ERROR = Severity

TYPES: Mapping[str, tuple[Severity, str]] = {
    "request.created": (INFO, "A request has come in."),
    "request.pending": (INFO, "Its form is not complete: its requester has been asked."),
    "request.started": (INFO, "Its form is complete, and its steps begin."),
    "request.amended": (INFO, "Its form has changed, or what an order says beside it."),
    "request.commented": (INFO, "Somebody has added words."),
    "request.asked": (INFO, "Its requester has been asked a question."),
    "request.answered": (INFO, "Its requester has answered a question."),
    "request.delayed": (WARNING, "Somebody has delayed a step."),
    "request.extended": (INFO, "What ends by itself ends later."),
    "request.jeopardy": (WARNING, "By forecast it will be late."),
    "request.late": (ERROR, "Its time is over."),
    "request.held": (WARNING, "It rests: its clock stands."),
    "request.resumed": (INFO, "It goes on."),
    "request.adopted": (INFO, "It goes on by another version of its rules."),
    "request.ending": (INFO, "What was given for a time is being taken back."),
    "request.ended": (INFO, "What was given for a time has been taken back."),
    "request.unreachable": (WARNING, "A letter about it came back."),
    "request.completed": (INFO, "All is done."),
    "request.rejected": (INFO, "Somebody has said no."),
    "request.cancelled": (INFO, "Its requester, or an admin, has withdrawn it."),
    "request.expired": (WARNING, "It has lapsed: nobody answered, or its reservation ended."),
    "request.failed": (ERROR, "It cannot be done."),
    "step.opened": (INFO, "A step has begun; whoever is asked has been told."),
    "step.assigned": (INFO, "Another one is asked."),
    "step.answered": (INFO, "Somebody has answered."),
    "step.reminded": (INFO, "Whoever is asked has been reminded."),
    "step.late": (WARNING, "Its time is over."),
    "step.escalated": (WARNING, "Somebody higher up has been told."),
    "step.troubled": (ERROR, "It cannot go on by itself."),
    "step.done": (INFO, "It is done."),
    "step.refused": (INFO, "It was refused."),
    "step.skipped": (INFO, "It was left out."),
    "step.failed": (ERROR, "It has failed."),
    "step.cancelled": (INFO, "It is not needed any more."),
    "network.requested": (INFO, "A network request waits to leave."),
    "network.sent": (INFO, "Its target has been told."),
    "network.confirmed": (INFO, "Its target has done it."),
    "network.delayed": (WARNING, "Its target cannot be reached; it is told again later."),
    "network.failed": (ERROR, "Its target has not done it."),
    "network.unknown": (ERROR, "Its target may or may not have done it."),
    "allocation.reserved": (INFO, "Space is reserved, until a time."),
    "allocation.allocated": (INFO, "Space is given out; or what it carries, or its end, has changed."),
    "allocation.quarantined": (INFO, "Space was given back, and rests."),
    "allocation.released": (INFO, "Space is free: given back, rested, or lapsed."),
    "allocation.excluded": (INFO, "Space is kept from being given out."),
    "allocation.foreign": (INFO, "Space is another's."),
    "alert.opened": (ERROR, "Something is wrong that was not before."),
    "alert.updated": (ERROR, "The same is wrong still, and there is more to say."),
    "alert.closed": (INFO, "It is not wrong any more."),
    "test": (INFO, "`mailbot subscribers test` was typed."),
}
"""Every type, with its severity and what it says. An alert's own severity is its cause's."""


def pattern(text: str) -> str:
    """A type, or "request.*"; ValueError, which says what was probably meant, where no type is such."""
    if re.fullmatch(r"[a-z]+\.\*|\*", text) and any(matches(type_, text) for type_ in TYPES):
        return text
    if text not in TYPES:
        groups = dict.fromkeys(f"{type_.partition('.')[0]}.*" for type_ in TYPES if "." in type_)
        meant = near_miss(text, [*TYPES, *groups])
        hint = (
            f" (did you mean {meant!r}?)" if meant else f': write one like "request.completed", or {", ".join(groups)}'
        )
        raise ValueError(f"{text!r} is no type of events{hint}")
    return text


def matches(type_: str, wanted: str) -> bool:
    """Whether a type is one of those."""
    return type_.startswith(wanted.removesuffix("*")) if wanted.endswith("*") else type_ == wanted
