"""TXT records from DNS: the keys by which a sender's own DKIM signature is verified, where our border says nothing."""

from typing import Any


def txt_record(name: bytes, timeout: int = 5, resolver: Any = None) -> bytes | None:
    """The first TXT record of that name, its strings joined (RFC 6376 §3.6.2.2); None where there is none.

    A name server that does not answer within `timeout` seconds is one that has none: the mail is held, not lost.
    `resolver` is a dns.resolver.Resolver, by default the machine's.
    """
    import dns.exception  # noqa: PLC0415 (slow to import, and most bots have a border that has looked already)
    import dns.resolver  # noqa: PLC0415

    try:
        asked = resolver or dns.resolver.get_default_resolver()
        answer = asked.resolve(name.decode("ascii").rstrip("."), "TXT", lifetime=timeout, search=False)
        return b"".join(answer[0].strings)
    except (dns.exception.DNSException, UnicodeError, OSError):
        return None
