"""What no customer's record may say: names and people of another's, pools and attributes that there are not.

It looks at plain tables, so that the configuration and the rows of an import are held to the same.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mailbot.config.address import domain_of, normal, normal_domain
from mailbot.config.customers import Amount
from mailbot.config.document import Document
from mailbot.config.locate import KeyPath
from mailbot.config.space import BITS, network
from mailbot.errors import Fault, near_miss

Table = Mapping[str, Any]

_KINDS: Mapping[str, tuple[type, str]] = {
    "text": (str, "text in quotes"),
    "choice": (str, "text in quotes"),
    "integer": (int, "a whole number"),
    "yes-no": (bool, "true or false"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the rest of the configuration has: names, and the tables of attributes."""

    pools: Mapping[str, int] = field(default_factory=dict)
    """Bits of an address, by pool; 0 where it gives out numbers."""
    groups: Collection[str] = ()
    domains: Collection[str] = ()
    attributes: Mapping[str, Table] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clash:
    """Something wrong with the customer `of`, at a key path within his table; a suggestion, where one is near."""

    of: int
    path: KeyPath
    message: str
    suggestion: str | None = None


def spelled(name: str) -> str:
    """A customer's name or id as they are compared; the last word of a mail may have lost its full stop."""
    return " ".join(name.casefold().split()).rstrip(".")


def clashes(customers: Iterable[tuple[str, Table]], around: Around) -> Iterator[Clash]:
    """Of customers by name, in their order; of two that clash, the later one is told."""
    names: dict[str, tuple[int, str]] = {}
    people: dict[str, tuple[int, str]] = {}
    for number, (name, table) in enumerate(customers):
        yield from _names(number, name, table, names)
        yield from _people(number, name, table, people, around)
        yield from _named(number, table, around)
        yield from _attributes(number, table, around)


def clientele_faults(document: Document) -> list[Fault]:
    """What clashes in a configuration, each with its place."""
    tables = {name: table for name, table in _tables(document, "customers").items() if isinstance(table, dict)}
    paths = [("customers", name) for name in tables]
    own = [*(document.at(("bot", "domains")) or []), domain_of(str(document.at(("bot", "address"))))]
    around = Around(
        pools={name: _width(pool) for name, pool in _tables(document, "pools").items()},
        groups=_tables(document, "groups"),
        domains=[normal_domain(str(domain)) or "" for domain in own],
        attributes={n: t for n, t in _tables(document, "customer_attributes").items() if isinstance(t, dict)},
    )
    told = [
        document.fault((*paths[one.of], *one.path), one.message, one.suggestion)
        for one in clashes(tables.items(), around)
    ]
    return [*_of_attributes(document, around), *told]


def _width(pool: object) -> int:
    prefixes = pool.get("prefixes") if isinstance(pool, dict) else None
    first = network(str(prefixes[0])) if isinstance(prefixes, list) and prefixes else None
    return BITS[first.version] if first else 0


def _tables(document: Document, section: str) -> dict[str, Any]:
    found = document.at((section,))
    return found if isinstance(found, dict) else {}


# -- one customer and another ----------------------------------------------------------------------------------------


def _names(number: int, name: str, table: Table, taken: dict[str, tuple[int, str]]) -> Iterator[Clash]:
    """Either finds him: no two customers may answer to the same. One without a name is told elsewhere."""
    said: list[tuple[KeyPath, str]] = [((), name), *([(("id",), str(table["id"]))] if table.get("id") else [])]
    for path, text in said:
        if not text:
            continue
        other = taken.setdefault(spelled(text), (number, name))
        if other[0] != number:
            yield Clash(
                of=number, path=path, message=f"{text!r} is {other[1]!r} already: each has a name and an id of its own"
            )


def _people(number: int, name: str, table: Table, taken: dict[str, tuple[int, str]], around: Around) -> Iterator[Clash]:
    for path, text in _texts(table, "domains"):
        domain = normal_domain(text) or ""
        if domain and domain in around.domains:
            yield Clash(
                of=number, path=path, message=f"{domain} is ours: our own people would be taken for a customer's"
            )
        elif domain:
            yield from _taken(number, name, path, f"@{domain}", taken)
    for path, text in _texts(table, "addresses"):
        address = normal(text) or ""
        if address and domain_of(address) in around.domains:
            yield Clash(of=number, path=path, message=f"{address} is one of ours, and nobody's customer")
        elif address:
            yield from _taken(number, name, path, address, taken)


def _taken(number: int, name: str, path: KeyPath, who: str, taken: dict[str, tuple[int, str]]) -> Iterator[Clash]:
    other = taken.setdefault(who, (number, name))
    if other[0] != number:
        words = f"{who.removeprefix('@')} belongs to {other[1]!r} already: whose mail would it be?"
        yield Clash(of=number, path=path, message=words)


def _texts(table: Table, key: str) -> Iterator[tuple[KeyPath, str]]:
    found = table.get(key)
    for number, text in enumerate(found if isinstance(found, list | tuple) else ()):
        if isinstance(text, str):
            yield (key, number), text


# -- what he names -----------------------------------------------------------------------------------------------------


def _named(number: int, table: Table, around: Around) -> Iterator[Clash]:
    manager = table.get("account_manager")
    if isinstance(manager, str) and "@" not in manager and manager not in around.groups:
        words = f'there is no group "{manager}"'
        yield Clash(of=number, path=("account_manager",), message=words, suggestion=near_miss(manager, around.groups))
    quotas = table.get("quotas")
    for pool, amounts in quotas.items() if isinstance(quotas, dict) else ():
        path = ("quotas", pool)
        if pool not in around.pools:
            words = f'there is no pool "{pool}"'
            yield Clash(of=number, path=path, message=words, suggestion=near_miss(pool, around.pools))
            continue
        for amount in amounts if isinstance(amounts, list | tuple) else (amounts,):
            if words := _too_long(amount, around.pools[pool]):
                yield Clash(of=number, path=path, message=words)


def _too_long(amount: object, width: int) -> str:
    try:
        length = Amount.parse(amount).length if isinstance(amount, str) else None
    except ValueError:
        return ""  # the model tells
    if length is None or length <= width:
        return ""
    return f"its prefixes have at most /{width}" if width else "it gives out numbers, which have no length"


def _attributes(number: int, table: Table, around: Around) -> Iterator[Clash]:
    given = table.get("attributes")
    given = given if isinstance(given, dict) else {}
    for name, value in given.items():
        path = ("attributes", name)
        if name not in around.attributes:
            words = f"there is no [customer_attributes.{name}]"
            near = near_miss(name, around.attributes)
            yield Clash(of=number, path=path, message=words, suggestion=near)
        elif wrong := _misfit(around.attributes[name], value):
            yield Clash(of=number, path=path, message=f'"{name}" {wrong}')
    for name, terms in around.attributes.items():
        if name not in given and terms.get("default") is None:
            words = f'the attribute "{name}" is missing, and [customer_attributes.{name}] has no default'
            yield Clash(of=number, path=(), message=words)


def _of_attributes(document: Document, around: Around) -> Iterator[Fault]:
    for name, terms in around.attributes.items():
        path: KeyPath = ("customer_attributes", name)
        if name in {"id", "name", "account_manager"}:
            yield document.fault(path, f'"{name}" is what every customer has: choose another name')
        if (terms.get("type") == "choice") != bool(terms.get("choices")):
            yield document.fault(path, 'type = "choice" and choices = ["…"] go together')
        if terms.get("default") is not None and (wrong := _misfit(terms, terms["default"])):
            yield document.fault((*path, "default"), f"the default {wrong}", of_value=True)


def _misfit(terms: Table, value: object) -> str:
    """What is wrong with a value of an attribute; "" where it fits."""
    type_, words = _KINDS.get(str(terms.get("type", "text")), (object, ""))
    if not isinstance(value, type_) or (type_ is int and isinstance(value, bool)):
        return f"must be {words}"
    choices = terms.get("choices") or ()
    if choices and value not in choices:
        return f"must be one of {', '.join(map(str, choices))}"
    return ""
