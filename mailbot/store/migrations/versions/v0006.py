"""When space was last seen in use, and when its holders were last asked about it."""

import sqlalchemy as sa
from alembic import op

from mailbot.store.base import Instant, Network, Serial

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "usage",
        sa.Column("vrf", sa.Text(), nullable=False),
        sa.Column("family", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("network", Network(16), nullable=False),
        sa.Column("host_bits", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("last_seen", Instant(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("vrf", "family", "network", "host_bits", name=op.f("pk_usage")),
    )
    op.create_table(
        "review",
        sa.Column("pool_id", Serial, autoincrement=False, nullable=False),
        sa.Column("network", Network(16), nullable=False),
        sa.Column("asked", Instant(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_review_pool_id_pool")),
        sa.PrimaryKeyConstraint("pool_id", "network", name=op.f("pk_review")),
    )
