"""What there is to give out: `[pools.NAME]`."""

import ipaddress
import re
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from mailbot.config.duration import Duration, Unit
from mailbot.config.kinds import HIDDEN, Addressee, Choice, Elapsed, Line, Misfit, Name, Section, Several, Who

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
BITS = {4: 32, 6: 128}
MOST = 2**32 - 1
"""The largest number: as many as there are AS numbers (RFC 6793)."""
IDLE_AFTER = Duration(amount=90, unit=Unit.DAY)


class Strategy(StrEnum):
    BEST_FIT = "best-fit"
    FIRST_FIT = "first-fit"
    SPARSE = "sparse"


def network(text: str) -> Network | None:
    """A prefix, its host bits cleared, or None. ipaddress alone would take single addresses and netmasks too."""
    if not re.fullmatch(r"[0-9a-fA-F:.]+/[0-9]{1,3}", text):
        return None
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


def _prefix(text: str) -> str:
    """In canonical form."""
    if (found := network(text)) is None:
        raise ValueError(f'{text!r} is no prefix: write it like "10.20.0.0/16" or "2001:db8::/32"')
    if ipaddress.ip_address(text.partition("/")[0]) != found.network_address:
        raise Misfit(f"{text!r} has bits set after its length", suggestion=str(found))
    return str(found)


Prefix = Annotated[str, AfterValidator(_prefix)]
"""A prefix in canonical form."""


def _numbers(text: str) -> str:
    written = re.fullmatch(r"([0-9]{1,10})(?:-([0-9]{1,10}))?", text)
    if written is None:
        raise ValueError(f'{text!r} are no numbers: write one, or from and to, like "200-3999"')
    if written[2] and int(written[1]) > int(written[2]):
        raise ValueError(f"{text!r} begins after its end")
    if int(written[2] or written[1]) > MOST:
        raise ValueError(f"{text!r} goes too far: the largest number is {MOST}")
    return text


def _cost(text: str) -> str:
    """An amount and its currency, one blank between them."""
    written = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)\s*([A-Za-z]{3}|\u20ac|\$|\u00a3)", text.strip())
    if written is None:
        raise ValueError(f'{text!r} is no price: write an amount and a currency, like "0.40 EUR"')
    return f"{written[1]} {written[2]}"


class Source(StrEnum):
    """Whose truth a pool follows, where it is not our own."""

    NETBOX = "netbox"


class Pool(Section):
    """Space of one family that is given out by one strategy; or, with `numbers`, VLANs and the like.

    `cost` is of one address (or number) and month: "0.40 EUR". What was last seen in use longer ago than `idle_after`
    is idle, where `mailbot usage import` tells. `prefixes` are canonical. `min` and `max` are lengths: min = 20,
    max = 30 gives out /20 to /30. `growth` are the bits by which a holder's prefix can grow in place. A pool with a
    `parent` is cut out of that one, in its VRF. With a `source`, its prefixes are containers there, and it has the last
    word.
    """

    title: Line = ""
    prefixes: Several[Prefix] = ()
    numbers: Several[Annotated[str, AfterValidator(_numbers)]] = ()
    strategy: Choice[Strategy] = Strategy.BEST_FIT
    parent: Name | None = None
    users: Several[Who] = ()
    growth: int = Field(default=0, ge=0, le=32)
    adjacent: bool = False
    quarantine: Elapsed = Duration(amount=30, unit=Unit.DAY)
    owner: Addressee | None = None
    warn_at: int | None = Field(default=None, ge=1, le=100)
    min: int | None = Field(default=None, ge=0, le=128)
    max: int | None = Field(default=None, ge=0, le=128)
    hosts: bool = False
    source: Choice[Source] | None = None
    vrf: Line = ""
    cost: Annotated[str, AfterValidator(_cost)] | None = None
    idle_after: Elapsed = IDLE_AFTER
    name: str = Field(default="", validation_alias=HIDDEN)

    @property
    def networks(self) -> tuple[Network, ...]:
        return tuple(ipaddress.ip_network(prefix) for prefix in self.prefixes)

    @property
    def family(self) -> int | None:
        """4 or 6; None for numbers."""
        return self.networks[0].version if self.prefixes else None
