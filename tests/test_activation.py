"""The door that network requests leave by: sent before anything is done, once, in order, and settled by the answer."""

import threading
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from house import ANA, BOB, CONFIG, DELIVERY, FORM, LI, ROOT, House, kinds, only
from servers.ground import until
from sqlalchemy import select

from mailbot.activation import DOUBTED, door
from mailbot.activation.door import DIED, GIVES_UP_AFTER, LONGEST_PAUSE, RESTORED
from mailbot.mail.letter import Unfit, UnfitValue
from mailbot.process.definition import Action
from mailbot.process.request import NetworkState, Retry, Said
from mailbot.store import Sent, Store, breaker, driving, tables, views
from mailbot.target import Answer
from mailbot.target.base import cannot

pytestmark = pytest.mark.timeout(60)

TARGETS = """
[targets.router]
kind = "command"
command = ["router-add"]
owner = "noc"
[targets.firewall]
kind = "command"
command = ["firewall-add"]
"""

CONFIGURE = """
targets = ["router"]
lead_time = "1 hour"
[[step]]
name = "open"
kind = "activate"
targets = ["firewall"]
after = ["allocate"]
"""

CONFIRMED = Answer(state=NetworkState.CONFIRMED, detail="rule 17")
FAILED = Answer(state=NetworkState.FAILED, detail="no such vlan")
LATER = Answer(state=NetworkState.UNPROCESSED, detail="it is down")
IDS = ["IP-1/configure/router/1", "IP-1/open/firewall/1"]


@dataclass
class FakeDriver:
    """Answers as it is told to, and remembers what it was told; while `door` is closed, it takes its time."""

    mailbox: None = None
    answer: Answer | Exception = CONFIRMED
    told: list[str] = field(default_factory=list)
    seen: object = None
    found: list[object] = field(default_factory=list)
    door: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self):
        self.door.set()

    def drive(self, request, since):
        assert since.tzinfo is not None
        self.told.append(request.id)
        if self.seen:
            self.found.append(self.seen(request))
        assert self.door.wait(30)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def check(self):
        return "a fake"


class Plant(House):
    """A house with targets; mail is taken in and sent, but nothing is driven unless a test says so."""

    def __init__(self, home, url="sqlite:///mailbot.db"):
        config = CONFIG.replace("sqlite:///mailbot.db", url)
        super().__init__(home, config=config + TARGETS, rules={"delivery": DELIVERY + CONFIGURE})

    def another_bot(self):
        bot = super().another_bot()
        self.router, self.firewall = FakeDriver(), FakeDriver()
        bot.__dict__["drivers"] = {"router": self.router, "firewall": self.firewall}
        return bot

    def ask(self):
        """The reference of a new request, which has got as far as its network requests."""
        return only(self.mail(BOB, "delivery", FORM), "acknowledged").reference

    def drive(self, patience=None):
        self.bot.drive(patience)
        return self.send()

    def ledger(self):
        return {row.name: row for row in self.rows("network_request")}

    def network(self):
        return {name: row.state for name, row in self.ledger().items()}

    def as_the_request_sees_it(self, reference="IP-1"):
        return {one.id: one.state.value for step in self.request(reference).steps for one in step.network}

    def set(self, fact, value):
        with self.bot.store.transaction() as tx:
            tx.set_fact(fact, value)


@pytest.fixture
def plant(tmp_path):
    plant = Plant(tmp_path)
    yield plant
    for driver in (plant.router, plant.firewall):
        driver.door.set()
    plant.bot.close()


def words(letter):
    """A letter's text as one line, as it is read behind its bars."""
    return " ".join(letter.text.replace("|", " ").split())


# -- the way of one ----------------------------------------------------------------------------------------------------


def test_a_network_request_waits_in_the_ledger_with_all_that_the_target_is_to_be_told(plant):
    plant.ask()
    assert plant.network() == plant.as_the_request_sees_it() == dict.fromkeys(IDS, "unprocessed")
    row = plant.ledger()[IDS[0]]
    assert (row.reference, row.step, row.target, row.action) == ("IP-1", "configure", "router", "add")
    for known in ('"reference": "IP-1"', '"10.20.0.0/28"', '"customer": "Acme"'):
        assert known in row.body
    assert plant.states() == {"allocate": "done", "configure": "open", "open": "open"}


def test_it_is_sent_for_all_to_see_before_anything_is_done_to_the_target(plant):
    def seen(request):
        with plant.bot.store.reading() as conn:
            row = views.network_request(conn, request.id)
            known = views.request(conn, "IP-1").step(request.step).network[0].state.value
            told = [(e["action"], e["detail"]) for e in views.history(conn, views.HistoryFilter(reference="IP-1"))]
        return row["state"], known, ("sent to network", "router") in told

    plant.router.seen = seen
    plant.ask()
    plant.drive()
    assert plant.router.found == [("sent", "sent", True)]


def test_what_all_targets_confirm_completes_the_request(plant):
    plant.ask()
    letters = plant.drive()
    assert plant.network() == plant.as_the_request_sees_it() == dict.fromkeys(IDS, "confirmed")
    assert (plant.router.told, plant.firewall.told) == (IDS[:1], IDS[1:])
    row = plant.ledger()[IDS[0]]
    assert (row.detail, row.attempts, row.sent, row.closed) == ("rule 17", 1, plant.now, plant.now)
    assert plant.history().count("sent to network") == plant.history().count("confirmed by network") == 2
    assert ("completed", BOB) in kinds(letters)
    assert plant.drive() == []
    assert plant.router.told == IDS[:1]


def test_what_fails_stops_its_step_and_is_told_to_the_owner_and_the_admins(plant):
    plant.router.answer = FAILED
    plant.ask()
    letters = plant.drive()
    assert plant.network() == {IDS[0]: "failed", IDS[1]: "confirmed"}
    assert {("alert", ROOT), ("alert", ANA), ("alert", LI)} <= set(kinds(letters))
    assert "no such vlan" in words(only(letters, "alert", ROOT))
    assert "no such vlan" in words(only(letters, "alert", ANA))
    assert plant.states()["configure"] == "open"
    assert plant.drive() == []


def test_a_retry_is_a_new_attempt_with_an_id_of_its_own(plant):
    plant.router.answer = FAILED
    plant.ask()
    plant.drive()
    plant.router.answer = CONFIRMED
    with plant.bot.store.transaction() as tx:
        said = Said(actor="operator", deed=Retry(), step="configure", operator=True)
        plant.bot.desk.settle(tx, "IP-1", said, plant.now)
    assert ("completed", BOB) in kinds(plant.drive())
    assert plant.router.told == [IDS[0], "IP-1/configure/router/2"]
    assert plant.network() == {
        **dict.fromkeys(IDS, "confirmed"),
        IDS[0]: "failed",
        "IP-1/configure/router/2": "confirmed",
    }


def test_a_driver_that_breaks_leaves_it_unknown_and_the_others_go_on(plant):
    plant.router.answer = ZeroDivisionError("division by zero")
    plant.ask()
    plant.drive()
    assert plant.network() == {IDS[0]: "unknown", IDS[1]: "confirmed"}
    assert plant.ledger()[IDS[0]].detail == "ZeroDivisionError: division by zero"


def test_a_target_that_is_not_configured_any_more_has_failed_in_words(plant):
    del plant.bot.drivers["router"]
    plant.ask()
    plant.drive()
    assert plant.network()[IDS[0]] == "failed"
    assert "there is no [targets.router] in force" in plant.ledger()[IDS[0]].detail


# -- in line -----------------------------------------------------------------------------------------------------------


def test_s3_4_what_waited_while_targets_were_stopped_leaves_once_each_in_the_order_of_asking(plant):
    plant.set("paused", "targets")
    references = [plant.ask() for _ in range(3)]
    plant.drive()
    assert set(plant.network().values()) == {"unprocessed"}
    assert plant.router.told == []
    plant.set("paused", None)
    plant.drive()
    assert plant.router.told == [f"{reference}/configure/router/1" for reference in references]
    assert set(plant.network().values()) == {"confirmed"}


def test_a_pause_of_all_stops_them_and_one_of_sending_does_not(plant):
    plant.ask()
    plant.set("paused", "all")
    plant.drive()
    assert plant.router.told == []
    plant.set("paused", "sending")
    plant.drive()
    assert plant.router.told == IDS[:1]


def test_a_slow_target_stops_neither_the_others_nor_the_bot_and_what_is_behind_it_waits(plant):
    plant.router.door.clear()
    for _ in range(2):
        plant.ask()
    passed = {
        "IP-1/configure/router/1": "sent", "IP-1/open/firewall/1": "confirmed",
        "IP-2/configure/router/1": "unprocessed", "IP-2/open/firewall/1": "confirmed",
    }  # fmt: skip
    until(lambda: (plant.bot.drive(0.1), plant.network() == passed)[1], "the firewall's answers")
    assert plant.bot.drive(0.1) == 0
    assert plant.router.told == ["IP-1/configure/router/1"]
    plant.router.door.set()
    plant.drive()
    assert set(plant.network().values()) == {"confirmed"}


@pytest.mark.parametrize("answer", [FAILED, ValueError("broken")])
def test_what_has_failed_or_is_unknown_stops_nothing_behind_it(plant, answer):
    for _ in range(2):
        plant.ask()
    plant.router.answer = answer
    plant.drive()
    assert plant.router.told == ["IP-1/configure/router/1", "IP-2/configure/router/1"]


def test_what_a_bot_is_driving_when_it_is_stopped_is_driven_to_its_end_and_settled(plant):
    plant.router.door.clear()
    plant.ask()
    plant.bot.drive(0.1)
    threading.Timer(0.2, plant.router.door.set).start()
    plant.bot.close()
    assert plant.network()[IDS[0]] == "confirmed"


# -- put off -----------------------------------------------------------------------------------------------------------


def test_a_target_that_cannot_be_reached_is_tried_again_and_keeps_its_order(plant):
    plant.router.answer = LATER
    for _ in range(2):
        plant.ask()
    plant.drive()
    first, second = "IP-1/configure/router/1", "IP-2/configure/router/1"
    row = plant.ledger()[first]
    assert (row.state, row.detail, row.not_before) == ("unprocessed", "it is down", plant.now + timedelta(minutes=1))
    assert plant.as_the_request_sees_it()[first] == "unprocessed"
    plant.router.answer = CONFIRMED
    plant.drive()
    assert plant.router.told == [first]
    plant.wait(minutes=1)
    plant.drive()
    assert plant.router.told == [first, first, second]
    assert set(plant.network().values()) == {"confirmed"}


def test_the_pauses_grow_and_after_a_day_people_decide(plant):
    plant.router.answer = LATER
    plant.ask()
    began, pauses = plant.now, []
    plant.drive()
    while (row := plant.ledger()[IDS[0]]).state == "unprocessed":
        pauses.append(row.not_before - plant.now)
        plant.now = row.not_before
        letters = plant.drive()
    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert max(pauses) == LONGEST_PAUSE
    assert GIVES_UP_AFTER < plant.now - began <= GIVES_UP_AFTER + LONGEST_PAUSE
    assert row.state == "failed"
    assert row.detail == "given up after 24 hours: it is down"
    assert ("alert", ROOT) in kinds(letters)


# -- the dead ----------------------------------------------------------------------------------------------------------


def left_by_the_dead(plant):
    """A network request that a bot had sent when it died."""
    dead = plant.bot.store.new_owner(plant.now)
    with plant.bot.store.transaction() as tx:
        [sent] = driving.claim(tx.conn, dead.id, plant.now)
    return dead, sent


def test_s3_7_what_was_sent_when_its_bot_died_is_unknown_and_never_sent_again_by_itself(plant):
    plant.ask()
    dead, _ = left_by_the_dead(plant)
    dead.close()
    letters = plant.drive()
    assert plant.network() == {IDS[0]: "unknown", IDS[1]: "confirmed"}
    assert plant.ledger()[IDS[0]].detail == DIED
    assert "may or may not have done it" in words(only(letters, "alert", ROOT))
    for _ in range(3):
        plant.wait(hours=2)
        plant.drive()
    assert plant.router.told == []


def test_what_a_living_bot_has_sent_is_left_to_it(plant):
    plant.ask()
    other, sent = left_by_the_dead(plant)
    plant.drive()
    assert plant.network() == {IDS[0]: "sent", IDS[1]: "confirmed"}
    with plant.bot.store.transaction() as tx:
        assert driving.close(tx.conn, sent, NetworkState.CONFIRMED, "", plant.now)
    other.close()


def test_an_outdated_answer_changes_nothing(plant):
    plant.ask()
    dead, sent = left_by_the_dead(plant)
    dead.close()
    plant.drive()
    with plant.bot.store.transaction() as tx:
        assert not driving.close(tx.conn, sent, NetworkState.CONFIRMED, "too late", plant.now)
        assert not driving.put_off(tx.conn, sent, plant.now, "too late")
    assert plant.network()[IDS[0]] == "unknown"


def test_what_an_error_left_sent_by_ourselves_is_unknown_at_the_next_pass(plant, monkeypatch):
    plant.ask()

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(door.Activation, "_drive", killed)
    monkeypatch.setattr(door.ThreadPoolExecutor, "submit", killed)
    with pytest.raises(KeyboardInterrupt):
        plant.bot.drive()
    monkeypatch.undo()
    plant.drive()
    assert plant.network() == {IDS[0]: "unknown", IDS[1]: "confirmed"}


def test_what_a_restored_database_knows_as_waiting_may_have_been_done(plant):
    plant.ask()
    plant.set(DOUBTED, "now")
    plant.set("paused", "all")
    plant.bot.drive()
    assert set(plant.network().values()) == {"unknown"}
    assert {row.detail for row in plant.rows("network_request")} == {RESTORED}
    plant.bot.drive()
    plant.set("paused", None)
    plant.ask()
    plant.drive()
    assert plant.network()["IP-2/configure/router/1"] == "confirmed"


# -- one that cannot be told -------------------------------------------------------------------------------------------


def broken_for(monkeypatch, reference, states):
    settle = door.Desk.settle

    def settled(self, tx, about, event, now, *rest):
        if about == reference and getattr(event, "state", None) in states:
            raise LookupError("a fault of ours")
        return settle(self, tx, about, event, now, *rest)

    monkeypatch.setattr(door.Desk, "settle", settled)


def test_trap_28_one_whose_request_cannot_be_changed_is_set_aside_and_the_others_pass(plant, monkeypatch):
    for _ in range(2):
        plant.ask()
    broken_for(monkeypatch, "IP-1", [NetworkState.SENT])
    plant.drive()
    assert plant.router.told == ["IP-2/configure/router/1"]
    assert plant.network()["IP-1/configure/router/1"] == "unprocessed"
    monkeypatch.undo()
    plant.wait(hours=1)
    plant.drive()
    assert set(plant.network().values()) == {"confirmed"}


def test_an_answer_that_cannot_be_told_to_its_request_stands_in_the_ledger_and_admins_hear_of_it(plant, monkeypatch):
    plant.ask()
    broken_for(monkeypatch, "IP-1", [NetworkState.CONFIRMED])
    letters = plant.drive()
    assert set(plant.network().values()) == {"confirmed"}
    assert any(IDS[0] in letter.subject + letter.text for letter in letters if letter.kind == "alert")
    monkeypatch.undo()
    assert plant.drive() == []


# -- quiet -------------------------------------------------------------------------------------------------------------


def test_while_there_is_nothing_to_do_no_other_bot_is_kept_from_writing(plant, monkeypatch):
    plant.ask()
    plant.drive()

    def written(*_):
        raise AssertionError

    monkeypatch.setattr(type(plant.bot.store), "transaction", written)
    assert plant.bot.drive() == 0


def test_two_bots_drive_each_network_request_once(plant):
    for _ in range(6):
        plant.ask()
    first = plant.bot
    routers = [plant.router]
    second = plant.another_bot()
    routers.append(plant.router)
    bots = [threading.Thread(target=bot.drive, args=(None,)) for bot in (first, second)]
    for bot in bots:
        bot.start()
    for bot in bots:
        bot.join()
    told = [id_ for router in routers for id_ in router.told]
    assert sorted(told) == sorted(f"IP-{number}/configure/router/1" for number in range(1, 7))
    assert set(plant.network().values()) == {"confirmed"}
    second.close()


def test_a_pass_drives_all_and_sends_the_letters_that_this_leads_to(plant):
    plant.ask()
    before = len(plant.relay.letters)
    plant.bot.once()
    assert ("completed", BOB) in kinds(plant.relay.letters[before:])


def test_each_row_of_the_ledger_has_a_row_of_its_own_in_the_request(plant):
    for _ in range(3):
        plant.ask()
    plant.router.answer = FAILED
    plant.drive()
    with plant.bot.store.reading() as conn:
        names = set(conn.execute(select(tables.network_request.c.name)).scalars())
    assert names == {id_ for ref in plant.requests() for id_ in plant.as_the_request_sees_it(ref)}
    assert plant.broken() == []


# -- several at a time -------------------------------------------------------------------------------------------------


def with_terms(plant, **changes):
    plant.bot.activation.terms["router"] = replace(plant.bot.activation.terms["router"], **changes)


def test_a_target_may_be_told_several_at_a_time(plant):
    with_terms(plant, at_once=2)
    plant.router.door.clear()
    for _ in range(3):
        plant.ask()
    plant.bot.drive(0.2)
    assert sorted(plant.router.told) == ["IP-1/configure/router/1", "IP-2/configure/router/1"]
    assert plant.network()["IP-3/configure/router/1"] == "unprocessed"
    plant.router.door.set()
    plant.drive()
    assert set(plant.network().values()) == {"confirmed"}


def test_it_waits_as_long_as_the_target_asks_for(plant):
    plant.router.answer = Answer(state=NetworkState.UNPROCESSED, detail="503", after=timedelta(hours=3))
    plant.ask()
    plant.drive()
    assert plant.ledger()[IDS[0]].not_before == plant.now + timedelta(hours=3)


# -- the breaker -------------------------------------------------------------------------------------------------------


def broken(plant, times, answer=FAILED):
    """A target that has failed so often, and the letters of the last time."""
    plant.router.answer = answer
    for _ in range(times):
        plant.ask()
    return plant.drive()


def about_the_target(letters):
    return [(letter.to, letter.subject) for letter in letters if letter.kind == "alert" and "router " in letter.subject]


def test_a_target_that_fails_again_and_again_is_paused_and_its_owner_and_the_admins_are_told_once(plant):
    letters = broken(plant, 7)
    assert len(plant.router.told) == 5
    assert list(plant.network().values()).count("unprocessed") == 2
    told = about_the_target(letters)
    assert sorted(to for to, _ in told) == sorted([ROOT, ANA, LI])
    assert all("router is paused: it fails again and again" in subject for _, subject in told)
    assert "no such vlan" in words(next(one for one in letters if (one.to, one.subject) == told[0]))
    assert plant.drive() == []
    plant.wait(minutes=5)
    assert about_the_target(plant.drive()) == []
    assert len(plant.router.told) == 6
    plant.wait(minutes=5)
    plant.drive()
    assert len(plant.router.told) == 6
    plant.wait(minutes=5)
    plant.drive()
    assert len(plant.router.told) == 7


def test_when_it_works_again_what_waited_leaves_in_its_order_and_people_are_told(plant):
    broken(plant, 7)
    plant.router.answer = CONFIRMED
    plant.wait(minutes=5)
    letters = plant.drive()
    assert plant.router.told[5:] == ["IP-6/configure/router/1", "IP-7/configure/router/1"]
    told = about_the_target(letters)
    assert sorted(to for to, _ in told) == sorted([ROOT, ANA, LI])
    assert all("router works again" in subject for _, subject in told)


def test_the_firewall_is_told_all_the_while(plant):
    broken(plant, 7)
    assert len(plant.firewall.told) == 7


def test_failures_with_a_success_between_them_pause_nothing(plant):
    broken(plant, 4)
    broken(plant, 1, CONFIRMED)
    letters = broken(plant, 4)
    assert about_the_target(letters) == []
    assert len(plant.router.told) == 9


def test_a_test_that_fails_is_no_failure_of_who_tests(plant):
    door_ = plant.bot.activation
    with plant.bot.store.transaction() as tx:
        sent = Sent(id=0, claim=0, owner=0, name="x", reference="IP-1", step="s", target="router", action=Action.VERIFY,
                    body={}, created=plant.now, sent=None, attempts=1)  # fmt: skip
        for _ in range(9):
            door_._take_answer(tx, sent, FAILED, [FAILED], plant.now)  # noqa: SLF001
        assert breaker.breakers(tx.conn) == {}


def test_values_that_cannot_be_said_to_it_pause_nothing(plant):
    letters = broken(plant, 9, cannot(UnfitValue("'a\\nb' holds more than one line")))
    assert about_the_target(letters) == []
    assert list(plant.network().values()).count("failed") == 9


def test_a_template_that_holds_with_no_value_does(plant):
    broken(plant, 7, cannot(Unfit("the template all.txt: unexpected end")))
    assert len(plant.router.told) == 5


def test_one_that_cannot_be_reached_is_told_of_too_and_nothing_of_its_line_is_lost(plant):
    broken(plant, 2, LATER)
    letters = []
    for _ in range(40):
        plant.wait(minutes=1)
        letters += plant.drive()
    assert len(about_the_target(letters)) == 3
    plant.router.answer = CONFIRMED
    plant.wait(hours=1)
    plant.drive()
    assert set(plant.network().values()) == {"confirmed"}


def test_zero_pauses_never(plant):
    with_terms(plant, pause_after=0)
    broken(plant, 9)
    assert len(plant.router.told) == 9


@pytest.mark.servers
def test_on_postgresql_two_bots_keep_to_the_same_pause_and_tell_of_it_once(tmp_path, postgres):
    url = postgres.database()
    store = Store(url)
    store.upgrade()
    store.close()
    plant = Plant(tmp_path, url)
    first, routers = plant.bot, [plant.router]
    second = plant.another_bot()
    routers.append(plant.router)
    for router in routers:
        router.answer = FAILED
    for _ in range(8):
        plant.ask()
    bots = [threading.Thread(target=bot.drive, args=(None,)) for bot in (first, second)]
    for bot in bots:
        bot.start()
    for bot in bots:
        bot.join()
    assert sum(len(router.told) for router in routers) == 5
    assert len(about_the_target(plant.send())) == 3
    for router in routers:
        router.answer = CONFIRMED
    plant.wait(minutes=5)
    second.drive(None)
    first.drive(None)
    assert list(plant.network().values()).count("failed") == 5
    assert "unprocessed" not in plant.network().values()
    assert len(about_the_target(plant.send())) == 3
    first.close()
    second.close()
