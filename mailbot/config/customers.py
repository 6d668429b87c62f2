"""Who is served: `[customers."NAME"]`, their quotas, and `[customer_attributes.NAME]`, what is kept of them beside."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator, Strict
from pydantic_core import PydanticKnownError

from mailbot.config.kinds import Address, Addressee, Choice, Domain, Line, Name, Section, Several

CUSTOMERS = "customers"
"""In `who` of a rule file: everybody who writes for a customer. No group is called so."""

LONGEST_NAME = 200

_QUOTA = re.compile(r"(?P<count>\d{1,30})(?:\s*x)?(?:\s*/(?P<length>\d{1,3}))?(?:\s+an?\s+(?P<every>\w+))?", re.ASCII)


class Period(StrEnum):
    """Of the calendar, on the bot's clock."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """So many addresses (or numbers), or so many prefixes of a length: held, or with `every` taken anew in each."""

    count: int
    length: int | None = None
    every: Period | None = None

    @classmethod
    def parse(cls, text: str) -> "Amount":
        """ "256", "64 a month", "4 /48", "2 /48 a year". ValueError, in words, for anything else."""
        found = _QUOTA.fullmatch(text.strip())
        if found is None or (found["every"] and found["every"] not in list(Period)):
            raise ValueError(f'{text!r} is no quota: write it like "256", "64 a month" or "4 /48 a year"')
        every, length = found["every"], found["length"]
        return cls(
            count=int(found["count"]),
            length=int(length) if length else None,
            every=Period(every) if every else None,
        )


def _amount(value: object) -> Amount:
    match value:
        case Amount():
            return value
        case int() if not isinstance(value, bool) and value >= 0:
            return Amount(count=value)
        case str():
            return Amount.parse(value)
        case _:
            raise PydanticKnownError("string_type")


def _listed(value: Any) -> Any:
    """One quota stands by itself, several in a list."""
    return value if isinstance(value, list | tuple) else (value,)


_Written = str | Annotated[int, Field(ge=0)]

Quotas = Annotated[
    tuple[Annotated[Amount, PlainValidator(_amount)], ...],
    Strict(strict=False),
    BeforeValidator(_listed, json_schema_input_type=_Written | list[_Written]),
]


class Kind(StrEnum):
    """What an attribute holds."""

    TEXT = "text"
    INTEGER = "integer"
    YES_NO = "yes-no"
    CHOICE = "choice"


class Attribute(Section):
    """What is kept of every customer beside; one without a default must be given for each."""

    type: Choice[Kind] = Kind.TEXT
    choices: Several[Line] = ()
    default: Line | int | bool | None = None


class Customer(Section):
    """`domains` and `addresses` are his people's; his name is what the table is called."""

    id: Annotated[Line, Field(min_length=1, max_length=LONGEST_NAME)] | None = None
    domains: Several[Domain] = ()
    addresses: Several[Address] = ()
    account_manager: Addressee
    quotas: dict[Name, Quotas] = Field(default_factory=dict)
    attributes: dict[Name, Line | int | bool] = Field(default_factory=dict)


CustomerName = Annotated[Line, Field(min_length=1, max_length=LONGEST_NAME)]
