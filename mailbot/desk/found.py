"""What a query finds, as a letter shows it: times and people are written out, what is not there is "" or ()."""

from dataclasses import dataclass

from mailbot.desk.context import AddressRow, Row, StepRow


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """A request in a list. `requester` is "" where it is the reader himself."""

    reference: str
    summary: str
    title: str
    state: str
    requester: str
    created: str
    due: str
    closed: str
    late: bool
    prefixes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRow:
    """Something that waits for the reader's answer."""

    reference: str
    summary: str
    title: str
    due: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderRow:
    """A prefix (of a number: with its pool) in somebody's hands from `since` to `ended`, "" where it still is.

    `until` is when it ends by itself. `holder` is "" where nobody is named, and where it is the reader himself (`own`).
    """

    prefix: str
    pool: str
    state: str
    since: str
    ended: str
    until: str
    reference: str
    holder: str
    customer: str
    service: str = ""
    own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    """A line of a request's history, with those of its words that its reader may see; `actor` is "" for the bot."""

    at: str
    actor: str
    action: str
    step: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """How many of a length (None: numbers) would fit into a pool now; `refusal` is why none ever would. `gone`: it is
    not in the configuration any more.
    """

    pool: str
    length: int | None
    count: int
    refusal: str
    gone: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """One request, with all that its reader may see of it; `earlier` are the entries that are left out."""

    form: tuple[Row, ...]
    steps: tuple[StepRow, ...]
    addresses: tuple[AddressRow, ...]
    entries: tuple[EntryRow, ...]
    earlier: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaRow:
    """What a customer may hold of a pool, or take of it `every` day, week, month or year, and what is left of that."""

    pool: str
    most: str
    every: str
    left: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRow:
    """A customer's record. `services` are what his space is for, each with how many prefixes it has.

    What is left of a quota is there for those alone who may see all that is his.
    """

    id: str
    name: str
    account_manager: str
    attributes: tuple[tuple[str, str], ...] = ()
    quotas: tuple[QuotaRow, ...] = ()
    services: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The answer to a query. `about` is what was asked, `at` of what time; each list may leave so many `more` out.
    The newest stands first.

    Of what one may not see this says exactly what it says of what is not there: nothing.
    """

    query: str
    about: str
    at: str = ""
    requests: tuple[RequestRow, ...] = ()
    requests_more: int = 0
    whole: Whole | None = None
    waiting: tuple[WaitingRow, ...] = ()
    waiting_more: int = 0
    held: tuple[HolderRow, ...] = ()
    held_more: int = 0
    holders: tuple[HolderRow, ...] = ()
    holders_more: int = 0
    within: tuple[HolderRow, ...] = ()
    within_more: int = 0
    room: Room | None = None
    customer: CustomerRow | None = None

    @property
    def is_nothing(self) -> bool:
        lists = self.requests or self.waiting or self.held or self.holders or self.within
        return not (lists or self.room or self.customer)
