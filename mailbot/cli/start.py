"""`mailbot init`: a folder to begin with."""

import secrets
import shutil
from pathlib import Path

import click

from mailbot.config.assets import asset

MAILDIR = ("tmp", "new", "cur")


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".", metavar="[DIR]")
def init(folder: Path) -> None:
    """Write config.toml, rule files, templates, a signing key and the embedded mailbox into DIR."""
    folder.mkdir(parents=True, exist_ok=True)
    _copy(asset("config.toml"), folder / "config.toml")
    for rule in sorted(asset("rules").glob("*.toml")):
        _copy(rule, folder / "rules" / rule.name)
    for path in sorted(p for p in (asset("templates")).rglob("*") if p.is_file()):
        _copy(path, folder / "templates" / path.relative_to(asset("templates")))
    for box in ("mail", "sent"):
        for sub in MAILDIR:
            (folder / "var" / box / sub).mkdir(parents=True, exist_ok=True)
    _key(folder / "var" / "secret")


def _copy(source: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    if not to.exists():
        shutil.copyfile(source, to)


def _key(path: Path) -> None:
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32) + "\n")
