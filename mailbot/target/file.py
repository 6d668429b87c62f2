"""A target that is a folder: one file a network request, whole or not there at all, for another system to collect."""

import json
import os
import re
from datetime import datetime
from pathlib import Path

from mailbot.config.targets import FileTarget
from mailbot.mail.letter import PlainTemplates, Unfit
from mailbot.process.definition import Action
from mailbot.process.request import Drive
from mailbot.target.base import KNOWN, Answer, CannotDrive, cannot, confirmed, failed
from mailbot.target.checked import checked, tongue_of

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class FileDriver:
    """Confirmed is what has been written: what the collector makes of it, he tells elsewhere."""

    mailbox: str | None = None

    def __init__(self, target: FileTarget, templates: PlainTemplates) -> None:
        self._folder = target.folder
        self._template = target.template
        self._check = target.check
        self._templates = templates

    def drive(self, request: Drive, since: datetime) -> Answer:  # noqa: ARG002 (as the face has it)
        if request.action is Action.VERIFY:
            return failed("a folder can test nothing: give the step a target that answers, as a command")
        try:
            return self._put(self._path(request.id), self._text(request))
        except (CannotDrive, Unfit) as error:
            return cannot(error)
        except OSError as error:
            return failed(f"the file cannot be written: {error.strerror}: {error.filename or self._folder}")

    def check(self) -> str:
        see_folder(self._folder)
        if not os.access(self._folder, os.W_OK | os.X_OK):
            raise CannotDrive(f"{self._folder}: not allowed to write there")
        if self._template is not None:
            self._templates.check(self._template, KNOWN)
        return f"files in {self._folder}"

    def _path(self, id_: str) -> Path:
        """ "IP-42/configure/router/1" is IP-42.configure.router.1: no two ids have the same."""
        name = id_.replace("/", ".")
        if not _NAME.fullmatch(name):
            raise CannotDrive(f"{id_!r} can be no file's name")
        return self._folder / f"{name}.{'txt' if self._template else 'json'}"

    def _text(self, request: Drive) -> bytes:
        if self._template is None:
            return f"{json.dumps(request.body, ensure_ascii=False, indent=2)}\n".encode()
        text = self._templates.render(self._template, {**request.body, "body": request.body}, tongue_of(self._check))
        return checked(text, self._check, self._template).encode()

    def _put(self, path: Path, text: bytes) -> Answer:
        """Under another name first: nobody ever collects half a file."""
        see_folder(self._folder)
        if path.exists():
            if path.read_bytes() == text:
                return confirmed(f"{path.name} was there already")
            return failed(f"{path} is there already, and says something else")
        draft = path.with_name(f".{path.name}.part")
        write_through(draft, text)
        draft.rename(path)
        sync(self._folder)
        return confirmed(path.name)


def file_name(id_: str) -> str:
    """ "IP-42/configure/router/1" is IP-42.configure.router.1; no two ids have the same. Raises CannotDrive."""
    name = id_.replace("/", ".")
    if not _NAME.fullmatch(name):
        raise CannotDrive(f"{id_!r} can be no file's name")
    return name


def see_folder(folder: Path) -> None:
    """It is not made: a share that is not mounted must not be written beside. Raises CannotDrive."""
    if not folder.is_dir():
        raise CannotDrive(f"there is no folder {folder}: make it, or mend [targets] in config.toml")


def write_through(path: Path, text: bytes) -> None:
    """Down to the disk."""
    with path.open("wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def sync(folder: Path) -> None:
    """Make the rename itself last: it is told as confirmed next."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
