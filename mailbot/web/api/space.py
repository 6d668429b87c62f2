"""The plain view of address space and of the trace: pools, who had an address, what happened."""

from dataclasses import replace
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from mailbot.addresses import BadPrefix, Block
from mailbot.desk.query import block_of
from mailbot.desk.query.rows import is_told
from mailbot.errors import NotFound
from mailbot.mail.token import mask
from mailbot.process.reader import ADMIN
from mailbot.process.shape import instant
from mailbot.store import Connection, lists, pages, records, space
from mailbot.store.lists import Paged
from mailbot.store.records import Place
from mailbot.store.space import Allocation
from mailbot.web.api import query
from mailbot.web.api.call import Call, Reads
from mailbot.web.api.errors import nothing_here, wrong_query
from mailbot.web.api.media import answer
from mailbot.web.api.models.plain import EntryShape, HolderShape, PoolShape, RoomShape
from mailbot.web.api.paged import counts, cut_of, links, page
from mailbot.web.api.published import gives
from mailbot.web.api.query import LIMIT, PAGE, SECOND, Asked, Kind, Parameter, documented, followed
from mailbot.web.api.seen import said
from mailbot.web.reading import Reading

_ADDRESS = Parameter(name="address", words="An address, a prefix or a number.")
_AT = Parameter(name="at", words="With address: at that moment.", kind=Kind.MOMENT)
TRACE = (
    LIMIT,
    Parameter(name="after", words="Those older than the entry that the next Link names.", kind=Kind.NUMBER),
    Parameter(name="user", words="What he did, and what happened to his requests.", kind=Kind.ADDRESS),
    Parameter(name="reference", words="Of this request."),
    Parameter(name="action", words="One kind of entry, as the history names it."),
    Parameter(name="type", words="Of requests of this type."),
    _ADDRESS,
    _AT,
    Parameter(name="since", words="From then on.", kind=Kind.MOMENT),
    Parameter(name="until", words="Before then.", kind=Kind.MOMENT),
)
GIVEN_OUT = followed("What is given out behind this prefix or number.")
LENGTH = Parameter(name="length", words="Of prefixes; of numbers nothing.", kind=Kind.NUMBER, most=128)

router = APIRouter(prefix="/api", tags=["plain"])


# -- pools -----------------------------------------------------------------------------------------------------------


@router.get("/pools", summary="Pools", **gives(PoolShape, several=True))
def pools(call: Reads) -> Response:
    """Those that the key's people care for, with how full they are."""
    query.read(call.request, ())
    with call.reading() as conn:
        rows = [_pool(call, conn, name, []) for name in _known(call, conn)]
    return answer(call.request, rows, PoolShape)


@router.get("/pools/{name}", summary="One pool", openapi_extra=documented(*GIVEN_OUT), **gives(PoolShape))
def pool(call: Reads, name: str) -> Response:
    """With what is given out of it, page by page: X-Total-Count tells how much that is, Link where the next page is."""
    asked = query.read(call.request, GIVEN_OUT)
    with call.reading() as conn:
        if name not in _known(call, conn):
            raise nothing_here()
        after = (name, _block(asked, "after").network) if asked["after"] is not None else None
        cut = replace(asked.cut, after=after)
        held = lists.held(conn, call.sight, cut, pools=[name], states=list(space.State))
        shown = _pool(call, conn, name, [_given_out(one.allocation) for one in held.rows])
    last = shown["allocations"][-1]["prefix"] if held.rows else ""
    return answer(call.request, shown, PoolShape, headers=counts(held) | links(call, asked, held, last))


@router.get("/pools/{name}/room", summary="How many would fit", openapi_extra=documented(LENGTH), **gives(RoomShape))
def room(call: Reads, name: str) -> Response:
    """A hint: it holds nothing, and tells nothing of who has what."""
    length = query.read(call.request, [LENGTH])["length"]
    if not any(visit.viewer.may_ask_for_room(name) for visit in call.visits):
        raise nothing_here()
    refusal, count = None, 0
    with call.reading() as conn:
        try:
            count = space.room(conn, name, length)
        except NotFound:
            raise nothing_here() from None
        except space.PoolRefuses as refused:
            refusal = str(refused)
    return answer(call.request, RoomShape(pool=name, length=length, count=count, refusal=refusal).plain(), RoomShape)


def _known(call: Call, conn: Connection) -> list[str]:
    return [name for name in space.families(conn) if call.sight.everything or name in call.sight.pools]


def _pool(call: Call, conn: Connection, name: str, allocations: list[dict[str, Any]]) -> dict[str, Any]:
    figures = space.figures(conn, name, call.parts.counted)
    return {
        "name": name,
        "prefixes": [str(prefix) for prefix in figures.prefixes],
        "strategy": figures.strategy.value,
        "size": figures.size,
        "used": figures.used,
        "free": figures.free,
        "largest_free": str(figures.largest_free) if figures.largest_free else None,
        "allocations": allocations,
    }


def _given_out(one: Allocation) -> dict[str, Any]:
    return {
        "prefix": str(one.prefix),
        "state": one.state.value,
        "until": instant(one.until),
        "reference": one.reference,
    }


# -- who had it ------------------------------------------------------------------------------------------------------


@router.get(
    "/holders",
    summary="Who had an address",
    openapi_extra=documented(_ADDRESS, _AT, *PAGE),
    **gives(HolderShape, several=True),
)
def holders(call: Reads) -> Response:
    """Oldest first: what covers the address, and what lies in the prefix; `at` a moment, or all the time."""
    asked = query.read(call.request, [_ADDRESS, _AT, *PAGE])
    place = _place(asked)
    if place is None:
        raise wrong_query("address", "which one? an address, a prefix or a number")
    with call.reading() as conn:
        found = records.holders(conn, place, call.sight).rows
    part = cut_of(asked, found)
    return page(call, asked, map(_holder, part.rows), part, HolderShape)


def _holder(held: space.Held) -> dict[str, Any]:
    one = held.allocation
    return {
        "prefix": str(one.prefix),
        "pool": one.pool,
        "state": one.state.value,
        "since": instant(held.since),
        "ended": instant(held.ended),
        "until": instant(one.until),
        "reference": one.reference,
        "holder": one.holder,
        "customer": one.customer,
    }


def _place(asked: Asked) -> Place | None:
    if asked["address"] is None:
        if asked["at"]:
            raise wrong_query("at", "it says when somebody had an address: name that too")
        return None
    at = asked["at"]
    return Place(block=_block(asked, "address"), span=(at, at + SECOND) if at else None)


def _block(asked: Asked, name: str) -> Block:
    try:
        return block_of(asked[name])
    except (BadPrefix, ValueError):
        raise wrong_query(name, "an address, a prefix or a number, like 192.0.2.1") from None


# -- what happened ---------------------------------------------------------------------------------------------------


@router.get("/history", summary="What happened", openapi_extra=documented(*TRACE), **gives(EntryShape, several=True))
def history(call: Reads) -> Response:
    """Newest first; Link tells where the next page is."""
    asked = query.read(call.request, TRACE)
    sought = pages.Sought(
        user=call.parts.desk.directory.person(asked["user"]) if asked["user"] else None,
        reference=asked["reference"],
        action=asked["action"],
        type=asked["type"],
        place=_place(asked),
        since=asked["since"],
        until=asked["until"],
        after=asked["after"],
    )
    with call.reading() as conn:
        entries, behind = pages.search(conn, sought, call.sight, asked.cut.most)
        about = pages.requests_of(conn, {one["reference"] for one in entries if one["reference"]})
        readings = {one.request.reference: one for one in call.readings_of(conn, list(about.values()))}
        rows = [_entry(one, readings.get(one["reference"]), call) for one in entries]
    is_all = behind is None and asked["after"] is None and asked.cut.most > 0
    found = Paged(rows=rows, total=len(rows) if is_all else None, more=behind is not None)
    return page(call, asked, rows, found, EntryShape, "" if behind is None else str(behind))


def _entry(entry: Any, reading: Reading | None, call: Call) -> dict[str, Any]:
    reader = reading.reader if reading else ADMIN
    told = entry["actor"] in call.people or is_told(entry["action"], reader)
    words = entry["detail"] if told else None
    if words is not None:
        words = said(reading, words) if reading else mask(words)
    return {
        "at": instant(entry["at"]),
        "reference": entry["reference"],
        "actor": entry["actor"],
        "action": entry["action"],
        "step": entry["step"],
        "detail": words,
    }
