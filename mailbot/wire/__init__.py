"""Calls to other people's systems by HTTP: guarded against reaching inside, and signed. Knows nothing of requests."""

from mailbot.wire.certificate import NoCertificate, expires
from mailbot.wire.client import Client, Cut, NotAllowed, NotReached, Reply, WireError
from mailbot.wire.reach import Reach, literal
from mailbot.wire.signature import new_secret, secret_key, signed, verified

__all__ = [
    "Client",
    "Cut",
    "NoCertificate",
    "NotAllowed",
    "NotReached",
    "Reach",
    "Reply",
    "WireError",
    "expires",
    "literal",
    "new_secret",
    "secret_key",
    "signed",
    "verified",
]
