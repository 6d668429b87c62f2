"""The web server beside the bot: it begins with `run`, ends with it, and `serve` is it alone."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from house import BOB, CONFIG, House, kinds

from mailbot.errors import NotPossible
from mailbot.web import Server, build

PATIENCE = 60


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as one:
        return one.getsockname()[1]


def answered(port, path="/healthz"):
    """What is answered, as soon as anything is."""
    begun = time.monotonic()
    while time.monotonic() < begun + PATIENCE:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return answer.read().decode()
        except OSError:
            time.sleep(0.1)
    raise AssertionError("nothing is served")


def test_a_port_that_is_taken_is_told_in_words(house):
    app = build(house.bot.web_parts)
    with Server(app, ("127.0.0.1", 0)) as server, pytest.raises(NotPossible, match="cannot listen on"):
        Server(app, ("127.0.0.1", server.port))


def test_it_serves_from_its_thread_and_ends_with_its_block(house):
    with Server(build(house.bot.web_parts), ("127.0.0.1", 0)) as server:
        assert answered(server.port) == "ok"
        assert "Log in" in answered(server.port, "/requests/IP-1")
        port = server.port
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port), timeout=1)


@pytest.fixture
def served(tmp_path):
    """A house on disk with [web], and its port."""
    port = free_port()
    return House(tmp_path, config=f'{CONFIG}\n[web]\nlisten = "127.0.0.1:{port}"\n'), port


@pytest.mark.slow
@pytest.mark.parametrize("command", ["run", "serve"])
def test_the_command_serves_the_pages_until_it_is_told_to_end(served, command):
    house, port = served
    bot = subprocess.Popen(  # noqa: S603 (our own program)
        [sys.executable, "-m", "mailbot", "--config", str(house.home / "config.toml"), command],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "default"},
    )
    try:
        assert answered(port, "/readyz") == "ok"
        bot.send_signal(signal.SIGTERM)
        _, words = bot.communicate(timeout=PATIENCE)
    finally:
        bot.kill()
    assert bot.returncode == 0, words
    assert "Traceback" not in words
    assert f"the pages are served on 127.0.0.1:{port}" in words


@pytest.mark.slow
def test_once_serves_no_pages_and_serve_wants_to_know_where(served, tmp_path):
    house, port = served
    with socket.create_server(("127.0.0.1", port)):  # it would be told that this is taken
        done = mailbot(house, "run", "--once")
        assert (done.returncode, done.stderr) == (0, "")
        refused = mailbot(house, "serve")
        assert (refused.returncode, refused.stderr.count("cannot listen on")) == (1, 1)
    config = tmp_path / "config.toml"
    config.write_text(config.read_text().partition("[web]")[0])
    assert "no [web]" in mailbot(house, "serve").stderr


def mailbot(house, *words):
    return subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, "-m", "mailbot", "--config", str(house.home / "config.toml"), *words],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_letters_link_to_the_page_of_their_request(house):
    letters = house.start(sender=BOB)
    assert ("acknowledged", BOB) in kinds(letters)
    for letter in letters:
        assert "http://ip.example.net/requests/IP-1" in letter.text
