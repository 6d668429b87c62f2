"""The answers of pools and targets to what a step wished for."""

from dataclasses import replace

from mailbot.process.decide import changing, driven, driving, finishing, lasting, undoing, unfit
from mailbot.process.decide.asking import trouble
from mailbot.process.decide.course import advance, begin, drive_on
from mailbot.process.decide.draft import Draft, base
from mailbot.process.decide.driving import IN_FORCE
from mailbot.process.decide.ending import settle_step
from mailbot.process.decide.finishing import finish, refuse
from mailbot.process.definition import TAKING
from mailbot.process.expression import EvaluationFailed
from mailbot.process.request import (
    Address,
    Driven,
    Fits,
    GaveBack,
    GiveBack,
    Kind,
    NotGivenBack,
    NotReshaped,
    NotTaken,
    Passed,
    Reshaped,
    State,
    Step,
    StepState,
    Taken,
)
from mailbot.words import behind, say

ROOM = "room"
"""The mark by which a step that waits for space is tried again."""


def taken(d: Draft, event: Taken) -> None:
    """The step is done. What comes when nobody waits for it any more goes back."""
    wanted, was = _waits(d, event.step), ""
    try:
        was = changing.renumbered(d, event.step)
    except EvaluationFailed:  # the form is another by now, and the step is held for it
        wanted = False
    _keep(d, event)
    words = "reserved" if event.reserved else "allocated"
    until = f" until {event.until:%Y-%m-%d %H:%M}Z" if event.until else ""
    d.write(words, step=event.step, detail=f"{event.prefix} from {event.pool}{until}", actor=d.directory.bot)
    if not wanted:
        d.wish(GiveBack(prefix=event.prefix, pool=event.pool, own=True))
        return
    if was:
        if event.holder:
            changing.tell_holders(d, [Passed(person=event.holder, lost=(was,), given=(event.prefix,))])
        d.change_step(event.step, was=(was,), prefix=event.prefix, trouble=None, waits_for="")
        _tell_targets(d, event.step)
        return
    step = finish(d, event.step, event.prefix, prefix=event.prefix)
    if event.until and event.reserved:
        lasting.reserve(d, step, event.until)
    elif event.until:
        d.change_step(step.name, until=event.until)
    advance(d)


def _tell_targets(d: Draft, name: str) -> None:
    """Space is changed; now its targets hear of it."""
    try:
        drive_on(d, d.request.step(name), d.rule(name))
    except (EvaluationFailed, ValueError) as failure:
        trouble(d, name, str(failure))
    advance(d)


def reshaped(d: Draft, event: Reshaped) -> None:
    """What is held is cut otherwise, or as it was again. What comes when nobody waits for it any more is undone."""
    step = d.request.step(event.step)
    if step.undoes:
        changing.brought_back(d, step, event)
        advance(d)
        return
    wanted = _waits(d, event.step)
    changing.note(d, event)
    if wanted:
        _tell_targets(d, event.step)
    else:
        undoing.undo(d, [event.step])
        advance(d)


def not_reshaped(d: Draft, event: NotReshaped) -> None:
    step = d.request.step(event.step)
    if step.undoes:
        changing.not_brought_back(d, step, event.reason)
    elif _waits(d, event.step):
        refuse(d, event.step, event.reason, d.directory.bot)
    advance(d)


def _keep(d: Draft, event: Taken) -> None:
    """Among the request's addresses; in place of the reservation that was taken up, which has no end any more."""
    state = "reserved" if event.reserved else "allocated"
    address = Address(prefix=event.prefix, pool=event.pool, state=state, until=event.until, step=event.step)
    same = (a for a in d.request.addresses if (a.prefix, a.pool, a.state) == (event.prefix, event.pool, "reserved"))
    before = next(same, None)
    if before is not None and before.step is not None:
        d.change_step(before.step, until=None, lasts=None)
    d.change(addresses=(*(a for a in d.request.addresses if a is not before), address))


def not_taken(d: Draft, event: NotTaken) -> None:
    """The step is held; it is refused where the space is another's. A full pool is its owner's affair too, and is tried
    again when there is room. What will never be had, its requester is told.
    """
    if not _waits(d, event.step):
        return
    if event.another:
        begin(d, d.request.step(event.step))
        return
    if event.refused:
        refuse(d, event.step, event.reason, d.directory.bot)
        advance(d)
        return
    told = event.full and d.request.step(event.step).waits_for == event.pool
    if event.full:
        d.change_step(event.step, waits_for=event.pool, wanted_length=event.length)
    if told:
        return
    is_told = unfit.tell(d, d.request.step(event.step), event.unfit)
    trouble(d, event.step, event.reason, is_told=is_told)
    if event.owner:
        people = [d.directory.person(a) for a in d.directory.addressees(event.owner)]
        text = say("fulfilment.waits_for_space_it", reference=d.request.reference, reason=event.reason)
        d.tell(
            Kind.ALERT,
            [p for p in people if p not in d.directory.admins],
            step=event.step,
            headline=say("fulfilment.the_pool_is_full", pool=event.pool),
            text=text,
        )


def gave_back(d: Draft, event: GaveBack) -> None:
    """What was reserved, and something else in its place, is the request's no more; all else is told as it went."""
    state = "quarantined" if event.until else "released"
    replaced = event.step is None and state == "released"
    addresses = tuple(
        replace(a, state=state, until=event.until)
        if (a.prefix, a.pool) == (event.prefix, event.pool) and a.state in IN_FORCE
        else a
        for a in d.request.addresses
        if not (replaced and (a.prefix, a.pool, a.state) == (event.prefix, event.pool, "reserved"))
    )
    d.change(addresses=addresses)
    detail = f"{event.prefix} to {event.pool}"
    d.write("gave back", step=event.step, detail=detail, actor=d.directory.bot)
    if event.step is not None and _waits(d, event.step):
        _finish_giving_back(d, event)
        advance(d)


def _finish_giving_back(d: Draft, event: GaveBack) -> None:
    """Of what was renumbered, the new prefix stands in its place."""
    step = d.request.step(event.step or "")
    if step.undoes is None and step.was:
        taken = next((address.prefix for address in driving.own(d, step.name)), None)
        d.change_step(step.name, was_in=event.pool)
        finish(d, step.name, f"{event.prefix} to {taken}", prefix=taken)
    else:
        finish(d, step.name, event.prefix, prefix=event.prefix)


def drove(d: Draft, event: Driven) -> None:
    """How far a network request has come."""
    driven.take(d, event)
    advance(d)


def not_given_back(d: Draft, event: NotGivenBack) -> None:
    if event.step is None:
        d.write("not given back", detail=f"{event.prefix}: {event.reason}", actor=d.directory.bot)
        return
    if not _waits(d, event.step):
        return
    if undoes := d.request.step(event.step).undoes:
        d.write("not given back", step=event.step, detail=f"{event.prefix}: {event.reason}", actor=d.directory.bot)
        d.change(addresses=tuple(_gone(a) if a.step == undoes else a for a in d.request.addresses))
        finish(d, event.step, event.reason)
    else:
        refuse(d, event.step, behind(event.prefix, event.reason), d.directory.bot)
    advance(d)


def _gone(address: Address) -> Address:
    """Somebody else has given it back."""
    return replace(address, state="released", until=None) if address.state in IN_FORCE else address


def fits(d: Draft, event: Fits) -> None:
    if not _waits(d, event.step):
        return
    if event.fits:
        finish(d, event.step, say("fulfilment.it_fits"))
        d.write("fits", step=event.step, actor=d.directory.bot)
        advance(d)
        return
    refuse(d, event.step, event.reason, d.directory.bot)
    advance(d)


def room(d: Draft, name: str) -> None:
    """There is room again in the pool that a step waits for; meanwhile it may have gone on, or be on hold.

    With the other items of its step, if it is for one: they are taken all or none.
    """
    if d.request.state is not State.IN_PROGRESS or not (_waits(d, name) and d.request.step(name).waits_for):
        return
    for step in _with_its_like(d, d.request.step(name)):
        d.write("retried", step=step.name)
        begin(d, step)


def retry(d: Draft, name: str, reason: str = "") -> None:
    """Try a step that is stuck again: targets that have not confirmed, else from its beginning.

    At once, or when a request on hold goes on. With a step that stands for items, those that are stuck.
    """
    step = d.request.step(name)
    stuck = [one for one in _with_its_like(d, step) if one.name != name] or _stuck_items(d, step)
    d.write("retried", step=name, detail=reason)
    for item in stuck:
        _again(d, item)
    if step.trouble or not d.children(step):
        _again(d, step)
    advance(d)


def _with_its_like(d: Draft, step: Step) -> list[Step]:
    """The step; where it takes space for one of several items, all items that are stuck as it is."""
    if step.item is None or step.undoes or d.rule(step.name).kind not in TAKING:
        return [step]
    return _stuck_items(d, d.request.step(base(step.name)))


def _stuck_items(d: Draft, step: Step) -> list[Step]:
    return [child for child in d.children(step) if child.state is StepState.OPEN and child.trouble]


def _again(d: Draft, step: Step) -> None:
    if step.undoes and step.network:
        step = driving.drive(d, step, step.network[-1].action, driving.not_done(step))
        driven.judge(d, step)
        return
    until = step.until if step.network else None
    d.begin_anew(step.name)
    d.change_step(step.name, until=until)


def skip(d: Draft, name: str, reason: str) -> None:
    """Go on without a step. With a step that stands for items, without those that are stuck, else without all of it."""
    step = d.request.step(name)
    for each in _stuck_items(d, step) or [step]:
        for part in (each, *d.children(each)):
            if part.state is StepState.OPEN:
                settle_step(d, part, say("fulfilment.the_step_was_skipped"), by=d.actor)
        finishing.skip(d, each.name, reason, d.actor)
    advance(d)


def _waits(d: Draft, name: str) -> bool:
    """Whether a step still waits for its answer: another step may have ended the request in the same moment."""
    return d.request.step(name).state is StepState.OPEN
