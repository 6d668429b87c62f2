"""Which addresses may be called: public ones, and networks that an administrator has named (trap 46). Pure."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from socket import inet_aton, inet_ntoa

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: how a network of IPv6 alone reaches IPv4
_RELAYS: tuple[Network, ...] = (IPv4Network("192.88.99.0/24"), IPv6Network("2002::/16"))  # 6to4, RFC 7526


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """`allow` are networks of one's own, as "10.0.0.0/8", that may be called beside the public internet."""

    allow: tuple[str, ...] = ()

    def takes(self, address: str) -> bool:
        """Whether this address may be connected to."""
        found = _bare(address)
        return found is not None and (self._is_named(found) or _is_public(found))

    def trusts(self, address: str) -> bool:
        """Whether it lies in a network of one's own, where plain http may be spoken."""
        found = _bare(address)
        return found is not None and self._is_named(found)

    def _is_named(self, address: Address) -> bool:
        return any(address in network for network in map(ip_network, self.allow))


def literal(host: str) -> str | None:
    """The address that a host is by itself, however it is written (0x7f.1), without asking anybody; None for a name."""
    if host.casefold() == "localhost" or host.casefold().endswith(".localhost"):  # RFC 6761
        return "127.0.0.1"
    try:
        return str(ip_address(host))
    except ValueError:
        pass
    try:
        return inet_ntoa(inet_aton(host))
    except OSError:
        return None


def _bare(address: str) -> Address | None:
    """::ffff:127.0.0.1 is 127.0.0.1, to the kernel too."""
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _is_public(address: Address) -> bool:
    """What is merely not known to be private is not enough: IPv6 that is not global unicast is refused as a whole."""
    if any(address in relays for relays in _RELAYS):
        return False
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    if address in _NAT64:
        return _is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    return address in _UNICAST and address.is_global
