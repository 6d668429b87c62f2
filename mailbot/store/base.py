"""The ground of all tables: one MetaData, and column types that mean the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Dialect,
    Integer,
    LargeBinary,
    MetaData,
    TypeDecorator,
    func,
    literal_column,
)

T = TypeVar("T")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite gives a rowid alias (and so a sequence) to INTEGER PRIMARY KEY alone, never to BIGINT.
Serial = BigInteger().with_variant(Integer, "sqlite")


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as whole seconds since the epoch: it sorts, compares and indexes alike everywhere."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else int(value.timestamp())

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else datetime.fromtimestamp(value, UTC)


class Network(TypeDecorator[int]):
    """A network or address as 16 bytes, big-endian: numeric types become floats on SQLite, and bytes keep the order."""

    impl = LargeBinary(16)
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002
        return None if value is None else value.to_bytes(16, "big")

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> int | None:  # noqa: ARG002
        return None if value is None else int.from_bytes(value, "big")


ONE: ColumnElement[int] = literal_column("1")
"""A limit that stands in the statement: where it is a value beside it, PostgreSQL plans anew at every call."""


def unindexed(column: ColumnElement[T]) -> ColumnElement[T]:
    """In words that lead a database to no index: it is to begin elsewhere."""
    return func.coalesce(column, column)
