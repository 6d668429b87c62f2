"""Secrets that stand elsewhere: "env:NAME" or "file:path" in the file, the secret itself never."""

import os
import tempfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self

from mailbot.errors import MailbotError

HOW = 'write "env:NAME" or "file:path", and keep it there'


class Source(StrEnum):
    ENV = "env"
    FILE = "file"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class SecretRef:
    """Where a secret is found; it is read when asked for, and never shown."""

    source: Source
    name: str

    @classmethod
    def parse(cls, text: str, home: Path = Path()) -> Self:
        """Read "env:NAME" or "file:path" (relative to `home`); else ValueError, which shows nothing of it."""
        source, colon, name = text.partition(":")
        if not colon or source not in (Source.ENV, Source.FILE):
            raise ValueError(f"a secret does not stand in this file: {HOW}")
        if not name or "\0" in name or (source == Source.ENV and "=" in name):
            what = "variable of the environment" if source == Source.ENV else "file"
            raise ValueError(f'"{source}:" must be followed by the name of a {what}')
        return cls(source=Source(source), name=str(home / name) if source == Source.FILE else name)

    @classmethod
    def or_plain(cls, text: str, home: Path = Path()) -> Self:
        """For what is no secret but may be kept with one, as a user's name."""
        if text.partition(":")[0] in (Source.ENV, Source.FILE):
            return cls.parse(text, home)
        if not text.strip():
            raise ValueError("this must not be empty")
        return cls(source=Source.PLAIN, name=text)

    def reveal(self) -> str:
        """The secret, less blanks and line ends around it; MailbotError, in words, where there is none."""
        match self.source:
            case Source.ENV:
                value, where = os.environ.get(self.name), f"the variable {self.name} of the environment"
            case Source.FILE:
                value, where = self._read(), f"the file {self.name}"
            case Source.PLAIN:
                value, where = self.name, "the text"
        if value is None:
            raise MailbotError(f"a secret is missing: {where} is not set")
        if not value.strip():
            raise MailbotError(f"a secret is missing: {where} is empty")
        return value.strip()

    def store(self, value: str) -> None:
        """Put a new value in place of the old one, as token servers hand out; readable by its owner alone."""
        if self.source is not Source.FILE:
            raise MailbotError(f'a secret that changes must be kept in a file: write "file:path" for {self}')
        path = Path(self.name)
        try:
            # Under another name first: a crash leaves the old one or the new one. mkstemp makes it mode 600.
            number, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
            with open(number, "w", encoding="utf-8") as file:  # noqa: PTH123 (a descriptor)
                file.write(f"{value}\n")
                file.flush()
                os.fsync(number)
            Path(draft).replace(path)
        except OSError as error:
            raise MailbotError(f"a new secret cannot be kept in {path}: {error.strerror}") from None

    def _read(self) -> str:
        try:
            return Path(self.name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
            raise MailbotError(f"a secret is missing: the file {self.name} cannot be read: {why}") from None

    def __repr__(self) -> str:
        return f"SecretRef({self})"

    def __str__(self) -> str:
        return self.source if self.source is Source.PLAIN else f"{self.source}:{self.name}"
