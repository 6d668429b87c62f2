"""A request without its names and words, or without one person's: what is left is what happened, and when."""

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from mailbot.process.request import Request, Step
from mailbot.store import codec

ERASED = "erased@mailbot.invalid"
"""Stands where a person stood: an address that nobody can have (RFC 2606)."""


def without_words(request: Request) -> Request:
    """Its course alone: type, states, times, and the prefixes that it took."""
    return Request(
        reference=request.reference,
        type=request.type,
        rules=request.rules,
        state=request.state,
        requester=ERASED,
        channel=request.channel,
        created=request.created,
        summary=request.type,
        due=request.due,
        closed=request.closed,
        steps=tuple(map(_bare, request.steps)),
        addresses=tuple(replace(address, carries={}) for address in request.addresses),
        told=request.told,
        version=request.version,
    )


def _bare(step: Step) -> Step:
    return Step(
        name=step.name,
        state=step.state,
        departments=step.departments,
        opened=step.opened,
        due=step.due,
        answered_at=step.answered_at,
        prefix=step.prefix,
        undoes=step.undoes,
        undone=step.undone,
    )


def without_person(request: Request, person: str) -> Request:
    """The same request, in which this address stands nowhere any more."""
    return codec.taken(_replaced(codec.plain(request), _spelled(person)))


def nameless(text: str, people: Collection[str]) -> str:
    """A text in which these addresses stand nowhere any more."""
    for person in people:
        text = _spelled(person).sub(ERASED, text)
    return text


def _spelled(person: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w.+-]){re.escape(person)}(?![\w-])", re.IGNORECASE)


def _replaced(value: Any, spelled: re.Pattern[str]) -> Any:
    match value:
        case str():
            return spelled.sub(ERASED, value)
        case dict():
            return {name: _replaced(inner, spelled) for name, inner in value.items()}
        case list():
            return [_replaced(inner, spelled) for inner in value]
        case _:
            return value
