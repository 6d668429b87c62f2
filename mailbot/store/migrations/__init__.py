"""The schema's versions, and how a database is brought to the newest. alembic is imported only when there is work."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

HEAD = "0026"
"""The newest version: a test holds it against the files beside this one."""


def is_current(conn: Connection) -> bool:
    """Whether the database is at this version. Importing alembic to ask it takes longer than a whole pass."""
    if not inspect(conn).has_table("alembic_version"):
        return False
    return conn.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none() == HEAD


def upgrade(engine: Engine) -> None:
    """Run what is missing, in one transaction: another bot that does the same waits, and finds it done."""
    from alembic import command  # noqa: PLC0415 (slow to import)
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with engine.begin() as conn:
        if engine.dialect.name == "postgresql":
            conn.execute(text("SELECT pg_advisory_xact_lock(1835167604)"))
        config.attributes["connection"] = conn
        command.upgrade(config, "head")
