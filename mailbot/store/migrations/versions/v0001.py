"""The first tables."""

import sqlalchemy as sa
from alembic import op

from mailbot.store.base import Instant, Network, Serial

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "address_history",
        sa.Column("id", Serial, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("vrf", sa.Text(), nullable=False),
        sa.Column("family", sa.SmallInteger(), nullable=False),
        sa.Column("network", Network(16), nullable=False),
        sa.Column("host_bits", sa.SmallInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "reserved",
                "allocated",
                "quarantined",
                "excluded",
                "foreign",
                "released",
                name="state",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("customer", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_history")),
    )
    op.create_index("ix_address_history_prefix", "address_history", ["family", "network"], unique=False)
    op.create_index("ix_address_history_reference", "address_history", ["reference"], unique=False)
    op.create_table(
        "fact",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_fact")),
    )
    op.create_table(
        "history",
        sa.Column("id", Serial, nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("commitment", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=True),
        sa.Column("actor", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
    )
    op.create_index("ix_history_actor", "history", ["actor"], unique=False)
    op.create_index("ix_history_at", "history", ["at"], unique=False)
    op.create_index("ix_history_reference", "history", ["reference", "id"], unique=False)
    op.create_table(
        "inbox",
        sa.Column("id", Serial, nullable=False),
        sa.Column("once", sa.Text(), nullable=False),
        sa.Column("received", Instant(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("sender", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), nullable=False),
        sa.Column("believed", sa.Boolean(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox")),
        sa.UniqueConstraint("once", name=op.f("uq_inbox_once")),
    )
    op.create_index(
        "ix_inbox_open",
        "inbox",
        ["state"],
        unique=False,
        sqlite_where=sa.text("state IN ('held', 'quarantined')"),
        postgresql_where=sa.text("state IN ('held', 'quarantined')"),
    )
    op.create_index("ix_inbox_reference", "inbox", ["reference"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", Serial, nullable=False),
        sa.Column("created", Instant(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("envelope_sender", sa.Text(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", Instant(), nullable=True),
        sa.Column("owner", Serial, nullable=True),
        sa.Column("claim", sa.Integer(), nullable=False),
        sa.Column("sent", Instant(), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("inbox_id", Serial, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outbox_message_id")),
    )
    op.create_index("ix_outbox_recipient", "outbox", ["recipient", "created"], unique=False)
    op.create_index("ix_outbox_reference", "outbox", ["reference"], unique=False)
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["id"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "owner",
        sa.Column("id", Serial, nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_owner")),
    )
    op.create_table(
        "pool",
        sa.Column("id", Serial, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("family", sa.SmallInteger(), nullable=False),
        sa.Column("vrf", sa.Text(), nullable=False),
        sa.Column("strategy", sa.Text(), nullable=False),
        sa.Column("quarantine", sa.BigInteger(), nullable=False),
        sa.Column("min_length", sa.SmallInteger(), nullable=True),
        sa.Column("max_length", sa.SmallInteger(), nullable=True),
        sa.Column("hosts", sa.Boolean(), nullable=False),
        sa.Column("definition", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pool")),
        sa.UniqueConstraint("name", name=op.f("uq_pool_name")),
    )
    op.create_table(
        "rules",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_rules")),
    )
    op.create_table(
        "token",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("content", sa.Text(), nullable=True),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("expires", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token")),
    )
    op.create_index("ix_token_reference", "token", ["reference"], unique=False)
    op.create_table(
        "allocation",
        sa.Column("pool_id", Serial, autoincrement=False, nullable=False),
        sa.Column("network", Network(16), nullable=False),
        sa.Column("host_bits", sa.SmallInteger(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "reserved",
                "allocated",
                "quarantined",
                "excluded",
                "foreign",
                "released",
                name="state",
                native_enum=False,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("until", Instant(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("step", sa.Text(), nullable=True),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("customer", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_allocation_pool_id_pool")),
        sa.PrimaryKeyConstraint("pool_id", "network", name=op.f("pk_allocation")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_allocation_holder",
        "allocation",
        ["holder"],
        unique=False,
        sqlite_where=sa.text("holder IS NOT NULL"),
        postgresql_where=sa.text("holder IS NOT NULL"),
    )
    op.create_index(
        "ix_allocation_until",
        "allocation",
        ["pool_id", "until"],
        unique=False,
        sqlite_where=sa.text("until IS NOT NULL"),
        postgresql_where=sa.text("until IS NOT NULL"),
    )
    op.create_table(
        "free_block",
        sa.Column("pool_id", Serial, autoincrement=False, nullable=False),
        sa.Column("host_bits", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("network", Network(16), nullable=False),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_free_block_pool_id_pool")),
        sa.PrimaryKeyConstraint("pool_id", "host_bits", "network", name=op.f("pk_free_block")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "pool_root",
        sa.Column("pool_id", Serial, autoincrement=False, nullable=False),
        sa.Column("network", Network(16), nullable=False),
        sa.Column("host_bits", sa.SmallInteger(), nullable=False),
        sa.Column("last", Network(16), nullable=False),
        sa.Column("configured", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["pool_id"], ["pool.id"], name=op.f("fk_pool_root_pool_id_pool")),
        sa.PrimaryKeyConstraint("pool_id", "network", name=op.f("pk_pool_root")),
    )
    op.create_table(
        "request",
        sa.Column("id", Serial, nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requester", sa.Text(), nullable=False),
        sa.Column("external_reference", sa.Text(), nullable=True),
        sa.Column("created", Instant(), nullable=False),
        sa.Column("due", Instant(), nullable=True),
        sa.Column("closed", Instant(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("threads", sa.Text(), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["rules"], ["rules.version"], name=op.f("fk_request_rules_rules")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request")),
        sa.UniqueConstraint("reference", name=op.f("uq_request_reference")),
    )
    op.create_index("ix_request_external_reference", "request", ["external_reference"], unique=False)
    op.create_index("ix_request_requester", "request", ["requester"], unique=False)
    op.create_index("ix_request_state_due", "request", ["state", "due"], unique=False)
    op.create_table(
        "action",
        sa.Column("request_id", Serial, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("seat", sa.Text(), nullable=False),
        sa.Column("departments", sa.Text(), nullable=False),
        sa.Column("due", Instant(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("waits_for_pool", sa.Text(), nullable=True),
        sa.Column("wanted_length", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_action_request_id_request")),
        sa.PrimaryKeyConstraint("request_id", "step", "seat", name=op.f("pk_action")),
    )
    op.create_index(
        "ix_action_pool",
        "action",
        ["waits_for_pool"],
        unique=False,
        sqlite_where=sa.text("waits_for_pool IS NOT NULL"),
        postgresql_where=sa.text("waits_for_pool IS NOT NULL"),
    )
    op.create_index("ix_action_seat", "action", ["seat"], unique=False)
    op.create_table(
        "timer",
        sa.Column("id", Serial, nullable=False),
        sa.Column("request_id", Serial, nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_timer_request_id_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timer")),
        sa.UniqueConstraint("request_id", "step", "mark", name=op.f("uq_timer_request_id_step_mark")),
    )
    op.create_index("ix_timer_at", "timer", ["at"], unique=False)
