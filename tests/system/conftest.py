"""What system tests stand on: compiled modules that their bots share, and a forge of bots."""

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from servers.postgres import Postgres
from system.forge import Forge
from system.office import SQLITE, Office

ROOM = 2**29
"""Bytes, of which the offices of these tests need a tenth."""


@pytest.fixture(scope="session", autouse=True)
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Modules are compiled once for all bots, out of the checkout's way: they start three times as fast."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPYCACHEPREFIX", str(tmp_path_factory.mktemp("compiled")))
        yield


@pytest.fixture(scope="session")
def forge(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forge]:
    home = tmp_path_factory.mktemp("forge")
    made = Forge(Office.build(home / "office"), home / "words.log")
    yield made
    made.close()


@pytest.fixture(scope="session")
def memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder whose files need not reach a disk: a kill is no power cut, and to wait for disks takes most of the time.

    Where this machine has too little memory for it, an ordinary one.
    """
    shared = Path("/dev/shm")  # noqa: S108
    if not shared.is_dir() or shutil.disk_usage(shared).free < ROOM:
        yield tmp_path_factory.mktemp("memory")
        return
    with tempfile.TemporaryDirectory(prefix="mailbot-tests-", dir=shared) as folder:
        yield Path(folder)


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., Office]:
    """Builds an office (as `Office.build`) in the test's own folder."""
    return lambda **options: Office.build(tmp_path / "office", **options)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def database(request: pytest.FixtureRequest) -> str:
    """The url of a new database, of one kind and of the other."""
    if request.param == "sqlite":
        return SQLITE
    server: Postgres = request.getfixturevalue("postgres")
    return server.database()
