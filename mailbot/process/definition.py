"""A process as its rule file defines it, once the file is known to hold: fields, steps, and their order.

These are values; `rules` makes them from files, `expression` evaluates what they hold, `decide` follows them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction

from mailbot.process.duration import Duration
from mailbot.process.expression import Expression, Text

Value = str | int | bool | tuple[str, ...]
"""A field's value as it is kept: dates as ISO text, prefixes and durations as their text; of a field that takes many,
all of them.
"""


class FieldType(StrEnum):
    TEXT = "text"
    LONG_TEXT = "long-text"
    INTEGER = "integer"
    CHOICE = "choice"
    YES_NO = "yes-no"
    DATE = "date"
    DURATION = "duration"
    EMAIL = "email"
    ADDRESS = "address"
    PREFIX = "prefix"
    PREFIX_LENGTH = "prefix-length"
    ALLOCATION = "allocation"
    CUSTOMER = "customer"


class StepKind(StrEnum):
    APPROVAL = "approval"
    FORM = "form"
    TASK = "task"
    CHECK = "check"
    ALLOCATE = "allocate"
    RELEASE = "release"
    NOTIFY = "notify"
    RESERVE = "reserve"
    CHANGE = "change"
    ACTIVATE = "activate"
    VERIFY = "verify"
    WAIT = "wait"


class Action(StrEnum):
    """What a target is told to do."""

    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"
    VERIFY = "verify"


class OrderAction(StrEnum):
    """What an order of the process does to a service, as TM Forum calls it."""

    ADD = "add"
    MODIFY = "modify"
    DELETE = "delete"


class OnFailure(StrEnum):
    """What becomes of a request when a step of it fails."""

    HOLD = "hold"  # owner and admins are asked: retry, skip, fail
    FAIL = "fail"
    CONTINUE = "continue"


class Verdict(StrEnum):
    """What becomes of a step that nobody answers."""

    REJECT = "reject"
    APPROVE = "approve"
    ESCALATE = "escalate"


ASKING = frozenset({StepKind.APPROVAL, StepKind.FORM, StepKind.TASK})
"""The kinds that wait for people."""

DRIVING = frozenset({StepKind.CHANGE, StepKind.ACTIVATE, StepKind.VERIFY})
"""The kinds that wait for targets."""

TAKING = frozenset({StepKind.ALLOCATE, StepKind.RESERVE})
"""The kinds that take space."""

AT_ONCE = frozenset({StepKind.CHECK, StepKind.ALLOCATE, StepKind.RELEASE, StepKind.NOTIFY, StepKind.RESERVE})
"""The kinds that are done in the moment in which they begin, unless something is in the way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One line of a form. `rows` holds a list's columns by choice: `form.site.v4` reads `rows[value]["v4"]`.

    `many`: it takes several values, of which each keeps to the rest. `carries` names what the allocations that it
    names were given by `set`: `form.prefix.device`. `reference`: the request is found by its value too.
    """

    name: str
    label: str
    type: FieldType
    required: bool = False
    help: str = ""
    default: Value | None = None
    min: int | None = None
    max: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    choices: tuple[str, ...] = ()
    rows: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    many: bool = False
    carries: tuple[str, ...] = ()
    reference: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """One rung of the ladder: `after` counts from the step's due time."""

    after: Duration
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unanswered:
    """`after` counts from when it was asked, and moves along with delays."""

    after: Duration
    then: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What of a prefix that is split somebody holds from then on; without a `holder`, whoever held all of it."""

    length: Expression
    holder: Text | None = None
    set: Mapping[str, Text] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRule:
    """One step of a process.

    `needs` is how many voices must agree; None means all that were asked. `after` names the steps that must be
    over first; a step without any starts with the request. `remind` are shares of the lead time (1 is the due time).
    `each` gives the items that it runs for, once each. `may_change` are fields of the form that an approver may write
    anew. `lasts` and `until` end what it takes or activates (of a `wait`: the waiting). `set` is what the allocation
    carries. A `change` of space renumbers what it names into a `pool`, splits it into `parts`, or makes it one with
    what `merge` names, held by `holder` from then on. `shows` are the fields of the form that the asked may see (None:
    all), and steps whose outcome they may: a supplier sees nothing else. `verified`: an answer by mail needs a verified
    From, whatever else is believed.
    """

    name: str
    kind: StepKind
    title: str
    after: tuple[str, ...] = ()
    when: Expression | None = None
    asks: tuple[Text, ...] = ()
    needs: int | None = 1
    fields: tuple[Field, ...] = ()
    lead_time: Duration | None = None
    calendar: str | None = None
    remind: tuple[Fraction, ...] = ()
    escalate: tuple[Escalation, ...] = ()
    pool: Text | None = None
    length: Expression | None = None
    prefix: Expression | None = None
    to: tuple[Text, ...] = ()
    template: str | None = None
    each: Expression | None = None
    may_change: tuple[str, ...] = ()
    shows: tuple[str, ...] | None = None
    verified: bool = False
    set: Mapping[str, Text] = field(default_factory=dict)
    lasts: Text | None = None
    until: Text | None = None
    not_before: Text | None = None
    targets: tuple[str, ...] = ()
    action: Action = Action.ADD
    on_failure: OnFailure = OnFailure.HOLD
    unanswered: Unanswered | None = None
    parts: tuple[Part, ...] = ()
    merge: Expression | None = None
    holder: Text | None = None
    digest: str = ""
    """Hash of the step's own definition: part of the content that a token stands for."""

    @property
    def changes_space(self) -> bool:
        """Whether it cuts what is held otherwise, or gives another prefix for it."""
        return self.kind is StepKind.CHANGE and bool(self.pool or self.parts or self.merge)


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """The process is begun by itself for what is held: so long after it was given out, or its holder last asked.

    `pools` are those whose space is reviewed; none: all. `field` takes the prefix.
    """

    after: Duration
    pools: tuple[str, ...]
    field: str


class Lines(StrEnum):
    """What the lines of a table become that comes with a form."""

    REQUESTS = "requests"
    """each a request of its own"""
    ITEMS = "items"
    """one request, whose fields that take many have the values of all"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One version of one trade process. `version` is `sha256:…` over everything that defines it."""

    type: str
    title: str
    version: str
    who: tuple[str, ...]
    fields: tuple[Field, ...]
    steps: tuple[StepRule, ...]
    aliases: tuple[str, ...] = ()
    summary: Text | None = None
    lead_time: Duration
    calendar: str | None = None
    managers: tuple[str, ...] = ()
    pending_expires: Duration | None = None
    review: Review | None = None
    lines: Lines | None = None
    """None: as the form is made."""
    specification: str = ""
    """What an order calls the service by; two processes of one specification differ in their `order_action`."""
    order_action: OrderAction = OrderAction.ADD

    def step(self, name: str) -> StepRule:
        """The rule of a step, also of one item ("remove.2") and of an undoing ("remove.2.undo"); KeyError: none."""
        base = name.partition(".")[0]
        for rule in self.steps:
            if rule.name == base:
                return rule
        raise KeyError(name)
