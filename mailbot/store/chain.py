"""The history's chain: what makes a line that was changed, left out or put in afterwards show.

Each entry's hash covers the one before it, so that a request's head stands for all of its history. Names and words
are covered by a salted commitment only: they can be erased (with their salt) and the chain still holds.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

ROOT = bytes(32)
"""What the first entry of a chain hangs on."""

HOUSE_HEAD = "head of the house's history"
"""The fact that holds the head of what happened about no request."""

SEALED = "sealed"
"""The action of the house's entry whose detail is a seal over all that was written before it."""

SALT_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What is computed for one entry."""

    salt: bytes
    commitment: bytes
    hash: bytes


def link(head: bytes, *, at: datetime, action: str, step: str | None, actor: str, detail: str) -> Link:
    """The next link behind `head`, with a fresh salt."""
    salt = os.urandom(SALT_BYTES)
    commitment = committed(salt, actor, detail)
    return Link(
        salt=salt,
        commitment=commitment,
        hash=hashed(head, at=at, action=action, step=step, commitment=commitment),
    )


def committed(salt: bytes, actor: str, detail: str) -> bytes:
    return sha256(b"\x00".join([salt, actor.encode(), detail.encode()])).digest()


def hashed(head: bytes, *, at: datetime, action: str, step: str | None, commitment: bytes) -> bytes:
    words = f"{int(at.timestamp())}\x00{action}\x00{step or ''}".encode()
    return sha256(head + words + commitment).digest()


def sealed(heads: Mapping[str | None, bytes]) -> bytes:
    """One hash over the heads of all chains (None: the house's): who kept it can tell whether anything was rewritten.

    A chain alone shows what was changed within it; whoever rewrites it from there on to its head leaves no trace but
    that the seals that went out by letter do not fit any more.
    """
    begun = sorted((reference or "", head) for reference, head in heads.items() if head != ROOT)
    return sha256(b"".join(reference.encode() + b"\x00" + head for reference, head in begun)).digest()
