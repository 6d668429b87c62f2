"""A reply to a list: each number is settled for itself, and what came of them is told in one letter at most."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mailbot.desk import Desk, listing, lists
from mailbot.desk.post import answers_to
from mailbot.intake.arrival import Arrival
from mailbot.intake.deeds import Asked, deed_of
from mailbot.mail.command import Command, Commands, Unclear
from mailbot.mail.reply import Reply as Words
from mailbot.process.request import (
    Approve,
    Ask,
    Assign,
    Cancel,
    Comment,
    Deed,
    Delay,
    Done,
    Hold,
    Kind,
    Notice,
    Reject,
    Request,
    Resume,
    Said,
    Skip,
)
from mailbot.store import TokenRow, Transaction
from mailbot.words import behind, say

NUMBER_FIRST = say("lists.this_letter_lists_several")

_ONE_THING = frozenset({Kind.SETTLED, Kind.REFUSED, Kind.MISUNDERSTOOD})
"""What all numbers may have come to."""

_SAID: dict[type[Deed], str] = {
    Approve: say("lists.approved"),
    Reject: say("lists.rejected"),
    Done: say("lists.done"),
    Delay: say("lists.delayed"),
    Assign: say("lists.handed_over"),
    Ask: say("lists.your_question_was_sent"),
    Comment: say("lists.your_comment_is_on"),
    Hold: say("lists.on_hold"),
    Resume: say("lists.going_on_again"),
    Cancel: say("lists.cancelled"),
    Skip: say("lists.skipped"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What one number came to; `notice` is what its sender would have been answered, had he answered it alone."""

    number: int
    item: lists.Item
    request: Request
    deed: Deed
    notice: Notice | None = None
    asked_anew: bool = False

    @property
    def words(self) -> str:
        return say(
            "lists.number",
            number=self.number,
            reference=self.item.reference,
            summary=self.request.summary,
            outcome=self._outcome,
        )

    @property
    def _outcome(self) -> str:
        if self.asked_anew:
            return say("lists.nothing_has_changed_the")
        done = _SAID.get(type(self.deed), say("lists.taken"))
        if self.notice is None:
            return done
        match self.notice.kind, self.notice.facts:
            case Kind.SETTLED, {"outcome": outcome, **facts}:
                by = facts.get("by")
                if by:
                    return say("lists.settled_before_by", outcome=outcome, by=by)
                return say("lists.settled_before", outcome=outcome)
            case ((Kind.REFUSED | Kind.MISUNDERSTOOD), {"why": why}):
                return say("lists.nothing_has_changed", why=why)
            case Kind.INCOMPLETE, _:
                return say("lists.nothing_has_changed_something")
            case Kind.STATUS, {"news": news}:
                return news if isinstance(news, str) else str(news)
            case Kind.COMPLETED, _:
                prefixes = ", ".join(address.prefix for address in self.request.addresses)
                return behind(say("lists.and_the_request_is_completed", done=done), prefixes)
            case _:
                return say("lists.so_the_request_is", done=done, state=say(f"states.{self.request.state.value}"))


def why_unclear(said: Command | Commands | Unclear | None) -> str:
    """What to tell somebody whose words are no answer to a list."""
    return (said.reason if isinstance(said, Unclear) else "") or NUMBER_FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbered:
    """One reply to the list that `token` stands for."""

    desk: Desk
    tx: Transaction
    arrival: Arrival
    token: TokenRow
    now: datetime

    @property
    def items(self) -> tuple[lists.Item, ...]:
        return lists.read(self.token.subject or "[]")

    def settle(self, commands: Sequence[Command]) -> None:
        """Settle each number that is named against the step and the content that it stands for, and answer."""
        items = self.items
        named = {number: command for command in commands for number in _numbers(command, len(items))}
        missing = [number for number in sorted(named) if not 1 <= number <= len(items)]
        known = [number for number in sorted(named) if 1 <= number <= len(items)]
        self._answer([self._settle_one(number, items[number - 1], named[number]) for number in known], missing)

    def _settle_one(self, number: int, item: lists.Item, command: Command) -> Result:
        arrival = self.arrival
        request = self.tx.load(item.reference).request
        process = self.desk.process(self.tx, request)
        asked = Asked(process=process, rule=process.step(item.step), requester=arrival.person == request.requester)
        words = Words(own=command.rest, quoted="", first_line=command.verb.value)
        deed = deed_of(replace(command, items=()), words, asked)
        said = Said(
            actor=arrival.person, deed=deed, step=item.step, seat=self.token.person, content=item.content, token=True
        )
        aside = answers_to(arrival.person)
        request = self.desk.settle(self.tx, item.reference, said, self.now, arrival.cause, aside=aside)
        anew = any(notice.answers and notice.kind is Kind.ACTION for notice in aside.left)
        notice = next(iter(aside.notices), None)
        return Result(number=number, item=item, request=request, deed=deed, notice=notice, asked_anew=anew)

    def _answer(self, results: Sequence[Result], missing: Sequence[int]) -> None:
        """Where all was done as he said, that is enough; one thing to say is said as ever, several in one letter."""
        telling = [(result, result.notice) for result in results if result.notice is not None]
        if len(telling) == 1 and not missing:
            [(result, notice)] = telling
            self.desk.note(self.tx, result.item.reference, self.now, self.arrival.cause, notices=[notice])
        elif telling or missing:
            kinds = {notice.kind for _, notice in telling} or {Kind.MISUNDERSTOOD}
            kind = kinds.pop() if len(kinds) == 1 and kinds <= _ONE_THING else Kind.ANSWER
            lines = [result.words for result in results]
            if missing:
                lines.append(say("lists.there_is_no_number", numbers=listing.ranges(missing)))
            facts = {"text": "\n".join(lines), "list": self.items}
            combined = Notice(kind=kind, to=self.arrival.person, facts=facts, answers=True, template="answers")
            self.desk.tell(self.tx, [combined], self.now, self.arrival.cause)


def _numbers(command: Command, most: int) -> Iterator[int]:
    yield from range(1, most + 1) if command.items == "all" else command.items
