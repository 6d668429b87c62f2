"""A Maildir as mailbox: the embedded one, and any that a mail server delivers into (Maildir++)."""

import os
import stat
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import structlog

from mailbot.mail.account import Unreachable
from mailbot.mail.mailbox.base import BEGINNING, LARGEST, Folder, Waiting, batches

POLL = 0.2  # seconds between two looks; one costs some 40 µs

log = structlog.get_logger(__name__)


class MaildirMailbox:
    """Mail in new/ and cur/ waits; a handle is the mail's path inside the Maildir.

    Flags mean nothing (trap 15); a rename is the only change, so any number of bots may share it.
    """

    def __init__(self, path: Path, *, largest: int = LARGEST) -> None:
        self._path = path
        self._largest = largest
        self._listed: set[str] = set()

    def waiting(self, *, folder: Folder | None = None) -> Iterator[list[Waiting]]:
        root = self._make(folder)
        found = sorted(self._entries(root))
        if folder is None:
            self._listed = {name for _, name, _, _ in found}
        for batch in batches((handle, min(size, self._largest)) for _, _, handle, size in found):
            mails = [mail for handle in batch if (mail := self._read(handle))]
            if mails:
                yield mails

    def file(self, handles: Iterable[str], folder: Folder) -> None:
        cur = self._make(folder) / "cur"
        for handle in handles:
            try:
                self._move(self._path / handle, cur)
            except OSError as error:
                raise self._trouble(error) from error

    def remove(self, handles: Iterable[str]) -> None:
        for handle in handles:
            self._delete(self._path / handle)

    def clear(self, folder: Folder, before: datetime) -> int:
        end = before.timestamp() * 1e9
        old = [handle for mtime, _, handle, _ in self._entries(self._make(folder)) if mtime < end]
        self.remove(old)
        return len(old)

    def wait(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not self._arrived():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            time.sleep(min(POLL, left))
        return True

    def check(self) -> list[str]:
        """As the protocol says; makes the directories that are missing."""
        roots = [self._make(None), *(self._make(folder) for folder in Folder)]
        for directory in (root / name for root in roots for name in ("new", "cur")):
            if not os.access(directory, os.R_OK | os.W_OK | os.X_OK):
                raise Unreachable(f"{directory}: not allowed to read and write there", lasting=True)
        waiting = sum(1 for _ in self._entries(self._path))
        folders = ", ".join(f".{folder}" for folder in Folder)
        return [f"{self._path}: a Maildir; mail that waits: {waiting}", f"its folders: {folders}"]

    def close(self) -> None:
        """Nothing is held open."""

    def _make(self, folder: Folder | None) -> Path:
        """The root of a folder (None: the inbox), with its three directories, made when missing."""
        root = self._path if folder is None else self._path / f".{folder}"
        try:
            for name in ("tmp", "new", "cur"):
                (root / name).mkdir(mode=0o700, parents=True, exist_ok=True)
            if folder is not None:
                (root / "maildirfolder").touch()  # by this file Maildir++ knows a folder
        except OSError as error:
            raise self._trouble(error) from error
        return root

    def _entries(self, root: Path) -> Iterator[tuple[int, str, str, int]]:
        """(mtime, name, handle, bytes) of each mail: sorted, they stand in order of arrival."""
        for directory in (root / "new", root / "cur"):
            prefix = directory.relative_to(self._path)
            for entry in self._scan(directory):
                with suppress(OSError):  # another bot was quicker, or a link leads nowhere
                    found = entry.stat()
                    if stat.S_ISREG(found.st_mode):
                        handle = f"{prefix}/{entry.name}"
                        yield found.st_mtime_ns, _key(entry.name), handle, found.st_size

    def _scan(self, directory: Path) -> Iterator[os.DirEntry[str]]:
        try:
            with os.scandir(directory) as entries:
                yield from (entry for entry in entries if not entry.name.startswith("."))
        except FileNotFoundError:
            return
        except OSError as error:
            raise self._trouble(error) from error

    def _read(self, handle: str) -> Waiting | None:
        try:
            with (self._path / handle).open("rb") as file:
                large = os.fstat(file.fileno()).st_size > self._largest
                raw = file.read(min(self._largest, BEGINNING) if large else -1)
        except FileNotFoundError:
            return None  # another bot was quicker, or a mail program set a flag: next time
        except OSError as error:
            # One bad mail never stops the queue (trap 28).
            log.warning("mail cannot be read", path=str(self._path / handle), reason=str(error))
            return None
        return Waiting(handle=handle, raw=raw, truncated=large)

    def _move(self, source: Path, cur: Path) -> None:
        """One rename, so that no crash and no other bot can leave two copies or none."""
        base = _key(source.name)
        target = cur / f"{base}:2,S"
        try:
            if target.exists() and not target.samefile(source):
                # Somebody uses names twice; a rename would overwrite the earlier mail.
                target = cur / f"{source.stat().st_ino}.{base}:2,S"
            source.rename(target)
        except FileNotFoundError:
            renamed = None if target.exists() else self._find(source.parent.parent, base)
            if renamed is not None:
                with suppress(FileNotFoundError):
                    renamed.rename(target)

    def _find(self, root: Path, base: str) -> Path | None:
        """Where a mail went that no longer has its name: flags are part of it."""
        for directory in (root / "cur", root / "new"):
            for entry in self._scan(directory):
                if _key(entry.name) == base:
                    return Path(entry.path)
        return None

    def _delete(self, path: Path) -> None:
        try:
            path.unlink()
        except FileNotFoundError:
            renamed = self._find(path.parent.parent, _key(path.name))
            if renamed is not None:
                renamed.unlink(missing_ok=True)
        except OSError as error:
            raise self._trouble(error) from error

    def _arrived(self) -> bool:
        """By names, not by the directories' times: these are too coarse for mail in bursts."""
        try:
            return any(name not in self._listed for _, name, _, _ in self._entries(self._path))
        except Unreachable:
            return False

    def _trouble(self, error: OSError) -> Unreachable:
        return Unreachable(
            f"The Maildir {self._path} cannot be used: {error.filename}: {error.strerror}.",
            lasting=isinstance(error, PermissionError | NotADirectoryError),
        )


def _key(name: str) -> str:
    """What stays of a mail's name when flags change."""
    return name.partition(":")[0]
