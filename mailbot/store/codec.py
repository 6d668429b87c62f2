"""Requests as JSON and back: the one place that knows how a value is written into a row."""

from functools import cache
from typing import Any

from pydantic import TypeAdapter

from mailbot.process.request import Request


@cache
def _adapter() -> TypeAdapter[Request]:
    return TypeAdapter(Request)


def written(request: Request) -> str:
    """JSON that `read` turns into an equal value."""
    return _adapter().dump_json(request).decode()


def read(body: str) -> Request:
    return _adapter().validate_json(body)


def plain(request: Request) -> dict[str, Any]:
    """As plain JSON values: times as ISO 8601 texts."""
    found: dict[str, Any] = _adapter().dump_python(request, mode="json")
    return found


def taken(values: dict[str, Any]) -> Request:
    """Back from plain JSON values."""
    return _adapter().validate_python(values, strict=False)
