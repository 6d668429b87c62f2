"""What is asked of a list, and what is answered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from mailbot.store import records

T_co = TypeVar("T_co", covariant=True)

COUNTED = records.COUNTED
"""So many are counted, where an index alone tells it: nobody wants to wait longer for a number."""
LOOKED_AT = 2_000
"""So many, where each has to be looked at by itself."""

Span = tuple[datetime | None, datetime | None]
"""From, and to (exclusive); None is open."""
ANY: Span = (None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paged(Generic[T_co]):
    """One page, whether there is `more` behind it, and how many there are on all pages.

    `total` is None where more than COUNTED (or LOOKED_AT) are in the way of knowing it.
    """

    rows: Sequence[T_co]
    total: int | None
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Requests of which all of this holds; None (and ANY, False) asks for nothing."""

    references: Collection[str] | None = None
    states: Collection[str] | None = None
    types: Collection[str] | None = None
    categories: Collection[str] | None = None
    """Types, or what their orders call them."""
    priorities: Collection[str] | None = None
    requesters: Collection[str] | None = None
    external_references: Collection[str] | None = None
    created: Span = ANY
    due: Span = ANY
    closed: Span = ANY
    open: bool = False
    late: bool = False
    whole: bool = False
    """As orders: those of several items once, by their first one, where any of its items is as wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """Which page: `most` rows behind `offset`, or behind the one that is `after`.

    That is a request's reference, a network request's name, a cancellation's id, or a place: (pool, network).
    """

    most: int
    offset: int = 0
    after: Any = None
    oldest_first: bool = False
