"""Pools that follow another system, and what of ours it was told."""

import sqlalchemy as sa
from alembic import op

from mailbot.store.base import Instant, Network, Serial

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.add_column("pool", sa.Column("source", sa.Text(), nullable=True))
    op.create_table(
        "sourced",
        sa.Column("id", Serial, nullable=False),
        sa.Column("pool_id", Serial, nullable=False),
        sa.Column("network", Network(16), nullable=False),
        sa.Column("host_bits", sa.SmallInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=True),
        sa.Column("turn", sa.BigInteger(), nullable=True),
        sa.Column("awaited", sa.Boolean(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("stuck", sa.Boolean(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("not_before", Instant(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("owner", Serial, nullable=True),
        sa.Column("claim", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_sourced_pool_id_pool")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sourced")),
        sa.UniqueConstraint("pool_id", "network", "host_bits", name=op.f("uq_sourced_pool_id_network_host_bits")),
    )
    op.create_index(
        "ix_sourced_line",
        "sourced",
        ["pool_id", "turn"],
        unique=False,
        sqlite_where=sa.text("turn IS NOT NULL"),
        postgresql_where=sa.text("turn IS NOT NULL"),
    )
