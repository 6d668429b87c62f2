"""A pool as we have it beside what NetBox has of it, and how each difference is mended."""

from collections.abc import Sequence
from datetime import datetime
from typing import assert_never

from mailbot.addresses import Block
from mailbot.netbox import Prefix
from mailbot.sourcing.compare import Difference, Pool, What, compare
from mailbot.store import Connection, Transaction, space
from mailbot.store.space import sourced
from mailbot.store.space.pools import lock_pool, read_pool, roots


def roots_of(conn: Connection, name: str) -> list[Block]:
    """Where the pool's space lies. Raises NotFound."""
    return roots(conn, read_pool(conn, name))


def differences(conn: Connection, name: str, theirs: Sequence[Prefix]) -> list[Difference]:
    of = read_pool(conn, name)
    pool = Pool(roots=roots(conn, of), held=list(space.allocations(conn, name)), known=sourced.known(conn, name))
    return compare(pool, theirs)


def mend(tx: Transaction, *, name: str, difference: Difference, now: datetime) -> None:
    """What others hold is written down here; what is ours is looked at again, by itself, before anything is done.

    For what was read is old by now, on either side.
    """
    match difference.what:
        case What.NOT_HERE:
            space.hold_foreign(tx.conn, name, difference.prefix, difference.detail, now)
        case What.GONE:
            space.free_foreign(tx.conn, name, difference.prefix, now)
        case What.NOT_THERE | What.DIFFERS | What.TWICE | What.LEFT_OVER:
            sourced.once_more(tx.conn, lock_pool(tx.conn, name), difference.prefix)
        case What.CLASH:
            pass  # people decide
        case _:
            assert_never(difference.what)
