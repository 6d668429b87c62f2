"""Letters of bad news name no address that their reader did not write himself (contract §5, trap 20)."""

import re
from collections.abc import Iterable
from dataclasses import fields, is_dataclass, replace
from ipaddress import IPv4Interface, IPv6Interface, ip_interface, ip_network
from typing import Any

from mailbot.words import Phrase, say

INSTEAD = say("letters.an_address")

_ADDRESS = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?:/\d{1,3})?",
    re.ASCII | re.IGNORECASE,
)


class Withheld:
    """Takes from values every address within `space` (the pools' prefixes) but those in `written`."""

    def __init__(self, space: Iterable[str], written: Iterable[str]) -> None:
        self._space = [ip_network(prefix) for prefix in space]
        self._written = {found for text in written for found in map(_read, _ADDRESS.findall(text))}

    def text(self, text: str) -> str:
        return _ADDRESS.sub(self._kept, text)

    def of(self, value: Any) -> Any:
        """A value of a template's context less those addresses, at any depth."""
        match value:
            case Phrase():
                return value.with_values(self.of)
            case str():
                return self.text(value)
            case tuple():
                return tuple(self.of(item) for item in value)
            case _ if is_dataclass(value) and not isinstance(value, type):
                return replace(value, **{f.name: self.of(getattr(value, f.name)) for f in fields(value)})
            case _:
                return value

    def _kept(self, match: re.Match[str]) -> str:
        address = _read(match[0])
        secret = address is not None and any(
            address.version == network.version and address.network.overlaps(network) for network in self._space
        )
        return INSTEAD if secret and address not in self._written else match[0]


def _read(text: str) -> IPv4Interface | IPv6Interface | None:
    try:
        return ip_interface(text)
    except ValueError:
        return None
