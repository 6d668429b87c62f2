"""Load, decide, fulfil, record, post: every change of every request, in the caller's transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from functools import partial

from mailbot.config.space import IDLE_AFTER
from mailbot.desk import clientele
from mailbot.desk.cause import NO_MAIL, Aside, Cause
from mailbot.desk.holding import held_prefixes
from mailbot.desk.pace import Pace
from mailbot.desk.post import PostRoom, condensed
from mailbot.desk.reasons import explained
from mailbot.desk.timely import overtaken, were_told, without_telling
from mailbot.desk.wishes import fulfil_all
from mailbot.process.decide import decide
from mailbot.process.decide.adoption import fitted
from mailbot.process.definition import Process
from mailbot.process.directory import Directory
from mailbot.process.duration import Duration
from mailbot.process.marks import marks
from mailbot.process.naming import other_names
from mailbot.process.request import (
    Adopt,
    Amend,
    Entry,
    Event,
    Kind,
    Notice,
    Request,
    Said,
    State,
    Step,
    StepState,
    Submitted,
    Taken,
    TimePassed,
)
from mailbot.process.usual import measured
from mailbot.store import Stored, Transaction, absences, attachments, concerns, gathering, sending, views, waiting_of

FILLED = "has filled: "
"""Begins the fact, one a pool, that somebody took from it: followup looks how full it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleTerms:
    """When a pool's space counts as idle, and what one address (or number) costs a month: amount and currency."""

    after: Duration = IDLE_AFTER
    cost: tuple[Decimal, str] | None = None


@dataclass(slots=True)
class _Course:
    """One event, followed until all is quiet."""

    request: Request
    notices: list[Notice] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """`restore` makes a process from the source that the store keeps.

    By pool: `owners`, who owns it; `warn_at`, the per cent in use at which they are told; `idle`, when its space counts
    as idle.
    """

    directory: Directory
    post: PostRoom
    restore: Callable[[str], Process]
    reference: str = "IP"
    owners: Mapping[str, str] = field(default_factory=dict)
    warn_at: Mapping[str, int] = field(default_factory=dict)
    idle: Mapping[str, IdleTerms] = field(default_factory=dict)
    pace: Pace = field(default_factory=Pace)
    _known: dict[str, Process] = field(default_factory=dict)

    def open(
        self,
        tx: Transaction,
        process: Process,
        source: str,
        event: Submitted,
        *,
        requester: str,
        channel: str,
        now: datetime,
        cause: Cause = NO_MAIL,
        external_reference: str | None = None,
        aside: Aside | None = None,
    ) -> Request:
        """A new request of that process, with the requester's form; as it stands after its first decision.

        `aside` as in `settle`.
        """
        tx.keep_rules(process.version, process.type, source, now)
        request = Request(
            reference=tx.next_reference(self.reference),
            type=process.type,
            rules=process.version,
            state=State.ACKNOWLEDGED,
            requester=requester,
            channel=channel,
            created=now,
            summary=process.title,
            external_reference=external_reference,
            steps=tuple(Step(name=rule.name) for rule in process.steps),
        )
        return self._follow(tx, tx.create(request), process, event, now, cause, aside)

    def settle(
        self,
        tx: Transaction,
        reference: str,
        event: Event,
        now: datetime,
        cause: Cause = NO_MAIL,
        *,
        aside: Aside | None = None,
    ) -> Request:
        """Take one event to a request. NotFound when there is none, Conflict when another bot was first.

        `aside` takes notices that are told together with other things, and not by letters of their own.
        """
        stored = tx.load(reference)
        return self._follow(tx, stored, self.process(tx, stored.request), event, now, cause, aside)

    def adopt(
        self, tx: Transaction, reference: str, process: Process, source: str, event: Adopt, now: datetime
    ) -> Request:
        """Have a request go on by another version of its process, from here on. NotFound, Conflict as `settle`."""
        tx.keep_rules(process.version, process.type, source, now)
        stored = tx.load(reference)
        stored = replace(stored, request=fitted(stored.request, process))
        return self._follow(tx, stored, process, event, now, NO_MAIL)

    def note(
        self,
        tx: Transaction,
        reference: str,
        now: datetime,
        cause: Cause = NO_MAIL,
        *,
        notices: Sequence[Notice] = (),
        entries: Sequence[Entry] = (),
    ) -> None:
        """Letters (at once), and lines of the history, about a request that has not changed."""
        stored = tx.load(reference)
        course = _Course(stored.request, notices=list(notices), entries=list(entries))
        process = self.process(tx, stored.request)
        directory = self.present(tx, now)
        self._record(tx, stored, course, process, directory, now, cause, moved=False, at_once=True)

    def present(self, tx: Transaction, now: datetime, *people: str) -> Directory:
        """Everybody, with who is away at this moment, and what departments usually need.

        Of these people it is known whose customers they are, and whose account managers.
        """
        away, usual = absences.that_hold(tx.conn, now), self.pace.at(tx.conn, now)
        here = replace(self.directory, absences=away, usual=usual) if away or usual else self.directory
        return clientele.with_people(tx, here, people) if people else here

    def process(self, tx: Transaction, request: Request) -> Process:
        """The version of its process that a request began with."""
        if request.rules not in self._known:
            self._known[request.rules] = self.restore(tx.rules(request.rules))
        return self._known[request.rules]

    def tell(
        self,
        tx: Transaction,
        notices: Sequence[Notice],
        now: datetime,
        cause: Cause = NO_MAIL,
        *,
        process: Process | None = None,
        subject: str | None = None,
    ) -> None:
        """Letters that are about no request (see `PostRoom.about_no_request`)."""
        self.post.about_no_request(tx, notices, now, cause, process=process, subject=subject)

    def _follow(
        self,
        tx: Transaction,
        stored: Stored,
        process: Process,
        event: Event,
        now: datetime,
        cause: Cause,
        aside: Aside | None = None,
    ) -> Request:
        here = self.present(tx, now, *clientele.concerned_people(stored.request, event))
        course = _Course(stored.request)
        moved = isinstance(event, TimePassed | Adopt)
        zone = self.post.correspondent.letterhead.zone
        waiting: list[Event] = [_with_what_is_held(tx, process, stored.request, event, here)]
        while waiting:
            event = waiting.pop(0)
            directory = clientele.with_named(tx, here, process, course.request, event, now, zone)
            if isinstance(event, Taken) and event.pool in self.warn_at:
                tx.set_fact(FILLED + event.pool, course.request.reference)
            decision = decide(course.request, process, directory, event, now)
            course.request = decision.request
            course.notices += decision.notices
            course.entries += decision.entries
            waiting += fulfil_all(tx, decision.wishes, course.request, self.owners, directory, now)
        source = partial(tx.rules, process.version)
        course.notices = [explained(n, course.request, process, directory, source) for n in course.notices]
        if aside is not None:
            course.notices = aside.less(condensed(course.notices, cause.sender))
        self._record(tx, stored, course, process, directory, now, cause, moved=moved)
        self.pace.learn(tx.conn, measured(stored.request, course.request, process, directory, now), now)
        return course.request

    def _record(
        self,
        tx: Transaction,
        stored: Stored,
        course: _Course,
        process: Process,
        directory: Directory,
        now: datetime,
        cause: Cause,
        *,
        moved: bool,
        at_once: bool = False,
    ) -> None:
        untold = gathering.places(tx.conn, stored)
        letters = self.post.write(
            stored, _as_told(tx, course), process, course.notices, now, cause, untold=untold, at_once=at_once
        )
        self._withdraw(tx, stored.request, course, process, directory, now)
        tx.record(
            stored,
            course.request,
            entries=[*course.entries, *letters.entries],
            threads=letters.threads,
            message_id=cause.message_id,
            now=now,
        )
        new = [one for one in course.request.attachments if one not in stored.request.attachments]
        attachments.note(tx.conn, stored.id, new, now, cause.inbox)
        tx.post(letters.letters, letters.tokens, now, cause.inbox)
        gathering.forget(tx.conn, stored, letters.told)
        gathering.gather(tx.conn, stored, letters.gathered)
        due = marks(course.request, process, directory)
        # A timer that rang is out of the ledger already, and may have rung for nothing, where the calendar was changed.
        # Other rules have other marks, also where the request itself has stayed as it was.
        if moved or set(due) != set(marks(stored.request, process, directory)):
            tx.set_timers(stored, due)
        waiting = waiting_of(_open(course.request))
        if set(waiting) != set(waiting_of(_open(stored.request))):
            tx.set_waiting(stored, waiting)
        names = other_names(process, course.request)
        if names != other_names(process, stored.request):
            concerns.name(tx.conn, stored, names)

    def _withdraw(
        self, tx: Transaction, before: Request, course: _Course, process: Process, directory: Directory, now: datetime
    ) -> None:
        """Letters about time that have not left, and say what is not so any more, never leave."""
        if not were_told(before):
            return
        waiting = sending.held_back(tx.conn, before.reference)
        gone = [x for x in waiting if overtaken(x, before, course.request, process, directory, now)]
        if gone:
            sending.withdraw(tx.conn, gone)
            course.request = without_telling(course.request, gone)
            course.entries += [
                Entry(actor=directory.bot, action="withdrawn", step=x.step, detail=f"{x.kind} to {x.recipient}")
                for x in gone
            ]


def _with_what_is_held(
    tx: Transaction, process: Process, request: Request, event: Event, directory: Directory
) -> Event:
    """A form may name only what its requester holds: that is looked up before anything is decided."""
    match event:
        case Submitted(given=given):
            held = held_prefixes(tx, process, given, request.requester, directory)
            return replace(event, held=held)
        case Said(deed=Amend(given=given) as deed):
            merged = {**request.given, **given}
            held = held_prefixes(tx, process, merged, request.requester, directory)
            return replace(event, deed=replace(deed, held=held))
        case _:
            return event


def _as_told(tx: Transaction, course: _Course) -> Request:
    """For who asks where it stands, with its addresses as they are now: another request may have given them back."""
    asked = any(notice.kind is Kind.STATUS for notice in course.notices)
    return views.with_addresses(tx.conn, [course.request])[0] if asked else course.request


def _open(request: Request) -> tuple[Step, ...]:
    """What somebody, or something, must still do; after the end, that is what is being undone."""
    still = (step for step in request.steps if step.undoes or not request.is_closed)
    return tuple(step for step in still if step.state is StepState.OPEN)
