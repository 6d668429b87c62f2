"""Pages about requests: mine, one of them, its steps, and a new one."""

import secrets
from collections.abc import Mapping
from datetime import timedelta

from fastapi import APIRouter
from fastapi.responses import Response

from mailbot.process.chart import svg
from mailbot.process.definition import Process, StepKind
from mailbot.process.request import Deed, Request, State, Submitted
from mailbot.store import Connection, Transaction, pages, records
from mailbot.web import deeds
from mailbot.web.forms import given_in, widgets
from mailbot.web.once import Once
from mailbot.web.picture import picture, saved
from mailbot.web.reading import Reading, process_of, read_request, rows_of
from mailbot.web.visit import Posted, Unknown, Visit, Visited
from mailbot.words import phrase_of, say

CHANNEL = "web"
MOST = 100
"""Lines of a list."""

STEP_DEEDS = ("approve", "done", "fill", "reject", "ask", "delay", "assign", "retry", "skip", "fail")

opened = Once("opened", timedelta(days=1))
"""Forms that were sent off: sent off twice, they open one request."""

router = APIRouter()


class _Faulty(Exception):
    """The form of a new request has faults: nothing is opened."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = faults


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
    return visit.page("mine.html", waiting=waiting, requests=requests, more=own.more, offered=_offered(visit))


def _reading(visit: Visit, conn: Connection, request: Request) -> Reading:
    return Reading(visit=visit, request=request, process=process_of(visit, conn, request))


# -- one request ---------------------------------------------------------------------------------------------------


@router.get("/requests/{reference}")
def show(visit: Visited, reference: str) -> Response:
    return _page(visit, reference)


def _page(visit: Visit, reference: str, *, fault: str = "", status: int = 200) -> Response:
    with visit.reading() as conn:
        reading = read_request(visit, conn, reference)
        whole, files, unreached = reading.whole(conn), reading.files(conn), reading.unreached(conn)
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
    fields = widgets(reading.process.fields, request.form, request.given, request.faults)
    return visit.page("amend.html", request=request, process=reading.process, fields=fields, fault="")


@router.post("/requests/{reference}/{word}")
def do(visit: Visited, text: Posted, reference: str, word: str) -> Response:
    """Something about the request as a whole."""
    with visit.reading() as conn:
        reading = read_request(visit, conn, reference)
    try:
        deed = deeds.about_request(word, text, reading.process)
    except deeds.Missing as missing:
        return _page(visit, reference, fault=phrase_of(missing), status=422)
    outcome = visit.parts.committed(lambda tx: deeds.do(tx, visit, reference, deed))
    faults = outcome.faults or (outcome.request.faults if word == "amend" else {})
    if faults:
        given = given_in(text, reading.process.fields)
        fields = widgets(reading.process.fields, {}, given, faults)
        words = say("pages.it_is_not_complete")
        return visit.page(
            "amend.html", status=422, request=outcome.request, process=reading.process, fields=fields, fault=words
        )
    if outcome.refusal:
        return _page(visit, reference, fault=outcome.refusal, status=409)
    return visit.onward(f"/requests/{reference}", word)


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
    )


@router.post("/requests/{reference}/steps/{name}/{word}")
def decide(visit: Visited, text: Posted, reference: str, name: str, word: str) -> Response:
    """The answer: against the content that the page showed, so that a page that is out of date decides nothing."""
    with visit.reading() as conn:
        reading = read_request(visit, conn, reference)
    if word not in STEP_DEEDS or all(s.name != name for s in reading.request.steps):
        raise Unknown
    try:
        deed = deeds.about_step(word, text, reading.process, reading.process.step(name))
    except deeds.Missing as missing:
        return _step_page(visit, reference, name, text=text, fault=phrase_of(missing), status=422)
    shown = {name: text.get("content", ""), **_also(reading, name, text)}
    outcome = visit.parts.committed(lambda tx: _each(tx, visit, reference, deed, shown))
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


def _each(tx: Transaction, visit: Visit, reference: str, deed: Deed, shown: Mapping[str, str]) -> deeds.Outcome:
    """What came of it for all of these steps, or for the first for which nothing was done: there it ends."""
    for step, content in shown.items():
        outcome = deeds.do(tx, visit, reference, deed, step=step, content=content)
        if outcome.refusal:
            break
    return outcome


# -- a new one -----------------------------------------------------------------------------------------------------


@router.get("/new")
def offer(visit: Visited) -> Response:
    """What this person may ask for."""
    return visit.page("offer.html", offered=_offered(visit))


@router.get("/new/{type_}")
def begin(visit: Visited, type_: str) -> Response:
    process = _asked_for(visit, type_)
    known = visit.viewer.directory.known_of(visit.viewer.person, process.fields)
    return _blank(visit, process, once=secrets.token_urlsafe(16), given=known)


def _blank(visit: Visit, process: Process, *, once: str, status: int = 200, **filled: Mapping[str, str]) -> Response:
    fields = widgets(process.fields, {}, filled.get("given"), filled.get("faults"))
    return visit.page("new.html", status=status, process=process, fields=fields, once=once)


@router.post("/new/{type_}")
def open_(visit: Visited, text: Posted, type_: str) -> Response:
    """By the desk, and with its faults: what has any is not opened, but shown again."""
    process = _asked_for(visit, type_)
    given, once = given_in(text, process.fields), text.get("once", "")[:100]
    try:
        reference = visit.parts.committed(lambda tx: _open(tx, visit, process, given, once))
    except _Faulty as faulty:
        return _blank(visit, process, once=once, status=422, given=given, faults=faulty.faults)
    return visit.onward(f"/requests/{reference}", "opened")


def _open(tx: Transaction, visit: Visit, process: Process, given: Mapping[str, str], once: str) -> str:
    """The reference of the request; of the first one, where the form was sent off twice. Raises _Faulty."""
    sent_off = f"{visit.viewer.person} {once}"
    before = opened.look(tx, sent_off, visit.now)
    if before is not None:
        return str(before["reference"])
    request = visit.parts.desk.open(
        tx,
        process,
        visit.parts.rules().sources[process.version],
        Submitted(given=given),
        requester=visit.viewer.person,
        channel=CHANNEL,
        now=visit.now,
    )
    if request.state is State.PENDING and request.faults:
        raise _Faulty(request.faults)
    opened.there(tx, visit.now)
    opened.keep(tx, sent_off, {"reference": request.reference}, visit.now)
    return request.reference


def _offered(visit: Visit) -> list[Process]:
    return [process for process in visit.viewer.processes.values() if visit.viewer.may_ask_for(process)]


def _asked_for(visit: Visit, type_: str) -> Process:
    """Raises Unknown: nobody hears of what he may not ask for."""
    process = visit.viewer.processes.get(type_)
    if process is None or not visit.viewer.may_ask_for(process):
        raise Unknown
    return process
