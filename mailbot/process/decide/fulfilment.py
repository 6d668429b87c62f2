"""The pools' answers to what a step wished for."""

from mailbot.process.decide.asking import trouble
from mailbot.process.decide.course import advance, begin
from mailbot.process.decide.draft import Draft
from mailbot.process.decide.ending import reject
from mailbot.process.request import (
    Address,
    Fits,
    GaveBack,
    Kind,
    NotGivenBack,
    NotTaken,
    StepState,
    Taken,
)

ROOM = "room"
"""The mark by which a step that waits for space is tried again."""


def taken(d: Draft, event: Taken) -> None:
    d.change(
        addresses=(
            *d.request.addresses,
            Address(prefix=event.prefix, pool=event.pool, state="allocated"),
        )
    )
    _done(d, event.step, event.prefix, prefix=event.prefix)
    d.write(
        "allocated",
        step=event.step,
        detail=f"{event.prefix} from {event.pool}",
        actor=d.directory.bot,
    )
    advance(d)


def not_taken(d: Draft, event: NotTaken) -> None:
    """The step is held. A full pool is its owner's affair too, and is tried again when there is room."""
    first = d.request.step(event.step).trouble is None
    trouble(d, d.rule(event.step), event.reason)
    if event.full:
        d.change_step(event.step, waits_for=event.pool, wanted_length=event.length)
    if first and event.owner:
        people = [d.directory.person(a) for a in d.directory.addressees(event.owner)]
        text = f"{d.request.reference} waits for space from {event.pool}: {event.reason}. It goes on by itself when there is room."
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
        Address(prefix=a.prefix, pool=a.pool, state=state, until=event.until)
        if a.prefix == event.prefix
        else a
        for a in d.request.addresses
    )
    d.change(addresses=addresses)
    detail = f"{event.prefix} to {event.pool}"
    d.write("gave back", step=event.step, detail=detail, actor=d.directory.bot)
    if event.step is not None:
        _done(d, event.step, event.prefix, prefix=event.prefix)
        advance(d)


def not_given_back(d: Draft, event: NotGivenBack) -> None:
    if event.step is None:
        d.write("not given back", detail=f"{event.prefix}: {event.reason}", actor=d.directory.bot)
        return
    step = d.change_step(event.step, state=StepState.REFUSED, answered_at=d.now)
    reject(d, step, f"{event.prefix}: {event.reason}", d.directory.bot)


def fits(d: Draft, event: Fits) -> None:
    if event.fits:
        _done(d, event.step, "it fits")
        d.write("fits", step=event.step, actor=d.directory.bot)
        advance(d)
        return
    step = d.change_step(event.step, state=StepState.REFUSED, answered_at=d.now)
    reject(d, step, event.reason, d.directory.bot)


def retry(d: Draft, name: str) -> None:
    """Try a step that is stuck again, from its beginning."""
    d.change_step(name, state=StepState.WAITING, trouble=None, waits_for="")
    d.write("retried", step=name)
    begin(d, d.rule(name))
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
