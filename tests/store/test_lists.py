"""What programs list is counted exactly, whichever way it is found."""

from dataclasses import replace

import pytest
from house import ANA, BILL, BOB, CAROL, EVE, HEAD, ROOT, House

from mailbot.process.request import State
from mailbot.store import Transaction, lists
from mailbot.store.lists import Cut, Wanted


@pytest.fixture
def house(tmp_path):
    """Seven requests of three people and two types; of one, a department has answered."""
    house = House(tmp_path)
    for sender in (BOB, CAROL, BOB, ANA):
        house.start(sender=sender)
    for sender in (BOB, CAROL, BOB):
        house.allocated(sender)
    return house


def sight_of(house, conn, person):
    viewer = house.bot.web_parts.viewer(conn, person)
    return replace(viewer.sight, types=frozenset({"quick"})) if person == HEAD else viewer.sight


WANTED = (
    Wanted(),
    Wanted(states=["inProgress"]),
    Wanted(types=["quick"]),
    Wanted(requesters=[BOB]),
    Wanted(open=True),
    Wanted(late=True),
    Wanted(references=["IP-1", "IP-5", "IP-99"]),
    Wanted(states=[state.value for state in State], types=["attribution"]),
)


@pytest.mark.parametrize("few", [0, 1, 3, 1000])
def test_who_sees_many_is_told_the_same_as_who_sees_few_and_as_a_plain_reading(house, monkeypatch, few):
    monkeypatch.setattr(lists, "FEW", few)
    house.wait(days=20)
    with house.bot.store.reading() as conn:
        everything = lists.requests(conn, Wanted(), sight_of(house, conn, ROOT), Cut(most=100), house.now).rows
        for person in (ANA, BILL, BOB, CAROL, EVE, HEAD, ROOT):
            sight = sight_of(house, conn, person)
            plain = [one for one in everything if is_seen(one, sight, conn)]
            for wanted in WANTED:
                told = lists.requests(conn, wanted, sight, Cut(most=100), house.now)
                expected = [one.reference for one in plain if holds(one, wanted, house.now)]
                assert [one.reference for one in told.rows] == expected, (person, wanted)
                assert told.total == len(expected), (person, wanted)
                page = lists.requests(conn, wanted, sight, Cut(most=1, offset=1), house.now)
                assert [one.reference for one in page.rows] == expected[1:2]
                assert page.total == len(expected)


def is_seen(request, sight, conn):
    stored = Transaction(conn).load(request.reference).request
    names = {name for step in stored.steps for name in (*step.asked, *step.departments)}
    concerned = not names.isdisjoint(sight.names)
    return sight.everything or concerned or request.requester in sight.selves or request.type in sight.types


def holds(request, wanted, now):
    named = (
        (request.state.value, wanted.states),
        (request.type, wanted.types),
        (request.requester, wanted.requesters),
        (request.reference, wanted.references),
    )
    late = request.due is not None and (request.closed or now) > request.due
    return (
        all(among is None or one in among for one, among in named)
        and (not wanted.open or not request.is_closed)
        and (not wanted.late or late)
    )
