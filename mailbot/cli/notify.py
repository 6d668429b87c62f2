"""What systemd is told of a service of Type=notify (sd_notify(3)): ready, still alive, stopping."""

import os
import socket


def tell(*lines: str) -> None:
    """Nothing happens where no systemd listens."""
    path = os.environ.get("NOTIFY_SOCKET", "")
    if not path:
        return
    address = f"\0{path[1:]}" if path.startswith("@") else path
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as way:
            way.connect(address)
            way.send("\n".join(lines).encode())
    except OSError:
        return  # who does not listen any more needs no word


def ready(words: str) -> None:
    tell("READY=1", f"STATUS={words}")


def alive() -> None:
    """Within WatchdogSec, each time."""
    tell("WATCHDOG=1")


def stopping() -> None:
    tell("STOPPING=1")
