"""One call by HTTP, to a real little server: guarded, bounded, and honest about whether anything has left."""

import time
from collections.abc import Iterator

import pytest
from servers.ground import Certificates
from servers.hooks import Answer, Hooks, cuts, says

from mailbot.wire import Client, Cut, NotAllowed, NotReached, Reach
from mailbot.wire.client import KEPT, LARGEST_BODY

pytestmark = pytest.mark.timeout(60)

HOME = Reach(allow=("127.0.0.0/8",))


@pytest.fixture
def hooks() -> Iterator[Hooks]:
    server = Hooks()
    yield server
    server.down()


def client(seconds: float = 5) -> Client:
    return Client(reach=HOME, seconds=seconds)


def test_a_call_brings_the_body_the_headers_and_the_answer_back(hooks: Hooks) -> None:
    hooks.answer = says("201 Created", "rule 17", Location="/rules/17")
    reply = client().post(hooks.url, b'{"a": 1}', {"Content-Type": "application/json", "webhook-id": "x"})
    assert (reply.status, reply.headers["location"], reply.body) == (201, "/rules/17", b"rule 17")
    [call] = hooks.calls
    assert call.line == "POST /hook HTTP/1.1"
    assert call.body == b'{"a": 1}'
    assert call.headers["host"] == f"127.0.0.1:{hooks.port}"
    assert call.headers["webhook-id"] == "x"


def test_trap_46_without_an_explicit_setting_nothing_inside_is_called(hooks: Hooks) -> None:
    with pytest.raises(NotAllowed, match="no public address"):
        Client().post(hooks.url, b"", {})
    assert hooks.calls == []


@pytest.mark.parametrize("host", ["localhost", "0.0.0.0", "[::ffff:127.0.0.1]", "[::1]", "127.1", "2130706433"])  # noqa: S104
def test_trap_46_nor_under_any_other_name_of_it(hooks: Hooks, host: str) -> None:
    with pytest.raises(NotAllowed, match="no public address"):
        Client().post(f"https://{host}:{hooks.port}/hook", b"", {})
    assert hooks.calls == []


def test_trap_46_a_name_that_means_something_else_a_moment_later_leads_nowhere(hooks: Hooks) -> None:
    """DNS rebinding: it is looked up once, and what was found then is connected to."""
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) > 1 else ["127.0.0.2"]

    rebound = Client(reach=HOME, resolve=resolve)
    with pytest.raises(NotReached, match="refused"):
        rebound.post(hooks.url.replace("127.0.0.1", "rebound.example"), b"", {})
    assert asked == ["rebound.example"]
    assert hooks.calls == []


def test_trap_46_one_address_inside_shuts_the_whole_name(hooks: Hooks) -> None:
    mixed = Client(resolve=lambda _host, _port: ["93.184.215.14", "127.0.0.1"])
    with pytest.raises(NotAllowed, match=r"mixed\.example \(127\.0\.0\.1\) is no public"):
        mixed.post(f"https://mixed.example:{hooks.port}/", b"", {})


def test_trap_46_plain_http_stays_in_ones_own_networks() -> None:
    public = Client(resolve=lambda _host, _port: ["93.184.215.14"])
    with pytest.raises(NotAllowed, match="only https is spoken"):
        public.post("http://public.example/", b"", {})


def test_trap_46_a_redirect_is_an_answer_and_not_followed(hooks: Hooks) -> None:
    hooks.answer = says("307 Temporary Redirect", Location=hooks.url.replace("/hook", "/inside"))
    assert client().post(hooks.url, b"", {}).status == 307
    assert len(hooks.calls) == 1


def test_proxies_of_the_environment_are_not_asked(hooks: Hooks, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert client().post(hooks.url, b"", {}).status == 200


def test_the_certificate_is_checked_against_the_name_though_the_address_is_connected_to(tls: Certificates) -> None:
    hooks = Hooks(certificate=tls.certificate, key=tls.key)
    try:
        named = Client(reach=HOME, seconds=5, ca=tls.ca, resolve=lambda _host, _port: ["127.0.0.1"])
        assert named.post(f"https://localhost:{hooks.port}/", b"x", {}).status == 200
        with pytest.raises(NotReached, match="certificate verify failed"):
            named.post(f"https://other.example:{hooks.port}/", b"x", {})
        with pytest.raises(NotReached, match="certificate verify failed"):
            Client(reach=HOME, seconds=5).post(f"https://localhost:{hooks.port}/", b"x", {})
        assert len(hooks.calls) == 1
    finally:
        hooks.down()


def test_to_look_is_to_reach_the_other_side_by_tls_too_and_to_ask_nothing(tls: Certificates) -> None:
    hooks = Hooks(certificate=tls.certificate, key=tls.key)
    plain = Hooks()
    try:
        named = Client(reach=HOME, seconds=5, ca=tls.ca, resolve=lambda _host, _port: ["127.0.0.1"])
        assert named.look(f"https://localhost:{hooks.port}/") == "127.0.0.1"
        assert client().look(plain.url) == "127.0.0.1"
        with pytest.raises(NotReached, match="certificate verify failed"):
            client().look(f"https://localhost:{hooks.port}/")
        with pytest.raises(NotAllowed, match="no public address"):
            Client().look(plain.url)
        assert hooks.calls == plain.calls == []
    finally:
        hooks.down()
        plain.down()
    with pytest.raises(NotReached, match=rf"http://127\.0\.0\.1:{plain.port}/hook: .*refused"):
        client().look(plain.url)


def test_what_refuses_the_connection_was_surely_told_nothing(hooks: Hooks) -> None:
    hooks.down()
    with pytest.raises(NotReached, match="refused"):
        client().post(hooks.url, b"", {})


def test_a_name_that_is_not_known_was_not_reached() -> None:
    def resolve(_host: str, _port: int) -> list[str]:
        raise OSError("Name or service not known")

    with pytest.raises(NotReached, match="cannot be looked up"):
        Client(resolve=resolve).post("https://nowhere.example/", b"", {})


@pytest.mark.parametrize(
    "answer",
    [cuts, lambda line: line.sendall(b"SSH-2.0-OpenSSH\r\n\r\n"), lambda line: line.sendall(b"HTTP/1.1 200 OK\r\nX: ")],
    ids=["hangs up", "speaks another tongue", "breaks off in the headers"],
)
def test_what_has_left_and_has_no_answer_is_cut(hooks: Hooks, answer: Answer) -> None:
    hooks.answer = answer
    with pytest.raises(Cut):
        client().post(hooks.url, b"x", {})
    assert len(hooks.calls) == 1


@pytest.mark.parametrize("how", ["hangs", "drips"])
def test_the_time_is_of_the_whole_call_however_it_is_spent(hooks: Hooks, how: str) -> None:
    hooks.answer = getattr(hooks, how)
    began = time.monotonic()
    with pytest.raises(Cut):
        client(seconds=0.4).post(hooks.url, b"x", {})
    assert time.monotonic() - began < 10


def test_an_answer_is_read_as_far_as_anybody_would(hooks: Hooks) -> None:
    hooks.answer = says("200 OK", "x" * (KEPT * 3))
    assert len(client().post(hooks.url, b"", {}).body) == KEPT


def test_one_that_breaks_off_in_its_body_has_said_its_status(hooks: Hooks) -> None:
    hooks.answer = lambda line: line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nrule 17")
    assert client().post(hooks.url, b"", {}).body == b"rule 17"


def test_what_is_too_large_does_not_leave(hooks: Hooks) -> None:
    with pytest.raises(NotAllowed, match="more than is sent"):
        client().post(hooks.url, b"x" * (LARGEST_BODY + 1), {})
    assert hooks.calls == []
