"""What a digest shows: the numbers of a week and what stands open, in words, ready for its templates."""

from dataclasses import dataclass

from mailbot.mail.letter import Picture


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRow:
    """A request that is open; `waits_for` names departments, never people."""

    reference: str
    summary: str
    waits_for: str
    due: str
    late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitRow:
    """How many open requests wait for one department (or pool, or their requester), and how many of these are late."""

    who: str
    open: int
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolRow:
    """How full a pool is. `bar` and `more` are per cent of a bar's length: what is used, and what is open beside it.

    `if_granted` is "" where nothing is open, `largest_free` of a pool of numbers; `warn` where somebody should do
    something, which some of these rows show as a picture, too.
    """

    name: str
    title: str
    used: str
    if_granted: str
    free: str
    largest_free: str
    lasts: str
    bar: int
    more: int
    warn: bool
    drawn: Picture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleRow:
    """Space of a pool that is given out and that nobody has seen in use for a time; `cost` "" where it has no price."""

    title: str
    space: str
    since: str
    cost: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LostRow:
    """Somebody whom letters do not reach; `status` is what a mail system said of it, "" where it gave none."""

    person: str
    since: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekRow:
    """How many requests came and were granted in seven days; `week` is the number of the calendar week they end in."""

    week: int
    came: int
    granted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """`late_more` and so on are how many a list that is capped leaves out."""

    week: int
    since: str
    until: str
    came: int
    granted: int
    refused: int
    cancelled: int
    failed: int
    open: int
    late: int
    met: str
    median: str
    ninety: str
    late_rows: tuple[OpenRow, ...]
    late_more: int
    open_rows: tuple[OpenRow, ...]
    open_more: int
    waiting: tuple[WaitRow, ...]
    waiting_more: int
    pools: tuple[PoolRow, ...]
    pools_more: int
    idle: tuple[IdleRow, ...]
    unreachable: tuple[LostRow, ...]
    given_out: str
    given_back: str
    weeks: tuple[WeekRow, ...]
    chart: Picture | None
    seal: str

    @property
    def pictures(self) -> list[Picture]:
        """All that it shows."""
        return [one for one in (self.chart, *(row.drawn for row in self.pools)) if one]
