"""What calls bring and get: JSON or XML, as `Content-Type` and `Accept` say."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, TypeVar

from fastapi import Depends, Request
from fastapi.responses import Response
from pydantic import ValidationError

from mailbot.web.api import xml
from mailbot.web.api.errors import Refused, wrong_body
from mailbot.web.api.models.base import Model
from mailbot.web.api.wording import told

M = TypeVar("M", bound=Model)

JSON, XML = "application/json", "application/xml"
READ = {
    JSON: JSON,
    "application/merge-patch+json": JSON,
    XML: XML,
    "text/xml": XML,
}
"""What is read, and as what."""
_WRITTEN = {JSON: JSON, XML: XML, "text/xml": XML, "*/*": JSON, "application/*": JSON, "text/*": XML}

LARGEST = 1_000_000
"""Bytes of a body."""


def wanted(request: Request) -> str:
    """The kind of answer that the caller likes best. Raises Refused where it is none of ours."""
    liked = sorted(map(_liking, request.headers.get("accept", "*/*").split(",")), reverse=True)
    for weight, _, kind in liked:
        if weight > 0 and kind in _WRITTEN:
            return _WRITTEN[kind]
    words = f"Answers are {JSON} or {XML}: accept one of them."
    raise Refused(HTTPStatus.NOT_ACCEPTABLE, "notAcceptable", words)


def _liking(said: str) -> tuple[float, int, str]:
    """How much, how exactly, and what: "application/xml;q=0.9"."""
    kind, *parameters = (part.strip().lower() for part in said.split(";"))
    weight = next((one.removeprefix("q=") for one in parameters if one.startswith("q=")), "1")
    try:
        return float(weight), -kind.count("*"), kind
    except ValueError:
        return 0.0, 0, kind


def answer(
    request: Request,
    shown: xml.Shown,
    model: type[Model],
    status: HTTPStatus = HTTPStatus.OK,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """`shown` is what the model is in JSON, or a list of such."""
    kind = wanted(request)
    content = xml.written(shown, model) if kind == XML else json.dumps(shown, ensure_ascii=False).encode()
    return Response(content, status, {"Vary": "Accept", **(headers or {})}, media_type=kind)


def body(model: type[M]) -> Any:
    """The dependency of a call that brings one: `Annotated[Model, body(Model)]`. Raises Refused."""

    async def said(request: Request) -> M:
        return read(request, await raw(request), model)

    reading: Callable[[Request], Awaitable[M]] = said
    return Depends(reading)


def _kind_of(request: Request) -> str:
    said = request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
    if said not in READ:
        words = f"Bodies are {' or '.join(READ)}."
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "unsupportedMediaType", words)
    return READ[said]


async def raw(request: Request) -> bytes:
    """Not more than we take, whatever its sender says of its length."""
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > LARGEST:
            words = f"A body has at most {LARGEST:,} bytes."
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "tooLarge", words)
    return bytes(found)


def read(request: Request, raw_: bytes, model: type[M]) -> M:
    """What a body says. Raises Refused."""
    try:
        said = _cleaned(xml.read(raw_, model) if _kind_of(request) == XML else json.loads(raw_))
    except xml.NoXml as error:
        raise wrong_body([("", str(error))]) from None
    except (ValueError, RecursionError) as error:
        raise wrong_body([("", f"it is no JSON that can be read: {error}")]) from None
    try:
        return model.model_validate(said)
    except ValidationError as error:
        raise wrong_body(told(error, said)) from None


def _cleaned(said: Any) -> Any:
    """Without NUL and lone surrogates, which no database keeps (trap 40)."""
    match said:
        case str():
            return said.replace("\0", "").encode(errors="replace").decode()
        case Mapping():
            return {_cleaned(name): _cleaned(value) for name, value in said.items()}
        case Sequence():
            return [_cleaned(value) for value in said]
        case _:
            return said
