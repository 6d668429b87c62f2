"""A decision's wishes, fulfilled in the same transaction; what comes of them is the next event."""

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import assert_never

from mailbot.addresses import Block, parse_address, parse_prefix, parse_space
from mailbot.errors import MailbotError, NotFound
from mailbot.process import form
from mailbot.process.definition import FieldType, Process
from mailbot.process.directory import Directory
from mailbot.process.request import (
    Drive,
    Driven,
    Event,
    Fits,
    GaveBack,
    GiveBack,
    Held,
    NetworkState,
    NotGivenBack,
    NotTaken,
    Prolong,
    Request,
    Take,
    Taken,
    Wish,
    Withdraw,
    WouldFit,
)
from mailbot.store import Transaction, space

log = logging.getLogger(__name__)


def fulfil(
    tx: Transaction, wish: Wish, request: Request, owners: Mapping[str, str], directory: Directory, now: datetime
) -> Event | None:
    """What came of it; None where that is to be seen later. `owners` are the pools' owners, by pool."""
    match wish:
        case Take():
            return _take(tx, wish, request, owners, now)
        case GiveBack():
            return _give_back(tx, wish, request, directory, now)
        case WouldFit():
            return _would_fit(tx, wish)
        case Prolong():
            _prolong(tx, wish, request, now)
            return None
        case Drive():
            tx.queue(wish, request.reference, now)
            return None
        case Withdraw():
            return _withdraw(tx, wish, now)
        case _:
            assert_never(wish)


def _take(tx: Transaction, wish: Take, request: Request, owners: Mapping[str, str], now: datetime) -> Event | None:
    """Where the pool follows a source, what came of it is known once that has said yes (see `sources`)."""
    if _is_waited_for(tx, wish, request, now):
        return None
    terms: space.Terms = {
        "reference": request.reference,
        "step": wish.step,
        "holder": request.requester,
        "description": request.summary,
        "state": space.State.RESERVED if wish.reserved else space.State.ALLOCATED,
        "until": wish.until,
        "carries": wish.carries,
    }
    try:
        held = _taken(tx, wish, terms, now)
    except space.PoolFull as full:
        return _not_taken(wish, _without_addresses(full), owners, full=True)
    except (MailbotError, ValueError) as error:
        return _not_taken(wish, str(error), owners)
    if space.awaited(tx.conn, request.reference, wish.step) is not None:
        return None
    return Taken(step=wish.step, prefix=str(held.prefix), pool=held.pool, until=held.until, reserved=wish.reserved)


def _taken(tx: Transaction, wish: Take, terms: space.Terms, now: datetime) -> space.Allocation:
    """What the request has reserved, what it names, or else whatever there is of that length."""
    if wish.from_reserved is not None:
        return space.take_up(tx.conn, wish.pool, parse_space(wish.from_reserved), now=now, **terms)
    if wish.prefix is not None:
        return space.take_named(tx.conn, wish.pool, parse_space(wish.prefix), now=now, **terms)
    return space.take(tx.conn, wish.pool, wish.length, now=now, **terms)


def _is_waited_for(tx: Transaction, wish: Take, request: Request, now: datetime) -> bool:
    """Whether this step has taken already what it wishes for, and waits. What it took on other terms is free again."""
    held = space.awaited(tx.conn, request.reference, wish.step)
    if held is None:
        return False
    named = wish.from_reserved or wish.prefix
    fits = str(held.prefix) == named if named else held.prefix.length == wish.length
    if fits and held.pool == wish.pool and (held.state is space.State.RESERVED) == wish.reserved:
        return True
    space.undo(tx.conn, held.pool, held.prefix, now=now)
    return False


def _not_taken(wish: Take, reason: str, owners: Mapping[str, str], *, full: bool = False) -> NotTaken:
    owner = owners.get(wish.pool) if full else None
    return NotTaken(step=wish.step, pool=wish.pool, length=wish.length, full=full, reason=reason, owner=owner)


def _without_addresses(full: space.PoolFull) -> str:
    """The requester may come to read this, and is not told which space is free (trap 20)."""
    if full.length is None:
        return str(full)
    rest = f"the largest free block is a /{full.largest_free.length}" if full.largest_free else "nothing is free"
    return f"{full.pool} has no room for a /{full.length}: {rest}"


def _give_back(tx: Transaction, wish: GiveBack, request: Request, directory: Directory, now: datetime) -> Event:
    def refused(reason: str) -> Event:
        return NotGivenBack(prefix=wish.prefix, step=wish.step, reason=reason)

    try:
        prefix = parse_space(wish.prefix)
        held = _look_up(tx, prefix, wish.pool)
        if wish.own and (held is None or held.reference != request.reference):
            return refused("it was given back before")
        # It was his when he asked; since then it may have been given back, rested, and become somebody else's.
        if held is None or not (wish.own or _is_his(held, request.requester, directory)):
            return refused("the requester does not hold it")
        became = space.give_back(tx.conn, prefix, reference=request.reference, now=now, pool=held.pool)
    except (MailbotError, ValueError) as error:
        return refused(str(error))
    return GaveBack(prefix=wish.prefix, pool=became.pool, step=wish.step, until=became.until)


def _look_up(tx: Transaction, prefix: Block, pool: str) -> space.Allocation | None:
    try:
        return space.look_up(tx.conn, prefix, pool=pool or None)
    except NotFound:
        return None  # no pool has it any more


def _prolong(tx: Transaction, wish: Prolong, request: Request, now: datetime) -> None:
    prefix, reference = parse_space(wish.prefix), request.reference
    try:
        space.prolong(tx.conn, wish.pool, prefix, wish.until, reference=reference, now=now)
    except MailbotError as error:  # another request has given it back meanwhile: there is nothing to prolong
        log.warning("%s: %s", reference, error)


def _withdraw(tx: Transaction, wish: Withdraw, now: datetime) -> Event | None:
    """What has left already is answered by its target."""
    detail = "withdrawn before it had left"
    if not tx.withdraw(wish.id, detail, now):
        return None
    return Driven(id=wish.id, step=wish.step, state=NetworkState.FAILED, detail=detail)


def _would_fit(tx: Transaction, wish: WouldFit) -> Event:
    try:
        verdict = space.fits(tx.conn, wish.pool, [wish.length])
    except MailbotError as error:
        return Fits(step=wish.step, pool=wish.pool, fits=False, reason=str(error))
    wanted = "no number is left" if wish.length is None else f"there is no room for a /{wish.length} now"
    return Fits(step=wish.step, pool=wish.pool, fits=verdict.fits, reason="" if verdict.fits else wanted)


def held_prefixes(
    tx: Transaction, process: Process, given: Mapping[str, str], person: str, directory: Directory
) -> Held:
    """Which of the prefixes in a form this person holds, each with what it carries; admins may name anybody's."""
    texts = [form.pieces(given.get(f.name, "")) for f in process.fields if f.type is FieldType.ALLOCATION]
    found = [_named(tx, text) for several in texts for text in several[: form.MOST_VALUES]]
    return {str(held.prefix): held.carries for held in found if held and _is_his(held, person, directory)}


def _named(tx: Transaction, text: str) -> space.Allocation | None:
    """What is held under this name: a prefix, or its first address."""
    text = text.replace(" ", "")
    try:
        if "/" in text:
            return space.find(tx.conn, parse_prefix(text))
        address = parse_address(text)
    except ValueError:
        return None
    begun = (held for held in space.who_has(tx.conn, address) if not held.vrf)
    return next((held for held in begun if held.prefix.network == address.network), None)


def _is_his(held: space.Allocation, person: str, directory: Directory) -> bool:
    is_holder = directory.person(held.holder or "") == person
    return held.state is space.State.ALLOCATED and (is_holder or person in directory.admins)
