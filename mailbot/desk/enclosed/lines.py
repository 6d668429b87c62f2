"""A table of lines: one request each, or one with many items; all of it, or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from mailbot.desk.cause import NO_MAIL, Cause
from mailbot.desk.enclosed.filling import Cells
from mailbot.desk.enclosed.tables import Table, as_one, cell_fault
from mailbot.desk.post import answers_to
from mailbot.desk.settle import Desk
from mailbot.process.definition import Field, Lines, Process
from mailbot.process.request import MOST_TOLD, Kind, Notice, Request, Submitted
from mailbot.store import Transaction
from mailbot.words import Words, first_of, say


class FaultyLines(Exception):
    """Nothing was opened: `faults` are in words for whoever wrote the lines."""

    def __init__(self, faults: Sequence[Words]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def _must_be_none(faults: Sequence[Words]) -> None:
    if faults:
        raise FaultyLines(faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Lines on their way into requests of `person`. `event` is what is said beside them, for all of them."""

    desk: Desk
    tx: Transaction
    process: Process
    source: str
    event: Submitted
    person: str
    channel: str
    now: datetime
    cause: Cause = NO_MAIL

    def settle(self, table: Table) -> list[Request]:
        """Open what the lines ask for, and tell the requester in one letter. FaultyLines, and nothing has changed."""
        is_one = table.way(self.process.lines, self.process.fields) is Lines.ITEMS
        _must_be_none(table.faults)
        with self.tx.attempt():
            opened, faults = self._open_one(table) if is_one else self._open_each(table)
            _must_be_none(faults)
        lines = [
            say("lines.opened", reference=r.reference, summary=r.summary, state=say(f"states.{r.state.value}"))
            for r in opened
        ]
        self._tell(Kind.ANSWER, say("lines.were_opened", count=len(opened)), lines)
        return opened

    def refuse(self, faulty: FaultyLines, subject: str) -> None:
        """Tell the requester what is wrong. `subject`: what the letter's token remembers, for whoever replies to it."""
        headline = say("lines.nothing_was_opened", count=len(faulty.faults))
        self._tell(Kind.MISUNDERSTOOD, headline, faulty.faults, subject)

    def _open_each(self, table: Table) -> tuple[list[Request], list[Words]]:
        opened: list[Request] = []
        faults: dict[Words, None] = {}
        for line in table.lines:
            request = self._opened({**self.event.given, **line.given})
            opened.append(request)
            for field, words in self._faults_of(request):
                in_line = field.name in table.columns
                faults[cell_fault(line.place, field, words) if in_line else _alike(field, words)] = None
        return opened, list(faults)

    def _open_one(self, table: Table) -> tuple[list[Request], list[Words]]:
        given, told = as_one(table, self.process.fields)
        request = self._opened({**self.event.given, **given})
        return [request], [*told, *self._cell_faults(table, request)]

    def _opened(self, given: Mapping[str, str]) -> Request:
        """What would answer the requester is told together, in the end."""
        return self.desk.open(
            self.tx,
            self.process,
            self.source,
            replace(self.event, given=given),
            requester=self.person,
            channel=self.channel,
            now=self.now,
            cause=self.cause,
            aside=answers_to(self.person),
        )

    def _faults_of(self, request: Request) -> list[tuple[Field, Words]]:
        return [(field, request.faults[field.name]) for field in self.process.fields if field.name in request.faults]

    def _cell_faults(self, table: Table, request: Request) -> list[Words]:
        """Of a field that takes many, each cell that is wrong by itself; else what is wrong with the field."""
        cells = Cells(desk=self.desk, tx=self.tx, process=self.process, requester=self.person, now=self.now)
        faults: list[Words] = []
        for field, words in self._faults_of(request):
            faults += cells.faults(table, field) or [_alike(field, words)]
        return faults

    def _tell(self, kind: Kind, headline: Words, lines: Sequence[Words], subject: str | None = None) -> None:
        facts = {
            "headline": headline,
            "lines": first_of(lines, MOST_TOLD),
            "faulty": kind is Kind.MISUNDERSTOOD,
            "type": self.process.type,
        }
        answers = self.cause.inbox is not None
        notice = Notice(kind=kind, to=self.person, facts=facts, answers=answers, template="lines")
        self.desk.tell(self.tx, [notice], self.now, self.cause, process=self.process, subject=subject)


def _alike(field: Field, words: Words) -> Words:
    """What is wrong with all lines alike, since none of them says it."""
    return say("lines.all_alike", label=field.label, words=words)
