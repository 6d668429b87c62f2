"""The requester's form: sent in, completed, amended."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mailbot.process import clock, form
from mailbot.process.customers import Standing
from mailbot.process.decide import dates, items
from mailbot.process.decide.asking import content_of
from mailbot.process.decide.course import advance
from mailbot.process.decide.draft import Draft, base, field_lines
from mailbot.process.decide.driving import IN_FORCE
from mailbot.process.decide.ending import settle_step
from mailbot.process.decide.finishing import refuse, settle
from mailbot.process.decide.taking import fits, take
from mailbot.process.decide.wanted import is_wanted
from mailbot.process.decide.whose import customers_in
from mailbot.process.definition import ASKING, TAKING, StepKind, StepRule, Value
from mailbot.process.expression import EvaluationFailed, Expression, Text, names_in
from mailbot.process.marks import EXPIRY_WARNING
from mailbot.process.request import (
    Address,
    Amend,
    Attachment,
    GiveBack,
    Held,
    Kind,
    Outcome,
    Request,
    Step,
    StepState,
    Submitted,
)
from mailbot.process.scope import scope_of
from mailbot.process.served import refusal
from mailbot.words import say


def submit(d: Draft, event: Submitted) -> None:
    watchers = tuple(w for w in dict.fromkeys(event.watchers) if w not in {d.request.requester, d.directory.bot})
    d.change(watchers=watchers)
    d.write("received", detail=field_lines(event.given, _labels(d)))
    enclose(d, event.attachments)
    if watchers:
        d.write("watches", detail=", ".join(watchers))
    read(d, event.given, event.held)


def enclose(d: Draft, files: Iterable[Attachment], *, late: bool = False) -> bool:
    """Keep with the request what came along, each file once; whether any of it is new."""
    known = {(one.digest, one.late) for one in d.request.attachments}
    new = tuple(replace(one, late=late) for one in files if (one.digest, late) not in known)
    if new:
        d.change(attachments=(*d.request.attachments, *new))
        d.write("attached", detail=", ".join(map(str, new)))
    return bool(new)


def complete(d: Draft, deed: Amend) -> None:
    """The requester sends what was missing."""
    d.write("completed form", detail=field_lines(deed.given, _labels(d)))
    enclose(d, deed.attachments)
    read(d, {**d.request.given, **deed.given}, deed.held)


def read(d: Draft, given: Mapping[str, str], held: Held) -> None:
    """Begin, if all is well with the form; else its requester must complete it."""
    values, faults = parsed(d, given, held)
    d.change(given=given, form=values, faults=faults, carries=held, customers=_customers(d, values, held))
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
    _refuse_if_not_served(d)
    advance(d)
    if d.request.is_review:
        return  # he has not written: the action says it all
    if d.actor == d.request.requester:
        d.answer(Kind.ACKNOWLEDGED)
    else:
        d.tell(Kind.ACKNOWLEDGED, d.request.requester)


def parsed(d: Draft, given: Mapping[str, str], held: Held) -> tuple[dict[str, Value], dict[str, str]]:
    """What the form means, and what is wrong with it: also between items that could not all be had."""
    nameable = d.directory.nameable_by(d.request.requester)  # whoever writes it into his form
    values, faults = form.parse(given, d.process.fields, held=held, nameable=nameable)
    clashes = items.clashes(d.process, values)
    return {name: value for name, value in values.items() if name not in clashes}, {**faults, **clashes}


def _refuse_if_not_served(d: Draft) -> None:
    """Nobody is asked about space that its pool would not give to this requester in the end."""
    for rule in d.process.steps:
        if rule.kind not in TAKING and not rule.changes_space:
            continue
        if (pool := _surely_taken_from(d, rule)) and (reason := refusal(pool, d.request.requester, d.directory)):
            refuse(d, rule.name, reason, d.directory.bot)
            return


def _surely_taken_from(d: Draft, rule: StepRule) -> str:
    """The pool that a step takes from whatever others answer; "" where that is not known yet."""
    try:
        if rule.when is not None and (_asks_steps(rule.when) or not rule.when.holds(d.scope)):
            return ""
        return rule.pool.render(d.scope).strip() if rule.pool else ""
    except EvaluationFailed:
        return ""


def _asks_steps(condition: Expression) -> bool:
    return any(name.startswith("steps.") for name in names_in(condition.source))


def summarise(d: Draft) -> None:
    """One line about the request, for subjects and lists. A summary that fails is no reason to stop."""
    try:
        text = d.process.summary.render(d.scope) if d.process.summary else d.process.title
    except EvaluationFailed:
        text = d.process.title
    d.change(summary=" ".join(text.split())[:120])


def amend(d: Draft, deed: Amend) -> None:
    """The form is changed while the request runs: what was answered about other content is asked anew (trap 6)."""
    if why := too_late(d):
        enclose(d, deed.attachments, late=True)
        d.answer(Kind.REFUSED, why=why)
        return
    given = {**d.request.given, **deed.given}
    values, faults = parsed(d, given, deed.held)
    if faults:
        enclose(d, deed.attachments, late=True)
        d.answer(Kind.INCOMPLETE, faults=faults, given=given)
        return
    enclosed = enclose(d, deed.attachments)
    changed = [f for f in d.process.fields if values.get(f.name) != d.request.form.get(f.name)]
    if not (changed or enclosed):
        d.answer(Kind.STATUS, news=say("opening.nothing_in_your_form"))
        return
    before = d.request
    d.change(given=given, form=values, carries=deed.held, customers=_customers(d, values, deed.held))
    labels = [
        *(_changed(d, before, "amended") if changed else ()),
        *([say("opening.what_came_with_it")] if enclosed else []),
    ]
    _begin_anew(d, before, labels)
    d.answer(Kind.STATUS, news=say("opening.your_form_has_changed", fields=tuple(labels)))


def too_late(d: Draft) -> str | None:
    """Why the form cannot be changed any more, in words; None while it can."""
    if any(a.state == "allocated" for a in d.request.addresses) or any(step.undone for step in d.request.steps):
        return say("opening.the_address_space_is")
    if any(one.network for one in d.request.steps):
        return say("opening.the_network_is_being")
    return None


def faults_in(d: Draft, given: Mapping[str, str]) -> Mapping[str, str]:
    """What is wrong with fields of the form that an approver writes anew: field name → words."""
    merged = {**d.request.given, **given}
    _, faults = parsed(d, merged, d.request.carries)
    return {name: fault for name, fault in faults.items() if name in given} or faults


def change_form(d: Draft, given: Mapping[str, str], *, but: str) -> None:
    """An approver writes fields of the form anew, where he may and all is well with them.

    All who were asked about other content are asked anew, less the step `but`, which is his.
    """
    merged = {**d.request.given, **given}
    values, _ = parsed(d, merged, d.request.carries)
    if values == d.request.form:
        return
    before = d.request
    d.change(given=merged, form=values, customers=_customers(d, values, d.request.carries))
    labels = _changed(d, before, "changed form")
    _begin_anew(d, before, labels, but=but)
    d.tell(
        Kind.STATUS,
        before.requester,
        news=say("opening.has_changed_your_form", actor=d.actor, fields=tuple(labels)),
        by=d.actor,
    )


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
            _take_back(d, before, step.name)
    for name in dict.fromkeys(base(step.name) for step in d.request.steps if step.item is not None):
        settle(d, name)
    for step in d.request.steps:
        if step.state is StepState.WAITING and step.content:
            d.change_step(step.name, changed=tuple(labels))
    dates.grant(d)
    advance(d)
    for step in before.steps:
        _tell_not_asked_any_more(d, step)


def _take_back(d: Draft, before: Request, name: str) -> None:
    """As if the step had not begun: its turn may come at once, later, or not any more."""
    step, rule = d.request.step(name), d.rule(name)
    if step.state is StepState.CANCELLED:
        _let_go(d, step)  # an item that is none any more
    elif step.undoes or _stands(d, before, step, rule):
        return
    elif d.children(step):
        _split_anew(d, step, rule)
    else:
        _let_go(d, step)
        d.begin_anew(name)


def _split_anew(d: Draft, step: Step, rule: StepRule) -> None:
    """Items that stay, stay as they are; where it is not its turn any more, they wait for it."""
    try:
        if step.state in {StepState.OPEN, StepState.DONE} and is_wanted(d, step):
            step = d.change_step(step.name, state=StepState.OPEN, answered_by=None, answered_at=None, answer=None)
            items.split(d, step, rule)
            return
    except EvaluationFailed:
        pass  # told when it begins
    items.drop_all(d, step)
    d.begin_anew(step.name)


def _stands(d: Draft, before: Request, step: Step, rule: StepRule) -> bool:
    """Whether what has become of a step still holds, with the form as it is now."""
    if step.state is StepState.WAITING or d.children(step):
        return False
    if (step.state is StepState.DONE and rule.kind in items.LASTING) or step.was:
        return True
    try:
        if rule.kind in TAKING:
            return step.state is StepState.DONE and is_wanted(d, step) and _would_take(d, step, rule)
        if rule.kind is StepKind.WAIT:
            return is_wanted(d, step) and _reads_alike(d, before, step, (rule.lasts, rule.until))
        return rule.kind in ASKING and _is_asked_alike(d, before, step, rule)
    except EvaluationFailed:
        return False


def _is_asked_alike(d: Draft, before: Request, step: Step, rule: StepRule) -> bool:
    """Whether the same people were asked the same, and still are to be. Raises EvaluationFailed."""
    skipped = step.state is StepState.SKIPPED and step.answered_by is None
    if skipped or step.trouble or step.content != content_of(d.request, rule, step.item) or not is_wanted(d, step):
        return False
    return _reads_alike(d, before, step, rule.asks)


def _reads_alike(d: Draft, before: Request, step: Step, texts: Iterable[Text | None]) -> bool:
    then, now = scope_of(d.process, before, d.directory, step.item), d.scope_for(step)
    return all(text is None or text.render(then) == text.render(now) for text in texts)


def _would_take(d: Draft, step: Step, rule: StepRule) -> bool:
    """Whether it would take the same again; what was reserved and is taken up, is another step's."""
    wish, own = take(d, step, rule, None), _own(d, step)
    same = (a.pool == wish.pool and fits(a.prefix, wish.length, wish.prefix) for a in own)
    return not own or any(same)


def _let_go(d: Draft, step: Step) -> None:
    for address in _own(d, step):
        d.wish(GiveBack(prefix=address.prefix, pool=address.pool, own=True))


def _own(d: Draft, step: Step) -> list[Address]:
    return [a for a in d.request.addresses if a.step == step.name and a.state in IN_FORCE]


def _tell_not_asked_any_more(d: Draft, was: Step) -> None:
    """Those whose answer was waited for, and is not now."""
    now = d.request.step(was.name).state
    if was.state is StepState.OPEN and now is not StepState.OPEN:
        over = now in {StepState.SKIPPED, StepState.CANCELLED}
        words = say("opening.this_is_not_needed") if over else say("opening.others_come_first")
        settle_step(d, was, say("opening.the_form_has_changed", words=words))


def _customers(d: Draft, values: Mapping[str, Value], held: Held) -> dict[str, Standing]:
    return customers_in(values, held, d.process, d.directory)


def _labels(d: Draft) -> dict[str, str]:
    return {f.name: f.label for f in d.process.fields}
