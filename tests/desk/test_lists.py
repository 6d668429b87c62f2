"""Several things to do in one letter: what waits for it, what leaves at once, and what it is spared."""

import pytest
from batch import NINE, ONE, batch_house
from house import ANA, BILL, BOB, CAROL, FORM, LI, MONDAY, House, kinds, only

from mailbot.desk import gathered, lists
from mailbot.process.request import Cancel, Hold, Resume, Said
from mailbot.store import gathering


@pytest.fixture
def house(tmp_path):
    return batch_house(tmp_path)


def gathered_rows(house):
    return sorted((row.step, row.seat) for row in house.rows("gathered"))


def say(house, reference, deed):
    with house.bot.store.transaction() as tx:
        house.bot.desk.settle(tx, reference, Said(actor="operator", deed=deed, operator=True), house.now)
    return house.send()


# -- at the hours ------------------------------------------------------------------------------------------------------


def test_approvals_and_tasks_wait_for_the_hour_and_come_in_one_letter(house):
    letters = (
        house.start() + house.start("Customer: Beta\nPrefix length: 27") + house.mail(CAROL, "cabling", "Where: Lyon")
    )
    assert ANA not in {letter.to for letter in letters}
    assert kinds(letters) == [("acknowledged", BOB)] * 2 + [("acknowledged", CAROL)] + [("action", BILL)] * 2
    assert house.later(ONE.replace(hour=12, minute=59)) == []
    letters = house.later(ONE)
    assert kinds(letters) == [("actions", ANA), ("actions", LI)]
    [letter] = [x for x in letters if x.to == ANA]
    assert letter.subject == "3 things wait for your answer"
    assert (letter.reference, letter.step) == (None, None)
    assert letter.reply_to.startswith("ip-requests+")
    for part in ("No. 1", "Acme", "No. 2", "Beta", "No. 3", "| Where: Lyon", '"3 done"'):
        assert part in " ".join(letter.text.split()), part
    assert gathered_rows(house) == []
    assert [house.history(f"IP-{n}").count("letter") for n in (1, 2, 3)] == [4, 4, 3]


def test_an_hour_that_was_missed_is_made_up_late_and_once(house):
    house.start()
    house.start()
    assert kinds(house.later(NINE.replace(hour=11)))[:2] == [("actions", ANA), ("actions", LI)]
    assert "actions" not in {x.kind for x in house.later(NINE.replace(hour=13))}


def test_lists_leave_on_working_days(house):
    house.now = MONDAY.replace(day=27, hour=16)
    house.start()
    house.start()
    assert house.later(MONDAY.replace(day=29, hour=10)) == []
    assert ("actions", ANA) in kinds(house.later(MONDAY.replace(day=30)))


def test_one_thing_alone_is_an_ordinary_letter(house):
    house.start()
    letters = house.later(ONE)
    assert kinds(letters) == [("action", ANA), ("action", LI)]
    done = house.reply(only(letters, "action", ANA), "approve")
    assert house.states()["technical"] == "done"
    assert kinds(done) == [("settled", LI)]


def test_what_is_late_stands_first(house):
    house.mail(CAROL, "cabling", "Where: Lyon")
    house.now = MONDAY.replace(hour=10)
    house.start()
    letters = house.later(MONDAY.replace(day=26))
    letter = only(letters, "actions", ANA)
    assert letter.text.index("Technical review") < letter.text.index("Patch")
    assert letter.subject == "2 things wait for your answer, 1 of them late"


def test_a_list_is_capped_and_the_rest_comes_with_the_next(house, monkeypatch):
    monkeypatch.setattr(gathered, "MOST", 3)
    for _ in range(5):
        house.start()
    [letter] = [x for x in house.later(ONE) if (x.kind, x.to) == ("actions", ANA)]
    assert letter.text.count("No. ") == 3
    assert "There are 2 more" in letter.text
    assert len([seat for _, seat in gathered_rows(house) if seat == ANA]) == 2
    assert only(house.later(NINE), "actions", ANA).text.count("No. ") == 2


def test_forms_and_what_is_asked_by_others_leave_at_once(house):
    assert ("action", BILL) in kinds(house.start())


# -- meanwhile ---------------------------------------------------------------------------------------------------------


def test_what_was_settled_meanwhile_is_told_to_nobody(house):
    house.start()
    house.start()
    letters = say(house, "IP-1", Cancel())
    assert kinds(letters) == [("cancelled", BOB), ("settled", BILL)]
    assert kinds(x for x in house.later(ONE) if x.to == ANA) == [("action", ANA)]
    assert gathered_rows(house) == []


def test_who_was_told_of_nothing_yet_hears_of_no_news(house):
    house.start()
    assert ANA not in {x.to for x in house.mail(BOB, "[IP-1]", "comment it is urgent")}
    assert ANA not in {x.to for x in say(house, "IP-1", Hold()) + say(house, "IP-1", Resume())}
    letter = only(house.later(ONE), "action", ANA)
    assert "| it is urgent" in letter.text
    assert ("comment", ANA) in kinds(house.mail(BOB, "[IP-1]", "comment it is very urgent"))


def test_what_is_on_hold_waits_for_a_later_list(house):
    house.start()
    say(house, "IP-1", Hold())
    assert house.later(ONE) == []
    say(house, "IP-1", Resume())
    assert [x for x in house.later(ONE.replace(hour=14)) if x.kind.startswith("action")] == []
    assert ("action", ANA) in kinds(house.later(NINE))


def test_a_reminder_tells_it_by_itself_and_takes_it_from_the_list(house):
    house.now = MONDAY.replace(hour=9, minute=30)
    house.start()
    house.start()
    house.now = NINE.replace(hour=8)
    with house.bot.store.transaction() as tx:
        gathering.put_off(tx.conn, tx.load("IP-1"), ("technical", ANA), NINE)
    letters = house.later(NINE.replace(hour=8, minute=59))
    assert kinds(x for x in letters if x.to == ANA) == [("action", ANA)]


def test_the_answer_to_a_question_does_not_wait(house):
    house.start()
    action = only(house.later(ONE), "action", ANA)
    question = only(house.reply(action, "ask why?"), "question", BOB)
    assert kinds(house.reply(question, "because")) == [("action", ANA)]


def test_a_change_of_the_form_is_told_with_the_next_list(house):
    letters = house.start()
    acknowledged = only(letters, "acknowledged", BOB)
    house.later(ONE)
    letters = house.reply(acknowledged, "Prefix length: 27")
    assert ANA not in {x.to for x in letters}
    letter = only(house.later(NINE), "action", ANA)
    assert "The request has changed" in letter.text
    assert "| Prefix length: 27" in letter.text


# -- all or nothing ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fails", ["post", "record"])
def test_a_kill_leaves_what_was_gathered_or_the_letter_and_never_both(house, monkeypatch, fails):
    """The list, its history and the emptied rows are one commit."""
    house.start()
    house.start()
    house.now = ONE
    real = getattr(type(house.bot.store.transaction().__enter__()), fails)
    rows = gathered_rows(house)

    def killed(self, *args, **keys):
        real(self, *args, **keys)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(f"mailbot.store.Transaction.{fails}", killed)
        with pytest.raises(KeyboardInterrupt):
            house.bot.follow_up()
    assert gathered_rows(house) == rows
    assert house.send() == []
    letters = house.later(ONE)
    assert len([x for x in letters if x.kind == "actions"]) == 2
    assert gathered_rows(house) == []
    assert house.broken() == []


def test_two_bots_at_the_same_hour_write_one_list(house):
    house.start()
    house.start()
    other = house.another_bot()
    house.now = ONE
    house.bot.follow_up()
    other.follow_up()
    assert len([x for x in house.send() if x.kind == "actions"]) == 2


def test_trap_28_a_list_that_cannot_be_written_stops_no_other(house, monkeypatch):
    house.start()
    house.start()
    real = gathered.row_of

    def broken(view, name, *, reader, **more):
        if reader == ANA:
            raise RuntimeError(name)
        return real(view, name, reader=reader, **more)

    with monkeypatch.context() as patched:
        patched.setattr(gathered, "row_of", broken)
        assert kinds(house.later(ONE)) == [("actions", LI)]
    assert gathered_rows(house) == [("technical", ANA)] * 2
    assert ("actions", ANA) in kinds(house.later(ONE.replace(hour=14)))


# -- several items of one step ---------------------------------------------------------------------------------------


def test_several_items_of_one_step_are_one_list_at_once(house):
    letters = house.mail(BOB, "recall", "Customer: Acme\nPrefixes: 10.0.0.1, 10.0.0.2, 10.0.0.3")
    letter = only(letters, "actions")
    assert (letter.to, letter.reference, letter.step) == ("noc-desk@example.net", "IP-1", "consent")
    assert letter.subject == "[IP-1] Please approve (3): Acme"
    assert [f"| 10.0.0.{n}" in letter.text for n in (1, 2, 3)] == [True] * 3


def test_one_item_is_an_ordinary_letter_that_shows_it(house):
    letter = only(house.mail(BOB, "recall", "Customer: Acme\nPrefixes: 10.0.0.1"), "action")
    assert letter.step == "consent.1"
    assert "| 10.0.0.1" in letter.text


def test_very_many_items_are_a_few_lists(house):
    prefixes = ", ".join(f"10.0.0.{n}" for n in range(2 * lists.MOST + 1))
    letters = house.mail(BOB, "recall", f"Customer: Acme\nPrefixes: {prefixes}")
    asked = [(x.kind, x.step) for x in letters if x.to == "noc-desk@example.net"]
    assert asked == [("actions", "consent"), ("actions", "consent"), ("action", f"consent.{2 * lists.MOST + 1}")]
    assert all(len(letter.raw) < 100_000 for letter in letters)


def test_that_all_items_are_settled_is_told_once(house):
    house.mail(BOB, "recall", "Customer: Acme\nPrefixes: 10.0.0.1, 10.0.0.2, 10.0.0.3")
    assert kinds(say(house, "IP-1", Cancel())) == [("cancelled", BOB), ("settled", "noc-desk@example.net")]


def test_a_list_of_the_most_things_is_not_cut_by_mail_programs(house):
    """Some cut what is longer than 102 kB."""
    for _ in range(lists.MOST):
        house.start(FORM.replace("Two firewalls", "Two firewalls and a router in the new Lyon office. " * 5))
    letter = only(house.later(ONE), "actions", ANA)
    html = letter.message.get_body(("html",)).get_content()
    assert len(html) < 102_000


def test_nothing_waits_where_no_group_gathers(tmp_path):
    house = House(tmp_path)
    assert ("action", ANA) in kinds(house.start())
    assert house.rows("gathered") == []
