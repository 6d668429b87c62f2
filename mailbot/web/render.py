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
from mailbot.words import Catalogue, say, shipped

STYLE, ICON = "style.css", "icon.svg"


class Renderer:
    """Templates under these folders; of each the first folder that has it wins."""

    def __init__(
        self, folders: Sequence[Path], *, name: str, address: str, root: str, zone: ZoneInfo, catalogue: Catalogue
    ) -> None:
        self.catalogue = catalogue
        self.style, self.icon = (_found(folders, name) for name in (STYLE, ICON))
        self._environment = Environment(
            loader=FileSystemLoader([str(folder) for folder in folders]),
            undefined=StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            finalize=self.catalogue.shown,
        )
        self._environment.filters.update(
            when=partial(shown, zone=zone), state=_state, written=form.written, hint=form.hint, told=self.catalogue.of
        )
        self._environment.globals.update(
            bot={"name": name, "address": address},
            language=self.catalogue.language,
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
        return self._environment.get_template(template).render(self.catalogue.told(dict(context)))


def _found(folders: Sequence[Path], name: str) -> str:
    return next(path for folder in folders if (path := folder / name).exists()).read_text(encoding="utf-8")


def _state(name: str) -> str:
    """A state of a request, a step, an address or a mail, in words."""
    known = f"shown_states.{name}"
    return say(known) if known in shipped() else name
