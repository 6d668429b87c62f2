"""Customers: their records, names and people; and what each holds and held, found by him."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

_HAS_CUSTOMER = sa.text("customer IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "customer",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("account_manager", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
    )
    op.create_index(op.f("ix_customer_account_manager"), "customer", ["account_manager"], unique=False)
    _pointing_to_it("customer_name", "name")
    _pointing_to_it("customer_person", "who")
    op.create_index(
        "ix_address_history_customer",
        "address_history",
        ["customer", "at"],
        unique=False,
        sqlite_where=_HAS_CUSTOMER,
        postgresql_where=_HAS_CUSTOMER,
    )


def _pointing_to_it(name: str, key: str) -> None:
    op.create_table(
        name,
        sa.Column(key, sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f(f"fk_{name}_customer_id_customer")),
        sa.PrimaryKeyConstraint(key, name=op.f(f"pk_{name}")),
    )
    op.create_index(op.f(f"ix_{name}_customer_id"), name, ["customer_id"], unique=False)
