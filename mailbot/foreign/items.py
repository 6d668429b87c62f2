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
# An API that answers by pages says so before the list or behind it: of the last one, "next" is null.
_NEXT_PAGE = re.compile(r'"next"\s*:\s*"')
_BETWEEN = re.compile(r"\s*,?\s*")
_DECODER = json.JSONDecoder()

Reads = Callable[[int], str]
"""Gives so many characters, "" at the end."""


class NoList(Exception):
    """It is no JSON, holds no list of objects, or only a page of it; the text says which."""


def items(read: Reads) -> Iterator[dict[str, Any]]:
    """The objects of a list, read as they are asked for. Raises NoList."""
    text = _filled(read, "", _OPENING)
    opening = _OPENING.match(text)
    if opening is None:
        raise NoList('this is no list: "[…]", or an object with "results" or "data"')
    _whole(opening.group())
    text = text[opening.end() :]
    number = 1
    while True:
        item, text = _next(read, text, number)
        if item is None:
            _whole(text + read(CHUNK))
            return
        yield item
        number += 1


def _whole(beside: str) -> None:
    """Nothing beside the list says that it goes on elsewhere."""
    if _NEXT_PAGE.search(beside):
        raise NoList(
            'this is one page of several, since its "next" names another: ask for all of it (NetBox: limit=0), '
            "or put what all pages have as results into one list"
        )


def _filled(read: Reads, text: str, until: re.Pattern[str]) -> str:
    while not until.match(text) and len(text) < LARGEST and (more := read(CHUNK)):
        text += more
    return text


def _next(read: Reads, text: str, number: int) -> tuple[dict[str, Any] | None, str]:
    """The next object and what is left of the text; None behind the last."""
    while True:
        start = _BETWEEN.match(text).end()  # type: ignore[union-attr]  # it matches nothing, too
        if text[start : start + 1] == "]":
            return None, text[start:]
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
