"""Who wrote a mail: a person or a machine, and whether its From may be believed."""

import re
from collections.abc import Collection
from enum import StrEnum

from mailbot.config.address import without_detail
from mailbot.mail.arc import DkimLookup
from mailbot.mail.message import Message
from mailbot.mail.verdict import Verdict, judge

__all__ = ["DkimLookup", "MailClass", "Verdict", "classify", "judge"]


class MailClass(StrEnum):
    """Only a human's mail reaches commands (trap 9)."""

    HUMAN = "human"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    OWN = "own"


OWN_MARK = "x-mailbot-kind"
"""every letter of ours bears it; in a mail that comes in it may only cause it to be ignored (trap 18)"""

# X-Auto-Response-Suppress is not among them: people's Outlook sends it too (trap 10).
_AUTOMATIC_FIELDS = (
    "x-autoreply",
    "x-autoreply-from",
    "x-autorespond",
    "x-autoresponder",
    "x-auto-reply",
    "x-mail-autoreply",
    "x-amazon-auto-reply",
    "x-fc-machinegenerated",
    "x-ms-exchange-inbox-rules-loop",
    "x-ms-exchange-generated-message-source",
    "x-cron-env",
    "x-failed-recipients",
)
_LIST_FIELDS = (
    "list-id",
    "list-post",
    "list-unsubscribe",
    "list-help",
    "list-owner",
    "list-archive",
    "list-subscribe",
    "mailing-list",
    "x-mlserver",
)
_PRECEDENCE_OF_MACHINES = frozenset({"auto_reply", "junk"})
_PRECEDENCE_OF_LISTS = frozenset({"bulk", "list"})
_MACHINE_NAMES = re.compile(
    r"(?:mailer-?daemon|postmaster|mail-?daemon|(?:no|do-?not|dont)[-_.]?reply|auto-?(?:reply|responder)"
    r"|bounces?|notifications?|listserv|majordomo)(?:[+-].*)?@",
)
_SUBJECT = re.compile(
    r"(?i)\s*(?:\[[^\]]{1,40}\]\s*)?(?:"
    r"auto(?:mat(?:ic|ed))?[ -]?(?:reply|response|responder|answer)|out[ -]of[ -](?:the[ -])?office"
    r"|away from (?:my|the) (?:mail|desk|office)|(?:i am |i'm )?on (?:vacation|annual leave|leave)\b"
    r"|vacation (?:reply|notice|message)"
    r"|abwesen(?:d|heit)|automatische (?:antwort|abwesenheit)|complaint about message from"
    r"|r[ée]ponse automatique|absence d[eu] |absent du bureau|message d'absence"
    r"|respuesta autom[áa]tica|fuera de (?:la )?oficina|ausencia temporal"
    r"|risposta automatica|fuori (?:sede|ufficio)|resposta autom[áa]tica|fora do escrit[óo]rio"
    r"|aus[êe]ncia tempor"
    r"|automatisch(?:e)? (?:antwoord|beantwoording)|afwezig|autosvar|automatiskt? svar|automaattinen vastaus"
    r"|automatick[áa] odpov|automatyczna odpowied|автоответ|автоматический ответ|自動(?:応答|返信)"
    r"|自动(?:回复|答复)|자동 ?회신"
    r")",
)
_REPORTS = frozenset({"multipart/report", "message/disposition-notification", "message/feedback-report"})
_REACTION = "text/vnd.google.email-reaction+json"


def classify(
    message: Message,
    *,
    own_addresses: Collection[str] = (),
    separator: str = "+",
    lists: Collection[str] = (),
) -> MailClass:
    """Bounce, automatic, own, or human, asked in that order (trap 9).

    `own_addresses`: the bot's, normalised; their sub-addresses after `separator` are its own too.
    `lists`: List-Ids or posting addresses of lists through which people write to us: that a mail came through
    one of these says nothing (trap 10).
    """
    if is_bounce(message):
        return MailClass.BOUNCE
    if is_automatic(message, lists):
        return MailClass.AUTOMATIC
    if is_own(message, own_addresses, separator):
        return MailClass.OWN
    return MailClass.HUMAN


def is_bounce(message: Message) -> bool:
    """Whether a mail system tells that a mail was not delivered, or not yet (see `Delivery.is_final`)."""
    return message.delivery is not None and not message.delivery.is_success


def is_automatic(message: Message, lists: Collection[str] = ()) -> bool:
    """Whether a machine wrote it: the union of all known signs (trap 10)."""
    headers = message.headers
    submitted = headers.get("auto-submitted", "no").partition(";")[0].strip().lower()
    precedence = headers.get("precedence").strip().lower()
    return (
        submitted not in {"no", ""}
        or message.delivery is not None
        or message.is_reaction
        or precedence in _PRECEDENCE_OF_MACHINES
        or any(value.strip() == "<>" for value in headers.raw("return-path"))
        or any(name in headers for name in _AUTOMATIC_FIELDS)
        or not _REPORTS.isdisjoint(message.part_types[:1])
        or _REACTION in message.part_types
        or (message.sender is not None and _MACHINE_NAMES.match(message.sender) is not None)
        or _SUBJECT.match(message.subject) is not None
        or (_is_from_list(message, precedence) and not _is_from_one_of(message, lists))
    )


def answers_by_itself(message: Message) -> bool:
    """Whether nobody wrote it at all: a vacation responder's (RFC 3834 calls it auto-replied) or a receipt. A ticket
    system marks what its agents write too, but as generated.
    """
    submitted = message.headers.get("auto-submitted").partition(";")[0].strip().lower()
    return (
        submitted == "auto-replied"
        or any(value.strip() == "<>" for value in message.headers.raw("return-path"))
        or any(name in message.headers for name in _AUTOMATIC_FIELDS)
        or message.headers.get("precedence").strip().lower() in _PRECEDENCE_OF_MACHINES
        or message.is_reaction
        or _SUBJECT.match(message.subject) is not None
    )


def _is_from_list(message: Message, precedence: str) -> bool:
    return precedence in _PRECEDENCE_OF_LISTS or any(name in message.headers for name in _LIST_FIELDS)


def _is_from_one_of(message: Message, lists: Collection[str]) -> bool:
    named = (message.headers.get("list-id") + " " + message.headers.get("list-post")).lower()
    words = set(re.split(r"[\s<>,]|mailto:", named))
    return any(one.lower() in words or one.lower().replace("@", ".") in words for one in lists)


def is_own(message: Message, own_addresses: Collection[str], separator: str = "+") -> bool:
    """Whether the bot itself wrote it, under any of its addresses (trap 11)."""
    sender = message.sender or ""
    return OWN_MARK in message.headers or sender in own_addresses or without_detail(sender, separator) in own_addresses
