"""Lists as they are answered: one page, how many there are, and where the next one is."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi.responses import Response

from mailbot.web.api.call import Call
from mailbot.web.api.media import answer
from mailbot.web.api.models.base import Model
from mailbot.web.api.query import Asked


def page(call: Call, asked: Asked, shown: Iterable[Mapping[str, Any]], total: int, model: type[Model]) -> Response:
    """206 where a page was asked for that is not all of it (TMF630); the headers tell the rest."""
    rows = list(shown)
    is_part = asked.is_paged and len(rows) < total
    headers = {"X-Total-Count": str(total), "X-Result-Count": str(len(rows))}
    if links := _links(call, asked, len(rows), total):
        headers["Link"] = links
    status = HTTPStatus.PARTIAL_CONTENT if is_part else HTTPStatus.OK
    return answer(call.request, rows, model, status, headers)


def _links(call: Call, asked: Asked, count: int, total: int) -> str:
    cut = asked.cut
    found = []
    if count and cut.offset + count < total:
        found.append(("next", cut.offset + count))
    if cut.offset:
        found.append(("prev", max(0, cut.offset - cut.most)))
    return ", ".join(f'<{asked.again(call.base, offset=offset, limit=cut.most)}>; rel="{rel}"' for rel, offset in found)
