"""What systemd is told."""

import socket

import pytest

from mailbot.cli import notify


@pytest.fixture(params=["a path", "an abstract name"])
def systemd(request, tmp_path, monkeypatch):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
        name = str(tmp_path / "notify") if request.param == "a path" else f"\0mailbot-{tmp_path.name}"
        way.bind(name)
        way.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", name.replace("\0", "@"))
        yield way


def test_systemd_hears_of_the_beginning_of_each_round_and_of_the_end(systemd):
    notify.ready("takes requests for attribution")
    notify.alive()
    notify.stopping()
    words = [systemd.recv(1000).decode() for _ in range(3)]
    assert words == ["READY=1\nSTATUS=takes requests for attribution", "WATCHDOG=1", "STOPPING=1"]


def test_without_systemd_nothing_happens(monkeypatch, tmp_path):
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    notify.alive()
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "nobody"))
    notify.alive()
