"""A decision's wishes, fulfilled in the same transaction; what comes of them is the next event."""

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
    NotProlonged,
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
from mailbot.words import phrase_of, say


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
            return _prolong(tx, wish, request, now)
        case Drive():
            tx.queue(wish, request.reference, now)
            return None
        case Withdraw():
            return _withdraw(tx, wish, now)
        case _:
            assert_never(wish)


def _take(tx: Transaction, wish: Take, request: Request, owners: Mapping[str, str], now: datetime) -> Event:
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
        return _not_taken(wish, phrase_of(error), owners)
    return Taken(step=wish.step, prefix=str(held.prefix), pool=held.pool, until=held.until, reserved=wish.reserved)


def _taken(tx: Transaction, wish: Take, terms: space.Terms, now: datetime) -> space.Allocation:
    """What the request has reserved, what it names, or else whatever there is of that length."""
    if wish.from_reserved is not None:
        return space.take_up(tx.conn, wish.pool, parse_space(wish.from_reserved), now=now, **terms)
    if wish.prefix is not None:
        return space.take_named(tx.conn, wish.pool, parse_space(wish.prefix), now=now, **terms)
    return space.take(tx.conn, wish.pool, wish.length, now=now, **terms)


def _not_taken(wish: Take, reason: str, owners: Mapping[str, str], *, full: bool = False) -> NotTaken:
    owner = owners.get(wish.pool) if full else None
    return NotTaken(step=wish.step, pool=wish.pool, length=wish.length, full=full, reason=reason, owner=owner)


def _without_addresses(full: space.PoolFull) -> str:
    """The requester may come to read this, and is not told which space is free (trap 20)."""
    if full.length is None:
        return phrase_of(full)
    rest = (
        say("pools.the_largest_free_block", length=full.largest_free.length)
        if full.largest_free
        else say("pools.nothing_is_free")
    )
    return say("pools.has_no_room_for", pool=full.pool, length=full.length, rest=rest)


def _give_back(tx: Transaction, wish: GiveBack, request: Request, directory: Directory, now: datetime) -> Event:
    def refused(reason: str) -> Event:
        return NotGivenBack(prefix=wish.prefix, step=wish.step, reason=reason)

    try:
        prefix = parse_space(wish.prefix)
        held = _look_up(tx, prefix, wish.pool)
        if wish.own and (held is None or held.reference != request.reference):
            return refused(say("pools.it_was_given_back"))
        # It was his when he asked; since then it may have been given back, rested, and become somebody else's.
        if held is None or not (wish.own or _is_his(held, request.requester, directory)):
            return refused(say("pools.the_requester_does_not"))
        became = space.give_back(tx.conn, prefix, reference=request.reference, now=now, pool=held.pool)
    except (MailbotError, ValueError) as error:
        return refused(phrase_of(error))
    return GaveBack(prefix=wish.prefix, pool=became.pool, step=wish.step, until=became.until)


def _look_up(tx: Transaction, prefix: Block, pool: str) -> space.Allocation | None:
    try:
        return space.look_up(tx.conn, prefix, pool=pool or None)
    except NotFound:
        return None  # no pool has it any more


def _prolong(tx: Transaction, wish: Prolong, request: Request, now: datetime) -> Event | None:
    prefix, reference = parse_space(wish.prefix), request.reference
    try:
        space.prolong(tx.conn, wish.pool, prefix, wish.until, reference=reference, now=now)
    except MailbotError as error:  # another request has given it back meanwhile: there is nothing to prolong
        return NotProlonged(prefix=wish.prefix, pool=wish.pool, reason=phrase_of(error))
    return None


def _withdraw(tx: Transaction, wish: Withdraw, now: datetime) -> Event | None:
    """What has left already is answered by its target."""
    detail = say("pools.withdrawn_before_it_had")
    if not tx.withdraw(wish.id, detail, now):
        return None
    return Driven(id=wish.id, step=wish.step, state=NetworkState.FAILED, detail=detail)


def _would_fit(tx: Transaction, wish: WouldFit) -> Event:
    try:
        verdict = space.fits(tx.conn, wish.pool, [wish.length])
    except MailbotError as error:
        return Fits(step=wish.step, pool=wish.pool, fits=False, reason=phrase_of(error))
    wanted = (
        say("pools.no_number_is_left") if wish.length is None else say("pools.there_is_no_room", length=wish.length)
    )
    return Fits(step=wish.step, pool=wish.pool, fits=verdict.fits, reason="" if verdict.fits else wanted)


def held_prefixes(
    tx: Transaction, process: Process, given: Mapping[str, str], person: str, directory: Directory
) -> Held:
    """Which of the prefixes in a form this person or his customer holds, each with what it carries.

    Admins may name anybody's.
    """
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
    """He holds it, or the customer does for whom he writes; admins may give back anybody's."""
    is_holder = directory.person(held.holder or "") == person
    own = directory.customer_of(person)
    is_his_customers = own is not None and held.customer in own.names
    return held.state is space.State.ALLOCATED and (is_holder or is_his_customers or person in directory.admins)
