"""What is given out and not used, and what that costs: rows of the digest and of `mailbot usage idle`."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from mailbot.addresses import Block
from mailbot.desk import Desk, IdleTerms
from mailbot.desk.overview import IdleRow
from mailbot.digest import words
from mailbot.mail.letter import line
from mailbot.store import Connection, space
from mailbot.words import listed, say


def idle_rows(conn: Connection, desk: Desk, now: datetime) -> Iterator[IdleRow]:
    """A row a pool in which something is idle, as far as some system has reported."""
    for name, terms, found in idle_space(conn, desk, now):
        blocks = [one.allocation.prefix for one in found]
        addresses = Counter({block.family: 0 for block in blocks})
        for block in blocks:
            addresses[block.family] += block.size
        amounts = [words.amount(count, family) for family, count in addresses.items()]
        yield IdleRow(
            title=line(desk.post.correspondent.pools.get(name, name)),
            space=listed([words.prefixes(blocks), *amounts]),
            since=terms.after.phrase,
            cost=cost_of(blocks, terms.cost),
        )


def idle_space(conn: Connection, desk: Desk, now: datetime) -> Iterator[tuple[str, IdleTerms, list[space.Idle]]]:
    """Each pool of which something is idle, with that: in the order of the configuration, then those not in it."""
    present = space.parents(conn)
    for name in dict.fromkeys((*desk.idle, *present)):
        terms = desk.idle.get(name, IdleTerms())
        if name in present and (found := list(space.idle(conn, name, now - terms.after.elapsed))):
            yield name, terms, found


def cost_of(blocks: list[Block], price: tuple[Decimal, str] | None) -> str:
    """What these cost in a month: "387.20 EUR a month"; "" without a price."""
    if price is None:
        return ""
    amount, currency = price
    return say("digest.a_month", amount=f"{sum(block.size for block in blocks) * amount:,.2f}", currency=currency)
