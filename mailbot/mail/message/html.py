"""HTML to the text a reader would see, by inscriptis; quoted blocks keep their ">"."""

import re
from html import unescape

from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig

# "strict" puts no blanks around spans: Outlook wraps half a word in one.
_CONFIG = ParserConfig(css=CSS_PROFILES["strict"])
# Private characters, on lines of their own, stand for the borders of a quoted block until the lines are known.
_OPEN, _CLOSE = "\ue100", "\ue101"
_BORDERS = re.compile(f"[{_OPEN}{_CLOSE}]")
_QUOTE_TAG = re.compile(r"(?i)<(/?)blockquote\b[^<>]{0,2000}>")

_HIDDEN = re.compile(r"(?is)<(script|style|head|title)\b.*?(?:</\1\s*>|\Z)")
_BREAKS = re.compile(r"(?i)<(?:br|/p|/div|/tr|/li|/h[1-6])\b[^<>]*>")
_TAGS = re.compile(r"<[^<>]*>")
TABLES_MAX = 50
CELLS_MAX = 2000
"""tables, and their cells, that are laid out in columns: inscriptis pays for them with time"""
DEPTH_MAX = 20
"""levels of ">" that are written"""


def as_text(source: str) -> str:
    """The visible text of HTML; of HTML that cannot be laid out, what stands between the tags."""
    source = _QUOTE_TAG.sub(_with_border, _BORDERS.sub("", source))
    lower = source.lower()
    if lower.count("<table") > TABLES_MAX or lower.count("<td") + lower.count("<th") > CELLS_MAX:
        return _marked(_stripped(source))
    try:
        return _marked(get_text(source, _CONFIG))
    except Exception:  # noqa: BLE001  lxml and inscriptis raise many things, RecursionError too (trap 27)
        return _marked(_stripped(source))


def _with_border(tag: re.Match[str]) -> str:
    border = _CLOSE if tag[1] else _OPEN
    return f"<div>{border}</div>{tag[0]}"


def _marked(text: str) -> str:
    """The lines, each with as many ">" as quoted blocks are open around it."""
    depth = 0
    lines: list[str] = []
    for line in text.split("\n"):
        depth = max(0, depth + line.count(_OPEN) - line.count(_CLOSE))
        words = _BORDERS.sub("", line).rstrip()
        if words or not (_OPEN in line or _CLOSE in line):
            lines.append(f"{'>' * min(depth, DEPTH_MAX)} {words}".rstrip() if depth else words)
    return "\n".join(lines)


def _stripped(source: str) -> str:
    """Linear and without layout."""
    return unescape(_TAGS.sub(" ", _BREAKS.sub("\n", _HIDDEN.sub("", source))))
