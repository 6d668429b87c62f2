"""What time brings: reminders, lateness, escalation, ends. Each mark is told once, and only while it is still so."""

from collections.abc import Set as AbstractSet

from mailbot.process import marks as marks_
from mailbot.process.decide import course, ending, finishing, undoing
from mailbot.process.decide.asking import pass_on
from mailbot.process.decide.draft import Draft, base
from mailbot.process.definition import StepKind, StepRule, Verdict
from mailbot.process.forecast import forecast
from mailbot.process.marks import ESCALATION, LATE, REMINDER, marks
from mailbot.process.request import Kind, Request, Step, TimePassed
from mailbot.words import say

Due = AbstractSet[tuple[str | None, str]]
"""(step, mark) of all that is due now."""


def pass_time(d: Draft, event: TimePassed) -> None:
    """A timer rang. Where a hold or a delay has moved its mark meanwhile, nothing is due, and nothing is said."""
    due = {(m.step, m.name) for m in marks(d.request, d.process, d.directory) if m.at <= d.now}
    if (event.step, event.mark) not in due:
        return
    if event.step is None:
        _of_request(d, event.mark, due)
        return
    for name in _alike(d, event.step, event.mark, due):
        _of_step(d, d.request.step(name), event.mark, due)
    course.advance(d)


def _alike(d: Draft, name: str, mark: str, due: Due) -> list[str]:
    """The step, and those for other items of which the same is due now: people hear of all of them at once."""
    step = d.request.step(name)
    if step.item is None or step.undoes or mark == marks_.WAKE:
        return [name]
    return [other.name for other in d.children(d.request.step(base(name))) if (other.name, mark) in due]


def _of_request(d: Draft, mark: str, due: Due) -> None:
    match mark:
        case marks_.JEOPARDY:
            _jeopardy(d, due)
        case marks_.LATE:
            _request_late(d)
        case marks_.EXPIRY_WARNING:
            d.change(told=d.request.told | {mark})
            if (None, marks_.EXPIRY) in due:
                return  # after a long sleep the end says it all
            d.write("reminded", detail=d.request.requester, actor=d.directory.bot)
            expiry = (m.at for m in marks(d.request, d.process, d.directory) if m.name == marks_.EXPIRY)
            d.tell(Kind.INCOMPLETE, d.request.requester, reminds=True, ends=next(expiry))
        case marks_.EXPIRY:
            ending.expire(d, None, say("times.the_form_was_not", time=d.process.pending_expires))


def _of_step(d: Draft, step: Step, mark: str, due: Due) -> None:
    rule = d.rule(step.name)
    if mark == marks_.WAKE:
        course.wake(d, step.name)
        return
    d.change_step(step.name, told=step.told | {mark})
    if mark == LATE:
        _late(d, step, due)
    elif mark.startswith(REMINDER):
        _remind(d, step, rule, mark, due)
    elif mark.startswith(ESCALATION):
        _escalate(d, step, rule, int(mark.removeprefix(ESCALATION)))
    elif mark == marks_.UNANSWERED:
        _unanswered(d, step, rule)
    elif mark == marks_.WARNING and (step.name, marks_.END) not in due:
        _warn(d, step)
    elif mark == marks_.END:
        _end(d, step, rule)


def _request_late(d: Draft) -> None:
    d.change(told=d.request.told | {LATE})
    d.write("late", actor=d.directory.bot)
    waiting = [s for s in d.open_steps() if s.due is not None and s.due > d.now]
    # Else the requester hears of the step that is late; of a review, it is he who was asked.
    if len(waiting) == len(d.open_steps()) and not d.request.is_review:
        d.tell(Kind.DELAYED, d.request.requester, late=True)
    d.tell(Kind.ESCALATION, _managers(d), level=0, waiting_for=_waiting_for(d))


def _managers(d: Draft) -> list[str]:
    """Who looks after the request; of a review, if nobody else does, admins."""
    people = [a for name in d.process.managers for a in d.directory.addressees(name)]
    return people or (list(d.directory.admins) if d.request.is_review else [])


def _jeopardy(d: Draft, due: Due) -> None:
    """Managers hear of it before it is too late; once it is, they hear that."""
    d.change(told=d.request.told | {marks_.JEOPARDY})
    if (None, LATE) in due:
        return
    seen = forecast(d.request, d.process, d.directory, d.now)
    d.write("jeopardy", detail=seen.why, actor=d.directory.bot)
    people = [a for name in d.process.managers for a in d.directory.addressees(name)]
    d.tell(Kind.JEOPARDY, people, why=seen.why, at=seen.end, waiting_for=_waiting_for(d))


def look_again(d: Draft, before: Request) -> None:
    """Where a due time was moved (by a delay, a hold, another form), managers are told of jeopardy anew."""
    if marks_.JEOPARDY not in d.request.told:
        return
    was = {step.name: step for step in before.steps}
    asked_before = [(was[s.name], s) for s in d.open_steps() if s.name in was and was[s.name].opened]
    moved = any(old.due != new.due or old.state is not new.state for old, new in asked_before)
    if moved or d.request.due != before.due:
        d.change(told=d.request.told - {marks_.JEOPARDY})


def _late(d: Draft, step: Step, due: Due) -> None:
    d.write("late", step=step.name, actor=d.directory.bot)
    if step.undoes:  # the requester has gone on his way: what is left behind is the house's affair
        d.tell(Kind.ESCALATION, d.directory.admins, step=step.name, level=0, waiting_for=[])
        return
    if d.request.is_review:
        if (None, LATE) not in due and LATE not in d.request.told:  # else that says it all
            d.tell(Kind.ESCALATION, _managers(d), step=step.name, level=0, waiting_for=_waiting_for(d))
        return
    d.tell_once(Kind.DELAYED, d.request.requester, step=base(step.name), late=True)


def _remind(d: Draft, step: Step, rule: StepRule, mark: str, due: Due) -> None:
    number = int(mark.removeprefix(REMINDER))
    if (step.name, f"{REMINDER}{number + 1}") in due:
        return  # after a long sleep the last one says it all
    step = pass_on(d, d.request.step(step.name))
    spoken = {name for voice in step.voices for name in (voice.seat, voice.actor)}
    quiet = [seat for seat in step.asked if seat not in spoken or d.directory.readers(seat) - spoken]
    d.write("reminded", step=step.name, detail=", ".join(quiet), actor=d.directory.bot)
    d.tell(Kind.REMINDER, quiet, step=step.name, share=float(rule.remind[number]))


def _escalate(d: Draft, step: Step, rule: StepRule, level: int) -> None:
    people: list[str] = []
    for name in rule.escalate[level].to:
        found = d.directory.leads(step.departments) if name == "lead" else d.directory.addressees(name)
        people += [d.directory.person(address) for address in found]
    people = [d.directory.stand_in(p) or p for p in people]
    people = [p for p in people if p != d.request.requester] or list(d.directory.admins)
    d.write("escalated", step=step.name, detail=", ".join(people), actor=d.directory.bot)
    d.tell(Kind.ESCALATION, people, step=step.name, level=level + 1, waiting_for=_waiting_for(d))


def _unanswered(d: Draft, step: Step, rule: StepRule) -> None:
    """Nobody has answered for so long that the rules answer."""
    if rule.unanswered is None:
        return
    words = say("times.nobody_answered_within", time=rule.unanswered.after)
    d.write("unanswered", step=step.name, detail=f"then {rule.unanswered.then}", actor=d.directory.bot)
    match rule.unanswered.then:
        case Verdict.REJECT:
            ending.settle_step(d, step, words)
            finishing.refuse(d, step.name, words, d.directory.bot)
        case Verdict.APPROVE:
            ending.settle_step(d, step, words)
            finishing.finish(d, step.name, words)
        case Verdict.ESCALATE:
            _ask_higher(d, step, rule)


def _ask_higher(d: Draft, step: Step, rule: StepRule) -> None:
    """The leads of the departments may answer from here on, else the admins, beside all who were asked. Where all of
    these must agree, it does not take more of them now.
    """
    leads = [who for who in d.directory.leads(step.departments) if who not in {*step.asked, d.request.requester}]
    more = leads or [who for who in d.directory.admins if who not in {*step.asked, d.request.requester}]
    if rule.needs is not None:
        d.change_step(step.name, asked=(*step.asked, *more))
    d.write("asked", step=step.name, detail=", ".join(more), actor=d.directory.bot)
    d.tell(Kind.ACTION, more, step=step.name, why="unanswered")


def _warn(d: Draft, step: Step) -> None:
    d.write("reminded", step=step.name, detail=d.request.requester, actor=d.directory.bot)
    alike = d.children(d.request.step(base(step.name))) if step.item else (step,)
    ends = [one.until for one in alike if one.until is not None and not one.undone]
    d.tell_once(Kind.REMINDER, d.request.requester, step=base(step.name), ends=min(ends))


def _end(d: Draft, step: Step, rule: StepRule) -> None:
    """A reservation that nobody took up takes its request with it; all else is undone."""
    if d.request.step(step.name).undone:
        return  # with another of its items
    if rule.kind is StepKind.RESERVE and not d.request.is_closed:
        d.change_step(step.name, told=d.request.step(step.name).told | {undoing.ENDED})  # `expired` says it
        ending.expire(d, step.name, say("times.its_reservation_has_lapsed"))
    else:
        undoing.run_out(d, step.name)


def _waiting_for(d: Draft) -> list[str]:
    return list(dict.fromkeys(seat for step in d.open_steps() for seat in step.asked))
