"""What one key of a section says about another. Like `cross` it reads the document: all is told at once."""

from collections.abc import Iterator

from mailbot.config.document import Document
from mailbot.config.locate import KeyPath
from mailbot.config.space import BITS, network
from mailbot.errors import Fault


def within_faults(document: Document) -> list[Fault]:
    """Keys that exclude or need each other, section by section."""
    faults = [*_database(document)]
    for section in ("mailbox", "relay"):
        faults += [*_login(document, (section,)), *_grant(document, (section, "oauth2"))]
    for path, _ in document.every("pools", "*"):
        for check in (_prefixes, _lengths, _growth, _of_addresses):
            faults += check(document, path)
    return faults


def _database(document: Document) -> Iterator[Fault]:
    path = ("database", "password")
    if document.at(path) is not None and "@" not in str(document.at(("database", "url"))):
        yield document.fault(path, 'a password is for a user: write "postgresql+psycopg://user@host/mailbot"')


def _login(document: Document, at: KeyPath) -> Iterator[Fault]:
    given = {key for key in ("user", "password", "oauth2", "url") if document.at((*at, key)) is not None}
    oauth2 = document.at((*at, "auth")) == "oauth2"
    needed = {"user", "oauth2"} if oauth2 else {"user", "password"}
    if oauth2 or given & needed or _asks_who_comes(document, at):
        for key in sorted(needed - given):
            section = f"the section [{at[0]}.oauth2] is missing"
            yield document.fault(at, section if key == "oauth2" else f'"{key}" is missing in [{at[0]}]')
    if "oauth2" in given and not oauth2:
        yield document.fault((*at, "oauth2"), f'not used, as [{at[0]}] does not say auth = "oauth2"')


def _asks_who_comes(document: Document, at: KeyPath) -> bool:
    """A mailbox on a server does; a relay may take mail from its neighbours unasked."""
    return at == ("mailbox",) and str(document.at((*at, "url"))).startswith("imap")


def _grant(document: Document, at: KeyPath) -> Iterator[Fault]:
    if document.at(at) is None:
        return
    grant = document.at((*at, "grant")) or "client_credentials"
    needed = {"client_credentials": "client_secret", "refresh_token": "refresh_token"}
    if grant in needed and document.at((*at, needed[grant])) is None:
        yield document.fault(at, f'the grant "{grant}" needs {needed[grant]} = "file:…"')


def _prefixes(document: Document, pool: KeyPath) -> Iterator[Fault]:
    given = [key for key in ("prefixes", "numbers") if document.at((*pool, key))]
    if len(given) != 1:
        yield document.fault(pool, 'a pool has either prefixes = ["…"] or numbers = ["…"]')
    versions = [(path, _version(text)) for path, text in document.every(*map(str, pool), "prefixes", "*")]
    known = [(path, version) for path, version in versions if version]
    for path, version in known:
        if version != known[0][1]:
            message = f"IPv{version} in a pool that begins with IPv{known[0][1]}: make two pools"
            yield document.fault(path, message, of_value=True)


def _lengths(document: Document, pool: KeyPath) -> Iterator[Fault]:
    shortest, longest = document.at((*pool, "min")), document.at((*pool, "max"))
    if isinstance(shortest, int) and isinstance(longest, int) and shortest > longest:
        yield document.fault((*pool, "min"), f'"min" is more than "max", {longest}', of_value=True)
    version = _version(document.at((*pool, "prefixes", 0)))
    for key, length in (("min", shortest), ("max", longest)):
        if version and isinstance(length, int) and BITS[version] < length <= max(BITS.values()):
            message = f'"{key}" must be at most {BITS[version]}, an IPv{version} address\'s bits'
            yield document.fault((*pool, key), message, of_value=True)


def _growth(document: Document, pool: KeyPath) -> Iterator[Fault]:
    """Where the largest gap is not taken first, the room beside a prefix goes to whoever asks for less."""
    path, strategy = (*pool, "growth"), document.at((*pool, "strategy"))
    if document.at(path) and strategy != "sparse" and document.at((*pool, "numbers")) is None:
        yield document.fault(path, 'room to grow is kept by strategy = "sparse" alone: say so, or leave it out')


def _of_addresses(document: Document, pool: KeyPath) -> Iterator[Fault]:
    """What says nothing about numbers, of which the lowest free one is given out."""
    if document.at((*pool, "numbers")) is None or document.at((*pool, "prefixes")) is not None:
        return
    for key in ("strategy", "min", "max", "hosts", "vrf", "growth"):
        if document.at((*pool, key)) is not None:
            yield document.fault((*pool, key), f'"{key}" means nothing in a pool of numbers')


def _version(prefix: object) -> int | None:
    found = network(str(prefix))
    return found.version if found else None
