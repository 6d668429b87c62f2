"""The door that time comes in by: what falls due is told once, space rests, and whoever waited for room goes on."""

from datetime import timedelta

import pytest
from house import ANA, BILL, BOB, CAROL, CONFIG, FORM, HEAD, LI, ROOT, House, kinds, only
from sqlalchemy import event, update

from mailbot.process.request import Cancel, Hold, Resume, Said
from mailbot.store import space, tables

TIGHT = CONFIG.replace("10.20.0.0/24", "10.20.0.0/28")


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


@pytest.fixture
def tight(tmp_path):
    """A house with room for one /28."""
    return House(tmp_path, config=TIGHT)


def day(house, number, clock="09:00"):
    hour, minute = map(int, clock.split(":"))
    return house.now.replace(day=number, hour=hour, minute=minute)


def test_reminders_then_lateness_then_the_lead_each_in_working_time_and_once(house):
    house.start()
    assert house.later(day(house, 23, "12:59")) == []
    assert kinds(house.later(day(house, 23, "13:00"))) == [("reminder", ANA), ("reminder", LI)]
    assert house.later(day(house, 23, "13:10")) == []
    assert house.later(day(house, 23, "22:00")) == []
    assert kinds(house.later(day(house, 24))) == [("delayed", BOB)]
    assert kinds(house.later(day(house, 25))) == [("escalation", HEAD)]
    assert house.later(day(house, 25, "09:01")) == []


def test_after_a_long_sleep_everything_is_told_in_one_pass(house):
    house.start()
    letters = house.later(day(house, 30))
    assert ("delayed", BOB) in kinds(letters)
    assert ("escalation", HEAD) in kinds(letters)
    assert len({(x.kind, x.to, x.step) for x in letters}) == len(letters)
    assert house.timers() == []
    assert house.wait(days=90) == []


def test_nobody_is_reminded_of_what_is_held_or_over(house):
    letters = house.start()
    house.reply(only(letters, "action", ANA), "hold")
    assert house.later(day(house, 30)) == []
    house.start()
    say(house, "IP-2", Cancel())
    house.send()
    assert house.later(house.now + timedelta(days=30)) == []


def test_a_reply_to_a_reminder_answers_the_step(house):
    house.start()
    [reminder, _] = house.later(day(house, 23, "13:00"))
    house.reply(reminder, "approve")
    assert house.request().step("technical").answered_by == reminder.to


def test_two_bots_tell_a_timer_once(house):
    house.start()
    house.now = day(house, 23, "13:00")
    other = house.another_bot()
    assert house.bot.follow_up() + other.follow_up() == 1
    assert len(house.send()) == 2
    other.close()


def test_trap_28_a_timer_that_cannot_be_followed_stops_no_other(house):
    house.start()
    house.start(sender=CAROL)
    with house.bot.store.transaction() as tx:
        tx.conn.execute(update(tables.request).where(tables.request.c.reference == "IP-1").values(body="{}"))
    letters = house.later(day(house, 23, "13:00"))
    assert {x.reference for x in letters} == {"IP-2"}
    assert len(letters) == 2
    assert [mark for step, mark, _ in house.timers() if step == "technical"].count("reminder-0") == 1


# -- space -------------------------------------------------------------------------------------------------------------


def test_space_that_has_rested_is_free_again_and_the_house_writes_it_down(tmp_path):
    house = House(tmp_path, config=TIGHT)
    prefix = house.allocated()
    action = only(house.mail(BOB, "liberation", f"Prefix: {prefix}"), "action")
    house.reply(action, "approve", "kim@example.net")
    house.wait(days=29)
    with house.bot.store.reading() as conn:
        assert [held.state for held in space.allocations(conn, "lan")] == [space.State.QUARANTINED]
    house.wait(days=1, hours=1)
    with house.bot.store.reading() as conn:
        assert list(space.allocations(conn, "lan")) == []
    assert "quarantine ended" in {row.action for row in house.rows("history") if row.reference is None}
    assert house.broken() == []


def test_a_request_that_waited_for_room_goes_on_by_itself_the_oldest_first(tight):
    tight.allocated()
    for sender in (CAROL, BILL):
        tight.mail(sender, "quick", FORM)
    assert tight.wait(hours=1) == []
    free(tight)
    assert kinds(tight.wait(minutes=1)) == [("completed", CAROL)]
    assert tight.request("IP-3").state == "inProgress"
    free(tight)
    assert kinds(tight.wait(minutes=1)) == [("completed", BILL)]


def test_the_owner_of_numbers_is_told_when_they_run_low(tmp_path):
    numbers = '[pools.vlans]\nnumbers = ["200-204"]\nowner = "noc"\nwarn_at = 40\n'
    rule = 'type = "line"\nwho = ["*@example.net"]\n[[field]]\nname = "why"\ntype = "text"\n'
    step = '[[step]]\nname = "vlan"\nkind = "allocate"\npool = "vlans"\n'
    house = House(tmp_path, config=CONFIG + numbers, rules={"line": rule + step})
    house.mail(BOB, "line", "Why: one")
    assert house.wait(minutes=1) == []
    house.mail(BOB, "line", "Why: another")
    told = only(house.wait(minutes=1), "alert", ANA)
    assert "The pool vlans is 40 % full" in told.text
    assert "2 of 5 numbers are in use." in told.text


def test_waiting_for_room_leaves_no_trace_as_long_as_there_is_none(tight):
    tight.allocated()
    tight.mail(CAROL, "quick", FORM)
    before = tight.history("IP-2")
    tight.wait(minutes=1)
    tight.wait(minutes=1)
    assert tight.history("IP-2") == before


def test_many_who_wait_for_a_full_pool_cost_no_more_than_one(tight):
    tight.allocated()
    asked = []
    with tight.bot.store.reading() as conn:
        engine = conn.engine
    event.listen(engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    counts = []
    for _ in range(3):
        tight.mail(CAROL, "quick", FORM)
        tight.bot.follow_up()
        asked.clear()
        tight.bot.follow_up()
        counts.append(len(asked))
    assert len(set(counts)) == 1
    assert not any("JOIN action" in said for said in asked)


def test_a_request_on_hold_takes_no_room(tight):
    tight.allocated()
    tight.mail(CAROL, "quick", FORM)
    say(tight, "IP-2", Hold())
    free(tight)
    assert tight.bot.follow_up() == 0
    assert tight.request("IP-2").step("allocate").state == "open"
    say(tight, "IP-2", Resume())
    assert ("completed", CAROL) in kinds(tight.wait(minutes=1))


def say(house, reference, deed):
    with house.bot.store.transaction() as tx:
        house.bot.desk.settle(tx, reference, Said(actor="operator", deed=deed, operator=True), house.now)


def free(house):
    """An operator frees all that is given out, without a rest."""
    with house.bot.store.transaction() as tx:
        for held in list(space.allocations(tx.conn, "lan")):
            space.give_back(tx.conn, held.prefix, reference=None, now=house.now)
        space.end_quarantine(tx.conn, house.now + timedelta(days=31))


# -- mail that waits for admins ----------------------------------------------------------------------------------------


def test_held_mail_is_told_in_one_letter_and_no_more_than_twenty_lines(tmp_path):
    house = House(tmp_path, requests="verified")
    for n in range(25):
        house.mail(BOB, f"attribution {n}", FORM)
    told = only(house.wait(minutes=1), "alert", ROOT)
    assert "25 mails wait" in told.subject + told.text
    assert "and 5 more" in told.text
    assert "5 mails wait" in only(house.wait(hours=2), "alert", ROOT).subject
    assert house.wait(hours=2) == []
