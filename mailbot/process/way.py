"""The way that is left to a request: how long each step still takes, when it will be over, and when it must be.

An open step ends when it is due, and one that is still to come takes its lead time. Where it is known what a
department usually needs, that counts: instead of the lead time, and for an open step where it is later.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from mailbot.process import moments
from mailbot.process.definition import ASKING, OnFailure, Process, StepKind, StepRule
from mailbot.process.directory import ALWAYS, Directory
from mailbot.process.duration import Duration
from mailbot.process.expression import EvaluationFailed, Scope, outcomes
from mailbot.process.request import OVER, Request, Step, StepState
from mailbot.process.scope import scope_of
from mailbot.process.usual import calendar_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """What one step takes: working time on a calendar. `usually`: the department that usually needs so long."""

    rule: StepRule
    calendar: str
    length: timedelta = timedelta()
    usually: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """A step that is open, or asleep: when it is expected to be over (to begin), and when it must be at the latest.

    `usually` is the department that makes it later than it is due.
    """

    leg: Leg
    expected: datetime
    limit: datetime
    usually: str = ""


@dataclass(frozen=True, kw_only=True)
class Way:
    """What is left of a request that is in progress and has a due time. It lives for one question."""

    request: Request
    process: Process
    directory: Directory
    due: datetime
    _legs: dict[str, Leg] = field(default_factory=dict)
    _limits: dict[str, datetime] = field(default_factory=dict)
    _ends: dict[str, datetime] = field(default_factory=dict)

    # -- where it stands -----------------------------------------------------------------------------------------------

    @cached_property
    def under_way(self) -> tuple[UnderWay, ...]:
        return tuple(one for rule in self.process.steps if (one := self._look(rule)))

    def _look(self, rule: StepRule) -> UnderWay | None:
        step, leg = self.request.step(rule.name), self.leg(rule)
        if step.state is StepState.OPEN:
            planned, usual = self._planned_end(rule, step), self._usual_end(step, leg)
            usually = leg.usually if usual > planned else ""
            expected = max(planned, usual)
            return UnderWay(leg=leg, expected=expected, limit=self.latest_end(rule), usually=usually)
        if step.state is StepState.WAITING and step.wakes is not None:
            return UnderWay(leg=leg, expected=step.wakes, limit=self.latest_start(rule))
        return None

    def _planned_end(self, rule: StepRule, step: Step) -> datetime:
        """When it is due, with all that it stands for. What has no lead time of its own is due with the request, which
        says nothing about how long it takes: it may be over at any moment.
        """
        items = (s for s in self.request.steps if s.item is not None and s.name.partition(".")[0] == step.name)
        open_ = [s for s in (step, *items) if s.state is StepState.OPEN and not s.undoes]
        due = [s.due for s in open_ if s.due and (rule.lead_time or s.wakes or (s.allowance and s.allowance.granted))]
        return max(due, default=step.opened or self.request.created)

    def _usual_end(self, step: Step, leg: Leg) -> datetime:
        """When it is usually answered; its beginning, where nothing is usual or a hold has hidden what was spent."""
        spent = step.allowance
        begun = spent.since if spent and spent.since else step.opened or self.request.created
        same = spent is not None and spent.calendar == leg.calendar
        if not leg.usually or (spent is not None and spent.spent and not same):
            return begun
        done = spent.spent if spent is not None and same else timedelta()
        return self.directory.calendar(leg.calendar).add(begun, max(leg.length - done, timedelta()))

    def is_open(self, rule: StepRule) -> bool:
        return self.request.step(rule.name).state is StepState.OPEN

    def is_over(self, step: Step) -> bool:
        lived_with = step.state is StepState.FAILED and self.process.step(step.name).on_failure is OnFailure.CONTINUE
        return lived_with or step.state in OVER

    # -- how long ------------------------------------------------------------------------------------------------------

    def leg(self, rule: StepRule) -> Leg:
        if rule.name not in self._legs:
            self._legs[rule.name] = self._leg(rule)
        return self._legs[rule.name]

    def _leg(self, rule: StepRule) -> Leg:
        calendar = calendar_of(rule, self.process, self.directory)
        if rule.kind is StepKind.WAIT or self._is_passed_by(rule):
            return Leg(rule=rule, calendar=calendar)
        if usual := self._usual(rule):
            length, department = usual
            return Leg(rule=rule, calendar=calendar, length=length, usually=department)
        if rule.lead_time is None:
            return Leg(rule=rule, calendar=calendar)
        length, working = self.directory.calendar(calendar).length(rule.lead_time)
        return Leg(rule=rule, calendar=calendar if working else ALWAYS, length=length)

    def _usual(self, rule: StepRule) -> tuple[timedelta, str] | None:
        """Where the first answer counts, the quickest department's time; else the slowest's, if all are known."""
        if rule.kind not in ASKING or not self.directory.usual:
            return None
        asked = self.request.step(rule.name).departments or tuple(text.plain or "" for text in rule.asks)
        known = [(time, name) for name in asked if (time := self.directory.usual.get(name)) is not None]
        if not known or (rule.needs != 1 and len(known) < len(asked)):
            return None
        return min(known) if rule.needs == 1 else max(known)

    def _is_passed_by(self, rule: StepRule) -> bool:
        """Whether its condition certainly will not hold, whatever is still answered."""
        if rule.when is None or self.request.step(rule.name).state is not StepState.WAITING:
            return False
        return outcomes(rule.when.source, self._certain) == {False}

    @cached_property
    def _certain(self) -> Scope:
        """What expressions know now, less what steps that are not over may still change."""
        unsure = {step.name for step in self.request.steps if not self.is_over(step)}
        scope = self._scope
        return {name: value for name, value in scope.items() if not _is_of_step(name, unsure)}

    @cached_property
    def _scope(self) -> Scope:
        return scope_of(self.process, self.request, self.directory)

    # -- backwards: when each step must be over ------------------------------------------------------------------------
    #
    # Dates that are waited for are no matter here: waiting for them moves the due time along.

    def latest_end(self, rule: StepRule) -> datetime:
        """When the step must be over, for all that comes after it to be in time."""
        after = self.first_after(rule)
        return self.latest_start(after) if after else self.due

    def latest_start(self, rule: StepRule) -> datetime:
        if rule.name not in self._limits:
            leg, end = self.leg(rule), self.latest_end(rule)
            self._limits[rule.name] = self.directory.calendar(leg.calendar).last_start(end, leg.length)
        return self._limits[rule.name]

    def first_after(self, rule: StepRule) -> StepRule | None:
        """Of the steps that wait for this one, the one that must begin first."""
        return min((r for r in self.process.steps if rule.name in r.after), key=self.latest_start, default=None)

    # -- forwards: when it will be -------------------------------------------------------------------------------------

    def end(self, rule: StepRule, now: datetime) -> datetime:
        """When the step will be over; `now` where it is."""
        if rule.name not in self._ends:
            self._ends[rule.name] = self._end(rule, now)
        return self._ends[rule.name]

    def _end(self, rule: StepRule, now: datetime) -> datetime:
        step = self.request.step(rule.name)
        if self.is_over(step):
            return now
        if step.state is StepState.OPEN:
            return max(now, self._planned_end(rule, step), self._usual_end(step, self.leg(rule)))
        before = (self.end(self.process.step(name), now) for name in rule.after)
        return self._end_from(rule, step, max(before, default=now))

    def _end_from(self, rule: StepRule, step: Step, start: datetime) -> datetime:
        if self._is_passed_by(rule):
            return start
        calendar = self.directory.calendar(rule.calendar or self.process.calendar)
        latest = start + moments.LONGEST
        try:
            if step.wakes is not None:
                start = max(start, step.wakes)
            elif rule.not_before is not None:
                start = max(start, moments.begins(rule.not_before.render(self._scope), calendar, latest))
            if rule.kind is StepKind.WAIT and rule.until is not None:
                return max(start, moments.begins(rule.until.render(self._scope), calendar, latest))
            if rule.kind is StepKind.WAIT and rule.lasts is not None:
                return moments.near(calendar.after(start, Duration.parse(rule.lasts.render(self._scope))), latest)
        except (EvaluationFailed, ValueError):
            pass  # it hangs on an answer that is still to come
        leg = self.leg(rule)
        return self.directory.calendar(leg.calendar).add(start, leg.length)


def _is_of_step(name: str, steps: Iterable[str]) -> bool:
    head, _, rest = name.partition(".")
    return head == "steps" and rest.partition(".")[0] in steps
