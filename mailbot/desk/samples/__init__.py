"""A letter of every kind about an invented request: what templates are checked with, and what one can look at."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from mailbot.desk.correspondence import Correspondent
from mailbot.desk.samples import lists
from mailbot.desk.samples.found import FOUND, REASONS
from mailbot.desk.samples.request import (
    ALLOCATED,
    ANA,
    BILL,
    BOB,
    DIRECTORY,
    HALFWAY,
    LATER,
    LI,
    NOW,
    PENDING,
    PROCESS,
    REQUEST,
    TOKEN,
    UNFIT,
)
from mailbot.desk.samples.week import QUIET_WEEK, WEEK
from mailbot.process.definition import Process, StepKind
from mailbot.process.directory import Directory
from mailbot.process.request import REVIEW, Kind, Notice, Request, State, StepState

__all__ = [
    "ALLOCATED",
    "ANA",
    "BILL",
    "BOB",
    "DIRECTORY",
    "HALFWAY",
    "LI",
    "NOW",
    "PENDING",
    "PROCESS",
    "REQUEST",
    "TOKEN",
    "Sample",
    "contexts",
    "samples",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What `Correspondent.write` is given."""

    notice: Notice
    request: Request | None = None
    process: Process | None = None
    directory: Directory


def samples() -> tuple[Sample, ...]:
    """Letters of every kind, those with several faces several times."""
    return (*_without_request(), *_to_requester(), *_to_asked(), *_lists(), *_found(), *_endings(), *_digests())


def contexts(correspondent: Correspondent) -> dict[str, list[Mapping[str, Any]]]:
    """By kind (or template), what the templates are given for the samples: the argument of `Templates.check`."""
    found: dict[str, list[Mapping[str, Any]]] = {}
    for sample in samples():
        view = correspondent.view(sample.request, sample.process, sample.directory)
        context = correspondent.context(sample.notice, view, sample.process, TOKEN)
        found.setdefault(sample.notice.template or sample.notice.kind, []).append(context)
    return found


_FORM_TYPES = [
    {"type": "attribution", "title": "New address space", "aliases": ["allocation", "new block"]},
    {"type": "liberation", "title": "Give address space back", "aliases": ["release"]},
    {"type": "update", "title": "Change what is on file", "aliases": []},
]
_AWAY = "You are away until the end of 2026-12-04"
_AWAY_TOO = f"What you would be asked is asked of {LI}."
_OPENED = ["IP-42: Acme GmbH: /28, in progress", "IP-43: Beta SARL: /27, in progress"]
_CAME_TO = "No. 1, IP-42 (Acme GmbH: /28): approved\nNo. 2, IP-43 (Beta SARL: /27): settled before: approved"


def _sample(
    kind: Kind,
    to: str,
    request: Request | None = None,
    *,
    step: str | None = None,
    process: Process | None = PROCESS,
    answers: bool = False,
    template: str | None = None,
    **facts: object,
) -> Sample:
    notice = Notice(kind=kind, to=to, step=step, facts=facts, answers=answers, template=template)
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
        _sample(Kind.ANSWER, ANA, process=None, template="login", page="https://ip.example.net/login/Zm9v"),
        _sample(Kind.ANSWER, ANA, answers=True, process=None, template="absence", headline=_AWAY, lines=[_AWAY_TOO]),
        _sample(Kind.ANSWER, ANA, answers=True, process=None, template="answers", text=_CAME_TO, list=lists.SHORT),
        _sample(Kind.MISUNDERSTOOD, ANA, answers=True, process=None, wrote="do it", why=unclear),
        _sample(Kind.ANSWER, BOB, answers=True, template="lines", headline="2 requests were opened", lines=_OPENED),
        _sample(
            Kind.MISUNDERSTOOD,
            BOB,
            answers=True,
            template="lines",
            headline="Nothing was opened: something is not right",
            lines=["lines.xlsx, sheet Sites, row 4, Prefix length: '33' is above 30: write a number from 20 to 30"],
            faulty=True,
        ),
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
        _sample(Kind.INCOMPLETE, BOB, PENDING, reminds=True, ends=LATER),
        _sample(Kind.INCOMPLETE, BOB, UNFIT, unfit=True),
        _sample(Kind.STATUS, BOB, UNFIT, answers=True),
        _sample(Kind.DELAYED, BOB, REQUEST, step="technical", late=True),
        _sample(Kind.DELAYED, BOB, REQUEST, late=True),
        _sample(Kind.MISUNDERSTOOD, BOB, REQUEST, step="technical", answers=True, wrote="why?"),
        _sample(
            Kind.MISUNDERSTOOD,
            BOB,
            REQUEST,
            answers=True,
            template="lines",
            headline="Nothing has changed: 2 things are not right",
            lines=["lines.csv, row 2, Prefix length: 33 is above 30", "lines.csv, row 3, Customer: is missing"],
            faulty=True,
        ),
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
        _sample(Kind.ACTION, ANA, replace(REQUEST, channel=REVIEW), step="technical", why="new"),
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
        _sample(Kind.ACTION, ANA, lists.ITEMS, step="retire.1", process=lists.removal(StepKind.APPROVAL), why="new"),
        _sample(Kind.REMINDER, BILL, lists.AWAY, step="technical", share="50%"),
        _sample(Kind.REMINDER, ANA, REQUEST, step="technical", share="50%"),
        _sample(Kind.ESCALATION, LI, REQUEST, step="technical", level=1, waiting_for=[ANA, LI]),
        _sample(Kind.ESCALATION, LI, REQUEST, step="technical", level=0, waiting_for=[ANA], unreached=ANA),
        _sample(Kind.ESCALATION, "manager@example.net", HALFWAY, level=0, waiting_for=[ANA, LI]),
        _sample(
            Kind.JEOPARDY,
            "manager@example.net",
            REQUEST,
            why="Network operations usually needs 9 working hours; 4 are left",
            at=NOW + timedelta(days=4),
            waiting_for=[ANA, LI],
        ),
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
        _sample(Kind.SETTLED, LI, REQUEST, step="technical", by=ANA, outcome="approved", at=LATER),
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
        _sample(
            Kind.EVENT,
            "tickets@example.net",
            process=None,
            subject="alert.opened IP-42/configure/router: add on router has failed: the line is down",
            headline="alert.opened",
            lines=["type: alert.opened", "severity: error", "alert.cause: IP-42/configure/router"],
        ),
    )


def _lists() -> tuple[Sample, ...]:
    listed, rows = lists.of_several_requests()
    several = _sample(Kind.ACTIONS, ANA, process=None, list=listed, items=rows, more=3)
    found = [several]
    for kind, why in ((StepKind.APPROVAL, "new"), (StepKind.TASK, "changed")):
        items, shown = lists.of_one_request(kind)
        process = lists.removal(kind)
        found.append(
            _sample(Kind.ACTIONS, ANA, lists.ITEMS, step="retire", process=process, list=items, items=shown, why=why)
        )
    return tuple(found)


def _found() -> tuple[Sample, ...]:
    queries = (_sample(Kind.ANSWER, BOB, process=None, answers=True, template="query", found=found) for found in FOUND)
    return (*queries, _sample(Kind.ANSWER, BOB, HALFWAY, answers=True, template="why", reasons=REASONS))


def _endings() -> tuple[Sample, ...]:
    patched = replace(ALLOCATED.steps[3], state=StepState.DONE, answered_by=LI, answered_at=LATER)
    done = replace(ALLOCATED, state=State.COMPLETED, closed=LATER, steps=(*ALLOCATED.steps[:3], patched))
    ended = replace(HALFWAY, state=State.REJECTED, closed=LATER)
    over = replace(done, addresses=tuple(replace(a, state="quarantined") for a in done.addresses))
    unused = "The Lyon office has unused space already."
    return (
        _sample(Kind.COMPLETED, BOB, done),
        _sample(Kind.COMPLETED, BOB, replace(done, addresses=()), given_back=["10.20.0.16/28"]),
        _sample(Kind.COMPLETED, BOB, replace(done, addresses=())),
        _sample(Kind.REJECTED, BOB, ended, step="technical", by=ANA, reason=unused),
        _sample(Kind.CANCELLED, BOB, replace(ended, state=State.CANCELLED), by=BOB, reason="No need."),
        _sample(Kind.CANCELLED, BOB, replace(ended, state=State.CANCELLED)),
        _sample(Kind.EXPIRED, BOB, replace(ended, state=State.CANCELLED), reason="The reservation has lapsed."),
        _sample(Kind.ENDED, BOB, over, step="allocate", began=LATER),
        _sample(Kind.ENDED, ANA, over, step="allocate"),
        _sample(Kind.REMINDER, BOB, ALLOCATED, step="allocate", ends=LATER),
        _sample(Kind.FAILED, BOB, replace(ended, state=State.FAILED), reason="The router is out of order."),
    )


def _digests() -> tuple[Sample, ...]:
    to = "manager@example.net"
    return tuple(_sample(Kind.DIGEST, to, process=None, overview=week) for week in (WEEK, QUIET_WEEK))
