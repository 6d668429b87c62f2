"""A wire between bot and server that a test can cut or freeze."""

import contextlib
import socket
import threading
from collections.abc import Callable


class Wire:
    """Listens on `port` and passes all on to another port of 127.0.0.1, both ways.

    `told` sees what the client says, before the server does, and may cut or freeze the wire.
    """

    def __init__(self, to: int) -> None:
        self._to = to
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.told: Callable[[bytes], object] = lambda _: None
        self.answered: Callable[[bytes], object] = lambda _: None
        self.connections = 0
        self._ends: list[socket.socket] = []
        self._open = threading.Event()
        self._open.set()
        self._threads: list[threading.Thread] = []
        self._run(self._accept)

    def cut(self) -> None:
        """Hang up on both sides, now; new connections are taken as before."""
        ends, self._ends = self._ends, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def half_close(self) -> None:
        """Whoever called hears that no more will come; what he says still arrives, and is not answered any more."""
        for near in self._ends[::2]:
            with contextlib.suppress(OSError):
                near.shutdown(socket.SHUT_WR)

    def freeze(self) -> None:
        """Nothing passes any more, and nobody is told."""
        self._open.clear()

    def thaw(self) -> None:
        self._open.set()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.thaw()
        self.cut()
        for thread in self._threads:
            thread.join(5)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                self.connections += 1
                far = socket.create_connection(("127.0.0.1", self._to))
                self._ends += [near, far]
                self._run(self._pass, near, far, lambda some: self.told(some))  # noqa: PLW0108 - `told` changes
                self._run(self._pass, far, near, lambda some: self.answered(some))  # noqa: PLW0108 - so does it

    def _pass(self, here: socket.socket, there: socket.socket, seen: Callable[[bytes], object]) -> None:
        with contextlib.suppress(OSError):
            while some := here.recv(65536):
                self._open.wait()
                seen(some)
                there.sendall(some)
        for end in (here, there):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        here.close()

    def _run(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()
