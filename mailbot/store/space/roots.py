"""The roots of one pool, planted and pulled up, with the free blocks and host exclusions that follow."""

from collections.abc import Collection, Iterator

from sqlalchemy import Connection, delete, insert

from mailbot.addresses import Block, host_exclusions
from mailbot.store.space.blocks import fill, held_in, hold
from mailbot.store.space.tables import allocation, free_block, pool_root
from mailbot.store.space.values import Allocation, Pool, State
from mailbot.store.space.views import neighbours


def stranded(conn: Connection, of: Pool, before: Collection[Block], after: Collection[Block]) -> Iterator[Block]:
    """What is held in roots that go, and lies in none of those that stay or come."""
    for root in before:
        if any(other.covers(root) for other in after):
            continue
        for prefix in held_in(conn, of, root.network, root.last):
            if not any(other.covers(prefix) for other in after):
                yield prefix


def plant(conn: Connection, of: Pool, root: Block, *, configured: bool) -> None:
    """Adds a root around what is held there already. `configured`: the configuration may take it away."""
    place = {"network": root.network, "host_bits": root.host_bits, "last": root.last}
    conn.execute(insert(pool_root).values(pool_id=of.id, configured=configured, **place))
    if of.hosts:
        hold(conn, of, _exclusions(conn, of, root))
    fill(conn, of, root)


def pull_up(conn: Connection, of: Pool, root: Block) -> None:
    """Takes a root away, and what its being a host pool had excluded; whatever else is held there stays."""
    if of.hosts:
        addresses = [address.network for address, _ in host_exclusions(root)]
        excluded = (
            allocation.c.pool_id == of.id,
            allocation.c.network.in_(addresses),
            allocation.c.host_bits == 0,
            allocation.c.state == State.EXCLUDED,
        )
        conn.execute(delete(allocation).where(*excluded))
    for table in (free_block, pool_root):
        span = table.c.network.between(root.network, root.last)
        conn.execute(delete(table).where(table.c.pool_id == of.id, span))


def _exclusions(conn: Connection, of: Pool, root: Block) -> Iterator[Allocation]:
    for address, why in host_exclusions(root):
        # A root that has grown may have given away long ago what is now its gateway.
        nearest, _ = neighbours(conn, of, address)
        if nearest is None or not nearest.overlaps(address):
            yield Allocation(prefix=address, pool=of.name, vrf=of.vrf, state=State.EXCLUDED, description=why)
