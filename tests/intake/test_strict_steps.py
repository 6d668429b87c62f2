"""`trust = "verified"` on a step: its answers need a verified From, also where a token is enough for all others."""

import pytest
from batch import BATCH, ONE
from house import ANA, ATTRIBUTION, BILL, CONFIG, LI, RULES, House, only, verified

STRICT = ATTRIBUTION.replace('title = "Technical review"', 'title = "Technical review"\ntrust = "verified"')


def strict_house(home, config=CONFIG):
    return House(home, replies="token", requests="from", rules={**RULES, "attribution": STRICT}, config=config)


@pytest.fixture
def house(tmp_path):
    return strict_house(tmp_path)


def test_its_answer_is_held_without_a_verdict_and_counts_with_one(house):
    action = only(house.start(), "action", ANA)
    assert house.reply(action, "approve") == []
    assert (house.states()["technical"], house.inbox()[-1][0]) == ("open", "held")
    house.reply(action, "approve", Authentication_Results=verified(ANA))
    assert house.states()["technical"] == "done"


def test_other_steps_go_by_the_token(house):
    house.reply(only(house.start(), "action", BILL), "Account: A-77")
    assert house.states()["billing"] == "done"


def test_an_admin_may_release_it(house):
    house.reply(only(house.start(), "action", ANA), "approve")
    house.bot.intake.release(2, house.now)
    assert house.states()["technical"] == "done"


def test_a_list_that_holds_such_a_step_needs_it_as_a_whole(tmp_path):
    house = strict_house(tmp_path, BATCH)
    house.start()
    house.start()
    listed = only(house.later(ONE), "actions", ANA)
    house.reply(listed, "all approve")
    assert [house.states(f"IP-{n}")["technical"] for n in (1, 2)] == ["open", "open"]
    house.reply(listed, "all approve", Authentication_Results=verified(ANA))
    assert [house.states(f"IP-{n}")["technical"] for n in (1, 2)] == ["done", "done"]


def test_a_running_request_keeps_what_its_rules_said(house):
    action = only(house.start(), "action", LI)
    (house.home / "rules" / "attribution.toml").write_text(ATTRIBUTION)
    house.bot = house.another_bot()
    house.reply(action, "approve")
    assert house.states()["technical"] == "open"
