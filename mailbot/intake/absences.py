"""`away until DATE, deputy ADDRESS` and `back`: who says of himself that he is away, and who stands in for him."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from mailbot.desk import Desk
from mailbot.intake.arrival import Arrival
from mailbot.intake.deeds import NAME_A_DEPUTY
from mailbot.mail.command import Command, Verb
from mailbot.process.directory import Absence, Directory
from mailbot.process.request import Entry, Kind, Notice, WentAway
from mailbot.store import Transaction, absences, views
from mailbot.words import say

LONGEST = timedelta(days=3 * 366)
"""A date further off is a slip of the hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Why it cannot be noted, in words for who wrote it."""

    kind: Kind
    why: str


def note(
    desk: Desk, tx: Transaction, arrival: Arrival, command: Command, now: datetime, zone: tzinfo
) -> list[Notice] | Refusal:
    """Note what somebody says of himself; what he, and whoever stands in for him, is told."""
    directory = desk.present(tx, now)
    person = arrival.person
    if directory.readers(person):
        return Refusal(kind=Kind.REFUSED, why=say("absences.a_shared_mailbox_is"))
    tx.hold(f"absence of {person}")
    before = directory.absences.get(person)
    if command.verb is Verb.BACK:
        return _back(tx, arrival, before, now)
    deputy = directory.person(command.address or "")
    if refusal := _refusal(directory, person, deputy, command.until, arrival.today):
        return refusal
    assert command.until is not None  # noqa: S101 (the parser has seen to it)
    until = datetime.combine(command.until + timedelta(days=1), time(), zone).astimezone(UTC)
    absence = Absence(person=person, since=now, until=until, deputy=deputy)
    absences.note(tx.conn, absence, arrival.message.message_id)
    _write(tx, arrival, "away", f"until {command.until}, deputy {deputy}", now)
    directory = replace(directory, absences={**directory.absences, person: absence})
    passed = _pass_on(desk, tx, person, now)
    notices = _told_away(directory, absence, command.until, passed)
    return [*notices, *_relieved(person, before, but=deputy)]


def _pass_on(desk: Desk, tx: Transaction, person: str, now: datetime) -> int:
    """What he is asked already goes to whoever stands in; of how many things that is so."""
    asked = sorted({row["reference"] for row in views.actions(tx.conn, person)})
    passed = 0
    for reference in asked:
        before = sum(person in step.asked for step in tx.load(reference).request.steps)
        request = desk.settle(tx, reference, WentAway(person=person), now)
        passed += before - sum(person in step.asked for step in request.steps)
    return passed


def _refusal(directory: Directory, person: str, deputy: str, until: date | None, today: date) -> Refusal | None:
    if until is None or not deputy:
        return Refusal(kind=Kind.MISUNDERSTOOD, why=NAME_A_DEPUTY)
    if until < today:
        return Refusal(kind=Kind.MISUNDERSTOOD, why=say("absences.is_past_when_you", until=until))
    if until > today + LONGEST:
        return Refusal(
            kind=Kind.MISUNDERSTOOD, why=say("absences.is_more_than_years", until=until, years=LONGEST.days // 366)
        )
    if deputy == person:
        return Refusal(kind=Kind.REFUSED, why=say("absences.nobody_stands_in_for"))
    if deputy == directory.bot or not directory.knows(deputy):
        return Refusal(kind=Kind.REFUSED, why=say("absences.is_none_of_us", deputy=deputy))
    return None


def _told_away(directory: Directory, absence: Absence, until: date, passed: int) -> list[Notice]:
    """`passed` is how much of what he was asked already has gone to somebody else."""
    person, deputy = absence.person, absence.deputy
    own = (
        say("absences.what_you_would_be", deputy=deputy, beyond=_beyond(directory, absence)),
        *([say("absences.what_waited_is_passed_on", count=passed)] if passed else []),
        say("absences.you_may_go_on"),
    )
    deputys = (
        say("absences.what_would_be_asked", person=person),
        say("absences.whatever_you_cannot_answer"),
    )
    return [
        _notice(person, say("absences.you_are_away_until", until=until), own, answers=True),
        _notice(deputy, say("absences.you_stand_in_for_until", person=person, until=until), deputys),
    ]


def _beyond(directory: Directory, absence: Absence) -> str:
    """Where the deputy is away too."""
    there = directory.stand_in(absence.person)
    if there == absence.deputy:
        return ""
    if there is None:
        return say("absences.nobody_is_there_for")
    return say("absences.that_one_is_away", there=there)


def _relieved(person: str, before: Absence | None, but: str = "") -> list[Notice]:
    if before is None or before.deputy == but:
        return []
    text = [say("absences.what_you_were_asked")]
    return [_notice(before.deputy, say("absences.you_stand_in_for", person=person), text)]


def _back(tx: Transaction, arrival: Arrival, before: Absence | None, now: datetime) -> list[Notice]:
    person = arrival.person
    if before is None:
        return [
            _notice(person, say("absences.you_were_not_away"), [say("absences.nothing_has_changed_you")], answers=True)
        ]
    absences.end(tx.conn, person)
    _write(tx, arrival, "back", f"deputy was {before.deputy}", now)
    own = (
        say("absences.from_now_on_you"),
        say("absences.what_was_asked_meanwhile", deputy=before.deputy),
    )
    return [_notice(person, say("absences.you_are_there_again"), own, answers=True), *_relieved(person, before)]


def _notice(to: str, headline: str, text: Sequence[str], *, answers: bool = False) -> Notice:
    facts = {"headline": headline, "lines": text}
    return Notice(kind=Kind.ANSWER, to=to, facts=facts, answers=answers, template="absence")


def _write(tx: Transaction, arrival: Arrival, action: str, detail: str, now: datetime) -> None:
    entry = Entry(actor=arrival.person, action=action, detail=detail)
    tx.write_house([entry], now, arrival.message.message_id)
