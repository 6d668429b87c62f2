"""Lists of things to do: of several requests, and of several items of one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from mailbot.desk.context import View
from mailbot.desk.listing import ItemRow, row_of
from mailbot.desk.lists import Item, item_of
from mailbot.desk.samples.request import ALLOCATED, ANA, BILL, DIRECTORY, HALFWAY, LI, NOW, PROCESS, REQUEST
from mailbot.process.definition import Process, StepKind, StepRule
from mailbot.process.expression import Text
from mailbot.process.request import Request, StandIn, Step, StepState

_OLDER = replace(HALFWAY, reference="IP-38", summary="Beta SARL: /27", requester="carol@example.net")
_CONSENT = StepRule(name="retire", kind=StepKind.APPROVAL, title="Consent to the removal", asks=(Text("noc"),))
_REMOVAL = replace(PROCESS, type="removal", title="Addresses of a building are given up", steps=(_CONSENT,))
_ASKED = Step(
    name="retire.0",
    state=StepState.OPEN,
    asked=(ANA,),
    departments=("noc",),
    due=NOW + timedelta(hours=8),
    content="sample",
)
ITEMS = replace(
    REQUEST,
    type="removal",
    summary="Three addresses of the Lyon office",
    steps=(
        Step(name="retire", state=StepState.OPEN),
        *(replace(_ASKED, name=f"retire.{n}", item=f"10.20.0.{16 + n}/32") for n in (1, 2, 3)),
    ),
)

AWAY = replace(
    REQUEST,
    steps=(
        replace(REQUEST.steps[0], asked=(BILL, LI), stand_ins=(StandIn(absent=ANA, deputy=BILL),)),
        *REQUEST.steps[1:],
    ),
)
SHORT = (item_of(REQUEST, "technical"), item_of(REQUEST, "billing"))

Found = tuple[tuple[Item, ...], tuple[ItemRow, ...]]
"""What the numbers stand for, and what is shown of them."""


def of_several_requests() -> Found:
    """Late ones first, one of them a task."""
    asked = ((_OLDER, "technical", "new"), (REQUEST, "technical", "changed"), (ALLOCATED, "cabling", "new"))
    now = NOW + timedelta(days=1)
    rows = (_row(request, PROCESS, step, n, why, now) for n, (request, step, why) in enumerate(asked, 1))
    return tuple(item_of(request, step) for request, step, _ in asked), tuple(rows)


def of_one_request(kind: StepKind) -> Found:
    steps = [step.name for step in ITEMS.steps if step.item]
    process = removal(kind)
    rows = (_row(ITEMS, process, step, n, "new", NOW) for n, step in enumerate(steps, 1))
    return tuple(item_of(ITEMS, step) for step in steps), tuple(rows)


def removal(kind: StepKind) -> Process:
    """Asks once an item."""
    return replace(_REMOVAL, steps=(replace(_CONSENT, kind=kind),))


def _row(request: Request, process: Process, step: str, number: int, why: str, now: datetime) -> ItemRow:
    view = View(request=request, process=process, directory=DIRECTORY, pools={}, zone=UTC)
    return row_of(view, step, reader=ANA, number=number, why=why, now=now)
