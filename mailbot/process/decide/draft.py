"""The decision while it is being made: the request as it stands so far, and all that goes with it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from mailbot.process import clock
from mailbot.process.definition import Process, StepRule
from mailbot.process.directory import Directory
from mailbot.process.expression import Scope
from mailbot.process.request import (
    Decision,
    Entry,
    Kind,
    Notice,
    Outcome,
    Request,
    Step,
    StepState,
    Wish,
    after,
)
from mailbot.process.scope import scope_of


@dataclass(slots=True, kw_only=True)
class Draft:
    """Mutable, and never outlives one call of `decide`. `actor` is who caused the event."""

    request: Request
    process: Process
    directory: Directory
    now: datetime
    actor: str
    notices: list[Notice] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    waited_for: datetime = field(init=False)
    """The date that the request's lead time was granted for so far (see `dates`)."""

    def __post_init__(self) -> None:
        self.waited_for = clock.waits_until(self.request, self.now)

    def decision(self) -> Decision:
        return Decision(
            request=self.request,
            notices=tuple(self.notices),
            entries=tuple(self.entries),
            wishes=tuple(self.wishes),
        )

    @property
    def scope(self) -> Scope:
        return scope_of(self.process, self.request, self.directory)

    def scope_for(self, step: Step) -> Scope:
        """With the item, where the step runs for one."""
        return scope_of(self.process, self.request, self.directory, step.item)

    def rule(self, name: str) -> StepRule:
        return self.process.step(name)

    def find(self, name: str) -> Step | None:
        """The step of that name; None where it has none: its rules may have been others when the letter was written."""
        return next((step for step in self.request.steps if step.name == name), None)

    def title(self, name: str) -> str:
        """What people call a step: with its item, and as what it is where it undoes another."""
        step, title = self.request.step(name), self.rule(name).title
        titled = f"{title} ({step.item})" if step.item else title
        return f"Undoing: {titled}" if step.undoes else titled

    def open_steps(self) -> tuple[Step, ...]:
        """Also what is being undone after the end."""
        return tuple(step for step in self.request.steps if step.state is StepState.OPEN)

    def children(self, step: Step) -> tuple[Step, ...]:
        """The steps that a step which runs for each item stands for."""
        return tuple(
            s for s in self.request.steps if s.item is not None and s.undoes is None and base(s.name) == step.name
        )

    def add_steps(self, steps: Iterable[Step], *, behind: str | None = None) -> None:
        """Behind the step of that name, else behind all."""
        present = list(self.request.steps)
        place = next((n for n, s in enumerate(present, 1) if s.name == behind), len(present))
        present[place:place] = steps
        self.change(steps=tuple(present))

    def change(self, **changes: Any) -> None:
        self.request = replace(self.request, **changes)

    def move(self, outcome: Outcome, **changes: Any) -> None:
        """Along the table of states; NoSuchTransition where it has no way."""
        self.change(state=after(self.request.state, outcome), **changes)

    def change_step(self, name: str, **changes: Any) -> Step:
        changed = replace(self.request.step(name), **changes)
        self.change(steps=tuple(changed if s.name == name else s for s in self.request.steps))
        return changed

    def begin_anew(self, name: str) -> Step:
        """A step as if it had never begun, but for what targets were told and what was written into its fields."""
        return self.change_step(
            name,
            state=StepState.WAITING,
            asked=(),
            stand_ins=(),
            voices=(),
            allowance=None,
            patience=None,
            due=None,
            told=frozenset(),
            answered_by=None,
            answered_at=None,
            answer=None,
            prefix=None,
            until=None,
            lasts=None,
            trouble=None,
            waits_for="",
            wakes=None,
        )

    def tell(
        self,
        kind: Kind,
        to: str | Iterable[str],
        *,
        step: str | None = None,
        template: str | None = None,
        **facts: object,
    ) -> None:
        people = (to,) if isinstance(to, str) else dict.fromkeys(to)
        self.notices += [Notice(kind=kind, to=person, step=step, facts=facts, template=template) for person in people]

    def tell_once(self, kind: Kind, to: str, *, step: str | None, **facts: object) -> None:
        """What several items have in common, is told of all of them."""
        notice = Notice(kind=kind, to=to, step=step, facts=facts)
        if notice not in self.notices:
            self.notices.append(notice)

    def answer(self, kind: Kind, *, step: str | None = None, template: str | None = None, **facts: object) -> None:
        """Say something to the one whose mail this is about. The shell's operator reads no mail."""
        if "@" in self.actor:
            notice = Notice(kind=kind, to=self.actor, step=step, facts=facts, answers=True, template=template)
            self.notices.append(notice)

    def write(self, action: str, *, step: str | None = None, detail: str = "", actor: str = "") -> None:
        """Into the history, which is English."""
        self.entries.append(Entry(actor=actor or self.actor, action=action, step=step, detail=str(detail)))

    def wish(self, wish: Wish) -> None:
        self.wishes.append(wish)


def base(name: str) -> str:
    """The name that the rules know a step by: of one item, the step that stands for all of them."""
    return name.partition(".")[0]


def field_lines(values: Mapping[str, object], labels: Mapping[str, str]) -> str:
    """Values as lines `Label: value`, for histories and answers."""
    return "\n".join(f"{labels.get(name, name)}: {value}" for name, value in values.items())
