"""A mail that opens something: one request, or one for each line of its tables."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mailbot.config import Config
from mailbot.desk import Desk
from mailbot.desk.enclosed import FaultyLines, Opening, Table, kept, table_of
from mailbot.intake import again, opening
from mailbot.intake.again import Sent
from mailbot.intake.arrival import HANDLED, Arrival, InboxState, Outcome, ignored
from mailbot.intake.telling import OFTEN, Telling
from mailbot.process.definition import Process
from mailbot.process.request import Kind, Submitted
from mailbot.process.rules import Rules
from mailbot.store import TokenRow, Transaction
from mailbot.store.attachments import Files

CHANNEL = "mail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anew:
    """`rules` gives the processes as they are now."""

    config: Config
    desk: Desk
    rules: Callable[[], Rules]
    files: Files
    telling: Telling

    def open(
        self, tx: Transaction, arrival: Arrival, process: Process, token: TokenRow | None, now: datetime
    ) -> Outcome:
        """What the mail says for this process; the blank form, where it says nothing. `token`: what it carries."""
        limits, bot = self.config.limits, self.config.bot
        sent = again.sent(tx, arrival, process, token, limits)
        table = table_of(sent.files, process.fields, limits, alone=not sent.given)
        if not sent.given and table is None:
            known = self.desk.present(tx, now, arrival.person).known_of(arrival.person, process.fields)
            return self.telling.tell(tx, arrival, now, Kind.FORM, type=process.type, given=known)
        watchers = opening.watchers(arrival.message, arrival.person, self.desk.directory, bot.subaddress)
        files = kept(tx, self.files, sent.files, arrival.person)
        event = Submitted(given=sent.given, attachments=files, watchers=watchers)
        if table is not None:
            return self._open_lines(tx, arrival, process, event, table, sent, now)
        request = self.desk.open(
            tx,
            process,
            self.rules().sources[process.version],
            event,
            requester=arrival.person,
            channel=CHANNEL,
            now=now,
            cause=arrival.cause,
        )
        return Outcome(state=InboxState.HANDLED, reference=request.reference)

    def _open_lines(
        self,
        tx: Transaction,
        arrival: Arrival,
        process: Process,
        event: Submitted,
        table: Table,
        sent: Sent,
        now: datetime,
    ) -> Outcome:
        lines = Opening(
            desk=self.desk,
            tx=tx,
            process=process,
            source=self.rules().sources[process.version],
            event=event,
            person=arrival.person,
            channel=CHANNEL,
            now=now,
            cause=arrival.cause,
        )
        try:
            first, *_ = lines.settle(table)
        except FaultyLines as faulty:
            if self.telling.is_answered_often(tx, arrival, now):
                return ignored(OFTEN)
            lines.refuse(faulty, sent.subject(process))
            return HANDLED
        return Outcome(state=InboxState.HANDLED, reference=first.reference)
