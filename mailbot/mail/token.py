"""Tokens: what lets a reply say which person, step and content it is about; the only room that knows itsdangerous."""

import base64
import hmac
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from itsdangerous import BadSignature, Signer

ID_LENGTH = 12
"""60 bits: no two of a million tokens share an id by chance (1 in 2 million)."""
MAC_LENGTH = 16
"""80 bits."""
LENGTH = ID_LENGTH + 1 + MAC_LENGTH

# Looked for at its dot, so that any text is searched in linear time (trap 24), and without a word boundary:
# programs write "%2Btoken", and what is no token fails its MAC anyway. Lower or upper case (trap 2).
_TOKEN = re.compile(rf"\.(?<=[a-z2-7]{{{ID_LENGTH}}}\.)(?=[a-z2-7]{{{MAC_LENGTH}}})", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """`text` is what letters carry, `id` (its first half) the key of the store's row that says what it stands for."""

    text: str
    id: str


class Tokens:
    """Makes and verifies tokens. `keys` are secrets, newest last; older ones still verify."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        if not keys or not all(keys):
            raise ValueError("tokens need at least one key, and no empty one")
        self._key = keys[-1]
        self._signer = _Signer(list(keys), salt=b"mailbot.token", key_derivation="hmac", digest_method=sha256)

    def sign(self, *parts: str) -> Token:
        """The token that stands for these parts (person, purpose, reference, step, content…): always the same one."""
        name = _base32(hmac.digest(self._key, b"mailbot.token.id" + _joined(parts), "sha256"))
        id_ = name[:ID_LENGTH]
        return Token(text=self._signer.sign(id_).decode(), id=id_)

    def verify(self, text: str) -> str | None:
        """The id of a token that one of our keys made, in any case; None for everything else. Never raises."""
        try:
            return self._signer.unsign(text.strip().lower().encode()).decode()
        except (BadSignature, UnicodeError):
            return None


def find(text: str) -> tuple[str, ...]:
    """What looks like a token in an address, a Message-ID, a subject or a body: lower case, in order, each once."""
    return tuple(dict.fromkeys(text[start:end].lower() for start, end in _places(text)))


def mask(text: str) -> str:
    """The text for logs and views: of each token only its first four characters are left (trap 8a)."""
    kept, pieces = 0, []
    for start, end in _places(text):
        pieces.append(f"{text[kept : max(kept, start + 4)]}…")
        kept = end
    return "".join([*pieces, text[kept:]])


def _places(text: str) -> Iterator[tuple[int, int]]:
    """Where each candidate begins and ends; one may begin in another."""
    for dot in _TOKEN.finditer(text):
        start = dot.start() - ID_LENGTH
        yield start, start + LENGTH


class _Signer(Signer):
    """itsdangerous with an 80-bit signature in lower-case base32: mail programs change the case of addresses."""

    def get_signature(self, value: str | bytes) -> bytes:
        return self._mac(self.derive_key(), value)

    def verify_signature(self, value: str | bytes, sig: str | bytes) -> bool:
        given = sig.encode() if isinstance(sig, str) else sig
        macs = (self._mac(self.derive_key(key), value) for key in self.secret_keys)
        return any(hmac.compare_digest(mac, given) for mac in macs)

    def _mac(self, key: bytes, value: str | bytes) -> bytes:
        raw = value.encode() if isinstance(value, str) else value
        return _base32(self.algorithm.get_signature(key, raw)).encode()[:MAC_LENGTH]


def _base32(digest: bytes) -> str:
    return base64.b32encode(digest).decode().lower()


def _joined(parts: Sequence[str]) -> bytes:
    """Lengths stand before the parts, so that ("ab", "c") is not ("a", "bc")."""
    raw = [part.encode("utf-8", "surrogatepass") for part in parts]
    return b"".join(b"%d:%b" % (len(part), part) for part in raw)
