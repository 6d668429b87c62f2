"""Who is logged in: cookies that we have signed, and the word that shows a form to be ours (CSRF)."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from itsdangerous import BadSignature, URLSafeSerializer

LIFE = timedelta(hours=12)
"""So long somebody stays logged in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """`key` is of this log-in alone; "" where a proxy says who is there."""

    person: str
    key: str = ""


class Sessions:
    """`keys` are secrets, newest last; what older ones have signed still holds."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(keys)
        self._signer = URLSafeSerializer(
            list(keys), salt=b"mailbot.session", signer_kwargs={"key_derivation": "hmac", "digest_method": sha256}
        )

    def cookie(self, person: str, now: datetime) -> str:
        """What a browser keeps that has just been logged in."""
        return str(self._signer.dumps([person, int(now.timestamp()), secrets.token_urlsafe(16)]))

    def read(self, cookie: str, now: datetime) -> Session | None:
        """None for what is none of ours, or too old. Never raises."""
        try:
            person, begun, key = self._signer.loads(cookie)
            since = datetime.fromtimestamp(begun, UTC)
        except (BadSignature, ValueError, TypeError, OverflowError):
            return None
        return Session(person=str(person), key=str(key)) if since <= now < since + LIFE else None

    def word(self, session: Session) -> str:
        """Stands in every form that is shown in this session, and nobody else can know it."""
        return self._word(self._keys[-1], session)

    def is_word(self, text: str, session: Session) -> bool:
        return any(hmac.compare_digest(self._word(key, session).encode(), text.encode()) for key in self._keys)

    @staticmethod
    def _word(key: bytes, session: Session) -> str:
        said = f"mailbot.form\0{session.person}\0{session.key}".encode()
        return hmac.new(key, said, sha256).hexdigest()[:40]
