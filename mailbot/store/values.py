"""What a transaction takes and gives, as values."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from mailbot.process.request import Request, Step

BORDER_SEEN = "our border's verdict was seen of"
"""The fact that names the border of which a mail has borne the verdict."""
PAUSED = "paused"
"""The fact that is the brake: "sending", "targets" or "all" do not leave."""

PASSES_THE_BRAKE = "letters that pass the brake"
"""The fact that says, "41-43", which letters of the outbox tell that the cap of letters has put on the brake."""

LETTERS_COUNT_SINCE = "letters count since"
"""The fact that says since when letters count for the cap: since the brake was let go of."""

Threads = Mapping[str, tuple[str, str]]
"""Person → the Message-IDs that his thread begins with and was last continued by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A request as it stands in the store."""

    id: int
    request: Request
    threads: Threads
    head: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """What a token stands for. `purpose`: step, request, question, form, confirm."""

    id: str
    person: str
    purpose: str
    reference: str | None = None
    step: str | None = None
    content: str | None = None
    subject: str | None = None
    expires: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A letter on its way out; until `not_before` it is held back."""

    recipient: str
    envelope_sender: str
    message_id: str
    kind: str
    raw: bytes
    reference: str | None = None
    step: str | None = None
    not_before: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One seat that an open step waits for; `pool` must have room for `length` before a step without one goes on."""

    step: str
    seat: str
    departments: tuple[str, ...]
    due: datetime | None
    trouble: str | None
    pool: str | None = None
    length: int | None = None


def waiting_of(steps: Iterable[Step]) -> tuple[Waiting, ...]:
    """The seats that open steps wait for; a step that waits for nobody has the seat ""."""
    return tuple(
        Waiting(
            step=step.name,
            seat=seat,
            departments=step.departments,
            due=step.due,
            trouble=step.trouble,
            pool=step.waits_for or None,
            length=step.wanted_length,
        )
        for step in steps
        for seat in step.asked or ("",)
    )
