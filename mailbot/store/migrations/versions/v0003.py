"""Network requests: what leaves to targets."""

import sqlalchemy as sa
from alembic import op

from mailbot.store.base import Instant, Serial

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "network_request",
        sa.Column("id", Serial, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created", Instant(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", Instant(), nullable=True),
        sa.Column("owner", Serial, nullable=True),
        sa.Column("claim", sa.Integer(), nullable=False),
        sa.Column("sent", Instant(), nullable=True),
        sa.Column("closed", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_network_request")),
        sa.UniqueConstraint("name", name=op.f("uq_network_request_name")),
    )
    op.create_index(
        "ix_network_request_open",
        "network_request",
        ["target", "id"],
        unique=False,
        sqlite_where=sa.text("state IN ('unprocessed', 'sent')"),
        postgresql_where=sa.text("state IN ('unprocessed', 'sent')"),
    )
    op.create_index("ix_network_request_reference", "network_request", ["reference"], unique=False)
