"""What became of a customer's space is read backwards as an index has it, unsorted, whatever came in one second."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

_NAME, _TABLE = "ix_address_history_customer", "address_history"


def upgrade() -> None:
    known = sa.text("customer IS NOT NULL")
    op.drop_index(_NAME, _TABLE)
    op.create_index(_NAME, _TABLE, ["customer", "at", "id"], sqlite_where=known, postgresql_where=known)
