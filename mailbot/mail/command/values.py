"""What a person can ask of the bot, as values."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal


class Verb(StrEnum):
    """What can be asked of the bot."""

    APPROVE = "approve"
    REJECT = "reject"
    DONE = "done"
    DELAY = "delay"
    ASSIGN = "assign"
    ASK = "ask"
    COMMENT = "comment"
    HOLD = "hold"
    RESUME = "resume"
    CANCEL = "cancel"
    EXTEND = "extend"
    END_NOW = "end now"
    RETRY = "retry"
    SKIP = "skip"
    FAIL = "fail"
    WATCH = "watch"
    UNWATCH = "unwatch"
    STATUS = "status"
    WHY = "why"
    HELP = "help"
    AWAY = "away"
    BACK = "back"
    QUERY = "query"


class Query(StrEnum):
    """What `query` asks for."""

    MINE = "mine"
    ADDRESS = "address"
    REFERENCE = "reference"
    USER = "user"
    POOL = "pool"
    CUSTOMER = "customer"


Items = tuple[int, ...] | Literal["all"]
"""which actions of a list are meant; () where the mail is about one"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One thing to do. What its verb does not take is "" or None."""

    verb: Verb
    text: str = ""
    """REASON, QUESTION or TEXT, with "\\n" between its lines; for `query` its argument, of `pool` the pool"""
    until: date | None = None
    duration: str | None = None
    """as written: "2 working days" """
    address: str | None = None
    """normalised; of `assign`, or the deputy of `away` """
    query: Query | None = None
    at: str | None = None
    """the TIME of `query address A at TIME`, as written"""
    length: int | None = None
    """the LENGTH of `query pool P free LENGTH`"""
    items: Items = ()
    rest: str = ""
    """the own lines below the first, as written: field lines are read from here"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """The answer to a list of actions, in the order written; each has its `items`."""

    commands: tuple[Command, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unclear:
    """It begins like a command, and is none that may be guessed at."""

    line: str
    reason: str
    """what is wrong, in words for the sender"""
