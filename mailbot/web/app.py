"""The pages put together: routes, what stands in every answer's head, and what is said when something is not right."""

import logging
from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Receive, Scope, Send

from mailbot.errors import MailbotError, NotFound
from mailbot.store.gauges import Settled
from mailbot.web import admin, api, customers, lists, login, metrics, opening, others, pools, requests, search
from mailbot.web.parts import Parts
from mailbot.web.visit import WITH_FILES, Foreign, NotLoggedIn, Unknown, log_in_first, parts_of, size
from mailbot.words import say

log = logging.getLogger(__name__)

LARGEST = 1_000_000
"""Bytes of a form."""

HEAD = {
    "Content-Security-Policy": (
        "default-src 'self'; script-src 'none'; object-src 'none'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}
"""In every answer that says nothing else."""

FOR_EVER = "public, max-age=31536000, immutable"


class Heads:
    """HEAD is answered wherever GET is: whoever looks whether we are there asks so. The server leaves the body out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        await self._app({**scope, "method": "GET"} if is_head else scope, receive, send)


Next = Callable[[Request], Awaitable[Response]]


def build(parts: Parts) -> FastAPI:
    """The application; it opens nothing until it is called."""
    app = FastAPI(title="mailbot", docs_url=None, redoc_url=None, openapi_url=None, redirect_slashes=False)
    app.state.parts, app.state.settled = parts, Settled()
    app.middleware("http")(_guarded)
    app.add_middleware(Heads)
    app.router.routes.append(api.ApiRoute(api.build(parts)))
    for room in (login, requests, opening, lists, pools, customers, search, admin, others, metrics):
        app.include_router(room.router)
    app.add_api_route("/static/{edition}/style.css", _style, methods=["GET"])
    app.add_api_route("/static/{edition}/icon.svg", _icon, methods=["GET"])
    app.add_api_route("/healthz", _alive, methods=["GET"])
    app.add_api_route("/readyz", _ready, methods=["GET"])
    app.exception_handler(NotLoggedIn)(lambda request, _: log_in_first(request))
    for nothing in (Unknown, NotFound, RequestValidationError, HTTPException):
        app.exception_handler(nothing)(_nothing_here)
    app.exception_handler(Foreign)(_foreign)
    app.exception_handler(MailbotError)(_trouble)
    app.exception_handler(Exception)(_our_fault)
    return app


async def _guarded(request: Request, onward: Next) -> Response:
    is_form = request.method == "POST" and not api.is_of_api(request.url.path)
    too_large = _too_large(request) if is_form else None
    answer = await onward(request) if too_large is None else too_large
    for name, value in HEAD.items():
        answer.headers.setdefault(name, value)
    if parts_of(request).is_secure:
        answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return answer


def _too_large(request: Request) -> Response | None:
    """The answer to a form that says how long it is, as browsers do, and is over that; or that does not say it."""
    kind = request.headers.get("content-type", "")
    takes_files = request.url.path.startswith(WITH_FILES) and kind.startswith("multipart/")
    most = parts_of(request).config.limits.message_size if takes_files else LARGEST
    length = request.headers.get("content-length", "0" if "transfer-encoding" not in request.headers else "")
    if length.isascii() and length.isdigit() and int(length) <= most:
        return None
    words = say("pages.files_are_too_large", most=size(most)) if takes_files else say("pages.this_form_is_too")
    return _told(request, 413, say("pages.nothing_was_sent"), words)


def _style(request: Request) -> Response:
    style = parts_of(request).renderer.style
    return Response(style, media_type="text/css", headers={"Cache-Control": FOR_EVER})


def _icon(request: Request) -> Response:
    icon = parts_of(request).renderer.icon
    return Response(icon, media_type="image/svg+xml", headers={"Cache-Control": FOR_EVER})


def _alive() -> Response:
    """The process answers."""
    return PlainTextResponse("ok")


def _ready(request: Request) -> Response:
    """The database answers, and is of this version."""
    try:
        current = parts_of(request).store.is_current()
    except MailbotError as trouble:
        log.warning("not ready: %s", trouble)
        return PlainTextResponse("the database does not answer", 503)
    return PlainTextResponse("ok") if current else PlainTextResponse("the database is of another version", 503)


# -- when something is not right -----------------------------------------------------------------------------------


def _told(request: Request, status: int, headline: str, words: str) -> HTMLResponse:
    page = parts_of(request).renderer.page(
        "trouble.html", {"viewer": None, "told": "", "headline": headline, "words": words}
    )
    return HTMLResponse(page, status, headers=HEAD)


def _nothing_here(request: Request, error: Exception) -> Response:
    """One answer for what is not there, and for what is there for others: it repeats nothing of what was asked."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    if status not in {404, 405}:
        return _told(request, status, say("pages.this_cannot_be_done"), say("pages.go_back_and_try"))
    words = say("pages.perhaps_the_address_is")
    return _told(request, 404, say("pages.there_is_nothing_here"), words)


def _foreign(request: Request, _: Exception) -> Response:
    words = say("pages.the_page_was_open")
    return _told(request, 403, say("pages.that_was_not_taken"), words)


def _trouble(request: Request, error: Exception) -> Response:
    log.warning("%s", error)
    return _told(request, 503, say("pages.not_at_this_moment"), say("pages.something_that_is_needed"))


def _our_fault(request: Request, _: Exception) -> Response:
    words = say("pages.nothing_was_changed_it")
    return _told(request, 500, say("pages.a_fault_of_mailbots"), words)
