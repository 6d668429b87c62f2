"""A little HTTP server on the loopback that notes each call, and answers as a test wants it: also late, wrong, not."""

import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

Answer = Callable[[socket.socket], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What has arrived: names of headers in small letters."""

    line: str
    headers: Mapping[str, str]
    body: bytes


def says(status: str, body: str = "", **headers: str) -> Answer:
    """One answer, whole: `says("503 Busy", retry_after="120")`."""
    rows = [f"{name.replace('_', '-')}: {text}" for name, text in headers.items()]
    text = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}", *rows, "", body])
    return lambda line: line.sendall(text.encode())


def cuts(line: socket.socket) -> None:
    """Hangs up, and says nothing."""
    line.shutdown(socket.SHUT_RDWR)


@dataclass(kw_only=True)
class Hooks:
    """`answer` is how the next calls are answered; while it is `deaf`, it notes none of them."""

    certificate: Path | None = None
    key: Path | None = None
    calls: list[Call] = field(default_factory=list)
    answer: Answer = field(default_factory=lambda: says("200 OK", "done"))
    port: int = 0
    deaf: bool = False

    def __post_init__(self) -> None:
        self._open = threading.Event()
        self._listener: socket.socket | None = None
        self.up()

    @property
    def url(self) -> str:
        return f"{'https' if self.certificate else 'http'}://127.0.0.1:{self.port}/hook"

    def up(self) -> None:
        """Listen; again on the same port, where it was down."""
        listener = socket.create_server(("127.0.0.1", self.port), reuse_port=False)
        self.port = listener.getsockname()[1]
        self._listener = listener
        self._open.clear()
        threading.Thread(target=self._listen, args=(listener,), daemon=True).start()

    def down(self) -> None:
        """From now on connections are refused; whoever hangs is let go."""
        self._open.set()
        if self._listener is not None:
            with suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None

    def hangs(self, line: socket.socket) -> None:
        """Says nothing until it is down."""
        del line
        self._open.wait(30)

    def drips(self, line: socket.socket) -> None:
        """Says a letter at a time, for ever: each comes in time, the whole never."""
        with suppress(OSError):
            line.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while not self._open.wait(0.05):
                line.sendall(b"x")

    def _listen(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                line, _ = listener.accept()
                threading.Thread(target=self._take, args=(line,), daemon=True).start()

    def _take(self, line: socket.socket) -> None:
        with suppress(OSError, ValueError):
            if self.certificate:
                context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
                context.load_cert_chain(self.certificate, self.key)
                line = context.wrap_socket(line, server_side=True)
            with line, line.makefile("rb") as words:
                head = words.readline().decode().strip()
                rows = iter(lambda: words.readline().decode("latin-1").strip(), "")
                headers = {name.lower(): text.strip() for name, _, text in (row.partition(":") for row in rows)}
                body = words.read(int(headers.get("content-length", 0)))
                if head and not self.deaf:
                    self.calls.append(Call(line=head, headers=headers, body=body))
                if head:
                    self.answer(line)
