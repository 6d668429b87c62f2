"""What is kept of people, how long, and how it goes: bytes of mail first, then words and names, at last holders.

Nothing of the trace is taken out: entries stay in their chain with what happened and when, and lose who and what was
said (their salt with it), so that `history --verify` still proves what is left.
"""

from mailbot.store.privacy.export import Export, about
from mailbot.store.privacy.forgetting import Erasure, erase, forget_holders, forget_mail, forget_people
from mailbot.store.privacy.holds import LegalHold, holds, put_hold, release_hold
from mailbot.store.privacy.words import ERASED

__all__ = [
    "ERASED",
    "Erasure",
    "Export",
    "LegalHold",
    "about",
    "erase",
    "forget_holders",
    "forget_mail",
    "forget_people",
    "holds",
    "put_hold",
    "release_hold",
]
