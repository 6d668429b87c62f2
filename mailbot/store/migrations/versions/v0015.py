"""Keys of the API, what orders say beside their forms, and indexes by which lists are counted."""

import sqlalchemy as sa
from alembic import op

from mailbot.store.base import Instant, Serial

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", Serial, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("people", sa.Text(), nullable=False),
        sa.Column("customer", sa.Text()),
        sa.Column("created", Instant(), nullable=False),
        sa.Column("last_used", Instant()),
        sa.Column("revoked", Instant()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
        sa.UniqueConstraint("name", name=op.f("uq_api_key_name")),
        sa.UniqueConstraint("prefix", name=op.f("uq_api_key_prefix")),
    )
    _orders()
    op.create_index("ix_request_type", "request", ["type", "id"], unique=False)
    op.create_index("ix_request_created", "request", ["created"], unique=False)
    op.create_index("ix_request_closed", "request", ["closed", "due"], unique=False)
    op.drop_index("ix_concern_who", "concern")
    op.create_index("ix_concern_who", "concern", ["who", "request_id"], unique=False)


def _orders() -> None:
    op.create_table(
        "service_order",
        sa.Column("request_id", Serial, autoincrement=False, nullable=False),
        sa.Column("key_id", Serial, nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["key_id"], ["api_key.id"], name=op.f("fk_service_order_key_id_api_key")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_service_order_request_id_request")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_service_order")),
    )
    op.create_table(
        "sent_order",
        sa.Column("once", sa.Text(), nullable=False),
        sa.Column("request_id", Serial, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_sent_order_request_id_request")),
        sa.PrimaryKeyConstraint("once", name=op.f("pk_sent_order")),
    )
    op.create_table(
        "order_cancellation",
        sa.Column("id", Serial, nullable=False),
        sa.Column("request_id", Serial, nullable=False),
        sa.Column("asked", Instant(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_order_cancellation_request_id_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_cancellation")),
    )
    op.create_index("ix_order_cancellation_request_id", "order_cancellation", ["request_id"], unique=False)
