"""A house with subscribers that a test can slow, break and watch."""

import json
import threading
from dataclasses import dataclass, field

import pytest
from house import CONFIG, House

from mailbot.store import following, subscribers
from mailbot.subscriber import NotTaken

SUBSCRIBERS = """
[subscribers.oss]
kind = "file"
folder = "feed"
[subscribers.faults]
kind = "file"
folder = "feed"
severity = "warning"
[subscribers.tickets]
kind = "mail"
to = "tickets@example.net"
types = ["alert.*"]
"""


@dataclass
class FakeSink:
    """Takes events, or raises what a test tells it to; while `door` is closed, it takes its time."""

    taken: list = field(default_factory=list)
    trouble: Exception | None = None
    lies: bool = False
    """Takes, and says that it has not."""
    door: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self):
        self.door.set()

    def deliver(self, message, now):
        del now
        assert self.door.wait(20)
        if self.trouble and not self.lies:
            raise self.trouble
        self.taken.append(message)
        if self.trouble:
            raise self.trouble

    def check(self):
        return "here"

    def close(self):
        pass

    @property
    def events(self):
        return [json.loads(message.body) for message in self.taken]

    @property
    def types(self):
        return [message.type for message in self.taken]


class Told(House):
    """`oss` is told of all, `faults` of what is grave; both by sinks of the test's."""

    def __init__(self, home, *, more=SUBSCRIBERS, **terms):
        self.oss, self.faults = FakeSink(), FakeSink()
        super().__init__(home, config=CONFIG + terms.pop("config", "") + more, **terms)

    def another_bot(self):
        bot = super().another_bot()
        bot.broadcast.sinks = {**bot.broadcast.sinks, "oss": self.oss, "faults": self.faults}
        return bot

    def tell(self):
        """How many events were taken."""
        return self.bot.broadcast.run(None)

    def line(self):
        """All events, as they stand in the store."""
        with self.bot.store.reading() as conn:
            return following.after(conn, 0, following.Wanted(), until=10**9, most=10**6)

    def subscriber(self, name):
        with self.bot.store.reading() as conn:
            return subscribers.subscription(conn, name)


@pytest.fixture
def house(tmp_path):
    house = Told(tmp_path)
    yield house
    house.bot.close()


DOWN = NotTaken("it is down")
