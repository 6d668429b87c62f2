"""Whom a step asks, and what exactly they are asked: seats, voices, and the content that a token stands for."""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256

from mailbot.config.address import normal
from mailbot.process import clock
from mailbot.process.decide.draft import Draft
from mailbot.process.definition import StepKind, StepRule
from mailbot.process.expression import EvaluationFailed, Text
from mailbot.process.request import Allowance, Kind, Request, Step, StepState


def content_of(request: Request, rule: StepRule, item: str | None = None) -> str:
    """Hash of what is asked: the form as far as it is shown, the attachments, the step's definition, and the item that
    it runs for (contract §4).
    """
    form = {name: request.form[name] for name in sorted(request.form) if rule.shows is None or name in rule.shows}
    attachments = list(request.attachments) if rule.shows is None else []
    shown = [form, attachments, rule.digest, item]
    return sha256(json.dumps(shown, separators=(",", ":"), sort_keys=True).encode()).hexdigest()[:32]


def allowance_of(d: Draft, rule: StepRule) -> Allowance | None:
    """The step's own lead time; without one it is due with the request."""
    calendar = rule.calendar or _partys_calendar(d, rule) or d.process.calendar or "house"
    if rule.lead_time is not None:
        return clock.started(clock.allow(rule.lead_time, calendar, d.directory), d.now)
    if d.request.due is None:
        return None
    left = d.directory.calendar(calendar).between(d.now, d.request.due)
    return Allowance(calendar=calendar, lead=left, since=d.now)


def _partys_calendar(d: Draft, rule: StepRule) -> str | None:
    """Where suppliers alone are asked, the time that they work."""
    parties = [d.directory.parties.get(text.plain or "") for text in rule.asks]
    return next((party.calendar for party in parties if party), None) if all(parties) else None


def named(d: Draft, step: Step, texts: Iterable[Text]) -> tuple[str, ...]:
    """The groups, parties and addresses that `asks` and `to` name, their holes filled in. Raises EvaluationFailed."""
    scope = d.scope_for(step)
    names = tuple(dict.fromkeys(text.render(scope).strip() for text in texts))
    for name in names:
        if d.directory.title(name) is None and normal(name) is None:
            raise EvaluationFailed(f"{name!r} is neither a group nor an address")
    return names


def seats_of(d: Draft, rule: StepRule, asked: tuple[str, ...]) -> tuple[str, ...]:
    """The addresses that are written to.

    Nobody approves his own request: where too few are left without him, their lead makes up the number, else admins.
    """
    seats = tuple(dict.fromkeys(d.directory.person(a) for name in asked for a in d.directory.addressees(name)))
    if rule.kind is not StepKind.APPROVAL or not _concerns(d, seats):
        return seats
    others = _without_requester(d, seats)
    for more in (d.directory.leads(asked), d.directory.admins):
        if _size(d, rule, others) < (rule.needs or 1):
            others = tuple(dict.fromkeys([*others, *_without_requester(d, more)]))
    return others


def _concerns(d: Draft, seats: tuple[str, ...]) -> bool:
    """Whether the requester is among them, or there is nobody at all."""
    return not seats or any(d.directory.may_sit(d.request.requester, seat) for seat in seats)


def _without_requester(d: Draft, seats: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(seat for seat in seats if seat != d.request.requester)


def electorate(d: Draft, rule: StepRule, step: Step) -> int:
    """How many different voices there can be."""
    return _size(d, rule, step.asked)


def _size(d: Draft, rule: StepRule, seats: tuple[str, ...]) -> int:
    """A shared mailbox speaks for each of its members, but not for a requester who would approve himself."""
    excluded = {d.request.requester} if rule.kind is StepKind.APPROVAL else set()
    members = [d.directory.readers(seat) for seat in seats]
    return sum(len(readers - excluded) if readers else 1 for readers in members)


def needed(d: Draft, rule: StepRule, step: Step) -> int:
    return electorate(d, rule, step) if rule.needs is None else rule.needs


def ask(d: Draft, step: Step, changes: Sequence[str] = ()) -> None:
    """Open a step that waits for people, and write to each of them. Raises EvaluationFailed.

    `changes` are the labels of what has changed in the form since they were asked before, if they were.
    """
    rule, before = d.rule(step.name), step.content
    content = content_of(d.request, rule, step.item)
    names = named(d, step, rule.asks)
    seats = seats_of(d, rule, names)
    allowance = allowance_of(d, rule)
    step = d.change_step(
        step.name,
        state=StepState.OPEN,
        asked=seats,
        departments=tuple(name for name in names if d.directory.title(name) is not None),
        opened=d.now,
        allowance=allowance,
        due=clock.due(allowance, d.directory),
        content=content,
        voices=(),
        answered_by=None,
        answered_at=None,
        answer=None,
        told=frozenset(),
        trouble=None,
    )
    d.write("asked", step=step.name, detail=", ".join(seats), actor=d.directory.bot)
    if not seats or needed(d, rule, step) > electorate(d, rule, step):
        trouble(
            d,
            step.name,
            "there are not enough people who could answer: see who is in the groups that it asks",
        )
        return
    anew = bool(changes) and before not in {"", content}
    d.tell(Kind.ACTION, seats, step=step.name, why="changed" if anew else "new", changes=changes if anew else ())


def trouble(d: Draft, name: str, words: str) -> None:
    """A step that cannot go on by itself stays open, with the reason, and admins are told once."""
    step, rule = d.request.step(name), d.rule(name)
    if step.trouble == words:
        return
    allowance = step.allowance or allowance_of(d, rule)
    d.change_step(
        name,
        state=StepState.OPEN,
        opened=step.opened or d.now,
        allowance=allowance,
        due=clock.due(allowance, d.directory),
        trouble=words,
    )
    d.write("troubled", step=name, detail=words, actor=d.directory.bot)
    d.tell(
        Kind.ALERT,
        d.directory.admins,
        step=name,
        headline=f"{rule.title} is stuck",
        text=f"The step {rule.title!r} of {d.request.reference} cannot go on: {words}.",
        lines=[
            f"To try it again, when that is mended, reply “retry”, or: mailbot requests retry {d.request.reference}",
            f"To go on without it, reply “skip” and why, or: mailbot requests skip {d.request.reference} --reason …",
        ],
    )
