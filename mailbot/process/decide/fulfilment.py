"""The answers of pools and targets to what a step wished for."""

from collections.abc import Collection
from dataclasses import replace

from mailbot.process.decide import driving, lasting
from mailbot.process.decide.asking import trouble
from mailbot.process.decide.course import advance, begin, finish, refuse, settle_items
from mailbot.process.decide.draft import Draft
from mailbot.process.decide.ending import fail
from mailbot.process.decide.rights import concerned
from mailbot.process.definition import DRIVING, OnFailure
from mailbot.process.request import (
    Address,
    Driven,
    Fits,
    GaveBack,
    GiveBack,
    Kind,
    NetworkState,
    NotGivenBack,
    NotTaken,
    State,
    Step,
    StepState,
    Taken,
)

ROOM = "room"
"""The mark by which a step that waits for space is tried again."""


def taken(d: Draft, event: Taken) -> None:
    """The step is done. What comes when nobody waits for it any more goes back."""
    wanted = _waits(d, event.step)
    _keep(d, event)
    words = "reserved" if event.reserved else "allocated"
    until = f" until {event.until:%Y-%m-%d %H:%M}Z" if event.until else ""
    d.write(words, step=event.step, detail=f"{event.prefix} from {event.pool}{until}", actor=d.directory.bot)
    if not wanted:
        d.wish(GiveBack(prefix=event.prefix, pool=event.pool, own=True))
        return
    step = finish(d, event.step, event.prefix, prefix=event.prefix)
    if event.until and event.reserved:
        lasting.reserve(d, step, event.until)
    elif event.until:
        d.change_step(step.name, until=event.until)
        tell_begin(d, event.step)
    advance(d)


def _keep(d: Draft, event: Taken) -> None:
    """Among the request's addresses; in place of the reservation that was taken up, which has no end any more."""
    state = "reserved" if event.reserved else "allocated"
    address = Address(prefix=event.prefix, pool=event.pool, state=state, until=event.until, step=event.step)
    before = next((a for a in d.request.addresses if a.prefix == event.prefix and a.state == "reserved"), None)
    if before is not None and before.step is not None:
        d.change_step(before.step, until=None, lasts=None)
    d.change(addresses=(*(a for a in d.request.addresses if a is not before), address))


def tell_begin(d: Draft, name: str) -> None:
    """All concerned hear of both ends of what is for a time: this is the first."""
    d.tell(Kind.STATUS, concerned(d), step=name, news=f"{d.rule(name).title} has begun, for a time")


def driven(d: Draft, event: Driven) -> None:
    """A target has answered. When all have, the step is done, or its failure is dealt with."""
    step = driving.note(d, event.step, event.id, event.state, event.detail)
    if step.state is not StepState.OPEN:
        return
    if _holds(d, step, {event.state}):
        _tell_owner(d, event)
    states = {one.state for one in driving.newest(step).values()}
    if states & driving.UNDER_WAY:
        return
    if states <= {NetworkState.CONFIRMED}:
        _driven_well(d, step, event.detail)
    elif _holds(d, step, states):
        driving.stuck(d, step)
    elif d.rule(step.name).on_failure is OnFailure.FAIL:
        fail(d, step.name, driving.what_went_wrong(step))
    else:
        wrong = driving.what_went_wrong(step)
        d.change_step(step.name, state=StepState.FAILED, answered_at=d.now, answer=wrong)
        settle_items(d, d.request.step(step.name))
        advance(d)


def _holds(d: Draft, step: Step, states: Collection[NetworkState]) -> bool:
    """Whether people must look at it: by the rule, where it may have been done, and where it must be undone."""
    failed = NetworkState.FAILED in states and (step.undoes or d.rule(step.name).on_failure is OnFailure.HOLD)
    return bool(failed) or NetworkState.UNKNOWN in states


def _driven_well(d: Draft, step: Step, detail: str) -> None:
    finish(d, step.name, detail or "confirmed")
    if step.until:
        tell_begin(d, step.name)
    advance(d)


def _tell_owner(d: Draft, event: Driven) -> None:
    if event.owner:
        people = [d.directory.person(a) for a in d.directory.addressees(event.owner)]
        target = next((n.target for n in d.request.step(event.step).network if n.id == event.id), event.id)
        words = "may or may not have done it" if event.state is NetworkState.UNKNOWN else "has failed"
        d.tell(
            Kind.ALERT,
            [p for p in people if p not in d.directory.admins],
            step=event.step,
            headline=f"{d.rule(event.step).title} is stuck",
            text=f"{d.request.reference} cannot go on: {target} {words}{f' ({event.detail})' if event.detail else ''}. "
            "The admins have been told as well.",
        )


def not_taken(d: Draft, event: NotTaken) -> None:
    """The step is held. A full pool is its owner's affair too, and is tried again when there is room."""
    if not _waits(d, event.step):
        return
    told = event.full and d.request.step(event.step).waits_for == event.pool
    if event.full:
        d.change_step(event.step, waits_for=event.pool, wanted_length=event.length)
    if told:
        return
    trouble(d, event.step, event.reason)
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
        replace(a, state=state, until=event.until) if a.prefix == event.prefix and a.pool == event.pool else a
        for a in d.request.addresses
    )
    d.change(addresses=addresses)
    detail = f"{event.prefix} to {event.pool}"
    d.write("gave back", step=event.step, detail=detail, actor=d.directory.bot)
    if event.step is not None and _waits(d, event.step):
        finish(d, event.step, event.prefix, prefix=event.prefix)
        advance(d)


def not_given_back(d: Draft, event: NotGivenBack) -> None:
    if event.step is None:
        d.write("not given back", detail=f"{event.prefix}: {event.reason}", actor=d.directory.bot)
        return
    if not _waits(d, event.step):
        return
    if d.request.step(event.step).undoes:
        d.write("not given back", step=event.step, detail=f"{event.prefix}: {event.reason}", actor=d.directory.bot)
        finish(d, event.step, event.reason)
        advance(d)
        return
    refuse(d, event.step, f"{event.prefix}: {event.reason}", d.directory.bot)


def fits(d: Draft, event: Fits) -> None:
    if not _waits(d, event.step):
        return
    if event.fits:
        finish(d, event.step, "it fits")
        d.write("fits", step=event.step, actor=d.directory.bot)
        advance(d)
        return
    refuse(d, event.step, event.reason, d.directory.bot)


def room(d: Draft, name: str) -> None:
    """There is room again in the pool that a step waits for; meanwhile it may have gone on, or be on hold."""
    if d.request.state is State.IN_PROGRESS and _waits(d, name) and d.request.step(name).waits_for:
        d.write("retried", step=name)
        begin(d, d.request.step(name))


def retry(d: Draft, name: str, reason: str = "") -> None:
    """Try a step that is stuck again: targets that have not confirmed, else from its beginning.

    At once, or when a request on hold goes on.
    """
    step = d.change_step(name, trouble=None, waits_for="")
    d.write("retried", step=name, detail=reason)
    if d.rule(name).kind in DRIVING and step.network:
        driving.again(d, step)
        return
    step = d.change_step(name, state=StepState.WAITING)
    advance(d)


def skip(d: Draft, name: str, reason: str) -> None:
    step = d.change_step(
        name,
        state=StepState.SKIPPED,
        trouble=None,
        answered_by=d.actor,
        answered_at=d.now,
        answer=reason,
    )
    d.write("skipped", step=name, detail=reason)
    settle_items(d, step)
    advance(d)


def _waits(d: Draft, name: str) -> bool:
    """Whether a step still waits for its answer: another step may have ended the request in the same moment."""
    return d.request.step(name).state is StepState.OPEN
