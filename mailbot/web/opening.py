"""Pages that open requests: the form, alone or with files; a table among them opens one request a line."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial

from fastapi import APIRouter
from fastapi.responses import Response

from mailbot.desk.enclosed import FaultyLines, File, Opening, Table, kept, table_of
from mailbot.process.definition import Lines, Process
from mailbot.process.request import Request, State, Submitted
from mailbot.store import Transaction
from mailbot.web.deeds import told_of
from mailbot.web.forms import given_in, widgets
from mailbot.web.once import Once
from mailbot.web.visit import PostedFiles, Unknown, Visit, Visited

CHANNEL = "web"

opened = Once("opened", timedelta(days=1))
"""Forms that were sent off: sent off twice, they open one request."""

router = APIRouter()


class _Faulty(Exception):
    """The form of a new request has faults: nothing is opened."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        self.faults = faults


@router.get("/new")
def offer(visit: Visited) -> Response:
    """What this person may ask for."""
    return visit.page("offer.html", offered=offered(visit))


@router.get("/new/{type_}")
def begin(visit: Visited, type_: str) -> Response:
    process = _asked_for(visit, type_)
    known = visit.viewer.directory.known_of(visit.viewer.person, process.fields)
    return _blank(visit, process, secrets.token_urlsafe(16), known)


def _blank(
    visit: Visit,
    process: Process,
    once: str,
    given: Mapping[str, str],
    faults: Mapping[str, str] | None = None,
    *,
    status: int = 200,
    **told: object,
) -> Response:
    """`told`: `cells` of a table that are wrong, `again` where files must be chosen once more."""
    fields, has_items = widgets(process.fields, {}, given, faults), any(field.many for field in process.fields)
    one = (process.lines or (Lines.ITEMS if has_items else Lines.REQUESTS)) is Lines.ITEMS
    told = {"cells": (), "again": False, "most": visit.most_files, "lines_are_one": one, **told}
    return visit.page("new.html", status=status, process=process, fields=fields, once=once, **told)


@router.post("/new/{type_}")
def open_(visit: Visited, sent: PostedFiles, type_: str) -> Response:
    """By the desk, and with its faults: what has any is not opened, but shown again."""
    process = _asked_for(visit, type_)
    given, once = given_in(sent.text, process.fields), sent.text.get("once", "")[:100]
    is_whole = all(field.name in given for field in process.fields if field.required and field.default is None)
    table = table_of(sent.files, process.fields, visit.parts.config.limits, alone=not is_whole)
    event = partial(_event, visit, given, sent.files)
    try:
        reference = visit.parts.committed(lambda tx: _open(tx, visit, process, event(tx), table, once))
    except _Faulty as faulty:
        return _blank(visit, process, once, given, faulty.faults, status=422, again=bool(sent.files))
    except FaultyLines as faulty:
        return _blank(visit, process, once, given, status=422, cells=told_of(faulty))
    return visit.onward(f"/requests/{reference}", "opened") if reference else visit.onward("/", "lines")


def _event(visit: Visit, given: Mapping[str, str], files: Sequence[File], tx: Transaction) -> Submitted:
    return Submitted(given=given, attachments=kept(tx, visit.parts.files, files, visit.viewer.person))


def _open(tx: Transaction, visit: Visit, process: Process, event: Submitted, table: Table | None, once: str) -> str:
    """The reference of the request, "" for several; of the first time, where the form was sent off twice.

    Raises _Faulty, FaultyLines.
    """
    sent_off = f"{visit.viewer.person} {once}"
    before = opened.look(tx, sent_off, visit.now)
    if before is not None:
        return str(before["reference"])
    requests = (
        [_open_one(tx, visit, process, event)] if table is None else _open_lines(tx, visit, process, event, table)
    )
    reference = requests[0].reference if len(requests) == 1 else ""
    opened.there(tx, visit.now)
    opened.keep(tx, sent_off, {"reference": reference}, visit.now)
    return reference


def _open_one(tx: Transaction, visit: Visit, process: Process, event: Submitted) -> Request:
    request = visit.parts.desk.open(
        tx,
        process,
        visit.parts.rules().sources[process.version],
        event,
        requester=visit.viewer.person,
        channel=CHANNEL,
        now=visit.now,
    )
    if request.state is State.PENDING and request.faults:
        raise _Faulty(request.faults)
    return request


def _open_lines(tx: Transaction, visit: Visit, process: Process, event: Submitted, table: Table) -> list[Request]:
    return Opening(
        desk=visit.parts.desk,
        tx=tx,
        process=process,
        source=visit.parts.rules().sources[process.version],
        event=event,
        person=visit.viewer.person,
        channel=CHANNEL,
        now=visit.now,
    ).settle(table)


def offered(visit: Visit) -> list[Process]:
    return [process for process in visit.viewer.processes.values() if visit.viewer.may_ask_for(process)]


def _asked_for(visit: Visit, type_: str) -> Process:
    """Raises Unknown: nobody hears of what he may not ask for."""
    process = visit.viewer.processes.get(type_)
    if process is None or not visit.viewer.may_ask_for(process):
        raise Unknown
    return process
