"""A target that is a mailbox: an order in words, for people or for a system that takes orders by mail."""

from collections.abc import Callable
from datetime import datetime

from mailbot.config.targets import MailTarget
from mailbot.errors import Usage
from mailbot.mail.letter import Letter, Letterhead, PlainTemplates, Unfit, plain_letter
from mailbot.mail.relay import Deferred, Refused, Relay
from mailbot.mail.token import Token, Tokens
from mailbot.process.definition import Action
from mailbot.process.request import Drive
from mailbot.target.base import KNOWN, Answer, CannotDrive, cannot, confirmed, failed, later
from mailbot.target.checked import checked, tongue_of

ORDER = "order"
"""The template of those that have none of their own."""


class MailDriver:
    """Confirmed is what the relay has taken. The same id is the same mail, to the byte: told twice, it is read once."""

    def __init__(
        self,
        target: MailTarget,
        templates: PlainTemplates,
        *,
        letterhead: Letterhead,
        tokens: Tokens,
        relay: Callable[[], Relay],
    ) -> None:
        self.mailbox: str = target.to
        self._subject = target.subject or target.title or target.name
        self._template = target.template or ORDER
        self._check = target.check
        self._templates = templates
        self._letterhead = letterhead
        self._tokens = tokens
        self._relay = relay

    def drive(self, request: Drive, since: datetime) -> Answer:
        if request.action is Action.VERIFY:
            return failed("a mail can test nothing: give the step a target that answers, as a command")
        try:
            letter = self._letter(request, since)
        except (Unfit, CannotDrive, ValueError) as error:
            return cannot(error)
        return self._send(letter)

    def check(self) -> str:
        self._templates.check(self._template, KNOWN)
        return f"mail to {self.mailbox}"

    def _letter(self, request: Drive, since: datetime) -> Letter:
        reference = str(request.body["reference"])
        text = self._templates.render(self._template, {**request.body, "body": request.body}, tongue_of(self._check))
        return plain_letter(
            subject=f"[{reference}] {self._subject}: {request.action} ({request.step})",
            text=checked(text, self._check, self._template),
            letterhead=self._letterhead,
            to=self.mailbox,
            reference=reference,
            token=order_token(self._tokens, self.mailbox, request.id),
            now=since,
        )

    def _send(self, letter: Letter) -> Answer:
        """A relay that is down is no fault of the target's, and sending it once more does no harm."""
        try:
            relay = self._relay()
        except Usage as error:
            return failed(str(error))
        try:
            relay.send(letter.raw, sender=letter.sender, to=[letter.to])
        except Refused as refusal:
            return failed(f"the relay refused it: {refusal}")
        except Deferred as deferral:
            return later(f"the relay does not take it now: {deferral}")
        else:
            return confirmed(f"mailed to {self.mailbox}")
        finally:
            relay.close()


def order_token(tokens: Tokens, mailbox: str, id_: str) -> Token:
    """What an order is known by when it comes back as a bounce."""
    return tokens.sign(mailbox, "order", id_)
