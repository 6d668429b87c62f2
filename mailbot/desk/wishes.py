"""A decision's wishes, fulfilled in the same transaction; what comes of them is the next event."""

from collections.abc import Mapping
from datetime import datetime
from typing import assert_never

from mailbot.addresses import parse_prefix
from mailbot.errors import MailbotError
from mailbot.process.definition import FieldType, Process
from mailbot.process.directory import Directory
from mailbot.process.request import (
    Event,
    Fits,
    GaveBack,
    GiveBack,
    NotGivenBack,
    NotTaken,
    Request,
    Take,
    Taken,
    Wish,
    WouldFit,
)
from mailbot.store import Transaction, space


def fulfil(
    tx: Transaction, wish: Wish, request: Request, owners: Mapping[str, str], directory: Directory, now: datetime
) -> Event:
    """`owners` are the pools' owners, by pool."""
    match wish:
        case Take():
            return _take(tx, wish, request, owners, now)
        case GiveBack():
            return _give_back(tx, wish, request, directory, now)
        case WouldFit():
            return _would_fit(tx, wish)
        case _:
            assert_never(wish)


def _take(tx: Transaction, wish: Take, request: Request, owners: Mapping[str, str], now: datetime) -> Event:
    terms: space.Terms = {
        "reference": request.reference,
        "step": wish.step,
        "holder": request.requester,
        "description": request.summary,
    }
    try:
        if wish.prefix is not None:
            held = space.take_named(tx.conn, wish.pool, parse_prefix(wish.prefix), now=now, **terms)
        elif wish.length is not None:
            held = space.take(tx.conn, wish.pool, wish.length, now=now, **terms)
        else:
            return _not_taken(wish, "it says neither how large a prefix nor which", owners)
    except space.PoolFull as full:
        return _not_taken(wish, _without_addresses(full), owners, full=True)
    except (MailbotError, ValueError) as error:
        return _not_taken(wish, str(error), owners)
    return Taken(step=wish.step, prefix=str(held.prefix), pool=held.pool)


def _not_taken(wish: Take, reason: str, owners: Mapping[str, str], *, full: bool = False) -> NotTaken:
    owner = owners.get(wish.pool) if full else None
    return NotTaken(step=wish.step, pool=wish.pool, length=wish.length, full=full, reason=reason, owner=owner)


def _without_addresses(full: space.PoolFull) -> str:
    """The requester may come to read this, and is not told which space is free (trap 20)."""
    rest = f"the largest free block is a /{full.largest_free.length}" if full.largest_free else "nothing is free"
    return f"{full.pool} has no room for a /{full.length}: {rest}"


def _give_back(tx: Transaction, wish: GiveBack, request: Request, directory: Directory, now: datetime) -> Event:
    try:
        prefix = parse_prefix(wish.prefix)
        held = space.find(tx.conn, prefix)
        if wish.own and (held is None or held.reference != request.reference):
            return NotGivenBack(prefix=wish.prefix, step=wish.step, reason="it was given back before")
        # It was his when he asked; since then it may have been given back, rested, and become somebody else's.
        if not wish.own and _held(tx, wish.prefix, request.requester, directory) is None:
            return NotGivenBack(prefix=wish.prefix, step=wish.step, reason="the requester does not hold it")
        became = space.give_back(tx.conn, prefix, reference=request.reference, now=now)
    except (MailbotError, ValueError) as error:
        return NotGivenBack(prefix=wish.prefix, step=wish.step, reason=str(error))
    return GaveBack(prefix=wish.prefix, pool=became.pool, step=wish.step, until=became.until)


def _would_fit(tx: Transaction, wish: WouldFit) -> Event:
    try:
        verdict = space.fits(tx.conn, wish.pool, [wish.length])
    except MailbotError as error:
        return Fits(step=wish.step, pool=wish.pool, fits=False, reason=str(error))
    reason = "" if verdict.fits else f"there is no room for a /{wish.length} now"
    return Fits(step=wish.step, pool=wish.pool, fits=verdict.fits, reason=reason)


def held_prefixes(
    tx: Transaction, process: Process, given: dict[str, str], person: str, directory: Directory
) -> frozenset[str]:
    """Which of the prefixes in a form this person holds; admins may name anybody's."""
    named = (given.get(f.name, "") for f in process.fields if f.type is FieldType.ALLOCATION)
    return frozenset(prefix for text in named if (prefix := _held(tx, text, person, directory)))


def _held(tx: Transaction, text: str, person: str, directory: Directory) -> str | None:
    try:
        prefix = parse_prefix(text.strip())
    except ValueError:
        return None
    held = space.find(tx.conn, prefix)
    if held is None or held.state is not space.State.ALLOCATED:
        return None
    if directory.person(held.holder or "") == person or person in directory.admins:
        return str(held.prefix)
    return None
