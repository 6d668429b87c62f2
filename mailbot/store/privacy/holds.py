"""Legal holds: of what is named there, nothing is erased, whoever asks and however old it is."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, select

from mailbot.errors import NotFound
from mailbot.store import tables
from mailbot.store.transaction import Transaction

_FACT = "legal hold: "

_request, _concern = tables.request.c, tables.concern.c


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalHold:
    """On a person (an address) or on a request (its reference)."""

    what: str
    reason: str
    by: str
    since: datetime

    @property
    def is_person(self) -> bool:
        return "@" in self.what


def holds(conn: Connection) -> list[LegalHold]:
    """All there are, the oldest first."""
    found = [_read(what, said) for what, said in Transaction(conn).facts(_FACT).items()]
    return sorted(found, key=lambda one: (one.since, one.what))


def put_hold(tx: Transaction, hold: LegalHold) -> None:
    """One that is there already is written anew."""
    said = {name: value for name, value in asdict(hold).items() if name != "what"}
    tx.set_fact(_FACT + hold.what, json.dumps(said | {"since": hold.since.isoformat()}, ensure_ascii=False))


def release_hold(tx: Transaction, what: str) -> None:
    """NotFound where nothing is held under that name."""
    if tx.fact(_FACT + what) is None:
        raise NotFound(f"there is no legal hold on {what}")
    tx.set_fact(_FACT + what, None)


def is_free(conn: Connection) -> ColumnElement[bool]:
    """Of requests: that no hold is on them, nor on their requester, nor on anybody whom they concern."""
    held = holds(conn)
    people = sorted(one.what for one in held if one.is_person)
    references = sorted(one.what for one in held if not one.is_person)
    concerning = select(_concern.request_id).where(_concern.who.in_(people))
    return and_(
        _request.reference.not_in(references), _request.requester.not_in(people), _request.id.not_in(concerning)
    )


def _read(what: str, said: str) -> LegalHold:
    row = json.loads(said)
    return LegalHold(what=what, reason=row["reason"], by=row["by"], since=datetime.fromisoformat(row["since"]))
