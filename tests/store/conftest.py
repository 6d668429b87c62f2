"""An empty database of either kind."""

from pathlib import Path

import pytest


@pytest.fixture(params=["SQLite", pytest.param("PostgreSQL", marks=pytest.mark.servers)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Nothing is in it yet."""
    if request.param == "SQLite":
        return f"sqlite:///{tmp_path / 'mailbot.db'}"
    address: str = request.getfixturevalue("postgres").database()
    return address
