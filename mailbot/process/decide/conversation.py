"""What is said about a request without deciding it: delays, questions, comments, hand-overs, asking how it stands."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from mailbot.process import clock
from mailbot.process.decide.asking import electorate, needed, pass_on
from mailbot.process.decide.draft import Draft, base
from mailbot.process.decide.rights import answers_for
from mailbot.process.decide.standing import seat_of
from mailbot.process.decide.suppliers import house_only
from mailbot.process.definition import ASKING
from mailbot.process.duration import Duration
from mailbot.process.marks import END, LATE, REMINDER, WARNING
from mailbot.process.request import (
    MOST_TOLD,
    Allowance,
    Ask,
    Assign,
    Comment,
    Delay,
    Kind,
    Question,
    Remark,
    Reply,
    Said,
    Step,
    Unclear,
    Watch,
    WentAway,
)
from mailbot.words import behind, first_of, phrase_of, say

LONGEST_DELAY = timedelta(days=10 * 365)
"""A date further off is a slip of the hand, and would have calendars count the days for seconds."""


def delay(d: Draft, deed: Delay, step: Step) -> None:
    """Due later: the requester is told, and the reminders move along."""
    try:
        until = _later(d, deed, step)
    except ValueError as mistake:
        misunderstood(d, Unclear(wrote="delay", why=phrase_of(mistake)), step.name)
        return
    allowance = step.allowance and clock.extended(step.allowance, until, d.directory)
    patience = step.patience and _later_too(d, step.patience, step.due, until)
    d.change_step(step.name, allowance=allowance, due=until, patience=patience, told=_still_told(d, step))
    d.write("delayed", step=step.name, detail=f"until {until:%Y-%m-%d %H:%M}Z {deed.reason}".strip())
    people = (d.request.requester, *d.request.watchers)
    d.tell(Kind.DELAYED, people, step=base(step.name), by=d.actor, reason=deed.reason, late=False)


def _later_too(d: Draft, patience: Allowance, due: datetime | None, until: datetime) -> Allowance:
    """What the rules wait for moves along with the due time."""
    more = d.directory.calendar(patience.calendar).between(due or until, until)
    return replace(patience, granted=patience.granted + more)


def _still_told(d: Draft, step: Step) -> frozenset[str]:
    """A step that is late already gets a new due time: what is told at and after it is told again."""
    rule = d.rule(step.name)
    early = {f"{REMINDER}{number}" for number, share in enumerate(rule.remind) if share < 1}
    kept = {*early, WARNING, END}
    return step.told & kept if LATE in step.told else step.told


def _later(d: Draft, deed: Delay, step: Step) -> datetime:
    """The new due time; ValueError, with words for the sender, when it is none or not later."""
    rule = d.rule(step.name)
    calendar = d.directory.calendar(rule.calendar or d.process.calendar)
    if step.allowance is None:
        raise ValueError(say("conversation.this_step_only_waits"))
    if step.due is None or step.allowance.since is None:
        raise ValueError(say("conversation.the_clock_of_this"))
    if deed.until is not None:
        until = calendar.end_of_work(date.fromisoformat(deed.until))
    elif deed.duration is not None:
        until = calendar.after(step.due, Duration.parse(deed.duration))
    else:
        raise ValueError(say("conversation.write_until_when_or"))
    if until <= step.due or until <= d.now:
        raise ValueError(say("conversation.that_is_no_later"))
    if until > d.now + LONGEST_DELAY:
        raise ValueError(say("conversation.that_is_more_than", years=LONGEST_DELAY.days // 365))
    return until


def _moved(d: Draft, said: Said, to: str, step: Step) -> Step:
    """The step as it is when `to` sits in the actor's seat; a lead or an admin, who has none, moves all of it."""
    seat = seat_of(d, step, said.actor)
    kept = tuple(s for s in step.asked if s not in {seat, to}) if seat else ()
    voices = tuple(v for v in step.voices if v.seat in kept)
    return replace(step, asked=(*kept, to), voices=voices)


def assign(d: Draft, said: Said, deed: Assign, step: Step) -> None:
    """Somebody else acts on the step: in place of who hands it over, or, where a lead does, of all who were asked."""
    to = d.directory.person(deed.to)
    moved = _moved(d, said, to, step)
    if why := _no_seat_for(d, to, moved):
        refuse(d, behind(deed.to, why), step.name)
        return
    d.change_step(step.name, asked=moved.asked, voices=moved.voices, trouble=None)
    d.write("assigned", step=step.name, detail=f"to {to}")
    d.tell(Kind.ACTION, to, step=step.name, why="assigned", asker=d.actor)
    d.answer(Kind.STATUS, step=step.name, news=say("conversation.was_asked_instead_of", to=to))


def _no_seat_for(d: Draft, to: str, moved: Step) -> str | None:
    rule = d.rule(moved.name)
    if rule.kind not in ASKING:
        return say("conversation.this_step_asks_nobody")
    if to == d.request.requester:
        return say("conversation.the_requester_cannot_act")
    if to == d.directory.bot or not d.directory.knows(to):
        return say("conversation.is_none_of_us")
    if (there := d.directory.stand_in(to)) != to:
        return say("conversation.is_away_and_stands_in", deputy=there) if there else say("conversation.is_away")
    if needed(d, rule, moved) > electorate(d, rule, moved):
        return say("conversation.then_there_would_be")
    return None


def went_away(d: Draft, event: WentAway) -> None:
    """What somebody is asked goes to whoever stands in for him at once, and not only when he is reminded."""
    for step in d.open_steps():
        if event.person not in step.asked or d.rule(step.name).kind not in ASKING:
            continue
        passed = pass_on(d, step)
        new = [seat for seat in passed.asked if seat not in step.asked]
        d.tell(Kind.ACTION, new, step=step.name, why="new")


def ask_question(d: Draft, deed: Ask, step: Step | None) -> None:
    """An actor asks the requester; the requester asks whoever his request waits for."""
    question = Question(asker=d.actor, step=step.name if step else "", text=deed.question, at=d.now)
    d.change(questions=(*d.request.questions, question))
    d.write("question", step=question.step or None, detail=deed.question)
    if d.actor != d.request.requester and step:
        d.tell(Kind.QUESTION, d.request.requester, step=step.name, by=d.actor, question=deed.question)
        return
    for waiting in d.open_steps():
        d.tell(Kind.QUESTION, _to_ask(d, waiting), step=waiting.name, by=d.actor, question=deed.question)


def _to_ask(d: Draft, waiting: Step) -> list[str]:
    """Whom a requester's question goes to: not to a supplier, of whom he may know nothing, but to who cares for it."""
    if not waiting.asked:
        return []
    managers = [address for name in d.process.managers for address in d.directory.addressees(name)]
    return house_only(d, waiting.asked) or managers or list(d.directory.admins)


def reply(d: Draft, deed: Reply, step: str | None) -> None:
    """Free words in reply to a question go to who asked it: with the action again, if he still may act.

    `step` is what the letter that he answers was about: two departments may have asked.
    """
    asked = _question(d, step)
    if asked is None:
        comment(d, Comment(text=deed.text), None)
        return
    answered = replace(asked, answer=deed.text)
    d.change(questions=tuple(answered if q is asked else q for q in d.request.questions))
    d.write("answer", step=asked.step or None, detail=deed.text)
    acting = next((s for s in d.open_steps() if s.name == asked.step), None)
    if acting and (asked.asker in d.directory.admins or answers_for(d, asked.asker, acting)):
        facts = {"why": "answered", "question": asked.text, "answer": deed.text, "asker": asked.asker}
        d.tell(Kind.ACTION, asked.asker, step=asked.step, **facts)
    else:
        d.tell(Kind.COMMENT, asked.asker, step=asked.step or None, by=d.actor, text=deed.text)


def _question(d: Draft, step: str | None) -> Question | None:
    """The last question that still waits for this person's answer, of that step where one was asked there.

    The requester answers what he was asked, everybody else what the requester asked.
    """
    his = d.actor == d.request.requester
    waiting = [q for q in d.request.questions if q.answer is None and (q.asker == d.request.requester) is not his]
    return next(reversed([q for q in waiting if q.step == step] or waiting), None)


def comment(d: Draft, deed: Comment, step: Step | None) -> None:
    """Into the trace, and to all who are concerned now."""
    d.change(remarks=(*d.request.remarks, Remark(actor=d.actor, text=deed.text, at=d.now)))
    d.write("comment", step=step.name if step else None, detail=deed.text)
    asked = [seat for waiting in d.open_steps() for seat in house_only(d, waiting.asked)]
    others = [p for p in dict.fromkeys([d.request.requester, *d.request.watchers, *asked]) if p != d.actor]
    d.tell(Kind.COMMENT, others, by=d.actor, text=deed.text)
    if not others:
        d.answer(Kind.STATUS, news=say("conversation.your_comment_is_on"))


def status(d: Draft) -> None:
    d.write("asked for the status")
    d.answer(Kind.STATUS)


def why(d: Draft) -> None:
    d.write("asked why")
    d.answer(Kind.ANSWER, about="why")


def watch(d: Draft, deed: Watch) -> None:
    others = tuple(w for w in d.request.watchers if w != d.actor)
    d.change(watchers=(*others, d.actor) if deed.on else others)
    d.write("watches" if deed.on else "watches no more")
    news = say("conversation.you_will_be_told") if deed.on else say("conversation.you_will_hear_no")
    d.answer(Kind.STATUS, news=news)


def misunderstood(d: Draft, deed: Unclear, step: str | None) -> None:
    d.write("misunderstood", step=step, detail="; ".join(deed.faults) or deed.wrote)
    if deed.faults:
        headline = say("lines.nothing_has_changed", count=len(deed.faults))
        lines = first_of(deed.faults, MOST_TOLD)
        d.answer(Kind.MISUNDERSTOOD, step=step, template="lines", headline=headline, lines=lines, faulty=True)
        return
    d.answer(Kind.MISUNDERSTOOD, step=step, wrote=deed.wrote, why=deed.why)


def refuse(d: Draft, why: str, step: str | None = None, *, assign: bool = False) -> None:
    """`assign`: tell how a step could be handed to whoever wrote."""
    d.write("refused", step=step, detail=why)
    d.answer(Kind.REFUSED, step=step, why=why, assign=assign)
