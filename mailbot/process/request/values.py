"""A request whole, as a value: what a decision is made from and what it returns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from mailbot.process.customers import Standing
from mailbot.process.definition import Action, Value
from mailbot.process.request.state import CLOSED, State, StepState
from mailbot.words import Words

REVIEW = "review"
"""The channel of a request that a rule has begun by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """A lead time that is being spent: working time allowed, extended and used up, on a named calendar.

    While `since` is None the clock stands (hold, pending). Every moment derived from it, due time and reminders alike,
    is `calendar.add(since, offset + granted - spent)`, so that stopping and delaying move them all together.
    """

    calendar: str
    lead: timedelta
    granted: timedelta = timedelta()
    spent: timedelta = timedelta()
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """One answer to a step that may need several: `seat` is the asked address that it counts for."""

    actor: str
    seat: str
    approves: bool
    at: datetime
    text: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Asked by an actor of a step, to be answered by the requester."""

    asker: str
    step: str
    text: str
    at: datetime
    answer: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A comment on the request, for all who are concerned."""

    actor: str
    text: str
    at: datetime


class NetworkState(StrEnum):
    """Where a network request is. What is `unknown` may have been done: it is verified, never blindly sent again."""

    UNPROCESSED = "unprocessed"
    SENT = "sent"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRequest:
    """What one target was told to do. `id` is stable: "IP-42/configure/router/1", its last part the attempt."""

    id: str
    target: str
    action: Action
    state: NetworkState = NetworkState.UNPROCESSED
    at: datetime
    detail: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """`deputy` sits where `absent` was to sit, or already sat (`asked`: he has had letters about it).

    `also`: the deputy is asked himself as well.
    """

    absent: str
    deputy: str
    asked: bool = False
    also: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Where one step of a request stands. `asked` are the addresses that were written to.

    A step that runs for `each` of several items stands for all of them, and behind it one step an item ("remove.1").
    What undoes a step comes last ("configure.undo"); `undoes` names it.
    """

    name: str
    state: StepState = StepState.WAITING
    asked: tuple[str, ...] = ()
    stand_ins: tuple[StandIn, ...] = ()
    """Those among the asked who sit for somebody who is away: he may still answer himself."""
    departments: tuple[str, ...] = ()
    opened: datetime | None = None
    allowance: Allowance | None = None
    due: datetime | None = None
    patience: Allowance | None = None
    """The time after which the rules answer in place of people who do not."""
    content: str = ""
    """Hash of what is being answered (form as shown, step definition, prefix): a token stands for it."""
    voices: tuple[Voice, ...] = ()
    answered_by: str | None = None
    answered_at: datetime | None = None
    answer: Words | None = None
    fields: Mapping[str, Value] = field(default_factory=dict)
    prefix: str | None = None
    changed: tuple[str, ...] = ()
    """Labels of what has changed in the form since it was asked; told when it is asked anew."""
    told: frozenset[str] = frozenset()
    """Marks of time that have been told already (`reminder-0`, `late`, `escalation-1`): each fires once."""
    waits_for: str = ""
    """The pool that must have room, for a prefix of `wanted_length`, before the step can go on."""
    wanted_length: int | None = None
    item: str | None = None
    wakes: datetime | None = None
    """Until then it sleeps: a step that is still waiting begins no earlier, one that only waits is over."""
    until: datetime | None = None
    """When what it took or activated ends by itself; None once that is over."""
    lasts: Allowance | None = None
    """The time that a reservation has, whose clock stops with the request's."""
    network: tuple[NetworkRequest, ...] = ()
    was: tuple[str, ...] = ()
    """What was held before it changed that, of the pool `was_in`; what it is instead, are addresses of this step."""
    was_in: str = ""
    undoes: str | None = None
    undone: bool = False
    """Whether it has been undone, or is about to be: what is undone is not undone again."""
    trouble: Words | None = None
    """Why an open step cannot go on by itself (pool full, expression failed), in words; None while all is well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A prefix, or a number, that a request took."""

    prefix: str
    pool: str
    state: str
    until: datetime | None = None
    step: str | None = None
    """The step that took it."""
    carries: Mapping[str, str] = field(default_factory=dict)
    """What it was given to carry, where it is told as it stands now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that came by mail. What came with the form is part of what is asked for; what came later (`late`) is not.

    `name` is safe to show, and to save by; `type` is by content, `digest` SHA-256 in hex.
    """

    name: str
    size: int
    """bytes"""
    type: str
    digest: str
    by: str
    late: bool = False

    def __str__(self) -> str:
        return f"{self.name} ({self.size:,} {'byte' if self.size == 1 else 'bytes'})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file as it is on record: `id` is its number, `who` sent it, `digest` SHA-256 in hex."""

    id: int
    name: str
    size: int
    """bytes"""
    type: str
    digest: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One case, whole: what a decision is made from and what it returns."""

    reference: str
    type: str
    rules: str
    state: State
    requester: str
    channel: str
    created: datetime
    summary: str = ""
    external_reference: str | None = None
    due: datetime | None = None
    allowance: Allowance | None = None
    pending_since: datetime | None = None
    """When its requester was last asked to complete the form."""
    closed: datetime | None = None
    form: Mapping[str, Value] = field(default_factory=dict)
    carries: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """What the allocations that the form names carry, by prefix: as it was when the form was sent."""
    customers: Mapping[str, Standing] = field(default_factory=dict)
    """Those that the form names, by what it calls them; of a form that names none, the one whose space it names, by
    what that is booked under. As each stood when it was last decided on.
    """
    faults: Mapping[str, Words] = field(default_factory=dict)
    """Field name → what is wrong with it, while the request is pending; later, why a step cannot have what it asks."""
    given: Mapping[str, str] = field(default_factory=dict)
    """Field name → what the requester wrote, as he wrote it; `form` holds what it means."""
    steps: tuple[Step, ...] = ()
    addresses: tuple[Address, ...] = ()
    questions: tuple[Question, ...] = ()
    remarks: tuple[Remark, ...] = ()
    watchers: tuple[str, ...] = ()
    reason: Words | None = None
    """Why it was held, rejected, cancelled or failed."""
    told: frozenset[str] = frozenset()
    attachments: tuple[Attachment, ...] = ()
    other_names: tuple[str, ...] = ()
    """What suppliers' systems call it, as their mails have told."""
    version: int = 0

    def step(self, name: str) -> Step:
        """The step of that name; KeyError when there is none."""
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(name)

    @property
    def is_review(self) -> bool:
        """Whether nobody has sent it: a rule has begun it by itself, and its requester is asked."""
        return self.channel == REVIEW

    @property
    def is_closed(self) -> bool:
        return self.state in CLOSED
