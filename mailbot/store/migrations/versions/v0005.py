"""Whom requests concern, and what others call them."""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from mailbot.store.base import Serial

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "concern",
        sa.Column("request_id", Serial, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_concern_request_id_request")),
        sa.PrimaryKeyConstraint("request_id", "who", name=op.f("pk_concern")),
    )
    op.create_index("ix_concern_who", "concern", ["who"], unique=False)
    op.create_table(
        "other_name",
        sa.Column("request_id", Serial, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_other_name_request_id_request")),
        sa.PrimaryKeyConstraint("request_id", "name", name=op.f("pk_other_name")),
    )
    op.create_index("ix_other_name_name", "other_name", ["name"], unique=False)
    _fill(op.get_bind())


def _fill(conn: sa.Connection) -> None:
    """The requests of before concern those whom they name."""
    request = sa.table("request", sa.column("id"), sa.column("body"))
    concern = sa.table("concern", sa.column("request_id"), sa.column("who"))
    for number, body in conn.execute(sa.select(request.c.id, request.c.body)).all():
        rows = [{"request_id": number, "who": who} for who in sorted(set(_concerned(json.loads(body))))]
        if rows:
            conn.execute(sa.insert(concern), rows)


def _concerned(request: dict[str, Any]) -> Iterator[str]:
    yield from request.get("watchers", ())
    for step in request.get("steps", ()):
        yield from step.get("asked", ())
        yield from step.get("departments", ())
