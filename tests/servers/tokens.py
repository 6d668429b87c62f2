"""A token server (RFC 6749, RFC 7662) on the loopback, as Microsoft's and Google's are."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from urllib.parse import parse_qs

from servers.ground import OAuth, Plain


class TokenServer:
    """Gives access tokens for `user`, rotates refresh tokens, and tells mail servers who a token is."""

    def __init__(self) -> None:
        self._serial = count(1)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._answers())
        self._server.daemon_threads = True
        self.users: dict[str, str] = {}  # access token → user
        self.forms: list[dict[str, str]] = []  # what was asked of /token
        self.lifetime = 3600
        self.user = ""
        self.secret = "client secret"
        self.refresh = "refresh-0"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def begin(self, user: str) -> None:
        """Forget all that was; from now on tokens are this user's."""
        self.users.clear()
        self.forms.clear()
        self.user, self.lifetime, self.refresh = user, 3600, "refresh-0"

    def revoke(self) -> None:
        """All tokens given so far are void, before their time."""
        self.users.clear()

    def settings(self, grant: str = "client_credentials", secret: str | None = None) -> OAuth:
        """A `[mailbox.oauth2]` that names this server."""
        return OAuth(
            token_url=f"{self.url}/token",
            client_secret=Plain(secret or self.secret),
            grant=grant,
            refresh_token=Plain(self.refresh) if grant == "refresh_token" else None,
        )

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        """POST /token."""
        self.forms.append(form)
        if form.get("client_secret") != self.secret:
            return 401, {"error": "invalid_client", "error_description": "unknown secret"}
        if form["grant_type"] == "refresh_token" and form.get("refresh_token") != self.refresh:
            return 400, {"error": "invalid_grant", "error_description": "refresh token is old"}
        token = f"access-{next(self._serial)}"
        self.users[token] = self.user
        answer: dict[str, object] = {"access_token": token, "expires_in": self.lifetime}
        if form["grant_type"] == "refresh_token":
            self.refresh = f"refresh-{token}"
            answer["refresh_token"] = self.refresh
        return 200, answer

    def introspect(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        """POST /introspect, asked by Dovecot."""
        user = self.users.get(form.get("token", ""))
        if user is None:
            return 200, {"active": False}
        return 200, {"active": True, "username": user, "scope": "mail"}

    def _answers(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Answers(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                text = self.rfile.read(int(self.headers["Content-Length"])).decode()
                form = {name: values[0] for name, values in parse_qs(text).items()}
                asked = server.token if self.path.startswith("/token") else server.introspect
                status, answer = asked(form)
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Quiet."""

        return Answers
