"""Where mailbot calls another system by HTTP: the one grammar of such urls, for all that may name one."""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import urlsplit

PORTS = {"https": 443, "http": 80}
_PLAIN = re.compile(r"[\x21-\x7e]+")
_HOST = re.compile(r"[A-Za-z0-9._-]+|[0-9a-fA-F:.]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpUrl:
    """`host` is a name or an address, without brackets; `target` is path and query, as they stand on the wire."""

    secure: bool
    host: str
    port: int
    target: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "https://host[:port]/path?query"; else ValueError in words, which show nothing of what stands in it.

        Refused is all that two readers could take for different hosts: users, back-slashes, blanks, other alphabets.
        """
        if not _PLAIN.fullmatch(text) or "\\" in text:
            raise ValueError('a url is written in plain ASCII without blanks, like "https://host.example/path"')
        try:
            parts = urlsplit(text)
            port = parts.port
        except ValueError:
            raise ValueError("the url's host or port cannot be read") from None
        if parts.scheme not in PORTS:
            raise ValueError('a url that begins with "https://" is expected')
        if "@" in parts.netloc:
            raise ValueError("neither user nor password stands in the url")
        if not parts.hostname or not _HOST.fullmatch(parts.hostname) or port == 0:
            raise ValueError("the url names no host, or one that cannot be read")
        if parts.fragment:
            raise ValueError('what stands behind "#" is never sent: leave it out')
        query = f"?{parts.query}" if parts.query else ""
        return cls(
            secure=parts.scheme == "https",
            host=parts.hostname,
            port=port or PORTS[parts.scheme],
            target=(parts.path or "/") + query,
        )

    @property
    def authority(self) -> str:
        """As the Host header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS["https" if self.secure else "http"] else f"{host}:{self.port}"

    def __str__(self) -> str:
        """Without its query, in which secrets may stand."""
        path = self.target.partition("?")[0]
        return f"{'https' if self.secure else 'http'}://{self.authority}{path}"
