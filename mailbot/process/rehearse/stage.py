"""One request on its way through a process, without a store: what the desk does, with pools that count."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mailbot.process.decide import decide
from mailbot.process.definition import Process, StepKind
from mailbot.process.directory import Directory
from mailbot.process.marks import Mark, marks
from mailbot.process.rehearse.space import Space
from mailbot.process.request import (
    Attachment,
    Deed,
    Drive,
    Entry,
    Event,
    Notice,
    Request,
    Said,
    State,
    Step,
    StepState,
    Submitted,
    TimePassed,
)

REFERENCE = "TEST-1"


@dataclass(slots=True, kw_only=True)
class Stage:
    """The request as it stands, and all that was written down and said on the way."""

    process: Process
    directory: Directory
    space: Space
    now: datetime
    request: Request
    entries: list[Entry] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    drives: list[Drive] = field(default_factory=list)

    def happen(self, event: Event) -> tuple[Notice, ...]:
        """Follow an event until all is quiet; what is said about it."""
        waiting, before = [event], len(self.notices)
        while waiting:
            decision = decide(self.request, self.process, self.directory, waiting.pop(0), self.now)
            self.request = decision.request
            self.entries += decision.entries
            self.notices += decision.notices
            self.drives += [wish for wish in decision.wishes if isinstance(wish, Drive)]
            waiting += self.space.fulfil_all(decision.wishes)
        return tuple(self.notices[before:])

    def say(self, who: str, deed: Deed, step: str | None = None, *, operator: bool = False) -> tuple[Notice, ...]:
        """With the token of the newest letter about `step`."""
        content = self.request.step(step).content if step else None
        actor = self.directory.person(who)
        said = Said(actor=actor, deed=deed, step=step, content=content, token=True, operator=operator)
        return self.happen(said)

    def pass_until(self, moment: datetime) -> None:
        """Ring all that is due up to that moment, each at its own time."""
        while (mark := self.next_mark()) and mark.at <= moment:
            self.now = max(self.now, mark.at)
            self.happen(TimePassed(mark=mark.name, step=mark.step))
        self.now = max(self.now, moment)

    def next_mark(self) -> Mark | None:
        return min(self.marks(), key=lambda mark: (mark.at, mark.step or "", mark.name), default=None)

    def marks(self) -> tuple[Mark, ...]:
        """All that time will still bring."""
        return marks(self.request, self.process, self.directory)

    def open_steps(self) -> tuple[Step, ...]:
        if self.request.state in {State.PENDING, State.ACKNOWLEDGED} or self.request.is_closed:
            return ()
        return tuple(step for step in self.request.steps if step.state is StepState.OPEN)

    def speakers(self, step: Step) -> tuple[str, ...]:
        """Those whose answer to a step would count and has not been given, one for each voice."""
        spoken = {voice.actor for voice in step.voices}
        rule = self.process.step(step.name)
        own = {self.request.requester} if rule.kind is StepKind.APPROVAL else set()
        people = (person for seat in step.asked for person in sorted(self.directory.readers(seat)) or [seat])
        return tuple(person for person in dict.fromkeys(people) if person not in spoken | own)


def opened(
    process: Process,
    directory: Directory,
    space: Space,
    *,
    requester: str,
    given: Mapping[str, str],
    now: datetime,
    attachments: Iterable[Attachment] = (),
    reference: str = REFERENCE,
) -> Stage:
    """A new request of that process, after its first decision."""
    request = Request(
        reference=reference,
        type=process.type,
        rules=process.version,
        state=State.ACKNOWLEDGED,
        requester=directory.person(requester),
        channel="rehearsal",
        created=now,
        summary=process.title,
        steps=tuple(Step(name=rule.name) for rule in process.steps),
    )
    stage = Stage(process=process, directory=directory, space=space, now=now, request=request)
    stage.happen(Submitted(given=given, held=space.holds, attachments=tuple(attachments)))
    return stage


def ran(request: Request) -> tuple[str, ...]:
    """The steps that have begun, in the order of the rule file: neither waiting nor skipped.

    Of one that runs for each of several items, that one alone.
    """
    idle = {StepState.WAITING, StepState.SKIPPED}
    begun = (step for step in request.steps if step.opened is not None and step.state not in idle)
    return tuple(step.name for step in begun if step.item is None and step.undoes is None)


def undone(request: Request) -> tuple[str, ...]:
    """The steps that were undone, in that order; of one that ran for several items, that one once."""
    found = (step for step in request.steps if step.undoes and step.state is StepState.DONE)
    return tuple(dict.fromkeys(step.name.partition(".")[0] for step in found))
