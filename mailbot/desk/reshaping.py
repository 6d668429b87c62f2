"""Changes of what somebody holds: renumbered, split, made one, and had back as it was."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from mailbot.addresses import Block, parse_prefix
from mailbot.desk.holding import is_his, look_up, pool_of_his
from mailbot.errors import MailbotError, NotPossible
from mailbot.process.directory import Directory
from mailbot.process.request import Event, NotReshaped, Request, Reshape, Reshaped, Revert, Share, Take
from mailbot.store import Transaction, space
from mailbot.words import phrase_of, say


class NotHis(NotPossible):
    """Somebody else's, or nobody's."""


def instead(
    tx: Transaction, wish: Take, terms: space.Terms, person: str, directory: Directory
) -> tuple[Take, space.Terms]:
    """How what takes the place of a prefix is taken: of its length, on its terms.

    Raises NotHis, ValueError, NotFound (no such pool), PoolRefuses (its length means nothing in the other family).
    """
    old = _of_his(tx, parse_prefix(wish.instead_of or ""), person, directory)
    of = space.read_pool(tx.conn, wish.pool)
    if wish.length is None and of.family is not old.prefix.family:
        prefix, family = old.prefix, old.prefix.family
        words = say("space.has_no_such_length", prefix=prefix, family=family, name=of.name, kind=str(of.family))
        raise space.PoolRefuses(words)
    length = old.prefix.length if wish.length is None else wish.length
    mine: space.Terms = {
        **terms,
        "holder": old.holder,
        "description": old.description,
        "carries": {**old.carries, **wish.carries},
    }
    return replace(wish, length=length), mine


def reshape(tx: Transaction, wish: Reshape, request: Request, directory: Directory, now: datetime) -> Event:
    """What came of splitting a prefix, or of making several one."""
    try:
        held = [_of_his(tx, parse_prefix(text), request.requester, directory) for text in wish.prefixes]
        pool, before = held[0].pool, sorted((one.prefix for one in held), key=lambda block: block.network)
        parts = list(_parts(before, wish.shares, directory))
        terms = {"reference": request.reference, "step": wish.step}
        became = space.reshape(tx.conn, pool, before, parts, **terms, now=now)
    except (MailbotError, ValueError) as error:
        return NotReshaped(step=wish.step, reason=phrase_of(error))
    after = tuple(str(one.prefix) for one in became)
    return Reshaped(step=wish.step, pool=pool, before=tuple(map(str, before)), after=after)


def revert(tx: Transaction, wish: Revert, request: Request, now: datetime) -> Event:
    """What was is again, unless others have changed it since."""
    after, before = ([parse_prefix(text) for text in some] for some in (wish.after, wish.before))
    try:
        space.revert(tx.conn, wish.pool, after, before, reference=request.reference, now=now)
    except MailbotError as error:
        return NotReshaped(step=wish.step, reason=phrase_of(error))
    return Reshaped(step=wish.step, pool=wish.pool, before=wish.after, after=wish.before)


def _of_his(tx: Transaction, prefix: Block, person: str, directory: Directory) -> space.Allocation:
    held = look_up(tx, prefix, pool_of_his(tx, prefix, person, directory))
    if held is None or not is_his(held, person, directory):
        raise NotHis(say("pools.the_requester_does_not_hold", prefix=prefix))
    return held


def _parts(before: Sequence[Block], shares: Sequence[Share], directory: Directory) -> Iterator[space.Part]:
    """One behind the other, from the lowest address on. Raises NotPossible where one does not begin as it must."""
    cursor, family = before[0].network, before[0].family
    for share in shares:
        if share.length is None:
            bits = (before[0].network ^ before[-1].last).bit_length()
        else:
            bits = family.width - share.length
        if not 0 <= bits <= family.width or cursor & ((1 << bits) - 1):
            where = Block(family=family, network=cursor, host_bits=0).address
            raise NotPossible(say("space.begins_elsewhere", length=share.length, family=family, address=where))
        part = Block(family=family, network=cursor, host_bits=bits)
        holder = directory.person(share.holder) if share.holder else None
        yield space.Part(prefix=part, holder=holder, carries=share.carries)
        cursor = part.last + 1
