"""What allocations carry."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for table in ("allocation", "address_history"):
        op.add_column(table, sa.Column("carries", sa.Text(), nullable=True))
