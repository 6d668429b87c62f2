"""A list in JSON, item by item: it may be larger than memory."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

CHUNK = 1 << 16
LARGEST = 1 << 20
"""Characters of one item, or of what stands before the list."""

# What an API or a dump answers is a list, or an object that holds one by these names.
_OPENING = re.compile(r'\s*(?:\{(?:[^\[]*?)"(?:results|result|data|prefixes)"\s*:\s*)?\[')
_BETWEEN = re.compile(r"\s*,?\s*")
_DECODER = json.JSONDecoder()

Reads = Callable[[int], str]
"""Gives so many characters, "" at the end."""


class NoList(Exception):
    """It is no JSON, or holds no list of objects; the text says which."""


def items(read: Reads) -> Iterator[dict[str, Any]]:
    """The objects of a list, read as they are asked for. Raises NoList."""
    text = _filled(read, "", _OPENING)
    opening = _OPENING.match(text)
    if opening is None:
        raise NoList('this is no list: "[…]", or an object with "results" or "data"')
    text = text[opening.end() :]
    number = 1
    while True:
        item, text = _next(read, text, number)
        if item is None:
            return
        yield item
        number += 1


def _filled(read: Reads, text: str, until: re.Pattern[str]) -> str:
    while not until.match(text) and len(text) < LARGEST and (more := read(CHUNK)):
        text += more
    return text


def _next(read: Reads, text: str, number: int) -> tuple[dict[str, Any] | None, str]:
    """The next object and what is left of the text; None behind the last."""
    while True:
        start = _BETWEEN.match(text).end()  # type: ignore[union-attr]  # it matches nothing, too
        if text[start : start + 1] == "]":
            return None, ""
        try:
            item, end = _DECODER.raw_decode(text, start)
        except ValueError as wrong:
            if len(text) - start > LARGEST or not (more := read(CHUNK)):
                raise NoList(f"item {number} is no JSON: {wrong}") from None
            text = text[start:] + more
            continue
        if not isinstance(item, dict):
            raise NoList(f"item {number} is no object, but {str(item)[:40]}")
        return item, text[end:]
