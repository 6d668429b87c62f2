"""kill -9 of a real bot between a subscriber's yes and the mark, and at other bad moments: nothing lost, same ids."""

import json
import os
import signal

import pytest
from broadcast.conftest import SUBSCRIBERS
from house import BOB, CONFIG, FORM, House

from mailbot.bot import Bot
from mailbot.config import load
from mailbot.store import following
from mailbot.subscriber.file import FileSink


@pytest.fixture
def house(tmp_path):
    """With events that wait for a folder."""
    tmp_path.joinpath("feed").mkdir()
    tmp_path.joinpath("feed2").mkdir()
    more = SUBSCRIBERS.replace('folder = "feed"\nseverity', 'folder = "feed2"\nseverity')
    house = House(tmp_path, config=CONFIG + more)
    for _ in range(3):
        house.mail(BOB, "quick", FORM)
    yield house
    house.bot.close()


def killed(house, at):
    """A bot in a process of its own, that is killed when so many events were taken, before it can say so."""
    child = os.fork()
    if child == 0:
        try:
            live(house, at)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


def live(house, at):
    taken, deliver = [], FileSink.deliver

    def deliver_then_die(self, message, now):
        deliver(self, message, now)
        taken.append(message)
        if len(taken) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    FileSink.deliver = deliver_then_die
    bot = Bot(load(house.home / "config.toml"), clock=lambda: house.now)
    bot.broadcast.run(None)
    bot.close()


def told(house):
    lines = [path.read_bytes().splitlines() for path in sorted((house.home / "feed").iterdir())]
    return [json.loads(line)["id"] for file in lines for line in file]


def line(house):
    with house.bot.store.reading() as conn:
        return [one.name for one in following.after(conn, 0, following.Wanted(), until=10**9, most=10**6)]


def test_a_bot_that_is_killed_over_and_over_loses_nothing_and_tells_one_event_twice_each_time(house):
    house.bot.store.close()  # no connection goes through a fork
    deaths = 0
    while killed(house, 2):
        deaths += 1
    assert deaths > 3
    wanted, found = line(house), told(house)
    assert list(dict.fromkeys(found)) == wanted
    assert len(found) - len(wanted) <= deaths
    house.bot.broadcast.run(None)
    assert told(house) == found


def test_a_line_that_was_cut_off_is_ended_and_told_again_whole(house):
    house.bot.broadcast.run(None)
    [path] = (house.home / "feed").iterdir()
    path.write_bytes(path.read_bytes() + b'{"id": "half')
    house.mail(BOB, "quick", FORM)
    house.bot.broadcast.run(None)
    whole = [row for row in path.read_bytes().splitlines() if row.endswith(b"}")]
    assert [json.loads(row)["id"] for row in whole] == line(house)
