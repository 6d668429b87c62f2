"""The way back from a target that is told by files: answer files, checked before anything in them is read (trap 45)."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from mailbot.config.targets import Answers
from mailbot.errors import MailbotError
from mailbot.process.request import NetworkState
from mailbot.target.base import Answer, CannotDrive, Unsound, confirmed, failed
from mailbot.target.file import see_folder
from mailbot.target.seal import ANSWERS, Sealed, unsealed

LARGEST = 16 * 1024 * 1024
DONE, REFUSED = "Done", "Refused"
"""Folders below, in which files are kept once they were looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """The last answer file of a target that was taken: its number, and the hash of its bytes."""

    number: int = 0
    digest: str = ""

    def __str__(self) -> str:
        return f"{self.number} {self.digest}"

    @classmethod
    def parse(cls, text: str | None) -> "Turn":
        number, _, digest = (text or "0").partition(" ")
        return cls(number=int(number), digest=digest)


class AnswerFolder:
    """Files are put there whole (under another name first); what begins with a dot is left alone."""

    def __init__(self, target: str, terms: Answers) -> None:
        self._target = target
        self._terms = terms
        self.within = terms.within

    @property
    def folder(self) -> Path:
        return self._terms.folder

    def check(self) -> str:
        """Raises CannotDrive."""
        see_folder(self.folder)
        self._identity()
        return str(self.folder)

    def waiting(self) -> list[Path]:
        """By their names, which is the order of their numbers where these have leading zeros; none, where there is no
        folder: a share that is not mounted brings no answers.
        """
        if not self.folder.is_dir():
            return []
        return sorted(path for path in self.folder.iterdir() if path.is_file() and not path.name.startswith("."))

    def read(self, path: Path, last: Turn) -> tuple[Turn, Mapping[str, Answer] | None]:
        """What the file answers, by the ids of network requests; None where it is the last one once more. Raises
        Unsound. In this order: signature, kind and target, number; only then it is decrypted and read.
        """
        if path.stat().st_size > LARGEST:
            raise Unsound(f"it is larger than {LARGEST} bytes")
        raw = path.read_bytes()
        sealed = unsealed(raw, signed_by=self._terms.signed_by)
        turn = Turn(number=sealed.number, digest=sha256(raw).hexdigest())
        if turn == last:
            return turn, None
        self._admit(sealed, last)
        return turn, _answers(sealed.content(self._identity()))

    def file(self, path: Path, folder: str) -> None:
        """Put it away, unless another bot has; what has the same name there already is kept beside it."""
        home = self.folder / folder
        home.mkdir(exist_ok=True)
        free = (home / f"{path.name}{f'.{n}' if n else ''}" for n in count())
        with suppress(FileNotFoundError):
            path.rename(next(name for name in free if not name.exists()))

    def _admit(self, sealed: Sealed, last: Turn) -> None:
        if (sealed.kind, sealed.target) != (ANSWERS, self._target):
            raise Unsound(f"it holds the {sealed.kind} of {sealed.target}, not the answers of {self._target}")
        if sealed.number <= last.number:
            raise Unsound(f"its number is {sealed.number}, which was taken before: {last.number} was the last one")
        if sealed.number > last.number + 1:
            raise Unsound(f"its number is {sealed.number}, and {last.number + 1} is missing")

    def _identity(self) -> str | None:
        """Raises CannotDrive."""
        try:
            return self._terms.decrypt.reveal() if self._terms.decrypt else None
        except MailbotError as error:
            raise CannotDrive(f"{error}: `mailbot targets keys {self._target}` makes one") from None


def _answers(content: bytes) -> dict[str, Answer]:
    """{"answers": [{"id": …, "state": "confirmed" | "failed", "detail": …}]}. Raises Unsound."""
    try:
        rows = json.loads(content)["answers"]
        found = {row["id"]: _answer(row) for row in rows}
    except (ValueError, KeyError, TypeError, RecursionError):
        found = None
    if found is None or len(found) != len(rows):
        raise Unsound(
            'it holds no answers: {"answers": [{"id": "…", "state": "confirmed" or "failed"}, …]}, each id once'
        )
    return found


def _answer(row: Mapping[str, Any]) -> Answer:
    """Raises ValueError, KeyError, TypeError."""
    if not isinstance(row["id"], str) or not isinstance(detail := row.get("detail", ""), str):
        raise TypeError
    match NetworkState(row["state"]):
        case NetworkState.CONFIRMED:
            return confirmed(detail)
        case NetworkState.FAILED:
            return failed(detail or "it says no more")
        case state:
            raise ValueError(state)
