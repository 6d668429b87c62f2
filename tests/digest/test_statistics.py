"""What `stats` tells of any span of time."""

from datetime import timedelta

import pytest
from house import ANA, BILL, BOB, CAROL, FORM, MONDAY, only
from sqlalchemy import update

from mailbot.digest.figures import Span
from mailbot.digest.statistics import ALL, statistics
from mailbot.store import tables

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def told(house, since=None, until=MONDAY + 30 * DAY):
    with house.bot.store.reading() as conn:
        return statistics(conn, house.bot.directory, Span(since=since, until=until))


def of_type(house, name, **span):
    [figures] = [one for one in told(house, **span).types if one.name == name]
    return figures


@pytest.fixture
def answered(house):
    """Bob's form is incomplete at first; Ana approves after two hours, Bill, late, after three working days."""
    letters = house.mail(BOB, "attribution", "Customer: Acme\n")
    letters = house.reply(only(letters, "incomplete"), "Prefix length: 28\nReason: Two firewalls\n")
    house.now += 2 * HOUR
    house.reply(only(letters, "action", ANA), "approve")
    house.now += 3 * DAY
    house.reply(only(letters, "action", BILL), "Account: A-1")
    return house


def test_a_request_takes_as_long_as_its_requester_waits_in_working_time(answered):
    pace = of_type(answered, "attribution").pace
    assert (pace.count, pace.median, pace.ninety) == (1, 26 * HOUR, 26 * HOUR)
    assert (pace.met, pace.due) == (0, 1)  # three working days were allowed


def test_a_department_takes_as_long_as_its_own_answer(answered):
    found = {one.name: one.pace for one in told(answered).departments}
    assert found["noc"].median == 2 * HOUR
    assert (found["noc"].met, found["noc"].due) == (1, 1)
    assert found["billing"].median == 26 * HOUR
    assert "desk" not in found


def test_mails_and_forms_that_were_not_complete_are_counted(answered):
    answered.mail(CAROL, "quick", FORM)
    slow, quick = of_type(answered, "attribution").quality, of_type(answered, "quick").quality
    assert (slow.closed, slow.mails, slow.complete_at_first_try) == (1, 4, 0)
    assert (quick.closed, quick.mails, quick.complete_at_first_try) == (1, 1, 1)
    whole = of_type(answered, ALL).quality
    assert (whole.closed, whole.mails, whole.complete_at_first_try, whole.trace_complete) == (2, 5, 1, 2)


def test_a_step_that_was_filled_in_wrongly_is_no_fault_of_the_form(house):
    letters = house.start()
    house.reply(only(letters, "action", ANA), "approve")
    house.reply(only(letters, "action", BILL), "Account:\n")
    house.reply(only(letters, "action", BILL), "Account: A-1")
    assert of_type(house, "attribution").quality.complete_at_first_try == 1


def test_a_trace_that_was_changed_is_not_complete(answered):
    answered.mail(CAROL, "quick", FORM)
    with answered.bot.store.transaction() as tx:
        of_bob = tables.history.c.reference == "IP-1"
        tx.conn.execute(
            update(tables.history).where(of_bob, tables.history.c.action == "approved").values(action="asked")
        )
    assert of_type(answered, "attribution").quality.trace_complete == 0
    assert of_type(answered, "quick").quality.trace_complete == 1


def test_each_end_counts_in_the_span_in_which_it_came(answered):
    end = answered.now
    before, after = told(answered, until=end), told(answered, since=end)
    assert [(one.tally.came, one.tally.granted) for one in before.types] == [(1, 0), (1, 0)]
    assert [(one.tally.came, one.tally.granted) for one in after.types] == [(0, 1), (0, 1)]
    assert [one.name for one in before.departments] == ["noc"]
    assert [one.name for one in after.departments] == ["billing"]
