"""Files that travel by ways that nobody guards: numbered, encrypted with age, signed with ed25519 (trap 45). Pure.

A sealed file is a head of seven lines, a blank line, and its content. The signature is over all but its own line, so
that what is not genuine is known before any of it is decrypted or read.
"""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailbot.target.base import Unsound

REQUESTS, ANSWERS = "requests", "answers"

_HEAD = re.compile(
    rb"mailbot-file: 1\n"
    rb"target: (?P<target>[a-z][a-z0-9_-]*)\n"
    rb"kind: (?P<kind>requests|answers)\n"
    rb"number: (?P<number>[1-9][0-9]{0,14})\n"
    rb"encryption: (?P<encryption>age|none)\n"
    rb"signer: (?P<signer>ed25519:[A-Za-z0-9+/]{43}=)\n"
    rb"(?P<line>signature: (?P<signature>[A-Za-z0-9+/]{86}==)\n)"
    rb"\n"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A file whose signature holds; its content has not been looked at."""

    target: str
    kind: str
    number: int
    encrypted: bool
    payload: bytes

    def content(self, identity: str | None) -> bytes:
        """Decrypted, where it is encrypted. Raises Unsound."""
        from mailbot.target import keys  # noqa: PLC0415 (slow to load, and most commands open no file)

        if not self.encrypted:
            return self.payload
        if identity is None:
            raise Unsound("it is encrypted, and there is no key to decrypt it with")
        return keys.decrypt(self.payload, identity)


def seal(content: bytes, *, target: str, kind: str, number: int, encrypt: Sequence[str], key: str) -> bytes:
    """A file for the recipients that are named, else for everybody; `key` is our own, as PEM. Raises Unsound."""
    from mailbot.target import keys  # noqa: PLC0415

    head = (
        f"mailbot-file: 1\ntarget: {target}\nkind: {kind}\nnumber: {number}\n"
        f"encryption: {'age' if encrypt else 'none'}\nsigner: {keys.public_signing_key(key)}\n"
    ).encode()
    payload = keys.encrypt(content, encrypt) if encrypt else content
    signature = base64.b64encode(keys.sign(key, head + b"\n" + payload))
    return head + b"signature: " + signature + b"\n\n" + payload


def unsealed(raw: bytes, *, signed_by: Sequence[str]) -> Sealed:
    """A file that one of these has signed. Raises Unsound."""
    from mailbot.target import keys  # noqa: PLC0415

    head = _HEAD.match(raw)
    if head is None:
        raise Unsound("it is no sealed file")
    signer = head["signer"].decode()
    if signer not in signed_by:
        raise Unsound(f"it is signed by {signer}, who is not believed")
    signed = raw[: head.start("line")] + raw[head.end("line") :]
    if not keys.is_by(signer, base64.b64decode(head["signature"]), signed):
        raise Unsound("its signature does not hold: it was changed on the way")
    return Sealed(
        target=head["target"].decode(),
        kind=head["kind"].decode(),
        number=int(head["number"]),
        encrypted=head["encryption"] == b"age",
        payload=raw[head.end() :],
    )
