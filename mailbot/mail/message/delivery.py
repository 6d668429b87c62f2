"""What a mail system reports about a mail of ours: in fields (RFC 3464), or in prose."""

import re
from collections.abc import Sequence
from email.message import Message as Part

from mailbot.config import address
from mailbot.mail.message.header import decoded, ids
from mailbot.mail.message.text import characters, clean
from mailbot.mail.message.tree import content
from mailbot.mail.message.values import Delivery, Headers

PROSE_MAX = 16 * 1024
"""characters of a report, and of the mail it quotes, that are searched"""

_SYSTEM = re.compile(
    r"(?i)(?:mailer-?daemon|post[-_]?master|mail[-.]?(?:delivery[-.])?(?:sub)?system|mdaemon|mail\.daemon"
    r"|double-bounce"
    r"|microsoftexchange[0-9a-f]+|[\w.-]*-daemon)(?:[+-][^@]*)?(?:@|$)",
)
_SUBJECT = re.compile(
    r"(?i)\s*(?:fwd?: ?)?(?:returned mail: |undelivered mail returned|undeliverable: |undeliverable mail"
    r"|failure notice"
    r"|delivery (?:status )?(?:notification|failure|report)|mail (?:delivery )?(?:failed|failure"
    r"|system error|error)"
    r"|delivery has (?:failed|been delayed)|message (?:delivery failure|undeliverable)|unzustellbar"
    r"|echec de la remise)",
)
_FAILURE = re.compile(
    r"(?i)undeliver|not (?:be(?:en)? )?(?:\w+ )?delivered|(?:could|can) ?not (?:be )?(?:\w+ ){0,4}deliver"
    r"|deliver(?:y|ing|ed)? (?:\w+ ){0,6}(?:fail|error|problem|abort)|fail(?:ure|ed|s)? (?:\w+ ){0,4}deliver"
    r"|(?:unable|trouble|trying|attempting) (?:to )?(?:\w+ ){0,3}deliver|permanent (?:fatal )?error"
    r"|(?:e?-?mail|message) (?:\w+ ){0,2}(?:fail|error|bounced|rejected)|failure notice"
    r"|return(?:ed|ing) (?:\w+ ){0,3}(?:e?-?mail|message|to sender)|(?:user|host|recipient"
    r"|address) (?:is )?unknown"
    r"|(?:unknown|invalid) (?:user|host|recipient|local|address)|no such (?:user|host)|does not exist"
    r"|over ?quota"
    r"|mailbox (?:\w+ )?full|unzustellbar|nicht zugestellt|pas pu (?:\w+ ){0,2}(?:remis|livr|distribu)"
    r"|no se (?:ha )?p[ou]\w+ entregar|メールエラー",
)
_TALK_OF_SYSTEMS = re.compile(r"(?i)deliver|failure|failed|recipient|mailbox|\berror|\b550\b")
_DELAY = re.compile(r"(?i)delay|still being retried|will be retried|could not send message for|warning: ")
_FIELD = re.compile(r"(?im)^[ \t]*(final-recipient|original-recipient|status|action)[ \t]*:[ \t]*(.*)$")
_ON_ITS_LINE = re.compile(r'(?im)^[ \t]*(?:to:?[ \t]+)?<?([^\s<>@"():;,]+@[^\s<>@"():;,]+)>?(?=[ \t]*[:.(]|[ \t]*$)')
_ANYWHERE = re.compile(r'([^\s<>@"\'`():;,\[\]]{1,64}@[\w.-]{1,255}\w)')
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_ORIGINAL_ID = re.compile(r"(?im)^[ \t>]*(?:message-id|references)[ \t]*:[ \t]*(.*(?:\n[ \t]+<.*){0,20})")


def reported(
    parts: Sequence[tuple[str, Part]], headers: Headers, sender: str | None, subject: str, text: str
) -> Delivery | None:
    """What became of a mail, or None where this one reports nothing of the kind.

    `parts`: the leaves of the mail, in order, with their types (a report that a person attaches is none);
    `sender`: as in Message.
    """
    fields = next((_fields(part) for declared, part in parts if declared in _STATUS_TYPES), {})
    is_report = bool(fields)
    if not is_report and not _is_prose_of_failure(headers, sender, subject, text):
        return None
    prose = text[:PROSE_MAX]
    fields = fields or _of_first_failure(prose)
    recipient = fields.get("final-recipient") or fields.get("original-recipient")
    status = _STATUS.search(fields.get("status", "") or prose)
    action = fields.get("action", "").split() or ["delayed" if _DELAY.search(subject) else "failed"]
    return Delivery(
        recipient=_bare(recipient) if recipient else _in_prose(headers, prose),
        status=status[1] if status else None,
        action=action[0].lower(),
        original_ids=_original_ids(parts, prose),
        is_report=is_report,
    )


_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")


def _fields(part: Part) -> dict[str, str]:
    blocks = part.get_payload()
    if not isinstance(blocks, list):
        return _of_first_failure(characters(content(part), "utf-8"))
    written = ("\n".join(f"{k}: {v}" for k, v in block.items()) for block in blocks if isinstance(block, Part))
    return _of_first_failure("\n\n".join(written))


def _of_first_failure(text: str) -> dict[str, str]:
    """The fields of the first recipient that failed, else of the first; {} where there is none."""
    found = [dict(_pairs(block)) for block in clean(text)[:PROSE_MAX].split("\n\n")]
    about = [block for block in found if "final-recipient" in block or "original-recipient" in block]
    failed = (block for block in about if block.get("action", "").lower().startswith("fail"))
    return next(failed, about[0] if about else {})


def _pairs(block: str) -> list[tuple[str, str]]:
    return [(name.lower(), decoded(value)) for name, value in reversed(_FIELD.findall(block))]


def _bare(recipient: str) -> str | None:
    """The address of "rfc822; <bob@example.net> (Bob)"."""
    match = _ANYWHERE.search(recipient.partition(";")[2] or recipient)
    return address.normal(match[1]) if match else None


def _is_prose_of_failure(headers: Headers, sender: str | None, subject: str, text: str) -> bool:
    """Whether a mail system complains in its own words. A person who quotes such words is none."""
    if "x-failed-recipients" in headers:
        return True
    is_named = _SYSTEM.match(sender or headers.get("from").rpartition("<")[2].strip("<> ")) is not None
    if not is_named and "<>" not in headers.raw("return-path") and not _SUBJECT.match(subject):
        return False
    words = " ".join(f"{subject} {text[:PROSE_MAX]}".split())
    return _FAILURE.search(words) is not None or (is_named and _TALK_OF_SYSTEMS.search(words) is not None)


def _in_prose(headers: Headers, prose: str) -> str | None:
    """The recipient: Exim's field, else an address on a line of its own, else the first address."""
    for text in (headers.get("x-failed-recipients"), prose):
        for pattern in (_ON_ITS_LINE, _ANYWHERE):
            match = pattern.search(text)
            if match and (found := address.normal(match[1])):
                return found
    return None


def _original_ids(parts: Sequence[tuple[str, Part]], prose: str) -> tuple[str, ...]:
    """The ids of the mail that is quoted, attached whole, as its header, or in the text."""
    for declared, part in parts:
        match declared:
            case "message/rfc822" | "message/global" if part.is_multipart():
                original = part.get_payload(0)
                if found := (
                    *ids(_str(original, "message-id")),
                    *ids(_str(original, "references")),
                ):
                    return found
            case "text/rfc822-headers" | "message/rfc822-headers" | "message/global-headers":
                if found := _ids_in(characters(content(part)[:PROSE_MAX], "utf-8")):
                    return found
    return _ids_in(prose)


def _str(part: object, name: str) -> str:
    return str(part.get(name, "")) if isinstance(part, Part) else ""


def _ids_in(text: str) -> tuple[str, ...]:
    return tuple(one for value in _ORIGINAL_ID.findall(clean(text)) for one in ids(value))
