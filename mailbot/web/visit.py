"""One call of a page: who calls, what he may see, and what he gets."""

import hmac
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote, urlsplit

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from mailbot.config.address import normal
from mailbot.desk.enclosed import File
from mailbot.desk.query import Asker
from mailbot.store import Connection, Transaction
from mailbot.web.once import Once
from mailbot.web.parts import Parts
from mailbot.web.session import LIFE, Session
from mailbot.words import say, shipped

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
"""What no keyboard writes into a form: all but tabs and the ends of lines (trap 40)."""

WITH_FILES = ("/new/", "/requests/")
"""Begin the paths whose forms take files."""

MOST_FIELDS = 300
"""Of one form."""

logged_out = Once("ended", LIFE)
"""Sessions that are over before their time: whoever has kept the cookie can do nothing with it."""


class NotLoggedIn(Exception):
    """The page is for somebody, and nobody is there."""


class Unknown(Exception):
    """There is nothing there, or nothing that this person may see: the answer is the same."""


class Foreign(Exception):
    """A form that was not shown by us, or not to this person, or long ago."""


@dataclass(frozen=True, kw_only=True)
class Visit:
    """Somebody who is logged in, on one page."""

    parts: Parts
    request: Request
    session: Session
    viewer: Asker
    now: datetime

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self.parts.store.reading() as conn:
            yield conn

    def page(self, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        done = self.request.query_params.get("told", "")
        told = say(f"told.{done}") if f"told.{done}" in shipped() else ""
        frame = {
            "viewer": self.viewer,
            "word": self.parts.sessions.word(self.session),
            "by_proxy": not self.session.key,
            "path": self.request.url.path,
            "told": told,
        }
        return HTMLResponse(self.parts.renderer.page(template, {**frame, **context}), status)

    def onward(self, path: str, told: str = "") -> RedirectResponse:
        """To another page, after something was done: reloading that one does nothing twice."""
        return RedirectResponse(f"{self.parts.root}{path}{f'?told={told}' if told else ''}", 303)

    @property
    def most_files(self) -> str:
        """How large all files of a form may be together: as a mail may be."""
        return size(self.parts.config.limits.message_size)

    def must_be_admin(self) -> None:
        """Raises Unknown: for all others there are no such pages."""
        if not self.viewer.is_admin:
            raise Unknown


def size(bytes_: int) -> str:
    """As people say it."""
    return f"{bytes_ // 2**20} MiB" if bytes_ >= 2**20 else f"{bytes_ // 2**10} KiB"


def parts_of(request: Request) -> Parts:
    parts: Parts = request.app.state.parts
    return parts


def cookie_name(parts: Parts, name: str = "mailbot") -> str:
    """With the prefix by which browsers themselves see to it that no other host has set it."""
    return f"__Host-{name}" if parts.is_secure else name


def set_cookie(response: Response, parts: Parts, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        cookie_name(parts, name), value, max_age=seconds, httponly=True, samesite="lax", secure=parts.is_secure
    )


def logged_in(response: Response, parts: Parts, person: str) -> None:
    cookie = parts.sessions.cookie(person, parts.now())
    set_cookie(response, parts, "mailbot", cookie, int(LIFE.total_seconds()))


def session_of(request: Request, conn: Connection) -> Session | None:
    """Whom a proxy of ours names; where it names nobody, whom our own cookie does, unless its session was ended."""
    parts, now = parts_of(request), parts_of(request).now()
    web = parts.config.web
    if web and web.proxy_header and request.client and request.client.host in web.proxies:
        named = request.headers.getlist(web.proxy_header)
        if named and named != [""]:
            person = normal(named[0]) if len(named) == 1 else None
            return Session(person=parts.desk.directory.person(person)) if person else None
    cookie = request.cookies.get(cookie_name(parts), "")
    session = parts.sessions.read(cookie, now) if cookie else None
    is_over = session is not None and logged_out.glance(Transaction(conn), session.key, now) is not None
    return None if is_over else session


def visited(request: Request) -> Visit:
    """The dependency of every page that is for somebody. Raises NotLoggedIn."""
    parts = parts_of(request)
    with parts.store.reading() as conn:
        session = session_of(request, conn)
        if session is None:
            raise NotLoggedIn
        viewer = parts.viewer(conn, session.person)
    return Visit(parts=parts, request=request, session=session, viewer=viewer, now=parts.now())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a form says; of a field that is there twice, nothing is taken. `files` are those that came with it."""

    text: Mapping[str, str]
    files: tuple[File, ...] = ()


async def written(request: Request) -> Mapping[str, str]:
    """What a form says that takes no files."""
    return (await _sent(request, 0)).text


async def enclosed(request: Request) -> Sent:
    """What a form says, and as many files as a mail may have parts."""
    return await _sent(request, parts_of(request).config.limits.parts)


async def _sent(request: Request, most: int) -> Sent:
    from_here(request)
    async with request.form(max_files=most, max_fields=MOST_FIELDS) as found:
        text = {name: _CONTROL.sub("", one) for name, one in found.items() if isinstance(one, str)}
        files = [(one.filename or "", await one.read()) for _, one in found.multi_items() if not isinstance(one, str)]
    # A browser sends an empty one without a name where none was chosen.
    return Sent(text=text, files=tuple((name, content) for name, content in files if name or content))


def from_here(request: Request) -> None:
    """Browsers say on which page a form was sent off: it must be one of ours. Raises Foreign."""
    origin, site = request.headers.get("origin"), request.headers.get("sec-fetch-site")
    if site in {"cross-site", "same-site"}:
        raise Foreign
    url = parts_of(request).url
    hosts = {request.headers.get("host"), urlsplit(url).netloc if url else None}
    if origin is not None and site is None and urlsplit(origin).netloc not in hosts:
        raise Foreign


def posted(
    visit: Annotated[Visit, Depends(visited)], text: Annotated[Mapping[str, str], Depends(written)]
) -> Mapping[str, str]:
    """The dependency of everything that changes something: what was written, in a form of ours. Raises Foreign."""
    if not visit.parts.sessions.is_word(text.get("word", ""), visit.session):
        raise Foreign
    return text


def posted_files(visit: Annotated[Visit, Depends(visited)], sent: Annotated[Sent, Depends(enclosed)]) -> Sent:
    """The same, where files may come along. Raises Foreign."""
    posted(visit, sent.text)
    return sent


def log_in_first(request: Request) -> RedirectResponse:
    """To the log-in, and from there to the page that was wanted."""
    url = request.url
    wanted = (f"{url.path}?{url.query}" if url.query else url.path) if request.method == "GET" else "/"
    return RedirectResponse(f"{parts_of(request).root}/login?next={quote(wanted)}", 303)


def within(path: str) -> str:
    """A path of ours, to go on to after the log-in; "/" for everything else."""
    is_ours = path.startswith("/") and not path.startswith("//") and path.isprintable()
    return path if is_ours and "\\" not in path and len(path) < 200 else "/"  # noqa: PLR2004 (no path of ours is so long)


def is_same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())


Visited = Annotated[Visit, Depends(visited)]
Posted = Annotated[Mapping[str, str], Depends(posted)]
PostedFiles = Annotated[Sent, Depends(posted_files)]
