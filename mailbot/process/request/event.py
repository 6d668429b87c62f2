"""Everything that can happen to a request: what people say, what time brings, what pools answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mailbot.process.request.values import Attachment, NetworkState
from mailbot.words import Words

Held = Mapping[str, Mapping[str, str]]
"""Those prefixes named in a form that the requester holds, each with what it carries (`set` of who allocated it)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted:
    """The requester's first mail (or API call): `given` is what he wrote, by field name."""

    given: Mapping[str, str]
    held: Held = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()
    watchers: tuple[str, ...] = ()
    """Those in Cc who may see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Approve:
    given: Mapping[str, str] = field(default_factory=dict)
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """`done`, or the step's fields filled in (`bare`: the fields alone, without the word)."""

    given: Mapping[str, str] = field(default_factory=dict)
    bare: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delay:
    """Exactly one of `until` (ISO date: the end of work on that day) and `duration` (as in a rule file)."""

    until: str | None = None
    duration: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assign:
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The requester's own words in reply to a question."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Amend:
    """Fields of the requester's form, written again; `held` as in Submitted."""

    given: Mapping[str, str]
    held: Held = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancel:
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail:
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extend:
    """What ends by itself (a reservation, a temporary allocation or activation) ends so much later."""

    duration: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EndNow:
    """What ends by itself ends at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """Asks which rules have brought the request here; changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    on: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Asks where the request stands; changes nothing."""


MOST_TOLD = 50
"""Faults of a table that one letter names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """Words that are no command and no answer: nothing changes, and the answer says what to write."""

    wrote: str
    why: str = ""
    faults: tuple[Words, ...] = ()
    """What is wrong with each cell of a table that he sent instead."""


Deed = (
    Approve | Reject | Done | Delay | Assign | Ask | Reply | Comment | Amend
    | Hold | Resume | Cancel | Retry | Skip | Fail | Extend | EndNow | Watch | Status | Why | Unclear
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A believed person did something about a request.

    `step` and `content` are what his token stands for; without a token (`token` False) he may only comment and ask.
    `seat` is the person or group address that the token was given to. `attachments` came along with it.
    """

    actor: str
    deed: Deed
    step: str | None = None
    seat: str | None = None
    content: str | None = None
    token: bool = False
    attachments: tuple[Attachment, ...] = ()
    operator: bool = False
    """From the shell: an operator may do what an admin may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimePassed:
    """A timer fell due; `mark` is its name (`reminder-0`, `late`, …) within the step, or else the request."""

    mark: str
    step: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WentAway:
    """Somebody has said that he is away, and who stands in: what he is asked is passed on."""

    person: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounced:
    """A letter about this request did not arrive. `known`: its reader could not be reached before, as admins know."""

    person: str
    kind: str
    step: str | None
    status: str | None
    text: str = ""
    known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Noted:
    """A machine has written about a request, which decides nothing. `names` are what it calls the matter; `tells` is
    whether whoever leads the step is to hear of it.
    """

    actor: str
    subject: str
    step: str | None = None
    names: tuple[str, ...] = ()
    tells: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What somebody held that was changed, and what he holds in its place: one of them may be nothing."""

    person: str
    lost: tuple[str, ...] = ()
    given: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """The pool gave a prefix, or a number (answer to Take); `holder` has what was renumbered."""

    step: str
    prefix: str
    pool: str
    until: datetime | None = None
    reserved: bool = False
    holder: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTaken:
    """The pool could not give it: `full` when room may come back, else what is wrong, in words for the step's owner.

    `refused`: the space is another's to give out, and the requester is told whose. `another`: only this one could not
    be had, and the step takes another. `unfit`: what is wrong with what was asked for, in words for its requester, who
    must ask otherwise; "" where that would not help.
    """

    step: str
    pool: str
    full: bool
    reason: str
    length: int | None = None
    owner: str | None = None
    """The pool's owner, a department or an address, who is told of a full pool."""
    refused: bool = False
    another: bool = False
    unfit: Words = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GaveBack:
    """A prefix was given back (answer to GiveBack); `until` is the end of its quarantine, None when free at once."""

    prefix: str
    pool: str
    step: str | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotGivenBack:
    """There was nothing to give back, or it is not the requester's."""

    prefix: str
    reason: str
    step: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotProlonged:
    """What was to end later is not this request's any more: another request has given it back."""

    prefix: str
    pool: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reshaped:
    """What was held is held otherwise (answer to Reshape), or again as it was (to Revert)."""

    step: str
    pool: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    passed: tuple[Passed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotReshaped:
    """It cannot be: it is not the requester's, or not of a shape that can be cut so."""

    step: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fits:
    """The answer to WouldFit: a hint, nothing was taken."""

    step: str
    pool: str
    fits: bool
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Driven:
    """A network request (see NetworkRequest.id) has come so far; `detail` is what the target said."""

    id: str
    step: str
    state: NetworkState
    detail: str = ""
    owner: str | None = None
    """The target's owner, a department or an address, who is told of what fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopt:
    """An admin has the request go on by other rules, which are those that it is decided by from now on.

    `was` is the version that it went by so far.
    """

    actor: str
    was: str
    reason: str = ""


Event = (
    Submitted | Said | Adopt | TimePassed | WentAway | Bounced | Noted
    | Taken | NotTaken | GaveBack | NotGivenBack | NotProlonged | Reshaped | NotReshaped | Fits | Driven
)  # fmt: skip
