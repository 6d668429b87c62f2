"""A running request goes on by repaired rules: what has happened stays, and what is still open is looked at anew.

Whether it may is another's question (`rehearse.adoption`), asked before.
"""

from collections.abc import Mapping
from dataclasses import replace

from mailbot.process import clock
from mailbot.process.decide import items, opening
from mailbot.process.decide.asking import content_of
from mailbot.process.decide.course import advance
from mailbot.process.decide.draft import Draft, base
from mailbot.process.decide.ending import settle_step
from mailbot.process.decide.finishing import settle
from mailbot.process.definition import ASKING, DRIVING, Process, StepKind, StepRule, Value
from mailbot.process.directory import HOUSE
from mailbot.process.expression import EvaluationFailed
from mailbot.process.marks import LATE
from mailbot.process.request import Adopt, Kind, Request, State, Step, StepState
from mailbot.words import behind, say

WHAT_CHANGED = (say("adoption.the_rules_that_it"),)
"""As it stands in letters that ask anew: "Changed since you were asked: …"."""


def fitted(request: Request, process: Process) -> Request:
    """The request under another version: its steps in that one's order, with those that are new.

    A step that the version does not have is gone; nothing may have happened in it.
    """
    steps: list[Step] = []
    for rule in process.steps:
        own = [step for step in request.steps if base(step.name) == rule.name and step.undoes is None]
        steps += own or [Step(name=rule.name)]
    known = {rule.name for rule in process.steps}
    steps += [step for step in request.steps if step.undoes is not None and base(step.name) in known]
    return replace(request, rules=process.version, steps=tuple(steps))


def adopt(d: Draft, event: Adopt) -> None:
    """Of a request that is `fitted` already."""
    if d.request.is_closed:
        return
    versions = f"{event.was} → {d.process.version}"
    d.write("adopted", detail=f"{versions}\n{event.reason}".rstrip())
    if d.request.state is State.PENDING:
        _complete_perhaps(d)
        return
    before = d.request
    _read_form_again(d)
    _allow(d)
    for step in before.steps:
        _look_at(d, step)
    for name in dict.fromkeys(base(step.name) for step in d.request.steps if step.item is not None):
        settle(d, name)
    advance(d)
    for step in before.steps:
        _tell_not_asked_any_more(d, step)
    news = behind(say("adoption.it_goes_on_by_repaired_rules"), event.reason)
    d.tell(Kind.STATUS, (d.request.requester, *d.request.watchers), news=news, by=d.actor)


def _complete_perhaps(d: Draft) -> None:
    """What was wrong with the form may be right now, or something else is wrong with it."""
    _, faults = _read(d)
    if faults == d.request.faults:
        return
    opening.read(d, d.request.given, d.request.carries)
    if faults:
        d.tell(Kind.INCOMPLETE, d.request.requester)


def _read(d: Draft) -> tuple[Mapping[str, Value], Mapping[str, str]]:
    return opening.parsed(d, d.request.given, d.request.carries)


def _read_form_again(d: Draft) -> None:
    """With the fields that there are now: a new one has its default."""
    values, faults = _read(d)
    if not faults:
        d.change(form=values)
    opening.summarise(d)


def _allow(d: Draft) -> None:
    """The request's lead time as it is now; what was spent, granted and stopped of it stays so."""
    if d.request.allowance is None:
        return
    calendar = d.process.calendar or HOUSE
    wanted = clock.allow(d.process.lead_time, calendar, d.directory)
    allowance = replace(d.request.allowance, lead=wanted.lead, calendar=wanted.calendar)
    due = clock.due(allowance, d.directory) or d.request.due
    told = d.request.told - {LATE} if due is not None and due > d.now else d.request.told
    d.change(allowance=allowance, due=due, told=told)


# -- steps ---------------------------------------------------------------------------------------------------------


def _look_at(d: Draft, step: Step) -> None:
    """What is asked otherwise now, or could not go on, begins anew; so does what was skipped or sleeps."""
    rule = d.rule(step.name)
    if step.undoes is not None:
        return
    if d.children(step) and step.state is StepState.OPEN:
        _split_anew(d, step, rule)
    elif _is_to_begin_anew(d, step, rule):
        again = d.begin_anew(step.name)
        d.change_step(step.name, changed=WHAT_CHANGED if again.content else ())


def _is_to_begin_anew(d: Draft, step: Step, rule: StepRule) -> bool:
    match step.state:
        case StepState.WAITING:
            return step.wakes is not None
        case StepState.SKIPPED:
            return step.answered_by is None
        case StepState.OPEN if rule.kind in ASKING:
            return bool(step.trouble) or step.content != content_of(d.request, rule, step.item)
        case StepState.OPEN if rule.kind in DRIVING:
            return bool(step.trouble) and not step.network
        case StepState.OPEN if rule.kind is StepKind.WAIT:
            return rule.until is not None or bool(step.trouble)
        case StepState.OPEN:
            return bool(step.trouble)
        case _:
            return False


def _split_anew(d: Draft, step: Step, rule: StepRule) -> None:
    """Items that stay, stay as they are. Where nobody can say which there are, that is told when it begins."""
    try:
        items.split(d, step, rule)
    except EvaluationFailed:
        items.drop_all(d, step)
        d.begin_anew(step.name)


def _tell_not_asked_any_more(d: Draft, was: Step) -> None:
    now = d.request.step(was.name).state
    if was.state is StepState.OPEN and now is not StepState.OPEN:
        over = now in {StepState.SKIPPED, StepState.CANCELLED}
        later = (
            say("adoption.you_are_asked_again") if d.request.state is State.HELD else say("adoption.others_come_first")
        )
        words = say("adoption.this_is_not_needed") if over else later
        settle_step(d, was, say("adoption.the_rules_have_changed", words=words))
