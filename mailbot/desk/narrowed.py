"""Letters to those who may read but a part of a request: where a rule says what it `shows`, and to suppliers.

A supplier deals with the house, not with the people in it: he sees his own step, and whatever else that one shows.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mailbot.desk.context import AddressRow, Row, Saying, StepRow, View
from mailbot.mail.letter import line
from mailbot.process.reader import names_of, reader_of
from mailbot.process.request import Notice, Step

NOTHING: Mapping[str, Any] = {"created": "", "due": "", "url": "", "stands_for": "", "reason": (), "takes": ()}
"""What a supplier's letter leaves empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """How far a reader sees: `shown` are fields of the form, and steps; `own` the steps that he was asked about.

    `who` is all by which he is known.
    """

    view: View
    shown: frozenset[str]
    own: frozenset[str]
    who: frozenset[str]
    is_outside: bool

    def rows(self, rows: Iterable[Row]) -> tuple[Row, ...]:
        return tuple(row for row in rows if row.name in self.shown)

    def row(self, row: Row | None) -> Row | None:
        return row if row is not None and row.name in self.shown else None

    def labels(self, labels: Iterable[str]) -> tuple[str, ...]:
        known = {line(field.label) for field in self.view.process.fields if field.name in self.shown}
        return tuple(label for label in labels if label in known)

    def steps(self, rows: Iterable[StepRow]) -> tuple[StepRow, ...]:
        seen = (self.step(row) for row in rows)
        return tuple(row for row in seen if row is not None)

    def step(self, row: StepRow) -> StepRow | None:
        """What others have answered stays theirs; outside, nobody learns who they are."""
        if row.name in self.own and not self.is_outside:
            return row
        if row.name in self.own:
            voices = tuple(said for said in row.voices if self._is_his(said.by))
            return replace(row, voices=voices, by=self.name(row.by), trouble="")
        if row.name in self.shown:
            return replace(row, voices=(), who="", by="", trouble="") if self.is_outside else row
        return None if self.is_outside else replace(row, voices=(), rows=())

    def name(self, person: str) -> str:
        """Whom he is told that it was: outside, the house."""
        return person if not person or not self.is_outside or self._is_his(person) else self.view.house

    def sayings(self, sayings: Iterable[Saying]) -> tuple[Saying, ...]:
        """What he asked himself, and the answers."""
        return tuple(said for said in sayings if said.asks and self._is_his(said.by))

    def addresses(self) -> tuple[AddressRow, ...]:
        """What the steps that he may see have taken; out of which pool is ours to know."""
        request = self.view.request
        seen = {step.prefix for step in request.steps if step.name in self.shown}
        pairs = zip(request.addresses, self.view.addresses, strict=True)
        return tuple(replace(row, pool="") for a, row in pairs if a.step in self.shown or a.prefix in seen)

    def _is_his(self, person: str) -> bool:
        party = self.view.directory.party_of(person)
        return person in self.who or (party is not None and party.address in self.who)


def sight_of(person: str, view: View) -> Sight | None:
    """None for whoever sees all."""
    request, directory = view.request, view.directory
    reader, who = reader_of(person, request, view.process, directory), names_of(person, directory)
    asked = [step.name for step in request.steps if _asks(step, who)]
    is_outside = directory.party_of(person) is not None
    if reader.fields is None or not (asked or is_outside):
        return None
    own = frozenset({*asked, *(name.partition(".")[0] for name in asked)})
    return Sight(view=view, shown=reader.fields, own=own, who=who, is_outside=is_outside)


def _asks(step: Step, who: frozenset[str]) -> bool:
    return not who.isdisjoint({*step.asked, *step.departments, *(one.absent for one in step.stand_ins)})


def summary_for(notice: Notice, view: View) -> str | None:
    """What the request is called outside, where one step of it is known; None to all others."""
    party = view.directory.party_of(notice.to)
    if party is None:
        return None
    asked = [step.name for step in view.request.steps if party.address in step.asked]
    name = notice.step if notice.step in asked else next(iter(asked), None)
    return line(view.process.step(name).title) if name else view.request.reference


def narrowed(context: Mapping[str, Any], notice: Notice, view: View) -> Mapping[str, Any]:
    """What the templates know, less what this letter's reader is not to see."""
    sight = sight_of(notice.to, view)
    if sight is None:
        return context
    found = {
        **context,
        "form": sight.rows(context["form"]),
        "details": sight.rows(context["details"]),
        "justification": sight.row(context["justification"]),
        "attachments": (),
        "changes": sight.labels(context["changes"]),
        "steps": sight.steps(context["steps"]),
        "open": sight.steps(context["open"]),
        "sayings": sight.sayings(context["sayings"]),
    }
    return {**found, **_outside(context, sight)} if sight.is_outside else found


def _outside(context: Mapping[str, Any], sight: Sight) -> Mapping[str, Any]:
    step = context["step"] and sight.step(context["step"])
    return {
        **NOTHING,
        "title": step.title if step else "",
        "requester": sight.view.house,
        "mine": False,
        "step": step,
        "addresses": sight.addresses(),
        "by": sight.name(context["by"]),
        "asker": sight.name(context["asker"]),
        "links": {**context["links"], "assign": ""},
        "outside": True,
    }
