"""What models of config and rule files are made of: the strict base, lists, text that holds to a grammar."""

import re
from collections.abc import Callable
from datetime import date, time
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainValidator,
    Strict,
    ValidationInfo,
)
from pydantic_core import PydanticKnownError

from mailbot.config import address, hours
from mailbot.config.duration import Duration

T = TypeVar("T")


HIDDEN = "\0"
"""As `validation_alias`: a field that no file sets, but Python may, by its name."""


class Section(BaseModel):
    """A table of a file: frozen, no conversions ("5" is no 5), no unknown keys."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", validate_by_name=True)


class Misfit(ValueError):
    """What a validator raises that knows what was probably meant."""

    def __init__(self, message: str, *, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.suggestion = suggestion


Several = Annotated[tuple[T, ...], Strict(strict=False)]
"""A list; TOML's are mutable, ours are not."""

Choice = Annotated[T, Strict(strict=False)]
"""A StrEnum, written as its text."""


def home_of(info: ValidationInfo) -> Path:
    """The folder of the file that is being checked."""
    context: dict[str, Path] = info.context or {}
    return context.get("home", Path())


def read_by(kind: type[T], parse: Callable[[str], T]) -> PlainValidator:
    """Makes a field take text, and hold what `parse` makes of it; its ValueError is what the user reads."""

    def validate(value: object) -> T:
        if isinstance(value, kind) and not isinstance(value, str):
            return value
        if not isinstance(value, str):
            raise PydanticKnownError("string_type")
        return parse(value)

    return PlainValidator(validate)


def _line(text: str) -> str:
    # A line break would begin a header of its own in a letter; NUL stops PostgreSQL (traps 40, 44).
    if found := re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", text):
        raise ValueError(f"{found[0]!r} must not stand in this text, which is one line")
    return text


def _address(text: str) -> str:
    if (normal := address.normal(text)) is None:
        raise ValueError(f'{text!r} is no mail address: write it alone, like "ana@example.net"')
    return normal


def _pattern(text: str) -> str:
    if (normal := address.normal_pattern(text)) is None:
        raise ValueError(f'{text!r} is no address and no pattern like "*@example.net"')
    return normal


def _domain(text: str) -> str:
    if "@" in text or (normal := address.normal_domain(text)) is None:
        raise ValueError(f'{text!r} is no domain: write it like "example.net"')
    return normal


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_-]*", text):
        raise ValueError(f'{text!r} is no name: small letters, digits, "-" and "_", beginning with a letter')
    return text


def _addressee(text: str) -> str:
    return _address(text) if "@" in text else _name(text)


def _who(text: str) -> str:
    return _pattern(text) if "@" in text else _name(text)


def _day(value: Any) -> Any:
    """TOML has dates of its own; people put them in quotes all the same."""
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f'{value!r} is no date: write it like "2026-12-24"') from None


def _elapsed(text: str) -> Duration:
    duration = Duration.parse(text)
    if duration.working:
        raise ValueError(f'{text!r} is working time; this is time by the clock, like "30 days"')
    return duration


Line = Annotated[str, AfterValidator(_line)]
"""Text without line breaks or other control characters."""
Address = Annotated[str, AfterValidator(_address)]
"""A mail address, in the form in which addresses are compared."""
Pattern = Annotated[str, AfterValidator(_pattern)]
"""An address, or "*@example.net", in the form in which they are compared."""
Domain = Annotated[str, AfterValidator(_domain)]
Name = Annotated[str, AfterValidator(_name)]
"""Of a group, pool, target, party or calendar."""
Addressee = Annotated[str, AfterValidator(_addressee)]
"""A group's name or an address."""
Who = Annotated[str, AfterValidator(_who)]
"""A group's name, an address or a pattern."""
Day = Annotated[date, BeforeValidator(_day)]
LeadTime = Annotated[Duration, read_by(Duration, Duration.parse)]
"""Working time or time by the clock."""
Elapsed = Annotated[Duration, read_by(Duration, _elapsed)]
"""Time by the clock alone."""
Hours = Annotated[hours.Week, read_by(hours.Week, hours.Week.parse)]
Moment = Annotated[hours.Weekly, read_by(hours.Weekly, hours.Weekly.parse)]
TimeOfDay = Annotated[time, read_by(time, hours.time_of_day)]
