"""Access tokens, from a token server on the loopback."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
from servers.ground import Login, OAuth, Plain, free_ports
from servers.tokens import TokenServer

from mailbot.mail.account import Unreachable
from mailbot.mail.oauth import Tokens


@pytest.fixture
def server() -> Iterator[TokenServer]:
    server = TokenServer()
    server.begin("bot")
    yield server
    server.close()


def tokens(settings: OAuth | None) -> Tokens:
    return Tokens(Login(url="imaps://localhost", auth="oauth2", oauth2=settings))


def test_a_token_is_fetched_once_while_it_is_good(server: TokenServer) -> None:
    source = tokens(server.settings())
    assert source.token() == source.token() == "access-1"
    assert server.forms == [
        {
            "grant_type": "client_credentials",
            "client_id": "mailbot",
            "client_secret": "client secret",
            "scope": "mail",
        }
    ]


def test_a_short_lived_token_serves_for_half_its_life(server: TokenServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.lifetime = 30
    now = time.monotonic()
    monkeypatch.setattr("mailbot.mail.oauth.time.monotonic", lambda: now)
    source = tokens(server.settings())
    assert source.token() == source.token() == "access-1"
    monkeypatch.setattr("mailbot.mail.oauth.time.monotonic", lambda: now + 16)
    assert source.token() == "access-2"


def test_a_token_about_to_expire_is_renewed_already(server: TokenServer, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tokens(server.settings())
    source.token()
    now = time.monotonic()
    monkeypatch.setattr("mailbot.mail.oauth.time.monotonic", lambda: now + server.lifetime - 61)
    assert source.token() == "access-1"
    monkeypatch.setattr("mailbot.mail.oauth.time.monotonic", lambda: now + server.lifetime - 59)
    assert source.token() == "access-2"


def test_a_token_that_was_not_taken_is_fetched_anew(server: TokenServer) -> None:
    source = tokens(server.settings())
    source.token()
    source.forget()
    assert source.token() == "access-2"


def test_a_rotated_refresh_token_is_written_back_and_used_next(server: TokenServer) -> None:
    settings = server.settings("refresh_token")
    source = tokens(settings)
    source.token()
    source.forget()
    source.token()
    assert [form["refresh_token"] for form in server.forms] == ["refresh-0", "refresh-access-1"]
    assert settings.refresh_token is not None
    assert settings.refresh_token.stored == ["refresh-access-1", "refresh-access-2"]


def test_a_refresh_token_that_cannot_be_written_back_serves_as_it_is(server: TokenServer) -> None:
    class FromEnvironment:
        def reveal(self) -> str:
            return "refresh-0"

    settings = replace(server.settings("refresh_token"), refresh_token=FromEnvironment())  # type: ignore[arg-type]
    assert tokens(settings).token() == "access-1"


@pytest.mark.parametrize(
    ("grant", "secret", "words"),
    [
        ("client_credentials", "wrong", "401 invalid_client unknown secret"),
        ("refresh_token", None, "400 invalid_grant refresh token is old"),
    ],
)
def test_a_refusal_is_told_in_the_servers_words_and_without_secrets(
    server: TokenServer, grant: str, secret: str | None, words: str
) -> None:
    settings = server.settings(grant, secret)
    server.refresh = "another"
    with pytest.raises(Unreachable, match=words) as told:
        tokens(settings).token()
    assert told.value.lasting
    assert "wrong" not in str(told.value)
    assert "refresh-0" not in str(told.value)


@pytest.mark.parametrize(
    ("status", "answer", "lasting"),
    [
        (500, {"error": "server_error"}, False),
        (429, {}, False),
        (403, ["a list"], True),
        (200, {"token": "?"}, False),
        (200, "no object", False),
    ],
)
def test_any_other_answer_is_told_in_words(
    server: TokenServer, monkeypatch: pytest.MonkeyPatch, status: int, answer: object, lasting: object
) -> None:
    monkeypatch.setattr(server, "token", lambda _: (status, answer))
    with pytest.raises(Unreachable, match="token") as told:
        tokens(server.settings()).token()
    assert told.value.lasting == lasting


@pytest.mark.parametrize("lifetime", ["3600", None, "soon"])
def test_a_lifetime_as_text_or_none_at_all_will_do(
    server: TokenServer, monkeypatch: pytest.MonkeyPatch, lifetime: str | None
) -> None:
    answer = {"access_token": "t", "expires_in": lifetime}
    monkeypatch.setattr(server, "token", lambda _: (200, answer))
    assert tokens(server.settings()).token() == "t"


def test_a_token_server_that_is_down_is_told_in_words() -> None:
    (nobody,) = free_ports(1)
    with pytest.raises(Unreachable, match=r"no token could be fetched") as told:
        tokens(OAuth(token_url=f"http://127.0.0.1:{nobody}/token")).token()
    assert not told.value.lasting


def test_secrets_go_over_https_only() -> None:
    with pytest.raises(Unreachable, match="https only"):
        tokens(OAuth(token_url="http://login.example.net/token", client_secret=Plain("x"))).token()


def test_auth_oauth2_without_its_table_is_told() -> None:
    with pytest.raises(Unreachable, match="no oauth2 table"):
        tokens(None)
