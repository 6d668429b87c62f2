"""A mail about a request that there is: in reply to a letter of ours, or by its reference in the subject."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mailbot.config.model import Limits
from mailbot.desk import Desk, enclosed
from mailbot.desk.lists import LIST
from mailbot.errors import NotFound
from mailbot.intake import answering, suppliers
from mailbot.intake.arrival import Arrival, InboxState, Outcome, ignored
from mailbot.intake.deeds import Asked, deed_of
from mailbot.intake.filled import filled
from mailbot.intake.numbered import Numbered, why_unclear
from mailbot.intake.telling import Telling
from mailbot.mail.command import Commands
from mailbot.process.reader import concerns
from mailbot.process.request import Kind, Said, Unclear
from mailbot.process.rules import Rules
from mailbot.store import TokenRow, Transaction
from mailbot.store.attachments import Files
from mailbot.words import say


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """`rules` gives the processes as they are now."""

    limits: Limits
    desk: Desk
    rules: Callable[[], Rules]
    files: Files
    telling: Telling

    def reply(self, tx: Transaction, arrival: Arrival, token: TokenRow, now: datetime) -> Outcome:
        """Mail that carries the token of a letter about a request, or of a list."""
        asked_by, directory = answering.asked_by(tx, token), self.desk.present(tx, now, arrival.person)
        if all(answering.is_stranger(arrival.person, r, directory, self.rules()) for r, _ in asked_by):
            return ignored("the sender is none of those concerned")
        if token.expires <= now:
            return self.telling.tell(tx, arrival, now, Kind.REFUSED, why=say("intake.the_letter_that_you"))
        if arrival.asks_for_help:
            return self.telling.tell(tx, arrival, now, Kind.HELP)
        if token.purpose == LIST:
            return self._numbered(tx, arrival, token, now)
        [(request, _)] = asked_by
        process = self.desk.process(tx, request)
        asked = Asked(
            process=process,
            rule=process.step(token.step) if token.step else None,
            question=token.purpose == "question",
            requester=arrival.person == request.requester,
        )
        deed = deed_of(arrival.said, arrival.words, asked)
        if isinstance(deed, Unclear) and token.step is None and arrival.is_courtesy:
            return ignored("thanks, to a letter that asked nothing")
        files = enclosed.kept(tx, self.files, arrival.files, arrival.person)
        if obstacle := answering.obstacle_words(arrival.message):
            deed = Unclear(wrote="", why=obstacle)
        elif files:
            cells = self._cells(tx, asked, request.requester, now)
            deed = filled(arrival, deed, asked, cells, self.limits)
            deed = enclosed.said_with(deed, files, arrival.words.own, question=asked.question and asked.requester)
        if isinstance(deed, Unclear) and (outcome := self.telling.unanswered(tx, arrival, token, deed, now)):
            return outcome
        suppliers.keep_names(self.desk, tx, arrival, request, now)
        said = Said(
            actor=arrival.person,
            deed=deed,
            step=token.step,
            seat=token.person,
            content=token.content,
            token=True,
            attachments=enclosed.beside(deed, files),
        )
        self.desk.settle(tx, request.reference, said, now, arrival.cause)
        return Outcome(state=InboxState.HANDLED, reference=request.reference)

    def _cells(self, tx: Transaction, asked: Asked, requester: str, now: datetime) -> enclosed.Cells:
        own = asked.rule.fields if asked.rule else ()
        return enclosed.Cells(desk=self.desk, tx=tx, process=asked.process, requester=requester, now=now, own=own)

    def by_reference(self, tx: Transaction, arrival: Arrival, reference: str, now: datetime) -> Outcome | None:
        """`[IP-42]` in the subject finds a request for those whom it concerns; for others it is not there (trap 20)."""
        try:
            request = tx.load(reference).request
        except NotFound:
            return None
        if not concerns(arrival.person, request, self.desk.present(tx, now, arrival.person)):
            return None
        if arrival.asks_for_help:
            return self.telling.tell(tx, arrival, now, Kind.HELP)
        asked = Asked(process=self.desk.process(tx, request), requester=arrival.person == request.requester)
        files = enclosed.kept(tx, self.files, arrival.files, arrival.person)
        deed = enclosed.said_with(deed_of(arrival.said, arrival.words, asked), files, arrival.words.own)
        said = Said(actor=arrival.person, deed=deed, attachments=enclosed.beside(deed, files))
        if isinstance(deed, Unclear) and (outcome := self.telling.unanswered(tx, arrival, None, deed, now)):
            return outcome
        self.desk.settle(tx, reference, said, now, arrival.cause)
        return Outcome(state=InboxState.HANDLED, reference=reference)

    def _numbered(self, tx: Transaction, arrival: Arrival, token: TokenRow, now: datetime) -> Outcome:
        """A reply to a list: what was asked about several steps, each by its number."""
        if arrival.is_courtesy:
            return ignored("thanks, and no answer")
        reply, said = Numbered(desk=self.desk, tx=tx, arrival=arrival, token=token, now=now), arrival.said
        if not isinstance(said, Commands) or arrival.message.obstacle:
            why = answering.obstacle_words(arrival.message) or why_unclear(said)
            return self.telling.tell(tx, arrival, now, Kind.MISUNDERSTOOD, why=why, list=reply.items)
        reply.settle(said.commands)
        return Outcome(state=InboxState.HANDLED, reference=token.reference)
