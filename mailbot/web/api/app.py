"""The API put together: an application of its own within the pages', with errors and descriptions in its own shape."""

import asyncio
import logging
from functools import partial
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from mailbot.errors import Conflict, MailbotError
from mailbot.web.api import (
    cancelling,
    documents,
    hub,
    inventory,
    orders,
    requests,
    resource_orders,
    space,
    steps,
    targets,
)
from mailbot.web.api.call import Pace
from mailbot.web.api.errors import Refused, nothing_here
from mailbot.web.api.media import answer
from mailbot.web.api.models.plain import Error
from mailbot.web.api.published import DESCRIPTION
from mailbot.web.parts import Parts

log = logging.getLogger(__name__)

BEGINNINGS = ("/api/", "/tmf-api/", "/schemas/")
WHOLE = frozenset({"/api", "/tmf-api", "/schemas", "/openapi.json"})

SLOWLY = 0.5
"""Seconds after which a wrong key is answered: whoever tries keys waits, and learns nothing from how long."""


_METHODS = ("GET", "POST", "PATCH", "DELETE")


def is_of_api(path: str) -> bool:
    return path in WHOLE or path.startswith(BEGINNINGS)


class ApiRoute(BaseRoute):
    """All paths of the API, as they are, to an application of their own."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        here = scope["type"] == "http" and is_of_api(scope["path"])
        return (Match.FULL if here else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)


def build(parts: Parts) -> FastAPI:
    """It opens nothing until it is called."""
    app = FastAPI(
        title="mailbot",
        version="1",
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    app.state.parts, app.state.pace = parts, Pace()
    rooms = (
        orders.router_v4(),
        orders.router_v3(),
        cancelling.router,
        hub.router("v4"),
        hub.router("v3"),
        inventory.router,
        resource_orders.router,
        steps.router,
        requests.router,
        space.router,
        targets.router,
        documents.router,
    )
    for room in rooms:
        app.include_router(room)
    app.include_router(orders.router_v3("ServiceOrder"), include_in_schema=False)
    app.exception_handler(Refused)(_refused)
    app.exception_handler(HTTPException)(_http)
    app.exception_handler(RequestValidationError)(lambda request, _: _told(request, nothing_here()))
    app.exception_handler(MailbotError)(_trouble)
    app.exception_handler(Exception)(_our_fault)
    return app


# -- when something is not right -------------------------------------------------------------------------------------


def _told(request: Request, refused: Refused) -> Response:
    try:
        return answer(request, refused.told.plain(), Error, refused.status, refused.headers)
    except Refused:  # who takes neither of our kinds gets JSON all the same
        return JSONResponse(refused.told.plain(), refused.status, refused.headers)


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)  # noqa: S101 (registered for it)
    if error.status is HTTPStatus.UNAUTHORIZED:
        await asyncio.sleep(SLOWLY)
    return _told(request, error)


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 (registered for it)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers = {"Allow": ", ".join(filter(partial(_is_allowed, request), _METHODS))}
        words = "This cannot be done here; `Allow` tells what can."
        return _told(request, Refused(HTTPStatus.METHOD_NOT_ALLOWED, "methodNotAllowed", words, headers=headers))
    return _told(request, nothing_here())


def _is_allowed(request: Request, method: str) -> bool:
    """By any route: the first one of a path knows only of itself."""
    scope = {**request.scope, "method": method}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)


def _trouble(request: Request, error: Exception) -> Response:
    if isinstance(error, Conflict):
        words = "Somebody else changed it at the same moment: try again."
        return _told(request, Refused(HTTPStatus.CONFLICT, "changed", words))
    log.warning("%s", error)
    words = "Something that is needed does not answer: try again in a minute."
    headers = {"Retry-After": "60"}
    return _told(request, Refused(HTTPStatus.SERVICE_UNAVAILABLE, "notNow", words, headers=headers))


def _our_fault(request: Request, _: Exception) -> Response:
    words = "A fault of mailbot's own: nothing was changed, and it is in the log."
    return _told(request, Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "ourFault", words))
