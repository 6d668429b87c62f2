"""`check --loop`: a letter to ourselves, by the relay and back into the mailbox, and what the way has done to it."""

import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from mailbot.bot import Bot
from mailbot.errors import NotFound, NotPossible
from mailbot.mail import token
from mailbot.mail.account import maildir_path
from mailbot.mail.dns import txt_record
from mailbot.mail.mailbox import Folder
from mailbot.mail.message import Message, read
from mailbot.mail.sender import OWN_MARK, Verdict, judge
from mailbot.mail.token import Tokens
from mailbot.store import views

LOOK = 2.0
"""Seconds between two looks into the mailbox, at most."""

ADDRESS, MESSAGE_ID, REFERENCES = "the address", "the Message-ID (In-Reply-To of a reply)", "References"
SUBJECT, TEXT = "the subject", "the text"
CARRIERS = (ADDRESS, MESSAGE_ID, REFERENCES, SUBJECT, TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came back: which carriers still held their token, and what was said of the sender."""

    seconds: float
    carriers: Mapping[str, bool]
    verdict: Verdict
    verdicts: tuple[str, ...]
    """The Authentication-Results that it bears, whoever wrote them: one of them may name our border."""


def around(bot: Bot, timeout: float) -> Came:
    """Send the letter and wait for it. Raises NotFound when it does not come, Deferred, Refused, Unreachable."""
    _connected(bot)
    mark = secrets.token_hex(8)
    tokens = _tokens(bot, mark)
    with bot.store.reading() as conn:
        before = views.last_mail(conn)
    address, begun = bot.config.bot.address, time.monotonic()
    bot.relay.send(_letter(bot, mark, tokens), sender=address, to=[_sub_address(bot, tokens)])
    while (seconds := time.monotonic() - begun) < timeout:
        for raw in _arrived(bot, mark, before):
            return _came(bot, read(raw), tokens, seconds)
        bot.mailbox.wait(min(LOOK, timeout))
    raise NotFound(
        f"the letter to {address} did not come back within {timeout:.0f} s: see what became of it in the log of your "
        f"mail system, and whether {bot.config.mailbox.url} is the mailbox of that address"
    )


def _connected(bot: Bot) -> None:
    """The embedded mailbox has two ends, and nobody in between."""
    sent, box = maildir_path(bot.config.relay), maildir_path(bot.config.mailbox)
    if sent is not None and sent != box:
        raise NotPossible(f"letters are put into {sent}, from where nobody brings them back: this needs a real relay")


def _tokens(bot: Bot, mark: str) -> dict[str, str]:
    """One for each carrier, so that each can be told from the others; where there are no sub-addresses, none there."""
    made = Tokens(bot.config.keys("token"))
    carriers = CARRIERS if bot.config.bot.subaddress else CARRIERS[1:]
    return {carrier: made.sign("loop", mark, carrier).text for carrier in carriers}


def _sub_address(bot: Bot, tokens: Mapping[str, str]) -> str:
    local, _, domain = bot.config.bot.address.rpartition("@")
    detail = f"{bot.config.bot.subaddress}{tokens[ADDRESS]}" if ADDRESS in tokens else ""
    return f"{local}{detail}@{domain}"


def _letter(bot: Bot, mark: str, tokens: Mapping[str, str]) -> bytes:
    """A letter as we write them; its marks make any bot that meets it ignore it."""
    domain = bot.config.bot.address.rpartition("@")[2]
    letter = EmailMessage(policy=SMTP.clone(max_line_length=998))
    letter["From"] = bot.config.bot.address
    letter["To"] = _sub_address(bot, tokens)
    letter["Subject"] = f"mailbot check {mark} [{tokens[SUBJECT]}]"
    letter["Date"] = format_datetime(bot.now())
    letter["Message-ID"] = f"<{tokens[MESSAGE_ID]}@{domain}>"
    letter["References"] = f"<{tokens[REFERENCES]}@{domain}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter[OWN_MARK] = "check"
    letter.set_content(f"mailbot tries the way of its letters ({mark}).\nYou may delete this.\n\n{tokens[TEXT]}\n")
    return letter.as_bytes()


def _arrived(bot: Bot, mark: str, before: int) -> Iterator[bytes]:
    """The letter, once it is in the mailbox; or in the inbox, where a bot that runs has been quicker."""
    ours = mark.encode()
    for batch in bot.mailbox.waiting():
        for mail in batch:
            if ours in mail.raw:
                bot.mailbox.file([mail.handle], Folder.IGNORED)
                yield mail.raw
    with bot.store.reading() as conn:
        yield from (raw for raw in views.mail_since(conn, before) if ours in raw)


def _came(bot: Bot, message: Message, tokens: Mapping[str, str], seconds: float) -> Came:
    trust = bot.config.trust
    places = {
        ADDRESS: message.recipients,
        MESSAGE_ID: (message.message_id or "",),
        REFERENCES: message.references,
        SUBJECT: (message.subject,),
        TEXT: (message.text,),
    }
    return Came(
        seconds=seconds,
        carriers={carrier: _holds(places[carrier], wanted) for carrier, wanted in tokens.items()},
        verdict=judge(message, trust.authentication_results, txt_record, trust.forwarders),
        verdicts=message.headers.all("authentication-results"),
    )


def _holds(texts: tuple[str, ...], wanted: str) -> bool:
    return any(wanted in token.find(text) for text in texts)
