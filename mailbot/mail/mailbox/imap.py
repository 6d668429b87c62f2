"""A folder on an IMAP server as mailbox, with whatever extensions of the protocol are there."""

import contextlib
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

import structlog
from imapclient import DELETED, IMAPClient
from imapclient.exceptions import IMAPClientError

from mailbot.mail.account import Account
from mailbot.mail.mailbox.base import BATCH_MAILS, BEGINNING, LARGEST, Folder, Waiting, batches
from mailbot.mail.mailbox.session import BROKEN, Session

# So many in one answer to SEARCH: imaplib takes no line of over a million bytes.
SEARCHED = 50_000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """A folder as it was when it was listed; None is the inbox."""

    folder: Folder | None
    validity: int

    def handle(self, uid: int) -> str:
        return f"{self.folder or ''}:{self.validity}:{uid}"


class ImapMailbox:
    """Mail in the url's folder waits; a handle is FOLDER:UIDVALIDITY:UID. Flags mean nothing."""

    def __init__(self, account: Account, *, largest: int = LARGEST) -> None:
        self._session = Session(account)
        self._largest = largest
        self._inbox = self._session.where.folder or "INBOX"
        self._names: dict[Folder, str] = {}
        self._listed: tuple[int, int] | None = None

    # -- the face

    def waiting(self, *, folder: Folder | None = None) -> Iterator[list[Waiting]]:
        view, uids = self._session.run(partial(self._list, folder))
        for some in _chunks(uids):
            sizes = self._session.run(partial(self._sizes, view, some))
            for batch in batches((uid, min(size, self._largest)) for uid, size in sizes.items()):
                large = [uid for uid in batch if sizes[uid] > self._largest]
                mails = self._session.run(partial(self._fetch, view, batch, large))
                if mails:
                    yield mails

    def file(self, handles: Iterable[str], folder: Folder) -> None:
        for view, uids in _views(handles).items():
            for some in _chunks(uids):
                self._session.run(partial(self._move, view, some, folder))

    def remove(self, handles: Iterable[str]) -> None:
        for view, uids in _views(handles).items():
            for some in _chunks(uids):
                self._session.run(partial(self._delete, view, some))

    def clear(self, folder: Folder, before: datetime) -> int:
        view, uids = self._session.run(partial(self._older, folder, before.date()))
        self.remove(map(view.handle, uids))
        return len(uids)

    def wait(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while not self._arrived():
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            self._session.listen(left)
        return True

    def check(self) -> list[str]:
        return self._session.run(self._check)

    def close(self) -> None:
        self._session.close()

    # -- reading

    def _list(self, folder: Folder | None, client: IMAPClient) -> tuple[_View, list[int]]:
        found = self._session.reselect(client, self._name(folder, client))
        if folder is None:
            self._listed = _state(found)
        uids: set[int] = set()
        exists = found[b"EXISTS"]
        for first in range(1, exists + 1, SEARCHED):
            last = first + SEARCHED - 1
            uids.update(client.search(f"{first}:{last if last < exists else '*'}"))
        return _View(folder=folder, validity=found[b"UIDVALIDITY"]), sorted(uids)

    def _sizes(self, view: _View, uids: list[int], client: IMAPClient) -> dict[int, int]:
        """The bytes of each mail that is still there."""
        if not self._current(view, client):
            return {}
        found = client.fetch(uids, ["RFC822.SIZE"])
        return {uid: items[b"RFC822.SIZE"] for uid, items in found.items() if b"RFC822.SIZE" in items}

    def _fetch(self, view: _View, uids: list[int], large: list[int], client: IMAPClient) -> list[Waiting]:
        if not self._current(view, client):
            return []
        beginning = min(self._largest, BEGINNING)
        whole = _bodies(client, [uid for uid in uids if uid not in large])
        begun = _bodies(client, large, f"<0.{beginning}>")
        return [
            Waiting(handle=view.handle(uid), raw=raw, truncated=uid in large)
            for uid, raw in sorted((whole | begun).items())
        ]

    def _current(self, view: _View, client: IMAPClient) -> bool:
        """Whether uids of that view still mean the same mails; else they are read again later."""
        return self._session.select(client, self._name(view.folder, client)) == view.validity

    def _arrived(self) -> bool:
        if self._session.listening or self._session.resting:
            return False
        found = self._session.glance(partial(self._session.reselect, folder=self._inbox))
        # A lost connection may hide mail: `waiting` makes another.
        return found is None or _state(found) != self._listed

    # -- moving

    def _move(self, view: _View, uids: list[int], folder: Folder, client: IMAPClient) -> None:
        if not self._current(view, client):
            log.info("mail has new uids and stays to be read again", folder=view.folder or "inbox")
            return
        try:
            _move(client, uids, self._name(folder, client))
        except BROKEN:
            raise
        except IMAPClientError:  # somebody may have deleted the folder: make it again
            self._names.clear()
            _move(client, uids, self._name(folder, client))

    def _older(self, folder: Folder, day: date, client: IMAPClient) -> tuple[_View, list[int]]:
        found = self._session.reselect(client, self._name(folder, client))
        uids = client.search(["BEFORE", day]) if found[b"EXISTS"] else []
        return _View(folder=folder, validity=found[b"UIDVALIDITY"]), sorted(uids)

    def _delete(self, view: _View, uids: list[int], client: IMAPClient) -> None:
        if self._current(view, client):
            _remove(client, uids)

    def _name(self, folder: Folder | None, client: IMAPClient) -> str:
        """The server's name of a folder, which is made when missing."""
        if folder is None:
            return self._inbox
        if folder not in self._names:
            name = _prefix(client) + folder
            if not client.folder_exists(name):
                _create(client, name)
            self._names[folder] = name
        return self._names[folder]

    # -- checking

    def _check(self, client: IMAPClient) -> list[str]:
        found = self._session.reselect(client, self._inbox)
        names = ", ".join(self._name(folder, client) for folder in Folder)
        told = "as it arrives (IDLE)" if client.has_capability("IDLE") else "by asking (no IDLE)"
        moved = "in one step (MOVE)" if client.has_capability("MOVE") else "by copy (no MOVE)"
        return [
            f"{self._session.where}: connected and logged in",
            f"{self._inbox}: mail that waits: {found[b'EXISTS']}",
            f"its folders: {names}",
            f"new mail is seen {told}, and moved {moved}",
        ]


def _views(handles: Iterable[str]) -> dict[_View, list[int]]:
    """The uids by where they were listed."""
    found: dict[_View, list[int]] = defaultdict(list)
    for handle in handles:
        name, validity, uid = handle.split(":")
        source = Folder(name) if name else None
        found[_View(folder=source, validity=int(validity))].append(int(uid))
    return found


def _chunks(uids: list[int]) -> Iterator[list[int]]:
    for first in range(0, len(uids), BATCH_MAILS):
        yield uids[first : first + BATCH_MAILS]


def _state(selected: dict[bytes, int]) -> tuple[int, int]:
    """What changes when mail arrives; old servers give no UIDNEXT."""
    return selected[b"UIDVALIDITY"], selected.get(b"UIDNEXT") or selected[b"EXISTS"]


def _bodies(client: IMAPClient, uids: list[int], part: str = "") -> dict[int, bytes]:
    """The bytes of those mails that are still there; PEEK, so that no flag changes."""
    try:
        found = client.fetch(uids, [f"BODY.PEEK[]{part}"])
    except BROKEN:
        raise
    except IMAPClientError as error:
        # One bad mail never stops the queue (trap 28); Exchange refuses all for one it cannot read.
        if len(uids) > 1:
            return {k: v for uid in uids for k, v in _bodies(client, [uid], part).items()}
        log.warning("the server cannot give a mail", uid=uids[0], reason=str(error))
        return {}
    key = b"BODY[]<0>" if part else b"BODY[]"
    return {uid: items[key] for uid, items in found.items() if items.get(key) is not None}


def _prefix(client: IMAPClient) -> str:
    """What personal folders begin with: "" or, with Courier and Cyrus, "INBOX."."""
    if not client.has_capability("NAMESPACE"):
        return ""
    personal = client.namespace().personal
    return str(personal[0][0]) if personal else ""


def _create(client: IMAPClient, name: str) -> None:
    try:
        client.create_folder(name)
    except IMAPClientError:
        if not client.folder_exists(name):  # else another bot was quicker
            raise
    with contextlib.suppress(IMAPClientError):  # so that people see it; some servers have none
        client.subscribe_folder(name)


def _move(client: IMAPClient, uids: list[int], target: str) -> None:
    if client.has_capability("MOVE"):
        client.move(uids, target)
    else:
        client.copy(uids, target)
        _remove(client, uids)


def _remove(client: IMAPClient, uids: list[int]) -> None:
    """Take this mail out of the folder, and no other."""
    client.delete_messages(uids, silent=True)
    if client.has_capability("UIDPLUS"):
        client.uid_expunge(uids)
        return
    # EXPUNGE alone takes all that anybody marked. Marks mean nothing to us, mail does (trap 15).
    others = sorted(set(client.search("DELETED")) - set(uids))
    if others:
        client.remove_flags(others, DELETED, silent=True)
    client.expunge()
