"""What a picture of a pool shows: of each of its squares, how much is held, and how."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, func, select

from mailbot.spacemap import Map, Stretch, Use, stretches
from mailbot.store.space.pools import read_pool, roots
from mailbot.store.space.tables import allocation
from mailbot.store.space.values import Pool, State

_NIBBLE = 4
_DIGITS = 32
_USES = {
    State.ALLOCATED: Use.ALLOCATED,
    State.RESERVED: Use.RESERVED,
    State.QUARANTINED: Use.QUARANTINED,
    State.EXCLUDED: Use.KEPT,
    State.FOREIGN: Use.KEPT,
    State.DELEGATED: Use.ALLOCATED,
}


def picture(conn: Connection, pool: str) -> Map:
    """One look over all that the pool holds. Raises NotFound."""
    of = read_pool(conn, pool)
    shown, more = stretches(roots(conn, of))
    return Map(name=of.name, stretches=shown, used=[_used(conn, of, one) for one in shown], more=more)


def _used(conn: Connection, of: Pool, stretch: Stretch) -> Mapping[int, Mapping[Use, int]]:
    """By square, how many of its addresses are in which use."""
    found: dict[int, Counter[Use]] = defaultdict(Counter)
    # Counted by the hexadecimal digits of a square's beginning, in the database: a million rows are not carried here.
    digits = _DIGITS - stretch.cell_bits // _NIBBLE
    beginning = func.substr(_hex(conn, allocation.c.network), 1, digits).label("beginning")
    counted = (
        select(beginning, allocation.c.state, allocation.c.host_bits, func.count().label("many"))
        .where(allocation.c.pool_id == of.id, allocation.c.network.between(stretch.first, stretch.last))
        .group_by(beginning, allocation.c.state, allocation.c.host_bits)
    )
    for row in conn.execute(counted):
        network, use = int(row.beginning, 16) << _NIBBLE * (_DIGITS - digits), _USES.get(row.state, Use.KEPT)
        first = network >> stretch.cell_bits
        if row.host_bits <= stretch.cell_bits:
            found[first][use] += row.many << row.host_bits
        else:
            for cell in range(first, first + (1 << row.host_bits - stretch.cell_bits)):
                found[cell][use] += 1 << stretch.cell_bits
    return found


def _hex(conn: Connection, column: Any) -> Any:
    return func.encode(column, "hex") if conn.dialect.name == "postgresql" else func.hex(column)
