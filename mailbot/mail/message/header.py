"""Header values to words, addresses, dates and ids, by mail-parser, within limits."""

import re
from datetime import UTC, datetime, timedelta, timezone

from mailparser import utils as mailparser
from mailparser.dates import parse_mail_date

from mailbot.config import address

mailparser.log.disabled = True  # it logs the values that it cannot decode: they are people's

VALUE_MAX = 8 * 1024
"""characters of one value that are decoded: the standard library's search for encoded words is quadratic"""
ADDRESSES_MAX = 32 * 1024
"""characters of one list of addresses that are read"""
IDS_MAX = 100
"""ids of one References that are read, the latest ones"""

_HARMLESS = frozenset({"overlong-encoded-word", "invalid-encoded-word"})
"""doubts of mail-parser about the name alone"""

_FOLD = re.compile(r"\r?\n(?=[ \t])|\r|\n")
_UNFIT = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff]")
_BRACKETED = re.compile(r"<([^<>]{1,998})>")
_BARE_ID = re.compile(r"[^\s,;<>]+@[^\s,;<>]+")
_ORDINARY = re.compile(r"(?:[\w .-]{0,80}<)?([^\s<>@,;:\"()\[\]]+@[\w.-]+)>?")
"""a mailbox that needs no parser: most of them"""
_BLANKS = re.compile(r"\s+")


def unfolded(value: str) -> str:
    """The value on one line, its eight-bit characters read as UTF-8, else as windows-1252."""
    if not value.isascii():
        octets = value.encode("utf-8", "surrogateescape")
        try:
            value = octets.decode()
        except UnicodeDecodeError:
            value = octets.decode("cp1252", "replace")
    return _FOLD.sub("", value).strip()


def decoded(value: str) -> str:
    """The value as its writer saw it: one line, encoded words decoded, no control characters (trap 40)."""
    text = unfolded(value[:VALUE_MAX])
    if "=?" in text:
        try:
            text = mailparser.decode_header_part(text)
        except Exception:  # noqa: BLE001  any codec may raise anything on hostile input (trap 27)
            return _UNFIT.sub("", text)
    return _UNFIT.sub("", text).strip()


def addresses(value: str) -> tuple[str, ...]:
    """All plain addresses of a list, normalised; what is not one is left out."""
    value = unfolded(value[:ADDRESSES_MAX])
    if match := _ORDINARY.fullmatch(value):
        return (one,) if (one := address.normal(match[1])) else ()
    pairs, _ = _mailboxes(value)
    return tuple(found for _, one in pairs if (found := address.normal(one)))


def only_mailbox(values: tuple[str, ...]) -> tuple[str | None, str]:
    """The one mailbox of the one From: (normalised address or None, display name or "").

    Anything that two parsers may read in two ways is nobody (trap 16): several fields, several mailboxes, a
    group, whatever mail-parser had to recover or doubt.
    """
    if len(values) != 1 or len(values[0]) > VALUE_MAX:
        return None, ""
    value = unfolded(values[0])
    pairs, doubts = _mailboxes(value)
    if len(pairs) != 1:
        return None, ""
    name, spec = pairs[0]
    name = _UNFIT.sub("", name).strip()
    if address.normal(name) == address.normal(spec):
        doubts.discard("invalid-display-name")  # bob@x <bob@x>, unquoted: wrong, common, and of one meaning
    is_plain = doubts <= _HARMLESS and spec in value and not _is_list(value)
    return (address.normal(spec) if is_plain else None), name


def _is_list(value: str) -> bool:
    """Whether there is a comma, or a group's colon or semicolon, outside of quotes and comments."""
    outside = re.sub(r'"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)|\[[^\]]*\]', "", value)
    return any(mark in outside for mark in ",;:")


def _mailboxes(value: str) -> tuple[list[tuple[str, str]], set[str]]:
    """(name, addr-spec) pairs, and mail-parser's words for what is doubtful about them."""
    doubts: list[dict[str, str]] = []
    try:
        pairs = mailparser.get_addresses(value, defects=doubts, decode_names=True)
    except Exception:  # noqa: BLE001  see decoded()
        return [], {"unreadable"}
    reasons = {reason for doubt in doubts for reason in doubt["reason"].split(",")}
    return [(name, spec) for name, spec in pairs if spec], reasons


def date(value: str) -> datetime | None:
    """The moment, in the zone it was written in, or None."""
    try:
        found = parse_mail_date(unfolded(value[:VALUE_MAX]))
        if found.value is None:
            return None
        zone = timezone(timedelta(hours=float(found.timezone)))
        moment: datetime = found.value.replace(tzinfo=UTC)
        return moment.astimezone(zone)
    except (ValueError, OverflowError):
        return None


def ids(value: str) -> tuple[str, ...]:
    """Message ids without <>, in order; they may stand apart by blanks, commas or nothing (trap 1)."""
    text = decoded(value[-VALUE_MAX:])
    found = _BRACKETED.findall(text) or _BARE_ID.findall(text)
    return tuple(_BLANKS.sub("", one) for one in found[-IDS_MAX:])
