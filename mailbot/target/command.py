"""A target that is a program of the operator's own: JSON on its standard input, exit 0 confirms."""

import json
import os
import shutil
from datetime import datetime
from pathlib import Path

from mailbot.config.targets import CommandTarget
from mailbot.mail.letter import PlainTemplates, Unfit
from mailbot.process.request import Drive
from mailbot.target.base import KNOWN, Answer, CannotDrive, cannot, confirmed, failed, unknown
from mailbot.target.child import Ended, run

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
ENVIRONMENT = {"PATH": PATH, "LANG": "C.UTF-8", "TZ": "UTC"}
"""All of it: a child must not inherit our secrets (trap 44)."""


class CommandDriver:
    """No shell, and no value of a request on the command line. Relative paths are relative to the configuration."""

    mailbox: str | None = None

    def __init__(self, target: CommandTarget, home: Path, templates: PlainTemplates) -> None:
        self._words = target.command
        self._template = target.template
        self._templates = templates
        self._home = home
        self._seconds = target.timeout.elapsed.total_seconds()

    def drive(self, request: Drive, since: datetime) -> Answer:  # noqa: ARG002 (as the face has it)
        try:
            given, program = self._text(request), self._program()
            ended = run([program, *self._words[1:]], given, env=ENVIRONMENT, folder=self._home, seconds=self._seconds)
        except (CannotDrive, Unfit) as error:
            return cannot(error)
        except OSError as error:
            return failed(f"{self._words[0]} cannot be run: {error.strerror}")
        return self._answer(ended)

    def check(self) -> str:
        if self._template is not None:
            self._templates.check(self._template, KNOWN)
        return f"{self._program()}, for up to {self._seconds:.0f} s"

    def _text(self, request: Drive) -> bytes:
        if self._template is None:
            return json.dumps(request.body, ensure_ascii=False).encode()
        return self._templates.render(self._template, {**request.body, "body": request.body}).encode()

    def _program(self) -> str:
        name = self._words[0]
        if "/" not in name:
            if found := shutil.which(name, path=PATH):
                return found
            raise CannotDrive(f"there is no program {name} in {PATH}")
        path = self._home / name
        if not path.is_file():
            raise CannotDrive(f"there is no program {path}")
        if not os.access(path, os.X_OK):
            raise CannotDrive(f"{path} cannot be executed: chmod +x makes it a program")
        return str(path)

    def _answer(self, ended: Ended) -> Answer:
        """A program that was ended by force, whoever did it, has not said what it had done until then."""
        said = ended.err.strip() or ended.out.strip()
        if ended.timed_out:
            return unknown(f"no answer within {self._seconds:.0f} s, so it was ended. {said}")
        if ended.code < 0:
            return unknown(f"it was ended by signal {-ended.code}. {said}")
        if ended.code == 0:
            return confirmed(ended.out)
        return failed(said or f"it ended with exit code {ended.code} and said nothing")
