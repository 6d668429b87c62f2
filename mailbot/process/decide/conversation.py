"""What is said about a request without deciding it: delays, questions, comments, hand-overs, and asking how it stands."""

from dataclasses import replace
from datetime import date, datetime

from mailbot.process import clock
from mailbot.process.decide.answers import reask
from mailbot.process.decide.draft import Draft
from mailbot.process.duration import Duration
from mailbot.process.request import (
    Ask,
    Assign,
    Comment,
    Delay,
    Kind,
    Question,
    Reply,
    Said,
    Step,
    Unclear,
    Watch,
)


def delay(d: Draft, deed: Delay, step: Step) -> None:
    """Due later: the requester is told, and the reminders move along."""
    try:
        until = _later(d, deed, step)
    except ValueError as mistake:
        misunderstood(d, Unclear(wrote="delay", why=str(mistake)), step.name)
        return
    allowance = step.allowance and clock.extended(step.allowance, until, d.directory)
    d.change_step(step.name, allowance=allowance, due=until)
    d.write("delayed", step=step.name, detail=f"until {until:%Y-%m-%d %H:%M}Z {deed.reason}".strip())
    people = (d.request.requester, *d.request.watchers)
    d.tell(Kind.DELAYED, people, step=step.name, by=d.actor, reason=deed.reason, late=False)


def _later(d: Draft, deed: Delay, step: Step) -> datetime:
    """The new due time; ValueError, with words for the sender, when it is none or not later."""
    rule = d.rule(step.name)
    calendar = d.directory.calendar(rule.calendar or d.process.calendar)
    if step.due is None or step.allowance is None or step.allowance.since is None:
        raise ValueError("the clock of this step does not run: it is on hold")
    if deed.until is not None:
        until = calendar.end_of_work(date.fromisoformat(deed.until))
    elif deed.duration is not None:
        until = calendar.after(step.due, Duration.parse(deed.duration))
    else:
        raise ValueError("write until when, or for how long")
    if until <= step.due or until <= d.now:
        raise ValueError("that is no later than it is due already")
    return until


def assign(d: Draft, said: Said, deed: Assign, step: Step) -> None:
    """Somebody else acts on the step; an action that was one person's leaves his hands, a lead's order moves it whole."""
    to = d.directory.person(deed.to)
    if to == d.request.requester or not d.directory.knows(to):
        why = "the requester cannot act on his own request" if to == d.request.requester else "is none of us"
        d.answer(Kind.REFUSED, step=step.name, why=f"{deed.to}: {why}")
        return
    seat = next((s for s in step.asked if d.directory.may_sit(said.actor, s)), None)
    kept = tuple(s for s in step.asked if s not in {seat, to}) if seat else ()
    d.change_step(step.name, asked=(*kept, to), trouble=None)
    d.write("assigned", step=step.name, detail=f"to {to}")
    d.tell(Kind.ACTION, to, step=step.name, why="assigned", asker=d.actor)
    d.answer(Kind.STATUS, step=step.name, news=f"{to} was asked instead of you")


def ask_question(d: Draft, deed: Ask, step: Step | None) -> None:
    """An actor asks the requester; the requester asks whoever his request waits for."""
    question = Question(asker=d.actor, step=step.name if step else "", text=deed.question, at=d.now)
    d.change(questions=(*d.request.questions, question))
    d.write("question", step=question.step or None, detail=deed.question)
    if d.actor != d.request.requester and step:
        d.tell(Kind.QUESTION, d.request.requester, step=step.name, by=d.actor, question=deed.question)
        return
    for waiting in d.open_steps():
        d.tell(Kind.QUESTION, waiting.asked, step=waiting.name, by=d.actor, question=deed.question)


def reply(d: Draft, deed: Reply) -> None:
    """Free words in reply to a question go to who asked it: with the action again, if he still has to act."""
    waiting = [q for q in d.request.questions if q.answer is None and q.asker != d.actor]
    if not waiting:
        comment(d, Comment(text=deed.text), None)
        return
    asked = waiting[-1]
    answered = replace(asked, answer=deed.text)
    d.change(questions=tuple(answered if q is asked else q for q in d.request.questions))
    d.write("answer", step=asked.step or None, detail=deed.text)
    open_names = {s.name for s in d.open_steps()}
    if asked.step in open_names and asked.asker != d.request.requester:
        step = d.request.step(asked.step)
        facts = {
            "why": "answered",
            "question": asked.text,
            "answer": deed.text,
            "asker": asked.asker,
        }
        if asked.asker in step.asked:
            d.tell(Kind.ACTION, asked.asker, step=asked.step, **facts)
        else:
            reask(d, step, **facts)
    else:
        d.tell(Kind.COMMENT, asked.asker, step=asked.step or None, by=d.actor, text=deed.text)


def comment(d: Draft, deed: Comment, step: Step | None) -> None:
    """Into the trace, and to all who are concerned now."""
    d.write("comment", step=step.name if step else None, detail=deed.text)
    asked = [seat for waiting in d.open_steps() for seat in waiting.asked]
    people = dict.fromkeys([d.request.requester, *d.request.watchers, *asked])
    d.tell(Kind.COMMENT, [p for p in people if p != d.actor], by=d.actor, text=deed.text)


def status(d: Draft) -> None:
    d.write("asked for the status")
    d.answer(Kind.STATUS)


def watch(d: Draft, deed: Watch) -> None:
    others = tuple(w for w in d.request.watchers if w != d.actor)
    d.change(watchers=(*others, d.actor) if deed.on else others)
    d.write("watches" if deed.on else "watches no more")
    news = "you will be told how this goes on" if deed.on else "you will hear no more of this"
    d.answer(Kind.STATUS, news=news)


def misunderstood(d: Draft, deed: Unclear, step: str | None) -> None:
    d.write("misunderstood", step=step, detail=deed.wrote)
    d.answer(Kind.MISUNDERSTOOD, step=step, wrote=deed.wrote, why=deed.why)


def refuse(d: Draft, why: str, step: str | None = None) -> None:
    d.write("refused", step=step, detail=why)
    d.answer(Kind.REFUSED, step=step, why=why)
