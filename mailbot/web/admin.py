"""Pages for admins: mail that waits, network requests that went wrong, the versions of the rules."""

from collections.abc import Mapping, Sequence
from difflib import unified_diff
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from mailbot.errors import MailbotError
from mailbot.mail.message import read
from mailbot.mail.token import mask
from mailbot.process import chart
from mailbot.process.definition import Process
from mailbot.process.request import Entry, NetworkState, Retry, StepState
from mailbot.process.rules import Source
from mailbot.store import Connection, Transaction, breaker, pages, privacy, views
from mailbot.web import deeds
from mailbot.web.picture import picture
from mailbot.web.visit import Posted, Unknown, Visit, Visited

WAITING = ("unconfirmed", "held", "quarantined")
WRONG = (NetworkState.FAILED.value, NetworkState.UNKNOWN.value)
MOST = 200

router = APIRouter(prefix="/admin")


@router.get("")
def overview(visit: Visited) -> Response:
    visit.must_be_admin()
    with visit.reading() as conn:
        mail = views.inbox(conn, WAITING, MOST)
        wrong = _wrong(conn)
        paused = [one for one in breaker.breakers(conn).values() if one.until is not None]
        holds = privacy.holds(conn)
    shown = [{**row, "subject": mask(row["subject"]), "reason": mask(row["reason"])} for row in mail]
    return visit.page("admin.html", mail=shown, wrong=wrong, paused=paused, holds=holds)


# -- mail that waits -----------------------------------------------------------------------------------------------


@router.get("/mail/{number}")
def mail(visit: Visited, number: int) -> Response:
    return _mail_page(visit, number)


def _mail_page(visit: Visit, number: int, fault: str = "", status: int = 200) -> Response:
    visit.must_be_admin()
    with visit.reading() as conn:
        row = _mail_row(conn, number)
    message = read(row["raw"]) if row["raw"] is not None else None
    text = mask(message.text) if message else ""
    shown = {**row, "subject": mask(row["subject"]), "reason": mask(row["reason"])}
    return visit.page(
        "mail.html", status=status, row=shown, message=message, text=text, waits=row["state"] in WAITING, fault=fault
    )


def _mail_row(conn: Connection, number: int) -> Mapping[str, Any]:
    try:
        return dict(views.mail(conn, number))
    except MailbotError:
        raise Unknown from None


@router.post("/mail/{number}/{word}")
def again(visit: Visited, text: Posted, number: int, word: str) -> Response:  # noqa: ARG001 (a form of ours)
    """Handle it once more: `release` vouches for its sender."""
    visit.must_be_admin()
    handle = {"release": visit.parts.release, "retry": visit.parts.retry}.get(word)
    if handle is None:
        raise Unknown
    try:
        became = handle(number)
    except MailbotError as refusal:
        return _mail_page(visit, number, fault=f"{refusal}.", status=409)
    done = {"release": "released mail", "retry": "retried mail"}[word]
    entry = Entry(actor=visit.viewer.person, action=done, detail=f"{number} {became}")
    visit.parts.committed(lambda tx: tx.write_house([entry], visit.now))
    return visit.onward(f"/admin/mail/{number}", "mail")


# -- network requests ----------------------------------------------------------------------------------------------


def _wrong(conn: Connection) -> list[dict[str, Any]]:
    """The last attempts that failed or are unknown, of steps that wait for somebody to deal with it."""
    rows = views.network_requests(conn, WRONG)
    requests = pages.requests_of(conn, {row["reference"] for row in rows})
    found = []
    for row in rows:
        step = next((s for s in requests[row["reference"]].steps if s.name == row["step"]), None)
        last = [one.id for one in step.network if one.target == row["target"]][-1:] if step else []
        if step and step.state is StepState.OPEN and last == [row["name"]]:
            found.append(dict(row))
    return found


@router.post("/network/{reference}/{step}/retry")
def tell_again(visit: Visited, text: Posted, reference: str, step: str) -> Response:  # noqa: ARG001 (a form of ours)
    """A new attempt at all targets of that step which have not confirmed."""
    visit.must_be_admin()
    with visit.reading() as conn:
        if (reference, step) not in {(row["reference"], row["step"]) for row in _wrong(conn)}:
            raise Unknown
    visit.parts.committed(lambda tx: deeds.do(tx, visit, reference, Retry(), step=step))
    return visit.onward("/admin", "retry")


@router.post("/targets/{name}/resume")
def try_again(visit: Visited, text: Posted, name: str) -> Response:  # noqa: ARG001 (a form of ours)
    """Try a paused target at once."""
    visit.must_be_admin()
    entry = Entry(actor=visit.viewer.person, action="resumed target", detail=name)

    def resume(tx: Transaction) -> bool:
        resumed = breaker.resume(tx.conn, name, visit.now)
        if resumed:
            tx.write_house([entry], visit.now)
        return resumed

    if not visit.parts.committed(resume):
        raise Unknown
    return visit.onward("/admin", "retry")


# -- rules ---------------------------------------------------------------------------------------------------------


@router.get("/rules")
def versions(visit: Visited) -> Response:
    visit.must_be_admin()
    with visit.reading() as conn:
        rules = pages.rule_versions(conn)
    current = {process.version for process in visit.viewer.processes.values()}
    return visit.page("versions.html", rules=rules, current=current)


@router.get("/rules/{version}")
def rules(visit: Visited, version: str) -> Response:
    """One version: drawn, and held against the one before it."""
    (process, file), before = _versions(visit, version)
    then, file_then = before or (None, "")
    return visit.page(
        "rules.html",
        process=process,
        text=_lines(process),
        changes=_changes(_lines(then), _lines(process)),
        in_file=_changes(file_then.splitlines(), file.splitlines()),
        is_first=before is None,
    )


@router.get("/rules/{version}/process.svg")
def rules_drawn(visit: Visited, version: str) -> Response:
    return picture(chart.svg(_versions(visit, version)[0][0]))


_Version = tuple[Process, str]
"""What a rule file means, and what stands in it."""


def _versions(visit: Visit, version: str) -> tuple[_Version, _Version | None]:
    """It, and the one before it. Raises Unknown."""
    visit.must_be_admin()
    with visit.reading() as conn:
        source = pages.rules_source(conn, version)
        if source is None:
            raise Unknown
        process = visit.parts.desk.restore(source)
        of_type = [row["version"] for row in pages.rule_versions(conn) if row["type"] == process.type]
        older = of_type[of_type.index(version) + 1 :][:1]
        before = pages.rules_source(conn, older[0]) if older else None
    now = (process, Source.unbound(source).rule.text)
    then = (visit.parts.desk.restore(before), Source.unbound(before).rule.text) if before else None
    return now, then


def _changes(before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Lines that went ("-") and came ("+"), with two around them; "…" stands for what is alike between."""
    _, _, *found = unified_diff(before, after, lineterm="", n=2) if before != after else ("", "")
    return ["…" if row.startswith("@@") else row for row in found][1:]


def _lines(process: Process | None) -> list[str]:
    return chart.text(process).splitlines() if process else []
