"""The migrations make the tables that the program works with."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, text

from mailbot.store import Store, migrations, tables
from mailbot.store.base import metadata
from mailbot.store.space import tables as space_tables


def test_an_upgraded_database_has_the_tables_that_the_program_knows(tmp_path: Path) -> None:
    assert tables.request.metadata is space_tables.pool.metadata is metadata
    url = f"sqlite:///{tmp_path / 'mailbot.db'}"
    store = Store(url)
    store.upgrade()
    store.close()
    with create_engine(url).connect() as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []
        made = dict(conn.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all())
    plain = create_engine("sqlite://")
    metadata.create_all(plain)
    with plain.connect() as conn:
        known = dict(conn.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all())
    assert {name: _same(sql) for name, sql in made.items() if name != "alembic_version"} == {
        name: _same(sql) for name, sql in known.items()
    }


def test_the_newest_version_is_the_one_that_is_waited_for() -> None:
    folder = Path(migrations.__file__).parent / "versions"
    assert max(path.stem.removeprefix("v") for path in folder.glob("v*.py")) == migrations.HEAD


def test_upgrading_twice_changes_nothing(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'mailbot.db'}")
    store.upgrade()
    store.upgrade()
    assert store.is_current()
    store.close()


def _same(sql: str) -> str:
    """Blanks apart, and in the order of names: constraints may stand in another one."""
    return "".join(sorted("".join(sql.split()).replace('"', "")))
