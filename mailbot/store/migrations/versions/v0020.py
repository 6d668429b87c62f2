"""Files that came with requests; what was known of them so far (name, size, the beginning of a hash), as values."""

import json
import re
from typing import Any

import sqlalchemy as sa
from alembic import op

from mailbot.store.base import Instant, Serial

revision = "0020"
down_revision = "0016"

_WRITTEN = re.compile(r"(?P<name>.*) \((?P<size>[\d,]+) bytes, (?P<digest>[0-9a-f]{8})\)")


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", Serial, nullable=False),
        sa.Column("request_id", Serial, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("inbox_id", Serial, nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_attachment_request_id_request")),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name=op.f("fk_attachment_inbox_id_inbox")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("request_id", "digest", name=op.f("uq_attachment_request_id_digest")),
    )
    op.create_index("ix_attachment_digest", "attachment", ["digest"], unique=False)
    op.create_index("ix_attachment_who", "attachment", ["who"], unique=False)
    for table, keys in (("request", ("id",)), ("snapshot", ("reference", "version"))):
        _rewrite(sa.table(table, *(sa.column(key) for key in keys), sa.column("body", sa.Text())), keys)


def _rewrite(table: sa.TableClause, keys: tuple[str, ...]) -> None:
    conn = op.get_bind()
    old = table.c.body.like('%"attachments":["%')
    for row in conn.execute(sa.select(table).where(old)).mappings().all():
        body = json.loads(row["body"])
        body["attachments"] = [_value(text, body["requester"]) for text in body["attachments"]]
        this = sa.and_(*(table.c[key] == row[key] for key in keys))
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
        conn.execute(sa.update(table).where(this).values(body=text))


def _value(text: str, requester: str) -> dict[str, Any]:
    found = _WRITTEN.fullmatch(text)
    name, size, digest = (
        (found["name"], int(found["size"].replace(",", "")), found["digest"]) if found else (text, 0, "")
    )
    return {"name": name, "size": size, "digest": digest, "type": "", "by": requester}
