"""How what we hold is written in NetBox: its status, and a mark by which it is known as ours."""

import re

from mailbot.mail.letter import line
from mailbot.store.space import Allocation, State

STATUS = {State.RESERVED: "reserved", State.ALLOCATED: "active", State.QUARANTINED: "deprecated"}
LONGEST = 200
"""Characters of a description in NetBox."""
_MARK = re.compile(r"\s*\[mailbot [^\[\]]*\]")


def mark(held: Allocation, key: str) -> str:
    """Who holds it, and our key for it: "[mailbot IP-42/allocate 5f0c9a3b12de]"."""
    made_by = "/".join(filter(None, (held.reference, held.step)))
    return f"[{' '.join(filter(None, ('mailbot', made_by, key)))}]"


def bears(description: str, key: str) -> bool:
    """Whether we have made what is described so."""
    return any(found[0].endswith(f" {key}]") for found in _MARK.finditer(description))


def is_marked(description: str) -> bool:
    """Whether it was made by some mailbot."""
    return _MARK.search(description) is not None


def description(held: Allocation, key: str, before: str = "") -> str:
    """What people have written there, else what it is for; and the mark, which is never cut."""
    own = mark(held, key)
    words = _MARK.sub("", before) or line(held.description or held.customer or held.holder or "")
    return f"{words[: LONGEST - len(own) - 1]} {own}".strip()
