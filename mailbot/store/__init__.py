"""The store: everything that is kept, and the only room that knows SQL."""

from sqlalchemy import Connection

from mailbot.store.driving import Sent
from mailbot.store.engine import StoreUnreachable
from mailbot.store.sending import Claimed
from mailbot.store.store import Store
from mailbot.store.transaction import Transaction
from mailbot.store.values import (
    BORDER_SEEN,
    LETTERS_COUNT_SINCE,
    PASSES_THE_BRAKE,
    PAUSED,
    Posted,
    Stored,
    TokenRow,
    Waiting,
    waiting_of,
)

__all__ = [
    "BORDER_SEEN",
    "LETTERS_COUNT_SINCE",
    "PASSES_THE_BRAKE",
    "PAUSED",
    "Claimed",
    "Connection",
    "Posted",
    "Sent",
    "Store",
    "StoreUnreachable",
    "Stored",
    "TokenRow",
    "Transaction",
    "Waiting",
    "waiting_of",
]
