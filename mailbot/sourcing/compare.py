"""All of a pool held against all that NetBox has of it."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mailbot.addresses import Block
from mailbot.netbox import Prefix
from mailbot.sourcing.bring import differs, is_around, may_be_ours
from mailbot.sourcing.words import bears
from mailbot.store.space import OURS, Allocation, State
from mailbot.words import aside, behind, say


class What(StrEnum):
    """In what the two differ; [differences] in templates/words.toml says it."""

    NOT_THERE = "not_there"
    DIFFERS = "differs"
    TWICE = "twice"
    LEFT_OVER = "left_over"
    NOT_HERE = "not_here"
    GONE = "gone"
    CLASH = "clash"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    what: What
    prefix: Block
    detail: str = ""

    def __str__(self) -> str:
        return self.words

    @property
    def words(self) -> str:
        return behind(str(self.prefix), aside(say(f"differences.{self.what}"), self.detail))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """What we know of a pool: its roots, what is held there, and by prefix our key and what NetBox calls it."""

    roots: Sequence[Block]
    held: Sequence[Allocation]
    known: Mapping[Block, tuple[str, int | None]]


def compare(pool: Pool, theirs: Sequence[Prefix]) -> list[Difference]:
    """In order of address. Everything but a clash can be mended without asking anybody."""
    there = _by_prefix(one for one in theirs if not is_around(one, pool.roots))
    ours = {held.prefix: held for held in pool.held if held.state in OURS}
    foreign = {held.prefix for held in pool.held if held.state is State.FOREIGN}
    found = [difference for held in ours.values() for difference in _of_ours(pool, held, there)]
    apart = {block: all_ for block, all_ in there.items() if block not in ours and not _lies_in(pool, block, ours)}
    left_over = {block for block, all_ in apart.items() if all(_is_ours(pool, one) for one in all_)}
    found += [_tell(What.LEFT_OVER, apart[block][0]) for block in left_over]
    others = apart.keys() - left_over
    outermost = {block for block in others if not _lies_in(pool, block, others)}
    around_ours = {wider for block in ours for wider in _wider(pool, block)}  # told as clashes
    found += [_tell(What.NOT_HERE, apart[block][0]) for block in outermost - foreign - around_ours]
    gone = {block for block in foreign - others if not _lies_in(pool, block, others)}
    found += [Difference(what=What.GONE, prefix=block) for block in gone]
    return sorted(found, key=lambda one: (one.prefix.network, -one.prefix.host_bits, one.what))


def _of_ours(pool: Pool, held: Allocation, there: Mapping[Block, list[Prefix]]) -> Iterator[Difference]:
    same = there.get(held.prefix, [])
    key, number = pool.known.get(held.prefix, ("", None))
    mine = [one for one in same if _is_ours(pool, one)]
    if not mine and number is None and may_be_ours(same):
        mine = same
    others = [one for block in _wider(pool, held.prefix) for one in there.get(block, ())]
    others += [one for one in same if one not in mine]
    if others:
        yield Difference(what=What.CLASH, prefix=held.prefix, detail=_words(others[0]))
    elif not mine:
        yield Difference(what=What.NOT_THERE, prefix=held.prefix, detail=held.reference or "")
    if len(mine) > 1:
        yield Difference(what=What.TWICE, prefix=held.prefix)
    if mine and differs(mine[0], held, key):
        yield Difference(what=What.DIFFERS, prefix=held.prefix, detail=f"{mine[0].status} there, {held.state} here")


def _is_ours(pool: Pool, one: Prefix) -> bool:
    key, number = pool.known.get(one.prefix, ("", None))
    return one.id == number or (bool(key) and bears(one.description, key))


def _tell(what: What, one: Prefix) -> Difference:
    return Difference(what=what, prefix=one.prefix, detail=one.description)


def _words(one: Prefix) -> str:
    return f"{one.prefix} {one.description}".strip()


def _by_prefix(theirs: Iterable[Prefix]) -> dict[Block, list[Prefix]]:
    found: dict[Block, list[Prefix]] = {}
    for one in theirs:
        found.setdefault(one.prefix, []).append(one)
    return found


def _lies_in(pool: Pool, prefix: Block, others: Container[Block]) -> bool:
    return any(block in others for block in _wider(pool, prefix))


def _wider(pool: Pool, prefix: Block) -> Iterator[Block]:
    """All blocks around it up to the root in which it lies."""
    root = next((root for root in pool.roots if root.covers(prefix)), prefix)
    return (prefix.ancestor(bits) for bits in range(prefix.host_bits + 1, root.host_bits + 1))
