"""Pools beside and inside each other: what is cut out of what, and that nothing is in two pools at once.

Like `cross` it reads the document: all faults are told at once.
"""

from collections.abc import Iterator
from typing import NamedTuple

from mailbot.config.document import Document
from mailbot.config.locate import KeyPath
from mailbot.config.space import network
from mailbot.errors import Fault, Severity

NUMBERS = "numbers"


def tree_faults(document: Document) -> list[Fault]:
    """Every contradiction between pools."""
    return [fault for check in (_circles, _overlaps, _outside, _other_vrf) for fault in check(document)]


def _circles(document: Document) -> Iterator[Fault]:
    for path, _ in _parents(document):
        if path[1] in _ancestors(document, path[1]):
            yield document.fault(path, f'the pool "{path[1]}" is cut out of itself', of_value=True)


def _parents(document: Document) -> Iterator[tuple[KeyPath, str]]:
    """Of pools that are cut out of another one that there is."""
    for path, parent in document.every("pools", "*", "parent"):
        if isinstance(parent, str) and isinstance(document.at(("pools", parent)), dict):
            yield path, parent


def _nested(document: Document) -> Iterator[tuple[KeyPath, str]]:
    """The same, without those that are cut out of themselves."""
    return ((path, parent) for path, parent in _parents(document) if path[1] not in _ancestors(document, path[1]))


def _ancestors(document: Document, pool: str | int) -> list[str]:
    found: list[str] = []
    parent = document.at(("pools", pool, "parent"))
    while isinstance(parent, str) and parent not in found:
        found.append(parent)
        parent = document.at(("pools", parent, "parent"))
    return found


class _Root(NamedTuple):
    """A pool's prefix, or its numbers from … to; in their order, one that holds others stands before them."""

    world: str
    version: int
    first: int
    size: int
    path: KeyPath
    text: str

    @property
    def last(self) -> int:
        return self.first - self.size - 1

    @property
    def pool(self) -> str:
        return str(self.path[1])


def _overlaps(document: Document) -> Iterator[Fault]:
    around: list[_Root] = []
    for root in sorted(_roots(document)):
        while around and not _begins_in(root, around[-1]):
            around.pop()
        for outer in around:
            if outer.pool not in _ancestors(document, root.pool) and (outer.pool != root.pool or root.version):
                later, earlier = sorted((root, outer), key=lambda each: document.spots[each.path], reverse=True)
                message = f'{later.text} overlaps {earlier.text} of the pool "{earlier.pool}"'
                yield document.fault(later.path, message, of_value=True)
                break
        around.append(root)


def _begins_in(root: _Root, outer: _Root) -> bool:
    return root[:2] == outer[:2] and root.first <= outer.last


def _outside(document: Document) -> Iterator[Fault]:
    """What is cut out of a pool lies in one of its prefixes."""
    roots = list(_roots(document))
    for path, parent in _nested(document):
        theirs = [root for root in roots if root.pool == parent]
        for root in (one for one in roots if one.pool == path[1]):
            if theirs and not any(_covers(one, root) for one in theirs):
                said = ", ".join(one.text for one in theirs[:4])
                yield document.fault(root.path, f'{root.text} is not within "{parent}" ({said})', of_value=True)


def _covers(outer: _Root, root: _Root) -> bool:
    return outer.version == root.version and outer.first <= root.first and root.last <= outer.last


def _other_vrf(document: Document) -> Iterator[Fault]:
    for path, parent in _nested(document):
        own, outermost = (*path[:2], "vrf"), [parent, *_ancestors(document, parent)][-1]
        vrf = document.at(("pools", outermost, "vrf")) or ""
        if document.at(own) is not None and document.at(own) != vrf:
            where = f'the VRF "{vrf}"' if vrf else "no VRF"
            words = f'it is cut out of "{parent}", and stands where that does, in {where}: leave "vrf" out here'
            yield document.fault(own, words, severity=Severity.WARNING, of_value=True)


def _roots(document: Document) -> Iterator[_Root]:
    """What cannot be read, the model tells."""
    for path, text in document.every("pools", "*", "prefixes", "*"):
        if isinstance(text, str) and (found := network(text)):
            size = -found.num_addresses  # the larger one first
            yield _Root(_world(document, path), found.version, int(found.network_address), size, path, str(found))
    for path, text in document.every("pools", "*", NUMBERS, "*"):
        first, _, last = str(text).partition("-")
        if first.isdecimal() and (last or first).isdecimal() and int(last or first) >= int(first):
            size = int(first) - int(last or first) - 1
            yield _Root(_world(document, path), 0, int(first), size, path, str(text))


def _world(document: Document, path: KeyPath) -> str:
    """The VRF of the outermost pool; each such pool of numbers is one of its own."""
    outermost = [str(path[1]), *_ancestors(document, path[1])][-1]
    if path[2] == NUMBERS:
        return f"{NUMBERS} {outermost}"
    return str(document.at(("pools", outermost, "vrf")) or "")
