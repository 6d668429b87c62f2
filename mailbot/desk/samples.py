"""A letter of every kind about an invented request: what templates are checked with, and what one can look at."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from mailbot.desk.correspondence import Correspondent
from mailbot.mail.token import Token
from mailbot.process.definition import Field, FieldType, Process, StepKind, StepRule
from mailbot.process.directory import Department, Directory
from mailbot.process.duration import Duration
from mailbot.process.expression import Expression, Text
from mailbot.process.request import (
    Address,
    Kind,
    Notice,
    Question,
    Request,
    State,
    Step,
    StepState,
    Voice,
)

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
TOKEN = Token(text="k7mxq2vnh5ta.r3wcyd6bpzl4fs2e", id="k7mxq2vnh5ta")
BOB, ANA, LI, BILL = (f"{name}@example.net" for name in ("bob", "ana", "li", "bill"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What `Correspondent.write` is given."""

    notice: Notice
    request: Request | None = None
    process: Process | None = None
    directory: Directory


def samples() -> tuple[Sample, ...]:
    """Letters of every kind, those with several faces several times."""
    return (*_without_request(), *_to_requester(), *_to_asked(), *_endings())


def contexts(correspondent: Correspondent) -> dict[str, list[Mapping[str, Any]]]:
    """By kind, what the templates are given for the samples: the argument of `Templates.check`."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for sample in samples():
        view = correspondent.view(sample.request, sample.process, sample.directory)
        context = correspondent.context(sample.notice, view, sample.process, TOKEN)
        found.setdefault(sample.notice.kind, []).append(context)
    return found


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
    attachments=("lyon-floor-plan.pdf",),
)

_LATER = NOW + timedelta(hours=2)
_BILLED = replace(
    REQUEST.steps[1],
    state=StepState.DONE,
    answered_by=BILL,
    answered_at=_LATER,
    fields={"account": "A-77"},
    voices=(Voice(actor=BILL, seat=BILL, approves=True, at=_LATER, text="Account: A-77"),),
)
_APPROVED = replace(
    REQUEST.steps[0],
    state=StepState.DONE,
    answered_by=ANA,
    answered_at=_LATER,
    answer="approved",
    voices=(Voice(actor=ANA, seat=ANA, approves=True, at=_LATER, text="approved"),),
)
HALFWAY = replace(
    REQUEST,
    steps=(REQUEST.steps[0], _BILLED, *REQUEST.steps[2:]),
    questions=(
        Question(
            asker=LI,
            step="technical",
            text="Why not extend the /29 that you have in Paris?",
            at=_LATER,
            answer="It is another building, behind another router.",
        ),
        Question(asker=ANA, step="technical", text="Which day do the firewalls arrive?", at=_LATER),
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
_FORM_TYPES = [
    {"type": "attribution", "title": "New address space", "aliases": ["allocation", "new block"]},
    {"type": "liberation", "title": "Give address space back", "aliases": ["release"]},
    {"type": "update", "title": "Change what is on file", "aliases": []},
]


def _sample(
    kind: Kind,
    to: str,
    request: Request | None = None,
    *,
    step: str | None = None,
    process: Process | None = PROCESS,
    answers: bool = False,
    **facts: object,
) -> Sample:
    notice = Notice(kind=kind, to=to, step=step, facts=facts, answers=answers)
    return Sample(notice=notice, request=request, process=process, directory=DIRECTORY)


def _without_request() -> tuple[Sample, ...]:
    unclear = "“ok, but make it a /27” is more than an approval"
    return (
        _sample(Kind.FORMS, BOB, process=None, answers=True, types=_FORM_TYPES),
        _sample(Kind.FORM, BOB, answers=True, type="attribution", title="New address space"),
        _sample(
            Kind.CONFIRM,
            BOB,
            answers=True,
            process=None,
            subject="attribution",
            excerpt="Customer: Acme GmbH\nPrefix length: 28",
        ),
        _sample(Kind.HELP, ANA, answers=True, process=None),
        _sample(Kind.ANSWER, ANA, answers=True, process=None, text="10.20.0.16/28\nheld by Acme GmbH"),
        _sample(Kind.MISUNDERSTOOD, ANA, answers=True, process=None, wrote="do it", why=unclear),
        _sample(
            Kind.ALERT,
            "hostmaster@example.net",
            process=None,
            headline="A mail could not be read",
            text="It was moved to the folder Quarantine. Nothing else has stopped.",
            lines=["To see it: mailbot inbox show 17", "To try it again: mailbot inbox retry 17"],
        ),
    )


def _to_requester() -> tuple[Sample, ...]:
    reason = "The router arrives on Thursday."
    return (
        _sample(Kind.ACKNOWLEDGED, BOB, REQUEST, answers=True),
        _sample(Kind.ACKNOWLEDGED, BOB, replace(REQUEST, steps=REQUEST.steps[2:])),
        _sample(Kind.INCOMPLETE, BOB, PENDING, answers=True),
        _sample(Kind.DELAYED, BOB, REQUEST, step="technical", late=True),
        _sample(Kind.DELAYED, BOB, REQUEST, late=True),
        _sample(Kind.MISUNDERSTOOD, BOB, REQUEST, step="technical", answers=True, wrote="why?"),
        _sample(Kind.STATUS, ANA, REQUEST, news=f"{LI} was asked instead of you"),
        _sample(Kind.DELAYED, BOB, REQUEST, step="technical", by=ANA, reason=reason),
        _sample(Kind.QUESTION, BOB, REQUEST, step="technical", by=ANA, question="Which day do they arrive?"),
        _sample(Kind.COMMENT, BOB, REQUEST, by=ANA, text="I have looked at the floor plan.\nIt fits."),
        _sample(Kind.STATUS, BOB, HALFWAY, answers=True),
        _sample(Kind.STATUS, BOB, ALLOCATED, news="on hold: the building is not ready", by=ANA),
    )


def _to_asked() -> tuple[Sample, ...]:
    unclear = "it says more than “approve”, and nobody guesses at what you mean"
    return (
        _sample(Kind.ACTION, ANA, HALFWAY, step="technical", why="new"),
        _sample(Kind.ACTION, BILL, REQUEST, step="billing", why="new"),
        _sample(Kind.ACTION, ANA, ALLOCATED, step="cabling", why="new"),
        _sample(Kind.ACTION, ANA, REQUEST, step="technical", why="changed", changes=["Prefix length"]),
        _sample(
            Kind.ACTION,
            ANA,
            REQUEST,
            step="technical",
            why="answered",
            question="Why so many?",
            answer="Twelve cameras.",
            asker=ANA,
        ),
        _sample(Kind.ACTION, LI, REQUEST, step="technical", why="assigned", by=ANA),
        _sample(Kind.ACTION, ANA, REQUEST, step="technical", why="reopened"),
        _sample(Kind.REMINDER, ANA, REQUEST, step="technical", share="50%"),
        _sample(Kind.ESCALATION, LI, REQUEST, step="technical", level=1, waiting_for=[ANA, LI]),
        _sample(Kind.ESCALATION, "manager@example.net", HALFWAY, level=0, waiting_for=[ANA, LI]),
        _sample(
            Kind.INCOMPLETE,
            BILL,
            REQUEST,
            step="billing",
            answers=True,
            faults={"account": "is missing"},
            given={"account": ""},
        ),
        _sample(
            Kind.MISUNDERSTOOD,
            ANA,
            REQUEST,
            step="technical",
            answers=True,
            wrote="ok, but make it a /27",
            why=unclear,
        ),
        _sample(
            Kind.REFUSED,
            LI,
            REQUEST,
            step="billing",
            answers=True,
            why="Billing account was asked of others, not of you",
            assign=True,
        ),
        _sample(Kind.REFUSED, BOB, process=None, answers=True, why="there is no request IP-7 of yours"),
        _sample(Kind.SETTLED, LI, REQUEST, step="technical", by=ANA, outcome="approved", at=_LATER),
        _sample(Kind.SETTLED, LI, REQUEST, step="technical", outcome="the request was cancelled"),
        _sample(Kind.COMMENT, ANA, REQUEST, step="technical", by=BOB, text="The router is ordered."),
        _sample(Kind.STATUS, ANA, HALFWAY, step="technical", news="going on again", by=BOB),
        _sample(
            Kind.ALERT,
            "hostmaster@example.net",
            REQUEST,
            step="allocate",
            headline="Allocation is stuck",
            text="The pool customers-v4 has no /28 left.",
            lines=["To try it again: mailbot requests retry IP-42"],
        ),
    )


def _endings() -> tuple[Sample, ...]:
    patched = replace(ALLOCATED.steps[3], state=StepState.DONE, answered_by=LI, answered_at=_LATER)
    done = replace(ALLOCATED, state=State.COMPLETED, closed=_LATER, steps=(*ALLOCATED.steps[:3], patched))
    ended = replace(HALFWAY, state=State.REJECTED, closed=_LATER)
    unused = "The Lyon office has unused space already."
    return (
        _sample(Kind.COMPLETED, BOB, done),
        _sample(Kind.COMPLETED, BOB, replace(done, addresses=()), given_back=["10.20.0.16/28"]),
        _sample(Kind.COMPLETED, BOB, replace(done, addresses=())),
        _sample(Kind.REJECTED, BOB, ended, step="technical", by=ANA, reason=unused),
        _sample(Kind.CANCELLED, BOB, replace(ended, state=State.CANCELLED), by=BOB, reason="No need."),
        _sample(Kind.CANCELLED, BOB, replace(ended, state=State.CANCELLED)),
        _sample(Kind.FAILED, BOB, replace(ended, state=State.FAILED), reason="The router is out of order."),
    )
