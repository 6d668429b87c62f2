"""Logging in by a mailed link: it works once, for 15 minutes, in the browser in which it was asked for.

A reply token is worthless here, and opening the link does nothing: mail systems open links before people do.
"""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from hashlib import sha256
from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from mailbot.config.address import normal
from mailbot.process.request import Kind, Notice
from mailbot.store import Transaction
from mailbot.web.once import Once
from mailbot.web.parts import Parts
from mailbot.web.visit import (
    Posted,
    Visit,
    Visited,
    cookie_name,
    is_same,
    logged_in,
    logged_out,
    parts_of,
    session_of,
    set_cookie,
    within,
    written,
)
from mailbot.words import say

LIFE = timedelta(minutes=15)
PER_PERSON = 5
"""Links that one person is sent in that time."""
ALTOGETHER = 500
"""Links that are sent in that time to all: whoever tries addresses floods nobody's mailboxes."""
BROWSER = "mailbot-login"

under_way = Once("login", LIFE)
router = APIRouter()

Text = Annotated[Mapping[str, str], Depends(written)]
House = Annotated[Parts, Depends(parts_of)]


def _page(request: Request, template: str, status: int = 200, **context: object) -> HTMLResponse:
    parts = parts_of(request)
    return HTMLResponse(parts.renderer.page(template, {"viewer": None, "told": "", **context}), status)


@router.get("/login")
def ask(request: Request, parts: House, next: str = "/") -> Response:  # noqa: A002 (the name in the address)
    with parts.store.reading() as conn:
        session = session_of(request, conn)
    if session is not None:
        return RedirectResponse(parts.root + within(next), 303)
    return _page(request, "login.html", next=within(next), by_mail=bool(parts.url), fault="", address="")


@router.post("/login")
def send(request: Request, parts: House, text: Text, later: BackgroundTasks) -> Response:
    """The same answer, and as quickly, whoever it is: the link is made and mailed afterwards."""
    person = normal(text.get("address", ""))
    onward = within(text.get("next", "/"))
    if person is None or not parts.url:
        fault = say("pages.this_is_no_mail")
        address = text.get("address", "")[:200]
        return _page(request, "login.html", 422, next=onward, by_mail=bool(parts.url), fault=fault, address=address)
    browser = request.cookies.get(cookie_name(parts, BROWSER)) or secrets.token_urlsafe(24)
    later.add_task(_mail_link, parts, person, browser, onward)
    answer = _page(request, "login_sent.html", address=person)
    set_cookie(answer, parts, BROWSER, browser, int(LIFE.total_seconds()))
    return answer


@router.get("/login/{secret}")
def confirm(request: Request, parts: House, secret: str) -> Response:
    """Asks, and does nothing; it does not even tell whether the link is any good."""
    here = bool(request.cookies.get(cookie_name(parts, BROWSER)))
    return _page(request, "login_confirm.html", secret=secret[:100], here=here, spent=False)


@router.post("/login/{secret}")
def enter(request: Request, parts: House, secret: str, text: Text) -> Response:  # noqa: ARG001 (looks where it is from)
    browser = request.cookies.get(cookie_name(parts, BROWSER), "")
    found = parts.committed(lambda tx: _taken(tx, parts, secret, browser))
    if found is None:
        return _page(request, "login_confirm.html", 403, secret="", here=bool(browser), spent=True)
    person, onward = found
    answer = RedirectResponse(parts.root + within(onward), 303)
    logged_in(answer, parts, person)
    answer.delete_cookie(cookie_name(parts, BROWSER), secure=parts.is_secure, httponly=True, samesite="lax")
    return answer


@router.post("/logout")
def leave(visit: Visited, text: Posted) -> Response:  # noqa: ARG001 (a form of ours)
    """The session is over, also for whoever has kept its cookie."""
    parts = visit.parts
    if visit.session.key:
        parts.committed(lambda tx: _end(tx, visit))
    answer = RedirectResponse(f"{parts.root}/login", 303)
    answer.delete_cookie(cookie_name(parts), secure=parts.is_secure, httponly=True, samesite="lax")
    return answer


def _end(tx: Transaction, visit: Visit) -> None:
    logged_out.there(tx, visit.now)
    logged_out.keep(tx, visit.session.key, {}, visit.now)


def _taken(tx: Transaction, parts: Parts, secret: str, browser: str) -> tuple[str, str] | None:
    """(who, where to) of a log-in that was begun in this browser. A wrong browser does not use it up."""
    now = parts.now()
    begun = under_way.look(tx, secret, now)
    if begun is None or not browser or not is_same(begun["browser"], _hashed(browser)):
        return None
    under_way.take(tx, secret, now)
    return begun["person"], begun["onward"]


def _mail_link(parts: Parts, address: str, browser: str, onward: str) -> None:
    """A letter with the link, to somebody whom we know."""
    with parts.store.reading() as conn:
        viewer = parts.viewer(conn, parts.desk.directory.person(address))
    directory, person = viewer.directory, viewer.person
    is_one_of_us = viewer.is_admin or directory.knows(person) or viewer.customer is not None
    is_known = is_one_of_us or any(map(viewer.may_ask_for, viewer.processes.values()))
    if is_known and person != directory.bot:
        parts.committed(lambda tx: _begin(tx, parts, person, address, browser, onward))


def _begin(tx: Transaction, parts: Parts, person: str, address: str, browser: str, onward: str) -> None:
    now, secret = parts.now(), secrets.token_urlsafe(16)
    tx.hold("login")
    begun = under_way.there(tx, now)
    if len(begun) >= ALTOGETHER or sum(said["person"] == person for said in begun) >= PER_PERSON:
        return
    said = {"person": person, "browser": _hashed(browser), "onward": onward}
    under_way.keep(tx, secret, said, now)
    facts = {"page": f"{parts.url}/login/{secret}"}
    parts.desk.tell(tx, [Notice(kind=Kind.ANSWER, to=address, facts=facts, template="login")], now)


def _hashed(browser: str) -> str:
    return sha256(browser.encode()).hexdigest()
