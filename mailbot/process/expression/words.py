"""The words that expressions are told in: kinds of values, what is known of a name, mistakes."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mailbot.errors import MailbotError

Function = Callable[..., int]
"""What an expression may call; it raises EvaluationFailed where it has no value."""
ScopeValue = str | int | bool | date | tuple[str, ...] | Function
Result = str | int | bool | list[str]
"""What an expression gives: dates as ISO text, whole numbers."""
Scope = Mapping[str, ScopeValue]
"""Dotted name → value: what an expression is evaluated against. A name without a value is not in it."""


class EvaluationFailed(MailbotError):
    """An expression could not be evaluated, in words for an admin; it is never "false" instead."""


class Kind(StrEnum):
    """What a value is, to a type check. A prefix is a text that can be allocated, a customer one that names him; both
    may be compared with texts.
    """

    BOOLEAN = "true or false"
    NUMBER = "a number"
    TEXT = "a text"
    PREFIX = "a prefix"
    DATE = "a date"
    LIST = "a list of texts"
    CUSTOMER = "a customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """What a function takes in one place. `choices` are all texts it can be (empty: any)."""

    name: str
    kind: Kind
    choices: tuple[str, ...] = ()
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known about a name before there is a value.

    `kind` is None where a mistake told elsewhere leaves it open. `choices` are all texts it can be (empty:
    any). `refused` says why it may not be used here; `guard` names the boolean that the expression must ask
    for too, because without it there may be no value. `takes` makes it a function, which gives `kind`.
    """

    kind: Kind | None
    choices: tuple[str, ...] = ()
    refused: str | None = None
    guard: str | None = None
    takes: tuple[Argument, ...] | None = None


Names = Mapping[str, Known]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing that is wrong in an expression; `offset` counts characters of its source, from 0."""

    offset: int
    message: str
    suggestion: str | None = None
