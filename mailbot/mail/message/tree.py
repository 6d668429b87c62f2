"""Bytes to the standard library's tree of parts, within limits."""

import email.feedparser
from collections.abc import Iterator
from email.message import Message as Part
from email.policy import compat32

from mailbot.mail.message.values import Limits, Obstacle


class _TooManyParts(Exception):
    """Raised from inside the parser, which has no limit of its own."""


def grown(raw: bytes, limits: Limits) -> tuple[Part, Obstacle | None]:
    """The tree of a mail, parsed once; beyond the limits the header alone, and the obstacle."""
    if len(raw) > limits.size:
        return _parsed(_header_of(raw, limits), limits.parts, headers_only=True), Obstacle.TOO_LARGE
    try:
        # The parser asks every open container about every line: nesting is paid for by size times depth.
        if raw.lower().count(b"multipart/") > limits.multiparts:
            raise _TooManyParts
        return _parsed(raw, limits.parts), None
    except (_TooManyParts, RecursionError):
        return _parsed(
            _header_of(raw, limits), limits.parts, headers_only=True
        ), Obstacle.TOO_COMPLEX


def _parsed(raw: bytes, most_parts: int, *, headers_only: bool = False) -> Part:
    made = 0

    def part(policy: object = compat32) -> Part:
        nonlocal made
        made += 1
        if made > most_parts:
            raise _TooManyParts
        return Part(policy=policy)  # type: ignore[arg-type]  # typeshed knows only the default policy

    parser = email.feedparser.BytesFeedParser(part)
    if headers_only:
        parser._set_headersonly()  # type: ignore[attr-defined]  # noqa: SLF001  what BytesParser(headersonly) calls
    parser.feed(raw)
    return parser.close()


def _header_of(raw: bytes, limits: Limits) -> bytes:
    start = raw[: limits.header].replace(b"\r\n", b"\n")
    return start.lstrip(b"\n").partition(b"\n\n")[0] + b"\n\n"


def leaves(tree: Part) -> Iterator[Part]:
    """The parts in order, without looking into attached mails (what they say is not the sender's word)."""
    if kind(tree).startswith("multipart/"):
        for part in tree.get_payload():
            yield from leaves(part)  # type: ignore[arg-type]  # a multipart's payload is a list of parts
    else:
        yield tree


def kind(part: Part) -> str:
    """The type of a part, lower case. A container without its parts (no boundary, a cut mail) is plain text."""
    declared = part.get_content_type()
    is_empty = declared.startswith("multipart/") and not part.is_multipart()
    return "text/plain" if is_empty else declared


def content(part: Part) -> bytes:
    """The bytes of a leaf, its transfer encoding undone; b"" where there are none."""
    try:
        found = part.get_payload(decode=True)
    except Exception:  # noqa: BLE001  codecs of the standard library raise many things on hostile input (trap 27)
        return b""
    return found if isinstance(found, bytes) else b""
