"""What a query asks for, read from the command: addresses as blocks, times as spans, names as they are kept."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import assert_never

from mailbot.addresses import BadPrefix, Block, parse_address, parse_number, parse_prefix
from mailbot.config import address
from mailbot.mail.command import Command, Query
from mailbot.mail.command.dates import Doubt
from mailbot.mail.command.times import Span, read_span
from mailbot.words import phrase_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`text` is a reference, somebody's address, a customer ("": one's own) or a pool.

    `block` and `span` are the space and the time meant.
    """

    query: Query
    text: str = ""
    block: Block | None = None
    span: Span | None = None
    length: int | None = None

    @property
    def words(self) -> str:
        """For the history."""
        of_space = str(self.block) if self.block else self.text
        length = f"/{self.length}" if self.length is not None else ""
        span = f"from {_utc(self.span.begin)} to {_utc(self.span.end)}" if self.span else ""
        return " ".join(filter(None, [self.query.value, of_space, length, span]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """What is wrong with a query, in words for who wrote it."""

    why: str


def read_question(command: Command, now: datetime, zone: tzinfo, prefix: str) -> Question | Unreadable:
    """`prefix` begins our references: "IP" makes 7, ip-7 and [IP-7] the same."""
    query = command.query
    match query:
        case Query.MINE:
            return Question(query=query)
        case Query.ADDRESS:
            return _of_address(command, now, zone)
        case Query.REFERENCE:
            return Question(query=query, text=reference(command.text, prefix))
        case Query.USER:
            return Question(query=query, text=address.normal(command.text) or command.text)
        case Query.POOL:
            return Question(query=query, text=command.text, length=command.length)
        case Query.CUSTOMER:
            return Question(query=query, text=command.text)
        case None:
            raise ValueError("this command is no query")
        case _:
            assert_never(query)


def block_of(text: str) -> Block:
    """An address, a prefix or a number, as people write it. Raises BadPrefix."""
    if text.isdecimal():
        return parse_number(text)
    return parse_prefix(text) if "/" in text else parse_address(text)


def reference(text: str, prefix: str) -> str:
    """A reference as it is kept: `ip-7`, `[IP-7]` and `7` are IP-7; what is none of ours stays as it is."""
    bare = text.strip().strip("[]")
    head, _, number = bare.rpartition("-")
    if number.isascii() and number.isdecimal() and head.lower() in {"", prefix.lower()}:
        return f"{prefix}-{number.lstrip('0')}"
    return bare


def _of_address(command: Command, now: datetime, zone: tzinfo) -> Question | Unreadable:
    try:
        block = block_of(command.text)
    except BadPrefix as mistake:
        return Unreadable(why=phrase_of(mistake))
    span = read_span(command.at, now, zone) if command.at else None
    if isinstance(span, Doubt):
        return Unreadable(why=span.reason)
    return Question(query=Query.ADDRESS, block=block, span=span)


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
