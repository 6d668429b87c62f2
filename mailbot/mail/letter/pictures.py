"""Pictures that travel in a letter: shown where they stand, fetched from nowhere."""

from base64 import encodebytes
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A PNG, shown in HTML as `cid:…`; `alt` says the same in words; `width` and `height` in CSS pixels."""

    cid: str
    png: bytes
    alt: str
    width: int
    height: int


def picture(png: bytes, *, alt: str, width: int, height: int) -> Picture:
    """Called by what is in it: no other picture anywhere has this id (RFC 2392), and the same bytes have the same."""
    return Picture(cid=f"{sha256(png).hexdigest()[:24]}@mailbot", png=png, alt=alt, width=width, height=height)


def picture_part(shown: Picture) -> bytes:
    """As a part of multipart/related."""
    head = (
        "Content-Type: image/png",
        "Content-Transfer-Encoding: base64",
        f"Content-ID: <{shown.cid}>",
        'Content-Disposition: inline; filename="picture.png"',
    )
    body = encodebytes(shown.png).replace(b"\n", b"\r\n")
    return "\r\n".join([*head, "", ""]).encode() + body
