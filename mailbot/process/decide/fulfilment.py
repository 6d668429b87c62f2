"""The pools' answers to what a step wished for."""

from mailbot.process.decide.asking import trouble
from mailbot.process.decide.course import advance, begin
from mailbot.process.decide.draft import Draft
from mailbot.process.decide.ending import reject
from mailbot.process.request import (
    Address,
    Fits,
    GaveBack,
    GiveBack,
    Kind,
    NotGivenBack,
    NotTaken,
    State,
    StepState,
    Taken,
)

ROOM = "room"
"""The mark by which a step that waits for space is tried again."""


def taken(d: Draft, event: Taken) -> None:
    """The step is done. What comes when nobody waits for it any more goes back."""
    wanted = _waits(d, event.step)
    d.change(
        addresses=(
            *d.request.addresses,
            Address(prefix=event.prefix, pool=event.pool, state="allocated"),
        )
    )
    detail = f"{event.prefix} from {event.pool}"
    d.write("allocated", step=event.step, detail=detail, actor=d.directory.bot)
    if not wanted:
        d.wish(GiveBack(prefix=event.prefix, own=True))
        return
    _done(d, event.step, event.prefix, prefix=event.prefix)
    advance(d)


def not_taken(d: Draft, event: NotTaken) -> None:
    """The step is held. A full pool is its owner's affair too, and is tried again when there is room."""
    if not _waits(d, event.step):
        return
    told = event.full and d.request.step(event.step).waits_for == event.pool
    if event.full:
        d.change_step(event.step, waits_for=event.pool, wanted_length=event.length)
    if told:
        return
    trouble(d, d.rule(event.step), event.reason)
    if event.owner:
        people = [d.directory.person(a) for a in d.directory.addressees(event.owner)]
        text = f"{d.request.reference} waits for space: {event.reason}. It goes on by itself when there is room."
        d.tell(
            Kind.ALERT,
            [p for p in people if p not in d.directory.admins],
            step=event.step,
            headline=f"The pool {event.pool} is full",
            text=text,
        )


def gave_back(d: Draft, event: GaveBack) -> None:
    state = "quarantined" if event.until else "released"
    addresses = tuple(
        Address(prefix=a.prefix, pool=a.pool, state=state, until=event.until) if a.prefix == event.prefix else a
        for a in d.request.addresses
    )
    d.change(addresses=addresses)
    detail = f"{event.prefix} to {event.pool}"
    d.write("gave back", step=event.step, detail=detail, actor=d.directory.bot)
    if event.step is not None and _waits(d, event.step):
        _done(d, event.step, event.prefix, prefix=event.prefix)
        advance(d)


def not_given_back(d: Draft, event: NotGivenBack) -> None:
    if event.step is None:
        d.write("not given back", detail=f"{event.prefix}: {event.reason}", actor=d.directory.bot)
        return
    if not _waits(d, event.step):
        return
    step = d.change_step(event.step, state=StepState.REFUSED, answered_at=d.now)
    reject(d, step, f"{event.prefix}: {event.reason}", d.directory.bot)


def fits(d: Draft, event: Fits) -> None:
    if not _waits(d, event.step):
        return
    if event.fits:
        _done(d, event.step, "it fits")
        d.write("fits", step=event.step, actor=d.directory.bot)
        advance(d)
        return
    step = d.change_step(event.step, state=StepState.REFUSED, answered_at=d.now)
    reject(d, step, event.reason, d.directory.bot)


def room(d: Draft, name: str) -> None:
    """There is room again in the pool that a step waits for; meanwhile it may have gone on, or be on hold."""
    if d.request.state is State.IN_PROGRESS and _waits(d, name) and d.request.step(name).waits_for:
        d.write("retried", step=name)
        begin(d, d.rule(name))


def retry(d: Draft, name: str, reason: str = "") -> None:
    """Try a step that is stuck again, from its beginning: at once, or when a request on hold goes on."""
    d.change_step(name, state=StepState.WAITING, trouble=None, waits_for="")
    d.write("retried", step=name, detail=reason)
    advance(d)


def skip(d: Draft, name: str, reason: str) -> None:
    d.change_step(
        name,
        state=StepState.SKIPPED,
        trouble=None,
        answered_by=d.actor,
        answered_at=d.now,
        answer=reason,
    )
    d.write("skipped", step=name, detail=reason)
    advance(d)


def _waits(d: Draft, name: str) -> bool:
    """Whether a step still waits for its answer: another step may have ended the request in the same moment."""
    return d.request.step(name).state is StepState.OPEN


def _done(d: Draft, name: str, answer: str, *, prefix: str | None = None) -> None:
    d.change_step(
        name,
        state=StepState.DONE,
        answered_by=d.directory.bot,
        answered_at=d.now,
        answer=answer,
        prefix=prefix,
        trouble=None,
        waits_for="",
    )
