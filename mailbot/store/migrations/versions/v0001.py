"""The first tables."""

from alembic import op

from mailbot.store import tables
from mailbot.store.base import metadata
from mailbot.store.space import tables as space_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    assert tables, space_tables  # noqa: S101
    metadata.create_all(op.get_bind())
