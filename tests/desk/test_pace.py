"""What departments usually need: learnt from their answers, known to all bots, told to managers before it is late."""

from datetime import timedelta

import pytest
from house import ANA, ATTRIBUTION, BILL, BOB, CONFIG, FORM, MONDAY, House, kinds, mail, only, reply

from mailbot.desk import Pace
from mailbot.store.answering import note, usual_times

MANAGED = '[groups.bosses]\nmembers = ["boss@example.net"]\n'
BOSS = "boss@example.net"
ORDERLY = ATTRIBUTION.replace('lead_time = "3 working days"', 'lead_time = "1 working day"\nmanagers = ["bosses"]')
ORDERLY = ORDERLY.replace("after = []\n[[step.field]]", 'lead_time = "2 working hours"\n[[step.field]]')
ORDERLY = ORDERLY.replace('lead_time = "8 working hours"', 'lead_time = "4 working hours"')
"""Billing comes after the technical review; there is one working day for both."""


@pytest.fixture
def house(tmp_path):
    config = CONFIG.replace("[groups.billing]", '[groups.billing]\ntitle = "Billing"') + MANAGED
    return House(tmp_path, rules={"attribution": ORDERLY}, config=config)


def seconds(house, department):
    return [row.seconds for row in house.rows("answer_time") if row.department == department]


def learnt(house, department, hours, answers=10):
    """As if it had answered so often, and needed so long."""
    with house.bot.store.transaction() as tx:
        for _ in range(answers):
            note(tx.conn, {department: timedelta(hours=hours)}, house.now)


def known(house, now=None):
    with house.bot.store.reading() as conn:
        return house.bot.pace.at(conn, now or house.now)


def test_an_answer_is_measured_in_the_commit_that_takes_it(house):
    letters = house.start()
    house.now = MONDAY + timedelta(hours=1, minutes=30)
    asked = house.reply(only(letters, "action", ANA), "approve")
    assert [(row.department, row.seconds, row.at) for row in house.rows("answer_time")] == [("noc", 5400, house.now)]
    house.now = MONDAY + timedelta(days=1)
    house.reply(only(asked, "action", BILL), "Account: A-77")
    assert seconds(house, "billing") == [6 * 3600 + 1800]


def test_nothing_is_usual_before_ten_answers(house):
    learnt(house, "billing", 3, answers=9)
    assert known(house) == {}
    learnt(house, "billing", 3, answers=1)
    assert known(house, house.now + timedelta(minutes=2)) == {"billing": timedelta(hours=3)}


def test_of_each_department_the_last_fifty_answers_are_kept(house):
    learnt(house, "billing", 1, answers=60)
    learnt(house, "noc", 2, answers=12)
    learnt(house, "billing", 5, answers=45)
    assert (len(seconds(house, "billing")), len(seconds(house, "noc"))) == (50, 12)
    with house.bot.store.reading() as conn:
        usual = usual_times(conn)
    assert (usual["billing"].answers, usual["billing"].most) == (50, timedelta(hours=5))
    assert usual["noc"].median == timedelta(hours=2)


def test_what_others_have_learnt_is_read_after_a_minute_and_what_we_learn_at_once(house):
    pace = Pace()
    with house.bot.store.transaction() as tx:
        assert pace.at(tx.conn, MONDAY) == {}
    learnt(house, "noc", 2)
    with house.bot.store.transaction() as tx:
        assert pace.at(tx.conn, MONDAY + timedelta(seconds=59)) == {}
        assert pace.at(tx.conn, MONDAY + timedelta(seconds=60)) == {"noc": timedelta(hours=2)}
        for _ in range(10):
            pace.learn(tx.conn, {"billing": timedelta(hours=4)}, MONDAY)
        assert pace.at(tx.conn, MONDAY + timedelta(seconds=61))["billing"] == timedelta(hours=4)


def test_managers_are_told_before_it_is_late_what_a_department_usually_needs(house):
    learnt(house, "billing", 9)
    letters = house.start()
    assert kinds(house.later(MONDAY)) == [("jeopardy", BOSS)]
    letter = house.relay.letters[-1]
    assert letter.subject == "[IP-1] Likely late: Acme: /28"
    words = " ".join(letter.text.split())
    assert (
        "It is due Mon 23 Nov 2026, 17:00 UTC, and as things stand it will be finished Tue 24 Nov 2026, 14:00" in words
    )
    assert "Billing usually needs 9 working hours; 4 are left." in words
    assert "It waits for ana@example.net, li@example.net: a word to them" in words
    assert shape(house)["jeopardy"] is True
    house.reply(only(letters, "acknowledged"), "comment Please hurry.")
    assert "jeopardy" not in dict(kinds(house.wait(hours=1)))
    assert house.history().count("jeopardy") == 1


def test_by_its_lead_times_alone_it_would_be_in_time(house):
    house.start()
    assert kinds(house.later(MONDAY)) == []
    assert shape(house)["jeopardy"] is False


def test_a_manager_reads_of_jeopardy_when_he_works_and_not_where_it_is_over_by_then(tmp_path):
    hours = f'[people."{BOSS}"]\ncalendar = "evening"\n[calendars.evening]\nhours = "mon-fri 18:00-22:00"\n'
    rule = ORDERLY.replace('"1 working day"', '"3 working days"', 1)
    house = House(tmp_path, rules={"attribution": rule}, config=CONFIG + MANAGED + hours)
    letters = house.start()
    house.reply(only(letters, "action", ANA), "delay until 2026-11-25")
    assert kinds(house.later(MONDAY)) == []
    [waiting] = [row for row in house.rows("outbox") if row.kind == "jeopardy"]
    assert (waiting.state, waiting.not_before) == ("waiting", MONDAY + timedelta(hours=9))
    assert house.request().told == {"jeopardy"}
    house.reply(only(letters, "action", ANA), "approve")
    assert [row.state for row in house.rows("outbox") if row.kind == "jeopardy"] == ["withdrawn"]
    assert house.request().told == frozenset()  # should it come back, he is told
    assert kinds(house.later(MONDAY + timedelta(hours=9))) == []


def test_how_departments_answered_outlives_the_bot(house):
    learnt(house, "billing", 9)
    another = house.another_bot()
    another.intake.take(bytes(mail(BOB, "attribution", FORM)), house.now)
    another.follow_up()
    assert ("jeopardy", BOSS) in [(row.kind, row.recipient) for row in house.rows("outbox")]
    another.close()


def shape(house):
    with house.bot.store.reading() as conn:
        return house.bot.shape(conn, house.request())


def test_a_request_that_many_departments_answered_at_once_is_one_answer_each(house):
    letters = house.start()
    house.bot.intake.take(bytes(reply(only(letters, "action", ANA), "approve")), house.now)
    house.bot.intake.take(bytes(reply(only(letters, "action", ANA), "approve")), house.now)
    assert seconds(house, "noc") == [0]
