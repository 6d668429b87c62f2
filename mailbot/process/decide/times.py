"""What time brings: reminders, lateness, escalation. Each mark is told once, and only while it is still so."""

from mailbot.process.decide.draft import Draft
from mailbot.process.definition import StepRule
from mailbot.process.marks import ESCALATION, LATE, REMINDER, marks
from mailbot.process.request import Kind, Step, TimePassed


def pass_time(d: Draft, event: TimePassed) -> None:
    """A timer rang. Where a hold or a delay has moved its mark meanwhile, nothing is due, and nothing is said."""
    due = {(m.step, m.name) for m in marks(d.request, d.process, d.directory) if m.at <= d.now}
    if (event.step, event.mark) not in due:
        return
    if event.step is None:
        _request_late(d)
        return
    step = d.request.step(event.step)
    rule = d.rule(step.name)
    d.change_step(step.name, told=step.told | {event.mark})
    if event.mark == LATE:
        _late(d, step)
    elif event.mark.startswith(REMINDER):
        _remind(d, step, rule, event.mark, due)
    elif event.mark.startswith(ESCALATION):
        _escalate(d, step, rule, int(event.mark.removeprefix(ESCALATION)))


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


def _waiting_for(d: Draft) -> list[str]:
    return list(dict.fromkeys(seat for step in d.open_steps() for seat in step.asked))
