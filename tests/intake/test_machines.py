"""Mail that is marked as automatic, of somebody who is asked: noted, and told once to who leads the step."""

import pytest
from house import ANA, BILL, EVE, HEAD, LI, ROOT, kinds, mail, only, verified

MARKED = {"Auto_Submitted": "auto-generated", "Precedence": "bulk"}


def test_trap_9_an_agents_reply_that_is_marked_decides_nothing_and_the_lead_is_told_once(house):
    action = only(house.start(), "action", ANA)
    letters = house.reply(action, "approve", Subject="[#8812] Re: [IP-1] Acme", **MARKED)
    assert kinds(letters) == [("alert", HEAD)]
    assert "does not count" in letters[0].subject
    assert house.states()["technical"] == "open"
    assert house.reply(action, "approve", **MARKED) == []
    assert [action for action in house.history() if action in {"noted", "answer not counted"}] == [
        "answer not counted",
        "noted",
    ]


def test_another_step_is_told_for_itself_and_where_nobody_leads_the_admins_are(house):
    letters = house.start()
    house.reply(only(letters, "action", ANA), "approve", **MARKED)
    assert kinds(house.reply(only(letters, "action", BILL), "Account: A-77", **MARKED)) == [("alert", ROOT)]


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Return_Path": "<>"},
        {"X_Autoreply": "yes"},
        {"Precedence": "junk"},
        {"Subject": "Automatic reply: [IP-1] Acme"},
    ],
    ids=str,
)
def test_what_nobody_wrote_is_told_to_nobody(house, headers):
    action = only(house.start(), "action", ANA)
    assert house.reply(action, "I am away.", **headers) == []
    assert house.inbox()[-1][0] == "ignored"


def test_of_a_step_that_is_over_nobody_is_told(house):
    letters = house.start()
    house.reply(only(letters, "action", LI), "approve")
    assert house.reply(only(letters, "action", ANA), "approve", **MARKED) == []


def test_a_machine_of_somebody_else_is_told_to_nobody(house):
    action = only(house.start(), "action", ANA)
    assert house.reply(action, "approve", EVE, **MARKED) == []


def test_one_that_is_not_believed_is_told_to_nobody(strict):
    letters = strict.start(Authentication_Results=verified("bob@example.net"))
    assert strict.reply(only(letters, "action", ANA), "approve", **MARKED) == []
    assert "answer not counted" not in strict.history()


def test_without_a_token_it_is_about_nothing(house):
    house.start()
    assert house.take(mail(ANA, "Re: [IP-1] Acme", "approve", **MARKED))[1] == []
