"""What is answered to a mail that changes nothing, and who has had enough of it (trap 12)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mailbot.desk import Desk
from mailbot.intake import answering, suppliers
from mailbot.intake.arrival import HANDLED, Arrival, Outcome, ignored
from mailbot.process.request import Kind, Notice, Unclear
from mailbot.process.rules import Rules
from mailbot.store import TokenRow, Transaction

OFTEN = "the sender has had all the answers of this hour"
TOLD = "it answers a letter with no command, and its sender was told within this hour what to write"


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """`most`: letters an hour that answer one sender's mail."""

    desk: Desk
    rules: Callable[[], Rules]
    most: int

    def tell(self, tx: Transaction, arrival: Arrival, now: datetime, kind: Kind, **facts: object) -> Outcome:
        """Answer a mail that is about no request."""
        if self.is_answered_often(tx, arrival, now):
            return ignored(OFTEN)
        if answering.is_repeated(tx, arrival, kind, self.desk.reference, now):
            return ignored(TOLD)
        process = self.rules().processes.get(str(facts.get("type", "")))
        if process is not None:
            facts["title"] = process.title
        facts.setdefault("wrote", arrival.words.first_line)
        notice = Notice(kind=kind, to=arrival.person, facts=facts, answers=True)
        self.desk.tell(tx, [notice], now, arrival.cause, process=process)
        return HANDLED

    def unanswered(
        self, tx: Transaction, arrival: Arrival, token: TokenRow | None, deed: Unclear, now: datetime
    ) -> Outcome | None:
        """What becomes of words that mean nothing here, where their sender is not told so."""
        if suppliers.is_told(self.desk.directory, tx, arrival.person, now):
            return suppliers.note(self.desk, tx, arrival, token, now)
        if not deed.faults and answering.is_repeated(tx, arrival, Kind.MISUNDERSTOOD, self.desk.reference, now):
            return ignored(TOLD)
        return ignored(OFTEN) if self.is_answered_often(tx, arrival, now) else None

    def is_answered_often(self, tx: Transaction, arrival: Arrival, now: datetime) -> bool:
        """Whether he gets no more answers in this hour."""
        return answering.answered_often(tx, arrival.person, now, self.most)
