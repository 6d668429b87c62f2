"""The requester's form: sent in, completed, amended."""

from collections.abc import Mapping

from mailbot.process import clock, form
from mailbot.process.decide.asking import content_of
from mailbot.process.decide.course import advance
from mailbot.process.decide.draft import Draft, field_lines
from mailbot.process.decide.ending import settle_step
from mailbot.process.definition import ASKING, DRIVING, StepKind
from mailbot.process.expression import EvaluationFailed
from mailbot.process.marks import EXPIRY_WARNING
from mailbot.process.request import (
    Amend,
    Held,
    Kind,
    Outcome,
    Request,
    Step,
    StepState,
    Submitted,
)

LASTING = frozenset({StepKind.NOTIFY, StepKind.RELEASE, *DRIVING})
"""Kinds that cannot be undone by changing the form."""


def submit(d: Draft, event: Submitted) -> None:
    d.change(attachments=event.attachments, watchers=event.watchers)
    d.write("received", detail=field_lines(event.given, _labels(d)))
    if event.watchers:
        d.write("watches", detail=", ".join(event.watchers))
    _fill(d, event.given, event.held)


def complete(d: Draft, deed: Amend) -> None:
    """The requester sends what was missing."""
    d.write("completed form", detail=field_lines(deed.given, _labels(d)))
    _fill(d, {**d.request.given, **deed.given}, deed.held)


def _fill(d: Draft, given: Mapping[str, str], held: Held) -> None:
    values, faults = form.parse(given, d.process.fields, held=held)
    d.change(given=given, form=values, faults=faults, carries=held)
    if faults:
        d.move(Outcome.ASK, pending_since=d.now)
        d.change(told=d.request.told - {EXPIRY_WARNING})
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
    if why := _too_late(d):
        d.answer(Kind.REFUSED, why=why)
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
    d.change(given=given, form=values, carries=deed.held)
    labels = _changed(d, before, "amended")
    _begin_anew(d, before, labels)
    d.answer(Kind.STATUS, news=f"your form has changed: {', '.join(labels)}")


def _too_late(d: Draft) -> str | None:
    if any(a.state in {"allocated", "reserved"} for a in d.request.addresses):
        return "the address space is allocated already; ask for an update of it instead"
    if any(one.network for one in d.request.steps):
        return "the network is being configured already; ask for a change of it instead"
    return None


def change_form(d: Draft, given: Mapping[str, str], *, but: str) -> Mapping[str, str]:
    """An approver writes fields of the form anew, where he may; field name → what is wrong with it.

    All who were asked about other content are asked anew, less the step `but`, which is his.
    """
    merged = {**d.request.given, **given}
    values, faults = form.parse(merged, d.process.fields, held=d.request.carries)
    if faults or values == d.request.form:
        return {name: fault for name, fault in faults.items() if name in given} or faults
    before = d.request
    d.change(given=merged, form=values)
    labels = _changed(d, before, "changed form")
    _begin_anew(d, before, labels, but=but)
    d.tell(Kind.STATUS, before.requester, news=f"{d.actor} has changed your form: {', '.join(labels)}", by=d.actor)
    return {}


def _changed(d: Draft, before: Request, action: str) -> list[str]:
    """Write down what has changed in the form since; the labels of the changed fields."""
    summarise(d)
    changed = [f for f in d.process.fields if d.request.form.get(f.name) != before.form.get(f.name)]
    then_now = {f.label: f"{_shown(before, f.name)} → {_shown(d.request, f.name)}" for f in changed}
    d.write(action, detail=field_lines(then_now, {}))
    return [f.label for f in changed]


def _shown(request: Request, name: str) -> str:
    return form.written(request.form[name]) if name in request.form else "(empty)"


def _begin_anew(d: Draft, before: Request, labels: list[str], *, but: str = "") -> None:
    for step in before.steps:
        if step.name != but:
            _take_back(d, step.name)
    advance(d, labels)
    for step in before.steps:
        _tell_not_asked_any_more(d, step)


def _take_back(d: Draft, name: str) -> None:
    """As if the step had not begun: its turn may come at once, later, or not any more."""
    if name not in {step.name for step in d.request.steps}:
        return  # an item of a step that was taken back before
    step, rule = d.request.step(name), d.rule(name)
    if step.state is StepState.WAITING:
        d.change_step(name, wakes=None)
        return
    if step.state is StepState.DONE and rule.kind in LASTING:
        return
    if rule.kind in ASKING and rule.each is None and step.content == content_of(d.request, rule, step.item):
        return
    if rule.each is not None and step.item is None:
        if _same_items(d, step):
            return
        d.change(steps=tuple(s for s in d.request.steps if s not in d.children(step)))
    elif step.item is not None and step.content == content_of(d.request, rule, step.item):
        return
    d.change_step(
        name,
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
        wakes=None,
    )


def _same_items(d: Draft, parent: Step) -> bool:
    """Whether it would run for the same items as before."""
    each = d.rule(parent.name).each
    try:
        items = each.evaluate(d.scope) if each else []
    except EvaluationFailed:
        return False
    return items == [child.item for child in d.children(parent)]


def _tell_not_asked_any_more(d: Draft, was: Step) -> None:
    """Those whose answer was waited for, and is not now."""
    now = {step.name: step.state for step in d.request.steps}.get(was.name, StepState.SKIPPED)
    if was.state is StepState.OPEN and now is not StepState.OPEN:
        over = now is StepState.SKIPPED
        settle_step(
            d, was, "the form has changed, and " + ("this is not needed any more" if over else "others come first")
        )


def _labels(d: Draft) -> dict[str, str]:
    return {f.name: f.label for f in d.process.fields}
