"""Reviews: whoever has held space for long is asked by itself, keeps it or gives it back."""

from datetime import timedelta

from house import BILL, BOB, CONFIG, QUICK, ROOT, House, kinds, only
from sqlalchemy import select

from mailbot.store import space, tables

REVIEW = """
type = "still-used"
title = "Still used?"
summary = "{form.prefix}"
who = ["root@example.net"]
lead_time = "10 working days"
[review]
after = "365 days"
[[field]]
name = "prefix"
type = "allocation"
required = true
[[step]]
name = "answer"
kind = "form"
asks = ["{requester.email}"]
lead_time = "10 working days"
  [[step.field]]
  name = "use"
  label = "Keep or release"
  choices = ["keep", "release"]
  required = true
[[step]]
name = "release"
kind = "release"
when = 'steps.answer.use == "release"'
prefix = "form.prefix"
"""
YEAR = timedelta(days=365)


def house(tmp_path, config=CONFIG):
    return House(tmp_path, rules={"quick": QUICK, "still-used": REVIEW}, config=config)


def reviewed(house):
    house.bot.review()
    return house.send()


def test_a_holder_is_asked_after_the_time_and_not_before(tmp_path):
    home = house(tmp_path)
    prefix = home.allocated()
    home.now += YEAR - timedelta(days=2)
    assert reviewed(home) == []
    home.now += timedelta(days=3)
    [letter] = reviewed(home)
    assert (letter.kind, letter.to) == ("action", BOB)
    assert prefix in letter.subject
    assert reviewed(home) == []


def test_what_is_kept_is_kept_and_asked_about_again_a_year_later(tmp_path):
    home = house(tmp_path)
    prefix = home.allocated()
    home.now += YEAR + timedelta(days=1)
    [letter] = reviewed(home)
    assert only(home.reply(letter, "Keep or release: keep"), "completed").to == BOB
    assert [h.state for h in held(home, prefix)] == [space.State.ALLOCATED]
    home.now += timedelta(days=100)
    assert reviewed(home) == []
    home.now += YEAR - timedelta(days=100)
    home.now += timedelta(days=(7 - home.now.weekday()) % 7)
    assert [one.kind for one in reviewed(home)] == ["action"]


def test_what_is_released_rests(tmp_path):
    home = house(tmp_path)
    prefix = home.allocated()
    home.now += YEAR + timedelta(days=1)
    [letter] = reviewed(home)
    home.reply(letter, "Keep or release: release")
    assert [h.state for h in held(home, prefix)] == [space.State.QUARANTINED]


def test_while_a_review_is_open_no_second_one_begins_and_it_is_late_for_us_and_not_for_who_was_asked(tmp_path):
    home = house(tmp_path)
    home.allocated()
    home.now += YEAR + timedelta(days=1)
    [letter] = reviewed(home)
    assert "This review began by itself" in letter.text
    assert "has sent this request" not in letter.text
    assert '"ask"' not in letter.text
    assert "is given back" not in letter.text
    assert kinds(home.wait(days=30)) == [("escalation", ROOT)]
    home.now += YEAR
    assert reviewed(home) == []


CUSTOMERS = """
[pools.vlans]
numbers = ["1-9"]
[customers."Acme GmbH"]
account_manager = "billing"
"""


def test_space_of_a_customer_that_nobody_holds_is_asked_of_his_account_manager_and_numbers_of_nobody(tmp_path):
    home = house(tmp_path, CONFIG + CUSTOMERS)
    rows = [
        {"prefix": "10.20.0.0/28", "pool": "lan", "customer": "Acme GmbH"},
        {"prefix": "10.20.0.16/28", "pool": "lan", "customer": "somebody"},
        {"prefix": "2", "pool": "vlans", "customer": "Acme GmbH", "holder": BOB},
    ]
    with home.bot.store.transaction() as tx:
        assert space.import_rows(tx.conn, rows, home.now) == []
    home.now += YEAR + timedelta(days=1)
    [letter] = reviewed(home)
    assert letter.to == BILL
    home.reply(letter, "Keep or release: release")
    assert [h.state for h in held(home, "10.20.0.0/28")] == [space.State.QUARANTINED]


def test_nobody_is_asked_on_a_sunday(tmp_path):
    home = house(tmp_path)
    home.allocated()
    home.now += YEAR + timedelta(days=5)
    while home.now.weekday() != 6:
        home.now += timedelta(days=1)
    assert reviewed(home) == []


def held(home, prefix):
    with home.bot.store.reading() as conn:
        all_ = list(space.allocations(conn, "lan"))
        assert conn.execute(select(tables.request.c.id)).all()
    return [one for one in all_ if str(one.prefix) == prefix]
