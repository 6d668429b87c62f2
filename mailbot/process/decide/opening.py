"""The requester's form: sent in, completed, amended."""

from collections.abc import Mapping

from mailbot.process import clock, form
from mailbot.process.decide.asking import content_of
from mailbot.process.decide.course import advance
from mailbot.process.decide.draft import Draft, field_lines
from mailbot.process.decide.ending import settle_step
from mailbot.process.definition import ASKING, StepKind, StepRule
from mailbot.process.expression import EvaluationFailed
from mailbot.process.request import (
    Amend,
    Kind,
    Outcome,
    Step,
    StepState,
    Submitted,
)

LASTING = frozenset({StepKind.NOTIFY, StepKind.RELEASE})
"""Kinds that cannot be undone by changing the form."""


def submit(d: Draft, event: Submitted) -> None:
    d.change(attachments=event.attachments)
    d.write("received", detail=field_lines(event.given, _labels(d)))
    _fill(d, event.given, event.held)


def complete(d: Draft, deed: Amend) -> None:
    """The requester sends what was missing."""
    d.write("completed form", detail=field_lines(deed.given, _labels(d)))
    _fill(d, {**d.request.given, **deed.given}, deed.held)


def _fill(d: Draft, given: Mapping[str, str], held: frozenset[str]) -> None:
    values, faults = form.parse(given, d.process.fields, held=held)
    d.change(given=given, form=values, faults=faults)
    if faults:
        d.move(Outcome.ASK)
        d.write("incomplete", detail=field_lines(faults, _labels(d)), actor=d.directory.bot)
        d.answer(Kind.INCOMPLETE)
        return
    allowance = clock.allow(d.process.lead_time, d.process.calendar or "house", d.directory)
    allowance = clock.started(allowance, d.now)
    d.move(Outcome.START, allowance=allowance, due=clock.due(allowance, d.directory))
    summarise(d)
    d.write("started", detail=d.request.summary, actor=d.directory.bot)
    advance(d)
    if d.actor == d.request.requester:
        d.answer(Kind.ACKNOWLEDGED)
    else:
        d.tell(Kind.ACKNOWLEDGED, d.request.requester)


def summarise(d: Draft) -> None:
    """One line about the request, for subjects and lists. A summary that fails is no reason to stop."""
    try:
        text = d.process.summary.render(d.scope) if d.process.summary else d.process.title
    except EvaluationFailed:
        text = d.process.title
    d.change(summary=" ".join(text.split())[:120])


def amend(d: Draft, deed: Amend) -> None:
    """The form is changed while the request runs: what was answered about other content is asked anew (trap 6)."""
    if any(a.state in {"allocated", "reserved"} for a in d.request.addresses):
        d.answer(
            Kind.REFUSED,
            why="the address space is allocated already; ask for an update of it instead",
        )
        return
    given = {**d.request.given, **deed.given}
    values, faults = form.parse(given, d.process.fields, held=deed.held)
    if faults:
        d.answer(Kind.INCOMPLETE, faults=faults, given=given)
        return
    changed = [f for f in d.process.fields if values.get(f.name) != d.request.form.get(f.name)]
    if not changed:
        d.answer(Kind.STATUS, news="nothing in your form has changed")
        return
    before = d.request
    before = d.request
    d.change(given=given, form=values)
    summarise(d)
    labels = [f.label for f in changed]
    detail = field_lines({f.label: values.get(f.name, "") for f in changed}, {})
    d.write("amended", detail=detail)
    for rule in d.process.steps:
        _take_back(d, rule)
    advance(d, labels)
    for step in before.steps:
        _tell_not_asked_any_more(d, step)
    d.answer(Kind.STATUS, news=f"your form has changed: {', '.join(labels)}")


def _take_back(d: Draft, rule: StepRule) -> None:
    """As if the step had not begun: its turn may come at once, later, or not any more."""
    step = d.request.step(rule.name)
    if step.state is StepState.WAITING or (step.state is StepState.DONE and rule.kind in LASTING):
        return
    if rule.kind in ASKING and step.content == content_of(d.request, rule):
        return
    d.change_step(
        rule.name,
        state=StepState.WAITING,
        asked=(),
        voices=(),
        allowance=None,
        due=None,
        told=frozenset(),
        answered_by=None,
        answered_at=None,
        answer=None,
        trouble=None,
        waits_for="",
    )


def _tell_not_asked_any_more(d: Draft, was: Step) -> None:
    """Those whose answer was waited for, and is not now."""
    if was.state is StepState.OPEN and d.request.step(was.name).state is not StepState.OPEN:
        over = d.request.step(was.name).state is StepState.SKIPPED
        settle_step(
            d, was, "the form has changed, and " + ("this is not needed any more" if over else "others come first")
        )


def _labels(d: Draft) -> dict[str, str]:
    return {f.name: f.label for f in d.process.fields}
