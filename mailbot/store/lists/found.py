"""Pages and counts of what stands in several ranges of indexes, so that the work has an end however much there is.

A range is a select of the same columns, which an index gives in the order of the list; the same row may stand in
several of them. Of each only as many are read as the page, or the count, can need.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, tuple_, union

from mailbot.store.lists import values
from mailbot.store.lists.values import Cut

Range = Select[Any]

MOST_RANGES = 100
"""Each costs a look."""
FAR = 1_000
"""So many rows are read past in passing."""


def unindexed(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """In words that lead a database to no index: it is to begin elsewhere."""
    return func.coalesce(column, column)


def each(column: ColumnElement[Any], values: Collection[Any], kinds: int = 1) -> list[ColumnElement[bool]]:
    """One condition for each value; where, with so many kinds of each, there were too many of them, one for all."""
    if len(values) * kinds > MOST_RANGES:
        return [column.in_(sorted(values))]
    return [column == value for value in sorted(values)]


def behind(ranges: Sequence[Range], last: Sequence[ColumnElement[Any]], cut: Cut) -> Sequence[Range]:
    """Less what comes before this place in the order of the list, and what stands there."""
    here = tuple_(*last)
    return [
        one.where(place > here if cut.oldest_first else place < here)
        for one, place in ((one, tuple_(*one.selected_columns)) for one in ranges)
    ]


def page(conn: Connection, ranges: Sequence[Range], cut: Cut) -> tuple[Sequence[Row[Any]], bool]:
    """The rows of a page, in the order of the list, and whether there are more behind it."""
    rows = _asked_one_by_one(conn, ranges, cut) if len(ranges) > 1 and cut.offset <= FAR else _asked(conn, ranges, cut)
    return rows[: cut.most], len(rows) > cut.most


def _asked_one_by_one(conn: Connection, ranges: Sequence[Range], cut: Cut) -> Sequence[Row[Any]]:
    """Putting ranges together in SQL costs more than asking some more of them."""
    enough = cut.offset + cut.most + 1
    found = {row for one in ranges for row in conn.execute(_ordered(one, cut).limit(enough))}
    return sorted(found, key=tuple, reverse=not cut.oldest_first)[cut.offset : enough]


def _asked(conn: Connection, ranges: Sequence[Range], cut: Cut) -> Sequence[Row[Any]]:
    """The rows before the page stay where they are."""
    if not ranges:
        return []
    one = ranges[0]
    if len(ranges) > 1:
        enough = cut.offset + cut.most + 1
        one = select(union(*(_ordered(one, cut).limit(enough).subquery().select() for one in ranges)).subquery())
    return conn.execute(_ordered(one, cut).limit(cut.most + 1).offset(cut.offset)).all()


def _ordered(of: Range, cut: Cut) -> Range:
    return of.order_by(*(one.asc() if cut.oldest_first else one.desc() for one in of.selected_columns))


def total(
    conn: Connection, ranges: Sequence[Range], narrowed: Sequence[Range], cut: Cut, *, on_page: int, more: bool
) -> int | None:
    """How many there are on all pages; None where more than COUNTED would have to be looked at to know it.

    `narrowed` are the ranges less what is not wanted of them; of a page that is the last there is nothing to count.
    """
    if not more and cut.after is None and (on_page or not cut.offset):
        return cut.offset + on_page
    looked_at = _counted(conn, ranges)
    return looked_at if looked_at is None or narrowed is ranges else _counted(conn, narrowed)


def _counted(conn: Connection, ranges: Sequence[Range]) -> int | None:
    sizes = []
    for one in ranges:
        few = one.limit(values.COUNTED + 1).subquery()
        sizes.append(conn.execute(select(func.count()).select_from(few)).scalar_one())
        if sizes[-1] > values.COUNTED:
            return None
    present = [one for one, size in zip(ranges, sizes, strict=True) if size]
    if len(present) < 2:  # noqa: PLR2004 (of two, rows may be the same)
        return sum(sizes)
    once = union(*(one.subquery().select() for one in present)).subquery()
    count = conn.execute(select(func.count()).select_from(once)).scalar_one()
    return count if count <= values.COUNTED else None
