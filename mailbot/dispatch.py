"""The door that letters leave by: claimed, handed to the relay, marked.

A letter is sent twice in one case only: the relay took it, and we were killed before our mark was committed. Then the
same bytes leave again, with the same Message-ID.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailbot.desk import Desk
from mailbot.errors import MailbotError
from mailbot.mail.relay import Deferred, Refused, Relay
from mailbot.process.request import Bounced, Entry, Kind, Notice
from mailbot.store import LETTERS_COUNT_SINCE, PASSES_THE_BRAKE, PAUSED, Claimed, Store, Transaction, sending
from mailbot.store.alerting import alert, all_clear
from mailbot.store.owner import Owner
from mailbot.words import say

log = logging.getLogger(__name__)

PATIENCE = 3
"""So many letters put off one after the other: it is not the letters, the relay is down."""

AT_ONCE = 50
"""Letters that are claimed together: another bot takes the next ones."""

FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=4)
GIVES_UP_AFTER = timedelta(days=5)
"""As mail servers do (RFC 5321 §4.5.4.1)."""

HOUR = timedelta(hours=1)
TOO_MANY = "letters"
"""The cause of the alert that the cap was reached."""
_NEVER = "1970-01-01T00:00:00+00:00"
_CAP = "letters an hour"
"""Under this name bots count one after the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch:
    store: Store
    desk: Desk
    relay: Relay
    owner: Owner
    letters_per_hour: int | None = None

    def run(self, clock: Callable[[], datetime]) -> int:
        """Send what may leave now; how many letters left. Stops early when the relay takes nothing."""
        left = refusals = 0
        while letters := self._claim(clock()):
            for number, letter in enumerate(letters):
                if self._send(letter, clock):
                    left, refusals = left + 1, 0
                    continue
                refusals += 1
                if refusals == PATIENCE:
                    self._give_up(letters[number + 1 :])
                    return left
        return left

    def _claim(self, now: datetime) -> list[Claimed]:
        with self.store.transaction() as tx:
            is_braked = tx.fact(PAUSED) in {"sending", "all"}
            if is_braked and tx.fact(PASSES_THE_BRAKE) is None:
                return []
            # Between two claims we send nothing: what still bears our name was left behind by an error.
            sending.free_the_dead(tx.conn, lambda owner: owner != self.owner.id and self.owner.lives(owner))
            room = AT_ONCE if is_braked else self._room(tx, now)
            if not room and sending.still_waiting(tx.conn, now):
                self._brake(tx, now)
                is_braked, room = True, AT_ONCE
            alerts = _passing(tx) if is_braked else None
            return sending.claim(tx.conn, self.owner.id, now, room, alerts=alerts) if room else []

    def _room(self, tx: Transaction, now: datetime) -> int:
        """How many letters may be sent together, within the hour's cap."""
        if self.letters_per_hour is None:
            return AT_ONCE
        tx.hold(_CAP)
        let_go, _, forgiven = (tx.fact(LETTERS_COUNT_SINCE) or _NEVER).partition(" ")
        since = datetime.fromisoformat(let_go)
        sent = sending.sent_since(tx.conn, max(now - HOUR, since)) + sending.leaving(tx.conn)
        if since > now - HOUR:
            sent -= int(forgiven or 0)
        return max(0, min(AT_ONCE, self.letters_per_hour - sent))

    def _brake(self, tx: Transaction, now: datetime) -> None:
        """More letters want to leave than usual: people look before more do. They are told by one letter each."""
        first = sending.last_letter(tx.conn) + 1
        words = say("dispatch.so_many_have_left", count=self.letters_per_hour)
        facts = {
            "headline": say("dispatch.sending_is_paused"),
            "text": say("dispatch.nothing_is_lost"),
            "lines": [words, say("dispatch.letters_wait", count=sending.still_waiting(tx.conn, now))],
        }
        directory = self.desk.directory
        self.desk.tell(tx, [Notice(kind=Kind.ALERT, to=admin, facts=facts) for admin in directory.admins], now)
        tx.set_fact(PASSES_THE_BRAKE, f"{first}-{sending.last_letter(tx.conn)}")
        tx.set_fact(PAUSED, "all" if tx.fact(PAUSED) == "targets" else "sending")
        tx.write_house([Entry(actor=directory.bot, action="paused", detail=words)], now)
        alert(tx, TOO_MANY, words, now)

    def _send(self, letter: Claimed, clock: Callable[[], datetime]) -> bool:
        """Whether the relay has decided about the letter: it took it, or refused it for good."""
        try:
            self.relay.send(letter.raw, sender=letter.envelope_sender, to=[letter.recipient])
        except Refused as refusal:
            self._refused(letter, str(refusal), clock())
        except Deferred as deferral:
            self._deferred(letter, str(deferral), clock())
            return False
        else:
            with self.store.transaction() as tx:
                sending.mark_sent(tx.conn, letter, clock())
        return True

    def _deferred(self, letter: Claimed, why: str, now: datetime) -> None:
        log.warning("a letter to %s waits: %s", letter.recipient, why, extra={"reference": letter.reference})
        if now - letter.created > GIVES_UP_AFTER:
            self._refused(letter, say("dispatch.given_up_after_days", days=GIVES_UP_AFTER.days, why=why), now)
            return
        pause = min(FIRST_PAUSE * 2 ** min(letter.attempts - 1, 10), LONGEST_PAUSE)
        with self.store.transaction() as tx:
            sending.mark_deferred(tx.conn, letter, now + pause, why)

    def _refused(self, letter: Claimed, why: str, now: datetime) -> None:
        """For good (5xx): whoever leads the step, and the admins, hear of it, but not about letters to themselves."""
        log.error("a letter to %s was refused: %s", letter.recipient, why, extra={"reference": letter.reference})
        with self.store.transaction() as tx:
            sending.mark_refused(tx.conn, letter, why)
            if letter.kind == Kind.ALERT.value:
                return
            try:
                self._tell(tx, letter, why, now)
            except MailbotError as error:
                log.warning("nobody could be told: %s", error, extra={"reference": letter.reference})

    def _tell(self, tx: Transaction, letter: Claimed, why: str, now: datetime) -> None:
        if letter.reference is not None:
            event = Bounced(person=letter.recipient, kind=letter.kind, step=letter.step, status=None, text=why)
            self.desk.settle(tx, letter.reference, event, now)
            return
        facts = {
            "headline": say("dispatch.cannot_be_reached", recipient=letter.recipient),
            "text": say("dispatch.the_relay_refused_a", kind=f"{letter.kind!r}"),
            "lines": [why],
        }
        admins = [a for a in self.desk.directory.admins if a != letter.recipient]
        self.desk.tell(tx, [Notice(kind=Kind.ALERT, to=admin, facts=facts) for admin in admins], now)

    def _give_up(self, letters: list[Claimed]) -> None:
        with self.store.transaction() as tx:
            for letter in letters:
                sending.give_up_claim(tx.conn, letter)


def release(tx: Transaction, now: datetime) -> None:
    """Let go of the brake, whoever has put it on; letters count for the cap from now on.

    Moments are whole seconds: those that have left in this one already are forgiven by their number.
    """
    tx.set_fact(PAUSED, None)
    tx.set_fact(PASSES_THE_BRAKE, None)
    tx.set_fact(LETTERS_COUNT_SINCE, f"{now.isoformat()} {sending.sent_since(tx.conn, now)}")
    all_clear(tx, TOO_MANY, now)


def _passing(tx: Transaction) -> tuple[int, int]:
    """The letters that tell of the brake, by their numbers."""
    first, _, last = (tx.fact(PASSES_THE_BRAKE) or "0-0").partition("-")
    return int(first), int(last)
