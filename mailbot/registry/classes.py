"""The classes of RPSL objects that are about address space, attribute by attribute, as the RIPE Database defines them.

https://docs.db.ripe.net/RPSL-Object-Types/Descriptions-of-Primary-Objects
"""

from dataclasses import dataclass

from mailbot.registry.syntax import Syntax


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """Whether it must stand there, whether it may several times, and what its value is."""

    syntax: Syntax = Syntax.FREE
    mandatory: bool = False
    multiple: bool = False


def _must(syntax: Syntax, *, multiple: bool = False) -> Attribute:
    return Attribute(syntax=syntax, mandatory=True, multiple=multiple)


def _one(syntax: Syntax = Syntax.FREE) -> Attribute:
    return Attribute(syntax=syntax)


def _any(syntax: Syntax = Syntax.FREE) -> Attribute:
    return Attribute(syntax=syntax, multiple=True)


_AT_THE_END = {
    "remarks": _any(),
    "notify": _any(Syntax.EMAIL),
    "mnt-by": _must(Syntax.NAMES, multiple=True),
    "mnt-lower": _any(Syntax.NAMES),
    "mnt-routes": _any(),
    "created": _one(),
    "last-modified": _one(),
    "source": _must(Syntax.SOURCE),
}
_OF_SPACE = {
    "netname": _must(Syntax.NAME),
    "descr": _any(),
    "country": _must(Syntax.COUNTRY, multiple=True),
    "geofeed": _one(Syntax.URL),
    "geoloc": _one(),
    "language": _any(Syntax.LANGUAGE),
    "org": _one(Syntax.ORGANISATION),
    "sponsoring-org": _one(Syntax.ORGANISATION),
    "admin-c": _must(Syntax.HANDLES, multiple=True),
    "tech-c": _must(Syntax.HANDLES, multiple=True),
    "abuse-c": _one(Syntax.HANDLES),
    "mnt-domains": _any(Syntax.NAMES),
    "mnt-irt": _any(Syntax.NAMES),
    **_AT_THE_END,
}
_OF_ROUTES = {
    "descr": _any(),
    "origin": _must(Syntax.AS_NUMBER),
    "pingable": _any(Syntax.ADDRESS),
    "ping-hdl": _any(Syntax.HANDLES),
    "holes": _any(),
    "org": _any(Syntax.ORGANISATION),
    "member-of": _any(),
    "inject": _any(),
    "aggr-mtd": _one(),
    "aggr-bndry": _one(),
    "export-comps": _one(),
    "components": _one(),
    **_AT_THE_END,
}
CLASSES: dict[str, dict[str, Attribute]] = {
    "inetnum": {"inetnum": _must(Syntax.RANGE), "status": _must(Syntax.STATUS), **_OF_SPACE},
    "inet6num": {
        "inet6num": _must(Syntax.PREFIX6),
        "status": _must(Syntax.STATUS6),
        "assignment-size": _one(Syntax.SIZE6),
        **_OF_SPACE,
    },
    "route": {"route": _must(Syntax.PREFIX4), **_OF_ROUTES},
    "route6": {"route6": _must(Syntax.PREFIX6), **_OF_ROUTES},
}
