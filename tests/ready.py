"""What every bot of the tests would make for itself, made once: an upgraded database."""

import shutil
import tempfile
from functools import cache
from pathlib import Path

from mailbot.store import Store


def put_database(path: Path) -> None:
    """An empty SQLite database of this version, as the first start would make it."""
    path.parent.mkdir(exist_ok=True)
    shutil.copyfile(_database(), path)


@cache
def _database() -> Path:
    path = Path(tempfile.mkdtemp(prefix="mailbot-tests-")) / "mailbot.db"
    store = Store(f"sqlite:///{path}")
    store.upgrade()
    store.close()
    return path
