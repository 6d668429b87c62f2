"""An invented request of an invented process, at several moments of its life."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from mailbot.mail.token import Token
from mailbot.process.definition import Field, FieldType, Process, StepKind, StepRule
from mailbot.process.directory import Department, Directory
from mailbot.process.duration import Duration
from mailbot.process.expression import Expression, Text
from mailbot.process.request import Address, Attachment, Question, Request, State, Step, StepState, Voice

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TOKEN = Token(text="k7mxq2vnh5ta.r3wcyd6bpzl4fs2e", id="k7mxq2vnh5ta")
BOB, ANA, LI, BILL = (f"{name}@example.net" for name in ("bob", "ana", "li", "bill"))

DIRECTORY = Directory(
    bot="ip-requests@example.net",
    admins=("hostmaster@example.net",),
    domains=("example.net",),
    departments={
        "noc": Department(name="noc", title="Network operations", members=(ANA, LI)),
        "billing": Department(name="billing", title="Billing", members=(BILL,)),
    },
)

PROCESS = Process(
    type="attribution",
    title="New address space",
    version="sha256:sample",
    who=("*@example.net",),
    aliases=("allocation", "new block"),
    lead_time=Duration.parse("3 working days"),
    fields=(
        Field(
            name="customer",
            label="Customer",
            type=FieldType.TEXT,
            required=True,
            help="Legal name, as on the contract",
        ),
        Field(
            name="size",
            label="Prefix length",
            type=FieldType.PREFIX_LENGTH,
            required=True,
            min=20,
            max=30,
        ),
        Field(
            name="site",
            label="Site",
            type=FieldType.CHOICE,
            choices=("Lyon", "Paris"),
        ),
        Field(
            name="justification",
            label="Justification",
            type=FieldType.LONG_TEXT,
            required=True,
            help="What the addresses are for, and why the ones there are do not do",
        ),
    ),
    steps=(
        StepRule(
            name="technical",
            kind=StepKind.APPROVAL,
            title="Technical review",
            asks=(Text("noc"),),
        ),
        StepRule(
            name="billing",
            kind=StepKind.FORM,
            title="Billing account",
            asks=(Text("billing"),),
            fields=(
                Field(
                    name="account",
                    label="Account",
                    type=FieldType.TEXT,
                    required=True,
                    help="The account that pays, like A-77",
                ),
            ),
        ),
        StepRule(
            name="allocate",
            kind=StepKind.ALLOCATE,
            title="Allocation",
            after=("technical", "billing"),
            pool=Text("customers-v4"),
            length=Expression("form.size"),
        ),
        StepRule(
            name="cabling",
            kind=StepKind.TASK,
            title="Patch the new link",
            after=("allocate",),
            asks=(Text("noc"),),
        ),
    ),
)
_JUSTIFICATION = (
    "Two firewalls and a router in the new Lyon office. The office opens on 14 December; the line is "
    "ordered with 16 addresses.\n\nThe present /29 in Paris stays in use until March."
)

PLAN = Attachment(
    name="lyon-floor-plan.pdf", size=182_514, type="application/pdf", digest=sha256(b"plan").hexdigest(), by=BOB
)

REQUEST = Request(
    reference="IP-42",
    type="attribution",
    rules="sha256:sample",
    state=State.IN_PROGRESS,
    requester=BOB,
    channel="mail",
    created=NOW,
    summary="Acme GmbH: /28",
    due=NOW + timedelta(days=3, hours=8),
    form={
        "customer": "Acme GmbH",
        "size": 28,
        "site": "Lyon",
        "justification": _JUSTIFICATION,
    },
    steps=(
        Step(
            name="technical",
            state=StepState.OPEN,
            asked=(ANA, LI),
            departments=("noc",),
            opened=NOW,
            due=NOW + timedelta(hours=8),
        ),
        Step(
            name="billing",
            state=StepState.OPEN,
            asked=(BILL,),
            departments=("billing",),
            opened=NOW,
            due=NOW + timedelta(days=1, hours=8),
        ),
        Step(name="allocate"),
        Step(name="cabling"),
    ),
    attachments=(PLAN,),
)

LATER = NOW + timedelta(hours=2)
_BILLED = replace(
    REQUEST.steps[1],
    state=StepState.DONE,
    answered_by=BILL,
    answered_at=LATER,
    fields={"account": "A-77"},
    voices=(Voice(actor=BILL, seat=BILL, approves=True, at=LATER, text="Account: A-77"),),
)
_APPROVED = replace(
    REQUEST.steps[0],
    state=StepState.DONE,
    answered_by=ANA,
    answered_at=LATER,
    answer="approved",
    voices=(Voice(actor=ANA, seat=ANA, approves=True, at=LATER, text="approved"),),
)
HALFWAY = replace(
    REQUEST,
    steps=(REQUEST.steps[0], _BILLED, *REQUEST.steps[2:]),
    questions=(
        Question(
            asker=LI,
            step="technical",
            text="Why not extend the /29 that you have in Paris?",
            at=LATER,
            answer="It is another building, behind another router.",
        ),
        Question(asker=ANA, step="technical", text="Which day do the firewalls arrive?", at=LATER),
    ),
)
ALLOCATED = replace(
    REQUEST,
    steps=(
        _APPROVED,
        _BILLED,
        replace(REQUEST.steps[2], state=StepState.DONE, prefix="10.20.0.16/28"),
        replace(
            REQUEST.steps[3],
            state=StepState.OPEN,
            asked=(ANA, LI),
            departments=("noc",),
            due=NOW + timedelta(days=2, hours=8),
        ),
    ),
    addresses=(Address(prefix="10.20.0.16/28", pool="customers-v4", state="allocated"),),
)
UNFIT = replace(
    REQUEST,
    faults={"size": "customers-v4 has no /28: the largest that it can ever give out is a /29"},
    steps=(_APPROVED, _BILLED, replace(REQUEST.steps[2], state=StepState.OPEN, trouble="too large"), REQUEST.steps[3]),
)
PENDING = replace(
    REQUEST,
    state=State.PENDING,
    summary="",
    due=None,
    form={"customer": "Acme GmbH"},
    given={"customer": "Acme GmbH", "size": "8"},
    faults={"size": "must be from 20 to 30, not 8", "justification": "is missing"},
    steps=tuple(Step(name=step.name) for step in REQUEST.steps),
    attachments=(),
)
