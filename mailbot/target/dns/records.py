"""Which records a network request is about: of a prefix, by what its step sets; or in a template's own words. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Any

from mailbot.process.definition import Action
from mailbot.target.base import CannotDrive

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

MOST_ADDRESSES = 256
"""Of a prefix whose addresses have a record each."""
TYPES = ("A", "AAAA", "CNAME", "DS", "NS", "PTR", "TXT")
OF_A_DELEGATION = ("NS", "DS")
OF_AN_ADDRESS = ("PTR", "CNAME")

_OCTET, _NIBBLE, _LAST_OCTET = 8, 4, 24
_TAIL = len(("in-addr", "arpa"))
_HOST = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})+\.?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """All records of one name and type. `name` is absolute; without `values`, whatever is there."""

    name: str
    type: str
    values: tuple[str, ...] = ()


def wanted(body: Mapping[str, Any]) -> list[Records]:
    """What the `set` of a step asks for: `nameservers` or `ptr`. A removal without either is of all that there is in
    the reverse zones of its prefixes. Raises CannotDrive.
    """
    networks, given = prefixes(body), body["set"]
    if not networks:
        raise CannotDrive("there is no prefix that records could be for")
    if servers := given.get("nameservers", "").replace(",", " ").split():
        return [one for network in networks for one in _delegation(network, servers)]
    if pattern := given.get("ptr", "").strip():
        return [one for network in networks for one in _pointers(network, pattern)]
    if body["action"] == Action.REMOVE:
        return [one for network in networks for one in _all_of(network)]
    raise CannotDrive('the step sets neither "nameservers" nor "ptr", and the target has no template')


def written(text: str) -> list[Records]:
    """What a template says, a record a line: NAME TYPE VALUE. Raises CannotDrive."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in (row.strip() for row in text.splitlines()):
        if not row or row.startswith(";"):
            continue
        words = row.split(None, 2)
        if len(words) != len(("NAME", "TYPE", "VALUE")) or words[1].upper() not in TYPES:
            raise CannotDrive(f"{row!r} is no record: write NAME TYPE VALUE, where TYPE is {', '.join(TYPES)}")
        found.setdefault((absolute(words[0]), words[1].upper()), []).append(words[2])
    if not found:
        raise CannotDrive("its template says no record")
    return [Records(name=name, type=type_, values=tuple(values)) for (name, type_), values in found.items()]


def prefixes(body: Mapping[str, Any]) -> list[Network]:
    """The step's `prefix`, else its item, else all that the request has. What is no prefix (a VLAN) has no records."""
    for one in (body.get("prefix"), body["item"]):
        if (found := _network(one)) is not None:
            return [found]
    every = [_network(address["prefix"]) for address in body["addresses"]]
    return [network for network in every if network is not None]


def reverse(networks: Iterable[Network]) -> list[dict[str, Any]]:
    """For templates: of each prefix the names that are delegated, and of its addresses, where they are few."""
    return [
        {
            "prefix": str(network),
            "names": delegated(network),
            "addresses": [{"address": str(address), "name": pointer(address)} for address in _few(network)],
        }
        for network in networks
    ]


def delegated(network: Network) -> list[str]:
    """The names at which a prefix is delegated: as many as it has octets' (IPv4) or nibbles' (IPv6) ends; one of its
    own, "0-28.2.0.192.in-addr.arpa.", where it is less than an octet (RFC 2317).
    """
    if isinstance(network, IPv4Network) and _LAST_OCTET < network.prefixlen < network.max_prefixlen:
        first, _, rest = pointer(network.network_address).partition(".")
        return [f"{first}-{network.prefixlen}.{rest}"]
    unit = _OCTET if isinstance(network, IPv4Network) else _NIBBLE
    labels = -(-network.prefixlen // unit)
    parts = network.subnets(new_prefix=labels * unit)
    return [".".join(part.network_address.reverse_pointer.split(".")[-labels - _TAIL :]) + "." for part in parts]


def pointer(address: Address) -> str:
    return f"{address.reverse_pointer}."


def absolute(name: str) -> str:
    return f"{name.lower().removesuffix('.')}."


def zone_of(records: Records, zones: Sequence[str]) -> str:
    """The closest of our zones that holds it; a delegation stands above the zone that it makes. Raises CannotDrive."""
    above = [
        zone
        for zone in map(absolute, zones)
        if records.name.endswith(f".{zone}") or (records.name == zone and records.type not in OF_A_DELEGATION)
    ]
    if not above:
        raise CannotDrive(f"{records.name} {records.type} stands in none of the target's zones")
    return max(above, key=len)


def _delegation(network: Network, servers: Sequence[str]) -> Iterator[Records]:
    values = tuple(sorted({absolute(_host(server)) for server in servers}))
    for name in delegated(network):
        yield Records(name=name, type="NS", values=values)
    if isinstance(network, IPv4Network) and _LAST_OCTET < network.prefixlen < network.max_prefixlen:
        [own] = delegated(network)
        for address in network:
            name = pointer(address)
            yield Records(name=name, type="CNAME", values=(f"{name.partition('.')[0]}.{own}",))


def _pointers(network: Network, pattern: str) -> Iterator[Records]:
    """`*` in the pattern stands for the address; a prefix of one address needs none."""
    addresses = _few(network)
    if not addresses:
        raise CannotDrive(f"{network} has more addresses than have a PTR each ({MOST_ADDRESSES}): delegate it")
    if "*" not in pattern and len(addresses) > 1:
        raise CannotDrive(f'"ptr" is {pattern!r}: for the addresses of {network} it needs a "*"')
    for address in addresses:
        host = _host(pattern.replace("*", address.exploded.replace(":", "-").replace(".", "-")))
        yield Records(name=pointer(address), type="PTR", values=(absolute(host),))


def _all_of(network: Network) -> Iterator[Records]:
    for name in delegated(network):
        yield from (Records(name=name, type=type_) for type_ in OF_A_DELEGATION)
    for address in _few(network):
        yield from (Records(name=pointer(address), type=type_) for type_ in OF_AN_ADDRESS)


def _few(network: Network) -> list[Address]:
    return [*network] if network.num_addresses <= MOST_ADDRESSES else []


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise CannotDrive(f"{text!r} is no host's name")
    return text


def _network(text: object) -> Network | None:
    if not isinstance(text, str) or "/" not in text:
        return None
    try:
        return ip_network(text)
    except ValueError:
        return None
