"""The door that events leave by: in order, at least once, each subscriber for himself."""

from datetime import timedelta

import pytest
from broadcast.conftest import DOWN, Told
from house import BILL, BOB, CAROL, FORM, LI, MONDAY, QUICK, ROOT, kinds, only

from mailbot.broadcast import turn
from mailbot.broadcast.turn import ENDED_AFTER, LONGEST_PAUSE, TOLD_AFTER
from mailbot.store import following, keys, subscribers
from mailbot.store.alerting import alert, all_clear
from mailbot.subscriber import Gone

pytestmark = pytest.mark.timeout(60)


def test_a_request_is_told_from_its_beginning_to_its_end_in_order_and_once(house):
    letters = house.start()
    house.reply(only(letters, "action", BILL), "Account: A-77")
    house.reply(only(letters, "action", LI), "approve")
    house.tell()
    assert house.oss.types == [
        "request.created",
        "request.started",
        "step.opened",
        "step.opened",
        "step.answered",
        "step.done",
        "allocation.allocated",
        "step.answered",
        "step.done",
        "step.done",
        "request.completed",
    ]
    sequences = [event["sequence"] for event in house.oss.events]
    assert sequences == list(range(1, len(sequences) + 1))
    assert len({event["id"] for event in house.oss.events}) == len(sequences)
    assert house.tell() == 0


def test_an_event_holds_the_request_as_it_stood_then_however_late_it_is_told(house):
    house.mail(BOB, "quick", FORM)
    house.now += timedelta(days=3)
    house.tell()
    created, *_, completed = house.oss.events
    assert created["request"]["state"] == "completed"  # one mail, one change
    assert completed["state"] == {"from": "acknowledged", "to": "completed"}
    house.reply(only(house.start(), "acknowledged"), "cancel")
    house.now += timedelta(days=3)
    house.tell()
    states = {e["type"]: e["request"]["state"] for e in house.oss.events if e["reference"] == "IP-2"}
    assert (states["request.started"], states["request.cancelled"]) == ("inProgress", "cancelled")
    assert {e["at"] for e in house.oss.events if e["reference"] == "IP-2"} == {"2026-11-26T09:00:00Z"}


def test_only_what_is_grave_enough_is_told_and_of_the_types_that_are_asked_for(house):
    house.start()
    house.later(MONDAY + timedelta(days=7))
    house.tell()
    assert {"step.late", "request.late", "step.escalated", "alert.opened"} <= set(house.faults.types)
    assert not {"request.created", "step.opened"} & set(house.faults.types)


def test_nothing_is_written_while_nobody_subscribes(tmp_path):
    house = Told(tmp_path, more="")
    house.mail(BOB, "quick", FORM)
    assert house.line() == []
    assert house.rows("event") == house.rows("snapshot") == []
    house.bot.close()


# -- alerts ------------------------------------------------------------------------------------------------------------


def test_s1_2_a_ticket_system_hears_of_each_cause_once_until_it_is_over(house):
    begun = only(house.start(FORM.replace("28", "24")), "acknowledged")
    answers = [only(house.relay.letters, "action", LI), only(house.relay.letters, "action", BILL)]
    house.mail(BOB, "quick", FORM)  # takes of what the first one needs whole
    house.reply(answers[0], "approve")
    house.reply(answers[1], "Account: A-77")
    for _ in range(3):
        house.wait(minutes=10)
        house.tell()
        house.send()
    tickets = [letter for letter in house.relay.letters if letter.to == "tickets@example.net"]
    assert [letter.subject.split(":")[0] for letter in tickets] == ["alert.opened IP-1/allocate/trouble"]
    assert "alert.cause: IP-1/allocate/trouble" in tickets[0].text
    assert tickets[0].kind == "event"
    house.reply(begun, "cancel")
    house.tell()
    house.send()
    closed = [letter.subject for letter in house.relay.letters if letter.to == "tickets@example.net"][1:]
    assert [subject.split(":")[0] for subject in closed] == ["alert.closed IP-1/allocate/trouble"]


# -- outages -----------------------------------------------------------------------------------------------------------


def test_s1_4_an_outage_loses_nothing_and_changes_no_order_and_the_others_go_on(house):
    house.faults.trouble = house.oss.trouble = None
    house.oss.trouble = DOWN
    house.start()
    house.tell()
    house.later(MONDAY + timedelta(days=7))
    house.tell()
    assert house.oss.taken == []
    assert house.faults.taken
    house.oss.trouble = None
    house.now += LONGEST_PAUSE
    house.tell()
    assert [event["id"] for event in house.oss.events] == [told.name for told in house.line()]


def test_a_pause_grows_with_each_failure_and_ends_with_the_first_success(house):
    house.oss.trouble = DOWN
    house.start()
    pauses = []
    for _ in range(9):
        house.tell()
        pauses.append(house.subscriber("oss").not_before - house.now)
        house.now = house.subscriber("oss").not_before
    assert pauses[:3] == [timedelta(seconds=10), timedelta(seconds=20), timedelta(seconds=40)]
    assert pauses[-1] == LONGEST_PAUSE == max(pauses)
    house.oss.trouble = None
    house.tell()
    found = house.subscriber("oss")
    assert (found.attempts, found.not_before, found.failing_since, found.error) == (0, None, None, "")


def test_what_was_taken_by_one_who_says_that_it_was_not_comes_again_with_the_same_id(house):
    house.oss.trouble, house.oss.lies = DOWN, True
    house.mail(BOB, "quick", FORM)
    house.tell()
    house.oss.trouble = None
    house.now += LONGEST_PAUSE
    house.tell()
    first, again, *_ = house.oss.taken
    assert first.id == again.id
    assert len({message.id for message in house.oss.taken}) == len(house.oss.taken) - 1


def test_a_slow_subscriber_stops_neither_the_others_nor_the_mail(house):
    house.oss.door.clear()
    house.start()
    house.later(MONDAY + timedelta(days=7))
    house.bot.broadcast.run(0.2)
    assert house.oss.taken == []
    assert house.faults.taken
    assert house.mail(BOB, "quick", FORM)
    house.oss.door.set()
    house.tell()
    assert len(house.oss.taken) == len(house.line())


def test_admins_hear_once_of_one_who_takes_nothing_and_the_other_subscribers_too(house):
    house.oss.trouble = DOWN
    house.start()
    for _ in range(12):
        house.tell()
        house.now += TOLD_AFTER / 4
    letters = house.send()
    [alert] = [letter for letter in letters if letter.to == ROOT]
    assert "the subscriber oss takes no events" in alert.subject
    assert "it is down" in alert.text
    house.tell()
    causes = [event["alert"]["cause"] for event in house.faults.events if event["type"] == "alert.opened"]
    assert causes == ["subscriber/oss"]
    house.oss.trouble = None
    house.now += LONGEST_PAUSE
    house.tell()
    assert house.oss.types[-1] == "alert.closed"


def test_events_older_than_they_are_kept_are_forgotten_and_who_had_not_heard_of_them_is_named(house):
    house.oss.trouble = DOWN
    house.mail(BOB, "quick", FORM)
    house.tell()
    count = len(house.line())
    house.now += timedelta(days=15)
    house.tell()
    assert f"oss: {count} events" in only(house.send(), "alert", ROOT).text
    assert house.rows("snapshot") == []
    house.oss.trouble = None
    house.mail(BOB, "quick", FORM)
    house.tell()
    assert house.oss.types[0] == "request.created"
    assert house.oss.events[0]["sequence"] > count


# -- several bots, and those that die ----------------------------------------------------------------------------------


def test_what_a_living_bot_is_telling_no_other_tells(house):
    house.mail(BOB, "quick", FORM)
    house.oss.door.clear()
    house.bot.broadcast.run(0.1)
    other = house.another_bot()
    house.oss.door.set()
    other.broadcast.run(None)
    house.tell()
    assert len({m.id for m in house.oss.taken}) == len(house.oss.taken) == len(house.line())
    other.close()


def test_whom_a_dead_bot_was_telling_is_told_by_another_from_where_it_was(house):
    house.mail(BOB, "quick", FORM)
    with house.bot.store.transaction() as tx:
        following.number(tx)
    dead = house.bot.store.new_owner(house.now)
    with house.bot.store.transaction() as tx:
        last = following.last_position(tx.conn)
        mine = subscribers.claim(tx.conn, dead.id, house.now, last)
        assert subscribers.mark_taken(tx.conn, mine, 2, house.now)
    dead.close()
    house.tell()
    assert len(house.oss.taken) == last - (2 if mine.to.id == "oss" else 0)
    with house.bot.store.transaction() as tx:
        assert not subscribers.mark_taken(tx.conn, mine, 1, house.now)
    assert house.subscriber("oss").position == last


def test_killed_between_the_yes_and_our_mark_one_event_comes_again_with_the_same_id(house, monkeypatch):
    house.mail(BOB, "quick", FORM)

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(turn.subscribers, "mark_taken", killed)
    with pytest.raises(KeyboardInterrupt):
        house.tell()
    monkeypatch.undo()
    house.tell()
    first, again = house.oss.taken[:2]
    assert first.id == again.id
    assert [m.id for m in house.oss.taken[1:]] == [told.name for told in house.line()]


def test_paused_no_event_leaves(house):
    house.mail(BOB, "quick", FORM)
    with house.bot.store.transaction() as tx:
        tx.set_fact("paused", "all")
    assert house.tell() == 0
    with house.bot.store.transaction() as tx:
        tx.set_fact("paused", None)
    assert house.tell()


# -- numbers -----------------------------------------------------------------------------------------------------------


def test_a_number_is_given_after_the_commit_so_that_none_is_missed(house):
    """An event that was written first and committed last comes behind what was read meanwhile, and is told."""
    house.mail(BOB, "quick", FORM)
    house.tell()
    before = len(house.oss.taken)
    with house.bot.store.transaction() as tx:  # as PostgreSQL does it: a row of a smaller id becomes visible later
        tx.conn.exec_driver_sql("UPDATE event SET position = NULL, id = id - 100 WHERE position = 1")
    house.tell()
    assert len(house.oss.taken) == before + 1


# -- the hub -----------------------------------------------------------------------------------------------------------


def subscribed(house, query="", scope=None, callback="https://oss.example.net/listener", version="v4", people=(ROOT,)):
    """By a key of its own, which is an admin's where nobody else is named."""
    kind = keys.Scope.ADMIN if people == (ROOT,) else keys.Scope.READ
    with house.bot.store.transaction() as tx:
        if "k1" not in {key.name for key in keys.known(tx.conn)}:
            keys.make(tx.conn, "k1", kind, people, None, house.now)
        return subscribers.subscribe(
            tx.conn, key="k1", callback=callback, query=query, scope=scope or {}, version=version, now=house.now
        )


@pytest.fixture
def hub(house, monkeypatch):
    monkeypatch.setattr(house.bot.broadcast.__class__, "sink", lambda self, to: self.sinks.get(to.id, house.faults))
    house.faults.taken.clear()
    return house.faults


def test_a_hub_subscription_is_told_in_tm_forums_shape(house, hub):
    subscribed(house, "eventType=ServiceOrderStateChangeEvent")
    house.mail(BOB, "quick", FORM)
    house.tell()
    told = [event for event in hub.events if "eventType" in event]
    assert {event["eventType"] for event in told} == {"ServiceOrderStateChangeEvent"}
    assert told[-1]["event"]["serviceOrder"] | {"id": "IP-1", "state": "completed"} == told[-1]["event"]["serviceOrder"]
    assert told[-1]["eventTime"] == "2026-11-23T09:00:00Z"
    assert told[-1]["eventId"] in {told.name for told in house.line()}


def test_s1_10_a_hub_subscription_sees_only_what_its_key_may_see(house, hub):
    subscribed(house, scope={"requesters": [CAROL]})
    house.mail(BOB, "quick", FORM)
    house.mail(CAROL, "quick", FORM.replace("Acme", "Beta"))
    house.tell()
    orders = [event["event"]["serviceOrder"]["id"] for event in hub.events if "eventType" in event]
    assert set(orders) == {"IP-2"}
    assert "Acme" not in str([event for event in hub.events if "eventType" in event])


def test_what_a_key_may_not_see_by_now_is_passed_over_and_stops_nothing(house, hub):
    subscribed(house, scope={"requesters": [BOB, CAROL]}, people=(CAROL,))
    house.mail(BOB, "quick", FORM)
    house.mail(CAROL, "quick", FORM)
    house.tell()
    orders = [event["event"]["serviceOrder"]["id"] for event in hub.events if "eventType" in event]
    assert set(orders) == {"IP-2"}


def test_a_scope_that_names_nobody_sees_nothing(house, hub):
    subscribed(house, scope={"customers": [], "requesters": []})
    house.mail(BOB, "quick", FORM)
    house.tell()
    assert [event for event in hub.events if "eventType" in event] == []


def test_a_subscription_ends_with_its_key(house, hub):
    id_ = subscribed(house)
    house.mail(BOB, "quick", FORM)
    house.tell()
    assert house.subscriber(id_)
    with house.bot.store.transaction() as tx:
        keys.revoke(tx.conn, "k1", house.now)
    house.mail(BOB, "quick", FORM)
    hub.taken.clear()
    house.tell()
    assert house.subscriber(id_) is None
    assert [event for event in hub.events if "eventType" in event] == []


def test_a_callback_that_says_it_is_gone_is_told_no_more_and_admins_hear_of_it(house, hub):
    id_ = subscribed(house)
    hub.trouble = Gone("https://oss.example.net/listener answered 410")
    house.mail(BOB, "quick", FORM)
    house.tell()
    assert house.subscriber(id_) is None
    assert "its subscription has been ended" in only(house.send(), "alert", ROOT).subject


def test_a_callback_that_takes_nothing_for_days_is_told_no_more(house, hub):
    id_ = subscribed(house)
    hub.trouble = DOWN
    house.mail(BOB, "quick", FORM)
    house.tell()
    house.now += ENDED_AFTER
    house.tell()
    assert house.subscriber(id_) is None


def test_callbacks_of_one_key_that_are_dead_are_told_in_one_letter_and_ended_in_one(house, hub):
    ids = [subscribed(house, callback=f"https://{n}.example/") for n in range(3)]
    hub.trouble = DOWN
    house.mail(BOB, "quick", FORM)
    house.tell()
    house.now += TOLD_AFTER
    house.tell()
    [letter] = [one for one in house.send() if one.to == ROOT and "callback" in one.subject]
    assert letter.subject == "3 callbacks of the key k1 take no events, the first since 2026-11-23 09:00Z"
    assert all(f"https://{n}.example/: it is down" in letter.text for n in range(3))
    hub.trouble = None
    house.now += LONGEST_PAUSE
    house.tell()
    alerts = [e["type"] for e in house.oss.events if e.get("alert", {}).get("cause") == "callbacks/k1"]
    assert alerts == ["alert.opened", "alert.closed"]
    hub.trouble = DOWN
    house.mail(BOB, "quick", FORM)
    house.tell()
    house.now += ENDED_AFTER
    house.tell()
    assert [house.subscriber(id_) for id_ in ids] == [None] * 3
    ended = [letter.subject for letter in house.send() if letter.to == ROOT and "callbacks" in letter.subject]
    assert ended == ["3 callbacks of the key k1 are not told any more: their subscriptions have been ended"]


def test_a_configured_subscriber_with_a_scope_sees_what_customers_see(tmp_path):
    more = '[subscribers.oss]\nkind = "file"\nfolder = "feed"\nrequesters = ["bob@example.net"]\n'
    house = Told(tmp_path, more=more)
    letters = house.start()
    house.start(sender="eve@example.net")
    house.reply(only(letters, "action", LI), "approve looks fine to me")
    with house.bot.store.transaction() as tx:
        alert(tx, "letters", "too many", house.now)
    house.tell()
    assert {event["reference"] for event in house.oss.events} == {"IP-1"}
    text = str(house.oss.events)
    assert "looks fine" not in text
    assert LI not in text
    house.bot.close()


OF_CUSTOMERS = """
[customers."Acme GmbH"]
id = "C-1"
domains = ["acme.example"]
account_manager = "noc"
[subscribers.oss]
kind = "file"
folder = "feed"
customers = ["c-1"]
"""


def test_what_is_a_customers_is_what_is_so_on_record_and_not_what_a_form_merely_says(tmp_path):
    by_name = QUICK.replace('"customer"\nlabel = "Customer"\ntype = "text"', '"customer"\ntype = "customer"')
    rules = {"quick": QUICK, "named": by_name.replace('"quick"', '"named"')}
    house = Told(tmp_path, more=OF_CUSTOMERS, rules=rules)
    house.mail(BOB, "quick", FORM.replace("Acme", "Acme GmbH"))
    house.mail(BOB, "named", FORM.replace("Acme", "acme gmbh"))
    house.tell()
    assert {event["reference"] for event in house.oss.events} == {"IP-2"}
    assert "allocation.allocated" in house.oss.types
    house.bot.close()


def test_an_alert_tells_a_customer_that_a_step_stands_and_not_in_whose_words(tmp_path):
    more = '[subscribers.oss]\nkind = "file"\nfolder = "feed"\nrequesters = ["bob@example.net"]\n'
    house = Told(tmp_path, more=more)
    letters = house.start(FORM.replace("28", "24"))
    house.mail(BOB, "quick", FORM)  # takes of what the first one needs whole
    house.reply(only(letters, "action", LI), "approve")
    house.reply(only(letters, "action", BILL), "Account: A-77")
    house.later(MONDAY + timedelta(days=7))
    house.tell()
    about = {event["alert"]["cause"]: event["alert"]["words"] for event in house.oss.events if "alert" in event}
    assert about["IP-1/allocate/trouble"] == "the step cannot go on by itself"
    assert about["IP-1/late"] == "the request is late"
    assert "no room" not in str([event for event in house.oss.events if "alert" in event])
    house.bot.close()


def test_an_alert_of_the_house_opens_once_and_closes_once(house):
    with house.bot.store.transaction() as tx:
        assert alert(tx, "rules", "the rule files have errors", house.now)
        assert not alert(tx, "rules", "the rule files have errors", house.now)
        assert not alert(tx, "rules", "the rule files have other errors", house.now)
        assert all_clear(tx, "rules", house.now)
        assert not all_clear(tx, "rules", house.now)
    house.tell()
    assert house.oss.types == ["alert.opened", "alert.updated", "alert.closed"]
    assert kinds(house.send()) == [("event", "tickets@example.net")] * 3


def test_what_is_undone_is_not_told(house):
    with house.bot.store.transaction() as tx:
        undone = tx.conn.begin_nested()
        alert(tx, "rules", "…", house.now)
        undone.rollback()
    assert house.tell() == 0


def test_rule_files_with_errors_and_full_pools_are_alerts_until_they_are_well(house):
    path = house.home / "rules" / "quick.toml"
    good = path.read_text()
    path.write_text("nonsense")
    for _ in range(2):
        house.bot.reload_rules()
    path.write_text(good)
    for _ in range(2):
        house.bot.reload_rules()
    house.bot.desk.warn_at["lan"] = 80
    house.mail(BOB, "quick", FORM.replace("28", "24"))
    house.bot.follow_up()
    house.tell()
    alerts = [(e["type"], e["alert"]["cause"]) for e in house.oss.events if e["type"].startswith("alert.")]
    assert alerts == [("alert.opened", "rules"), ("alert.closed", "rules"), ("alert.opened", "pool/lan")]
