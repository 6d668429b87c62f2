"""Pages and counts of what stands in several ranges of indexes, so that the work has an end however much there is.

A range is a select of the same columns, which an index gives in the order of the list; the same row may stand in
several of them. Of each only as many are read as the page, or the count, can need.
"""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, func, select, tuple_, union
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from mailbot.store.base import unindexed
from mailbot.store.lists import values
from mailbot.store.lists.values import Cut

Range = Select[Any]

MOST_RANGES = 100
"""Each costs a look."""


class unindexed_on_sqlite(FunctionElement[Any]):  # noqa: N801 (used as a function of SQL is)
    """A column of a range whose index is chosen already: SQLite, which knows nothing of what is in a table, is led to
    no other; PostgreSQL is to know how much of it there is, lest it sort a whole range for the first of it.
    """

    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__(column)
        self.type = column.type


@compiles(unindexed_on_sqlite)
def _plain(element: unindexed_on_sqlite, compiler: SQLCompiler, **more: Any) -> str:
    return compiler.process(element.clauses, **more)


@compiles(unindexed_on_sqlite, "sqlite")
def _unindexed(element: unindexed_on_sqlite, compiler: SQLCompiler, **more: Any) -> str:
    return compiler.process(unindexed(next(iter(element.clauses))), **more)


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
    if len(ranges) == 1:  # the rows before the page stay where they are
        rows = conn.execute(_ordered(ranges[0], cut).limit(cut.most + 1).offset(cut.offset)).all()
    else:
        rows = _put_together(conn, ranges, cut)
    return rows[: cut.most], len(rows) > cut.most


def _put_together(conn: Connection, ranges: Sequence[Range], cut: Cut) -> Sequence[Row[Any]]:
    """In SQL it would cost more than asking some more of them."""
    enough = cut.offset + cut.most + 1
    found = {row for one in ranges for row in conn.execute(_ordered(one, cut).limit(enough))}
    return sorted(found, key=tuple, reverse=not cut.oldest_first)[cut.offset : enough]


def _ordered(of: Range, cut: Cut) -> Range:
    return of.order_by(*(one.asc() if cut.oldest_first else one.desc() for one in of.selected_columns))


def total(
    conn: Connection,
    ranges: Sequence[Range],
    narrowed: Sequence[Range],
    cut: Cut,
    *,
    on_page: int,
    more: bool,
    one_by_one: bool = False,
) -> int | None:
    """How many there are on all pages; None where more than COUNTED would have to be passed over to know it.

    `narrowed` are the ranges less what is not wanted of them. Where therefore, or because the ranges say so
    (`one_by_one`), each row has to be looked at, no more than LOOKED_AT of them are counted. Of a page that is the last
    there is nothing to count.
    """
    if not more and cut.after is None and (on_page or not cut.offset):
        return cut.offset + on_page
    if narrowed is ranges and not one_by_one:
        return _counted(conn, ranges, values.COUNTED)
    most = min(values.COUNTED, values.LOOKED_AT)
    looked_at = _counted(conn, ranges, most)
    return looked_at if looked_at is None or narrowed is ranges else _counted(conn, narrowed, most)


def _counted(conn: Connection, ranges: Sequence[Range], most: int) -> int | None:
    sizes = []
    for one in ranges:
        few = one.limit(most + 1).subquery()
        sizes.append(conn.execute(select(func.count()).select_from(few)).scalar_one())
        if sizes[-1] > most:
            return None
    present = [one for one, size in zip(ranges, sizes, strict=True) if size]
    if len(present) < 2:  # noqa: PLR2004 (of two, rows may be the same)
        return sum(sizes)
    once = union(*(one.subquery().select() for one in present)).subquery()
    count = conn.execute(select(func.count()).select_from(once)).scalar_one()
    return count if count <= most else None
