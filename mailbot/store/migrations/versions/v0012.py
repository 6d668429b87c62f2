"""Questions about a span of time, and about one kind of action, find their rows by an index."""

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_index("ix_address_history_at", "address_history", ["at"], unique=False)
    op.create_index("ix_action_due", "action", ["due", "request_id", "step"], unique=False)
    op.create_index("ix_history_action", "history", ["action", "at", "id"], unique=False)
