"""Which rules chose a request's way: why each step ran or did not, who was asked, until when, from which pool."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from mailbot.config.address import matches
from mailbot.config.locate import KeyPath
from mailbot.process.customers import CUSTOMERS
from mailbot.process.definition import DRIVING, Process, StepKind, StepRule
from mailbot.process.directory import Directory
from mailbot.process.duration import Duration
from mailbot.process.expression import EvaluationFailed, Expression, Scope, Text, calls, names_in
from mailbot.process.reader import ADMIN, Reader
from mailbot.process.request import Allowance, Request, Step, StepState
from mailbot.process.rules import Source
from mailbot.process.scope import scope_of
from mailbot.words import behind, in_turn, phrase_of, say


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


class Lines:
    """Where the files of a version say something, by the names that they have in rules/."""

    def __init__(self, type_: str, source: Source) -> None:
        self._names = {source.rule.path: f"{type_}.toml"}
        self._source = source

    def place(self, reason: Reason) -> tuple[str, int] | None:
        """File and line; None where nobody but a person decided."""
        if not reason.path:
            return None
        fault = self._source.at(reason.path, "")
        return self._names.get(fault.file, fault.file.name), fault.line


def of_request(request: Request, process: Process, directory: Directory, reader: Reader = ADMIN) -> tuple[Reason, ...]:
    """Who may ask for it, and until when it is due."""
    return tuple(_of_request(request, process, directory)) if reader.sees_request else ()


def of_steps(
    request: Request, process: Process, directory: Directory, reader: Reader = ADMIN
) -> tuple[StepReasons, ...]:
    """In the order of the steps, as the request's values are now: those that concern the reader."""
    places = {rule.name: number for number, rule in enumerate(process.steps)}
    found = []
    for step in request.steps:
        if reader.sees_step(step):
            rule = process.step(step.name)
            scope = scope_of(process, request, directory, step.item)
            look = _Look(
                request=request, directory=directory, scope=scope, reader=reader, step=step, rule=rule,
                at=("step", places[rule.name]),
            )  # fmt: skip
            found.append(StepReasons(step=step, rule=rule, reasons=tuple(look.reasons())))
    return tuple(found)


def with_values(expression: Expression, scope: Scope) -> str:
    """ "form.size <= 28, where form.size is 29": an expression, and what its names and calls stand for."""
    values = [(name, scope[name]) for name in names_in(expression.source) if name in scope]
    shown = [say("why.name_is", name=name, value=value) for name, value in values if not callable(value)]
    shown += [
        say("why.name_is", name=call, value=value)
        for call in calls(expression.source)
        if (value := _come_to(call, scope)) is not None
    ]
    return say("why.where", expression=expression.source, values=tuple(shown)) if shown else expression.source


def _come_to(call: str, scope: Scope) -> object | None:
    """What a call gives; None where not all of its names may be seen, or have values."""
    try:
        return Expression(call).evaluate(scope)
    except EvaluationFailed:
        return None


def _of_request(request: Request, process: Process, directory: Directory) -> Iterator[Reason]:
    for number, who in enumerate(process.who):
        if _admits(who, request, directory):
            words = say("why.may_ask", requester=request.requester, who=who)
            yield Reason(about="requester", words=words, path=("who", number))
            break
    for name, fault in request.faults.items():
        index = next((n for n, field in enumerate(process.fields) if field.name == name), None)
        path: KeyPath = () if index is None else ("field", index, "name")
        yield Reason(about="form", words=f"{name} {fault}", path=path)
    if request.allowance is not None:
        when = _due(request.allowance, request.due, process.lead_time, directory)
        yield Reason(about="due", words=when, path=("lead_time",))


def _admits(who: str, request: Request, directory: Directory) -> bool:
    """Of a customer's people, whose customer they were stands in the request."""
    if who == CUSTOMERS:
        return bool(request.customers) and not directory.knows(request.requester)
    return who in directory.groups_of(request.requester) or matches(request.requester, who)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """At one step, where its rule stands, for one reader."""

    request: Request
    directory: Directory
    scope: Scope
    reader: Reader
    step: Step
    rule: StepRule
    at: KeyPath

    def reasons(self) -> Iterator[Reason]:
        step, rule = self.step, self.rule
        yield self._course()
        if step.opened is None:
            return
        if rule.asks and step.undoes is None and (rule.each is None or step.item is not None):
            yield from self._asked()
        if step.undoes is None:
            yield from self._space()
            yield from self._times()
        if rule.kind in DRIVING:
            yield self._reason(
                "targets",
                say("why.done_at", action=rule.action.value, targets=tuple(rule.targets)),
                self._targets_key(),
            )
        if step.due is not None and step.allowance is not None:
            own = rule.lead_time
            path = (*self.at, "lead_time") if own else ("lead_time",)
            yield Reason(about="due", words=_due(step.allowance, step.due, own, self.directory), path=path)
        yield from self._outcome()

    def _course(self) -> Reason:
        """Why it ran, or did not."""
        step, rule = self.step, self.rule
        if step.undoes is not None:
            return Reason(about="undoes", words=say("why.what_had_done", step=self.request.step(step.undoes).name))
        if step.state is StepState.SKIPPED and step.answered_by:
            said = step.answer if self.reader.words else None
            return Reason(about="skipped", words=behind(say("why.by", who=step.answered_by), said))
        if step.opened is None and step.state is not StepState.SKIPPED:
            return self._not_begun()
        about = "skipped" if step.state is StepState.SKIPPED else "ran"
        if step.item is not None and (about == "ran" or rule.when is None):
            return self._reason(about, say("why.for_one_of", item=step.item, each=rule.each), "each")
        if rule.when is None:
            return self._reason(about, say("why.it_has_no_condition"), "name")
        shown = self._with_values(rule.when)
        skipped = about == "skipped"
        words = say("why.does_not_hold", expression=shown) if skipped else say("why.holds", expression=shown)
        return self._reason(about, words, "when")

    def _not_begun(self) -> Reason:
        step, over = self.step, {StepState.DONE, StepState.SKIPPED}
        waits = [name for name in self.rule.after if self.request.step(name).state not in over]
        words = say("why.comes_after", waits=tuple(waits)) if waits else say("why.its_turn_has_not")
        if step.state is StepState.CANCELLED:
            words = say("why.the_request_is", state=say(f"states.{self.request.state.value}"))
        elif step.wakes is not None:
            return self._reason("not begun", say("why.not_before", moment=self._clock(step.wakes)), "not_before")
        return self._reason("not begun", words, "after")

    def _asked(self) -> Iterator[Reason]:
        """Each rule that asks, with the people that it named; then those who came in otherwise."""
        left = list(self.step.asked)
        for number, text in enumerate(self.rule.asks):
            name = self._rendered(text)
            people = [self.directory.person(one) for one in self.directory.addressees(name)]
            asked = [person for person in people if person in left]
            left = [person for person in left if person not in people]
            words = say("why.for_asked", who=asked or say("why.nobody"), name=name) if [name] != asked else name
            if self.request.requester in people and self.rule.kind is StepKind.APPROVAL:
                words = say("why.not_the_requester", words=words)
            yield Reason(about="asked", words=words, path=(*self.at, "asks", number))
        for person in left:
            yield Reason(about="asked", words=say("why.otherwise", who=person, how=self._otherwise(person)))
        if self.rule.needs != 1:
            wanted = (
                say("why.all_of_them") if self.rule.needs is None else say("why.so_many_of_them", needs=self.rule.needs)
            )
            yield self._reason("needs", say("why.must_agree", wanted=wanted), "needs")

    def _otherwise(self, person: str) -> str:
        absent = [one.absent for one in self.step.stand_ins if one.deputy == person]
        if absent:
            return say("why.who_stands_in_for", absent=tuple(absent))
        if person in self.directory.leads(self.step.departments):
            return say("why.who_leads", departments=tuple(self.step.departments))
        return say("why.an_admin") if person in self.directory.admins else say("why.to_whom_it_was")

    def _space(self) -> Iterator[Reason]:
        rule = self.rule
        if rule.pool is not None:
            pool = self._rendered(rule.pool)
            words = pool if pool == rule.pool.source else behind(pool, str(rule.pool))
            yield self._reason("pool", words, "pool")
        for about, expression in (("length", rule.length), ("prefix", rule.prefix)):
            if expression is not None:
                yield self._reason(about, f"{self._value(expression)}: {expression}", about)

    def _times(self) -> Iterator[Reason]:
        """When it ends by itself, and what becomes of it where nobody answers."""
        rule = self.rule
        for key, text in (("for", rule.lasts), ("until", rule.until)):
            end = self.step.until or self.step.wakes
            if text is not None and end is not None:
                yield self._reason("ends", f"{self._clock(end)}: {key} {self._rendered(text)}", key)
        if rule.unanswered is not None and self.step.state is StepState.OPEN:
            words = say(
                "why.unanswered_after", after=rule.unanswered.after, then=say(f"verbs.{rule.unanswered.then.value}")
            )
            yield self._reason("unanswered", words, "unanswered")

    def _outcome(self) -> Iterator[Reason]:
        step, frank = self.step, self.reader.words
        if step.trouble:
            yield Reason(about="stuck", words=step.trouble if frank else say("why.the_admins_have_been"))
        elif step.answered_by and step.state is not StepState.SKIPPED:
            yield Reason(about="answer", words=behind(step.answered_by, step.answer if frank else None))

    def _targets_key(self) -> str:
        return "targets" if len(self.rule.targets) > 1 else "target"

    def _reason(self, about: str, words: str, key: str) -> Reason:
        return Reason(about=about, words=words, path=(*self.at, key))

    def _with_values(self, expression: Expression) -> str:
        known = {name: value for name, value in self.scope.items() if self.reader.sees_value(name)}
        return with_values(expression, known)

    def _rendered(self, text: Text) -> str:
        try:
            return text.render(self.scope).strip()
        except EvaluationFailed as failure:
            return phrase_of(failure)

    def _value(self, expression: Expression) -> str:
        try:
            return str(expression.evaluate(self.scope))
        except EvaluationFailed as failure:
            return phrase_of(failure)

    def _clock(self, at: datetime) -> str:
        return f"{at.astimezone(self.directory.calendar(None).zone):%Y-%m-%d %H:%M}"


def _due(allowance: Allowance, due: datetime | None, lead: Duration | None, directory: Directory) -> str:
    zone = directory.calendar(None).zone
    words: str = say("why.with_the_request")
    if lead and allowance.since:
        words = say("why.lead_from", lead=lead, moment=f"{allowance.since.astimezone(zone):%Y-%m-%d %H:%M}")
    elif lead:
        words = say("why.lead_stands", lead=lead)
    moved = [say("why.after_delay", time=allowance.granted)] if allowance.granted else []
    moved += [say("why.spent_before", time=allowance.spent)] if allowance.spent else []
    return in_turn([behind(f"{due.astimezone(zone):%Y-%m-%d %H:%M}", words) if due else words, *moved])
