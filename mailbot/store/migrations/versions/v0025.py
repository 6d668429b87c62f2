"""What a customer holds, counted in an index alone."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    known = sa.text("customer IS NOT NULL")
    op.create_index(
        "ix_allocation_customer_held",
        "allocation",
        ["customer", "pool_id", "host_bits", "state"],
        sqlite_where=known,
        postgresql_where=known,
    )
