"""What one section of config.toml says about another: names that must exist, addresses that must not clash.

It reads the document, not the models, so that all faults are told at once, whatever else is wrong.
"""

from collections.abc import Iterator

from mailbot.config.address import normal
from mailbot.config.customers import CUSTOMERS
from mailbot.config.document import Document
from mailbot.config.locate import KeyPath
from mailbot.config.model import ALWAYS_OPEN, HOUSE
from mailbot.errors import Fault, Severity, near_miss

LEAD = "lead"
"""What a rule file calls the head of the department that is asked: no name for a group."""

REFERENCES = (
    (("pools", "*", "owner"), "groups"),
    (("pools", "*", "users", "*"), "groups"),
    (("digest", "to", "*"), "groups"),
    (("targets", "*", "owner"), "groups"),
    (("pools", "*", "parent"), "pools"),
    (("groups", "*", "calendar"), "calendars"),
    (("people", "*", "calendar"), "calendars"),
    (("parties", "*", "calendar"), "calendars"),
)
"""Where names stand, and the section that must hold them."""


def cross_faults(document: Document) -> list[Fault]:
    """Every contradiction between sections but those of the pools (`tree`), and warnings of what is unwise."""
    checks = (
        _unknown_names,
        _taken_names,
        _shared_addresses,
        _letters_to_itself,
        _sources,
        _called_back,
        _checked,
        _unwise,
    )
    return [fault for check in checks for fault in check(document)]


def _texts(document: Document, *pattern: str) -> Iterator[tuple[KeyPath, str]]:
    return ((path, value) for path, value in document.every(*pattern) if isinstance(value, str))


def _unknown_names(document: Document) -> Iterator[Fault]:
    for pattern, kind in REFERENCES:
        names = [str(path[-1]) for path, _ in document.every(kind, "*")]
        if kind == "calendars":
            names += [HOUSE, ALWAYS_OPEN]
        for path, name in _texts(document, *pattern):
            if "@" not in name and name not in names:
                message = f'there is no {kind.removesuffix("s")} "{name}"'
                yield document.fault(path, message, near_miss(name, names), of_value=True)


def _taken_names(document: Document) -> Iterator[Fault]:
    for path in (("groups", LEAD), ("groups", CUSTOMERS), ("calendars", HOUSE), ("calendars", ALWAYS_OPEN)):
        if document.at(path) is not None:
            yield document.fault(path, f'"{path[-1]}" has a meaning of its own: choose another name')


def _shared_addresses(document: Document) -> Iterator[Fault]:
    """One address is one person: else nobody knows whose answer it was."""
    owners: dict[str, str] = {}
    for path, _ in document.every("people", "*"):
        person = normal(str(path[1])) or ""
        if person and person in owners:
            yield document.fault(path, f'"{person}" has a section already')
        owners[person] = person
    for path, alias in _texts(document, "people", "*", "aliases", "*"):
        address = normal(alias) or ""
        if address and address in owners:
            message = f'"{address}" is an address of {owners[address]} already'
            yield document.fault(path, message, of_value=True)
        owners.setdefault(address, normal(str(path[1])) or "")


PEOPLE = (
    ("bot", "admins", "*"),
    ("groups", "*", "members", "*"),
    ("groups", "*", "address"),
    ("groups", "*", "lead"),
    ("people", "*", "aliases", "*"),
    ("parties", "*", "address"),
    ("pools", "*", "owner"),
    ("targets", "*", "owner"),
    ("targets", "*", "to"),
    ("digest", "to", "*"),
    ("customers", "*", "account_manager"),
)
"""Where addresses stand that letters go to."""


def _letters_to_itself(document: Document) -> Iterator[Fault]:
    own = normal(str(document.at(("bot", "address"))))
    for pattern in PEOPLE:
        for path, text in _texts(document, *pattern):
            if own and normal(text) == own:
                yield document.fault(path, "the bot's own address: it would write to itself", of_value=True)


def _checked(document: Document) -> Iterator[Fault]:
    """What a registry reads is written by a template of one's own: without it there is nothing to check."""
    for path, _ in _texts(document, "targets", "*", "check"):
        if document.at((*path[:2], "template")) is None:
            yield document.fault(path, '"check" needs a "template", whose text is checked', of_value=True)


def _called_back(document: Document) -> Iterator[Fault]:
    """Who says later what came of it must find somebody to say it to."""
    if document.at(("web",)) is None:
        for path, _ in document.every("targets", "*", "answers_within"):
            yield _warning(document, path, "its answers come by a call of the API, for which [web] is missing")


def _sources(document: Document) -> Iterator[Fault]:
    """What follows a NetBox needs one, and it knows neither numbers nor which hosts are kept."""
    for path, _ in _texts(document, "pools", "*", "source"):
        for key, what in (("numbers", "numbers"), ("hosts", "hosts that are kept")):
            if document.at((*path[:2], key)):
                yield document.fault(path, f"a pool that follows NetBox has no {what}: leave out either", of_value=True)
    follows = [*_texts(document, "pools", "*", "source"), *_texts(document, "targets", "*", "kind")]
    if document.at(("netbox",)) is None:
        for path, word in follows:
            if word == "netbox":
                message = "there is no [netbox]: write it, with url and token"
                yield document.fault(path, message, of_value=True)


def _unwise(document: Document) -> Iterator[Fault]:
    outside = not str(document.at(("mailbox", "url"))).startswith("maildir:")
    believes = {"replies": ("token", "a token and a From"), "requests": ("from", "a From")}
    for key, (lax, what) in believes.items():
        if outside and document.at(("trust", key)) == lax:
            message = f'"{lax}" believes {what}, which anybody can write: it is for the embedded mailbox'
            yield _warning(document, ("trust", key), message)
    if str(document.at(("relay", "url"))).startswith("smtp://") and document.at(("relay", "password")):
        yield _warning(document, ("relay", "url"), "the password travels unencrypted: smtp+starttls:// hides it")
    if document.at(("web", "proxy_header")) and not document.at(("web", "proxies")):
        yield _warning(document, ("web", "proxy_header"), "nobody is believed to send it: name your proxies")


def _warning(document: Document, path: KeyPath, message: str) -> Fault:
    return document.fault(path, message, severity=Severity.WARNING, of_value=True)
