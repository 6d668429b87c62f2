"""How long departments took to answer."""

import sqlalchemy as sa
from alembic import op

from mailbot.store.base import Instant, Serial

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "answer_time",
        sa.Column("id", Serial, nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answer_time")),
    )
    op.create_index("ix_answer_time_department", "answer_time", ["department", "id"], unique=False)
