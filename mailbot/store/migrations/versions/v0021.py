"""Whom letters do not reach."""

import sqlalchemy as sa
from alembic import op

from mailbot.store.base import Instant

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "unreachable",
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_unreachable")),
    )
