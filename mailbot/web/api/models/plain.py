"""The plain view: the JSON of the command line, and what is written to it."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Field

from mailbot.process.request import NetworkState, State, StepState
from mailbot.web.api.models.base import Instant, Long, Model, Octets, Short, Tmf, Value

Lines = Annotated[dict[str, Value], Field(max_length=300)]
"""Field name → value."""


class _Shape(Model):
    NULLS: ClassVar[bool] = True


class Network(_Shape):
    id: str
    target: str
    action: str
    state: NetworkState
    detail: str


class StepShape(_Shape):
    name: str
    kind: str
    state: StepState
    asked: tuple[str, ...]
    due: Instant | None
    answered_by: str | None
    answered_at: Instant | None
    answer: str | None
    fields: dict[str, Value]
    trouble: str | None
    item: str | None
    until: Instant | None
    undoes: str | None
    network: tuple[Network, ...]


class AddressShape(_Shape):
    prefix: str
    pool: str
    state: str
    until: Instant | None
    carries: dict[str, Value]


class FileShape(_Shape):
    """A file that came with a request: what it holds is read by its `id`."""

    id: int
    name: str
    size: int
    type: str
    sha256: str
    sender: str = Field(alias="from")
    at: Instant


class RequestShape(_Shape):
    """A request, as `mailbot requests show --json` tells it, less what its reader may not see."""

    ROOT: ClassVar[str] = "request"
    model_config = ConfigDict(extra="allow")

    reference: str
    type: str
    state: State
    requester: str
    summary: str
    channel: str
    external_reference: str | None
    other_names: tuple[str, ...]
    created: Instant
    due: Instant | None
    closed: Instant | None
    late: bool
    jeopardy: bool
    rules: str
    reason: str | None
    form: dict[str, Value]
    steps: tuple[StepShape, ...]
    addresses: tuple[AddressShape, ...]
    attachments: tuple[FileShape, ...]


class EntryShape(_Shape):
    """A line of the history; what was erased, or is not its reader's to see, is null."""

    ROOT: ClassVar[str] = "entry"

    at: Instant
    reference: str | None
    actor: str | None
    action: str
    step: str | None
    detail: str | None


class HolderShape(_Shape):
    """Somebody had a prefix, from `since` to `ended` (null: he has it still)."""

    ROOT: ClassVar[str] = "holder"

    prefix: str
    pool: str
    state: str
    since: Instant
    ended: Instant | None
    until: Instant | None
    reference: str | None
    holder: str | None
    customer: str | None


class PoolAllocation(_Shape):
    prefix: str
    state: str
    until: Instant | None
    reference: str | None


class PoolShape(_Shape):
    """As `mailbot pools show --json` tells it; a list leaves the allocations out."""

    ROOT: ClassVar[str] = "pool"

    name: str
    prefixes: tuple[str, ...]
    strategy: str
    size: int
    used: int
    free: int
    largest_free: str | None
    allocations: tuple[PoolAllocation, ...] = ()


class RoomShape(_Shape):
    """How many prefixes of a length (null: numbers) would fit now; `refusal` is why none ever would."""

    ROOT: ClassVar[str] = "room"

    pool: str
    length: int | None
    count: int
    refusal: str | None


class TypeShape(_Shape):
    """What may be asked for, and the fields of its form."""

    ROOT: ClassVar[str] = "type"

    type: str
    title: str
    specification: str
    action: str
    fields: "tuple[FieldShape, ...]"


class FieldShape(_Shape):
    name: str
    label: str
    type: str
    required: bool
    many: bool
    choices: tuple[str, ...]
    hint: str


class StepToAnswer(_Shape):
    """A step as whoever is asked sees it: an answer names its `content`, and counts for that alone."""

    ROOT: ClassVar[str] = "stepToAnswer"

    reference: str
    step: StepShape
    title: str
    content: str
    form: dict[str, Value]
    fields: tuple[FieldShape, ...]
    attachments: tuple[FileShape, ...]
    waits_for: tuple[str, ...]
    answers: tuple[str, ...]


class _Written(Model):
    model_config = ConfigDict(extra="forbid")


class FileWritten(_Written):
    """A file that is sent along: `content` in base64."""

    name: Annotated[Short, Field(min_length=1)]
    content: Octets


Sent = Annotated[tuple[FileWritten, ...], Field(max_length=50)]


class RequestCreate(_Written):
    ROOT: ClassVar[str] = "requestCreate"

    type: Short
    form: Lines = Field(default_factory=dict)
    attachments: Sent = ()
    requester: Short | None = None
    external_reference: Annotated[Short, Field(min_length=1)] | None = None


class Deed(_Written):
    """What is said about a request: `text` is a comment, an answer, a reason; `form` is for `amend` alone.

    `attachments` come along with it.
    """

    ROOT: ClassVar[str] = "deed"

    text: Long = ""
    form: Lines = Field(default_factory=dict)
    attachments: Sent = ()


class StepDeed(_Written):
    """An answer to a step. `content` is what it is about, as reading the step tells it; `attachments` come along."""

    ROOT: ClassVar[str] = "stepDeed"

    content: Short
    text: Long = ""
    fields: Lines = Field(default_factory=dict)
    until: Short = ""
    to: Short = ""
    attachments: Sent = ()


class Outcome(StrEnum):
    CONFIRMED = "confirmed"
    FAILED = "failed"


class TargetAnswer(_Written):
    """What came of one network request; `detail` is what there is to say of it, which stands in the history."""

    id: Annotated[str, Field(max_length=500)]
    state: Outcome
    detail: Long = ""


class TargetAnswers(_Written):
    """As an answer file has it: all of it counts, or nothing."""

    ROOT: ClassVar[str] = "targetAnswers"

    answers: Annotated[tuple[TargetAnswer, ...], Field(min_length=1, max_length=1000)]


class Problem(Tmf):
    """One thing that is wrong, and where."""

    field: str
    message: str


class Error(Tmf):
    """TM Forum's error. `details` are all the things that are wrong, where they are several."""

    ROOT: ClassVar[str] = "error"

    code: str
    reason: str
    message: str
    status: str
    reference_error: str | None = None
    details: tuple[Problem, ...] = ()
    at_type: str = "Error"


def written_by(form: dict[str, Any]) -> dict[str, str]:
    """Values as they would have been written into a mail: `parse` reads them as they are meant."""
    return {name: _text(value) for name, value in form.items()}


def _text(value: Any) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case list():
            return ", ".join(value)
        case _:
            return str(value)


def files_in(sent: Iterable[FileWritten]) -> tuple[tuple[str, bytes], ...]:
    """(name, content) of each."""
    return tuple((one.name, one.content) for one in sent)
