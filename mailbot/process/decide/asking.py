"""Whom a step asks, and what exactly they are asked: seats, voices, and the content that a token stands for."""

import json
from collections.abc import Collection, Iterable
from dataclasses import replace
from hashlib import sha256

from mailbot.config.address import normal
from mailbot.process import clock
from mailbot.process.decide.draft import Draft, base
from mailbot.process.decide.standing import Seating, seated, write_down
from mailbot.process.definition import StepKind, StepRule
from mailbot.process.expression import EvaluationFailed, Text
from mailbot.process.request import Allowance, Kind, Request, StandIn, Step, StepState
from mailbot.words import say


def content_of(request: Request, rule: StepRule, item: str | None = None) -> str:
    """Hash of what is asked: the form as far as it is shown, the attachments, the step's definition, the item that it
    runs for (contract §4), and what the steps that it shows have taken.
    """
    form = {name: request.form[name] for name in sorted(request.form) if rule.shows is None or name in rule.shows}
    enclosed = (one for one in request.attachments if rule.shows is None and not one.late)
    attachments = [[one.name, one.digest] for one in enclosed]
    held = [step.prefix for step in request.steps if step.prefix and step.name in (rule.shows or ())]
    shown = [form, attachments, rule.digest, item, *([held] if held else [])]
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


def _patience_of(d: Draft, rule: StepRule) -> Allowance | None:
    """How long the rules wait before they answer themselves."""
    if rule.unanswered is None:
        return None
    calendar = rule.calendar or _partys_calendar(d, rule) or d.process.calendar or "house"
    return clock.started(clock.allow(rule.unanswered.after, calendar, d.directory), d.now)


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
            raise EvaluationFailed(say("asking.is_neither_a_group", name=f"{name!r}"))
    return names


def seats_of(d: Draft, rule: StepRule, asked: tuple[str, ...]) -> Seating:
    """The addresses that are written to.

    Nobody approves his own request: where too few are left without him, or without those who are away, their lead makes
    up the number, else admins.
    """
    seats = tuple(dict.fromkeys(d.directory.person(a) for name in asked for a in d.directory.addressees(name)))
    return _filled(d, rule, seats, asked)


def _filled(
    d: Draft, rule: StepRule, seats: tuple[str, ...], asked: tuple[str, ...], keep: Collection[str] = ()
) -> Seating:
    own = _others(d, rule, seats)
    seating = first = seated(d, rule, own, keep)
    if seating.asked == seats and not (rule.kind is StepKind.APPROVAL and _concerns(d, seats)):
        return seating
    for more in (d.directory.leads(asked), d.directory.admins):
        if _size(d, rule, seating.asked) < (rule.needs or 1):
            seats = tuple(dict.fromkeys([*seats, *more]))
            seating = seated(d, rule, _others(d, rule, seats), keep)
    # Whoever makes up the number sits for those in whose place nobody else is there.
    added = next((who for who in seating.asked if who not in first.asked), None)
    there = {*seating.asked, *(one.absent for one in seating.stand_ins)}
    empty = (StandIn(absent=seat, deputy=added) for seat in own if added and seat not in there)
    return replace(seating, stand_ins=(*seating.stand_ins, *empty))


def pass_on(d: Draft, step: Step) -> Step:
    """The seats of those who have gone away, and have not answered, go to whoever stands in for them."""
    rule, spoken = d.rule(step.name), {voice.seat for voice in step.voices}
    if not any(seat in d.directory.absences and seat not in spoken for seat in step.asked):
        return step
    return _reseated(d, step, _filled(d, rule, step.asked, step.departments, spoken))


def sit_down(d: Draft, step: Step, actor: str) -> Step:
    """A deputy answers, before any reminder has brought him the seat: it is his now."""
    spoken = {voice.seat for voice in step.voices}
    seats = [seat for seat in step.asked if actor in d.directory.deputies(seat) and seat not in spoken]
    asked = tuple(dict.fromkeys(actor if seat in seats else seat for seat in step.asked))
    stand_ins = (StandIn(absent=seat, deputy=actor, also=actor in step.asked) for seat in seats)
    return _reseated(d, step, Seating(asked=asked, stand_ins=tuple(stand_ins)))


def _reseated(d: Draft, step: Step, seating: Seating) -> Step:
    """The step with others in some of its seats, of whom it may have been asked; as it was where too few are left."""
    new = tuple(replace(one, asked=True) for one in seating.stand_ins)
    moved = {one.absent: one.deputy for one in new}
    before = (replace(one, deputy=moved.get(one.deputy, one.deputy)) for one in step.stand_ins)
    reseated = replace(step, asked=seating.asked, stand_ins=(*before, *new))
    rule = d.rule(step.name)
    if not new or needed(d, rule, reseated) > electorate(d, rule, reseated):
        return step
    write_down(d, step, new)
    return d.change_step(step.name, asked=reseated.asked, stand_ins=reseated.stand_ins)


def _concerns(d: Draft, seats: tuple[str, ...]) -> bool:
    """Whether the requester is among them, or there is nobody at all."""
    return not seats or any(d.directory.may_sit(d.request.requester, seat) for seat in seats)


def _others(d: Draft, rule: StepRule, seats: tuple[str, ...]) -> tuple[str, ...]:
    """Without the requester, where his own request is approved."""
    barred = d.request.requester if rule.kind is StepKind.APPROVAL else None
    return tuple(seat for seat in seats if seat != barred)


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


def ask(d: Draft, step: Step) -> None:
    """Open a step that waits for people, and write to each of them. Raises EvaluationFailed."""
    rule, before, changes = d.rule(step.name), step.content, step.changed
    content = content_of(d.request, rule, step.item)
    names = named(d, step, rule.asks)
    seating = seats_of(d, rule, names)
    seats = seating.asked
    allowance = allowance_of(d, rule)
    step = d.change_step(
        step.name,
        state=StepState.OPEN,
        asked=seats,
        stand_ins=seating.stand_ins,
        departments=tuple(name for name in names if d.directory.title(name) is not None),
        opened=d.now,
        allowance=allowance,
        due=clock.due(allowance, d.directory),
        patience=_patience_of(d, rule),
        content=content,
        changed=(),
        voices=(),
        answered_by=None,
        answered_at=None,
        answer=None,
        told=frozenset(),
        trouble=None,
    )
    d.write("asked", step=step.name, detail=", ".join(seats), actor=d.directory.bot)
    write_down(d, step, seating.stand_ins)
    if not seats or needed(d, rule, step) > electorate(d, rule, step):
        trouble(
            d,
            step.name,
            say("asking.there_are_not_enough"),
        )
        return
    anew = bool(changes) and before not in {"", content}
    d.tell(Kind.ACTION, seats, step=step.name, why="changed" if anew else "new", changes=changes if anew else ())


def are_told_of(d: Draft, step: Step) -> bool:
    """Whether people know that the like of it is stuck: what stops one item, stops others too."""
    others = (s for s in d.request.steps if s.item is not None and s.name != step.name and s.trouble)
    alike = (base(s.name) == base(step.name) and bool(s.undoes) == bool(step.undoes) for s in others)
    return step.item is not None and any(alike)


def trouble(d: Draft, name: str, words: str, *, is_told: bool = False) -> None:
    """A step that cannot go on by itself stays open, with the reason, and admins are told once: of several items that
    are stuck, of the first. `is_told`: its requester knows, and can help it.
    """
    step = d.request.step(name)
    if step.trouble == words:
        return
    allowance = step.allowance or allowance_of(d, d.rule(name))
    d.change_step(
        name,
        state=StepState.OPEN,
        opened=step.opened or d.now,
        allowance=allowance,
        due=clock.due(allowance, d.directory) or step.due,
        trouble=words,
    )
    d.write("troubled", step=name, detail=words, actor=d.directory.bot)
    if are_told_of(d, step):
        return
    d.tell(
        Kind.ALERT,
        d.directory.admins,
        step=name if step.undoes else base(name),
        headline=say("asking.is_stuck", title=d.title(name)),
        text=say(
            "asking.the_step_cannot_go_on", title=f"{d.title(name)!r}", reference=d.request.reference, words=words
        ),
        lines=[
            *([say("asking.its_requester_was_told")] if is_told else []),
            say("asking.to_try_it_again", reference=d.request.reference),
            say("asking.to_go_on_without", reference=d.request.reference),
        ],
    )
