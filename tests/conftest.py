"""What all tests stand on: the real servers, and hypothesis on machines that others use too."""

import os
from typing import Any

from hypothesis import HealthCheck, settings
from sqlalchemy import Connection, Engine, event

from mailbot.store.engine import READING, VIEW

pytest_plugins = ["servers.fixtures"]

# How long an example takes says more about the machine than about the program; what must be quick says so itself.
# A change must not fail by chance: the examples are the same in each run, and others each time in `make deep`.
slow = [HealthCheck.too_slow]
settings.register_profile("mailbot", deadline=None, suppress_health_check=slow, derandomize=True)
settings.register_profile("deep", deadline=None, suppress_health_check=slow)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "mailbot"))


@event.listens_for(Engine, "begin")
def who_reads_changes_nothing(conn: Connection) -> None:
    """SQLite would undo it without a word, where PostgreSQL refuses it."""
    if conn.dialect.name == "sqlite":
        raw: Any = conn.connection.dbapi_connection
        raw.execute(f"PRAGMA query_only = {int(conn.get_execution_options().get(VIEW) == READING)}")
