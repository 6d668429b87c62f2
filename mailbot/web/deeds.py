"""What is done on a page, by the same events as by mail; what a letter would have answered, the page tells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mailbot.desk import Aside, enclosed
from mailbot.desk.enclosed import FaultyLines, File, Table
from mailbot.process.definition import Process, StepRule
from mailbot.process.request import (
    MOST_TOLD,
    Amend,
    Approve,
    Ask,
    Assign,
    Cancel,
    Comment,
    Deed,
    Delay,
    Done,
    EndNow,
    Extend,
    Fail,
    Hold,
    Kind,
    Notice,
    Reject,
    Reply,
    Request,
    Resume,
    Retry,
    Said,
    Skip,
    Watch,
)
from mailbot.store import Transaction
from mailbot.web.forms import given_in
from mailbot.web.reading import Reading
from mailbot.web.visit import Unknown, Visit
from mailbot.words import first_of, say

LONGEST = 5000
"""Characters of a reason, a question, a comment."""

ANSWERS = frozenset(
    {Kind.REFUSED, Kind.MISUNDERSTOOD, Kind.SETTLED, Kind.INCOMPLETE, Kind.STATUS, Kind.ANSWER, Kind.ACTION}
)
"""Kinds of letters that say to who acted what came of it."""

CHANGED = say("pages.the_request_has_changed")
"""To who answered what is not asked any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it: `refusal` is why nothing was done, "" where it was; `faults` are the fields that are wrong."""

    request: Request
    refusal: str = ""
    faults: Mapping[str, str] | None = None


class Missing(Exception):
    """Something was not written that is needed, or is too long; the text says what, and `field` where it belongs."""

    def __init__(self, words: str, field: str = "text") -> None:
        self.field = field
        super().__init__(words)


def about_step(word: str, text: Mapping[str, str], process: Process, rule: StepRule) -> Deed:
    """What the word on a button of a step's page means. Raises Missing, Unknown."""
    said = _words(text)
    own = (*rule.fields, *(f for f in process.fields if f.name in rule.may_change))
    match word:
        case "approve":
            given = given_in(text, own)
            return Approve(given=given, text="" if given else said)
        case "done" | "fill":
            return Done(given=given_in(text, rule.fields), bare=word == "fill")
        case "reject":
            return Reject(reason=_needed(said, say("pages.write_why_the_requester")))
        case "ask":
            return Ask(question=_needed(said, say("pages.write_your_question")))
        case "delay":
            return _delay(text, said)
        case "assign":
            return Assign(to=_needed(text.get("to", "").strip().lower(), say("pages.write_the_address_of"), "to"))
        case "retry":
            return Retry(reason=said)
        case "skip":
            return Skip(reason=_needed(said, say("pages.write_why_it_can")))
        case "fail":
            return Fail(reason=_needed(said, say("pages.write_why_it_failed")))
        case _:
            raise Unknown


def about_request(word: str, text: Mapping[str, str], process: Process, *, with_files: bool = False) -> Deed:
    """What the word on a button of a request's page means. Raises Missing, Unknown.

    `with_files`: files come along, which say enough by themselves.
    """
    said = _words(text)
    match word:
        case "comment":
            return Comment(text=said if with_files else _needed(said, say("pages.write_your_comment")))
        case "reply":
            return Reply(text=said if with_files else _needed(said, say("pages.write_your_answer")))
        case "amend":
            return Amend(given=given_in(text, process.fields))
        case "cancel":
            return Cancel(reason=said)
        case "extend":
            return Extend(duration=_needed(said, say("pages.write_how_much_longer")))
        case "end":
            return EndNow()
        case "hold":
            return Hold(reason=said)
        case "resume":
            return Resume(reason=said)
        case "watch" | "unwatch":
            return Watch(on=word == "watch")
        case _:
            raise Unknown


def do(
    tx: Transaction,
    visit: Visit,
    reference: str,
    deed: Deed,
    *,
    step: str = "",
    content: str = "",
    files: Sequence[File] = (),
) -> Outcome:
    """Settle it as if it had come by mail with the token of that step, for who is logged in."""
    person = visit.viewer.person
    kept = enclosed.kept(tx, visit.parts.files, files, person)
    said = Said(
        actor=person,
        deed=enclosed.said_with(deed, kept, ""),
        step=step or None,
        content=content if step else None,
        token=True,
        attachments=enclosed.beside(deed, kept),
    )
    aside = Aside(takes=lambda notice: notice.to == person and notice.answers and notice.kind in ANSWERS)
    request = visit.parts.desk.settle(tx, reference, said, visit.now, aside=aside)
    refusals = [outcome for notice in aside.notices if (outcome := _refusal(request, notice))]
    return refusals[0] if refusals else Outcome(request=request)


def told_of(faulty: FaultyLines) -> list[str]:
    """What is wrong with the cells of a table, as much of it as a letter would tell."""
    return first_of(faulty.faults, MOST_TOLD)


def table_in(reading: Reading, deed: Deed, files: Sequence[File], rule: StepRule | None = None) -> Table | None:
    """What the files say for the form that the deed fills in: to be read before a transaction, since it takes time."""
    fields = enclosed.fillable(deed, reading.process, rule)
    alone = isinstance(deed, Done) and not deed.given
    return enclosed.table_of(files, fields, reading.visit.parts.config.limits, alone=alone) if fields else None


def with_table(
    tx: Transaction, reading: Reading, deed: Deed, table: Table | None, rule: StepRule | None = None
) -> Deed:
    """The deed with what the table says for the form that it fills in. Raises FaultyLines."""
    visit = reading.visit
    if table is None:
        return deed
    cells = enclosed.Cells(
        desk=visit.parts.desk,
        tx=tx,
        process=reading.process,
        requester=reading.request.requester,
        now=visit.now,
        own=rule.fields if rule else (),
    )
    found = enclosed.filling(table, enclosed.fillable(deed, reading.process, rule), cells)
    if found.faults:
        raise FaultyLines(found.faults)
    return enclosed.filled_in(deed, found)


def _refusal(request: Request, notice: Notice) -> Outcome | None:
    """Why nothing was done, as far as a notice says so."""
    facts = notice.facts
    match notice.kind:
        case Kind.ACTION:
            return Outcome(request=request, refusal=CHANGED)
        case Kind.INCOMPLETE:
            found = facts.get("faults")
            faults = found if isinstance(found, Mapping) else request.faults
            return Outcome(request=request, refusal=say("pages.something_is_missing_or"), faults=faults)
        case Kind.SETTLED:
            by = facts.get("by")
            outcome = facts.get("outcome")
            return Outcome(
                request=request,
                refusal=say("pages.it_is_settled_by", outcome=outcome, by=by)
                if by
                else say("pages.it_is_settled", outcome=outcome),
            )
        case Kind.REFUSED | Kind.MISUNDERSTOOD:
            return Outcome(request=request, refusal=say("pages.nothing_was_done", why=facts.get("why")))
        case _:
            return None


def _words(text: Mapping[str, str]) -> str:
    said = "\n".join(line.rstrip() for line in text.get("text", "").strip().splitlines())
    if len(said) > LONGEST:
        raise Missing(say("pages.this_text_is_too_long", most=LONGEST, has=len(said)))
    return said


def _needed(said: str, otherwise: str, field: str = "text") -> str:
    if not said:
        raise Missing(otherwise, field)
    return said


def _delay(text: Mapping[str, str], why: str) -> Delay:
    until = text.get("until", "").strip()
    try:
        return Delay(until=date.fromisoformat(until).isoformat(), reason=why)
    except ValueError:
        raise Missing(say("pages.choose_the_day_until"), "until") from None
