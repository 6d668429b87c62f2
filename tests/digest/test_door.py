"""When the digest leaves, to whom, how often; and its seal."""

import re
from datetime import timedelta

import pytest
from house import BOB, CONFIG, FORM, MONDAY, House, kinds
from sqlalchemy import update

from mailbot.digest import Digest
from mailbot.errors import Conflict
from mailbot.store import Transaction, period, tables, views

HOUR = MONDAY + timedelta(days=6, hours=23)  # the next Monday, 08:00
MANAGER, BILL = "manager@example.net", "bill@example.net"
WEEK = timedelta(days=7)


def report(house, moment):
    house.now = moment
    house.bot.report()
    return house.send()


def seal_in(letter):
    return "".join(re.findall(r"^  ([0-9a-f]{32})\r?$", letter.text, re.MULTILINE))


def test_the_first_digest_is_that_of_the_first_hour_after_the_first_start(house):
    assert report(house, HOUR - timedelta(seconds=1)) == []
    assert kinds(report(house, HOUR)) == [("digest", BILL), ("digest", MANAGER)]


def test_a_digest_leaves_once_a_week(house):
    for week in range(3):
        assert len(report(house, HOUR + week * WEEK)) == 2
        assert report(house, HOUR + week * WEEK + timedelta(minutes=1)) == []
        assert report(house, HOUR + (week + 1) * WEEK - timedelta(seconds=1)) == []


def test_several_that_were_missed_leave_as_one_late(house):
    letters = report(house, HOUR + 3 * WEEK + timedelta(days=2))
    assert kinds(letters) == [("digest", BILL), ("digest", MANAGER)]
    assert "week 51" in letters[0].subject  # that of the last hour, Monday the 21st
    assert report(house, HOUR + 4 * WEEK - timedelta(seconds=1)) == []
    assert len(report(house, HOUR + 4 * WEEK)) == 2


def test_a_digest_tells_of_the_time_since_the_last_one(house):
    house.start()
    assert "1 came" in report(house, HOUR + timedelta(hours=3))[0].subject
    assert "0 came" in report(house, HOUR + WEEK)[0].subject


def test_a_digest_by_hand_takes_nothing_from_the_one_that_leaves_by_itself(house):
    house.start()
    house.now += timedelta(days=2)
    with house.bot.store.reading() as conn:
        shown = house.bot.digest.overview(conn, house.now)
    with house.bot.store.transaction() as tx:
        house.bot.digest.send(tx, shown, ["boss@example.net"], house.now)
    [letter] = house.send()
    assert (letter.to, "1 came" in letter.subject) == ("boss@example.net", True)
    assert ["1 came" in letter.subject for letter in report(house, HOUR)] == [True, True]
    assert house.broken() == []


def test_without_a_section_no_digest_leaves(tmp_path):
    house = House(tmp_path, config=CONFIG)
    house.bot.report()
    assert report(house, HOUR + WEEK) == []


def test_the_digest_comes_with_a_complete_pass(house):
    house.now = HOUR
    house.bot.once()
    assert [letter.to for letter in house.relay.letters if letter.kind == "digest"] == [BILL, MANAGER]


def test_a_second_bot_that_has_seen_it_due_as_well_sends_none(house, monkeypatch):
    house.now = HOUR
    faster = house.another_bot()
    read = Digest.overview

    def read_and_be_overtaken(self, *args):
        shown = read(self, *args)
        if self is house.bot.digest:
            assert faster.report() == 1
        return shown

    monkeypatch.setattr(Digest, "overview", read_and_be_overtaken)
    assert house.bot.report() == 0
    assert kinds(house.send()) == [("digest", BILL), ("digest", MANAGER)]
    faster.close()


def test_a_digest_that_came_to_nothing_leaves_the_next_time(house, monkeypatch):
    house.now = HOUR
    with monkeypatch.context() as broken:

        def fail(*_):
            raise Conflict("another bot was faster")

        broken.setattr(Transaction, "write_house", fail)
        assert house.bot.report() == 1
    assert house.send() == []
    assert len(report(house, HOUR)) == 2


# -- the seal ----------------------------------------------------------------------------------------------------------


def test_a_digest_bears_the_seal_of_the_history_and_the_history_knows_it(house):
    house.start()
    with house.bot.store.reading() as conn:
        seal = period.seal(conn)
    letters = report(house, HOUR)
    assert {seal_in(letter) for letter in letters} == {seal}
    with house.bot.store.reading() as conn:
        sealed = [row["detail"] for row in views.history(conn, views.HistoryFilter(action="sealed"))]
    assert sealed == [seal]
    house.start(sender="carol@example.net")
    assert seal_in(report(house, HOUR + WEEK)[0]) != seal
    assert house.broken() == []


def test_a_history_that_was_written_anew_up_to_its_head_does_not_fit_its_seal(house):
    house.start()
    report(house, HOUR)
    with house.bot.store.transaction() as tx:
        tx.conn.execute(tables.history.delete().where(tables.history.c.reference == "IP-1"))
        tx.conn.execute(update(tables.request).values(head=bytes(32)))
    assert [words for words in house.broken() if "seal" in words]
    assert house.broken()[0].startswith("the house: ")


def test_what_happens_after_a_seal_does_not_break_it(house):
    house.start()
    report(house, HOUR)
    house.mail(BOB, "attribution", FORM)
    house.wait(days=2)
    assert house.broken() == []


@pytest.mark.parametrize("erased", [True, False])
def test_a_seal_whose_words_were_erased_is_held_against_nothing(house, erased):
    report(house, HOUR)
    values = {"salt": None, "actor": None, "detail": None} if erased else {"detail": "0" * 64}
    with house.bot.store.transaction() as tx:
        tx.conn.execute(update(tables.history).where(tables.history.c.action == "sealed").values(**values))
    assert bool(house.broken()) is not erased
