"""Files that came with requests: their bytes on disk, named by what they hold; who sent what, in a table."""

import os
import tempfile
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select

from mailbot.process.request import Attachment, Kept, Request
from mailbot.store import tables
from mailbot.store.transaction import Transaction

_kept, _request = tables.attachment.c, tables.request.c

LOCK = "attachments"
"""Held by who writes files, until his commit names them, and by who takes out those that nothing names."""


@dataclass(frozen=True, slots=True)
class Files:
    """A folder of our own: in each of its folders, named by two digits, the files whose names begin so."""

    folder: Path

    def keep(self, tx: Transaction, content: bytes) -> str:
        """Have it lie on the disk, before the commit that names it; its SHA-256, in hex."""
        tx.hold(LOCK)
        digest = sha256(content).hexdigest()
        path = self.path(digest)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _written(path, content)
        return digest

    def path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def read(self, digest: str) -> bytes | None:
        """None where it lies there no more, or not as it was."""
        try:
            content = self.path(digest).read_bytes()
        except FileNotFoundError:
            return None
        return content if sha256(content).hexdigest() == digest else None

    def sweep(self, tx: Transaction) -> int:
        """Delete what nothing names; how many files those were."""
        tx.hold(LOCK)
        named = set(tx.conn.scalars(select(_kept.digest).distinct()))
        unnamed = [path for path in self._all() if path.name not in named]
        for path in unnamed:
            path.unlink(missing_ok=True)
        return len(unnamed)

    def _all(self) -> Iterator[Path]:
        """Drafts of who died while he wrote, too: nobody writes now."""
        return (path for path in self.folder.glob("??/*") if path.is_file())

    @property
    def is_used(self) -> bool:
        return any(self._all())


def _written(path: Path, content: bytes) -> None:
    """Whole and on the disk before it has its name (mode 600, as mkstemp makes it), and its name too."""
    number, draft = tempfile.mkstemp(dir=path.parent, prefix=".")
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)  # noqa: PTH105 (a name, not a path)
    except BaseException:
        os.unlink(draft)  # noqa: PTH108
        raise
    for folder in (path.parent, path.parent.parent):
        _synced(folder)


def _synced(folder: Path) -> None:
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


# -- the table ---------------------------------------------------------------------------------------------------------


def note(conn: Connection, request_id: int, new: Sequence[Attachment], now: datetime, inbox: int | None) -> None:
    """Write down what has come with a request: each content once, under the name that it came by first."""
    known = set(conn.scalars(select(_kept.digest).where(_kept.request_id == request_id)))
    rows = {
        one.digest: {
            "request_id": request_id,
            "name": one.name,
            "size": one.size,
            "type": one.type,
            "digest": one.digest,
            "who": one.by,
            "at": now,
            "inbox_id": inbox,
        }
        for one in reversed(new)
        if one.digest not in known
    }
    if rows:
        conn.execute(insert(tables.attachment), list(reversed(rows.values())))


def of_request(conn: Connection, reference: str) -> list[Kept]:
    """In the order in which they came."""
    found = _all().where(_request.reference == reference).order_by(_kept.id)
    return [Kept(**row) for row in conn.execute(found).mappings()]


def with_it(conn: Connection, request: Request) -> list[Kept]:
    """What had come with a request when it stood so; nothing is asked where nothing had."""
    named = {one.digest for one in request.attachments}
    return [one for one in of_request(conn, request.reference) if one.digest in named] if named else []


def of_people(conn: Connection, names: Collection[str]) -> list[Kept]:
    """What they sent, and all that came with their own requests."""
    found = _all().where(_kept.who.in_(names) | _request.requester.in_(names)).order_by(_kept.id)
    return [Kept(**row) for row in conn.execute(found).mappings()]


def drop(conn: Connection, request_id: int, names: Collection[str] | None = None) -> None:
    """Take a request's files, or those that came from these people, out of the table: a sweep deletes them."""
    of_it = _kept.request_id == request_id
    conn.execute(delete(tables.attachment).where(of_it if names is None else of_it & _kept.who.in_(names)))


def _all() -> Select[Any]:
    columns = [_kept[name] for name in Kept.__slots__]
    return select(*columns).join_from(tables.attachment, tables.request, _kept.request_id == _request.id)
