"""Which token a mail carries, wherever mail programs have left it (traps 1, 4 and 5)."""

from collections.abc import Callable, Iterator

from mailbot.desk.lists import LIST
from mailbot.errors import MailbotError
from mailbot.mail import token
from mailbot.mail.message import Message
from mailbot.store import TokenRow

Lookup = Callable[[str], TokenRow | None]
"""From what looks like a token to what it stands for; None where it is none of ours."""


class Contradiction(MailbotError):
    """The address and the mail replied to name different steps or persons: nothing is decided (trap 8a)."""


def token_of(message: Message, quoted: str, lookup: Lookup) -> TokenRow | None:
    """The first that counts: the address written to, In-Reply-To, the last of References, the quoted text, the subject.

    Raises Contradiction.
    """
    addressed = _first(message.recipients, lookup)
    replied = _first(message.in_reply_to, lookup)
    if addressed and replied and _about(addressed) != _about(replied):
        raise Contradiction
    if found := addressed or replied:
        return found
    return next(filter(None, (_first(texts, lookup) for texts in _others(message, quoted))), None)


def _others(message: Message, quoted: str) -> Iterator[tuple[str, ...]]:
    yield tuple(reversed(message.references))
    yield (quoted,)
    yield (message.subject,)


def _first(texts: tuple[str, ...], lookup: Lookup) -> TokenRow | None:
    candidates = (candidate for text in texts for candidate in token.find(text))
    return next(filter(None, map(lookup, candidates)), None)


def _about(row: TokenRow) -> tuple[str, str | None, str | None, str | None]:
    return row.person, row.reference, row.step, row.subject if row.purpose == LIST else None
