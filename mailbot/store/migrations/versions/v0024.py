"""What orders of the API are asked for by, and what they are parts of, in columns; and the hub's version."""

import json

import sqlalchemy as sa
from alembic import op

from mailbot.store.base import Serial

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.add_column("subscriber", sa.Column("version", sa.Text(), nullable=True))
    op.execute("UPDATE subscriber SET version = 'v4' WHERE callback IS NOT NULL")
    for name in ("category", "priority"):
        op.add_column("service_order", sa.Column(name, sa.Text(), nullable=True))
        op.create_index(f"ix_service_order_{name}", "service_order", [name], unique=False)
    with op.batch_alter_table("service_order") as table:
        table.add_column(sa.Column("part_of", Serial, nullable=True))
        table.create_foreign_key(op.f("fk_service_order_part_of_request"), "request", ["part_of"], ["id"])
    op.create_index("ix_service_order_part_of", "service_order", ["part_of"], unique=False)
    names = ("request_id", "sheet", "priority")
    order = sa.table("service_order", *(sa.column(name) for name in names))
    conn = op.get_bind()
    for row in conn.execute(sa.select(order)).all():  # a category was not kept so far
        priority = json.loads(row.sheet).get("priority")
        if priority is not None:
            conn.execute(sa.update(order).where(order.c.request_id == row.request_id).values(priority=priority))
