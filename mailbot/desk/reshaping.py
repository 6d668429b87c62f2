"""Changes of what somebody holds: renumbered, split, made one, and had back as it was."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from mailbot.addresses import Block, Family, parse_prefix
from mailbot.desk import clientele
from mailbot.desk.holding import is_his, look_up, pool_of_his
from mailbot.errors import MailbotError, NotPossible
from mailbot.process.customers import spelled
from mailbot.process.directory import Directory
from mailbot.process.request import Event, NotReshaped, Passed, Request, Reshape, Reshaped, Revert, Share, Take
from mailbot.store import Transaction, customers, space
from mailbot.words import behind, phrase_of, say


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
    if wish.length is None and {of.family, old.prefix.family} == {Family.V4, Family.V6}:
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
        _of_one_pool(held)
        pool, before = held[0].pool, sorted((one.prefix for one in held), key=lambda block: block.network)
        parts = [_whose(tx, part, held, directory) for part in _parts(before, wish.shares, directory)]
        terms = {"reference": request.reference, "step": wish.step}
        became = space.reshape(tx.conn, pool, before, parts, **terms, now=now)
    except (MailbotError, ValueError) as error:
        return NotReshaped(step=wish.step, reason=phrase_of(error))
    return _reshaped(wish.step, pool, held, became)


def _of_one_pool(held: Sequence[space.Allocation]) -> None:
    """Raises NotPossible, naming what lies where."""
    if len({one.pool for one in held}) > 1:
        where = tuple(behind(str(one.prefix), one.pool) for one in held)
        raise NotPossible(say("space.lie_in_different_pools", where=where))


def revert(tx: Transaction, wish: Revert, request: Request, now: datetime) -> Event:
    """What was is again, unless others have changed it since."""
    after, before = ([parse_prefix(text) for text in some] for some in (wish.after, wish.before))
    held = [one for prefix in after if (one := look_up(tx, prefix, wish.pool)) is not None]
    try:
        became = space.revert(tx.conn, wish.pool, after, before, reference=request.reference, now=now)
    except MailbotError as error:
        return NotReshaped(step=wish.step, reason=phrase_of(error))
    return _reshaped(wish.step, wish.pool, held, became)


def _reshaped(step: str, pool: str, before: Sequence[space.Allocation], after: Sequence[space.Allocation]) -> Reshaped:
    passed = (
        Passed(person=person, lost=_held_by(person, before), given=_held_by(person, after))
        for person in dict.fromkeys(one.holder for one in (*before, *after))
        if person
    )
    return Reshaped(
        step=step,
        pool=pool,
        before=tuple(str(one.prefix) for one in sorted(before, key=lambda one: one.prefix.network)),
        after=tuple(str(one.prefix) for one in after),
        passed=tuple(passed),
    )


def _held_by(person: str, some: Iterable[space.Allocation]) -> tuple[str, ...]:
    return tuple(str(one.prefix) for one in some if one.holder == person)


def _of_his(tx: Transaction, prefix: Block, person: str, directory: Directory) -> space.Allocation:
    held = look_up(tx, prefix, pool_of_his(tx, prefix, person, directory))
    if held is None or not is_his(held, person, directory):
        raise NotHis(say("pools.the_requester_does_not_hold", prefix=prefix))
    return held


def _whose(tx: Transaction, part: space.Part, held: Iterable[space.Allocation], directory: Directory) -> space.Part:
    """The part; of what several customers had, with that of its holder.

    Raises NotPossible: several had it, and none is named; or what is a customer's would be a stranger's to hold.
    """
    of_it = [one for one in held if one.prefix.overlaps(part.prefix)]
    named = part.carries.get("customer")
    names = [spelled(name or "") for name in ([named] if named else [one.customer for one in of_it])]
    known = customers.named(tx.conn, filter(None, names))
    ids = {known[name].id if name in known else name for name in names}
    if part.holder is None:
        if len(ids) > 1:
            raise NotPossible(say("space.has_several_customers"))
        if len({directory.person(one.holder or "") for one in of_it}) > 1:
            raise NotPossible(say("space.has_several_holders"))
        return part
    own = clientele.with_people(tx, directory, [part.holder]).customer_of(part.holder)
    if own is not None and len(ids) > 1:
        return replace(part, carries={**part.carries, "customer": own.name})
    others = ids - {"", own.id if own else ""}
    is_ours = directory.knows(part.holder) or part.holder in directory.admins
    if others and not is_ours and (own is not None or others & {one.id for one in known.values()}):
        raise NotPossible(say("space.is_none_of_its_customer", holder=part.holder, prefix=part.prefix))
    return part


def _parts(before: Sequence[Block], shares: Sequence[Share], directory: Directory) -> Iterator[space.Part]:
    """One behind the other, from the lowest address on. Raises NotPossible where one does not begin as it must, or one
    prefix is to be made one.
    """
    cursor, family = before[0].network, before[0].family
    for share in shares:
        if share.length is None and len(before) == 1:
            raise NotPossible(say("space.is_one_already", prefix=before[0]))
        if share.length is None:
            part = before[0].ancestor((before[0].network ^ before[-1].last).bit_length())
        elif not 0 <= share.length <= family.width:
            raise NotPossible(say("space.family_has_no_such", family=family, length=share.length))
        elif cursor & ((1 << family.width - share.length) - 1):
            raise NotPossible(say("space.begins_elsewhere", length=share.length))
        else:
            part = Block(family=family, network=cursor, host_bits=family.width - share.length)
        holder = directory.person(share.holder) if share.holder else None
        yield space.Part(prefix=part, holder=holder, carries=share.carries)
        cursor = part.last + 1
