"""Whatever goes wrong between mailbot and NetBox, at whichever call, both agree in the end: nothing twice, none lost.

The life of one prefix (taken, given back, rested, gone) is lived once for each call in it, and something goes wrong
with that call.
"""

import threading
from datetime import timedelta
from functools import partial
from itertools import count

import pytest
from house import BOB, FORM, only
from servers.netbox import Fault, NetBoxServer

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


class Life:
    """One prefix, from the mail that asks for it to its end. `tries` are given to what goes wrong, with a `pause`."""

    tries = 2
    pause = timedelta(minutes=1)

    def __init__(self, house, server):
        self.house, self.server = house, server

    def quiet(self):
        """All done, also what NetBox does when nobody waits for it any more."""
        letters = self.house.in_time(self.tries, self.pause)
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
        assert {letter.kind for letter in letters} <= {"alert"}
        calls = len(self.server.calls) - began
        self.server.faults = self.server.told = lambda *_: None
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
    life.tries, life.pause = 60, timedelta(minutes=11)
    server.faults = lambda number, _call: fault if number * 2654435761 % 4096 % 3 == 0 else None
    life.live()


@pytest.mark.parametrize("late", [False, True], ids=["at once", "when another bot has looked"])
def test_a_bot_that_is_killed_at_any_call_leaves_nothing_half_done(
    life: Life, server: NetBoxServer, *, late: bool
) -> None:
    """What it had asked for is done by NetBox all the same: before another bot goes on, or while it does."""
    house = life.house
    for place in count(1):
        kill = Kill(server, len(server.calls) + place)
        server.told = kill.block
        house.source = partial(kill.source, house, late=late)
        calls = life.live()
        del house.source
        if calls < place:
            return


class Kill:
    """Stops NetBox at one of its calls, kills the bot that waits for it, and lets another one go on."""

    def __init__(self, server, at):
        self.server, self.at = server, at
        self.reached, self.may_go_on = threading.Event(), threading.Event()

    def block(self, _call):
        if len(self.server.calls) == self.at and not self.reached.is_set():
            self.reached.set()
            self.may_go_on.wait(60)

    def source(self, house, bot=None, *, late):
        """As a house's own. `late`: NetBox does what it was asked for when another bot has looked already."""
        source = type(house).source
        if self.may_go_on.is_set():
            return source(house, bot)
        while not self.reached.is_set() and (house.bot.source(0) or house.bot.sourcing.is_at_work):
            self.reached.wait(0.001)
        if not self.reached.is_set():
            return house.send()
        house.die()
        letters = source(house) if late else []
        self.may_go_on.set()
        return letters + source(house)
