"""Keys of the API: made, shown once, recognised by their beginning; the store keeps their hash."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError

from mailbot.errors import NotFound, NotPossible
from mailbot.store import tables

_keys = tables.api_key
_key = _keys.c

BEGINNING = "mbk"
FRESH = timedelta(minutes=1)
"""So exactly it is known when a key was used last."""


class Scope(StrEnum):
    """What calls by a key may do; each may do what those before it may."""

    READ = "read"
    ORDER = "order"  # open requests; change, comment on and cancel its own
    APPROVE = "approve"  # answer what its people are asked
    ADMIN = "admin"  # what an admin may, seen and done

    def covers(self, other: "Scope") -> bool:
        order = list(Scope)
        return order.index(self) >= order.index(other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """`people` are those for whom it calls; `customer` is whose data it is shown, and nobody else's."""

    id: int
    name: str
    prefix: str
    scope: Scope
    people: tuple[str, ...]
    customer: str | None
    created: datetime
    last_used: datetime | None
    revoked: datetime | None

    @property
    def actor(self) -> str:
        """As the history names it."""
        return f"key ({self.name})"


def make(
    conn: Connection, name: str, scope: Scope, people: Sequence[str], customer: str | None, now: datetime
) -> tuple[Key, str]:
    """A new key, and its text, which is known at this moment and never again. NotPossible where the name is taken."""
    prefix, secret = secrets.token_hex(4), secrets.token_hex(24)
    text = f"{BEGINNING}_{prefix}_{secret}"
    row = {
        "name": name,
        "prefix": prefix,
        "hash": _hashed(text),
        "scope": scope.value,
        "people": "".join(f"|{who}|" for who in people),
        "customer": customer,
        "created": now,
    }
    try:
        with conn.begin_nested():
            conn.execute(insert(_keys), row)
    except IntegrityError:
        raise NotPossible(f"there is a key {name!r} already: take another name") from None
    return named(conn, name), text


def named(conn: Connection, name: str) -> Key:
    """NotFound where there is none, revoked or not."""
    row = conn.execute(select(_keys).where(_key.name == name)).mappings().one_or_none()
    if row is None:
        raise NotFound(f"there is no key {name!r}: `mailbot keys list` tells them")
    return _read(row)


def known(conn: Connection) -> list[Key]:
    """All of them, oldest first."""
    return [_read(row) for row in conn.execute(select(_keys).order_by(_key.id)).mappings()]


def recognised(conn: Connection, text: str) -> Key | None:
    """The key whose text this is, as long as nobody has revoked it. As quickly whatever is wrong with it."""
    prefix = text[len(BEGINNING) + 1 :].partition("_")[0]
    row = conn.execute(select(_keys).where(_key.prefix == prefix)).mappings().one_or_none()
    is_right = hmac.compare_digest(row["hash"] if row else bytes(32), _hashed(text))
    return _read(row) if row and is_right and row["revoked"] is None else None


def is_noted(key: Key, now: datetime) -> bool:
    """Whether it is on record already that it was used at about this time."""
    return key.last_used is not None and now - key.last_used < FRESH


def note_use(conn: Connection, key: Key, now: datetime) -> None:
    conn.execute(update(_keys).where(_key.id == key.id).values(last_used=now))


def revoke(conn: Connection, name: str, now: datetime) -> None:
    """From now on it opens nothing. NotFound; NotPossible where it is revoked already."""
    key = named(conn, name)
    if key.revoked:
        raise NotPossible(f"the key {name!r} is revoked already")
    conn.execute(update(_keys).where(_key.id == key.id).values(revoked=now))


def _hashed(text: str) -> bytes:
    """Nobody guesses 192 bits: a slow hash would only be slow."""
    return sha256(text.encode()).digest()


def _read(row: RowMapping) -> Key:
    found: dict[str, Any] = {name: row[name] for name in Key.__slots__ if name not in {"people", "scope"}}
    people = tuple(filter(None, row["people"].split("|")))
    return Key(**found, people=people, scope=Scope(row["scope"]))
