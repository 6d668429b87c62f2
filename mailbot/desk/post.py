"""From notices to letters in the outbox: who is written to at all, with which token, in which thread."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from mailbot.desk.cause import Aside, Cause
from mailbot.desk.context import View
from mailbot.desk.correspondence import Correspondent
from mailbot.desk.listing import rows_of
from mailbot.desk.lists import LIST, items_in, sift, together, written
from mailbot.desk.timely import leaves
from mailbot.mail.letter import Letter, Thread
from mailbot.mail.token import Token, Tokens
from mailbot.process.definition import Process
from mailbot.process.directory import Directory
from mailbot.process.request import Entry, Kind, Notice, Request
from mailbot.store import Posted, Stored, TokenRow, Transaction
from mailbot.store.gathering import Gathered, Place

TOKEN_LIFE = timedelta(days=400)
"""After that a letter is too old to be answered: longer than any request runs."""

_SERIAL = "letters about no request"

LETTERS_A_CHANGE = 1000
"""More letters than one change of one request ever causes: keeps serial numbers apart."""

ENDS = (Kind.COMPLETED, Kind.REJECTED, Kind.CANCELLED, Kind.FAILED, Kind.EXPIRED)
_SWALLOWED_BY_AN_END = frozenset({Kind.ACKNOWLEDGED, Kind.STATUS, Kind.COMMENT, Kind.DELAYED, Kind.SETTLED})

# One mail is answered by one letter at most: of several, by the one that says most.
_WEIGHT = {kind: weight for weight, kind in enumerate(reversed([*ENDS, Kind.INCOMPLETE, Kind.ACKNOWLEDGED]), 1)}
_NO_ANSWERS = frozenset({Kind.ACTION, Kind.ACTIONS, Kind.ALERT})
_ABOUT_A_STEP = frozenset(
    {Kind.ACTION, Kind.REMINDER, Kind.ESCALATION, Kind.MISUNDERSTOOD, Kind.INCOMPLETE, Kind.REFUSED}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """What one change sends: letters, their tokens, the threads they continue, and what the history says of it.

    `gathered` is what it leaves for lists, `told` what of that is told now, or need not be told any more.
    """

    letters: list[Posted]
    tokens: list[TokenRow]
    threads: dict[str, tuple[str, str]]
    entries: list[Entry]
    gathered: list[Gathered] = field(default_factory=list)
    told: list[Place] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class PostRoom:
    """Writes letters, signs their tokens, and keeps the threads."""

    correspondent: Correspondent
    tokens: Tokens
    directory: Directory

    def write(
        self,
        stored: Stored,
        request: Request,
        process: Process,
        notices: Sequence[Notice],
        now: datetime,
        cause: Cause,
        *,
        untold: Mapping[Place, datetime],
        at_once: bool = False,
    ) -> Mailing:
        """The letters about one request. `untold` is what of it waits for lists; `at_once`: nothing else is to wait."""
        sifted = sift(
            condensed(notices, cause.sender),
            request,
            process,
            self.directory,
            now,
            untold=untold,
            known=stored.threads.keys(),
            at_once=at_once,
        )
        mailing = Mailing(
            letters=[],
            tokens=[],
            threads=dict(stored.threads),
            entries=[],
            gathered=sifted.gathered,
            told=sifted.told,
        )
        if cause.sender and cause.message_id:
            _continue(mailing.threads, cause.sender, cause.message_id)
        serial = stored.request.version * LETTERS_A_CHANGE
        view = self.correspondent.view(request, process, self.directory)
        telling = (_with_rows(notice, view, now) for notice in together(sifted.notices, request, process))
        for number, notice in enumerate(telling, serial):
            token, row = self._sign(_token_row(notice, request, now))
            root, last = mailing.threads.get(notice.to, (None, None))
            not_before = leaves(notice, request, process, self.directory, now)
            letter = self.correspondent.write(
                notice,
                view,
                process,
                token=token,
                thread=Thread(root=root, last=last),
                serial=number,
                now=not_before or now,
            )
            if not_before is None:  # else it may never leave, and nothing is to hang on it
                _continue(mailing.threads, notice.to, letter.message_id)
            mailing.tokens.append(row)
            mailing.letters.append(replace(_posted(letter, notice, request.reference), not_before=not_before))
            mailing.entries.append(self._told(notice))
        return mailing

    def about_no_request(
        self,
        tx: Transaction,
        notices: Sequence[Notice],
        now: datetime,
        cause: Cause,
        *,
        process: Process | None,
        subject: str | None,
    ) -> None:
        """Forms, help, confirmations, alerts. `process`: the one that a form is of; `subject`: of a token."""
        tx.hold(_SERIAL)
        serial = int(tx.fact(_SERIAL) or 0)
        letters, tokens = [], []
        for number, notice in enumerate(condensed(notices, cause.sender), serial):
            made = _token_row(notice, None, now)
            token, row = self._sign(made if subject is None else replace(made, subject=subject))
            root = _bracketed(cause.message_id) if cause.message_id and notice.to == cause.sender else None
            letter = self.correspondent.write(
                notice,
                None,
                process,
                token=token,
                thread=Thread(root=root, last=root),
                serial=number,
                now=now,
            )
            tokens.append(row)
            letters.append(_posted(letter, notice, None))
        tx.set_fact(_SERIAL, str(serial + len(letters)))
        tx.post(letters, tokens, now, cause.inbox)

    def _sign(self, row: TokenRow) -> tuple[Token, TokenRow]:
        parts = (row.person, row.purpose, row.reference, row.step, row.content, row.subject)
        token = self.tokens.sign(*(part or "" for part in parts))
        return token, replace(row, id=token.id)

    def _told(self, notice: Notice) -> Entry:
        detail = f"{notice.kind.value} to {notice.to}"
        return Entry(actor=self.directory.bot, action="letter", step=notice.step, detail=detail)


def condensed(notices: Iterable[Notice], sender: str | None) -> list[Notice]:
    """Each thing once, an end instead of all that led to it, and to whoever wrote the mail one answer.

    Asking somebody to act is no answer: every action is a letter of its own (contract §4). Nor is an alert: it may
    be an admin's own request that got stuck.
    """
    once = list({(n.to, n.kind, n.step): n for n in notices}.values())
    asked = {(n.to, n.step) for n in once if n.kind is Kind.ACTION}
    once = [n for n in once if n.kind is not Kind.SETTLED or (n.to, n.step) not in asked]  # it is his again
    ended = {n.to for n in once if n.kind in ENDS}
    kept = [n for n in once if not (n.to in ended and n.kind in _SWALLOWED_BY_AN_END)]
    to_sender = [n for n in kept if n.to == sender and n.kind not in _NO_ANSWERS]
    if not to_sender:
        return kept
    best = max(to_sender, key=lambda n: (_WEIGHT.get(n.kind, 0), n.answers))
    answer = replace(best, answers=True)
    others = [n for n in kept if n not in to_sender]
    return [answer, *others]


def answers_to(person: str) -> Aside:
    """Takes what would answer this person's mail."""
    return Aside(takes=lambda notice: notice.to == person and notice.kind not in _NO_ANSWERS)


def _token_row(notice: Notice, request: Request | None, now: datetime) -> TokenRow:
    """What the letter's token stands for: a step's content, a list, a question, or the request as such."""
    if items := items_in(notice):
        return TokenRow(
            id="",
            person=notice.to,
            purpose=LIST,
            reference=request.reference if request else None,
            step=notice.step,
            subject=written(items),
            expires=now + TOKEN_LIFE,
        )
    step = notice.step if request and (notice.kind in _ABOUT_A_STEP or notice.kind is Kind.QUESTION) else None
    asked = request.step(step) if request and step else None
    purpose = "question" if notice.kind is Kind.QUESTION else "step" if asked else "request"
    return TokenRow(
        id="",
        person=notice.to,
        purpose=purpose if request else notice.kind.value,
        reference=request.reference if request else None,
        step=step,
        content=asked.content if asked else None,
        expires=now + TOKEN_LIFE,
    )


def _with_rows(notice: Notice, view: View | None, now: datetime) -> Notice:
    """A list, with what it shows of each of its items."""
    if notice.kind is not Kind.ACTIONS or view is None:
        return notice
    return replace(notice, facts={**notice.facts, "items": rows_of(notice, view, now)})


def _posted(letter: Letter, notice: Notice, reference: str | None) -> Posted:
    return Posted(
        recipient=letter.to,
        envelope_sender=letter.sender,
        message_id=letter.message_id,
        kind=notice.kind.value,
        raw=letter.raw,
        reference=reference,
        step=notice.step,
    )


def _continue(threads: dict[str, tuple[str, str]], person: str, message_id: str) -> None:
    id_ = _bracketed(message_id)
    root, _ = threads.get(person, (id_, id_))
    threads[person] = (root, id_)


def _bracketed(message_id: str) -> str:
    """As References and In-Reply-To hold it."""
    return message_id if message_id.startswith("<") else f"<{message_id}>"
