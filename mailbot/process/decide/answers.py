"""What the asked answer to a step: approve, reject, done, and the fields of its form."""

from collections.abc import Mapping

from mailbot.process import form
from mailbot.process.decide import opening
from mailbot.process.decide.asking import content_of, electorate, needed, sit_down
from mailbot.process.decide.course import advance
from mailbot.process.decide.draft import Draft, field_lines
from mailbot.process.decide.ending import how_it_ended, settle_step
from mailbot.process.decide.finishing import refuse, settle_items
from mailbot.process.decide.rights import acts_on
from mailbot.process.decide.standing import for_whom, spoken_for, take_back
from mailbot.process.definition import ASKING, StepKind, StepRule, Value
from mailbot.process.request import (
    Approve,
    Done,
    Kind,
    Reject,
    Said,
    Step,
    StepState,
    Voice,
)
from mailbot.words import say

_SAID = {StepKind.APPROVAL: "approved", StepKind.FORM: "answered", StepKind.TASK: "done"}
"""How the history calls an answer, by what was asked."""


def answer(d: Draft, said: Said, deed: Approve | Reject | Done, step: Step, rule: StepRule) -> None:
    """Take an answer, where it is this person's to give, about what still is so, and of the step's kind."""
    if refusal := _refusal(d, said, deed, step, rule):
        d.write("refused", step=step.name, detail=refusal)
        d.answer(Kind.REFUSED, step=step.name, why=refusal, assign=not acts_on(d, said, step))
    elif step.state is not StepState.OPEN:
        settled(d, step)
    elif said.content is not None and said.content != step.content:
        d.write("outdated answer", step=step.name, detail="the content has changed since that letter")
        d.answer(Kind.ACTION, step=step.name, why="changed")
    elif voice := next((v for v in step.voices if v.actor == said.actor), None) or spoken_for(d, step, said.actor):
        _counted(d, step, voice)
    elif words := _wrong_word(deed, rule, step) or _stands_for_items(d, step):
        d.write("misunderstood", step=step.name, detail=words)
        d.answer(Kind.MISUNDERSTOOD, step=step.name, why=words)
    else:
        _take(d, said, deed, step, rule)


def _refusal(d: Draft, said: Said, deed: Approve | Reject | Done, step: Step, rule: StepRule) -> str | None:
    if not acts_on(d, said, step):
        return say("answers.was_asked_of_others", title=rule.title)
    own = said.actor == d.request.requester
    if own and rule.kind is StepKind.APPROVAL and isinstance(deed, Approve):
        return say("answers.nobody_approves_his_own")
    return None


def settled(d: Draft, step: Step) -> None:
    """Tell the sender that the step is over, who ended it and how."""
    words = {
        StepState.DONE: step.answer or say("answers.done"),
        StepState.REFUSED: say("answers.rejected"),
        StepState.SKIPPED: say("answers.not_needed_any_more"),
        StepState.WAITING: say("answers.not_asked_yet"),
        StepState.FAILED: say("answers.failed"),
    }
    d.write("answered late", step=step.name)
    d.answer(
        Kind.SETTLED,
        step=step.name,
        by=step.answered_by or "",
        outcome=words.get(step.state) or how_it_ended(d.request),
        at=step.answered_at,
    )


def _counted(d: Draft, step: Step, voice: Voice) -> None:
    """An answer used again, while those of others are still waited for: the first one stays (trap 6)."""
    d.write("answered again", step=step.name)
    whose = say("answers.your_answer") if voice.actor == d.actor else say("answers.the_answer_of", actor=voice.actor)
    how = say("answers.agreed") if voice.approves else say("answers.rejected")
    outcome = say("answers.counts_already", whose=whose, how=how)
    d.answer(Kind.SETTLED, step=step.name, outcome=outcome, at=voice.at)


def _stands_for_items(d: Draft, step: Step) -> str | None:
    if not d.children(step):
        return None
    return say("answers.this_stands_for_several")


def _wrong_word(deed: Approve | Reject | Done, rule: StepRule, step: Step) -> str | None:
    if rule.kind not in ASKING:
        return say("answers.this_step_asks_nobody")
    match rule.kind, deed:
        case _, Reject(reason=""):
            return say("answers.a_rejection_needs_a")
        case StepKind.APPROVAL, Done():
            return say("answers.this_asks_for_your")
        case StepKind.FORM, Approve(given=given) if not given:
            return say("answers.this_needs_more_than")
        case StepKind.FORM, Done(given=given) if not given and not step.fields:
            return say("answers.the_fields_are_still")
        case StepKind.TASK, Approve():
            return say("answers.this_is_work_to")
        case _:
            return None


def _take(d: Draft, said: Said, deed: Approve | Reject | Done, step: Step, rule: StepRule) -> None:
    values = step.fields if isinstance(deed, Reject) else _filled_in(d, deed, step, rule)
    if values is None:
        return
    text = _text(deed, values, rule)
    step = sit_down(d, d.request.step(step.name), said.actor)
    outcome = say("answers.rejected") if isinstance(deed, Reject) else say("answers.answered")
    step = take_back(d, step, said.actor, outcome)
    voice = Voice(
        actor=said.actor,
        seat=_seat(d, said, step),
        approves=not isinstance(deed, Reject),
        at=d.now,
        text=text,
    )
    stuck = step.trouble if needed(d, rule, step) > electorate(d, rule, step) else None
    step = d.change_step(step.name, voices=(*step.voices, voice), fields=values, trouble=stuck)
    detail = f"{text}{for_whom(step, voice)}"
    d.write(_SAID[rule.kind] if voice.approves else "refused step", step=step.name, detail=detail)
    _count(d, step, rule, voice)


def _filled_in(d: Draft, deed: Approve | Done, step: Step, rule: StepRule) -> Mapping[str, Value] | None:
    """The step's fields with what was written into them now; None where something is wrong, and that was answered.

    Fields of the requester's form that an approver may change are changed, once all is well with all of them.
    """
    anew = {name: text for name, text in deed.given.items() if name in rule.may_change}
    if anew and (why := opening.too_late(d)):
        d.write("refused", step=step.name, detail=why)
        d.answer(Kind.REFUSED, step=step.name, why=why)
        return None
    own = {name: text for name, text in deed.given.items() if name not in anew}
    given = {name: form.written(value) for name, value in step.fields.items()} | own
    values, faults = form.parse(given, rule.fields) if rule.fields else (step.fields, {})
    wrong = {**faults, **(opening.faults_in(d, anew) if anew else {})}
    if wrong:
        d.change_step(step.name, fields=values)  # he sends just what is still missing
        d.write("incomplete", step=step.name, detail=field_lines(wrong, _labels(rule)))
        d.answer(Kind.INCOMPLETE, step=step.name, faults=wrong, given=given | anew)
        return None
    if anew:
        _change_form(d, anew, step, rule)
    return values


def _change_form(d: Draft, anew: Mapping[str, str], step: Step, rule: StepRule) -> None:
    """What an approver writes into the requester's form is what he agrees to, and the others are asked anew."""
    opening.change_form(d, anew, but=step.name)
    content = content_of(d.request, rule, step.item)
    if content != step.content:
        d.change_step(step.name, content=content, voices=())
        others = [seat for seat in step.asked if not d.directory.may_sit(d.actor, seat)]
        if needed(d, rule, step) > 1:
            changed = [field.label for field in d.process.fields if field.name in anew]
            d.tell(Kind.ACTION, others, step=step.name, why="changed", changes=changed)


def _count(d: Draft, step: Step, rule: StepRule, last: Voice) -> None:
    """Where one is needed, the first answer counts; else as soon as enough agree, or enough can no longer agree."""
    voices = _distinct(d, step)
    yes = sum(voice.approves for voice in voices)
    no = len(voices) - yes
    enough = needed(d, rule, step)
    if yes >= enough:
        answered = {"answered_by": last.actor, "answered_at": d.now, "answer": last.text}
        done = d.change_step(step.name, state=StepState.DONE, **answered)
        approved = rule.kind is StepKind.APPROVAL
        settle_step(d, step, say("answers.approved") if approved else say("answers.done"), by=last.actor)
        settle_items(d, done)
        advance(d)
    elif not last.approves and (enough <= 1 or electorate(d, rule, step) - no < enough):
        settle_step(d, step, say("answers.rejected"), by=last.actor)
        refuse(d, step.name, last.text, last.actor)
        advance(d)


def _distinct(d: Draft, step: Step) -> list[Voice]:
    """The voices that are certainly of different people: who writes from a shared mailbox may be one of its members
    who has spoken already (trap 8).
    """
    spoken = {voice.actor for voice in step.voices}
    return [voice for voice in step.voices if not spoken & d.directory.readers(voice.actor)]


def _seat(d: Draft, said: Said, step: Step) -> str:
    """The asked address that this answer counts for; a lead's or an admin's counts for his own."""
    if said.seat in step.asked and d.directory.may_sit(said.actor, said.seat):
        return said.seat
    return next((s for s in step.asked if d.directory.may_sit(said.actor, s)), said.actor)


def _text(deed: Approve | Reject | Done, values: Mapping[str, object], rule: StepRule) -> str:
    match deed:
        case Reject(reason=reason):
            return reason
        case Approve(text=text) if rule.kind is StepKind.APPROVAL:
            lines = field_lines(values, _labels(rule)) if rule.fields else ""
            more = "\n".join(filter(None, [lines, text]))
            return say("answers.approved_with", more=more) if more else say("answers.approved")
        case _:
            return field_lines(values, _labels(rule)) if rule.fields else say("answers.done")


def _labels(rule: StepRule) -> dict[str, str]:
    return {f.name: f.label for f in rule.fields}
