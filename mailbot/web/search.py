"""The search: what happened, by who, what, where, when and for which customer; and who had an address."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi.responses import Response

from mailbot.config.address import normal
from mailbot.desk.found import EntryRow, HolderRow
from mailbot.desk.query.question import block_of, reference
from mailbot.process.customers import MARK
from mailbot.process.reader import ADMIN, Reader
from mailbot.process.request import Request
from mailbot.store import Connection, customers, pages, records, space
from mailbot.store.records import Place
from mailbot.web.reading import Reading, masked_in, process_of, rows_of
from mailbot.web.visit import Visit, Visited
from mailbot.words import phrase_of, say

ASKED = ("ref", "user", "address", "action", "customer", "since", "until")
MOST = 50
"""Entries of a page."""
LAST = 40
"""So far somebody may leaf; beyond, he asks for less."""
MOST_HOLDERS = 100
NOBODY = MARK
"""Of a customer without an id: what is sought for one who is not there, or not to be seen, is found nowhere."""
_NUMBER = re.compile("[0-9]{1,4}")

router = APIRouter()


class _Unreadable(Exception):
    """Something in the search is not what it should be; the text says what to write."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An entry of the history, with the request that it is about."""

    reference: str
    summary: str
    entry: EntryRow


@router.get("/search")
def search(visit: Visited, page: str = "") -> Response:
    """Of all that is given, only what all of it holds for."""
    given = visit.request.query_params
    asked = {name: given.get(name, "").strip()[:200].replace("\0", "") for name in ASKED}
    number = min(max(int(page), 1), LAST) if _NUMBER.fullmatch(page) else 1
    hits: list[Hit] = []
    holders: list[HolderRow] = []
    fault, more = "", False
    if any(asked.values()):
        try:
            with visit.reading() as conn:
                sought = _sought(visit, conn, asked)
                hits, more = _hits(visit, conn, sought, number)
                holders = _holders(visit, conn, sought) if number == 1 else []
        except _Unreadable as unreadable:
            fault = phrase_of(unreadable)
    return visit.page(
        "search.html",
        status=422 if fault else 200,
        asked=asked,
        sought=any(asked.values()),
        hits=hits,
        holders=holders,
        newer=_leaf(asked, number - 1) if number > 1 else "",
        older=_leaf(asked, number + 1) if more and number < LAST and len(hits) == MOST else "",
        more=more,
        number=number,
        fault=fault,
    )


def _leaf(asked: Mapping[str, str], number: int) -> str:
    """The query of another page of the same search."""
    return urlencode({name: text for name, text in asked.items() if text} | {"page": str(number)})


def _sought(visit: Visit, conn: Connection, asked: Mapping[str, str]) -> pages.Sought:
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
        customer=_mark(visit, conn, asked["customer"]) if asked["customer"] else None,
        since=since,
        until=until,
    )


def _mark(visit: Visit, conn: Connection, text: str) -> str:
    """Of a customer by his name, a former one, or his number."""
    found = next(iter(customers.named(conn, [text]).values()), None)
    return found.mark if found and visit.viewer.may_see_customer(found) else NOBODY


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


def _hits(visit: Visit, conn: Connection, sought: pages.Sought, number: int) -> tuple[list[Hit], bool]:
    entries, behind = pages.search(conn, sought, visit.viewer.sight, MOST, (number - 1) * MOST)
    requests = pages.requests_of(conn, {entry["reference"] for entry in entries if entry["reference"]})
    readings = {name: _read(visit, conn, request) for name, request in requests.items()}
    return [_hit(visit, entry, readings.get(entry["reference"])) for entry in entries], behind is not None


def _read(visit: Visit, conn: Connection, request: Request) -> tuple[Reading, Mapping[str, str]]:
    reading = Reading(visit=visit, request=request, process=process_of(visit, conn, request))
    return reading, reading.view.titles


def _hit(visit: Visit, entry: Mapping[Any, Any], read: tuple[Reading, Mapping[str, str]] | None) -> Hit:
    if read is None:
        row = rows_of(visit).entry(entry, {}, ADMIN if visit.viewer.is_admin else Reader(words=False))
        return Hit(reference="", summary="", entry=masked_in(row))
    reading, titles = read
    row = rows_of(visit).entry(entry, titles, reading.reader)
    return Hit(
        reference=reading.request.reference,
        summary=reading.request.summary,
        entry=masked_in(reading.kept_back(row)),
    )


def _holders(visit: Visit, conn: Connection, sought: pages.Sought) -> list[HolderRow]:
    if sought.place is None:
        return []
    found: Sequence[space.Held] = records.holders(conn, sought.place, visit.viewer.sight, MOST_HOLDERS).rows
    return [rows_of(visit).holder(held) for held in found]
