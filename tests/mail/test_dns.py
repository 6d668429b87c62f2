"""DNS is asked over the wire, of a name server of our own."""

import socket
import threading
from collections.abc import Iterator

import dns.message
import dns.resolver
import dns.rrset
import pytest

from mailbot.mail.dns import txt_record

KEY = 's1._domainkey.example.net. 60 IN TXT "v=DKIM1; k=rsa; " "p=abc"'


@pytest.fixture
def resolver() -> Iterator[dns.resolver.Resolver]:
    """Asks a name server that knows one name, and says of all others that they do not exist."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=_serve, args=(sock,))
        thread.start()
        asks = dns.resolver.Resolver(configure=False)
        asks.nameservers, asks.port = ["127.0.0.1"], sock.getsockname()[1]
        yield asks
        sock.sendto(b"end", sock.getsockname())
        thread.join()


def _serve(sock: socket.socket) -> None:
    while (asked := sock.recvfrom(4096))[0] != b"end":
        query = dns.message.from_wire(asked[0])
        answer = dns.message.make_response(query)
        if query.question[0].name.to_text() == KEY.split(maxsplit=1)[0]:
            answer.answer.append(dns.rrset.from_text(KEY.split(maxsplit=1)[0], 60, "IN", "TXT", KEY.split(" ", 4)[4]))
        else:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        sock.sendto(answer.to_wire(), asked[1])


def test_the_strings_of_a_record_are_joined(resolver: dns.resolver.Resolver) -> None:
    assert txt_record(b"s1._domainkey.example.net.", resolver=resolver) == b"v=DKIM1; k=rsa; p=abc"


@pytest.mark.parametrize("name", [b"s2._domainkey.example.net.", b"\xff.example.net", b"." * 300, b"x" * 70 + b".net"])
def test_what_is_not_there_or_no_name_is_none(resolver: dns.resolver.Resolver, name: bytes) -> None:
    assert txt_record(name, resolver=resolver) is None


def test_a_name_server_that_does_not_answer_has_none() -> None:
    asks = dns.resolver.Resolver(configure=False)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        silent.bind(("127.0.0.1", 0))
        asks.nameservers, asks.port = ["127.0.0.1"], silent.getsockname()[1]
        assert txt_record(b"s1._domainkey.example.net", timeout=1, resolver=asks) is None
