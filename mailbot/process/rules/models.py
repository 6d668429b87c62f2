"""What may stand in a rule file and in _house.toml, key by key, as strict models.

Models may only ever grow wider: a running request's rules are read with them again, however old (`restore`).
"""

import re
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PlainValidator
from pydantic_core import PydanticKnownError

from mailbot.config.kinds import Choice, Day, Elapsed, LeadTime, Line, Misfit, Name, Section, Several, Who
from mailbot.process.definition import FieldType, Lines, OrderAction, StepKind
from mailbot.process.expression import RESERVED

_LONGEST_LABEL = 60


def _field_name(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", text):
        suggestion = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_").lower() or None
        words = f'{text!r} is no name: small letters, digits and "_", beginning with a letter'
        raise Misfit(words, suggestion=suggestion)
    if text in RESERVED:
        raise ValueError(f"{text!r} is a word of the expression language: take another name")
    return text


def _label(text: str) -> str:
    if not re.fullmatch(r"\w[^:\uff1a\ufe55|]*", text) or len(text) > _LONGEST_LABEL:
        raise ValueError(
            f"{text!r} cannot begin a line of a form: a letter or digit first, "
            f'no ":" and no "|", at most {_LONGEST_LABEL} characters'
        )
    return text


def _share(value: object) -> Fraction:
    """A reminder's share of the lead time: "50%"."""
    if not isinstance(value, str):
        raise PydanticKnownError("string_type")
    written = re.fullmatch(r"([1-9][0-9]{0,2})\s?%", value.strip())
    if written is None:
        raise ValueError(f'{value!r} is no share of the lead time: write it like "50%"')
    return Fraction(int(written[1]), 100)


FieldName = Annotated[str, AfterValidator(_field_name)]
"""Of a field, a step or a column: what expressions can say."""
Label = Annotated[str, AfterValidator(_label)]
Share = Annotated[Fraction, PlainValidator(_share)]
Cell = str | int | bool
Count = Annotated[int, Field(ge=0)]


class FieldTable(Section):
    """[[field]], [[step.field]] and [fields.NAME]."""

    name: FieldName | None = None
    use: FieldName | None = None
    label: Label | None = None
    type: Choice[FieldType] | None = None
    required: bool = False
    help: Line = ""
    default: bool | int | str | date | None = None
    min: int | None = None
    max: int | None = None
    min_length: Count | None = None
    max_length: Count | None = None
    choices: Annotated[Several[Line], Field(min_length=1)] | None = None
    list_name: Name | None = Field(None, alias="list")
    many: bool = False
    carries: Several[FieldName] = ()
    reference: bool = False


class Rung(Section):
    after: LeadTime
    to: Annotated[Several[Who], Field(min_length=1)]


class Unanswered(Section):
    after: LeadTime
    then: Literal["reject", "approve", "escalate"]


class Pace(Section):
    """What [defaults] can say for every step, and each step for itself."""

    lead_time: LeadTime | None = None
    calendar: Name | None = None
    remind: Several[Share] = ()
    escalate: Several[Rung] = ()
    unanswered: Unanswered | None = None
    on_failure: Literal["hold", "fail", "continue"] | None = None
    shows: Several[Line] | None = None
    not_before: Line | None = None


class Defaults(Pace):
    request_lead_time: LeadTime | None = None


class PartTable(Section):
    """One part of what a `change` splits."""

    length: Line | int
    holder: Line | None = None
    set: dict[FieldName, Line] | None = None


class StepTable(Pace):
    """[[step]]: the keys of all kinds; which go with which kind is another check."""

    name: FieldName
    kind: Choice[StepKind]
    title: Line | None = None
    after: Several[FieldName] | None = None
    when: Line | None = None
    each: Line | None = None
    asks: Several[Line] = ()
    needs: Literal["one", "all"] | Annotated[int, Field(ge=1)] | None = None
    may_change: Several[FieldName] = ()
    trust: Literal["verified"] | None = None
    fields: Several[FieldTable] = Field((), alias="field")
    pool: Line | None = None
    length: Line | int | None = None
    prefix: Line | None = None
    set: dict[FieldName, Line] | None = None
    for_: Line | None = Field(None, alias="for")
    until: Line | None = None
    to: Several[Line] = ()
    template: Name | None = None
    target: Name | None = None
    targets: Several[Name] = ()
    action: Literal["add", "change", "remove"] | None = None
    split: Several[PartTable] = ()
    merge: Line | None = None
    holder: Line | None = None


class TestTable(Section):
    """[[test]]: an example of the process, to be played by `rules test`.

    Loose where `rules.examples` is strict: that checks the file of today, this must read those of all days.
    """

    __test__ = False  # pytest: not one of yours

    name: Line
    requester: Line | None = None
    given: dict[str, Any] = Field(default_factory=dict)
    form: dict[FieldName, Cell | Day | Several[Line]] = Field(default_factory=dict)
    answers: dict[Line, dict[str, Any] | str] = Field(default_factory=dict)
    play: Several[str] = ()
    expect: dict[str, Any] = Field(default_factory=dict)


class ReviewTable(Section):
    """[review]: whoever holds space is asked by itself, after some time, whether he still needs it."""

    after: Elapsed
    pools: Several[Name] = ()


class ServiceTable(Section):
    """[service]: as what the process is ordered through the API."""

    specification: Line | None = None
    action: Choice[OrderAction] | None = None


class RuleFile(Section):
    type: Name
    title: Line | None = None
    summary: Line | None = None
    aliases: Several[Annotated[Line, Field(min_length=1)]] = ()
    who: Annotated[Several[Who], Field(min_length=1)]
    lead_time: LeadTime | None = None
    calendar: Name | None = None
    managers: Several[Who] = ()
    pending_expires: LeadTime | None = None
    review: ReviewTable | None = None
    lines: Choice[Lines] | None = None
    service: ServiceTable | None = None
    fields: Several[FieldTable] = Field((), alias="field")
    steps: Annotated[Several[StepTable], Field(min_length=1)] = Field(alias="step")
    tests: Several[TestTable] = Field((), alias="test")


class HouseFile(Section):
    """_house.toml. A list is a table of rows by choice; each row is a table of columns."""

    defaults: Defaults = Defaults()
    fields: dict[FieldName, FieldTable] = Field(default_factory=dict)
    lists: dict[Name, dict[Line, dict[FieldName, Cell]]] = Field(default_factory=dict)
