"""What alembic runs: on the connection, and in the transaction, that `upgrade` has begun."""

from alembic import context

from mailbot.store import tables
from mailbot.store.base import metadata
from mailbot.store.space import tables as space_tables

assert tables, space_tables  # noqa: S101 (importing them registers their tables)

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, transactional_ddl=False)
context.run_migrations()
