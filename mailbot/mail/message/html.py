"""HTML to the text a reader would see, by inscriptis; quoted blocks keep their ">"."""

import re
from collections.abc import Iterator
from html import unescape

from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.html_properties import Display
from inscriptis.model.config import ParserConfig
from inscriptis.model.html_element import HtmlElement

# Private characters stand for the borders of a quoted block until the lines are known.
_OPEN, _CLOSE = "\ue100", "\ue101"
_BORDERS = re.compile(f"[{_OPEN}{_CLOSE}]")
_QUOTED_BLOCK = HtmlElement(display=Display.block, prefix=_OPEN, suffix=_CLOSE)
# "strict" puts no blanks around spans: Outlook wraps half a word in one.
_CONFIG = ParserConfig(css={**CSS_PROFILES["strict"], "blockquote": _QUOTED_BLOCK})

_HIDDEN = re.compile(r"(?is)<(script|style|head|title)\b.*?(?:</\1\s*>|\Z)")
_BREAKS = re.compile(r"(?i)<(?:br|/p|/div|/tr|/li|/h[1-6])\b[^<>]*>")
_TAGS = re.compile(r"<[^<>]*>")
TABLES_MAX = 50
"""tables that are laid out in columns: inscriptis pays for nesting with time"""
DEPTH_MAX = 20
"""levels of ">" that are written"""


def as_text(source: str) -> str:
    """The visible text of HTML; of HTML that cannot be laid out, what stands between the tags."""
    source = _BORDERS.sub("", source)
    if source.lower().count("<table") > TABLES_MAX:
        return _stripped(source)
    try:
        text = get_text(source, _CONFIG)
    except Exception:  # noqa: BLE001  lxml and inscriptis raise many things, RecursionError too (trap 27)
        return _stripped(source)
    lines = (line.rstrip() for line in text.split("\n"))
    return "\n".join(_with_marks(lines) if _OPEN in text else lines)


def _with_marks(lines: Iterator[str]) -> Iterator[str]:
    depth = 0
    for line in lines:
        level = depth + line.count(_OPEN)
        depth = max(0, level - line.count(_CLOSE))
        words = _BORDERS.sub("", line)
        yield f"{'>' * min(level, DEPTH_MAX)} {words}".rstrip() if level else words


def _stripped(source: str) -> str:
    """Linear and without layout."""
    return unescape(_TAGS.sub(" ", _BREAKS.sub("\n", _HIDDEN.sub("", source))))
