"""One mail, from bytes to Message: parsed once, never raising, within limits."""

import re
from email.message import Message as Part
from hashlib import sha256

from mailbot.mail.message import header
from mailbot.mail.message.delivery import reported
from mailbot.mail.message.text import Text, body, file_name, is_attached
from mailbot.mail.message.tree import content, grown, kind, leaves
from mailbot.mail.message.values import Attachment, Headers, Limits, Message, Obstacle

LIMITS = Limits()
NAME_MAX = 255
"""characters of an attachment's name that are kept"""

_DELIVERED_TO = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to")
_STUB = re.compile(r"(?i)retrieval using the (?:imap4|pop3) protocol failed")
_SEALED = frozenset({"application/pgp-encrypted", "application/pkcs7-mime", "application/x-pkcs7-mime"})
_WINMAIL = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})


def read(raw: bytes, limits: Limits = LIMITS) -> Message:
    """What a mail says. Any bytes get an answer; what stands in the way of reading it is its `obstacle`."""
    # Blank lines, a byte order mark: seen above headers, which would all be taken for text (trap 27).
    tree, too_much = grown(raw.lstrip(b"\xef\xbb\xbf\r\n"), limits)
    headers = Headers(fields=tuple((name.lower(), str(value)) for name, value in tree.raw_items()))
    parts = tuple((part.get_content_type(), part) for part in leaves(tree))
    text = Text() if too_much else body(tree, limits)
    sender, sender_name = header.only_mailbox(headers.raw("from"))
    subject = headers.get("subject")
    to, cc = _addresses(headers, "to"), _addresses(headers, "cc")
    return Message(
        raw=raw,
        digest=sha256(raw).hexdigest(),
        headers=headers,
        message_id=next(iter(header.ids(headers.get("message-id"))), None),
        sender=sender,
        sender_name=sender_name,
        recipients=tuple(dict.fromkeys((*to, *cc, *_addresses(headers, *_DELIVERED_TO)))),
        to=to,
        cc=cc,
        subject=subject,
        date=header.date(next(iter(headers.raw("date")), "")),
        in_reply_to=_ids(headers, "in-reply-to"),
        references=_ids(headers, "references"),
        text=text.value,
        text_is_from_html=text.is_from_html,
        text_is_cut=text.is_cut,
        part_types=tuple(part.get_content_type() for part in tree.walk()),
        is_reaction=any(part.get_content_disposition() == "reaction" for _, part in parts),
        attachments=() if too_much else _attachments(parts),
        delivery=reported(parts, headers, sender, subject, text.value),
        obstacle=too_much or _obstacle(parts, subject, text),
    )


def _addresses(headers: Headers, *names: str) -> tuple[str, ...]:
    found = (one for name in names for value in headers.raw(name) for one in header.addresses(value))
    return tuple(dict.fromkeys(found))


def _ids(headers: Headers, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one for value in headers.raw(name) for one in header.ids(value)))


def _attachments(parts: tuple[tuple[str, Part], ...]) -> tuple[Attachment, ...]:
    return tuple(_attachment(part) for n, (_, part) in enumerate(parts) if not _is_body(part, is_first=n == 0))


def _is_body(part: Part, *, is_first: bool) -> bool:
    declared = kind(part)
    is_text = declared.startswith("text/") and declared != "text/calendar"
    return is_text and not is_attached(part, is_first=is_first)


def _attachment(part: Part) -> Attachment:
    octets = content(part) if not part.is_multipart() else _whole(part)
    name = header.decoded(file_name(part) or "")[:NAME_MAX]
    return Attachment(name=name, type=part.get_content_type(), content=octets, digest=sha256(octets).hexdigest())


def _whole(part: Part) -> bytes:
    """An attached mail, put together again."""
    try:
        return b"\n".join(one.as_bytes() for one in part.get_payload() if isinstance(one, Part))
    except Exception:  # noqa: BLE001  the standard library cannot write all that it reads (trap 27)
        return b""


def _obstacle(parts: tuple[tuple[str, Part], ...], subject: str, text: Text) -> Obstacle | None:
    types = {declared for declared, _ in parts}
    if _STUB.match(subject):
        return Obstacle.STUB
    if text.value.lstrip().startswith("-----BEGIN PGP MESSAGE-----") or (not text and types & _SEALED):
        return Obstacle.ENCRYPTED
    if not text and (types & _WINMAIL or any(_is_named_winmail(part) for _, part in parts)):
        return Obstacle.WINMAIL
    return None


def _is_named_winmail(part: Part) -> bool:
    return (file_name(part) or "").lower() == "winmail.dat"
