"""What time brings: reminders, lateness, escalation, ends. Each mark is told once, and only while it is still so."""

from mailbot.process import marks as marks_
from mailbot.process.decide import course, ending, undoing
from mailbot.process.decide.draft import Draft
from mailbot.process.definition import StepKind, StepRule, Verdict
from mailbot.process.marks import ESCALATION, LATE, REMINDER, marks
from mailbot.process.request import Kind, Step, TimePassed


def pass_time(d: Draft, event: TimePassed) -> None:
    """A timer rang. Where a hold or a delay has moved its mark meanwhile, nothing is due, and nothing is said."""
    due = {(m.step, m.name) for m in marks(d.request, d.process, d.directory) if m.at <= d.now}
    if (event.step, event.mark) not in due:
        return
    if event.step is None:
        _of_request(d, event.mark)
    else:
        _of_step(d, d.request.step(event.step), event.mark, due)


def _of_request(d: Draft, mark: str) -> None:
    match mark:
        case marks_.LATE:
            _request_late(d)
        case marks_.EXPIRY_WARNING:
            d.change(told=d.request.told | {mark})
            d.write("reminded", detail=d.request.requester, actor=d.directory.bot)
            d.tell(Kind.INCOMPLETE, d.request.requester, reminds=True)
        case marks_.EXPIRY:
            ending.expire(d, None, f"the form was not completed within {d.process.pending_expires}")


def _of_step(d: Draft, step: Step, mark: str, due: set[tuple[str | None, str]]) -> None:
    rule = d.rule(step.name)
    if mark == marks_.WAKE:
        course.wake(d, step.name)
        return
    d.change_step(step.name, told=step.told | {mark})
    if mark == LATE:
        _late(d, step)
    elif mark.startswith(REMINDER):
        _remind(d, step, rule, mark, due)
    elif mark.startswith(ESCALATION):
        _escalate(d, step, rule, int(mark.removeprefix(ESCALATION)))
    elif mark == marks_.UNANSWERED:
        _unanswered(d, step, rule)
    elif mark == marks_.WARNING:
        _warn(d, step)
    elif mark == marks_.END:
        _end(d, step, rule)


def _request_late(d: Draft) -> None:
    d.change(told=d.request.told | {LATE})
    d.write("late", actor=d.directory.bot)
    waiting = [s for s in d.open_steps() if s.due is not None and s.due > d.now]
    if len(waiting) == len(d.open_steps()):  # else the requester hears of the step that is late
        d.tell(Kind.DELAYED, d.request.requester, late=True)
    people = [a for name in d.process.managers for a in d.directory.addressees(name)]
    d.tell(Kind.ESCALATION, people, level=0, waiting_for=_waiting_for(d))


def _late(d: Draft, step: Step) -> None:
    d.write("late", step=step.name, actor=d.directory.bot)
    if step.undoes:  # the requester has gone on his way: what is left behind is the house's affair
        d.tell(Kind.ESCALATION, d.directory.admins, step=step.name, level=0, waiting_for=[])
        return
    d.tell(Kind.DELAYED, d.request.requester, step=step.name, late=True)


def _remind(d: Draft, step: Step, rule: StepRule, mark: str, due: set[tuple[str | None, str]]) -> None:
    number = int(mark.removeprefix(REMINDER))
    if (step.name, f"{REMINDER}{number + 1}") in due:
        return  # after a long sleep the last one says it all
    spoken = {name for voice in step.voices for name in (voice.seat, voice.actor)}
    quiet = [seat for seat in step.asked if seat not in spoken or d.directory.readers(seat) - spoken]
    d.write("reminded", step=step.name, detail=", ".join(quiet), actor=d.directory.bot)
    d.tell(Kind.REMINDER, quiet, step=step.name, share=float(rule.remind[number]))


def _escalate(d: Draft, step: Step, rule: StepRule, level: int) -> None:
    people: list[str] = []
    for name in rule.escalate[level].to:
        found = d.directory.leads(step.departments) if name == "lead" else d.directory.addressees(name)
        people += [d.directory.person(address) for address in found]
    people = [p for p in people if p != d.request.requester] or list(d.directory.admins)
    d.write("escalated", step=step.name, detail=", ".join(people), actor=d.directory.bot)
    d.tell(Kind.ESCALATION, people, step=step.name, level=level + 1, waiting_for=_waiting_for(d))


def _unanswered(d: Draft, step: Step, rule: StepRule) -> None:
    """Nobody has answered for so long that the rules answer."""
    if rule.unanswered is None:
        return
    words = f"nobody answered within {rule.unanswered.after}"
    d.write("unanswered", step=step.name, detail=f"then {rule.unanswered.then}", actor=d.directory.bot)
    match rule.unanswered.then:
        case Verdict.REJECT:
            ending.settle_step(d, step, words)
            course.refuse(d, step.name, words, d.directory.bot)
        case Verdict.APPROVE:
            ending.settle_step(d, step, words)
            course.finish(d, step.name, words)
            course.advance(d)
        case Verdict.ESCALATE:
            _ask_higher(d, step)


def _ask_higher(d: Draft, step: Step) -> None:
    """The leads of the departments may answer from here on, else the admins, beside all who were asked."""
    leads = [who for who in d.directory.leads(step.departments) if who not in {*step.asked, d.request.requester}]
    more = leads or [who for who in d.directory.admins if who not in {*step.asked, d.request.requester}]
    d.change_step(step.name, asked=(*step.asked, *more))
    d.write("asked", step=step.name, detail=", ".join(more), actor=d.directory.bot)
    d.tell(Kind.ACTION, more, step=step.name, why="unanswered")


def _warn(d: Draft, step: Step) -> None:
    d.write("reminded", step=step.name, detail=d.request.requester, actor=d.directory.bot)
    d.tell(Kind.REMINDER, d.request.requester, step=step.name, ends=step.until)


def _end(d: Draft, step: Step, rule: StepRule) -> None:
    """A reservation that nobody took up takes its request with it; all else is undone."""
    if rule.kind is StepKind.RESERVE and not d.request.is_closed:
        d.change_step(step.name, told=d.request.step(step.name).told | {undoing.ENDED})  # `expired` says it
        ending.expire(d, step.name, f"the reservation of {step.prefix} has lapsed")
    else:
        undoing.run_out(d, step.name)


def _waiting_for(d: Draft) -> list[str]:
    return list(dict.fromkeys(seat for step in d.open_steps() for seat in step.asked))
