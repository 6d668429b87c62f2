"""What proves a part of the history: its entries with their salts, and the chains that they hang in, to their heads."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from mailbot.store import chain, period, tables, views

_request, _history = tables.request.c, tables.history.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One entry; `actor`, `detail` and `salt` are None where they were erased.

    `is_told`: it is what was asked for. Of all others, which stand in the same chain, the words are not to be shown.
    """

    id: int
    at: datetime
    action: str
    step: str | None
    commitment: bytes
    hash: bytes
    actor: str | None
    detail: str | None
    salt: bytes | None
    message_id: str | None
    is_told: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """All that happened about one request (None: about none), oldest first."""

    reference: str | None
    lines: Sequence[Line]
    broken: Sequence[str]
    """What in it is not as it was written, in words."""

    @property
    def head(self) -> bytes:
        return self.lines[-1].hash if self.lines else chain.ROOT


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """`heads` are those of all chains there are, over which the seal is made; None is the house's."""

    chains: Sequence[Chain]
    heads: Mapping[str | None, bytes]

    @property
    def seal(self) -> str:
        return chain.sealed(self.heads).hex()


def proof(conn: Connection, wanted: views.HistoryFilter, beside: Iterable[str]) -> Proof:
    """Of the entries that a filter selects. `beside` are requests whose chains are to be shown too."""
    told = {
        row.id: row.reference for row in conn.execute(views.narrowed(select(_history.id, _history.reference), wanted))
    }
    numbers = {row.reference: row.id for row in conn.execute(select(_request.reference, _request.id))}
    references = sorted({*told.values(), *beside}, key=lambda name: numbers.get(name or "", 0))
    broken = _broken(conn)
    chains = [Chain(reference=name, lines=_lines(conn, name, told), broken=broken.get(name, ())) for name in references]
    return Proof(chains=chains, heads=period.heads(conn))


def _lines(conn: Connection, reference: str | None, told: Mapping[int, str | None]) -> list[Line]:
    of_it = _history.reference.is_(None) if reference is None else _history.reference == reference
    found = select(tables.history).where(of_it).order_by(_history.id)
    return [_line(row, is_told=row.id in told) for row in conn.execute(found)]


def _line(row: Row[*tuple[Any, ...]], *, is_told: bool) -> Line:
    return Line(**{f.name: getattr(row, f.name) for f in fields(Line) if f.name != "is_told"}, is_told=is_told)


def _broken(conn: Connection) -> dict[str | None, list[str]]:
    found: dict[str | None, list[str]] = {}
    for reference, words in views.breaks(conn):
        found.setdefault(reference, []).append(words)
    return found
