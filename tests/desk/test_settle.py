"""One way a request changes: values, history, timers, letters and space in one commit, or nothing of it."""

import contextlib
from dataclasses import replace
from datetime import timedelta

import pytest
from house import ANA, BILL, BOB, CAROL, CONFIG, EVE, FORM, HEAD, KIM, LI, LOU, MONDAY, NOC, ROOT, House, kinds, only
from sqlalchemy import delete, insert, text, update

from mailbot.errors import Conflict, NotFound
from mailbot.process.request import Cancel, Comment, Hold, Resume, Said, TimePassed
from mailbot.store import space, tables

TIGHT = CONFIG.replace("10.20.0.0/24", "10.20.0.0/28")


def settle(house, event, reference="IP-1"):
    with house.bot.store.transaction() as tx:
        return house.bot.desk.settle(tx, reference, event, house.now)


def operator(deed, **more):
    return Said(actor="operator", deed=deed, operator=True, **more)


def test_the_main_job_from_a_mail_to_an_address(house):
    letters = house.start()
    assert kinds(letters) == [("acknowledged", BOB), ("action", ANA), ("action", BILL), ("action", LI)]
    assert kinds(house.reply(only(letters, "action", ANA), "approve")) == [("settled", LI)]
    [done] = house.reply(only(letters, "action", BILL), "Account: A-77")
    assert (done.kind, done.to) == ("completed", BOB)
    assert "10.20.0.0/28" in done.text
    assert [(a.prefix, a.state) for a in house.request().addresses] == [("10.20.0.0/28", "allocated")]
    assert house.timers() == []
    assert house.rows("action") == []


def test_a_request_that_is_not_there_is_not_found(house):
    with pytest.raises(NotFound):
        settle(house, operator(Cancel()), "IP-9")


def test_references_are_given_out_in_order_and_none_is_left_out(house):
    for _ in range(3):
        house.start()
    house.mail(CAROL, "nothing")
    house.start()
    assert house.requests() == ["IP-1", "IP-2", "IP-3", "IP-4"]


def test_whoever_comes_second_begins_again(house):
    house.start()
    with house.bot.store.transaction() as tx:
        stored = tx.load("IP-1")
    settle(house, operator(Comment(text="first")))
    with pytest.raises(Conflict), house.bot.store.transaction() as tx:
        tx.record(stored, stored.request, entries=(), threads={}, message_id=None, now=house.now)


def test_a_change_whose_transaction_fails_leaves_nothing(house):
    house.start()
    before = (house.request(), house.history(), len(house.rows("outbox")))
    with contextlib.suppress(ZeroDivisionError), house.bot.store.transaction() as tx:
        house.bot.desk.settle(tx, "IP-1", operator(Cancel()), house.now)
        raise ZeroDivisionError
    assert (house.request(), house.history(), len(house.rows("outbox"))) == before


# -- timers ------------------------------------------------------------------------------------------------------------


def test_the_ledger_of_timers_follows_the_request(house):
    house.start()
    assert {mark for _, mark, _ in house.timers()} == {"late", "reminder-0", "escalation-0"}
    settle(house, operator(Hold()))
    assert house.timers() == []
    settle(house, operator(Resume()))
    assert len(house.timers()) == 5
    settle(house, operator(Cancel()))
    assert house.timers() == []


def test_a_timer_that_rings_too_early_stays_in_the_ledger(house):
    house.start()
    before = house.timers()
    with house.bot.store.transaction() as tx:
        tx.conn.execute(update(tables.timer).values(at=house.now))  # as if the calendar had been changed meanwhile
        _, step, mark = tx.due_timer(house.now)
        house.bot.desk.settle(tx, "IP-1", TimePassed(mark=mark, step=step), house.now)
    assert house.timers() == before
    assert house.send() == []


# -- the history -------------------------------------------------------------------------------------------------------


def test_the_chain_holds_over_a_whole_request(house):
    letters = house.start()
    house.reply(only(letters, "action", ANA), "approve")
    house.reply(only(letters, "action", BILL), "Account: A-77")
    assert house.broken() == []
    assert house.history()[:2] == ["received", "started"]
    assert "allocated" in house.history()
    assert house.history().count("letter") == len(house.relay.letters)


TAMPERED = {
    "another action": update(tables.history).where(tables.history.c.id == 2).values(action="approved"),
    "another time": update(tables.history).where(tables.history.c.id == 2).values(at=MONDAY + timedelta(hours=1)),
    "other words, as if erased": update(tables.history).where(tables.history.c.id == 1).values(detail="x", salt=None),
    "other words": update(tables.history).where(tables.history.c.id == 1).values(detail="Customer: Another"),
    "another actor": update(tables.history).where(tables.history.c.id == 1).values(actor=EVE),
    "an entry left out": delete(tables.history).where(tables.history.c.id == 2),
    "the last entry left out": delete(tables.history).where(tables.history.c.id == 8),
    "all left out": delete(tables.history),
}


@pytest.mark.parametrize("change", TAMPERED.values(), ids=TAMPERED)
def test_tampering_with_the_history_shows(house, change):
    house.start()
    assert len(house.history()) == 8
    with house.bot.store.transaction() as tx:
        tx.conn.execute(change)
    assert house.broken()


def test_an_entry_put_in_afterwards_shows(house):
    house.start()
    row = house.rows("history")[1]._asdict() | {"id": None}
    with house.bot.store.transaction() as tx:
        tx.conn.execute(insert(tables.history), row)
    assert house.broken()


def test_words_can_be_erased_without_breaking_the_chain(house):
    house.start()
    with house.bot.store.transaction() as tx:
        tx.conn.execute(update(tables.history).values(actor=None, detail=None, salt=None))
    assert house.broken() == []


def test_each_request_has_a_chain_of_its_own(house):
    house.start()
    house.start()
    with house.bot.store.transaction() as tx:
        tx.conn.execute(text("UPDATE history SET action = 'x' WHERE reference = 'IP-2' AND action = 'started'"))
    assert all(words.startswith("IP-2") for words in house.broken())


# -- space -------------------------------------------------------------------------------------------------------------


def give_back(house, prefix, sender=BOB):
    action = only(house.mail(sender, "liberation", f"Prefix: {prefix}"), "action", NOC)
    return house.reply(action, "approve", KIM)


def test_a_prefix_is_given_back_by_its_holder_and_rests(house):
    prefix = house.allocated()
    done = only(give_back(house, prefix), "completed", BOB)
    assert prefix in done.text
    with house.bot.store.reading() as conn:
        assert [held.state for held in space.allocations(conn, "lan")] == [space.State.QUARANTINED]
    assert house.allocated() != prefix


@pytest.mark.parametrize("sender", [CAROL, EVE])
def test_nobody_gives_back_what_he_does_not_hold(house, sender):
    prefix = house.allocated()
    assert kinds(house.mail(sender, "liberation", f"Prefix: {prefix}")) == [("incomplete", sender)]


def test_an_admin_may_give_back_for_others(house):
    prefix = house.allocated()
    assert ("completed", ROOT) in kinds(give_back(house, prefix, ROOT))


def test_trap_20_a_prefix_of_others_is_answered_like_one_that_nobody_holds(house):
    prefix = house.allocated()
    others = only(house.mail(CAROL, "liberation", f"Prefix: {prefix}"), "incomplete").text
    free = only(house.mail(CAROL, "liberation", "Prefix: 10.20.0.128/28"), "incomplete").text
    assert others.splitlines()[4].replace(prefix, "X") == free.splitlines()[4].replace("10.20.0.128/28", "X")


def test_a_second_liberation_never_takes_a_prefix_from_its_next_holder(house):
    prefix = house.allocated()
    first = only(house.mail(BOB, "liberation", f"Prefix: {prefix}"), "action", NOC)
    second = only(house.mail(BOB, "liberation", f"Prefix: {prefix}"), "action", NOC)
    house.reply(first, "approve", KIM)
    house.wait(days=31)
    assert house.allocated(CAROL) == prefix
    assert kinds(house.reply(second, "approve", LOU)) == [("rejected", BOB)]
    with house.bot.store.reading() as conn:
        [held] = space.allocations(conn, "lan")
    assert (held.holder, held.state) == (CAROL, space.State.ALLOCATED)


def test_a_completed_request_keeps_what_it_took_whatever_comes(house):
    prefix = house.allocated()
    settle(house, operator(Cancel()))
    assert house.request().state == "completed"
    with house.bot.store.reading() as conn:
        assert [str(held.prefix) for held in space.allocations(conn, "lan")] == [prefix]


ALLOCATE_FIRST = """
type = "early"
who = ["*@example.net"]
[[field]]
name = "size"
type = "prefix-length"
required = true
[[step]]
name = "allocate"
kind = "allocate"
pool = "lan"
length = "form.size"
[[step]]
name = "later"
kind = "approval"
asks = ["noc"]
"""


def test_a_rejected_request_gives_back_what_it_took_by_itself_and_names_no_address(tmp_path):
    house = House(tmp_path, rules={"early": ALLOCATE_FIRST})
    action = only(house.mail(BOB, "early", "Size: 28"), "action", ANA)
    assert "10.20.0.0/28" in action.text
    rejected = only(house.reply(action, "reject 10.20.0.0/28 is no good"), "rejected", BOB)
    assert "10.20." not in rejected.text
    assert [a.state for a in house.request().addresses] == ["quarantined"]
    assert house.request().addresses[0].until is not None
    with house.bot.store.reading() as conn:
        assert space.check(conn) == []


def test_a_full_pool_holds_the_step_and_tells_owner_and_admins(tmp_path):
    house = House(tmp_path, config=TIGHT)
    house.mail(CAROL, "quick", FORM)
    letters = house.mail(BOB, "quick", FORM)
    assert kinds(letters) == [("acknowledged", BOB), ("alert", ANA), ("alert", LI), ("alert", ROOT)]
    assert "10.20." not in house.request("IP-2").step("allocate").trouble
    assert [(row.waits_for_pool, row.wanted_length) for row in house.rows("action")] == [("lan", 28)]


def test_an_admins_own_request_that_gets_stuck_is_told_to_him_beside_his_answer(tmp_path):
    house = House(tmp_path, config=TIGHT)
    house.mail(CAROL, "quick", FORM)
    letters = house.mail(ROOT, "quick", FORM)
    assert [kind for kind, person in kinds(letters) if person == ROOT] == ["acknowledged", "alert"]


def test_open_steps_are_listed_by_seat_and_department(house):
    house.start()
    found = sorted((row.step, row.seat, row.departments) for row in house.rows("action"))
    assert found == [
        ("billing", BILL, "|billing|"),
        ("technical", ANA, "|noc|"),
        ("technical", LI, "|noc|"),
    ]


def test_the_lead_hears_of_an_escalation_with_a_token_that_answers(house):
    house.start()
    letters = house.later(house.now.replace(day=26))
    escalation = only([x for x in letters if x.step], "escalation", HEAD)
    house.reply(escalation, "approve")
    assert house.request().step("technical").answered_by == HEAD


def test_two_processes_never_share_a_letters_bytes(house):
    house.start()
    house.start()
    ids = [letter.id for letter in house.relay.letters]
    assert len(ids) == len(set(ids))


def test_a_decision_is_recorded_as_it_was_made(house):
    house.start()
    before = house.request()
    settle(house, operator(Comment(text="hello")))
    after = house.request()
    assert replace(after, remarks=(), version=before.version) == before
    assert after.version == before.version + 1
