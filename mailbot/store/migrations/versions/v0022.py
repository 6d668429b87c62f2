"""Mail by its state: a partial index was not taken, since the states come as parameters."""

from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.drop_index("ix_inbox_open", table_name="inbox")
    op.create_index("ix_inbox_state", "inbox", ["state", "id"])
