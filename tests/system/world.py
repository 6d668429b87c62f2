"""What a bot has left behind, without the times: two lives that came to the same end have the same world."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlalchemy import Connection, select
from system.office import Letter, Office

from mailbot.config import load
from mailbot.mail.mailbox import Folder
from mailbot.store import Store, chain, space, tables, views
from mailbot.store.base import Instant, metadata
from mailbot.store.space import tables as space_tables

assert tables
assert space_tables

TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)|\d\d:\d\d(?= UTC)|\bP(\d+D)?T[\dHMS]+\b")
MARK = re.compile(r"(?<=[a-z2-7]{16}\.)[a-z2-7]{8}(?=@)")
"""In a Message-ID, what tells one letter of a token from the next: it hangs on the time."""
INBOX_NUMBER = re.compile(r"(?<=mail )\d+(?=\))|(?<=told up to, value=)\d+|(?<=subject=\[)[\d, ]+(?=\])")
"""Of held mail, as admins are told it. PostgreSQL leaves gaps."""
TOKEN = re.compile(r"[a-z2-7]{12}\.[a-z2-7]{16}")
"""In letters to admins: it hangs on the numbers of the mail that they list."""

# Tables that are not about the work; columns that are random, hold times, or tell how often it was tried; and
# numbers, between which PostgreSQL leaves gaps.
PASSING = {"alembic_version", "owner"}
VOLATILE = {"salt", "commitment", "hash", "head", "raw", "owner", "claim", "attempts", "seconds"}
NUMBERS = {"id", "inbox_id", "request_id"}

World = dict[str, list[str]]


def world(office: Office) -> World:
    """All that is kept, filed and sent, as sorted lines of text by where it stands."""
    store = Store(load(office.config).database_url())
    with store.reading() as conn:
        kept = {name: sorted(_rows(conn, name)) for name in metadata.tables if name not in PASSING}
        faults = [*map(str, space.check(conn)), *views.broken_chains(conn)]
    store.close()
    filed = {f"mail in {name or 'the inbox'}": _digests(office, name) for name in ("", *Folder)}
    return {**kept, **filed, "faults": faults, "letters": sorted(map(_told, sent_once(office)))}


def difference(one: World, other: World) -> list[str]:
    """What only one of them has, in lines for people."""
    lines = []
    for place in one:
        mine, others = Counter(one[place]), Counter(other[place])
        lines += [f"{place}: only there: {line}" for line in (mine - others).elements()]
        lines += [f"{place}: only here: {line}" for line in (others - mine).elements()]
    return lines


def sent_once(office: Office) -> list[Letter]:
    """The letters that left, each once; the same Message-ID means the same bytes."""
    once = {letter.raw: letter for letter in office.letters()}
    ids = Counter(letter.header("Message-ID") for letter in once.values())
    assert [id_ for id_, number in ids.items() if number > 1] == [], "one Message-ID stands for different letters"
    return list(once.values())


def sent_again(office: Office) -> int:
    """How many letters left more than once."""
    return len(office.letters()) - len(sent_once(office))


def _rows(conn: Connection, name: str) -> Iterator[str]:
    table = metadata.tables[name]
    columns = [c for c in table.c if not isinstance(c.type, Instant) and c.name not in VOLATILE | NUMBERS]
    for row in conn.execute(select(*columns)).mappings():
        if chain.HOUSE_HEAD in row.values():
            continue  # `broken_chains` has looked at it
        yield _timeless(", ".join(f"{key}={_plain(value)}" for key, value in row.items()))


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


def _timeless(text: str) -> str:
    plain = INBOX_NUMBER.sub("…", MARK.sub("…", TIME.sub("…", text)))
    return TOKEN.sub("…", plain) if "kind=alert" in plain or plain.startswith("alert to ") else plain


@cache
def _told(letter: Letter) -> str:
    head = f"{letter.kind} to {letter.to}, {letter.reference} {letter.step}: {letter.header('Subject')}"
    return _timeless(f"{head}\n{letter.text}")


def _digests(office: Office, folder: str) -> list[str]:
    mails = (_timeless(raw.decode("latin-1")).encode() for raw in office.folder(folder))
    return sorted(hashlib.sha256(raw).hexdigest()[:12] for raw in mails)
