"""Pools cut out of others, room kept for holders, and what somebody has in a pool found in order of address."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0007"


def upgrade() -> None:
    op.add_column("pool", sa.Column("parent", sa.Text()))
    op.add_column("pool", sa.Column("depth", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("pool", sa.Column("growth", sa.SmallInteger(), server_default="0", nullable=False))
    op.add_column("pool", sa.Column("adjacent", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.drop_index("ix_allocation_holder", "allocation")
    for column in ("holder", "customer"):
        present = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_allocation_{column}",
            "allocation",
            [column, "pool_id", "network"],
            sqlite_where=present,
            postgresql_where=present,
        )
