"""Where the files that travel with the program are: beside it in a checkout, within it once installed."""

from pathlib import Path

_PACKAGE = Path(__file__).parent


def asset(name: str) -> Path:
    """`templates`, `rules` or `config.toml` as they were delivered."""
    installed = _PACKAGE / "assets" / name
    return installed if installed.exists() else _PACKAGE.parent / name
