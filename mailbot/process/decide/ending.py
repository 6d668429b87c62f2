"""How a request ends before its time: rejected, cancelled, failed; and how a clock stops and goes on."""

from datetime import datetime

from mailbot.process import clock
from mailbot.process.decide import dates, lasting, undoing
from mailbot.process.decide.draft import Draft
from mailbot.process.decide.standing import told_before
from mailbot.process.decide.suppliers import house_only
from mailbot.process.definition import ASKING
from mailbot.process.marks import ESCALATION, LATE
from mailbot.process.request import (
    Kind,
    Outcome,
    Request,
    State,
    Step,
    StepState,
)
from mailbot.words import Phrase, behind, say


def how_it_ended(request: Request) -> Phrase:
    """ "the request was cancelled"; of one that goes on, how it stands."""
    match request.state:
        case State.COMPLETED:
            return say("ending.the_request_was_completed")
        case State.REJECTED:
            return say("ending.the_request_was_rejected")
        case State.CANCELLED:
            return say("ending.the_request_was_cancelled")
        case State.FAILED:
            return say("ending.the_request_has_failed")
        case state:
            return say("answers.the_request_is", state=say(f"states.{state.value}"))


def settle_step(d: Draft, step: Step, outcome: str, *, but: str = "", by: str = "") -> None:
    """Tell those who were asked, and have not answered themselves, that it is over."""
    spoken = {voice.seat for voice in step.voices}
    quiet = [seat for seat in (*step.asked, *told_before(step)) if seat not in {*spoken, but, by}]
    if d.rule(step.name).kind in ASKING and step.trouble is None:
        d.tell(Kind.SETTLED, quiet, step=step.name, by=by, outcome=outcome, at=d.now)


def end(d: Draft, outcome: Outcome, reason: str, words: str) -> None:
    """Close the request: open steps are over, the rest never begins, and what was done is undone."""
    for step in d.request.steps:
        if step.undoes:
            continue
        if step.state is StepState.OPEN:
            settle_step(d, step, words)
        if step.state in {StepState.OPEN, StepState.WAITING}:
            d.change_step(step.name, state=StepState.CANCELLED, trouble=None)
    d.move(outcome, closed=d.now, reason=reason)
    undoing.undo(d, [step.name for step in d.request.steps])


def reject(d: Draft, step: str, reason: str, by: str) -> None:
    """One step was refused, and with it the request."""
    end(d, Outcome.REJECT, reason, say("ending.the_request_was_rejected"))
    d.write("rejected", step=step, detail=reason, actor=by)
    title = d.rule(step).title
    people = (d.request.requester, *d.request.watchers)
    d.tell(Kind.REJECTED, people, step=step, by=by, reason=reason, title=title)
    undoing.advance(d)


def expire(d: Draft, step: str | None, reason: str) -> None:
    """Time has run out: a reservation has lapsed, or the requester was silent."""
    end(d, Outcome.CANCEL, reason, say("ending.the_request_has_lapsed"))
    d.write("lapsed", step=step, detail=reason, actor=d.directory.bot)
    d.tell(Kind.EXPIRED, (d.request.requester, *d.request.watchers), step=step, reason=reason)
    undoing.advance(d)


def cancel(d: Draft, reason: str) -> None:
    end(d, Outcome.CANCEL, reason, say("ending.the_request_was_cancelled"))
    d.write("cancelled", detail=reason)
    _tell_end(d, Kind.CANCELLED, reason)
    undoing.advance(d)


def fail(d: Draft, step: str | None, reason: str) -> None:
    if step is not None:
        d.change_step(step, state=StepState.FAILED, trouble=None)
    end(d, Outcome.FAIL, reason, say("ending.the_request_has_failed"))
    d.write("failed", step=step, detail=reason)
    _tell_end(d, Kind.FAILED, reason)
    undoing.advance(d)


def _tell_end(d: Draft, kind: Kind, reason: str) -> None:
    people = [d.request.requester, *d.request.watchers]
    if d.actor in people:
        d.answer(kind, by=d.actor, reason=reason)
    d.tell(kind, [p for p in people if p != d.actor], by=d.actor, reason=reason)


def hold(d: Draft, reason: str) -> None:
    """Stop every clock; answers are still taken, but nothing new begins."""
    d.move(Outcome.HOLD, reason=reason)
    if d.request.allowance:
        d.change(allowance=clock.stopped(d.request.allowance, d.now, d.directory))
    for step in d.open_steps():
        if step.allowance and not step.undoes:
            d.change_step(step.name, allowance=clock.stopped(step.allowance, d.now, d.directory))
        if step.patience:
            d.change_step(step.name, patience=clock.stopped(step.patience, d.now, d.directory))
    for step in d.request.steps:
        if step.lasts and step.until:
            d.change_step(step.name, lasts=clock.stopped(step.lasts, d.now, d.directory))
    d.write("held", detail=reason)
    _tell_all(d, say("ending.on_hold"), reason)


def resume(d: Draft, reason: str) -> None:
    """Let every clock go on from where it stood."""
    d.move(Outcome.RESUME, reason=None)
    if d.request.allowance:
        allowance = clock.started(d.request.allowance, d.now)
        d.change(allowance=allowance, due=clock.due(allowance, d.directory))
        dates.grant(d)
    for step in d.open_steps():
        if step.allowance and not step.undoes:
            allowance = clock.started(step.allowance, d.now)
            due = clock.due(allowance, d.directory)
            d.change_step(step.name, allowance=allowance, due=due, told=_still_told(step, due))
        if step.patience:
            d.change_step(step.name, patience=clock.started(step.patience, d.now))
    for step in d.request.steps:
        if step.lasts and step.until:
            lasting.go_on(d, step)
    d.write("resumed", detail=reason)
    _tell_all(d, say("ending.going_on_again"))


def _still_told(step: Step, due: datetime | None) -> frozenset[str]:
    """A step that was late has a new due time, and the ladder counts from it: a rung whose letter the hold has
    withdrawn is not lost.
    """
    new_ladder = LATE in step.told and due != step.due
    return frozenset(m for m in step.told if not m.startswith(ESCALATION)) if new_ladder else step.told


def _tell_all(d: Draft, news: str, reason: str = "") -> None:
    """By `status`: to the requester, to watchers, to all who are asked, and in answer to whoever did it. Suppliers hear
    no reason.
    """
    asked = [seat for step in d.open_steps() for seat in step.asked]
    people = [p for p in (d.request.requester, *d.request.watchers, *asked) if p != d.actor]
    house, whole = house_only(d, people), behind(news, reason)
    d.answer(Kind.STATUS, news=whole)
    d.tell(Kind.STATUS, house, news=whole, by=d.actor)
    d.tell(Kind.STATUS, [p for p in people if p not in house], news=news)
