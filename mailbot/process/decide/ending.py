"""How a request ends before its time: rejected, cancelled, failed; and how a clock stops and goes on."""

from mailbot.process import clock
from mailbot.process.decide import lasting, undoing
from mailbot.process.decide.draft import Draft
from mailbot.process.definition import ASKING
from mailbot.process.request import (
    Kind,
    Outcome,
    Step,
    StepState,
)


def settle_step(d: Draft, step: Step, outcome: str, *, but: str = "", by: str = "") -> None:
    """Tell those who were asked, and have not answered, that it is over."""
    spoken = {voice.seat for voice in step.voices}
    quiet = [seat for seat in step.asked if seat not in spoken and seat != but]
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
    end(d, Outcome.REJECT, reason, "the request was rejected")
    d.write("rejected", step=step, detail=reason, actor=by)
    title = d.rule(step).title
    people = (d.request.requester, *d.request.watchers)
    d.tell(Kind.REJECTED, people, step=step, by=by, reason=reason, title=title)
    undoing.advance(d)


def expire(d: Draft, step: str | None, reason: str) -> None:
    """Time has run out: a reservation has lapsed, or the requester was silent."""
    end(d, Outcome.CANCEL, reason, "the request has lapsed")
    d.write("lapsed", step=step, detail=reason, actor=d.directory.bot)
    d.tell(Kind.EXPIRED, (d.request.requester, *d.request.watchers), step=step, reason=reason)
    undoing.advance(d)


def cancel(d: Draft, reason: str) -> None:
    end(d, Outcome.CANCEL, reason, "the request was cancelled")
    d.write("cancelled", detail=reason)
    _tell_end(d, Kind.CANCELLED, reason)
    undoing.advance(d)


def fail(d: Draft, step: str | None, reason: str) -> None:
    if step is not None:
        d.change_step(step, state=StepState.FAILED, trouble=None)
    end(d, Outcome.FAIL, reason, "the request has failed")
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
    for step in d.request.steps:
        if step.lasts and step.until:
            d.change_step(step.name, lasts=clock.stopped(step.lasts, d.now, d.directory))
    d.write("held", detail=reason)
    _tell_all(d, f"on hold{f': {reason}' if reason else ''}")


def resume(d: Draft, reason: str) -> None:
    """Let every clock go on from where it stood."""
    d.move(Outcome.RESUME, reason=None)
    if d.request.allowance:
        allowance = clock.started(d.request.allowance, d.now)
        d.change(allowance=allowance, due=clock.due(allowance, d.directory))
    for step in d.open_steps():
        if step.allowance and not step.undoes:
            allowance = clock.started(step.allowance, d.now)
            d.change_step(step.name, allowance=allowance, due=clock.due(allowance, d.directory))
    for step in d.request.steps:
        if step.lasts and step.until:
            lasting.go_on(d, step)
    d.write("resumed", detail=reason)
    _tell_all(d, "going on again")


def _tell_all(d: Draft, news: str) -> None:
    """By `status`: to the requester, to watchers, to all who are asked, and in answer to whoever did it."""
    asked = [seat for step in d.open_steps() for seat in step.asked]
    people = [d.request.requester, *d.request.watchers, *asked]
    d.answer(Kind.STATUS, news=news)
    d.tell(Kind.STATUS, [p for p in people if p != d.actor], news=news, by=d.actor)
