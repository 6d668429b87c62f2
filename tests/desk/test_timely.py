"""Letters about time leave when their reader works, and are withdrawn when they are overtaken before that."""

from datetime import UTC, datetime

import pytest
from house import ANA, ATTRIBUTION, BOB, CONFIG, HEAD, KIM, LI, MONDAY, NOC, ROOT, House, kinds, only, reply

from mailbot.mail.relay import Deferred
from mailbot.store import sending

CALENDARS = """
[calendars.evening]
hours = "mon-fri 18:00-22:00"
[calendars.early]
hours = "mon-fri 06:00-10:00"
"""
EVENING = 'aliases = ["a.ruiz@example.net"]\ncalendar = "evening"'


def evening(*, ana=True, **more):
    """A configuration in which Ana works in the evening; `noc`, `desk`: the calendars of groups, `bob`: his own."""
    config = CONFIG.replace('aliases = ["a.ruiz@example.net"]', EVENING) if ana else CONFIG
    for group in more.keys() & {"noc", "desk"}:
        config = config.replace(f"[groups.{group}]", f'[groups.{group}]\ncalendar = "{more[group]}"')
    people = "".join(f'[people."{who}@example.net"]\ncalendar = "{more[who]}"\n' for who in more.keys() & {"bob", "li"})
    return config + people + CALENDARS


def build(tmp_path, rule=ATTRIBUTION, **config):
    house = House(tmp_path, rules={"attribution": rule}, config=evening(**config))
    return house, house.start()


def at(day, clock="09:00"):
    return datetime.fromisoformat(f"2026-11-{day:02} {clock}+00:00")


def history(house, action):
    return house.history().count(action)


# -- when they leave ---------------------------------------------------------------------------------------------------


def test_trap_30_a_reminder_leaves_in_the_working_time_of_each_reader(tmp_path):
    house, _ = build(tmp_path)
    assert kinds(house.later(at(23, "13:00"))) == [("reminder", LI)]
    assert house.later(at(23, "17:59")) == []
    [reminder] = house.later(at(23, "18:00"))
    assert (reminder.kind, reminder.to) == ("reminder", ANA)
    assert datetime.strptime(reminder.message["Date"], "%a, %d %b %Y %H:%M:%S %z") == at(23, "18:00")


def test_what_is_asked_and_answered_leaves_at_once(tmp_path):
    house, letters = build(tmp_path, noc="evening")
    assert ("action", ANA) in kinds(letters)
    assert kinds(house.reply(only(letters, "action", ANA), "what?")) == [("misunderstood", ANA)]


@pytest.mark.parametrize(
    ("config", "leaves"),
    [
        ({"ana": False}, "13:00"),  # the house's
        ({"ana": False, "noc": "evening"}, "18:00"),  # the department's
        ({"ana": False, "noc": "early"}, "06:00"),  # the day after
        ({"ana": False, "noc": "early", "li": "evening"}, "18:00"),  # his own before the department's
        ({"ana": False, "noc": "evening", "li": "always"}, "13:00"),
    ],
)
def test_a_persons_calendar_comes_before_the_departments_and_that_before_the_houses(tmp_path, config, leaves):
    house, _ = build(tmp_path, **config)
    house.later(at(23, "13:00"))
    [row] = [row for row in house.rows("outbox") if (row.kind, row.recipient) == ("reminder", LI)]
    assert f"{row.not_before or house.now:%H:%M}" == leaves


def test_a_reader_without_a_calendar_works_when_the_step_does(tmp_path):
    rule = ATTRIBUTION.replace('title = "Technical review"', 'title = "Technical review"\ncalendar = "evening"')
    rule = rule.replace('"8 working hours"', '"4 working hours"')
    house, _ = build(tmp_path, rule, ana=False)
    assert house.later(at(23, "19:59")) == []
    assert kinds(house.later(at(23, "20:00"))) == [("reminder", ANA), ("reminder", LI)]


def test_a_reminder_fires_in_the_steps_time_and_waits_for_the_readers(tmp_path):
    """Both: at 10:00, when half of the step's time is over, nobody of the department is there."""
    rule = ATTRIBUTION.replace('"8 working hours"', '"2 working hours"')
    house, _ = build(tmp_path, rule, noc="evening", ana=False)
    assert house.later(at(23, "10:00")) == []
    assert [mark for _, mark, _ in house.timers()] == ["late", "late", "escalation-0", "late"]
    assert kinds(house.later(at(23, "18:00"))) == [("reminder", ANA), ("reminder", LI)]


def test_a_shared_mailbox_is_read_when_its_department_works(tmp_path):
    rule = ATTRIBUTION.replace('asks = ["noc"]', 'asks = ["desk"]')
    house, _ = build(tmp_path, rule, desk="evening")
    assert house.later(at(23, "13:00")) == []
    assert kinds(house.later(at(23, "18:00"))) == [("reminder", NOC)]


def test_the_requester_hears_of_lateness_when_he_works_and_of_somebodys_delay_at_once(tmp_path):
    house, letters = build(tmp_path, bob="evening", ana=False)
    assert ("delayed", BOB) not in kinds(house.later(at(24, "09:00")))
    assert ("delayed", BOB) in kinds(house.later(at(24, "18:00")))
    house.now = at(24, "23:00")
    assert kinds(house.reply(only(letters, "action", ANA), "delay until 2026-11-30")) == [("delayed", BOB)]


def test_an_escalation_waits_for_the_lead(tmp_path):
    house, _ = build(tmp_path, noc="evening", ana=False)
    assert ("escalation", HEAD) not in kinds(house.later(at(25, "09:00")))
    assert ("escalation", HEAD) in kinds(house.later(at(25, "18:00")))


def test_a_bot_that_slept_writes_to_nobody_in_his_weekend(tmp_path):
    house, _ = build(tmp_path, ana=False)
    assert house.later(at(28, "12:00")) == []
    assert {kind for kind, _ in kinds(house.later(at(30)))} == {"reminder", "delayed", "escalation"}


def test_a_letter_that_was_held_back_for_long_is_given_up_no_sooner_than_any_other(tmp_path):
    sundays = evening(ana=False, li="evening").replace("mon-fri 18:00-22:00", "sun 18:00-22:00")
    house = House(tmp_path, rules={"attribution": ATTRIBUTION}, config=sundays)
    house.start()
    house.later(at(23, "13:00"))
    house.relay.answers[LI] = Deferred("451 try again later")
    house.later(at(29, "18:00"))
    [row] = [row for row in house.rows("outbox") if (row.kind, row.recipient) == ("reminder", LI)]
    assert (row.state, row.attempts, row.created) == ("waiting", 1, at(29, "18:00"))


def test_what_hangs_on_a_letter_hangs_on_one_that_has_left(tmp_path):
    house, letters = build(tmp_path)
    house.later(at(23, "13:00"))
    [answer] = house.reply(only(letters, "action", ANA), "what?", carriers=("address",))
    assert answer.message["References"].split()[0] == only(letters, "action", ANA).id
    reminder = only(house.later(at(23, "18:00")), "reminder")
    assert reminder.message["References"].split()[0] == only(letters, "action", ANA).id


# -- when they do not leave at all -------------------------------------------------------------------------------------


def waiting(house):
    """(kind, to) of the letters that have not left, and may."""
    return sorted((row.kind, row.recipient) for row in house.rows("outbox") if row.state == "waiting")


@pytest.fixture
def reminded(tmp_path):
    """A reminder to Ana waits for the evening; her letter is at hand."""
    house, letters = build(tmp_path)
    house.later(at(23, "13:00"))
    assert waiting(house) == [("reminder", ANA)]
    return house, letters


@pytest.mark.parametrize("text", ["approve", "reject too large", "hold", "delay until 2026-11-30"])
def test_whatever_overtakes_a_reminder_withdraws_it_in_the_same_commit(reminded, text):
    house, letters = reminded
    house.reply(only(letters, "action", LI), text)
    assert waiting(house) == []
    assert history(house, "withdrawn") == 1
    assert [x for x in house.later(at(23, "20:00")) if x.kind == "reminder"] == []
    assert house.broken() == []


def test_a_cancelled_request_reminds_nobody(reminded):
    house, letters = reminded
    house.reply(only(letters, "acknowledged"), "cancel")
    assert waiting(house) == []
    assert history(house, "withdrawn") == 1


@pytest.mark.parametrize("text", ["comment Please hurry.", "ask Which office?", "status"])
def test_what_changes_nothing_about_the_step_withdraws_nothing(reminded, text):
    house, letters = reminded
    house.reply(only(letters, "action", LI), text)
    assert waiting(house) == [("reminder", ANA)]
    assert history(house, "withdrawn") == 0


def test_the_answer_to_another_step_withdraws_nothing(reminded):
    house, letters = reminded
    house.reply(only(letters, "action", "bill@example.net"), "Account: A-77")
    assert waiting(house) == [("reminder", ANA)]


def test_who_hands_over_is_not_reminded(reminded):
    house, letters = reminded
    house.reply(only(letters, "action", ANA), f"assign {KIM}")
    assert waiting(house) == []


def test_who_has_spoken_is_not_reminded_where_others_still_must(tmp_path):
    house, letters = build(tmp_path, ATTRIBUTION.replace('asks = ["noc"]', 'asks = ["noc"]\nneeds = 2'), noc="evening")
    house.later(at(23, "13:00"))
    assert waiting(house) == [("reminder", ANA), ("reminder", LI)]
    house.reply(only(letters, "action", ANA), "approve")
    assert waiting(house) == [("reminder", LI)]


def test_lateness_that_is_over_is_not_told(tmp_path):
    house, letters = build(tmp_path, bob="evening", ana=False)
    house.later(at(24, "09:00"))
    assert waiting(house) == [("delayed", BOB)]
    house.reply(only(letters, "action", ANA), "approve")
    assert waiting(house) == []


def test_a_letter_that_is_being_sent_is_not_withdrawn(reminded):
    house, letters = reminded
    with house.bot.store.transaction() as tx:
        sending.claim(tx.conn, house.bot.owner.id, at(23, "18:00"), 1)
    house.bot.intake.take(bytes(reply(only(letters, "action", LI), "approve")), house.now)
    assert ("reminder", ANA) in waiting(house)
    assert history(house, "withdrawn") == 0


def test_the_ladder_of_a_late_step_begins_anew_after_a_hold(tmp_path):
    """Its letter was withdrawn by the hold: going on, the step has a new due time, and the ladder counts from it."""
    house, letters = build(tmp_path, noc="evening", ana=False)
    house.later(at(25, "09:00"))
    assert ("escalation", HEAD) in waiting(house)
    house.reply(only(letters, "action", ANA), "hold")
    assert waiting(house) == []
    house.now = at(26, "09:00")
    house.reply(only(letters, "action", ANA), "resume")
    assert ("escalation", HEAD) in kinds(house.later(at(27, "18:00")))


def test_a_warning_that_would_come_too_late_is_given_at_night(tmp_path):
    rule = ATTRIBUTION.replace('length = "form.size"', 'length = "form.size"\nfor = "30 hours"')
    house, letters = build(tmp_path, rule, bob="evening", ana=False)
    house.now = at(27, "12:00")
    house.reply(only(letters, "action", ANA), "approve")
    house.reply(only(letters, "action", "bill@example.net"), "Account: A-77")
    [warned] = [at_ for step, mark, at_ in house.timers() if mark == "warning"]
    [letter] = [x for x in house.later(warned) if x.kind == "reminder"]
    assert letter.to == BOB
    assert house.now.weekday() == 5


def test_who_belongs_to_several_departments_works_with_the_one_that_was_asked(tmp_path):
    config = evening(ana=False, noc="early") + '[groups.nights]\nmembers = ["li@example.net"]\ncalendar = "evening"\n'
    directory = House(tmp_path, config=config).bot.directory
    assert str(directory.calendar_of(LI, asking=("nights",)).week) == "mon-fri 18:00-22:00"
    assert str(directory.calendar_of(LI, asking=("noc",)).week) == "mon-fri 06:00-10:00"


def test_a_supplier_works_by_his_own_calendar(tmp_path):
    config = evening() + '[parties.scrubber]\naddress = "soc@scrubber.example"\ncalendar = "always"\n'
    directory = House(tmp_path, config=config).bot.directory
    assert directory.calendar_of("soc@scrubber.example", "evening") == directory.calendar("always")


def test_what_people_work_by_is_looked_up_by_whatever_name_they_have(tmp_path):
    directory = House(tmp_path, config=evening(noc="early")).bot.directory
    hours = {who: str(directory.calendar_of(who).week) for who in (ANA, LI, HEAD, BOB, ROOT, "a.ruiz@example.net")}
    assert hours == {
        ANA: "mon-fri 18:00-22:00",
        "a.ruiz@example.net": "mon-fri 18:00-22:00",
        LI: "mon-fri 06:00-10:00",
        HEAD: "mon-fri 06:00-10:00",
        BOB: str(directory.calendar(None).week),
        ROOT: str(directory.calendar(None).week),
    }
    assert directory.calendar_of(BOB, "evening").next_working(MONDAY.astimezone(UTC)) == at(23, "18:00")
