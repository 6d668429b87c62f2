"""A subscriber that is a folder: a file a day, a line an event, for another program to follow."""

import os
from datetime import UTC, datetime
from pathlib import Path

from mailbot.config.subscribers import FileSubscriber
from mailbot.subscriber.base import Message, NotTaken


class FileSink:
    def __init__(self, to: FileSubscriber) -> None:
        self._folder = to.folder

    def deliver(self, message: Message, now: datetime) -> None:  # noqa: ARG002 (as the face has it)
        """The day is the event's own, so that one that is told again stands in the same file."""
        path = self._folder / f"events-{message.at.astimezone(UTC):%Y-%m-%d}.jsonl"
        try:
            self._see_folder()
            with path.open("ab") as file:
                # A line that was cut off by a crash is ended first: it is told again, whole.
                file.write((b"\n" if _is_cut(path) else b"") + message.body.strip() + b"\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise NotTaken(f"{path} cannot be written: {error.strerror}") from None

    def check(self) -> str:
        self._see_folder()
        if not os.access(self._folder, os.W_OK | os.X_OK):
            raise NotTaken(f"{self._folder}: not allowed to write there")
        return f"files in {self._folder}"

    def close(self) -> None:
        """It is closed after each event."""

    def _see_folder(self) -> None:
        """It is not made: a share that is not mounted must not be written beside."""
        if not self._folder.is_dir():
            raise NotTaken(f"there is no folder {self._folder}: make it, or mend [subscribers] in config.toml")


def _is_cut(path: Path) -> bool:
    with path.open("rb") as file:
        if not file.seek(0, os.SEEK_END):
            return False
        file.seek(-1, os.SEEK_END)
        return file.read(1) != b"\n"
