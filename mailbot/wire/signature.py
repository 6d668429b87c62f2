"""Signatures of calls, by Standard Webhooks 1.0 (standardwebhooks.com): symmetric, with the moment of sending. Pure."""

import base64
import binascii
import hmac
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

PREFIX = "whsec_"
SHORTEST, LONGEST = 24, 64
"""Bytes of a key."""
TOLERANCE = timedelta(minutes=5)
"""A call that is older, or comes from further in the future, is taken for a replay."""


def new_secret() -> str:
    """A key as it is written: "whsec_…"."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def secret_key(text: str) -> bytes:
    """The key that is written so. ValueError in words, which show nothing of it."""
    try:
        key = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not text.startswith(PREFIX) or not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(f'a webhook\'s secret is "{PREFIX}" and {SHORTEST} to {LONGEST} bytes in base64')
    return key


def signed(id_: str, at: datetime, body: bytes, keys: Sequence[bytes]) -> dict[str, str]:
    """The three headers of a call; a signature for each key, so that the other side can change over in its own time."""
    moment = str(int(at.timestamp()))
    signatures = " ".join(f"v1,{_signature(id_, moment, body, key)}" for key in keys)
    return {"webhook-id": id_, "webhook-timestamp": moment, "webhook-signature": signatures}


def verified(headers: Mapping[str, str], body: bytes, keys: Sequence[bytes], now: datetime) -> bool:
    """Whether one of the keys has signed exactly this, not long ago. Names of headers are in small letters."""
    id_, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not id_ or not moment.isdecimal() or not moment.isascii():
        return False
    if abs(int(moment) - now.timestamp()) > TOLERANCE.total_seconds():
        return False
    given = headers.get("webhook-signature", "").split(" ")
    wanted = [f"v1,{_signature(id_, moment, body, key)}" for key in keys]
    return any(hmac.compare_digest(one.encode(), other.encode()) for one in given for other in wanted)


def _signature(id_: str, moment: str, body: bytes, key: bytes) -> str:
    text = f"{id_}.{moment}.".encode() + body
    return base64.b64encode(hmac.digest(key, text, "sha256")).decode()
