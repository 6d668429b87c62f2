"""Keys of sealed files: ed25519 to sign with (PEM; "ed25519:…" in public), age to encrypt to. Slow to import. Pure."""

import base64
from collections.abc import Sequence

import pyrage
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from mailbot.target.base import Unsound

PREFIX = "ed25519:"


def new_signing_key() -> str:
    """As PEM."""
    private = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode()


def new_identity() -> str:
    """As age has it: "AGE-SECRET-KEY-1…"."""
    return str(pyrage.x25519.Identity.generate())


def public_signing_key(key: str) -> str:
    """What others know it by: "ed25519:…". Raises Unsound."""
    return PREFIX + base64.b64encode(_private(key).public_key().public_bytes_raw()).decode()


def recipient(identity: str) -> str:
    """What others encrypt to: "age1…", of the last one in the file. Raises Unsound."""
    return str(_identities(identity)[-1].to_public())


def sign(key: str, text: bytes) -> bytes:
    """Raises Unsound."""
    return _private(key).sign(text)


def is_by(signer: str, signature: bytes, text: bytes) -> bool:
    """Whether the owner of this public key has signed the text."""
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(signer.removeprefix(PREFIX)))
    try:
        public.verify(signature, text)
    except InvalidSignature:
        return False
    return True


def encrypt(text: bytes, recipients: Sequence[str]) -> bytes:
    """Raises Unsound."""
    try:
        return bytes(pyrage.encrypt(text, [pyrage.x25519.Recipient.from_str(one) for one in recipients]))
    except pyrage.RecipientError as error:
        raise Unsound(f"one of {', '.join(recipients)} is no recipient of age: {error}") from None


def decrypt(text: bytes, identity: str) -> bytes:
    """With any of the identities in this file, so that one can be changed for another. Raises Unsound."""
    try:
        return bytes(pyrage.decrypt(text, _identities(identity)))
    except pyrage.DecryptError as error:
        raise Unsound(f"it cannot be decrypted: {error}") from None


def _private(pem: str) -> Ed25519PrivateKey:
    try:
        key = serialization.load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise Unsound("the key to sign with is no ed25519 key in PEM")
    return key


def _identities(text: str) -> "list[pyrage.x25519.Identity]":
    """One a row; what age-keygen writes has comments too."""
    rows = [row.strip() for row in text.splitlines() if row.strip() and not row.startswith("#")]
    try:
        found = [pyrage.x25519.Identity.from_str(row) for row in rows]
    except pyrage.IdentityError:
        found = []
    if not found:
        raise Unsound("the key to decrypt with is no identity of age")
    return found
