"""The web server: uvicorn in a thread of its own, so that `run` reads mail beside it and both end together."""

import logging
import socket
from threading import Thread
from typing import Self

import uvicorn
from fastapi import FastAPI

from mailbot.errors import NotPossible

log = logging.getLogger(__name__)

PATIENCE = 5
"""Seconds that answers have which are under way when we end."""


class Server:
    """Listens from the moment it is made. Raises NotPossible where it cannot."""

    def __init__(self, app: FastAPI, address: tuple[str, int]) -> None:
        self._socket = _listening(address)
        # Addresses of pages hold log-in links: no log names them. Who is there, a proxy says in a header of its own.
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            lifespan="off",
            timeout_graceful_shutdown=PATIENCE,
        )
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._server.run, args=([self._socket],), name="web", daemon=True)

    @property
    def port(self) -> int:
        """The one that it listens on, also where any would do (0)."""
        return int(self._socket.getsockname()[1])

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(PATIENCE + 1)
        self._socket.close()


def _listening(address: tuple[str, int]) -> socket.socket:
    host, port = address
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server(address, family=family, backlog=128)
    except OSError as error:
        raise NotPossible(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
