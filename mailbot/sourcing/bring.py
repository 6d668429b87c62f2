"""One prefix brought to NetBox, whatever stands there: looked at first, and looked at again after it was made.

It may be killed, cut off or lied to at any call; done again from the beginning, it ends where it was to end.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from mailbot.addresses import Block
from mailbot.netbox import Away, Gone, Prefix, Prefixes, Refused
from mailbot.sourcing.words import STATUS, bears, description, is_marked, mark
from mailbot.store.space import Allocation, Due


class End(StrEnum):
    """How a look at a prefix ended."""

    AGREED = "agreed"
    TAKEN = "taken by others"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`number` is what NetBox calls ours, `others` are those who hold a part of it, `detail` is what it said."""

    end: End
    number: int | None = None
    others: tuple[Prefix, ...] = ()
    detail: str = ""


def bring(prefixes: Prefixes, due: Due) -> Outcome:
    """Raises Away and Unsure: the same again another time, and nothing is done twice."""
    try:
        if due.held is None:
            return _removed(prefixes, due)
        return _held(prefixes, due, due.held)
    except Gone as gone:  # somebody took it away since we looked: the next look finds what there is
        raise Away(str(gone)) from gone
    except Refused as refusal:
        return Outcome(end=End.REFUSED, number=due.number, detail=str(refusal))


def _removed(prefixes: Prefixes, due: Due) -> Outcome:
    ours, _ = _told_apart(prefixes.around(due.prefix), due)
    for one in ours:
        prefixes.remove(one.id)
    return Outcome(end=End.AGREED)


def _held(prefixes: Prefixes, due: Due, held: Allocation) -> Outcome:
    """1. Whoever was there first has it. 2. Make it. 3. Look again: who looked at the same time as we did shows now.
    4. Of what was made twice, the first one stays. 5. Its words are ours.
    """
    ours, others = _told_apart(prefixes.around(due.prefix), due)
    if not ours and not others:
        refusal = _made(prefixes, due.prefix, STATUS[held.state], description(held, due.key))
        ours, others = _told_apart(prefixes.around(due.prefix), due)
        if refusal is not None and not ours and not others:
            raise refusal
    if others and (due.awaited or not ours):
        return Outcome(end=End.TAKEN, number=ours[0].id if ours else None, others=others)
    first, *twice = ours
    for one in twice:
        prefixes.remove(one.id)
    if differs(first, held, due.key):
        before = first.description if first.id != due.number or not due.awaited else ""
        prefixes.change(first.id, STATUS[held.state], description(held, due.key, before))
    return Outcome(end=End.AGREED, number=first.id)


def _made(prefixes: Prefixes, prefix: Block, status: str, words: str) -> Refused | None:
    """None, or why not: it may have been taken since we looked."""
    try:
        prefixes.create(prefix, status, words)
    except Refused as refusal:
        return refusal
    return None


def differs(theirs: Prefix, held: Allocation, key: str) -> bool:
    """People may write more into a description, as long as they leave its mark."""
    return theirs.status != STATUS[held.state] or mark(held, key) not in theirs.description


def may_be_ours(same: Sequence[Prefix]) -> bool:
    """What both have had before they knew of each other, with exactly the same prefix, is taken for the same."""
    return len(same) == 1 and not is_marked(same[0].description)


def _told_apart(found: Sequence[Prefix], due: Due) -> tuple[list[Prefix], tuple[Prefix, ...]]:
    """What is ours, what we know of first; and who else holds a part of it.

    What lies within what is surely ours (a customer's own subnets) is no affair of ours.
    """
    same = [one for one in found if one.prefix == due.prefix and not is_around(one, due.roots)]
    ours = [one for one in same if one.id == due.number or bears(one.description, due.key)]
    if not ours and due.held is not None and not due.awaited and due.number is None and may_be_ours(same):
        ours = same
    ours.sort(key=lambda one: (one.id != due.number, one.id))
    others = (one for one in found if one not in ours and not is_around(one, due.roots))
    if ours and not due.awaited:
        others = (one for one in others if one.prefix == due.prefix or not due.prefix.covers(one.prefix))
    return ours, tuple(others)


def is_around(one: Prefix, roots: Sequence[Block]) -> bool:
    """Whether it is what others are cut out of: a container, the pool itself, or what the pool lies in."""
    return one.is_container or any(one.prefix.covers(root) for root in roots)
