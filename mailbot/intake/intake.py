"""One mail → one committed change: it is an inbox row before the mailbox hears of it, and handled once.

The order is: a bounce, a machine, ourselves, else a human; then whether his From is believed; then what it is about.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

from mailbot.config import Config
from mailbot.desk import Desk
from mailbot.desk.lists import LIST
from mailbot.errors import NotFound
from mailbot.intake import (
    absences,
    again,
    answering,
    bounces,
    carriers,
    machines,
    opening,
    queries,
    released,
    suppliers,
    trust,
)
from mailbot.intake.anew import Anew
from mailbot.intake.arrival import HANDLED, Arrival, InboxState, Outcome, held, ignored
from mailbot.intake.known import Known
from mailbot.intake.reading import read_within
from mailbot.intake.telling import OFTEN, Telling
from mailbot.mail.command import Command, releases
from mailbot.mail.mailbox import Folder
from mailbot.mail.message import Message, Obstacle
from mailbot.mail.sender import DkimLookup, MailClass, classify
from mailbot.process.definition import Process
from mailbot.process.request import Kind
from mailbot.process.rules import Rules
from mailbot.store import Store, StoreUnreachable, TokenRow, Transaction
from mailbot.store.attachments import Files
from mailbot.words import say

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """`rules` gives the processes as they are now; `dkim_lookup` asks DNS where our border is silent."""

    config: Config
    store: Store
    desk: Desk
    rules: Callable[[], Rules]
    files: Files
    dkim_lookup: DkimLookup | None = None

    @property
    def _telling(self) -> Telling:
        return Telling(desk=self.desk, rules=self.rules, most=self.config.limits.answers_per_hour)

    @property
    def _opening(self) -> Anew:
        return Anew(config=self.config, desk=self.desk, rules=self.rules, files=self.files, telling=self._telling)

    @property
    def _known(self) -> Known:
        limits = self.config.limits
        return Known(limits=limits, desk=self.desk, rules=self.rules, files=self.files, telling=self._telling)

    # -- the mailbox's side --------------------------------------------------------------------------------------------

    def take(self, raw: bytes, now: datetime, *, truncated: bool = False) -> Folder | None:
        """Handle one mail; where it is to be filed. None: leave it where it is, it cannot be read yet (trap 15).

        `truncated`: there is more of it than the mailbox gives out.
        """
        try:
            message = read_within(raw, self.config.limits, truncated=truncated)
            if message.obstacle is Obstacle.STUB:
                return None
            arrival = self._arrival(message, now)
            return self.store.committed(lambda tx: self._receive(tx, arrival, now)).folder
        except StoreUnreachable:
            raise
        except Exception:  # one bad mail never stops the queue (trap 28)
            log.exception("a mail could not be handled and is quarantined")
            return self._quarantine(raw, now)

    def release(self, number: int, now: datetime) -> Outcome:
        """Handle a mail again whose sender an admin vouches for. NotFound when it does not wait."""
        return self.store.committed(lambda tx: self._again(tx, number, now, vouched=True))

    def retry(self, number: int, now: datetime) -> Outcome:
        """Handle a quarantined mail again, as it would be if it came now."""
        return self.store.committed(lambda tx: self._again(tx, number, now, vouched=False))

    def _arrival(self, message: Message, now: datetime) -> Arrival:
        bot, lists = self.config.bot, self.config.trust.lists
        return Arrival(
            message=message,
            mail_class=classify(message, own_addresses=[bot.address], separator=bot.subaddress, lists=lists),
            verdict=trust.weighed(self.config.trust, self.rules(), message, self.dkim_lookup),
            person=self.desk.directory.person(message.sender or ""),
            today=now.astimezone(bot.zone).date(),
            commands_most=self.config.limits.commands_per_message,
        )

    def _receive(self, tx: Transaction, arrival: Arrival, now: datetime) -> Outcome:
        """A row for the mail, under the constraint that makes it one; then what it is about."""
        message = arrival.message
        token = carriers.carried(self.desk, tx, arrival)
        believed = self._believes(tx, arrival, self._about(tx, arrival, token, now))
        once = arrival.known_as(believed=believed)
        number = tx.receive(
            once=once,
            received=now,
            message_id=message.message_id,
            sender=message.sender,
            subject=message.subject,
            believed=believed,
            verdict=arrival.verdict.reason,
            state=InboxState.HANDLED.value,
            raw=message.raw,
            **{"class": arrival.mail_class.value},
        )
        if number is None:  # what it became then says where it lies: a kill may have come before it was filed
            return Outcome(state=InboxState(tx.state_of_mail(once)))
        trust.note_border(tx, self.config.trust, arrival.verdict)
        outcome = self._handle(tx, replace(arrival, number=number), token, now)
        self._file(tx, number, outcome)
        return outcome

    def _again(self, tx: Transaction, number: int, now: datetime, *, vouched: bool) -> Outcome:
        row = tx.mail(number)
        waits = {InboxState.HELD, InboxState.UNCONFIRMED, InboxState.QUARANTINED}
        if row["state"] not in waits or row["raw"] is None:
            raise NotFound(f"mail {number} does not wait: it is {row['state']}")
        message = read_within(row["raw"], self.config.limits)
        arrival = replace(self._arrival(message, now), number=number, vouched=vouched)
        token = carriers.carried(self.desk, tx, arrival)
        believed = self._believes(tx, arrival, self._about(tx, arrival, token, now))
        if believed and not tx.is_first(number, arrival.known_as(believed=True)):
            outcome = ignored("the same mail was handled before")
        else:
            outcome = self._handle(tx, arrival, token, now)
        self._file(tx, number, outcome)
        return outcome

    def _file(self, tx: Transaction, number: int, outcome: Outcome) -> None:
        if outcome != HANDLED:
            tx.file_mail(number, state=outcome.state.value, reason=outcome.reason, reference=outcome.reference)

    def _quarantine(self, raw: bytes, now: datetime) -> Folder:
        try:
            message = read_within(raw, self.config.limits)
            sender, subject = message.sender, message.subject
        except Exception:  # noqa: BLE001 (whatever is wrong with it, its bytes are kept)
            sender, subject = None, ""
        with self.store.transaction() as tx:
            tx.receive(
                once=f"broken {sha256(raw).hexdigest()}",
                received=now,
                sender=sender,
                subject=subject,
                state=InboxState.QUARANTINED.value,
                reason="it could not be handled: see the log",
                raw=raw,
            )
        return Folder.QUARANTINE

    # -- what it is about ----------------------------------------------------------------------------------------------

    def _handle(
        self,
        tx: Transaction,
        arrival: Arrival,
        token: TokenRow | carriers.Contradiction | None,
        now: datetime,
    ) -> Outcome:
        match arrival.mail_class:
            case MailClass.BOUNCE:
                return bounces.settle(self.desk, tx, arrival, now)
            case MailClass.AUTOMATIC as machine:
                return self._noted(tx, arrival, token, now) or ignored(f"{machine} mail")
            case MailClass.OWN as machine:
                return ignored(f"{machine} mail")
            case MailClass.HUMAN if arrival.message.sender is None:
                return held("its From names nobody, or more than one")
        if isinstance(token, carriers.Contradiction):
            return self._contradiction(tx, arrival, now)
        if token is not None and token.purpose == Kind.CONFIRM.value:
            return self._confirmed(tx, arrival, token, now)
        if token is not None and released.is_about(token) and arrival.person in self.desk.directory.admins:
            return self._released(tx, arrival, token, now)
        about = self._about(tx, arrival, token, now)
        if self._believes(tx, arrival, about):
            bounces.heard_of(self.desk, tx, arrival, about, now)
        elif about is not None:
            return trust.not_believed(arrival)
        return (
            self._without_token(tx, arrival, token, now)
            if about is None
            else self._known.reply(tx, arrival, about, now)
        )

    def _noted(
        self, tx: Transaction, arrival: Arrival, token: TokenRow | carriers.Contradiction | None, now: datetime
    ) -> Outcome | None:
        """What a machine says, where it is one of somebody who was asked; None for all others."""
        about = self._about(tx, arrival, token, now)
        if isinstance(token, carriers.Contradiction) or not self._believes(tx, arrival, about):
            return None
        outcome = suppliers.note(self.desk, tx, arrival, about, now)
        return outcome or machines.note(self.desk, tx, arrival, about, now)

    def _believes(self, tx: Transaction, arrival: Arrival, about: TokenRow | None) -> bool:
        """`about`: the token of the letter that it answers."""
        strict = trust.is_strict(self.desk, tx, self.config.trust, about)
        return trust.believes(self.config.trust, arrival, with_token=about is not None, strict=strict)

    def _about(
        self, tx: Transaction, arrival: Arrival, token: TokenRow | carriers.Contradiction | None, now: datetime
    ) -> TokenRow | None:
        """The token where the mail answers a letter about a request; None where it is taken like any other mail."""
        if not isinstance(token, TokenRow) or not (token.reference or token.purpose == LIST):
            return None
        if arrival.query or arrival.is_about_himself(token) or self._starts_anew(tx, arrival, token, now):
            return None
        return token

    def _starts_anew(self, tx: Transaction, arrival: Arrival, token: TokenRow, now: datetime) -> bool:
        """Autocomplete keeps token addresses: mail to a spent one that names a type is a new request (trap 8b)."""
        message = arrival.message
        if message.in_reply_to or message.references:
            return False
        process = self.rules().find(message.subject)
        return (
            process is not None
            and opening.may_ask(process, arrival.person, self.desk.present(tx, now, arrival.person))
            and all(answering.is_spent(request, step) for request, step in answering.asked_by(tx, token))
        )

    def _without_token(self, tx: Transaction, arrival: Arrival, token: TokenRow | None, now: datetime) -> Outcome:
        """A new request, a word about an old one, or somebody who does not know what to write.

        `token`: of the letter about no request that it may answer.
        """
        directory = self.desk.present(tx, now, arrival.person)
        offered = opening.offered(self.rules(), arrival.person, directory)
        reference = answering.reference_in(arrival.message.subject, self.config.bot.reference)
        is_known = directory.knows(arrival.person)
        is_customers = directory.customer_of(arrival.person) is not None
        is_supplier = self.desk.directory.party_of(arrival.person) is not None
        about_himself = is_known and (arrival.asks_for_help or arrival.absence or arrival.query)
        about_himself = about_himself or (is_customers and (arrival.asks_for_help or arrival.query))
        if not (offered or about_himself or (reference and (is_known or is_supplier or is_customers))):
            return ignored("the sender may ask for nothing")
        if not self._believes(tx, arrival, None):
            return trust.confirm(self.desk, tx, self.config.trust, arrival, now)
        if is_known and arrival.absence:
            return self._absence(tx, arrival, arrival.absence, now)
        if arrival.query and (offered or is_known or is_customers):
            return self._query(tx, arrival, arrival.query, now)
        if obstacle := answering.obstacle_words(arrival.message):
            return self._telling.tell(tx, arrival, now, Kind.MISUNDERSTOOD, why=obstacle)
        if reference and (outcome := self._known.by_reference(tx, arrival, reference, now)):
            return outcome
        return self._anew(tx, arrival, token, offered, now, is_known=is_known or is_customers)

    def _anew(
        self,
        tx: Transaction,
        arrival: Arrival,
        token: TokenRow | None,
        offered: Sequence[Process],
        now: datetime,
        *,
        is_known: bool,
    ) -> Outcome:
        """A mail that is about nothing that there is already."""
        bot = self.config.bot
        process = opening.meant(arrival.message, arrival.words.own, bot.address, bot.subaddress, self.rules())
        process = process or again.meant(self.rules(), arrival, token)
        if process in offered and process is not None:
            return self._opening.open(tx, arrival, process, token, now)
        if arrival.asks_for_help and (offered or is_known):
            return self._telling.tell(tx, arrival, now, Kind.HELP)
        if not offered:
            return ignored("the sender may ask for nothing")
        if arrival.no_query:
            return self._telling.tell(tx, arrival, now, Kind.MISUNDERSTOOD, why=arrival.no_query)
        return self._telling.tell(tx, arrival, now, Kind.FORMS, types=answering.types(offered))

    def _knows(self, tx: Transaction, person: str, now: datetime) -> bool:
        directory = self.desk.present(tx, now, person)
        return directory.knows(person) or bool(opening.offered(self.rules(), person, directory))

    def _absence(self, tx: Transaction, arrival: Arrival, said: Command, now: datetime) -> Outcome:
        """What somebody says of himself holds, however many letters he has had: these are not sent any more then."""
        came = absences.note(self.desk, tx, arrival, said, now, self.config.bot.zone)
        if isinstance(came, absences.Refusal):
            return self._telling.tell(tx, arrival, now, came.kind, why=came.why)
        if not self._telling.is_answered_often(tx, arrival, now):
            self.desk.tell(tx, came, now, arrival.cause)
        return HANDLED

    def _query(self, tx: Transaction, arrival: Arrival, asked: Command, now: datetime) -> Outcome:
        if self._telling.is_answered_often(tx, arrival, now):
            return ignored(OFTEN)
        notice = queries.answer(self.desk, tx, arrival, asked, self.config, self.rules().processes, now)
        self.desk.tell(tx, [notice], now, arrival.cause)
        return HANDLED

    def _confirmed(self, tx: Transaction, arrival: Arrival, token: TokenRow, now: datetime) -> Outcome:
        if not trust.confirms(arrival, token, now):
            return ignored("no yes to a confirmation")
        try:
            return self._again(tx, tx.number_of(token.subject or ""), now, vouched=True)
        except NotFound:
            return ignored("confirmed before")

    def _contradiction(self, tx: Transaction, arrival: Arrival, now: datetime) -> Outcome:
        why = say("intake.your_mail_answers_one")
        if not self._knows(tx, arrival.person, now):
            return ignored("the sender may ask for nothing")
        if not trust.believes(self.config.trust, arrival, with_token=True):
            return trust.not_believed(arrival)
        return self._telling.tell(tx, arrival, now, Kind.REFUSED, why=why)

    def _released(self, tx: Transaction, arrival: Arrival, token: TokenRow, now: datetime) -> Outcome:
        """An admin's answer to the summary of held mail."""
        if not trust.believes_admin(self.config.trust, arrival):
            return trust.not_believed(arrival)
        if token.expires <= now:
            return self._telling.tell(tx, arrival, now, Kind.REFUSED, why=say("intake.the_letter_that_you"))
        said = releases(arrival.words.own, len(released.numbers(token)))
        if said is None:
            return self._telling.tell(tx, arrival, now, Kind.MISUNDERSTOOD, why=say("held.write_the_number_first"))
        released.settle(
            self.desk, tx, arrival, said, token, now, lambda number: self._again(tx, number, now, vouched=True)
        )
        return HANDLED
