"""A request as one person may see it: what a page shows of it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import TypeVar

from mailbot.desk.context import Row, Saying, StepRow, TakeRow, View
from mailbot.desk.correspondence import own_words
from mailbot.desk.found import Whole
from mailbot.desk.query.rows import Rows
from mailbot.desk.withheld import Withheld
from mailbot.mail.letter import line, lines
from mailbot.mail.message import read
from mailbot.mail.token import mask
from mailbot.process.decide.lasting import to_end
from mailbot.process.definition import ASKING, Process
from mailbot.process.forecast import in_jeopardy, is_late
from mailbot.process.reader import Reader
from mailbot.process.request import Kept, Kind, Notice, Request, State, Step, StepState
from mailbot.store import Connection, Transaction, attachments, pages, records, views
from mailbot.web.visit import Unknown, Visit
from mailbot.words import say

T = TypeVar("T")

MOST_ENTRIES = 300
MOST_MAIL = 50

_BAD_ENDS = frozenset({State.REJECTED, State.CANCELLED, State.FAILED})


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRow:
    """One mail of the thread, its tokens masked."""

    at: datetime
    outgoing: bool
    who: str
    subject: str
    lines: tuple[str, ...]
    state: str = ""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A request through the eyes of `visit.viewer`, who may see it."""

    visit: Visit
    request: Request
    process: Process

    @cached_property
    def view(self) -> View:
        correspondent = self.visit.parts.desk.post.correspondent
        return correspondent.view_of(self.request, self.process, self.visit.viewer.directory)

    @cached_property
    def reader(self) -> Reader:
        return self.visit.viewer.reads(self.request, self.process)

    @property
    def sees_words(self) -> bool:
        return self.reader.words

    @property
    def is_mine(self) -> bool:
        return self.request.requester in self.visit.viewer.selves

    @property
    def is_late(self) -> bool:
        return is_late(self.request, self.visit.now)

    @cached_property
    def is_in_jeopardy(self) -> bool:
        return in_jeopardy(self.request, self.process, self.visit.viewer.directory, self.visit.now)

    @property
    def late_steps(self) -> frozenset[str]:
        """The open steps whose due time is over, by name."""
        now, steps = self.visit.now, self.request.steps
        return frozenset(s.name for s in steps if s.state is StepState.OPEN and s.due is not None and s.due < now)

    @property
    def reason(self) -> str:
        """Why it was held, or ended, for those who are told."""
        told = self.is_mine or self.sees_words or self.visit.viewer.person in self.request.watchers
        return masked_in(self.kept_back(self.request.reason or "")) if told else ""

    def whole(self, conn: Connection) -> Whole:
        """Its form, steps, addresses and timeline, as far as they are this person's to see."""
        trace = records.trace(conn, self.request.reference, MOST_ENTRIES)
        view = self.view
        found = rows_of(self.visit).whole(view, trace, view.titles)
        return masked_in(found if self.sees_words else self._without_secrets(found))

    def _without_secrets(self, found: Whole) -> Whole:
        """Less what others have answered."""
        steps = tuple(_course_of(step) for step in found.steps)
        course = replace(found, steps=steps)
        return self.kept_back(replace(course, addresses=()) if self.request.state in _BAD_ENDS else course)

    def kept_back(self, value: T) -> T:
        """After a bad end: less the addresses that the requester never wrote; for who sees all words, as it is."""
        if self.sees_words or self.request.state not in _BAD_ENDS:
            return value
        notice = Notice(kind=Kind.REJECTED, to=self.visit.viewer.person)
        space = self.visit.parts.desk.post.correspondent.space
        less: T = Withheld(space, own_words(notice, self.request)).of(value)
        return less

    def unreached(self, lost: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """By step: whom it waits for, and letters do not reach (`lost`); nobody, for who does not see all words."""
        lost = lost if self.sees_words else ()
        steps = self.request.steps
        return {s.name: tuple(p for p in s.asked if p in lost and s.state is StepState.OPEN) for s in steps}

    @property
    def sayings(self) -> tuple[Saying, ...]:
        return masked_in(self.kept_back(self.view.sayings))

    # -- what he may do ------------------------------------------------------------------------------------------------

    def answerable(self) -> Iterator[Step]:
        """The steps that wait for this person's answer; for admins also what is stuck."""
        for step in self.request.steps:
            if step.state is StepState.OPEN and (self.may_answer(step) or self.may_unstick(step)):
                yield step

    def may_end(self) -> bool:
        """Whether something of it ends by itself, and is this person's to prolong, or to end now."""
        is_his = self.is_mine or self.visit.viewer.is_admin
        return is_his and bool(to_end(self.request, self.visit.now))

    def may_answer(self, step: Step) -> bool:
        if self.process.step(step.name).kind not in ASKING or self.request.is_closed or not step.asked:
            return False
        if any(voice.actor in self.visit.viewer.selves for voice in step.voices):
            return False
        absent = (one.absent for one in step.stand_ins)
        return not self.visit.viewer.names.isdisjoint({*step.asked, *step.departments, *absent})

    def like(self, step: Step) -> list[Step]:
        """The other items of the same step that wait for this person's answer."""
        first = step.name.partition(".")[0]
        others = (other for other in self.request.steps if other.name.partition(".")[0] == first and other != step)
        is_item = step.item is not None
        return [other for other in others if is_item and other.state is StepState.OPEN and self.may_answer(other)]

    def may_unstick(self, step: Step) -> bool:
        return self.visit.viewer.is_admin and step.state is StepState.OPEN and not self.stands_for_items(step)

    def stands_for_items(self, step: Step) -> bool:
        """Whether each of its items is a step of its own."""
        return any(other.name.startswith(f"{step.name}.") and other.item is not None for other in self.request.steps)

    def form_for(self, step: Step) -> tuple[Row, ...]:
        """What the step's page shows of the form."""
        shows = self.process.step(step.name).shows
        rows = self.view.form
        return rows if shows is None or self.sees_words else tuple(row for row in rows if row.name in shows)

    def answers_of_others(self, step: Step) -> tuple[StepRow, ...]:
        if not self.sees_words:
            return ()
        return tuple(row for row in self.view.steps if row.name != step.name and (row.rows or row.voices))

    @property
    def takes(self) -> tuple[TakeRow, ...]:
        return self.view.takes

    def files(self, conn: Connection) -> list[Kept]:
        """What came along: all for who reads all; with the form alone for who reads all of that, and his own."""
        viewer, reader = self.visit.viewer, self.reader
        asked_for = {one.digest for one in self.request.attachments if not one.late and reader.fields is None}
        return [
            one
            for one in attachments.with_it(conn, self.request)
            if reader.words or one.digest in asked_for or one.who in viewer.selves
        ]

    # -- the thread ----------------------------------------------------------------------------------------------------

    def mail(self, conn: Connection) -> list[MailRow]:
        """His own part of the thread, newest last; all of it for who sees everything."""
        viewer = self.visit.viewer
        boxes = None if viewer.is_admin else {*viewer.selves, *(name for name in viewer.names if "@" in name)}
        selves = None if viewer.is_admin else viewer.selves
        reference = self.request.reference
        out = [
            _mail_row(row["raw"], row["at"], outgoing=True, who=row["recipient"], state=row["state"])
            for row in pages.letters(conn, reference, boxes)[-MOST_MAIL:]
        ]
        came = [
            _mail_row(row["raw"], row["at"], outgoing=False, who=row["sender"] or "")
            for row in pages.mail(conn, reference, selves)[-MOST_MAIL:]
        ]
        return sorted([*came, *out], key=lambda row: row.at)[-MOST_MAIL:]


def read_request(visit: Visit, conn: Connection, reference: str) -> Reading:
    """Raises Unknown where there is none, or none that this person may see: nobody can tell which."""
    found = pages.request(conn, reference, visit.viewer.sight)
    if found is None:
        raise Unknown
    [request] = views.with_addresses(conn, [found])
    return Reading(visit=visit, request=request, process=process_of(visit, conn, request))


def process_of(visit: Visit, conn: Connection, request: Request) -> Process:
    return visit.parts.desk.process(Transaction(conn), request)


def rows_of(visit: Visit) -> Rows:
    correspondent = visit.parts.desk.post.correspondent
    return Rows(asker=visit.viewer, pools=correspondent.pools, zone=correspondent.letterhead.zone, now=visit.now)


def masked_in(value: T) -> T:
    """No token is shown, whoever has written it where."""
    found: T = _Masked((), ()).of(value)
    return found


class _Masked(Withheld):
    """Walks through a value as Withheld does, and masks tokens."""

    def text(self, text: str) -> str:
        return mask(text)


def _course_of(step: StepRow) -> StepRow:
    trouble = say("pages.it_cannot_go_on") if step.trouble else ""
    return replace(step, rows=(), voices=(), trouble=trouble)


def _mail_row(raw: bytes, at: datetime, *, outgoing: bool, who: str, state: str = "") -> MailRow:
    message = read(raw)
    return MailRow(
        at=at,
        outgoing=outgoing,
        who=line(who),
        subject=line(mask(message.subject)),
        lines=lines(mask(message.text)),
        state=state,
    )
