"""What departments usually need to answer, as the desk knows it: learnt with each answer, read again now and then."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mailbot.store import Connection
from mailbot.store.answering import note, usual_times

EVERY = timedelta(minutes=1)
"""So old what other bots have learnt may be."""


@dataclass(slots=True)
class Pace:
    """Mutable: what is known, and when it was read."""

    _known: dict[str, timedelta] = field(default_factory=dict)
    _read: datetime | None = None

    def at(self, conn: Connection, now: datetime) -> Mapping[str, timedelta]:
        """By department, the working time that most of its answers take."""
        if self._read is None or not self._read <= now < self._read + EVERY:
            self._known = {name: usual.most for name, usual in usual_times(conn).items()}
            self._read = now
        return self._known

    def learn(self, conn: Connection, times: Mapping[str, timedelta], now: datetime) -> None:
        """These departments have just answered."""
        if not times:
            return
        note(conn, times, now)
        self._known = self._known | {
            name: usual.most for department in times for name, usual in usual_times(conn, department).items()
        }
