"""What `pip install .` gives works outside the checkout."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def installed(tmp_path: Path) -> dict[str, str]:
    """An environment in which the program comes from a wheel of this checkout, and from nowhere else."""
    built = tmp_path / "built"
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(built)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 (our own words)
    (wheel,) = built.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    return {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "NO_COLOR": "1"}


def run(installed: dict[str, str], folder: Path, *words: str) -> str:
    command = [sys.executable, "-m", "mailbot", *words]
    done = subprocess.run(  # noqa: S603 (our own words)
        command, cwd=folder, env=installed, check=False, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.mark.slow
def test_an_installed_program_writes_a_folder_that_works(installed: dict[str, str], tmp_path: Path) -> None:
    run(installed, tmp_path, "init", "office")
    office = tmp_path / "office"
    assert {path.name for path in (office / "rules").iterdir()} >= {
        "attribution.toml",
        "liberation.toml",
        "_house.toml",
    }
    mail = b"From: bob@example.net\r\nTo: ip-requests@example.net\r\nSubject: attribution\r\n\r\n"
    (office / "var" / "mail" / "new" / "1").write_bytes(mail)
    run(installed, office, "run", "--once")
    (letter,) = (office / "var" / "sent" / "new").iterdir()
    assert b"X-Mailbot-Kind: form" in letter.read_bytes()
    where = run(installed, office, "check")
    assert "kinds of letters" in where
