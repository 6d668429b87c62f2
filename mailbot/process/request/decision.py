"""What an event leads to: whom to tell, what to write down, what to wish for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from mailbot.process.definition import Action
from mailbot.process.request.values import Request


class Kind(StrEnum):
    """The kinds of letters (X-Mailbot-Kind)."""

    FORMS = "forms"
    FORM = "form"
    CONFIRM = "confirm"
    ACKNOWLEDGED = "acknowledged"
    INCOMPLETE = "incomplete"
    ACTION = "action"
    ACTIONS = "actions"
    REMINDER = "reminder"
    ESCALATION = "escalation"
    JEOPARDY = "jeopardy"
    DELAYED = "delayed"
    SETTLED = "settled"
    QUESTION = "question"
    COMMENT = "comment"
    STATUS = "status"
    ANSWER = "answer"
    COMPLETED = "completed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    FAILED = "failed"
    EXPIRED = "expired"
    ENDED = "ended"
    MISUNDERSTOOD = "misunderstood"
    REFUSED = "refused"
    HELP = "help"
    DIGEST = "digest"
    ALERT = "alert"
    EVENT = "event"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Tell `to` with the letter of this kind. `facts` are what the template shows beside the request itself.

    `answers` is true for what is said to the sender of the mail that is being handled (Auto-Submitted: auto-replied).
    """

    kind: Kind
    to: str
    step: str | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    answers: bool = False
    template: str | None = None
    """A folder of templates of the house's own, instead of the kind's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the history. `detail` is text and can be erased; the rest stays."""

    actor: str
    action: str
    step: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """Space (of a pool of numbers: one number) for a step: of a length, or by name.

    `instead_of` is what the requester holds and is to be renumbered: on its terms, of its length where none is said.
    `reserved`: to be held until then, and no longer. `from_reserved` is what this request has reserved and the step
    takes up. `carries` is what the allocation is given to carry.
    """

    step: str
    pool: str
    length: int | None = None
    prefix: str | None = None
    until: datetime | None = None
    reserved: bool = False
    from_reserved: str | None = None
    instead_of: str | None = None
    carries: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBack:
    """`own` gives back what this request took (undo); else what `form` names, which its requester must hold."""

    prefix: str
    step: str | None = None
    own: bool = False
    pool: str = ""
    """Of a number: which pool's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One part of what is split."""

    length: int | None
    holder: str | None = None
    carries: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reshape:
    """What the requester holds is cut into shares, in order of address; several prefixes are made one share.

    A share of length None is all of it. What has had several holders, or customers, is made one only where the share
    names a holder.
    """

    step: str
    prefixes: tuple[str, ...]
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Revert:
    """What was held `before` a change is held again, in place of what this request has held since (of nothing: what it
    has given back).
    """

    step: str
    pool: str
    after: tuple[str, ...]
    before: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WouldFit:
    step: str
    pool: str
    length: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prolong:
    """What this request holds for a time ends at another time."""

    prefix: str
    pool: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """A network request, to leave by the outbox; `body` is what the target is told, as plain JSON values."""

    id: str
    step: str
    target: str
    action: Action
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdraw:
    """A network request that has not left yet shall not leave any more."""

    id: str
    step: str


Wish = Take | GiveBack | Reshape | Revert | Prolong | WouldFit | Drive | Withdraw


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What an event leads to: the request as it is now, whom to tell, what to write down, what to wish for."""

    request: Request
    notices: tuple[Notice, ...] = ()
    entries: tuple[Entry, ...] = ()
    wishes: tuple[Wish, ...] = ()
