"""What came along with a mail, as it may be kept: its type by its content, its name without snares."""

import re
import unicodedata

LONGEST = 120
"""Characters of a file's name."""

UNKNOWN = "application/octet-stream"

_MOST = 64 * 1024
"""Bytes that are looked at for a text."""
_PATH = re.compile(r"[\\/:*?\"<>|]+")


def type_of(content: bytes, name: str) -> str:
    """A MIME type in lower case. Of several types that look alike, the one that goes with the name's ending."""
    import puremagic  # noqa: PLC0415 (slow to import, and few mails bring anything along)

    try:
        found = puremagic.from_string(content, mime=True, filename=name)
    except (puremagic.PureError, ValueError):  # nothing it knows; nothing at all
        found = ""
    return found.lower() or ("text/plain" if _is_text(content[:_MOST]) else UNKNOWN)


def cleaned(name: str) -> str:
    """A name that is nothing but one: no path, no hidden file, nothing unseen; "unnamed" where nothing is left."""
    text = unicodedata.normalize("NFC", name).rpartition("/")[2].rpartition("\\")[2]
    seen = "".join(c if c.isprintable() else " " for c in _PATH.sub("_", text))
    stem, dot, ending = " ".join(seen.split()).lstrip(". -").rpartition(".")
    short = f"{stem[: LONGEST - len(ending) - 1]}{dot}{ending}" if len(ending) < LONGEST - 1 else ending[:LONGEST]
    return short.rstrip(". ") or "unnamed"


def _is_text(content: bytes) -> bool:
    if not content or b"\0" in content:
        return False
    try:
        content.decode()
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True
