"""A letter's bytes: every header of contract §5, text and HTML, CRLF, safe on seven bits.

Written by hand: the standard library's EmailMessage takes longer for one letter than all the rest of its making.
"""

from base64 import b32encode, encodebytes
from binascii import b2a_qp
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from email.utils import format_datetime
from hashlib import sha256

from mailbot.mail.letter.header import exact, free, mailbox, thread_ids
from mailbot.mail.letter.pictures import Picture, picture_part
from mailbot.mail.letter.templates import Rendered
from mailbot.mail.letter.text import clean
from mailbot.mail.token import Token

LOCAL_MAX = 64
MESSAGE_ID_MAX = 70
LINE_MAX = 998
_SUBJECT_MAX = 200

NULL_SENDER = frozenset({"forms", "misunderstood", "refused"})
"""Kinds whose envelope sender is `<>`: nobody wants to hear that they did not arrive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """How the bot presents itself in letters: `[bot]` and `[web]` of the configuration."""

    name: str
    address: str
    subaddress: str = "+"
    """"+", "-", or "" where the mail system has none."""
    zone: tzinfo = UTC
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """The conversation with one person about one request: the Message-IDs that it began with and that came last."""

    root: str | None = None
    last: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What leaves: these bytes, for `to`, with the envelope sender `sender` ("" is the null sender)."""

    raw: bytes
    message_id: str
    to: str
    sender: str


def compose(
    *,
    words: Rendered,
    letterhead: Letterhead,
    to: str,
    reply_to: str | None,
    token: Token,
    kind: str,
    serial: int,
    now: datetime,
    answers: bool = False,
    reference: str | None = None,
    step: str | None = None,
    thread: Thread | None = None,
    pictures: Sequence[Picture] = (),
) -> Letter:
    """The letter in its final bytes. The same arguments give the same bytes; `serial` tells twins apart.

    `pictures` are what the HTML shows by their ids. Raises ValueError for an address that cannot stand in a header.
    """
    mark = _mark(token.text, kind, to, str(serial), now.isoformat())
    id_ = message_id(letterhead.address, token.text, mark)
    ids = thread_ids(thread.root, thread.last) if thread else ()
    head = [
        exact("Date", format_datetime(now.astimezone(letterhead.zone))),
        mailbox("From", letterhead.address, letterhead.name),
        mailbox("To", to),
        mailbox("Reply-To", reply_to, letterhead.name) if reply_to else None,
        free("Subject", _subject(words.subject, token.text if reply_to == letterhead.address else "")),
        exact("Message-ID", id_),
        exact("In-Reply-To", ids[-1]) if ids else None,
        exact("References", " ".join(ids)) if ids else None,
        exact("Auto-Submitted", "auto-replied" if answers else "auto-generated"),
        # Not "All": that would suppress the bounces, which we need (trap 10).
        exact("X-Auto-Response-Suppress", "DR, RN, NRN, OOF, AutoReply"),
        free("X-Mailbot-Request", reference) if reference else None,
        exact("X-Mailbot-Kind", kind),
        exact("X-Mailbot-Step", step) if step else None,
        "MIME-Version: 1.0",
    ]
    sender = "" if kind in NULL_SENDER else bounce_address(letterhead, token.text, mark)
    html = _html_part(words.html)
    if pictures:
        html = _multipart("related", mark, html, *map(picture_part, pictures))
    body = _multipart("alternative", mark, text_part(words.text), html)
    raw = "\r\n".join([row for row in head if row is not None]).encode() + b"\r\n" + body
    return Letter(raw=raw, message_id=id_, to=to, sender=sender)


def reply_address(letterhead: Letterhead, detail: str) -> str:
    """Where a reply goes: `bot+DETAIL@…` (a token or a type).

    The plain address without sub-addresses, and where the local part would pass 64 octets (trap 3).
    """
    local, _, domain = letterhead.address.rpartition("@")
    detailed = f"{local}{letterhead.subaddress}{detail}"
    return f"{detailed}@{domain}" if letterhead.subaddress and _fits(detailed) else letterhead.address


def bounce_address(letterhead: Letterhead, token: str, mark: str) -> str:
    """The envelope sender of one letter: `bot+b-TOKEN.MARK@…`; without the mark, or plain, where that is too long."""
    whole = reply_address(letterhead, f"b-{token}.{mark}")
    return whole if whole != letterhead.address else reply_address(letterhead, f"b-{token}")


def message_id(bot_address: str, token: str, mark: str) -> str:
    """`<TOKEN.MARK@domain>`, at most 70 characters: of a long domain the last labels."""
    local, domain = f"<{token}.{mark}@", bot_address.rpartition("@")[2]
    room = MESSAGE_ID_MAX - len(local) - len(">")
    while len(domain) > room and "." in domain:
        domain = domain.partition(".")[2]
    return f"{local}{domain[-room:].lstrip('-')}>"


def _fits(local: str) -> bool:
    return len(local.encode()) <= LOCAL_MAX


def _mark(*parts: str) -> str:
    """Eight characters that no other letter with the same token has."""
    return b32encode(sha256("\0".join(parts).encode()).digest())[:8].decode().lower()


def _subject(subject: str, token: str) -> str:
    """At most 200 characters; the token behind it where the reply's address cannot carry it."""
    short = subject if len(subject) <= _SUBJECT_MAX else f"{subject[: _SUBJECT_MAX - 1].rstrip()}…"
    return f"{short} ({token})" if token else short


def _multipart(kind: str, mark: str, *parts: bytes) -> bytes:
    """alternative: the plainest first; related: the page first, then what it shows.

    "=_" occurs in no quoted-printable and no base64 (RFC 2045 §6.7).
    """
    boundary = f"=_{mark}_{sha256(b''.join(parts)).hexdigest()[:16]}"
    opening = f"--{boundary}\r\n".encode()
    return b"".join(
        [
            f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode(),
            *(opening + part + b"\r\n" for part in parts),
            f"--{boundary}--\r\n".encode(),
        ]
    )


def text_part(text: str) -> bytes:
    return _part("plain", clean(text).encode())


def _html_part(html: str) -> bytes:
    """Beyond ASCII as character references: no transfer encoding is needed, and no charset can be lost on the way."""
    return _part("html", clean(html).encode("ascii", "xmlcharrefreplace"))


def _part(subtype: str, content: bytes) -> bytes:
    raw = b"\r\n".join(content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n"))
    encoding, body = _transferable(raw)
    head = f"Content-Type: text/{subtype}; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"
    return head.encode() + body


def _transferable(raw: bytes) -> tuple[str, bytes]:
    """The encoding that leaves the most to be read by eye: 7bit, quoted-printable, base64 for other alphabets."""
    if raw.isascii() and max(map(len, raw.split(b"\r\n"))) <= LINE_MAX:
        return "7bit", raw
    quoted = b2a_qp(raw, istext=True)
    if len(quoted) < len(raw) * 4 / 3:
        return "quoted-printable", quoted
    return "base64", encodebytes(raw).replace(b"\n", b"\r\n")
