"""Which rules chose a request's way: why each step ran or did not, who was asked, until when, from which pool."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mailbot.config.address import matches
from mailbot.config.locate import KeyPath
from mailbot.process.definition import Process, StepKind, StepRule
from mailbot.process.directory import Directory
from mailbot.process.duration import Duration
from mailbot.process.expression import EvaluationFailed, Expression, Scope, Text, names_in
from mailbot.process.request import Allowance, Request, Step, StepState
from mailbot.process.scope import scope_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One thing that a rule decided; `path` is where the rule file says so, () where nobody but a person did."""

    about: str
    words: str
    path: KeyPath = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StepReasons:
    step: Step
    rule: StepRule
    reasons: tuple[Reason, ...]


def of_request(request: Request, process: Process, directory: Directory) -> tuple[Reason, ...]:
    """Who may ask for it, and until when it is due."""
    return tuple(_of_request(request, process, directory))


def of_steps(request: Request, process: Process, directory: Directory) -> tuple[StepReasons, ...]:
    """In the order of the rule file, as the request's values are now."""
    look = _Look(request=request, process=process, directory=directory, scope=scope_of(process, request, directory))
    return tuple(
        StepReasons(step=request.step(rule.name), rule=rule, reasons=tuple(look.reasons(index, rule)))
        for index, rule in enumerate(process.steps)
    )


def with_values(expression: Expression, scope: Scope) -> str:
    """ "form.size <= 28, where form.size is 29": an expression, and what its names stand for."""
    shown = [f"{name} is {scope[name]}" for name in names_in(expression.source) if name in scope]
    return f"{expression.source}, where {', '.join(shown)}" if shown else expression.source


def _of_request(request: Request, process: Process, directory: Directory) -> Iterator[Reason]:
    groups = directory.groups_of(request.requester)
    for number, who in enumerate(process.who):
        if who in groups or matches(request.requester, who):
            words = f"{request.requester} may ask: {who}"
            yield Reason(about="requester", words=words, path=("who", number))
            break
    for name, fault in request.faults.items():
        index = next((n for n, field in enumerate(process.fields) if field.name == name), None)
        path: KeyPath = () if index is None else ("field", index, "name")
        yield Reason(about="form", words=f"{name} {fault}", path=path)
    if request.allowance is not None:
        words = _due(request.allowance, request.due, process.lead_time, directory)
        yield Reason(about="due", words=words, path=("lead_time",))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """At one request."""

    request: Request
    process: Process
    directory: Directory
    scope: Scope

    def reasons(self, index: int, rule: StepRule) -> Iterator[Reason]:
        step, at = self.request.step(rule.name), ("step", index)
        yield self._course(step, rule, at)
        if step.opened is None:
            return
        if rule.asks:
            yield from self._asked(step, rule, at)
        yield from self._space(rule, at)
        if step.due is not None and step.allowance is not None:
            own = rule.lead_time
            words = _due(step.allowance, step.due, own, self.directory)
            yield Reason(about="due", words=words, path=(*at, "lead_time") if own else ("lead_time",))
        if step.trouble:
            yield Reason(about="stuck", words=step.trouble)
        elif step.answered_by and step.state is not StepState.SKIPPED:
            yield Reason(about="answer", words=f"{step.answered_by}: {' '.join((step.answer or '').split())}")

    def _course(self, step: Step, rule: StepRule, at: KeyPath) -> Reason:
        """Why it ran, or did not."""
        if step.state is StepState.SKIPPED and step.answered_by:
            return Reason(about="skipped", words=f"by {step.answered_by}: {step.answer}")
        if step.opened is None and step.state is not StepState.SKIPPED:
            return self._not_begun(step, rule, at)
        about = "skipped" if step.state is StepState.SKIPPED else "ran"
        if rule.when is None:
            return Reason(about=about, words="it has no condition", path=(*at, "name"))
        verdict = "does not hold" if about == "skipped" else "holds"
        return Reason(about=about, words=f"{verdict}: {with_values(rule.when, self.scope)}", path=(*at, "when"))

    def _not_begun(self, step: Step, rule: StepRule, at: KeyPath) -> Reason:
        over = {StepState.DONE, StepState.SKIPPED}
        waits = [name for name in rule.after if self.request.step(name).state not in over]
        words = f"comes after {', '.join(waits)}" if waits else "its turn has not come"
        if step.state is StepState.CANCELLED:
            words = f"the request is {self.request.state.value}"
        return Reason(about="not begun", words=words, path=(*at, "after"))

    def _asked(self, step: Step, rule: StepRule, at: KeyPath) -> Iterator[Reason]:
        """Each rule that asks, with the people that it named; then those who came in otherwise."""
        left = list(step.asked)
        for number, text in enumerate(rule.asks):
            name = self._rendered(text)
            people = [self.directory.person(one) for one in self.directory.addressees(name)]
            asked = [person for person in people if person in left]
            left = [person for person in left if person not in people]
            words = f"{', '.join(asked) or 'nobody'}, for {name}" if [name] != asked else name
            if self.request.requester in people and rule.kind is StepKind.APPROVAL:
                words += "; not the requester, who approves nothing of his own"
            yield Reason(about="asked", words=words, path=(*at, "asks", number))
        for person in left:
            yield Reason(about="asked", words=f"{person}, {self._otherwise(person, step)}")

    def _otherwise(self, person: str, step: Step) -> str:
        if person in self.directory.leads(step.departments):
            return f"who leads {', '.join(step.departments)}"
        return "an admin" if person in self.directory.admins else "to whom it was assigned"

    def _space(self, rule: StepRule, at: KeyPath) -> Iterator[Reason]:
        if rule.pool is not None:
            pool = self._rendered(rule.pool)
            words = pool if pool == rule.pool.source else f"{pool}: {rule.pool}"
            yield Reason(about="pool", words=words, path=(*at, "pool"))
        for about, expression in (("length", rule.length), ("prefix", rule.prefix)):
            if expression is not None:
                words = f"{self._value(expression)}: {expression}"
                yield Reason(about=about, words=words, path=(*at, about))

    def _rendered(self, text: Text) -> str:
        try:
            return text.render(self.scope).strip()
        except EvaluationFailed as failure:
            return str(failure)

    def _value(self, expression: Expression) -> str:
        try:
            return str(expression.evaluate(self.scope))
        except EvaluationFailed as failure:
            return str(failure)


def _due(allowance: Allowance, due: datetime | None, lead: Duration | None, directory: Directory) -> str:
    zone = directory.calendar(None).zone
    begin = f" from {allowance.since.astimezone(zone):%Y-%m-%d %H:%M}" if allowance.since else ", the clock stands"
    words = f"{lead or 'with the request'}{begin if lead else ''}"
    moved = [f"{allowance.granted} more by delay"] if allowance.granted else []
    moved += [f"{allowance.spent} spent before"] if allowance.spent else []
    return "; ".join([f"{due.astimezone(zone):%Y-%m-%d %H:%M}: {words}" if due else words, *moved])
