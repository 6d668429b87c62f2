"""What a mail says once it has been read: values without behaviour, fit to be passed anywhere."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mailbot.mail.message.header import decoded


class Obstacle(StrEnum):
    """Why the text of a mail cannot be taken at its word; each has its own letter to the sender."""

    ENCRYPTED = "encrypted"
    """S/MIME or PGP: there is no text to read (trap 26)."""
    WINMAIL = "winmail"
    """Outlook's TNEF: all that was said is in winmail.dat (trap 26)."""
    STUB = "stub"
    """Exchange could not give out the mail: fetch it again later, never file it (trap 15)."""
    TOO_LARGE = "too-large"
    """Over `Limits.size`: only the header was read."""
    TOO_COMPLEX = "too-complex"
    """Over another of the `Limits`: only the header was read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much work one mail may cost (traps 24 and 28)."""

    size: int = 25 * 1024 * 1024
    """bytes of the whole mail"""
    raw_lines: int = 600_000
    """lines of the whole mail; base64 of `size` bytes has half as many"""
    header: int = 256 * 1024
    """bytes of the header"""
    parts: int = 200
    """MIME parts, those of attached mails too"""
    fields: int = 5000
    """header fields, those of the parts too"""
    multiparts: int = 40
    """multipart containers: the parser pays for those that are open on every line"""
    nesting: int = 30
    """parts within parts"""
    text: int = 64 * 1024
    """characters of text"""
    lines: int = 2000
    """lines of text"""
    html: int = 256 * 1024
    """characters of HTML that are turned into text"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Headers:
    """The fields of a header, in order, names in any case."""

    fields: tuple[tuple[str, str], ...] = field(repr=False)
    """(name in lower case, value as it came: folded, encoded words undecoded)"""

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """(name in lower case, value as it came), top first."""
        return iter(self.fields)

    def __contains__(self, name: str) -> bool:
        return name.lower() in dict(self.fields)

    def raw(self, name: str) -> tuple[str, ...]:
        """Every occurrence as it came, top first."""
        return tuple(value for key, value in self.fields if key == name.lower())

    def all(self, name: str) -> tuple[str, ...]:
        """Every occurrence, decoded and unfolded, top first."""
        return tuple(map(decoded, self.raw(name)))

    def get(self, name: str, default: str = "") -> str:
        """The first occurrence, decoded and unfolded."""
        return next((decoded(value) for key, value in self.fields if key == name.lower()), default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A part that is not the text. Its name is the sender's: show it, never open a file by it."""

    name: str
    type: str
    """as declared, lower case: "text/csv" """
    content: bytes = field(repr=False)
    digest: str
    """SHA-256 of the content, in hex"""

    @property
    def size(self) -> int:
        """In bytes, decoded."""
        return len(self.content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What a mail system says became of a mail (RFC 3464, or words to that effect)."""

    recipient: str | None
    """normalised address"""
    status: str | None
    """enhanced status code: "5.1.1" """
    action: str
    """failed, delayed, delivered, relayed, expanded, or what else the report says"""
    original_ids: tuple[str, ...]
    """Message-ID, then References, of the mail it is about, without <>"""
    is_report: bool
    """the fields come from a message/delivery-status part, not from prose"""

    @property
    def is_final(self) -> bool:
        """Whether the mail system has given up: only then is somebody unreachable."""
        return self.action in {"failed", "expired"}

    @property
    def is_success(self) -> bool:
        """Whether it reports that all went well so far."""
        return self.action in {"delivered", "relayed", "expanded", "deliverable"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A mail that came in."""

    raw: bytes = field(repr=False)
    digest: str
    """SHA-256 of the bytes, in hex"""
    headers: Headers
    message_id: str | None
    """without <>"""
    sender: str | None
    """the one plain address of the one From, normalised; None in every other case (trap 16)"""
    sender_name: str
    recipients: tuple[str, ...]
    """To, Cc, then where it was really delivered to; normalised, each once (trap 1)"""
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    date: datetime | None
    """aware, or None"""
    in_reply_to: tuple[str, ...]
    """ids without <>"""
    references: tuple[str, ...]
    """ids without <>, oldest first"""
    text: str
    """the sender's text, "\\n" between lines; "" where there is none"""
    text_is_from_html: bool
    text_is_cut: bool
    """there was more text than `Limits` allow"""
    part_types: tuple[str, ...]
    """of every part in order, containers too, lower case; the first is that of the whole mail"""
    is_reaction: bool
    """a thumb up, sent as a mail (RFC 9078; trap 14)"""
    attachments: tuple[Attachment, ...]
    delivery: Delivery | None
    obstacle: Obstacle | None
