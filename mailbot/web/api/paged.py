"""Lists as they are answered: one page, how many there are, and where the next one is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

from fastapi.responses import Response

from mailbot.store.lists import Paged
from mailbot.web.api.call import Call
from mailbot.web.api.media import answer
from mailbot.web.api.models.base import Model
from mailbot.web.api.query import Asked

T = TypeVar("T")


def page(
    call: Call, asked: Asked, shown: Iterable[Mapping[str, Any]], of: Paged[Any], model: type[Model], last: str = ""
) -> Response:
    """206 where a page was asked for that is not all of it (TMF630); the headers tell the rest.

    `last`: what the list calls its last row, where a page can begin behind that.
    """
    rows = list(shown)
    is_part = asked.is_paged and (of.total is None or len(rows) < of.total)
    headers = counts(of) | _range(asked, of) | links(call, asked, of, last)
    status = HTTPStatus.PARTIAL_CONTENT if is_part else HTTPStatus.OK
    return answer(call.request, rows, model, status, headers)


def counts(of: Paged[Any]) -> dict[str, str]:
    """How many came; and how many there are, where that was counted."""
    total = {} if of.total is None else {"X-Total-Count": str(of.total)}
    return {**total, "X-Result-Count": str(len(of.rows))}


def links(call: Call, asked: Asked, of: Paged[Any], last: str) -> dict[str, str]:
    """Where the pages around this one are; `last` as `page` has it."""
    found = ", ".join(_links(call, asked, of, last))
    return {"Link": found} if found else {}


def _range(asked: Asked, of: Paged[Any]) -> dict[str, str]:
    """Where the page lies in the list; behind a row that was named, nobody knows."""
    if not of.rows or asked["after"] is not None:
        return {}
    first, total = asked.cut.offset, "*" if of.total is None else of.total
    return {"Content-Range": f"items {first}-{first + len(of.rows) - 1}/{total}"}


def _links(call: Call, asked: Asked, of: Paged[Any], last: str) -> Iterator[str]:
    cut = asked.cut
    if of.more and (of.rows or last):
        place = {"after": last, "offset": None} if last else {"offset": cut.offset + len(of.rows)}
        yield _link(call, asked, "next", **place)
    if cut.offset:
        yield _link(call, asked, "prev", offset=max(0, cut.offset - cut.most))


def _link(call: Call, asked: Asked, rel: str, **place: object) -> str:
    return f'<{asked.again(call.base, limit=asked.cut.most, **place)}>; rel="{rel}"'


def cut_of(asked: Asked, rows: Sequence[T]) -> Paged[T]:
    """The page that is asked for of what is there whole."""
    begin, end = asked.cut.offset, asked.cut.offset + asked.cut.most
    return Paged(rows=rows[begin:end], total=len(rows), more=end < len(rows))
