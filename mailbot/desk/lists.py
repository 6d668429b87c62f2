"""Several things to do in one letter: what is gathered for it, what goes together, and what each number stands for."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mailbot.process.definition import Process, StepKind
from mailbot.process.directory import Directory
from mailbot.process.request import Kind, Notice, Request, StepState
from mailbot.store.gathering import Gathered, Place

LIST = "list"
"""The purpose of a list's token; its subject says what the numbers stand for."""

MOST = 20
"""Things in one list: more are not read, and some mail programs cut what is longer than 100 kB."""

_SHORT = frozenset({StepKind.APPROVAL, StepKind.TASK})
"""What a word answers, and so can stand in a list."""
_AT_ONCE = frozenset({"answered", "unanswered"})
"""Why somebody is asked that waits for no list: he asked himself, or all others were silent."""
_TELLS = frozenset({Kind.ACTION, Kind.ACTIONS, Kind.REMINDER, Kind.ESCALATION})
"""Kinds that tell their reader all that he must do."""
_NEWS = frozenset({Kind.STATUS, Kind.COMMENT})
"""Kinds that say nothing to somebody who has never heard of the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What one number of a list stands for: a step of a request, with its content as it was shown."""

    reference: str
    step: str
    content: str


def written(items: Iterable[Item]) -> str:
    """As a token's subject."""
    return json.dumps([[item.reference, item.step, item.content] for item in items], separators=(",", ":"))


def read(subject: str) -> tuple[Item, ...]:
    """What `written` wrote; number 1 stands first."""
    return tuple(Item(reference=row[0], step=row[1], content=row[2]) for row in json.loads(subject))


def items_in(notice: Notice) -> tuple[Item, ...]:
    """What the numbers of this letter stand for; () where it is no list."""
    found = notice.facts.get("list")
    return found if isinstance(found, tuple) else ()


def item_of(request: Request, step: str) -> Item:
    """As it stands now."""
    return Item(reference=request.reference, step=step, content=request.step(step).content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sifted:
    """What a change tells at once; what it leaves for a list; and what a list need not tell any more."""

    notices: list[Notice]
    gathered: list[Gathered]
    told: list[Place]


def sift(
    notices: Iterable[Notice],
    request: Request,
    process: Process,
    directory: Directory,
    now: datetime,
    *,
    untold: Mapping[Place, datetime],
    known: Collection[str],
    at_once: bool = False,
) -> Sifted:
    """Part notices into what is told now and what is gathered (`at_once`: nothing is).

    `untold` is what was gathered before, and when it will be told. `known` are those who have had letters about this
    request: who has had none, and waits for his list, hears nothing of what happens meanwhile.
    """
    unheard = {seat for _, seat in untold} - {*known, *_told(request, untold)}
    sifted = Sifted(notices=[], gathered=[], told=[])
    for notice in notices:
        place = (notice.step or "", notice.to)
        if not at_once and (at := _gathered_until(notice, request, process, directory, now)):
            row = Gathered(step=place[0], seat=notice.to, why=str(notice.facts.get("why") or "new"), at=at)
            sifted.gathered.append(row)
            continue
        if _is_needless(notice, place, untold, unheard, now):
            if notice.kind is Kind.SETTLED:
                sifted.told.append(place)
            continue
        if place in untold and notice.kind in _TELLS:
            sifted.told.append(place)
        sifted.notices.append(notice)
    return sifted


def _is_needless(
    notice: Notice, place: Place, untold: Mapping[Place, datetime], unheard: Collection[str], now: datetime
) -> bool:
    """Whether it says nothing to somebody who waits for his list."""
    if notice.answers:
        return False
    match notice.kind:
        case Kind.SETTLED:
            return place in untold
        case Kind.REMINDER:  # the list that leaves just now says it
            return place in untold and untold[place] <= now
        case kind:
            return kind in _NEWS and notice.to in unheard


def _told(request: Request, untold: Collection[Place]) -> set[str]:
    """Who waits for a list, and knows of something else that he must do here."""
    still = (step for step in request.steps if step.state is StepState.OPEN)
    return {seat for step in still for seat in step.asked if (step.name, seat) not in untold}


def _gathered_until(
    notice: Notice, request: Request, process: Process, directory: Directory, now: datetime
) -> datetime | None:
    """When its reader hears of it in a list; None where it is told at once."""
    if not _is_short(notice, process) or notice.answers or notice.facts.get("why") in _AT_ONCE:
        return None
    assert notice.step is not None  # noqa: S101 (what asks is about a step)
    return directory.gathers_until(notice.to, request.step(notice.step).departments, now)


def _is_short(notice: Notice, process: Process) -> bool:
    """Whether it asks for a mere word: a form to fill in is a letter of its own."""
    if notice.kind is not Kind.ACTION or notice.step is None:
        return False
    rule = process.step(notice.step)
    return rule.kind in _SHORT and not rule.fields


def together(notices: Iterable[Notice], request: Request, process: Process) -> Iterator[Notice]:
    """What is asked of one person for several items of one step is one list (or a few, where they are many); and that
    several of them are settled, or what a step has to tell about them, is told once.
    """
    items = {step.name: step.item for step in request.steps if step.item is not None}
    alike: dict[tuple[object, ...], list[Notice]] = {}
    for number, notice in enumerate(notices):
        told_once = notice.kind is Kind.SETTLED or _notifies(notice, process)
        goes_with = notice.step in items and (told_once or _is_short(notice, process))
        key = (notice.kind, notice.to, _base(notice)) if goes_with else (number,)
        alike.setdefault(key, []).append(notice)
    for some in alike.values():
        if some[0].step in items and _notifies(some[0], process):
            lines = [items[notice.step or ""] for notice in some]
            yield replace(some[0], step=_base(some[0]), facts={**some[0].facts, "lines": lines})
        elif len(some) > 1 and some[0].kind is Kind.SETTLED:
            yield replace(some[0], step=_base(some[0]))
        else:
            yield from _lists(some, request)


def _notifies(notice: Notice, process: Process) -> bool:
    """Whether it is the letter of a step that only tells."""
    of_step = notice.kind is Kind.STATUS and notice.step is not None
    return of_step and process.step(notice.step or "").kind is StepKind.NOTIFY


def _lists(notices: Sequence[Notice], request: Request) -> Iterator[Notice]:
    for start in range(0, len(notices), MOST):
        some = notices[start : start + MOST]
        if len(some) == 1:
            yield some[0]
            continue
        items = tuple(item_of(request, notice.step or "") for notice in some)
        yield replace(some[0], kind=Kind.ACTIONS, step=_base(some[0]), facts={**some[0].facts, "list": items})


def _base(notice: Notice) -> str:
    return (notice.step or "").partition(".")[0]
