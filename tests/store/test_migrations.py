"""The migrations make the tables that the program works with."""

import json
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, column, create_engine, insert, table, text

from mailbot.store import Store, migrations, tables
from mailbot.store.base import metadata
from mailbot.store.space import tables as space_tables


def test_an_upgraded_database_has_the_tables_that_the_program_knows(url: str) -> None:
    assert tables.request.metadata is space_tables.pool.metadata is metadata
    store = Store(url)
    store.upgrade()
    store.close()
    engine = create_engine(url)
    with engine.connect() as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []
    engine.dispose()


def test_its_tables_are_to_the_word_those_that_the_program_knows(tmp_path: Path) -> None:
    """As SQLite keeps them, which compares no words of indexes and defaults itself."""
    url = f"sqlite:///{tmp_path / 'mailbot.db'}"
    store = Store(url)
    store.upgrade()
    store.close()
    with create_engine(url).connect() as conn:
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


def test_upgrading_twice_changes_nothing(url: str) -> None:
    store = Store(url)
    store.upgrade()
    store.upgrade()
    assert store.is_current()
    store.close()


def _same(sql: str) -> str:
    """Blanks apart, and in the order of names: constraints may stand in another one."""
    return "".join(sorted("".join(sql.split()).replace('"', "")))


def test_requests_of_before_concern_those_whom_they_name(url: str) -> None:
    engine = create_engine(url)
    steps = [{"name": "technical", "asked": ["ana@example.net"], "departments": ["noc"]}, {"name": "allocate"}]
    body = json.dumps({"watchers": ["li@example.net"], "steps": steps})
    values = {"body": body, "threads": "{}", "head": b"", "state": "inProgress", "version": 1, "created": 0}
    with engine.begin() as conn:
        _bring_to(conn, "0004")
        rules = {"version": "v", "type": "quick", "source": "", "since": 0}
        row = {"id": 7, "reference": "IP-7", "type": "quick", "rules": "v", "requester": "bob@example.net", **values}
        conn.execute(insert(table("rules", *map(column, rules))), rules)
        conn.execute(insert(table("request", *map(column, row))), row)
        _bring_to(conn, "head")
        found = conn.execute(text("SELECT request_id, who FROM concern ORDER BY who")).all()
    engine.dispose()
    assert [tuple(row) for row in found] == [(7, "ana@example.net"), (7, "li@example.net"), (7, "noc")]


def _bring_to(conn: Connection, version: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__file__).parent))
    config.attributes["connection"] = conn
    command.upgrade(config, version)


def test_what_was_known_of_an_attachment_as_text_is_known_as_a_value():
    from mailbot.store.migrations.versions.v0020 import _value  # noqa: PLC0415 (alembic is slow to import)

    known = {"type": "", "by": "bob@example.net"}
    told = known | {"name": "a (1).pdf", "size": 1234, "digest": "0123abcd"}
    assert _value("a (1).pdf (1,234 bytes, 0123abcd)", "bob@example.net") == told
    assert _value("plan", "bob@example.net") == known | {"name": "plan", "size": 0, "digest": ""}
