"""What all test servers stand on: programs that must be there, ports, certificates, accounts."""

# ruff: noqa: S603 - the commands are our own

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


def program(name: str) -> str:
    """The path of a server's program; its absence fails loudly, it never skips."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        raise RuntimeError(
            f"{name} is not installed. `make test` installs the servers of the tests,"
            " so does `make servers`; `make test-quick` runs what needs none."
        )
    return path


def place(name: str) -> Path:
    """A directory under /tmp: pytest's own are closed to other users, and too long for sockets."""
    path = Path(tempfile.mkdtemp(prefix=f"mailbot-{name}-", dir="/tmp"))
    path.chmod(0o755)
    return path


def free_ports(count: int) -> list[int]:
    """Ports of 127.0.0.1 that nobody uses now."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def until(there: Callable[[], bool], what: str, seconds: float = 15) -> None:
    """Wait for something that a server does by itself."""
    deadline = time.monotonic() + seconds
    while not there():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what}: not in {seconds} s")
        time.sleep(0.01)


def listens(port: int) -> bool:
    """Whether anybody takes connections there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def answers(port: int, greeting: bytes) -> bool:
    """Whether a server greets there."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            return connection.recv(100).startswith(greeting)
    except OSError:
        return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """An authority of the tests' own, and a server's certificate for localhost and 127.0.0.1."""

    ca: Path
    certificate: Path
    key: Path


def certificates(home: Path) -> Certificates:
    """Made anew; takes some 30 ms."""
    new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    _openssl(
        home, "req", "-x509", *new_key, "-days", "2", "-subj", "/CN=mailbot tests",
        "-addext", "keyUsage=critical,keyCertSign", "-keyout", "ca.key", "-out", "ca.pem",
    )  # fmt: skip
    _openssl(
        home, "req", "-x509", *new_key, "-days", "2", "-subj", "/CN=localhost",
        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE",
        "-CA", "ca.pem", "-CAkey", "ca.key", "-keyout", "tls.key", "-out", "tls.pem",
    )  # fmt: skip
    return Certificates(ca=home / "ca.pem", certificate=home / "tls.pem", key=home / "tls.key")


def _openssl(home: Path, *words: str) -> None:
    subprocess.run([program("openssl"), *words], cwd=home, check=True, capture_output=True)


class Plain:
    """A secret as the config gives it; `stored` is what was written back."""

    def __init__(self, value: str) -> None:
        self._value = value
        self.stored: list[str] = []

    def reveal(self) -> str:
        return self._value

    def store(self, value: str) -> None:
        self._value = value
        self.stored.append(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth:
    """`[mailbox.oauth2]` as the config gives it."""

    token_url: str
    client_id: str = "mailbot"
    client_secret: Plain | None = None
    scope: str = "mail"
    grant: str = "client_credentials"
    refresh_token: Plain | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """`[mailbox]` or `[relay]` as the config gives it: an Account."""

    url: str
    user: Plain | None = None
    password: Plain | None = None
    auth: str = "password"
    oauth2: OAuth | None = None
    ca: Path | None = None
    home: Path = Path("/nonexistent")
