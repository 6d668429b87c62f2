"""Prefixes as numbers: blocks and buddies, what is left when one is cut out, and reading what people write.

Plain numbers (VLANs and the like) are a family of their own, of which one at a time is given out: what holds for
addresses holds for them too. Nothing here walks over single addresses (trap 35): cost grows with the number of
prefixes, never their size.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from netaddr import INET_PTON, AddrFormatError, IPAddress

from mailbot.errors import Usage
from mailbot.words import say


class Family(IntEnum):
    """What a block is a block of: addresses, or plain numbers."""

    NUMBER = 1
    V4 = 4
    V6 = 6

    @property
    def width(self) -> int:
        """Bits in an address."""
        return 128 if self is Family.V6 else 32

    def __str__(self) -> str:
        return "a number" if self is Family.NUMBER else f"IPv{self.value}"


class Strategy(StrEnum):
    """Which free block a new prefix is cut from; it always takes that block's low end.

    BEST_FIT: the smallest that is large enough, the lowest among equals. FIRST_FIT: the lowest address.
    SPARSE: the largest, the lowest among equals. As blocks are halved, the low end of the largest one is the
    middle of the widest gap between holders: each has room to grow in place, and as long as there is room
    begins on a nibble.
    """

    BEST_FIT = "best-fit"
    FIRST_FIT = "first-fit"
    SPARSE = "sparse"


MOST = (1 << 32) - 1
"""The largest number there is."""


class BadPrefix(Usage, ValueError):
    """What was written is no prefix (or address); the text says why, and what was probably meant."""

    def __init__(self, message: str, suggestion: str | None = None) -> None:
        self.suggestion = suggestion
        super().__init__(say("prefixes.did_you_mean", words=message, near=suggestion) if suggestion else message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """An aligned power of two of addresses: a prefix, a free block, or (with host_bits 0) one address.

    `network` is its first address as an integer. A block that is not aligned cannot be made (ValueError). As text:
    10.0.0.0/28; of numbers 200, or 200-207.
    """

    family: Family
    network: int
    host_bits: int

    def __post_init__(self) -> None:
        width = self.family.width
        if not 0 <= self.host_bits <= width or self.network >> width:
            raise ValueError(f"no block of {self.family}: {self.network}, {self.host_bits} host bits")
        if self.network & (self.size - 1):
            raise ValueError(f"{self.network} is not aligned to {self.host_bits} host bits")

    def __str__(self) -> str:
        return block_text(self.family, self.network, self.host_bits)

    @property
    def address(self) -> str:
        """The first address, as text."""
        return address_text(self.family, self.network)

    @property
    def length(self) -> int:
        return self.family.width - self.host_bits

    @property
    def size(self) -> int:
        """Addresses in it."""
        return 1 << self.host_bits

    @property
    def last(self) -> int:
        return self.network | (self.size - 1)

    @property
    def buddy(self) -> "Block":
        """The other half of its parent."""
        return Block(family=self.family, network=self.network ^ self.size, host_bits=self.host_bits)

    def ancestor(self, host_bits: int) -> "Block":
        """The block of that many host bits in which it lies."""
        network = self.network >> host_bits << host_bits
        return Block(family=self.family, network=network, host_bits=host_bits)

    def covers(self, other: "Block") -> bool:
        return self.family is other.family and self.network <= other.network and other.last <= self.last

    def overlaps(self, other: "Block") -> bool:
        return self.covers(other) or other.covers(self)


def address_text(family: Family, address: int) -> str:
    return str(address) if family is Family.NUMBER else str(IPAddress(address, family))


def block_text(family: Family, network: int, host_bits: int) -> str:
    """What a block is called, be it aligned or not."""
    if family is not Family.NUMBER:
        return f"{address_text(family, network)}/{family.width - host_bits}"
    return _span(network, network + (1 << host_bits) - 1)


def _span(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}-{last}"


def told(blocks: Iterable[Block]) -> list[str]:
    """Blocks in order of address as people write them: each prefix by itself, numbers from … to."""
    present = list(blocks)
    spans: list[tuple[int, int]] = []
    for number in (block for block in present if block.family is Family.NUMBER):
        touches = bool(spans) and number.network == spans[-1][1] + 1
        spans.append((spans.pop()[0] if touches else number.network, number.last))
    return [str(block) for block in present if block.family is not Family.NUMBER] + [_span(*span) for span in spans]


def parse_prefix(text: str, family: Family | None = None) -> Block:
    """A prefix as people write it: 10.0.0.0/28, 2001:db8::/56, 10.0.0.0/255.255.255.240. Raises BadPrefix."""
    text = text.strip()
    written, slash, mask = text.partition("/")
    address = _parse(written, text)
    if not slash:
        raise BadPrefix(say("prefixes.has_no_prefix_length", text=text), suggestion=str(address))
    length = _parse_length(mask.strip(), text, address.family)
    block = address.ancestor(address.family.width - length)
    if block.network != address.network:
        raise BadPrefix(say("prefixes.has_host_bits_set", text=text), suggestion=str(block))
    return _of_family(block, family)


def parse_address(text: str, family: Family | None = None) -> Block:
    """One address, as a block of no host bits. Raises BadPrefix."""
    return _of_family(_parse(text.strip(), text.strip()), family)


def parse_number(text: str) -> Block:
    """One number, as a block of no host bits. Raises BadPrefix."""
    return Block(family=Family.NUMBER, network=_number(text.strip(), text), host_bits=0)


def parse_space(text: str, family: Family | None = None) -> Block:
    """What can be held: a prefix, or a number, told apart by how it looks unless `family` says. Raises BadPrefix."""
    is_number = family is Family.NUMBER if family else text.strip().isdecimal()
    return parse_number(text) if is_number else parse_prefix(text, family)


def parse_spaces(texts: Iterable[str]) -> list[Block]:
    """The fewest blocks that make up these prefixes, or these numbers ("200-3999", "4094"). Raises BadPrefix."""
    found, spans = [], []
    for text in texts:
        first, dash, last = (part.strip() for part in text.partition("-"))
        if first.isdecimal():
            spans.append((_number(first, text), _number(last if dash else first, text)))
        else:
            found.append(parse_prefix(text))
    return [*found, *_joined(spans)]


def _number(digits: str, text: str) -> int:
    if re.fullmatch("[0-9]{1,10}", digits) and int(digits) <= MOST:
        return int(digits)
    raise BadPrefix(say("prefixes.is_no_number_write", text=f"{text.strip()[:80]!r}", most=MOST))


def _joined(spans: Iterable[tuple[int, int]]) -> Iterator[Block]:
    """Numbers from … to; where two spans overlap or touch, as one."""
    begin = end = 0
    for first, last in sorted(spans):
        if first > last:
            raise BadPrefix(say("prefixes.ends_before_it_begins", first=first, last=last), suggestion=f"{last}-{first}")
        if first > end:
            yield from _tiles(Family.NUMBER, begin, end)
            begin = first
        end = max(end, last + 1)
    yield from _tiles(Family.NUMBER, begin, end)


def _parse(written: str, text: str) -> Block:
    # INET_PTON: four decimal octets and nothing else; the default also reads "10" and octal "010.0.0.1".
    try:
        address = IPAddress(written.strip(), flags=INET_PTON)
    except (AddrFormatError, ValueError):
        raise BadPrefix(say("prefixes.is_no_address_space", text=f"{text[:80]!r}")) from None
    return Block(family=Family(address.version), network=int(address), host_bits=0)


def _parse_length(mask: str, text: str, family: Family) -> int:
    if mask.isascii() and mask.isdigit() and len(mask) <= 3 and int(mask) <= family.width:  # noqa: PLR2004 -- "128"
        return int(mask)
    try:
        netmask = IPAddress(mask, flags=INET_PTON)
    except (AddrFormatError, ValueError):
        netmask = None
    if netmask is not None and netmask.version == family and netmask.is_netmask():
        return int(netmask.netmask_bits())
    wanted, written = say("prefixes.a_number_up_to", most=family.width), repr(mask[:40])
    raise BadPrefix(say("prefixes.is_no_prefix_length", text=text[:80], mask=written, family=family, wanted=wanted))


def _of_family(block: Block, family: Family | None) -> Block:
    if family is not None and block.family is not family:
        raise BadPrefix(say("prefixes.is_and_is_wanted", block=block, family=block.family, wanted=family))
    return block


def remainders(whole: Block, part: Block) -> list[Block]:
    """What is left when `part` is cut out of `whole`, smallest first: one block of each size between."""
    return [part.ancestor(bits).buddy for bits in range(part.host_bits, whole.host_bits)]


def gaps(root: Block, taken: Iterable[Block]) -> Iterator[Block]:
    """The largest blocks of `root` outside of `taken`, which comes in order of address; lazy both ways."""
    cursor = root.network
    for block in taken:
        yield from _tiles(root.family, cursor, block.network)
        cursor = max(cursor, block.last + 1)
    yield from _tiles(root.family, cursor, root.last + 1)


def _tiles(family: Family, cursor: int, end: int) -> Iterator[Block]:
    """The fewest blocks that make up [cursor, end): no two of them are buddies."""
    while cursor < end:
        room = (end - cursor).bit_length() - 1
        aligned = (cursor & -cursor).bit_length() - 1 if cursor else family.width
        block = Block(family=family, network=cursor, host_bits=min(room, aligned))
        yield block
        cursor = block.last + 1


def gap_around(wanted: Block, root: Block, before: Block | None, after: Block | None) -> Block:
    """The largest block around `wanted` inside `root` that touches neither neighbour.

    Where allocations and free blocks tile the root, this *is* the free block in which `wanted` lies.
    """
    bits = root.host_bits
    if before:
        bits = min(bits, _bits_apart(before.last, wanted.network))
    if after:
        bits = min(bits, _bits_apart(after.network, wanted.network))
    return wanted.ancestor(bits)


def _bits_apart(one: int, other: int) -> int:
    """Host bits of the largest blocks that hold only one of two addresses."""
    return (one ^ other).bit_length() - 1


def unplaced(wanted: Iterable[int], free: Iterable[int]) -> list[int]:
    """The wanted sizes for which blocks of the free sizes have no room (all in host bits), largest first.

    Placing the largest first is exact for powers of two: what is left of a block fits every smaller one.
    """
    room, left = Counter(free), []
    for bits in sorted(wanted, reverse=True):
        source = min((size for size, count in room.items() if count and size >= bits), default=None)
        if source is None:
            left.append(bits)
        else:
            room[source] -= 1
            room.update(range(bits, source))
    return left


def host_exclusions(root: Block) -> list[tuple[Block, str]]:
    """What a host pool never gives out of a root, in order of address, each with its reason.

    None for /31 and /127 (RFC 3021, RFC 6164: both addresses are hosts), /32 and /128. IPv6 has no broadcast
    (RFC 4291 §2); its first address is the subnet-router anycast (§2.6.1).
    """
    if root.host_bits <= 1:
        return []
    kept = [(root.network, "network"), (root.network + 1, "gateway")]
    if root.family is Family.V4:
        kept.append((root.last, "broadcast"))
    return [(Block(family=root.family, network=at, host_bits=0), why) for at, why in kept]
