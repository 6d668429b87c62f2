"""Several bots, and people who take space in NetBox at the same moment: nothing is held by two."""

import ipaddress
import threading
from collections.abc import Callable
from itertools import combinations

import pytest
from house import BOB, FORM
from sourcing.conftest import SOURCED, SourcedHouse

from mailbot.store import Store
from mailbot.store.space import sourced

pytestmark = pytest.mark.timeout(120)

REQUESTS, OTHERS = 8, 5


def at_once(*deeds: Callable[[], object]) -> None:
    threads = [threading.Thread(target=deed) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert not any(thread.is_alive() for thread in threads)


def test_two_bots_and_the_people_of_netbox_share_a_pool_without_an_overlap(house, server):
    house.source()
    bots = [house.bot, house.another_bot()]
    for _ in range(REQUESTS):
        house.mail(BOB, "quick", FORM)

    def work(bot):
        while True:
            bot.source(None)
            with bot.store.reading() as conn:
                if not sourced.lines(conn):
                    return

    def take():
        for _ in range(OTHERS):
            server.take_next("10.20.0.0/24", 28)

    at_once(*[lambda bot=bot: work(bot) for bot in bots], take)
    bots[1].close()
    house.in_time(1)
    held = [ipaddress.ip_network(prefix) for prefix in server.prefixes()]
    assert len(held) == REQUESTS + OTHERS
    assert not any(one.overlaps(other) for one, other in combinations(held, 2))
    assert len(house.held()) == REQUESTS
    assert {house.request(reference).state.value for reference in house.requests()} == {"completed"}
    assert house.differences() == []


def test_while_one_bot_is_at_work_on_a_pool_another_one_leaves_it_alone(house, server):
    house.source()
    house.mail(BOB, "quick", FORM)
    other = house.another_bot()
    seen = []

    def look(call):
        if call.startswith("POST"):
            seen.append(other.source(None))

    server.told = look
    house.source()
    other.close()
    assert seen == [0]
    assert server.calls.count("POST ipam/prefixes") == 1


def test_an_old_netbox_that_gives_the_same_prefix_to_two_callers_is_found(house, server):
    """Its own available-prefixes did so under parallel calls (netbox#2519): nothing here goes by it."""
    house.mail(BOB, "quick", FORM)
    house.source()
    for _ in range(2):
        server.add("10.20.0.32/28", description="twice")
    house.in_time(1)
    assert house.foreign() == ["10.20.0.32/28"]
    house.mail(BOB, "quick", FORM)
    house.source()
    assert sorted(house.held()) == ["10.20.0.0/28", "10.20.0.16/28"]


@pytest.fixture
def on_postgresql(tmp_path, server, postgres):
    url = postgres.database()
    store = Store(url)
    store.upgrade()
    store.close()
    made = SourcedHouse(tmp_path, server, config=SOURCED.replace("sqlite:///mailbot.db", url))
    yield made
    made.bot.close()


@pytest.mark.servers
def test_on_postgresql_it_is_the_same(on_postgresql, server):
    test_two_bots_and_the_people_of_netbox_share_a_pool_without_an_overlap(on_postgresql, server)
    prefix = next(iter(on_postgresql.held()))
    on_postgresql.mail(BOB, "liberation", f"Prefix: {prefix}\n")
    on_postgresql.in_time(1)
    assert server.status_of(prefix) == ["deprecated"]
