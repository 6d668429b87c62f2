"""Templates: folders of words, the user's before ours, rendered with nothing undefined."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from mailbot.errors import Fault
from mailbot.mail.letter.check import check
from mailbot.mail.letter.text import bar, bar_fields, line, wrapped

SUBJECT, TEXT, HTML = FILES = ("subject.txt", "body.txt", "body.html")
_BLANK = re.compile(r"[ \t]*\n(?:[ \t]*\n)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A letter's words."""

    subject: str
    text: str
    html: str


class Templates:
    """The templates under these folders: `<kind>/subject.txt`, `body.txt` and `body.html`.

    Of each file the first folder that has it wins, so that a user overrides one at a time. They are
    read and compiled once.
    """

    def __init__(self, folders: Sequence[Path], language: str = "en") -> None:
        self._folders = tuple(folders)
        self._environment = Environment(
            loader=FileSystemLoader([str(folder) for folder in folders]),
            undefined=StrictUndefined,
            autoescape=select_autoescape(["html"]),
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
        )
        self._environment.globals.update(language=language)
        self._environment.filters.update(bar=bar, bar_fields=bar_fields, wrap=wrapped)

    def render(self, kind: str, context: Mapping[str, Any]) -> Rendered:
        """The words of a letter of this kind.

        Raises jinja2's errors for a template that does not hold: `check` finds these beforehand.
        """
        return Rendered(
            subject=line(self._one(kind, SUBJECT, context)),
            text=_BLANK.sub("\n\n", self._one(kind, TEXT, context)).strip() + "\n",
            html=self._one(kind, HTML, context).strip() + "\n",
        )

    def page(self, name: str, context: Mapping[str, Any]) -> str:
        """One template by itself: a document that is no letter."""
        return self._environment.get_template(name).render(context)

    def own(self) -> tuple[str, ...]:
        """The names of the user's own folders of templates: kinds of letters, and what `notify` steps may name."""
        folders = [path for folder in self._folders[:-1] if folder.is_dir() for path in folder.iterdir()]
        return tuple(sorted(path.name for path in folders if path.is_dir() and path.name[0] not in "_."))

    def check(self, samples: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Fault]:
        """Everything that is wrong with the templates of these kinds, by file and line.

        Found by rendering each kind with its sample contexts, and by looking at every name in it,
        branches that no sample takes included.
        """
        return check(self._environment, self._folders, samples, FILES)

    def _one(self, kind: str, file: str, context: Mapping[str, Any]) -> str:
        return self._environment.get_template(f"{kind}/{file}").render(context)
