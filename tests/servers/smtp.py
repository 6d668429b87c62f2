"""A real SMTP server (aiosmtpd): STARTTLS, AUTH, and every unkind answer that a test asks for."""

# ruff: noqa: N802 - aiosmtpd's names

import asyncio
import base64
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from servers.ground import Certificates, Login, Plain
from servers.tokens import TokenServer

USER, PASSWORD = "bot", "sécret"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A letter that the server took."""

    sender: str
    to: tuple[str, ...]
    raw: bytes


@dataclass(slots=True, kw_only=True)
class Office:
    """What the server does: `answers` gives a verb's reply (or that of "RCPT ADDRESS") instead of a yes."""

    tokens: TokenServer
    letters: list[Sent] = field(default_factory=list)
    password: str = PASSWORD
    answers: dict[str, str] = field(default_factory=dict)
    verbs: list[str] = field(default_factory=list)
    taken: Callable[[Sent], object] = lambda _: None

    def authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, mechanism: str, login: Any
    ) -> AuthResult:
        self.verbs.append(f"AUTH {mechanism}")
        good = isinstance(login, LoginPassword) and (login.login, login.password) == (
            USER.encode(),
            self.password.encode(),
        )
        return AuthResult(success=good, handled=False)

    async def auth_XOAUTH2(self, server: SMTP, words: list[str]) -> AuthResult:
        self.verbs.append("AUTH XOAUTH2")
        said = dict(part.split("=", 1) for part in base64.b64decode(words[1]).decode().split("\1") if part)
        token = said["auth"].removeprefix("Bearer ")
        if self.tokens.users.get(token) == said["user"]:
            return AuthResult(success=True)
        await server.challenge_auth(b'{"status":"400"}')
        return AuthResult(success=False, handled=False)

    async def handle_EHLO(
        self, _server: SMTP, session: Session, _envelope: Envelope, name: str, lines: list[str]
    ) -> list[str]:
        self.verbs.append("EHLO")
        session.host_name = name
        return lines

    async def handle_MAIL(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.verbs.append("MAIL")
        if "MAIL" in self.answers:
            return self.answers["MAIL"]
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        self.verbs.append("RCPT")
        for key in ("RCPT", f"RCPT {address}"):
            if key in self.answers:
                return self.answers[key]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        self.verbs.append("DATA")
        if "DATA" in self.answers:
            return self.answers["DATA"]
        letter = Sent(
            sender=(envelope.mail_from or "").strip("<>"),
            to=tuple(envelope.rcpt_tos),
            raw=bytes(envelope.content or b""),
        )
        self.letters.append(letter)
        self.taken(letter)
        return "250 taken"


class SmtpServer:
    """Ports `starttls` (submission), `smtps` and `plain` on the loopback, one office behind them."""

    def __init__(self, tls: Certificates, tokens: TokenServer) -> None:
        self.ca: Path = tls.ca
        self._tokens = tokens
        self.begin()
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(tls.certificate, tls.key)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.connections = 0
        self._servers: list[asyncio.Server] = []
        self.starttls = self._listen(tls_context=self._context, require_starttls=True, auth_required=True)
        self.smtps = self._listen(implicit=True, auth_require_tls=False)
        self.plain = self._listen()
        self.login_only = self._listen(tls_context=self._context, auth_exclude_mechanism=["PLAIN"])

    def begin(self) -> None:
        """Forget what was; answer yes to everything."""
        self.office = Office(tokens=self._tokens)

    def login(self, **changes: Any) -> Login:
        """An Account of this server, by STARTTLS if nothing else is said."""
        return Login(**{
            "url": f"smtp+starttls://localhost:{self.starttls}",
            "user": Plain(USER), "password": Plain(PASSWORD), "ca": self.ca, **changes,
        })  # fmt: skip

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._shut(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    def _listen(self, *, implicit: bool = False, **options: Any) -> int:
        def protocol() -> SMTP:
            self.connections += 1
            office = self.office
            return SMTP(office, hostname="localhost", loop=self._loop, authenticator=office.authenticate, **options)

        context = self._context if implicit else None
        listening = self._loop.create_server(protocol, "127.0.0.1", 0, ssl=context)
        server = asyncio.run_coroutine_threadsafe(listening, self._loop).result(10)
        self._servers.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def _shut(self) -> None:
        for server in self._servers:
            server.close()
        for task in asyncio.all_tasks(self._loop) - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0.05)
