"""Which token a mail carries, wherever mail programs have left it (traps 1, 4 and 5)."""

from collections.abc import Callable, Iterator

from mailbot.desk import Desk
from mailbot.desk.lists import LIST
from mailbot.errors import MailbotError
from mailbot.intake.arrival import Arrival
from mailbot.mail import token
from mailbot.mail.message import Message
from mailbot.mail.sender import MailClass
from mailbot.store import TokenRow, Transaction

_CARRYING = frozenset({MailClass.HUMAN, MailClass.AUTOMATIC})
"""Classes of mail whose token counts for something."""

Lookup = Callable[[str], TokenRow | None]
"""From what looks like a token to what it stands for; None where it is none of ours."""


class Contradiction(MailbotError):
    """The address and the mail replied to name different steps or persons: nothing is decided (trap 8a)."""


def carried(desk: Desk, tx: Transaction, arrival: Arrival) -> TokenRow | Contradiction | None:
    """What a mail carries; a bounce, and what we wrote ourselves, carries nothing."""
    if arrival.mail_class not in _CARRYING:
        return None

    def lookup(text: str) -> TokenRow | None:
        id_ = desk.post.tokens.verify(text)
        return tx.token(id_) if id_ else None

    try:
        return token_of(arrival.message, arrival.words.quoted, lookup)
    except Contradiction as contradiction:
        return contradiction


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
