"""What programs list, and how much of it is counted: the same whichever way it is found."""

from dataclasses import replace
from datetime import timedelta

import pytest
from house import ANA, BOB, CAROL, CONFIG, EVE, HEAD, MONDAY, ROOT, House
from sqlalchemy import and_, not_, select

from mailbot.process.request import State
from mailbot.store import Store, lists, tables, views
from mailbot.store.lists import Cut, Wanted, found, seen, values

DAY = timedelta(days=1)
CUT = Cut(most=100)


@pytest.fixture
def house(tmp_path, url):
    """Seven requests of three people and two types."""
    store = Store(url)
    store.upgrade()
    store.close()
    house = House(tmp_path, config=CONFIG.replace("sqlite:///mailbot.db", url))
    for sender in (BOB, CAROL, BOB, ANA):
        house.start(sender=sender)
    for sender in (BOB, CAROL, BOB):
        house.allocated(sender)
    yield house
    house.bot.close()


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
    Wanted(late=True, open=True, types=["attribution"]),
    Wanted(created=(MONDAY, None), states=["completed", "inProgress"]),
    Wanted(due=(MONDAY, MONDAY + 30 * DAY), requesters=[BOB, CAROL]),
    Wanted(closed=(None, MONDAY + DAY)),
    Wanted(types=["none"]),
    Wanted(open=True, states=["completed"]),
    Wanted(references=["IP-1", "IP-5", "IP-99"]),
    Wanted(states=[state.value for state in State], types=["attribution"]),
)


def shown(house, person, wanted, cut=CUT):
    with house.bot.store.reading() as conn:
        return lists.requests(conn, wanted, sight_of(house, conn, person), cut, house.now)


def plainly(house, person):
    """What he may see, newest first, each looked at by itself."""
    with house.bot.store.reading() as conn:
        sight = sight_of(house, conn, person)
        return [one for one in everything(conn, house.now) if is_seen(one, sight, conn)]


def everything(conn, now):
    return list(views.requests(conn, views.RequestFilter(), now))[::-1]


@pytest.mark.parametrize(("few", "ranges"), [(0, 100), (0, 0), (3, 100), (1000, 100)])
def test_who_sees_many_is_told_the_same_as_who_sees_few_and_as_a_plain_reading(house, monkeypatch, few, ranges):
    monkeypatch.setattr(seen, "FEW", few)
    monkeypatch.setattr(found, "MOST_RANGES", ranges)
    house.wait(days=20)
    for person in (ANA, BOB, CAROL, EVE, HEAD, ROOT):
        plain = plainly(house, person)
        for wanted in WANTED:
            expected = [one.reference for one in plain if holds(one, wanted, house.now)]
            told = shown(house, person, wanted)
            assert [one.reference for one in told.rows] == expected, (person, wanted)
            assert (told.total, told.more) == (len(expected), False), (person, wanted)
            page = shown(house, person, wanted, Cut(most=1, offset=1))
            assert [one.reference for one in page.rows] == expected[1:2], (person, wanted)
            assert (page.total, page.more) == (len(expected), len(expected) > 2)


def test_a_page_begins_behind_the_request_that_it_names_in_either_order(house):
    for few in (0, 1000):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(seen, "FEW", few)
            assert names(shown(house, ANA, Wanted(), Cut(most=2, after="IP-3"))) == ["IP-2", "IP-1"]
            oldest = shown(house, ANA, Wanted(), Cut(most=2, after="IP-1", oldest_first=True))
            assert (names(oldest), oldest.total, oldest.more) == (["IP-2", "IP-3"], 4, True)


def names(page):
    return [one.reference for one in page.rows]


@pytest.mark.parametrize("few", [0, 1000])
def test_who_looks_after_very_many_sees_what_is_theirs(house, few, monkeypatch):
    monkeypatch.setattr(seen, "FEW", few)
    with house.bot.store.reading() as conn:
        sight = sight_of(house, conn, ANA)
        those = [*sight.names, *(f"customer:C-{number}" for number in range(1_100))]
        wide = lists.requests(conn, Wanted(open=True), replace(sight, names=frozenset(those)), CUT, house.now)
        assert names(wide) == names(lists.requests(conn, Wanted(open=True), sight, CUT, house.now)) != []


@pytest.mark.parametrize("few", [0, 1000])
def test_more_than_are_counted_have_no_total_until_the_last_page(house, monkeypatch, few):
    monkeypatch.setattr(seen, "FEW", few)
    monkeypatch.setattr(values, "COUNTED", 3)
    first, last = (shown(house, ROOT, Wanted(), Cut(most=4, offset=offset)) for offset in (0, 4))
    assert (first.total, first.more, len(first.rows)) == (None, True, 4)
    assert (last.total, last.more, len(last.rows)) == (7, False, 3)
    assert shown(house, ROOT, Wanted(), Cut(most=4, offset=90)).total is None
    assert shown(house, ROOT, Wanted(types=["quick"]), Cut(most=1)).total == 3


def test_where_each_must_be_looked_at_by_itself_fewer_are_counted(house, monkeypatch):
    monkeypatch.setattr(seen, "FEW", 0)
    monkeypatch.setattr(values, "LOOKED_AT", 1)
    by_look = Wanted(requesters=[BOB]), Wanted(due=(MONDAY, MONDAY + 30 * DAY))
    assert [shown(house, ANA, wanted, Cut(most=1)).total for wanted in by_look] == [None, None]
    assert [shown(house, ANA, wanted, Cut(most=1)).total for wanted in (Wanted(), Wanted(open=True))] == [4, 4]


def test_what_somebody_may_not_see_is_in_no_total_and_makes_none_end(house, monkeypatch):
    monkeypatch.setattr(seen, "FEW", 0)
    monkeypatch.setattr(values, "COUNTED", 4)
    assert [shown(house, who, Wanted(), Cut(most=1)).total for who in (ROOT, ANA, CAROL, EVE)] == [None, 4, 2, 0]
    house.start(sender=BOB)
    assert [shown(house, who, Wanted(), Cut(most=1)).total for who in (ROOT, ANA, CAROL, EVE)] == [None, None, 2, 0]


def test_whether_there_is_a_total_tells_nothing_of_what_others_have(house, monkeypatch):
    """Whoever sees many asks for what is rare; that it becomes common with others changes no answer of his."""
    monkeypatch.setattr(seen, "FEW", 3)
    monkeypatch.setattr(values, "COUNTED", 3)
    rare = Wanted(closed=(MONDAY, None)), Wanted(requesters=[BOB]), Wanted(types=["quick"])

    def told():
        return [shown(house, ANA, wanted, Cut(most=0)).total for wanted in rare]

    before = told()
    for _ in range(3):
        house.allocated(BOB)
    assert told() == before


def test_whom_a_request_concerns_is_found_by_the_state_that_it_has_now(house):
    house.reply(next(letter for letter in house.start(sender=BOB) if letter.to == ANA), "reject too large")
    columns = [tables.concern.c[name] == tables.request.c[name] for name in ("state", "type", "created")]
    ledger = select(tables.concern).join(tables.request).where(not_(and_(*columns)))
    with house.bot.store.reading() as conn:
        of_it = select(tables.concern.c.state).join(tables.request).where(tables.request.c.reference == "IP-8")
        assert set(conn.scalars(of_it)) == {"rejected"}
        assert conn.execute(ledger).all() == []


def is_seen(request, sight, conn):
    stored = views.request(conn, request.reference)
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
    spans = ((request.created, wanted.created), (request.due, wanted.due), (request.closed, wanted.closed))
    return (
        all((not begin or (at and at >= begin)) and (not end or (at and at < end)) for at, (begin, end) in spans)
        and all(among is None or one in among for one, among in named)
        and (not wanted.open or not request.is_closed)
        and (not wanted.late or late)
    )
