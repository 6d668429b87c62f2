"""Targets that fail again and again, and until when they are paused."""

import sqlalchemy as sa
from alembic import op

from mailbot.store.base import Instant

revision = "0014"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "breaker",
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("target", name=op.f("pk_breaker")),
    )
