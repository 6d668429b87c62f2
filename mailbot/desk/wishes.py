"""A decision's wishes, fulfilled in the same transaction; what comes of them is the next event."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import assert_never

from mailbot.addresses import BadPrefix, Block, Family, parse_number, parse_space
from mailbot.desk import reshaping
from mailbot.desk.holding import is_his, look_up, pool_of_his
from mailbot.errors import MailbotError, NotFound
from mailbot.process.decide.together import none_of, taken_together
from mailbot.process.directory import Directory
from mailbot.process.request import (
    Drive,
    Driven,
    Event,
    Fits,
    GaveBack,
    GiveBack,
    NetworkState,
    NotGivenBack,
    NotProlonged,
    NotTaken,
    Prolong,
    Request,
    Reshape,
    Revert,
    Take,
    Taken,
    Wish,
    Withdraw,
    WouldFit,
)
from mailbot.process.served import refusal, whose
from mailbot.store import Transaction, space
from mailbot.words import phrase_of, say


def fulfil_all(
    tx: Transaction,
    wishes: Sequence[Wish],
    request: Request,
    owners: Mapping[str, str],
    directory: Directory,
    now: datetime,
) -> list[Event]:
    """What came of wishes, in their order. What one step takes for several items, it takes all or nothing of."""
    taking = partial(_take, tx, request=request, owners=owners, directory=directory, now=now)
    of_items: dict[str, Event | None] = {}
    for some in taken_together(wishes):
        of_items |= _all_or_none(tx, some, taking)
    came = [
        of_items[wish.step]
        if isinstance(wish, Take) and wish.step in of_items
        else fulfil(tx, wish, request, owners, directory, now)
        for wish in wishes
    ]
    return [event for event in came if event is not None]


def _all_or_none(
    tx: Transaction, wishes: Sequence[Take], taking: Callable[[Take], Taken | NotTaken | None]
) -> dict[str, Event | None]:
    """By step; None where a source is still to say yes."""
    with suppress(NotFound):  # told when it is taken from
        space.lock_pools(tx.conn, {wish.pool for wish in wishes})
    savepoint = tx.conn.begin_nested()
    came = {wish.step: taking(wish) for wish in wishes}
    if not any(isinstance(event, NotTaken) for event in came.values()):
        savepoint.commit()
        return dict(came)
    savepoint.rollback()
    return {event.step: event for event in none_of(wishes, [event for event in came.values() if event is not None])}


def fulfil(
    tx: Transaction, wish: Wish, request: Request, owners: Mapping[str, str], directory: Directory, now: datetime
) -> Event | None:
    """What came of it; None where that is to be seen later. `owners` are the pools' owners, by pool."""
    match wish:
        case Take():
            return _take(tx, wish, request, owners, directory, now)
        case GiveBack():
            return _give_back(tx, wish, request, directory, now)
        case Reshape():
            return reshaping.reshape(tx, wish, request, directory, now)
        case Revert():
            return reshaping.revert(tx, wish, request, now)
        case WouldFit():
            return _would_fit(tx, wish, request, directory)
        case Prolong():
            return _prolong(tx, wish, request, now)
        case Drive():
            tx.queue(wish, request.reference, now)
            return None
        case Withdraw():
            return _withdraw(tx, wish, now)
        case _:
            assert_never(wish)


def _take(
    tx: Transaction, wish: Take, request: Request, owners: Mapping[str, str], directory: Directory, now: datetime
) -> Taken | NotTaken | None:
    """Where the pool follows a source, what came of it is known once that has said yes (see `sources`)."""
    if reason := refusal(wish.pool, request.requester, directory):
        return _not_taken(wish, reason, refused=True)
    if wish.from_reserved is None and (reason := _gone(tx, wish.pool, directory)):
        return _not_taken(wish, reason)
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
        if wish.instead_of is not None:
            wish, terms = reshaping.instead(tx, wish, terms, request.requester, directory)
        if _is_waited_for(tx, wish, terms, now):
            return None
        held = _taken(tx, wish, terms, now)
    except space.PoolFull as full:
        return _not_taken(wish, _without_addresses(full), full=True, owner=owners.get(wish.pool))
    except reshaping.NotHis as not_his:
        return _not_taken(wish, phrase_of(not_his), refused=True)
    except space.OfAnother as other:
        told = whose(other.pool, directory)
        reason = say("space.is_not_to_give_out", prefix=other.prefix, name=wish.pool, whose=told)
        return _not_taken(wish, reason, refused=True)
    except (MailbotError, ValueError) as error:
        return _not_taken(wish, phrase_of(error), unfit=_unfit(error))
    if space.awaited(tx.conn, request.reference, wish.step) is not None:
        return None
    return Taken(
        step=wish.step,
        prefix=str(held.prefix),
        pool=held.pool,
        until=held.until,
        reserved=wish.reserved,
        holder=held.holder if wish.instead_of is not None else None,
    )


def _gone(tx: Transaction, pool: str, directory: Directory) -> str:
    """Why nothing is taken of a pool that is in the tables alone, for what is held of it; "" of any other."""
    if pool in directory.pools or pool not in space.families(tx.conn):
        return ""
    return say("pools.is_not_configured", pool=pool)


def _taken(tx: Transaction, wish: Take, terms: space.Terms, now: datetime) -> space.Allocation:
    """What the request has reserved, what it names, or else whatever there is of that length."""
    if wish.from_reserved is not None:
        return space.take_up(tx.conn, wish.pool, parse_space(wish.from_reserved), now=now, **terms)
    if wish.prefix is not None:
        return space.take_named(tx.conn, wish.pool, _named(tx, wish.pool, wish.prefix), now=now, **terms)
    return space.take(tx.conn, wish.pool, wish.length, now=now, **terms)


def _named(tx: Transaction, pool: str, text: str) -> Block:
    """What a step names. Raises BadPrefix, in words of what the pool gives out."""
    try:
        return parse_space(text)
    except BadPrefix:
        if space.families(tx.conn).get(pool) is Family.NUMBER:
            return parse_number(text)
        raise


def _is_waited_for(tx: Transaction, wish: Take, terms: space.Terms, now: datetime) -> bool:
    """Whether this step has taken already what it wishes for, and waits. What it took on other terms is free again."""
    held = space.awaited(tx.conn, str(terms["reference"]), wish.step)
    if held is None:
        return False
    named = wish.from_reserved or wish.prefix
    fits = str(held.prefix) == named if named else held.prefix.length == wish.length
    same = (held.state, held.holder, held.carries) == (terms["state"], terms["holder"], terms["carries"])
    if fits and same and held.pool == wish.pool:
        return True
    space.undo(tx.conn, held.pool, held.prefix, now=now)
    return False


def _not_taken(
    wish: Take, reason: str, *, full: bool = False, owner: str | None = None, refused: bool = False, unfit: str = ""
) -> NotTaken:
    return NotTaken(
        step=wish.step,
        pool=wish.pool,
        length=wish.length,
        full=full,
        reason=reason,
        owner=owner,
        refused=refused,
        unfit=unfit,
    )


def _unfit(error: MailbotError | ValueError) -> str:
    """What is wrong with what was asked for, without a word of who has what (trap 20); "" where it is not that."""
    match error:
        case space.PrefixTaken(prefix=prefix):
            return say("space.is_taken", prefix=prefix)
        case space.Outside(briefly=briefly):
            return briefly
        case space.PoolRefuses() | ValueError():
            return phrase_of(error)
        case _:
            return ""


def _without_addresses(full: space.PoolFull) -> str:
    """The requester may come to read this, and is not told which space is free (trap 20)."""
    if full.length is None:
        return phrase_of(full)
    if full.largest_free is None:
        rest = say("pools.nothing_is_free")
    elif full.keeps_room:
        rest = say("pools.the_largest_is_kept", length=full.largest_free.length)
    else:
        rest = say("pools.the_largest_free_block", length=full.largest_free.length)
    return say("pools.has_no_room_for", pool=full.pool, length=full.length, rest=rest)


def _give_back(tx: Transaction, wish: GiveBack, request: Request, directory: Directory, now: datetime) -> Event:
    def refused(reason: str) -> Event:
        return NotGivenBack(prefix=wish.prefix, step=wish.step, reason=reason)

    try:
        prefix = parse_space(wish.prefix)
        held = look_up(tx, prefix, wish.pool or pool_of_his(tx, prefix, request.requester, directory))
        if wish.own and (held is None or held.reference != request.reference):
            return refused(say("pools.it_was_given_back"))
        # It was his when he asked; since then it may have been given back, rested, and become somebody else's.
        if held is None or not (wish.own or is_his(held, request.requester, directory)):
            return refused(say("pools.the_requester_does_not"))
        became = space.give_back(tx.conn, prefix, reference=request.reference, now=now, pool=held.pool)
    except (MailbotError, ValueError) as error:
        return refused(phrase_of(error))
    return GaveBack(prefix=wish.prefix, pool=became.pool, step=wish.step, until=became.until)


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


def _would_fit(tx: Transaction, wish: WouldFit, request: Request, directory: Directory) -> Event:
    reason = refusal(wish.pool, request.requester, directory) or _gone(tx, wish.pool, directory)
    if reason:
        return Fits(step=wish.step, pool=wish.pool, fits=False, reason=reason)
    try:
        verdict = space.fits(tx.conn, wish.pool, [wish.length], request.requester)
    except MailbotError as error:
        return Fits(step=wish.step, pool=wish.pool, fits=False, reason=phrase_of(error))
    wanted = (
        say("pools.no_number_is_left") if wish.length is None else say("pools.there_is_no_room", length=wish.length)
    )
    return Fits(step=wish.step, pool=wish.pool, fits=verdict.fits, reason="" if verdict.fits else wanted)
