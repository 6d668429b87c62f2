"""Pages that list: a department's board, pools with their fill, the search."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from mailbot import spacemap
from mailbot.addresses import Block
from mailbot.config.address import normal
from mailbot.desk.found import EntryRow, HolderRow
from mailbot.desk.query.question import block_of, reference
from mailbot.desk.query.rows import titles_of
from mailbot.process.request import Request
from mailbot.store import Connection, pages, records, space
from mailbot.store.records import Place
from mailbot.web.picture import picture
from mailbot.web.reading import Reading, masked_in, process_of, rows_of
from mailbot.web.visit import Unknown, Visit, Visited
from mailbot.words import phrase_of, say

MOST = 100
MOST_CARDS = 60
MOST_HELD = 500

router = APIRouter()


# -- the board -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An open step on the board."""

    reading: Reading
    step: str
    title: str
    who: str
    due: datetime | None
    trouble: bool
    late: bool
    lost: bool
    """Letters do not reach somebody whom it waits for."""

    @property
    def urgency(self) -> tuple[bool, bool, bool, float]:
        """What is late comes first, then what will be; each by its due time."""
        due = self.due.timestamp() if self.due else float("inf")
        return (not (self.late or self.reading.is_late), not self.reading.is_in_jeopardy, self.due is None, due)


@router.get("/board")
def board(visit: Visited, department: str = "") -> Response:
    """What waits for this person's departments; of an admin, for all."""
    theirs = _departments(visit)
    if department and department not in theirs:
        raise Unknown
    everybody = visit.viewer.is_admin and not department
    wanted = None if everybody else {department} if department else set(theirs)
    with visit.reading() as conn:
        found = pages.open_steps(conn, wanted, visit.viewer.sight, MOST_CARDS)
        cards = sorted((_card(visit, conn, one) for one in found), key=lambda card: card.urgency)
    return visit.page(
        "board.html", cards=cards, departments=theirs, department=department, full=len(found) == MOST_CARDS
    )


def _departments(visit: Visit) -> dict[str, str]:
    """Title by name: those that this person belongs to, or leads."""
    groups = visit.viewer.directory.departments
    mine = groups if visit.viewer.is_admin else visit.viewer.names & groups.keys()
    return {name: groups[name].title for name in sorted(mine)}


def _card(visit: Visit, conn: Connection, found: pages.OpenStep) -> Card:
    reading = Reading(visit=visit, request=found.request, process=process_of(visit, conn, found.request))
    step, row = found.request.step(found.step), next(r for r in reading.view.steps if r.name == found.step)
    return Card(
        reading=reading,
        step=found.step,
        title=f"{row.title} ({row.item})" if row.item else row.title,
        who=row.who,
        due=step.due,
        trouble=step.trouble is not None,
        lost=bool(reading.unreached(conn)[found.step]),
        late=step.due is not None and step.due < visit.now,
    )


# -- pools ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """How full a pool is: amounts of addresses, or of numbers."""

    name: str
    title: str
    prefixes: tuple[Block, ...]
    size: int
    used: int
    free: int
    largest_free: Block | None
    warn_at: int
    fragmentation: int | None

    @property
    def per_cent(self) -> int:
        return 100 * self.used // self.size if self.size else 0


@router.get("/pools")
def pools(visit: Visited) -> Response:
    """The pools that this person cares for, and what he holds himself."""
    with visit.reading() as conn:
        fills = [_fill(visit, conn, name) for name in _pools(visit, conn)]
        held = records.held_by(conn, visit.viewer.selves, visit.viewer.sight, MOST_HELD)
    return visit.page(
        "pools.html", fills=fills, held=[rows_of(visit).holding(one) for one in held.rows], more=held.more
    )


@router.get("/pools/{name}")
def pool(visit: Visited, name: str) -> Response:
    with visit.reading() as conn:
        if name not in _pools(visit, conn):
            raise Unknown
        fill, held = _fill(visit, conn, name), []
        for one in space.allocations(conn, name):
            held.append(rows_of(visit).holding(one))
            if len(held) == MOST_HELD:
                break
        outlook = visit.parts.outlooks.of(conn, name, visit.now)
    return visit.page("pool.html", fill=fill, outlook=outlook, held=held, full=len(held) == MOST_HELD)


@router.get("/pools/{name}/map.svg")
def pool_map(visit: Visited, name: str) -> Response:
    """The pool, drawn."""
    with visit.reading() as conn:
        if name not in _pools(visit, conn):
            raise Unknown
        return picture(spacemap.svg(space.picture(conn, name)))


def _pools(visit: Visit, conn: Connection) -> list[str]:
    known = space.families(conn)
    return [name for name in known if visit.viewer.is_admin or name in visit.viewer.sight.pools]


def _fill(visit: Visit, conn: Connection, name: str) -> Fill:
    figures = space.figures(conn, name)
    pool = visit.parts.config.pools.get(name)
    return Fill(
        name=name,
        title=(pool.title if pool else "") or name,
        prefixes=figures.prefixes,
        size=figures.size,
        used=figures.used,
        free=figures.free,
        largest_free=figures.largest_free,
        warn_at=(pool.warn_at if pool else None) or 80,
        fragmentation=figures.fragmentation,
    )


# -- the search ----------------------------------------------------------------------------------------------------


class _Unreadable(Exception):
    """Something in the search is not what it should be; the text says what to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An entry of the history, with the request that it is about."""

    reference: str
    summary: str
    entry: EntryRow


@router.get("/search")
def search(
    visit: Visited, user: str = "", ref: str = "", action: str = "", address: str = "", since: str = "", until: str = ""
) -> Response:
    """What happened, by who, what, where and when; of all that is given, only what all of it holds for."""
    asked = {"user": user, "ref": ref, "action": action, "address": address, "since": since, "until": until}
    asked = {name: text.strip()[:200].replace("\0", "") for name, text in asked.items()}
    hits: list[Hit] = []
    holders: list[HolderRow] = []
    fault, more = "", False
    if any(asked.values()):
        try:
            sought = _sought(visit, asked)
        except _Unreadable as unreadable:
            fault = phrase_of(unreadable)
        else:
            with visit.reading() as conn:
                hits, more = _hits(visit, conn, sought)
                holders = _holders(visit, conn, sought)
    return visit.page(
        "search.html",
        status=422 if fault else 200,
        asked=asked,
        sought=any(asked.values()),
        hits=hits,
        more=more,
        holders=holders,
        fault=fault,
    )


def _sought(visit: Visit, asked: Mapping[str, str]) -> pages.Sought:
    zone = visit.parts.config.bot.zone
    begin, end = _day(asked["since"]), _day(asked["until"])
    since = datetime.combine(begin, time(), zone) if begin else None
    until = datetime.combine(end + timedelta(days=1), time(), zone) if end else None
    user = normal(asked["user"]) or asked["user"]
    return pages.Sought(
        user=visit.viewer.directory.person(user) or None,
        reference=reference(asked["ref"], visit.parts.config.bot.reference) if asked["ref"] else None,
        action=asked["action"] or None,
        place=_place(asked["address"], since, until) if asked["address"] else None,
        since=since,
        until=until,
    )


def _place(text: str, since: datetime | None, until: datetime | None) -> Place:
    try:
        block = block_of(text)
    except ValueError as mistake:
        raise _Unreadable(say("pages.write_an_address_or", mistake=mistake)) from None
    return Place(block=block, span=(since, until) if since and until else None)


def _day(text: str) -> Any:
    try:
        found = datetime.fromisoformat(text).date() if text else None
    except ValueError:
        raise _Unreadable(say("pages.is_no_day_write", text=text[:40])) from None
    if found and not 1970 <= found.year <= 9000:  # noqa: PLR2004 (what databases count in)
        raise _Unreadable(say("pages.is_out_of_all", found=found))
    return found


def _hits(visit: Visit, conn: Connection, sought: pages.Sought) -> tuple[list[Hit], bool]:
    entries, more = pages.search(conn, sought, visit.viewer.sight, MOST)
    requests = pages.requests_of(conn, {entry["reference"] for entry in entries if entry["reference"]})
    readings = {name: _read(visit, conn, request) for name, request in requests.items()}
    return [_hit(visit, entry, readings.get(entry["reference"])) for entry in entries], more


def _read(visit: Visit, conn: Connection, request: Request) -> tuple[Reading, Mapping[str, str]]:
    reading = Reading(visit=visit, request=request, process=process_of(visit, conn, request))
    return reading, titles_of(reading.view)


def _hit(visit: Visit, entry: Mapping[Any, Any], read: tuple[Reading, Mapping[str, str]] | None) -> Hit:
    if read is None:
        row = rows_of(visit).entry(entry, {}, all_words=visit.viewer.is_admin)
        return Hit(reference="", summary="", entry=masked_in(row))
    reading, titles = read
    row = rows_of(visit).entry(entry, titles, all_words=reading.sees_words)
    return Hit(
        reference=reading.request.reference,
        summary=reading.request.summary,
        entry=masked_in(reading.kept_back(row)),
    )


def _holders(visit: Visit, conn: Connection, sought: pages.Sought) -> list[HolderRow]:
    if sought.place is None:
        return []
    found: Sequence[space.Held] = records.holders(conn, sought.place, visit.viewer.sight, MOST).rows
    return [rows_of(visit).holder(held) for held in found]
