"""Who is away, and what is gathered for a list."""

import sqlalchemy as sa
from alembic import op

from mailbot.store.base import Instant, Serial

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("deputy", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_absence")),
    )
    op.create_index("ix_absence_until", "absence", ["until"], unique=False)
    op.create_table(
        "gathered",
        sa.Column("request_id", Serial, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("seat", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_gathered_request_id_request")),
        sa.PrimaryKeyConstraint("request_id", "step", "seat", name=op.f("pk_gathered")),
    )
    op.create_index("ix_gathered_at", "gathered", ["at"], unique=False)
