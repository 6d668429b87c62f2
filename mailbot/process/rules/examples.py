"""The `[[test]]` tables of a rule file as values: who asks for what, what is answered, and what must come of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from mailbot.config.address import normal
from mailbot.config.kinds import Choice, Line, Name, Section, Several
from mailbot.process.duration import Duration
from mailbot.process.form import written
from mailbot.process.request import State
from mailbot.process.rules.models import FieldName, RuleFile, TestTable

BEGIN = datetime(2026, 11, 23, 9)  # noqa: DTZ001 (on the house's wall: its zone is known when the test is played)
"""When a test begins that does not say when: a Monday, at nine."""
NEXT = "+next"
"""In `play`: up to the next reminder, lateness or escalation."""

_MAIL = re.compile(r"(?P<who>[^\s:]+@[^\s:]+)(?:\s+(?P<step>[a-z][a-z0-9_]*))?\s*:\s*(?P<words>.*)", re.DOTALL)


def _wall_clock(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f'{text!r} is no time: write it like "2026-11-23 09:00"') from None
    if moment.tzinfo is not None:
        raise ValueError(f"{text!r} has a zone: write the time on the house's own clock, without one")
    return text


WallClock = Annotated[Line, AfterValidator(_wall_clock)]


class Given(Section):
    """What is so before the test begins. `holds`: prefixes of the requester's; by default those that his form names.

    As a table, with what each carries. `fails`: targets that refuse, each with what it says.
    """

    at: WallClock | None = None
    full: Several[Name] = ()
    holds: dict[Line, dict[FieldName, Line]] | Several[Line] | None = None
    fails: dict[Name, Line] = Field(default_factory=dict)


class Expectation(Section):
    """What must have come of it; what is not named may be anything."""

    state: Choice[State] | None = None
    steps: Several[FieldName] | None = None
    asked: dict[FieldName, Several[Line]] = Field(default_factory=dict)
    answered_by: dict[FieldName, Line] = Field(default_factory=dict)
    due: dict[FieldName, WallClock] = Field(default_factory=dict)
    addresses: Several[Line] | None = None
    reason: Line | None = None
    faults: Several[FieldName] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What somebody writes. Where he is asked about several steps, `step` says in reply to which letter."""

    who: str
    words: str
    step: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """Time passes: so long, or up to the next thing that time brings."""

    duration: Duration | None = None


PlayLine = Mail | Pass
Answer = Mapping[str, str] | str
"""The fields of a step by name, as they are written; or the words of a mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One test. Its key path in the rule file is ("test", number); `form` and `answers` are as people write them."""

    number: int
    name: str
    requester: str
    form: Mapping[str, str]
    begin: datetime = BEGIN
    full: frozenset[str] = frozenset()
    holds: Mapping[str, Mapping[str, str]] | None = None
    fails: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    play: tuple[PlayLine, ...] | None = None
    expect: Expectation = field(default_factory=Expectation)


def examples_of(file: RuleFile) -> Iterator[Example]:
    """The tests of a file that has been checked."""
    for number, table in enumerate(file.tests):
        yield _example(number, table)


def _example(number: int, table: TestTable) -> Example:
    given = Given.model_validate(table.given)
    return Example(
        number=number,
        name=table.name,
        requester=normal(table.requester or "") or "",
        form={name: _written(value) for name, value in table.form.items()},
        begin=datetime.fromisoformat(given.at) if given.at else BEGIN,
        full=frozenset(given.full),
        holds={prefix: {} for prefix in given.holds} if isinstance(given.holds, tuple) else given.holds,
        fails=given.fails,
        answers={step: _answer(answer) for step, answer in table.answers.items()},
        play=tuple(map(line_of, table.play)) if "play" in table.model_fields_set else None,
        expect=Expectation.model_validate(table.expect),
    )


def _answer(answer: dict[str, Any] | str) -> Answer:
    return answer if isinstance(answer, str) else {name: _written(value) for name, value in answer.items()}


def _written(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else written(value)


def line_of(text: str) -> PlayLine:
    """A line of `play`; ValueError, in words for its writer, when it is none."""
    if text.strip() == NEXT:
        return Pass()
    if text.startswith("+"):
        return Pass(duration=Duration.parse(text[1:]))
    mail = _MAIL.fullmatch(text)
    who = normal(mail["who"]) if mail else None
    if mail is None or who is None:
        words = f'time that passes ("+2 working hours", "{NEXT}") nor a mail ("bill@example.net: approve")'
        raise ValueError(f"{text[:60]!r} is neither {words}")
    return Mail(who=who, words=mail["words"], step=mail["step"])
