"""What counts once: log-ins that are under way or over, and forms that were sent off; kept as facts, not for long."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from mailbot.store import Transaction

Said = Mapping[str, Any]

_UNTIL = "until"


class Once:
    """`name` begins the facts. What is kept for somebody's secret is found by its hash: who reads the database, and not
    the secret, can do nothing with it.
    """

    def __init__(self, name: str, life: timedelta) -> None:
        self._name = f"{name} "
        self._life = life

    def keep(self, tx: Transaction, secret: str, said: Said, now: datetime) -> None:
        until = int((now + self._life).timestamp())
        tx.set_fact(self._fact(secret), json.dumps({**said, _UNTIL: until}))

    def there(self, tx: Transaction, now: datetime) -> list[Said]:
        """All that still count; the others are forgotten."""
        kept = {name: json.loads(value) for name, value in tx.facts(self._name).items()}
        for name, said in kept.items():
            if said[_UNTIL] <= now.timestamp():
                tx.set_fact(self._name + name, None)
        return [said for said in kept.values() if said[_UNTIL] > now.timestamp()]

    def look(self, tx: Transaction, secret: str, now: datetime) -> Said | None:
        """Nobody else looks at the same until the transaction ends."""
        tx.hold(self._fact(secret))
        return self.glance(tx, secret, now)

    def glance(self, tx: Transaction, secret: str, now: datetime) -> Said | None:
        found = tx.fact(self._fact(secret))
        said: Said | None = json.loads(found) if found else None
        return said if said and datetime.fromtimestamp(said[_UNTIL], UTC) > now else None

    def take(self, tx: Transaction, secret: str, now: datetime) -> Said | None:
        """The same, and it is gone: whoever comes second gets nothing."""
        said = self.look(tx, secret, now)
        tx.set_fact(self._fact(secret), None)
        return said

    def _fact(self, secret: str) -> str:
        return self._name + sha256(secret.encode()).hexdigest()
