"""What expressions know: every name that is declared has a value once its step is done, and no other has one."""

from datetime import UTC, date, datetime

import pytest

from mailbot.process.definition import Field, FieldType, Process, StepKind, StepRule
from mailbot.process.directory import Department, Directory
from mailbot.process.duration import Duration
from mailbot.process.expression import EvaluationFailed, Expression, Kind, Text
from mailbot.process.request import Request, State, Step, StepState
from mailbot.process.scope import names_of, names_of_step, scope_of

SITE = Field(
    name="site", label="Site", type=FieldType.CHOICE, required=True, choices=("lyon", "paris"),
    rows={"lyon": {"v4": "lyon-v4", "large": 24}, "paris": {"v4": "paris-v4", "large": 25}},
)  # fmt: skip
FIELDS = (
    SITE,
    Field(name="length", label="Length", type=FieldType.PREFIX_LENGTH, required=True),
    Field(name="start", label="Start", type=FieldType.DATE, required=True),
    Field(name="urgent", label="Urgent", type=FieldType.YES_NO, default=False),
    Field(name="note", label="Note", type=FieldType.TEXT),
)
BILLING = StepRule(
    name="billing", kind=StepKind.FORM, title="Billing", asks=(Text("billing"),),
    fields=(Field(name="account", label="Account", type=FieldType.TEXT, required=True),),
)  # fmt: skip
ALLOCATE = StepRule(name="allocate", kind=StepKind.ALLOCATE, title="Allocate", when=Expression("form.urgent"))
PROCESS = Process(
    type="attribution", title="New", version="sha256:0", who=("*@example.net",), fields=FIELDS,
    steps=(BILLING, ALLOCATE), lead_time=Duration.parse("3 working days"),
)  # fmt: skip
DIRECTORY = Directory(
    bot="bot@example.net", admins=(), domains=("example.net",),
    departments={"sales": Department(name="sales", title="Sales", members=("bob@example.net",))},
)  # fmt: skip
REQUEST = Request(
    reference="IP-1", type="attribution", rules="sha256:0", state=State.IN_PROGRESS, requester="bob@example.net",
    channel="mail", created=datetime(2026, 11, 23, tzinfo=UTC),
    form={"site": "paris", "length": 28, "start": "2026-12-01"},
    steps=(
        Step(name="billing", state=StepState.DONE, answered_by="bill@example.net", fields={"account": "A-77"}),
        Step(name="allocate", state=StepState.DONE, prefix="10.20.0.0/28", answered_by="bot@example.net"),
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("form.site", "paris"),
        ("form.site.v4", "paris-v4"),
        ("form.length < form.site.large", False),
        ("form.urgent", False),
        ('form.start == d"2026-12-01"', True),
        ("steps.billing.account", "A-77"),
        ("steps.billing.by", "bill@example.net"),
        ("steps.billing.done and steps.allocate.done", True),
        ("steps.allocate.prefix", "10.20.0.0/28"),
        ("requester.domain", "example.net"),
        ('"sales" in requester.groups', True),
        ("request.reference", "IP-1"),
    ],
)
def test_trap_48_a_name_has_the_value_of_what_it_names(source: str, value: object) -> None:
    assert Expression(source).evaluate(scope_of(PROCESS, REQUEST, DIRECTORY)) == value


def test_what_is_declared_has_a_value_of_its_kind_and_nothing_else_has_one() -> None:
    declared = names_of(FIELDS, ["sales"]) | names_of_step(BILLING) | names_of_step(ALLOCATE)
    scope = scope_of(PROCESS, REQUEST, DIRECTORY)
    usable = {name for name, known in declared.items() if known.refused is None}
    assert usable == scope.keys() - {"steps.allocate.by"}
    kinds = {
        Kind.BOOLEAN: bool, Kind.NUMBER: int, Kind.TEXT: str, Kind.PREFIX: str, Kind.DATE: date, Kind.LIST: tuple
    }  # fmt: skip
    for name in usable:
        kind = declared[name].kind
        assert kind is not None
        if declared[name].takes is not None:
            assert callable(scope[name])
            continue
        assert type(scope[name]) is kinds[kind], name


@pytest.mark.parametrize("state", [state for state in StepState if state is not StepState.DONE])
def test_a_step_that_is_not_done_has_no_value_and_using_one_is_never_false(state: StepState) -> None:
    steps = (Step(name="billing", state=state, fields={"account": "A-77"}), REQUEST.steps[1])
    request = Request(**{**{key: getattr(REQUEST, key) for key in Request.__slots__}, "steps": steps})
    scope = scope_of(PROCESS, request, DIRECTORY)
    assert Expression("steps.billing.done").holds(scope) is False
    with pytest.raises(EvaluationFailed, match=r"steps\.billing\.account has no value"):
        Expression('steps.billing.account == "A-77"').holds(scope)


def test_an_optional_field_without_a_default_may_not_be_used() -> None:
    refused = names_of(FIELDS)["form.note"].refused
    assert refused == "is optional and has no default: make it required, or give it a default"


def test_only_a_step_that_can_be_skipped_must_be_asked_for_first() -> None:
    assert names_of_step(ALLOCATE)["steps.allocate.prefix"].guard == "steps.allocate.done"
    assert names_of_step(BILLING)["steps.billing.account"].guard is None
