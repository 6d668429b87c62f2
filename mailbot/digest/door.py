"""The door that a week's end goes out by: one letter to each reader of the digest, once a week, with a seal."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo

from mailbot.config.hours import Weekly
from mailbot.config.model import Digest as Section
from mailbot.desk import Desk
from mailbot.desk.overview import Overview
from mailbot.digest.figures import Span
from mailbot.digest.overview import overview
from mailbot.errors import Conflict
from mailbot.mail.letter import Rendered
from mailbot.mail.token import Token
from mailbot.process.request import Entry, Kind, Notice
from mailbot.store import Connection, Store, Transaction, chain, period

WEEK = timedelta(days=7)

FIRST_START = "first start"
"""The fact that says when this bot first ran: the first digest is the one of the first hour after it."""
LAST_DIGEST = "last digest"
"""The fact that says when the digest last left by itself: up to there it has been told what happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """`section` is the configuration's; without it no digest leaves by itself."""

    store: Store
    desk: Desk
    section: Section | None

    def run(self, now: datetime) -> int:
        """The digest that is due, if any; whether one left. Several that were missed leave as one."""
        with self.store.reading() as conn:
            is_first_start = Transaction(conn).fact(FIRST_START) is None
            hour = self._due(Transaction(conn), now)
            shown = self.overview(conn, now, hour) if hour else None
        if not is_first_start and shown is None:
            return 0
        try:
            with self.store.transaction() as tx:
                return self._note_start(tx, now) if shown is None else self._send_once(tx, shown, now)
        except Conflict:
            return 1  # another bot was faster: there is something to look at again

    def overview(self, conn: Connection, now: datetime, hour: datetime | None = None) -> Overview:
        """Of what happened since the last digest; before there was one, since a week before its hour (or now)."""
        hour = hour or now
        since = _moment(Transaction(conn), LAST_DIGEST) or hour - WEEK
        return overview(conn, self.desk, Span(since=since, until=now), hour)

    def send(self, tx: Transaction, shown: Overview, to: Sequence[str], now: datetime) -> None:
        """One letter to each, with a seal over all history up to now; the seal is written down in its turn."""
        period.hold_history(tx.conn)
        sealed = replace(shown, seal=period.seal(tx.conn))
        notices = [Notice(kind=Kind.DIGEST, to=person, facts={"overview": sealed}) for person in to]
        self.desk.tell(tx, notices, now)
        actor, detail = self.desk.directory.bot, f"week {shown.week} to {', '.join(to)}"
        entries = [
            Entry(actor=actor, action=chain.SEALED, detail=sealed.seal),
            Entry(actor=actor, action="digest", detail=detail),
        ]
        tx.write_house(entries, now)

    def words(self, shown: Overview) -> Rendered:
        """What a letter with this overview says."""
        correspondent = self.desk.post.correspondent
        notice = Notice(kind=Kind.DIGEST, to="", facts={"overview": shown})
        context = correspondent.context(notice, None, None, Token(text="", id=""))
        return correspondent.templates.render(notice.kind, context)

    def readers(self) -> list[str]:
        """The addresses that the configuration names, groups as they are written to: each once."""
        directory, named = self.desk.directory, self.section.to if self.section else ()
        found = (directory.person(address) for name in named for address in directory.addressees(name))
        return list(dict.fromkeys(found))

    def _send_once(self, tx: Transaction, shown: Overview, now: datetime) -> int:
        period.hold_history(tx.conn)  # several bots may have come here: the second one finds it sent
        if self._due(tx, now) is None:
            return 0
        self.send(tx, shown, self.readers(), now)
        tx.set_fact(LAST_DIGEST, now.isoformat())
        return 1

    def _note_start(self, tx: Transaction, now: datetime) -> int:
        if tx.fact(FIRST_START) is None:
            tx.set_fact(FIRST_START, now.isoformat())
        return 0

    def _due(self, tx: Transaction, now: datetime) -> datetime | None:
        """The last hour of the digest, where none has left since; None before there was such an hour."""
        told = _moment(tx, LAST_DIGEST) or _moment(tx, FIRST_START)
        if self.section is None or told is None:
            return None
        hour = last_hour(self.section.when, now, self.desk.post.correspondent.letterhead.zone)
        return hour if told < hour else None


def last_hour(when: Weekly, now: datetime, zone: tzinfo) -> datetime:
    """The last such moment of the week that is not after `now`, by the clocks of that zone."""
    today = now.astimezone(zone).date()
    # A week more than enough: today's hour may still be to come.
    days = (today - timedelta(days=back) for back in range(8))
    hours = (datetime.combine(day, when.time, zone) for day in days if day.weekday() == when.weekday)
    return next(hour for hour in hours if hour.timestamp() <= now.timestamp()).astimezone(UTC)


def _moment(tx: Transaction, name: str) -> datetime | None:
    found = tx.fact(name)
    return None if found is None else datetime.fromisoformat(found)
