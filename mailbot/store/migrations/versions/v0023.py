"""What lists are narrowed by, beside whom requests concern; indexes that give lists in their order."""

import sqlalchemy as sa
from alembic import op

from mailbot.store.base import Instant, Serial

revision = "0023"
down_revision = "0022"

REQUEST = {
    "requester": ["requester", "created", "id"],
    "state": ["state", "type", "created", "id"],
    "type": ["type", "created", "id"],
    "created": ["created", "id"],
    "due": ["due"],
}
OTHERS = (
    ("ix_action_seat", "action", ["seat", "due", "request_id", "step"]),
    ("ix_outbox_unsent", "outbox", ["state", "created"]),
)
"""The latter was of rare states alone, and SQLite does not look there for a state that is bound."""


def upgrade() -> None:
    for name in ("requester", "type", "created"):
        op.drop_index(f"ix_request_{name}", "request")
    for name, columns in REQUEST.items():
        op.create_index(f"ix_request_{name}", "request", columns, unique=False)
    _partial("ix_request_late", "request", ["id"], "closed > due")
    _partial("ix_allocation_state", "allocation", ["state", "pool_id", "network"], "state <> 'allocated'")
    op.create_index("ix_network_request_state", "network_request", ["state", "id"], unique=False)
    op.create_index("ix_network_request_closed", "network_request", ["state", "closed"], unique=False)
    for name, table, columns in OTHERS:
        op.drop_index(name, table)
        op.create_index(name.replace("unsent", "state"), table, columns, unique=False)
    _concern()


def _partial(name: str, table: str, columns: list[str], those: str) -> None:
    only = sa.text(those)
    op.create_index(name, table, columns, unique=False, sqlite_where=only, postgresql_where=only)


def _concern() -> None:
    """Made anew: a column that must not be empty cannot be added to what is there."""
    op.execute("CREATE TEMPORARY TABLE concern_before AS SELECT request_id, who FROM concern")
    op.drop_table("concern")
    op.create_table(
        "concern",
        sa.Column("request_id", Serial, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("created", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_concern_request_id_request")),
        sa.PrimaryKeyConstraint("request_id", "who", name=op.f("pk_concern")),
    )
    op.execute(
        "INSERT INTO concern (request_id, who, state, type, created)"
        " SELECT c.request_id, c.who, r.state, r.type, r.created"
        " FROM concern_before c JOIN request r ON r.id = c.request_id ORDER BY c.request_id, c.who"
    )
    op.execute("DROP TABLE concern_before")
    op.create_index("ix_concern_who", "concern", ["who", "created", "request_id"], unique=False)
    op.create_index("ix_concern_state", "concern", ["who", "state", "type", "created", "request_id"], unique=False)
