"""Bytes to the standard library's tree of parts, within limits."""

from collections.abc import Iterator
from dataclasses import dataclass
from email.feedparser import BytesFeedParser
from email.message import Message as Part
from email.policy import Policy, compat32

from mailbot.mail.message.values import Limits, Obstacle

_CONTENT_FIELD_MAX = 4096
"""characters of a Content-Type and the like that are read"""


class _TooMuch(Exception):
    """Raised from inside the parser, which has no limits of its own."""


@dataclass(slots=True)
class _Budget:
    parts: int
    fields: int


class _Counted(Part):
    """A part that is paid for."""

    def __init__(self, budget: _Budget, policy: "Policy[Part]") -> None:
        super().__init__(policy)
        self._budget = budget
        budget.parts -= 1
        if budget.parts < 0:
            raise _TooMuch

    def set_raw(self, name: str, value: str) -> None:
        """Called by the parser for each field."""
        self._budget.fields -= 1
        if self._budget.fields < 0:
            raise _TooMuch
        # Each question about a part parses these anew.
        super().set_raw(name, value[:_CONTENT_FIELD_MAX] if name.lower().startswith("content-") else value)


def grown(raw: bytes, limits: Limits) -> tuple[Part, Obstacle | None]:
    """The tree of a mail, parsed once; beyond the limits the beginning of the header alone, and the obstacle."""
    if len(raw) > limits.size:
        return _header_alone(raw, limits), Obstacle.TOO_LARGE
    # The parser asks every open container about every line: nesting costs lines times depth.
    few_lines = raw.count(b"\n") <= limits.raw_lines and raw.lower().count(b"multipart/") <= limits.multiparts
    if few_lines and _header_ends(raw, limits.header):
        try:
            tree = _parsed(raw, limits)
            if _depth(tree) <= limits.nesting:
                return tree, None
        except (_TooMuch, RecursionError):
            pass
    return _header_alone(raw, limits), Obstacle.TOO_COMPLEX


def _header_ends(raw: bytes, within: int) -> bool:
    return len(raw) <= within or any(end in raw[:within] for end in (b"\n\n", b"\r\n\r\n"))


def _depth(part: Part) -> int:
    """Parts within parts: 0 for a mail of one part."""
    inner = part.get_payload() if part.is_multipart() else ()
    return max((1 + _depth(one) for one in inner if isinstance(one, Part)), default=0)


def _parsed(raw: bytes, limits: Limits) -> Part:
    budget = _Budget(limits.parts + 1, limits.fields)  # the parser tries the factory once before it begins

    def part(policy: "Policy[Part]" = compat32) -> Part:
        return _Counted(budget, policy)

    parser = BytesFeedParser(part)
    parser.feed(raw)
    return parser.close()


def _header_alone(raw: bytes, limits: Limits) -> Part:
    start = raw[: limits.header].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    lines = start.split(b"\n", limits.fields)[: limits.fields]
    # Under another name: without its body no declared container can be opened.
    renamed = (b"X-" + line if line.lower().startswith(b"content-") else line for line in lines)
    parser = BytesFeedParser()
    parser.feed(b"\n".join(renamed) + b"\n\n")
    return parser.close()


def leaves(tree: Part) -> Iterator[Part]:
    """The parts in order, without looking into attached mails (what they say is not the sender's word)."""
    if kind(tree).startswith("multipart/"):
        for part in tree.get_payload():
            yield from leaves(part)  # type: ignore[arg-type]  # a multipart's payload is a list of parts
    else:
        yield tree


def kind(part: Part) -> str:
    """The type of a part, lower case. A container without its parts (no boundary, or cut off) is plain text."""
    declared = part.get_content_type()
    is_empty = declared.startswith("multipart/") and not part.is_multipart()
    return "text/plain" if is_empty else declared


def content(part: Part) -> bytes:
    """The bytes of a leaf, its transfer encoding undone; b"" where there are none."""
    try:
        found = part.get_payload(decode=True)
    except Exception:  # noqa: BLE001  the standard library's codecs raise many things (trap 27)
        return b""
    return found if isinstance(found, bytes) else b""
