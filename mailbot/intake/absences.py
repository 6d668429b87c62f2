"""`away until DATE, deputy ADDRESS` and `back`: who says of himself that he is away, and who stands in for him."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from mailbot.desk import Desk
from mailbot.intake.arrival import Arrival
from mailbot.intake.deeds import NAME_A_DEPUTY
from mailbot.mail.command import Command, Verb
from mailbot.process.directory import Absence, Directory
from mailbot.process.request import Entry, Kind, Notice
from mailbot.store import Transaction, absences, views

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
        return Refusal(kind=Kind.REFUSED, why="a shared mailbox is never away: write from your own address")
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
    waiting = len(views.actions(tx.conn, person))
    notices = _told_away(directory, absence, command.until, waiting)
    return [*notices, *_relieved(person, before, but=deputy)]


def _refusal(directory: Directory, person: str, deputy: str, until: date | None, today: date) -> Refusal | None:
    if until is None or not deputy:
        return Refusal(kind=Kind.MISUNDERSTOOD, why=NAME_A_DEPUTY)
    if until < today:
        return Refusal(kind=Kind.MISUNDERSTOOD, why=f"{until} is past; when you are there again, write “back”")
    if until > today + LONGEST:
        return Refusal(kind=Kind.MISUNDERSTOOD, why=f"{until} is more than {LONGEST.days // 366} years from now")
    if deputy == person:
        return Refusal(kind=Kind.REFUSED, why="nobody stands in for himself: name somebody else")
    if deputy == directory.bot or not directory.knows(deputy):
        return Refusal(kind=Kind.REFUSED, why=f"{deputy} is none of us, and cannot stand in for you")
    return None


def _told_away(directory: Directory, absence: Absence, until: date, waiting: int) -> list[Notice]:
    """`waiting` is how much he has been asked already."""
    person, deputy = absence.person, absence.deputy
    already = (
        f"{waiting} thing{'s wait' if waiting > 1 else ' waits'} for you already. What you were asked stays with "
        f"you until its next reminder. If it cannot wait, pass the letter on: {deputy} may answer it."
    )
    own = (
        f"What you would be asked is asked of {deputy}.{_beyond(directory, absence)}",
        *([already] if waiting else []),
        "You may go on answering yourself. To change this, write it anew; when you are there again, write “back”.",
    )
    deputys = (
        f"What {person} would be asked is asked of you. Each letter says for whom; {person} may go on answering too.",
        "Whatever you cannot answer you can hand on: reply “assign”, and the address of a colleague.",
    )
    return [
        _notice(person, f"You are away until the end of {until}", own, answers=True),
        _notice(deputy, f"You stand in for {person} until the end of {until}", deputys),
    ]


def _beyond(directory: Directory, absence: Absence) -> str:
    """Where the deputy is away too."""
    there = directory.stand_in(absence.person)
    if there == absence.deputy:
        return ""
    if there is None:
        return " Nobody is there for both of you, though: your department's lead is asked, else the admins."
    return f" That one is away too, and so it is {there} who is asked."


def _relieved(person: str, before: Absence | None, but: str = "") -> list[Notice]:
    if before is None or before.deputy == but:
        return []
    text = ["What you were asked meanwhile is still yours to answer."]
    return [_notice(before.deputy, f"You stand in for {person} no longer", text)]


def _back(tx: Transaction, arrival: Arrival, before: Absence | None, now: datetime) -> list[Notice]:
    person = arrival.person
    if before is None:
        return [_notice(person, "You were not away", ["Nothing has changed: you are asked yourself."], answers=True)]
    absences.end(tx.conn, person)
    _write(tx, arrival, "back", f"deputy was {before.deputy}", now)
    own = (
        "From now on you are asked yourself.",
        f"What {before.deputy} was asked meanwhile is still to be answered there; you may answer it too.",
    )
    return [_notice(person, "You are there again", own, answers=True), *_relieved(person, before)]


def _notice(to: str, headline: str, text: Sequence[str], *, answers: bool = False) -> Notice:
    facts = {"headline": headline, "lines": text}
    return Notice(kind=Kind.ANSWER, to=to, facts=facts, answers=answers, template="absence")


def _write(tx: Transaction, arrival: Arrival, action: str, detail: str, now: datetime) -> None:
    entry = Entry(actor=arrival.person, action=action, detail=detail)
    tx.write_house([entry], now, arrival.message.message_id)
