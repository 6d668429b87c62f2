"""Answer times, and letters that are withdrawn, mean the same on both databases, and to several bots at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from house import ANA, CONFIG, LI, MONDAY, House, only, reply

from mailbot.store import Store
from mailbot.store.answering import note, usual_times

EVENING = """
[people."li@example.net"]
calendar = "evening"
[calendars.evening]
hours = "mon-fri 18:00-22:00"
"""


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def house(request, tmp_path):
    url = "sqlite:///mailbot.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").database()
        store = Store(url)
        store.upgrade()
        store.close()
    house = House(tmp_path, config=(CONFIG + EVENING).replace("sqlite:///mailbot.db", url))
    yield house
    house.bot.close()


def test_of_each_department_the_last_fifty_answers_count(house):
    with house.bot.store.transaction() as tx:
        for hours in range(60):
            note(tx.conn, {"noc": timedelta(hours=hours), "billing": timedelta(hours=1)}, MONDAY)
        for _ in range(9):
            note(tx.conn, {"security": timedelta(hours=1)}, MONDAY)
        known, alone = usual_times(tx.conn), usual_times(tx.conn, "noc")
    assert len(house.rows("answer_time")) == 50 + 50 + 9
    assert known.keys() == {"noc", "billing"}
    assert known["noc"] == alone["noc"]
    assert (known["noc"].answers, known["noc"].median, known["noc"].most) == (
        50,
        timedelta(hours=34),
        timedelta(hours=49),
    )


def test_bots_that_take_answers_together_measure_each_once(house):
    letters = [house.start() for _ in range(6)]
    others = [house.another_bot() for _ in range(2)]
    bots = [house.bot, *others] * 2
    house.now = MONDAY + timedelta(hours=2)
    mails = [bytes(reply(only(some, "action", ANA), "approve")) for some in letters]
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda bot, raw: bot.intake.take(raw, house.now), bots, mails))
    assert [(row.department, row.seconds) for row in house.rows("answer_time")] == [("noc", 7200)] * 6
    for bot in others:
        bot.close()


def test_a_letter_that_is_answered_while_it_leaves_has_left_or_was_withdrawn(house):
    another = house.another_bot()
    for _ in range(5):
        letters = house.start()
        reference = letters[0].reference
        house.later(house.now + timedelta(hours=4))
        [row] = [r for r in house.rows("outbox") if (r.reference, r.kind, r.recipient) == (reference, "reminder", LI)]
        assert row.state == "waiting"
        house.now = row.not_before
        answer = bytes(reply(only(letters, "action", ANA), "approve"))
        with ThreadPoolExecutor(2) as threads:
            taken = threads.submit(another.intake.take, answer, house.now)
            sent = threads.submit(house.bot.send)
            taken.result()
            sent.result()
        [row] = [r for r in house.rows("outbox") if r.id == row.id]
        assert row.state in {"sent", "withdrawn"}
        assert house.history(reference).count("withdrawn") == (row.state == "withdrawn")
        house.now = MONDAY + timedelta(days=7 * int(reference.removeprefix("IP-")))
        house.send()
    another.close()
