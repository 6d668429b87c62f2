"""The `[[test]]` tables of a rule file as values: who asks for what, what is answered, and what must come of it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from mailbot.config.address import normal
from mailbot.config.customers import CustomerName
from mailbot.config.kinds import Choice, Line, Name, Pattern, Section, Several
from mailbot.process.definition import Action
from mailbot.process.duration import Duration
from mailbot.process.form import written
from mailbot.process.request import State, StepState
from mailbot.process.rules.models import FieldName, RuleFile, TestTable

BEGIN = datetime(2026, 11, 23, 9)  # noqa: DTZ001 (on the house's wall: its zone is known when the test is played)
"""When a test begins that does not say when: a Monday, at nine."""
NEXT = "+next"
"""In `play`: up to the next reminder, lateness or escalation."""


def _wall_clock(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f'{text!r} is no time: write it like "2026-11-23 09:00"') from None
    if moment.tzinfo is not None:
        raise ValueError(f"{text!r} has a zone: write the time on the house's own clock, without one")
    return text


def _step_name(text: str) -> str:
    if not re.fullmatch(STEP_NAME, text):
        raise ValueError(f'{text!r} is no step: write it like "confirm", "confirm.2" (an item) or "configure.undo"')
    return text


def _told_target(text: str) -> str:
    action, _, target = text.partition(" ")
    if action not in list(Action) or not target:
        raise ValueError(f'{text!r} is nothing that a target is told: write it like "add router"')
    return text


STEP_NAME = r"[a-z][a-z0-9_]*(?:\.\d+)?(?:\.undo)?"
StepName = Annotated[str, AfterValidator(_step_name)]
"""Of a step, of one item, or of what undoes one."""
ToldTarget = Annotated[Line, AfterValidator(_told_target)]
WallClock = Annotated[Line, AfterValidator(_wall_clock)]


class GivenCustomer(Section):
    """A customer of a test: its requester writes for him where he is among his `people` (addresses, patterns).

    `held` and `left` are amounts by pool: what he holds, and what his quotas leave him.
    """

    id: Line | None = None
    account_manager: Line = ""
    people: Several[Pattern] = ()
    held: dict[Name, int] = Field(default_factory=dict)
    left: dict[Name, int] = Field(default_factory=dict)
    attributes: dict[Name, Line | int | bool] = Field(default_factory=dict)


class Given(Section):
    """What is so before the test begins. `holds`: prefixes of the requester's; by default those that his form names.

    As a table, with what each carries. `customers` are all that there are, by name; by default those that the form
    names, who have no quotas. `fails`: targets that refuse, each with what it says.
    """

    at: WallClock | None = None
    full: Several[Name] = ()
    holds: dict[Line, dict[FieldName, Line]] | Several[Line] | None = None
    fails: dict[Name, Line] = Field(default_factory=dict)
    customers: dict[CustomerName, GivenCustomer] | None = None


class Expectation(Section):
    """What must have come of it; what is not named may be anything.

    `items` are those that a step with `each` was done for; `undone` are the steps that were, in that order. `targets`
    is what targets were told, in that order: "add router". Steps of one item ("confirm.2") and what undoes a step
    ("configure.undo") can be named where it says StepName.
    """

    state: Choice[State] | None = None
    steps: Several[FieldName] | None = None
    states: dict[StepName, Choice[StepState]] = Field(default_factory=dict)
    asked: dict[StepName, Several[Line]] = Field(default_factory=dict)
    answered_by: dict[StepName, Line] = Field(default_factory=dict)
    due: dict[StepName, WallClock] = Field(default_factory=dict)
    addresses: Several[Line] | None = None
    items: dict[FieldName, Several[Line]] = Field(default_factory=dict)
    undone: Several[FieldName] | None = None
    targets: Several[ToldTarget] | None = None
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
    customers: Mapping[str, GivenCustomer] | None = None
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
        customers=given.customers,
        answers={step: _answer(answer) for step, answer in table.answers.items()},
        play=tuple(map(line_of, table.play)) if "play" in table.model_fields_set else None,
        expect=Expectation.model_validate(table.expect),
    )


def _answer(answer: dict[str, Any] | str) -> Answer:
    return answer if isinstance(answer, str) else {name: _written(value) for name, value in answer.items()}


def _written(value: Any) -> str:
    match value:
        case date():
            return value.isoformat()
        case list() | tuple():
            return ", ".join(map(_written, value))
        case _:
            return written(value)


_MAIL = re.compile(rf"(?P<who>[^\s:]+@[^\s:]+)(?:\s+(?P<step>{STEP_NAME}))?\s*:\s*(?P<words>.*)", re.DOTALL)


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
