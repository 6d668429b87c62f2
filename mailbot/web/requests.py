"""Pages about requests: mine, one of them, and its steps."""

from collections.abc import Mapping, Sequence

from fastapi import APIRouter
from fastapi.responses import Response

from mailbot.desk.enclosed import FaultyLines, File, Table
from mailbot.process.chart import svg
from mailbot.process.definition import StepKind, Value
from mailbot.process.request import Deed, Request, State
from mailbot.store import Connection, Transaction, pages, records, unreachable
from mailbot.web import deeds
from mailbot.web.forms import given_in, widgets
from mailbot.web.opening import offered
from mailbot.web.picture import picture, saved
from mailbot.web.reading import Reading, process_of, read_request, rows_of
from mailbot.web.visit import PostedFiles, Unknown, Visit, Visited
from mailbot.words import phrase_of, say

MOST = 100
"""Lines of a list."""

STEP_DEEDS = ("approve", "done", "fill", "reject", "ask", "delay", "assign", "retry", "skip", "fail")

router = APIRouter()


# -- lists ---------------------------------------------------------------------------------------------------------


@router.get("/")
def mine(visit: Visited) -> Response:
    """What waits for this person, and his own requests."""
    seats = {name for name in visit.viewer.names if "@" in name}
    with visit.reading() as conn:
        waiting = [
            (reading, step)
            for found in pages.waiting(conn, seats, visit.viewer.sight, MOST)
            if (reading := _reading(visit, conn, found.request)).may_answer(step := found.request.step(found.step))
        ]
        own = records.requests(conn, visit.viewer.person, visit.viewer.sight, MOST)
        rows = rows_of(visit)
        requests = [rows.request(one, process_of(visit, conn, one).title) for one in own.rows]
    return visit.page("mine.html", waiting=waiting, requests=requests, more=own.more, offered=offered(visit))


def _reading(visit: Visit, conn: Connection, request: Request) -> Reading:
    return Reading(visit=visit, request=request, process=process_of(visit, conn, request))


# -- one request ---------------------------------------------------------------------------------------------------


@router.get("/requests/{reference}")
def show(visit: Visited, reference: str) -> Response:
    return _page(visit, reference)


def _page(visit: Visit, reference: str, *, fault: str = "", status: int = 200) -> Response:
    with visit.reading() as conn:
        reading = read_request(visit, conn, reference)
        whole, files, unreached = reading.whole(conn), reading.files(conn), reading.unreached(unreachable.all_(conn))
    question = next(
        (q for q in reversed(reading.request.questions) if q.answer is None and _is_for(visit, reading, q.asker)), None
    )
    return visit.page(
        "request.html",
        status=status,
        reading=reading,
        request=reading.request,
        process=reading.process,
        whole=whole,
        files=files,
        unreached=unreached,
        answerable=list(reading.answerable()),
        question=question,
        fault=fault,
        most=visit.most_files,
    )


def _is_for(visit: Visit, reading: Reading, asker: str) -> bool:
    """Whether a question of this person waits for who looks at the page."""
    return reading.is_mine and asker not in visit.viewer.selves


@router.get("/requests/{reference}/process.svg")
def drawn(visit: Visited, reference: str) -> Response:
    with visit.reading() as conn:
        reading = read_request(visit, conn, reference)
    standing = {step.name: step.state.value for step in reading.request.steps}
    return picture(svg(reading.process, standing))


@router.get("/requests/{reference}/attachments/{number}")
def attached(visit: Visited, reference: str, number: int) -> Response:
    """A file, to be saved: never shown by the browser, whatever it is, since it was made by somebody else."""
    with visit.reading() as conn:
        found = next((one for one in read_request(visit, conn, reference).files(conn) if one.id == number), None)
    content = visit.parts.files.read(found.digest) if found else None
    if found is None or content is None:
        raise Unknown
    return saved(content, found.name)


@router.get("/requests/{reference}/mail")
def mail(visit: Visited, reference: str) -> Response:
    """The thread: this person's part of it."""
    with visit.reading() as conn:
        reading = read_request(visit, conn, reference)
        found = reading.mail(conn)
    return visit.page("thread.html", request=reading.request, mail=found)


@router.get("/requests/{reference}/form")
def form(visit: Visited, reference: str) -> Response:
    """The requester's form, to be changed."""
    with visit.reading() as conn:
        reading = read_request(visit, conn, reference)
    if not reading.is_mine or reading.request.is_closed:
        raise Unknown
    request = reading.request
    return _amend_page(reading, request, request.form, request.given, request.faults)


def _amend_page(
    reading: Reading,
    request: Request,
    values: Mapping[str, Value],
    given: Mapping[str, str],
    faults: Mapping[str, str],
    *,
    status: int = 200,
    **told: object,
) -> Response:
    """`told`: `fault` in words, `cells` of a table that are wrong, `again` where files must be chosen once more."""
    visit, fields = reading.visit, widgets(reading.process.fields, values, given, faults)
    told = {"fault": "", "cells": (), "again": False, "most": visit.most_files, **told}
    return visit.page("amend.html", status=status, request=request, process=reading.process, fields=fields, **told)


@router.post("/requests/{reference}/{word}")
def do(visit: Visited, sent: PostedFiles, reference: str, word: str) -> Response:
    """Something about the request as a whole."""
    with visit.reading() as conn:
        reading = read_request(visit, conn, reference)
    given = given_in(sent.text, reading.process.fields)
    try:
        deed = deeds.about_request(word, sent.text, reading.process, with_files=bool(sent.files))
        table = deeds.table_in(reading, deed, sent.files)
        outcome = visit.parts.committed(lambda tx: _do(tx, reading, deed, table, sent.files))
    except deeds.Missing as missing:
        return _page(visit, reference, fault=phrase_of(missing), status=422)
    except FaultyLines as faulty:
        return _amend_page(reading, reading.request, {}, given, {}, status=422, cells=deeds.told_of(faulty))
    incomplete = word == "amend" and outcome.request.state is State.PENDING
    faults = outcome.faults or (outcome.request.faults if incomplete else {})
    if faults:
        words, again = say("pages.it_is_not_complete"), bool(sent.files)
        return _amend_page(reading, outcome.request, {}, given, faults, status=422, fault=words, again=again)
    if outcome.refusal:
        return _page(visit, reference, fault=outcome.refusal, status=409)
    return visit.onward(f"/requests/{reference}", word)


def _do(tx: Transaction, reading: Reading, deed: Deed, table: Table | None, files: Sequence[File]) -> deeds.Outcome:
    """Raises FaultyLines, and nothing is done."""
    filled = deeds.with_table(tx, reading, deed, table)
    return deeds.do(tx, reading.visit, reading.request.reference, filled, files=files)


# -- a step --------------------------------------------------------------------------------------------------------


@router.get("/requests/{reference}/steps/{name}")
def step(visit: Visited, reference: str, name: str) -> Response:
    """The page that asks: it shows what is decided about."""
    return _step_page(visit, reference, name)


def _step_page(
    visit: Visit,
    reference: str,
    name: str,
    *,
    text: Mapping[str, str] | None = None,
    faults: Mapping[str, str] | None = None,
    fault: str = "",
    cells: Sequence[str] = (),
    status: int = 200,
) -> Response:
    with visit.reading() as conn:
        reading = read_request(visit, conn, reference)
        files = reading.files(conn)
    of_it = next((s for s in reading.request.steps if s.name == name), None)
    if of_it is None:
        raise Unknown
    if not (reading.may_answer(of_it) or reading.may_unstick(of_it)):
        return visit.onward(f"/requests/{reference}") if not fault else _page(visit, reference, fault=fault, status=409)
    rule = reading.process.step(name)
    changeable = [field for field in reading.process.fields if field.name in rule.may_change]
    given = given_in(text, (*rule.fields, *changeable)) if text else None
    return visit.page(
        "step.html",
        status=status,
        reading=reading,
        request=reading.request,
        process=reading.process,
        step=of_it,
        rule=rule,
        row=next(row for row in reading.view.steps if row.name == name),
        rows=reading.form_for(of_it),
        files=files,
        others=reading.answers_of_others(of_it),
        fields=widgets(rule.fields, of_it.fields, given, faults),
        changeable=widgets(changeable, reading.request.form, given, faults),
        wrote=text.get("text", "") if text else "",
        like=reading.like(of_it) if rule.kind is not StepKind.FORM else [],
        ticked=text or {},
        answers=reading.may_answer(of_it),
        unsticks=reading.may_unstick(of_it),
        fault=fault,
        cells=cells,
        most=visit.most_files,
    )


@router.post("/requests/{reference}/steps/{name}/{word}")
def decide(visit: Visited, sent: PostedFiles, reference: str, name: str, word: str) -> Response:
    """The answer: against the content that the page showed, so that a page that is out of date decides nothing."""
    with visit.reading() as conn:
        reading = read_request(visit, conn, reference)
    if word not in STEP_DEEDS or all(s.name != name for s in reading.request.steps):
        raise Unknown
    text, rule = sent.text, reading.process.step(name)
    shown = {name: text.get("content", ""), **_also(reading, name, text)}
    try:
        deed = deeds.about_step(word, text, reading.process, rule)
        table = deeds.table_in(reading, deed, sent.files, rule)
        outcome = visit.parts.committed(lambda tx: _each(tx, reading, deed, shown, table, sent.files))
    except deeds.Missing as missing:
        return _step_page(visit, reference, name, text=text, fault=phrase_of(missing), status=422)
    except FaultyLines as faulty:
        return _step_page(visit, reference, name, text=text, cells=deeds.told_of(faulty), status=422)
    if outcome.refusal:
        status = 422 if outcome.faults else 409
        return _step_page(
            visit, reference, name, text=text, faults=outcome.faults, fault=outcome.refusal, status=status
        )
    return visit.onward(f"/requests/{reference}", word)


def _also(reading: Reading, name: str, text: Mapping[str, str]) -> dict[str, str]:
    """Other items of the same step for which the answer is given too, each with its content as it was shown."""
    like = reading.like(reading.request.step(name))
    return {one.name: text[ticked] for one in like if (ticked := f"also.{one.name}") in text}


def _each(
    tx: Transaction,
    reading: Reading,
    deed: Deed,
    shown: Mapping[str, str],
    table: Table | None,
    files: Sequence[File],
) -> deeds.Outcome:
    """What came of it for all of these steps, or for the first for which nothing was done: there it ends.

    Raises FaultyLines, and nothing is done.
    """
    first, reference = next(iter(shown)), reading.request.reference
    filled = deeds.with_table(tx, reading, deed, table, reading.process.step(first))
    for step, content in shown.items():
        outcome = deeds.do(tx, reading.visit, reference, filled, step=step, content=content, files=files)
        if outcome.refusal:
            break
    return outcome
