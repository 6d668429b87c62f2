"""Pages from their templates: the house's own before ours, nothing undefined, everything escaped."""

from collections.abc import Mapping, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mailbot.desk.context import shown
from mailbot.process import form

STYLE, ICON = "style.css", "icon.svg"

STATES: Mapping[str, str] = {
    "acknowledged": "received",
    "pending": "waits for the requester",
    "inProgress": "in progress",
    "held": "on hold",
    "waiting": "comes later",
    "refused": "rejected",
    "skipped": "not needed",
}
"""States in words, where these are not their names."""


class Renderer:
    """Templates under these folders; of each the first folder that has it wins."""

    def __init__(self, folders: Sequence[Path], *, name: str, address: str, root: str, zone: ZoneInfo) -> None:
        self.style, self.icon = (_found(folders, name) for name in (STYLE, ICON))
        self._environment = Environment(
            loader=FileSystemLoader([str(folder) for folder in folders]),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters.update(
            when=partial(shown, zone=zone), state=_state, written=form.written, hint=form.hint
        )
        self._environment.globals.update(
            bot={"name": name, "address": address},
            root=root,
            style=f"{root}/static/{self.edition}/{STYLE}",
            icon=f"{root}/static/{self.edition}/{ICON}",
        )

    @property
    def edition(self) -> str:
        """Changes with the stylesheet and the icon, so that browsers may keep them for ever."""
        return sha256(f"{self.style}{self.icon}".encode()).hexdigest()[:12]

    def page(self, template: str, context: Mapping[str, Any]) -> str:
        """The HTML of a page."""
        return self._environment.get_template(template).render(context)


def _found(folders: Sequence[Path], name: str) -> str:
    return next(path for folder in folders if (path := folder / name).exists()).read_text(encoding="utf-8")


def _state(name: str) -> str:
    return STATES.get(name, name)
