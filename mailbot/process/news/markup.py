"""Plain JSON values as XML: an element a key, `item` for each of a list, `entry` where a key is no name."""

import re
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 has no way to write."""


def xml(root: str, value: Any) -> str:
    """A document of one line; None is an element with nothing in it."""
    return f'<?xml version="1.0" encoding="UTF-8"?>{_element(root, value)}\n'


def _element(name: str, value: Any) -> str:
    tag, more = (name, "") if _NAME.fullmatch(name) else ("entry", f" name={quoteattr(_clean(name))}")
    inside = _inside(value)
    return f"<{tag}{more}>{inside}</{tag}>" if inside else f"<{tag}{more}/>"


def _inside(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Mapping():
            return "".join(_element(str(key), below) for key, below in value.items())
        case list() | tuple():
            return "".join(_element("item", below) for below in value)
        case _:
            return escape(_clean(str(value))).replace("\r", "&#13;")


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
