"""Whatever goes wrong between mailbot and NetBox, at whichever call: in the end both agree, nothing twice, nothing lost.

The life of one prefix (taken, given back, rested, gone) is lived once for each call in it, and something goes wrong
with that call.
"""

import threading
from datetime import timedelta
from itertools import count

import pytest
from house import BOB, FORM, only
from servers.netbox import Fault, NetBoxServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

BETWEEN_TRIES = timedelta(minutes=1)


class Life:
    """One prefix, from the mail that asks for it to its end. `tries` are given to what goes wrong."""

    tries = 2

    def __init__(self, house, server):
        self.house, self.server = house, server

    def quiet(self):
        """All done, also what NetBox does when nobody waits for it any more."""
        letters = self.house.in_time(self.tries, BETWEEN_TRIES)
        self.server.settle()
        return letters + self.house.in_time(1)

    def live(self):
        began = len(self.server.calls)
        letters = self.house.mail(BOB, "quick", FORM)
        completed = only(letters + self.quiet(), "completed", BOB)
        [address] = self.house.request(completed.reference).addresses
        assert self.house.held() == {address.prefix: "allocated"}
        assert self.server.prefixes() == [address.prefix]
        assert self.server.status_of(address.prefix) == ["active"]
        assert f"[mailbot {completed.reference}/allocate " in self.server.described(address.prefix)[0]
        letters = self.house.mail(BOB, "liberation", f"Prefix: {address.prefix}\n")
        letters += self.quiet()
        only(letters, "completed", BOB)
        assert self.server.status_of(address.prefix) == ["deprecated"]
        letters = self.house.wait(days=31) + self.quiet()
        assert letters == []
        calls = len(self.server.calls) - began
        self.server.faults = lambda _number, _call: None
        assert (self.house.held(), self.server.prefixes(), self.house.differences()) == ({}, [], [])
        return calls


@pytest.fixture
def life(house, server):
    made = Life(house, server)
    made.quiet()
    return made


@pytest.mark.parametrize("fault", Fault)
def test_a_fault_at_any_one_call_changes_nothing_in_the_end(life: Life, server: NetBoxServer, fault: Fault) -> None:
    for place in count(1):
        begun = len(server.calls)
        server.faults = lambda number, _call, at=begun + place: fault if number == at else None
        if life.live() < place:
            return


@pytest.mark.parametrize("fault", [Fault.FAILS_AFTER, Fault.CUTS_AFTER, Fault.BUSY])
def test_a_netbox_that_fails_at_every_third_call_is_brought_along_all_the_same(
    life: Life, server: NetBoxServer, fault: Fault
) -> None:
    life.tries = 40
    server.faults = lambda number, _call: fault if number * 2654435761 % 4096 % 3 == 0 else None
    life.live()


@pytest.mark.parametrize("late", [False, True], ids=["at once", "when another bot has looked"])
def test_a_bot_that_is_killed_at_any_call_leaves_nothing_half_done(
    life: Life, server: NetBoxServer, *, late: bool
) -> None:
    """What it had asked for is done by NetBox all the same: before another bot goes on, or while it does."""
    house = life.house
    for place in count(1):
        begun = len(server.calls)
        reached, may_go_on = threading.Event(), threading.Event()

        def block(_call: str, at: int = begun + place) -> None:
            if len(server.calls) == at and not reached.is_set():
                reached.set()
                may_go_on.wait(60)

        server.told = block
        house.source = _dying(house, server, reached, may_go_on, late=late)
        calls = life.live()
        del house.source
        if calls < place:
            return


def _dying(house, server, reached, may_go_on, *, late):
    """As `source`, but that the bot is killed when it has asked what is blocked."""
    source = type(house).source

    def run(bot=None):
        if may_go_on.is_set():
            return source(house, bot)
        while not reached.is_set() and (house.bot.source(0) or house.bot.sourcing._at_work):  # noqa: SLF001
            reached.wait(0.001)
        if not reached.is_set():
            return house.send()
        house.die()
        if late:
            letters = source(house)
            may_go_on.set()
            return letters
        may_go_on.set()
        return source(house)

    return run
