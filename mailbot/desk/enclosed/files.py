"""Files that people send along: on the disk before the commit that names them, and told with what was said."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from mailbot.mail.content import cleaned, type_of
from mailbot.process.request import Amend, Attachment, Comment, Deed, Reply, Unclear
from mailbot.store import Transaction
from mailbot.store.attachments import Files

File = tuple[str, bytes]
"""Name, as its sender wrote it, and content."""


def kept(tx: Transaction, files: Files, sent: Iterable[File], person: str) -> tuple[Attachment, ...]:
    """All of them, each once, as this person's. Those that no request names in the end are swept."""
    found = (
        Attachment(
            name=cleaned(name),
            size=len(content),
            type=type_of(content, name),
            digest=files.keep(tx, content),
            by=person,
        )
        for name, content in sent
    )
    return tuple(dict.fromkeys(found))


def said_with(deed: Deed, files: Sequence[Attachment], own: str, *, question: bool = False) -> Deed:
    """The deed of somebody who sends files along; with `own` empty they are all that he says, or answers a question."""
    match deed:
        case Unclear(faults=()) if files and not own.strip():
            return Reply(text=_told(files)) if question else Comment(text=_told(files))
        case Comment(text=text) | Reply(text=text) if files:
            return replace(deed, text=f"{text}\n\n{_told(files)}".strip())
        case Amend():
            return replace(deed, attachments=tuple(files))
        case _:
            return deed


def beside(deed: Deed, files: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    """Those that are no part of the deed itself."""
    return () if isinstance(deed, Amend) else files


def _told(files: Sequence[Attachment]) -> str:
    return f"Attached: {', '.join(map(str, files))}"
