"""Reviews: whoever has held space for long is asked by itself, keeps it or gives it back."""

from datetime import timedelta

from house import BOB, CONFIG, QUICK, House, only
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


def house(tmp_path):
    return House(tmp_path, rules={"quick": QUICK, "still-used": REVIEW}, config=CONFIG)


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
