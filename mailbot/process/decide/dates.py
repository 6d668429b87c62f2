"""Dates: steps that sleep until one has come, steps that only wait for one, and ends that are one."""

from dataclasses import replace
from datetime import datetime

from mailbot.process import clock, moments
from mailbot.process.calendar import Calendar
from mailbot.process.decide.draft import Draft
from mailbot.process.decide.finishing import finish
from mailbot.process.definition import StepKind, StepRule
from mailbot.process.duration import Duration
from mailbot.process.marks import LATE, WAKE
from mailbot.process.request import Step, StepState
from mailbot.words import say


def sleeps(d: Draft, step: Step) -> bool:
    """Whether it must not begin yet; it is woken when it may. Raises EvaluationFailed, ValueError."""
    rule = d.rule(step.name)
    if rule.not_before is None or step.wakes is not None or step.item is not None:
        return False
    at = moments.begins(rule.not_before.render(d.scope_for(step)), calendar_of(d, rule), _latest(d))
    if at <= d.now:
        return False
    d.change_step(step.name, wakes=at, due=at, allowance=None)
    d.write("sleeps", step=step.name, detail=f"until {at:%Y-%m-%d %H:%M}Z", actor=d.directory.bot)
    grant(d)
    return True


def wait(d: Draft, step: Step, rule: StepRule) -> None:
    """A step that does nothing but wait. Raises EvaluationFailed, ValueError."""
    at = end_of(d, step, rule) or d.now
    if at <= d.now:
        finish(d, step.name, say("course.over"))
        return
    told = d.request.step(step.name).told - {WAKE}  # it may have slept before
    d.change_step(step.name, state=StepState.OPEN, opened=d.now, wakes=at, due=at, allowance=None, told=told)
    d.write("waits", step=step.name, detail=f"until {at:%Y-%m-%d %H:%M}Z", actor=d.directory.bot)
    grant(d)


def grant(d: Draft) -> None:
    """Nobody is late while a date is waited for: what is left of the request's lead time is left then.

    It is due later by the working time up to the last of these dates, and sooner again where that need not be waited
    for any more; while it is held, its clock stands anyway.
    """
    before, d.waited_for = d.waited_for, clock.waits_until(d.request, d.now)
    allowance = d.request.allowance
    if allowance is None or d.request.is_closed or before == d.waited_for:
        return
    calendar = d.directory.calendar(allowance.calendar)
    more = calendar.between(before, d.waited_for) - calendar.between(d.waited_for, before)
    allowance = replace(allowance, granted=allowance.granted + more)
    due = clock.due(allowance, d.directory) or d.request.due
    d.change(allowance=allowance, due=due)
    if due is not None and due > d.now:
        d.change(told=d.request.told - {LATE})


def end_of(d: Draft, step: Step, rule: StepRule) -> datetime | None:
    """When what the step takes, activates or waits for ends by itself. Raises EvaluationFailed, ValueError."""
    scope, calendar, latest = d.scope_for(step), calendar_of(d, rule), _latest(d)
    if rule.lasts is not None:
        at = calendar.after(d.now, Duration.parse(rule.lasts.render(scope)))
        return moments.near(at, latest)
    if rule.until is not None:
        reading = moments.begins if rule.kind is StepKind.WAIT else moments.ends
        return reading(rule.until.render(scope), calendar, latest)
    return None


def ends_later(d: Draft, step: Step, rule: StepRule) -> datetime | None:
    """The same; ValueError too where it would be over before it began."""
    until = end_of(d, step, rule)
    if until is not None and until <= d.now:
        raise ValueError(say("dates.it_would_end_in_the_past", until=f"{until:%Y-%m-%d %H:%M}"))
    return until


def calendar_of(d: Draft, rule: StepRule) -> Calendar:
    return d.directory.calendar(rule.calendar or d.process.calendar)


def _latest(d: Draft) -> datetime:
    return d.now + moments.LONGEST
