"""Pages about space: pools as a tree with their fill, one pool with its picture, and what somebody holds himself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from fastapi.responses import Response

from mailbot.addresses import Block, Family, told
from mailbot.desk.outlook import NOT_KNOWN
from mailbot.store import Connection, records, space
from mailbot.web.picture import picture
from mailbot.web.reading import rows_of
from mailbot.web.visit import Unknown, Visit, Visited

MOST_HELD = 200
_SUBNET = 64
"""IPv6 is counted in /64: in addresses nobody could read it."""

router = APIRouter(prefix="/pools")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fill:
    """How full a pool is: amounts of addresses, or of numbers. `below` are the pools that are cut out of it.

    `configured`: it is in the configuration, and not there for what is held of it alone. `lasts` and `lasts_if_granted`
    are "" where nothing can be said yet.
    """

    name: str
    title: str
    configured: bool
    family: Family
    prefixes: list[str]
    size: int
    used: int
    largest_free: Block | None
    warn_at: int
    fragmentation: int | None
    lasts: str
    asked_for: int
    lasts_if_granted: str
    below: Sequence["Fill"] = ()

    @property
    def per_cent(self) -> int:
        return 100 * self.used // self.size if self.size else 0

    @property
    def is_in_subnets(self) -> bool:
        """Whether it is counted in /64."""
        return self.family is Family.V6 and self.size >= 1 << _SUBNET

    def amount(self, addresses: int) -> str:
        """Rounded up: what is in use is never nothing."""
        return f"{-(-addresses >> _SUBNET) if self.is_in_subnets else addresses:,}"


@router.get("")
def pools(visit: Visited) -> Response:
    """The pools that this person cares for, and what he holds himself."""
    with visit.reading() as conn:
        fills = list(_branches(visit, conn, None, _pools(visit, conn)))
        held = records.held_by(conn, visit.viewer.selves, visit.viewer.sight, MOST_HELD)
    return visit.page(
        "pools.html", fills=fills, held=[rows_of(visit).holding(one) for one in held.rows], more=held.more
    )


@router.get("/{name}")
def pool(visit: Visited, name: str) -> Response:
    with visit.reading() as conn:
        visible = _pools(visit, conn)
        if name not in visible:
            raise Unknown
        fill = _fill(visit, conn, name, list(_branches(visit, conn, name, visible)))
        held = [(rows_of(visit).holding(one), one.delegate) for one in space.allocations(conn, name, MOST_HELD)]
    parent = _parent(visit, name)
    above = (parent, _title(visit, parent)) if parent in visible else None
    return visit.page("pool.html", fill=fill, above=above, held=held, visible=visible, full=len(held) == MOST_HELD)


@router.get("/{name}/map.svg")
def pool_map(visit: Visited, name: str) -> Response:
    """The pool, drawn."""
    with visit.reading() as conn:
        if name not in _pools(visit, conn):
            raise Unknown
        return picture(visit.parts.maps.of(conn, name))


def _pools(visit: Visit, conn: Connection) -> list[str]:
    known = space.families(conn)
    return [name for name in known if visit.viewer.is_admin or name in visit.viewer.sight.pools]


def _branches(visit: Visit, conn: Connection, parent: str | None, visible: list[str]) -> Iterator[Fill]:
    """Those below a pool, each with its own; below None those whose parent is not there, or not this person's."""
    for name in visible:
        above = _parent(visit, name)
        if (above if above in visible else None) == parent:
            yield _fill(visit, conn, name, list(_branches(visit, conn, name, visible)))


def _fill(visit: Visit, conn: Connection, name: str, below: Sequence[Fill]) -> Fill:
    figures = space.figures(conn, name, visit.parts.counted)
    outlook = visit.parts.outlooks.of(conn, name, visit.now)
    pool = visit.parts.config.pools.get(name)
    return Fill(
        name=name,
        title=_title(visit, name),
        configured=pool is not None,
        family=figures.family,
        prefixes=told(figures.prefixes),
        size=figures.size,
        used=figures.used,
        largest_free=figures.largest_free,
        warn_at=(pool.warn_at if pool else None) or 80,
        fragmentation=figures.fragmentation,
        lasts=_known(outlook.lasts(figures.used, figures.size)),
        asked_for=outlook.asked_for,
        lasts_if_granted=_known(outlook.lasts_if_granted(figures.used, figures.size)),
        below=below,
    )


def _known(lasts: str) -> str:
    return "" if lasts == NOT_KNOWN else lasts


def _title(visit: Visit, name: str | None) -> str:
    pool = visit.parts.config.pools.get(name or "")
    return (pool.title if pool else "") or name or ""


def _parent(visit: Visit, name: str) -> str | None:
    pool = visit.parts.config.pools.get(name)
    return pool.parent if pool else None
