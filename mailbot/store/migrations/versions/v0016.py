"""Events, requests as they stood at them, and who is told; letters by what became of them, and when they left."""

import sqlalchemy as sa
from alembic import op

from mailbot.store.base import Instant, Serial

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "event",
        sa.Column("id", Serial, nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("position", name=op.f("uq_event_position")),
    )
    op.create_index(
        "ix_event_unnumbered",
        "event",
        ["id"],
        unique=False,
        sqlite_where=sa.text("position IS NULL"),
        postgresql_where=sa.text("position IS NULL"),
    )
    op.create_index("ix_event_at", "event", ["at"], unique=False)
    op.create_table(
        "snapshot",
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("reference", "version", name=op.f("pk_snapshot")),
    )
    op.create_index("ix_snapshot_at", "snapshot", ["at"], unique=False)
    op.create_table(
        "subscriber",
        sa.Column("id", Serial, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("callback", sa.Text(), nullable=True),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("created", Instant(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("delivered", Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", Instant(), nullable=True),
        sa.Column("failing_since", Instant(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("owner", Serial, nullable=True),
        sa.Column("claim", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriber")),
        sa.UniqueConstraint("name", name=op.f("uq_subscriber_name")),
    )
    for name, column, those in (("unsent", "state", "state <> 'sent'"), ("sent", "sent", "sent IS NOT NULL")):
        only = sa.text(those)
        op.create_index(f"ix_outbox_{name}", "outbox", [column], unique=False, sqlite_where=only, postgresql_where=only)
