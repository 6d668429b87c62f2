"""The door that old mail and old names leave by: once a day, in small pieces, into the house's history."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from mailbot.config.duration import Duration
from mailbot.config.model import Retention
from mailbot.mail.mailbox import Folder, Mailbox
from mailbot.process.request import Entry
from mailbot.store import Connection, Store, Transaction, privacy
from mailbot.store.attachments import Files

PIECE = 200
"""Rows that are emptied in one transaction: mail never waits long for it."""

LOOKED = "old mail and names were looked for on"
"""The fact that says on which day that was last done to its end."""

Forget = Callable[[Connection, datetime, int], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """`mailbox` opens the mailbox, whose folders are cleared too; of `files` what no request names any more is deleted:
    what came with one that was forgotten, and what a crash has left.
    """

    store: Store
    terms: Retention
    mailbox: Callable[[], Mailbox]
    files: Files
    actor: str

    def run(self, now: datetime) -> int:
        """Take out what is too old, once a day; how much there was."""
        if self._is_done(now):
            return 0
        found = {what: self._emptied(forget, before) for what, forget, before in self._due(now)}
        if self.terms.mail is not None:
            found["mails in folders"] = self._cleared(now - self.terms.mail.elapsed)
        with self.store.transaction() as tx:
            found["attachments"] = self.files.sweep(tx)
        told = ", ".join(f"{count} {what}" for what, count in found.items() if count)
        with self.store.transaction() as tx:
            tx.set_fact(LOOKED, now.date().isoformat())
            if told:
                tx.write_house([Entry(actor=self.actor, action="retention", detail=told)], now)
        return sum(found.values())

    def _is_done(self, now: datetime) -> bool:
        with self.store.reading() as conn:
            return Transaction(conn).fact(LOOKED) == now.date().isoformat()

    def _due(self, now: datetime) -> list[tuple[str, Forget, datetime]]:
        terms: list[tuple[str, Forget, Duration | None]] = [
            ("mails and letters", privacy.forget_mail, self.terms.mail),
            ("requests", privacy.forget_people, self.terms.person),
            ("holders", privacy.forget_holders, self.terms.record),
        ]
        return [(what, forget, now - kept.elapsed) for what, forget, kept in terms if kept is not None]

    def _emptied(self, forget: Forget, before: datetime) -> int:
        total = 0
        while True:
            with self.store.transaction() as tx:
                count = forget(tx.conn, before, PIECE)
            total += count
            if count < PIECE:
                return total

    def _cleared(self, before: datetime) -> int:
        """Quarantine is left alone: what lies there waits for somebody."""
        mailbox = self.mailbox()
        return sum(mailbox.clear(folder, before) for folder in (Folder.PROCESSED, Folder.IGNORED))
