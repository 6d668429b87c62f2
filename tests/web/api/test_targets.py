"""What a target answers later, by a call of its own: signed by its secret, taken once, and nothing is half taken."""

import json
from datetime import timedelta

import pytest
from house import BOB, DELIVERY, FORM, LI, ROOT, House, kinds, only
from servers.hooks import Hooks, says
from web.api.conftest import System, shown
from web_house import WEB

from mailbot.wire import secret_key, signed

pytestmark = pytest.mark.timeout(60)

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
ANSWERS = "/api/targets/orders/answers"
CONFIGURE = 'targets = ["orders"]\n'
FIRST, SECOND = (f"IP-{number}/configure/orders/1" for number in (1, 2))


@pytest.fixture
def hooks():
    server = Hooks()
    server.answer = says("202 Accepted", "order 17")
    yield server
    server.down()


@pytest.fixture
def house(tmp_path, hooks, request):
    """With a target that takes what it is told, and says later what came of it."""
    target = f"""
[targets.orders]
kind = "webhook"
url = "{hooks.url}"
secrets = ["file:hook.secret"]
allow = ["127.0.0.0/8"]
owner = "noc"
answers_within = "{request.param if hasattr(request, "param") else "2 days"}"
"""
    tmp_path.joinpath("hook.secret").write_text(SECRET)
    return House(tmp_path, config=WEB + target, rules={"delivery": DELIVERY + CONFIGURE})


@pytest.fixture
def told(house):
    """A request whose target has been told, and has not answered yet."""
    house.mail(BOB, "delivery", FORM)
    house.bot.drive(None)
    return house


def states(house):
    return {row.name: row.state for row in house.rows("network_request")}


def says_that(house, *rows, secret=SECRET, path=ANSWERS, at=None, body=None):
    """What the target's call is answered."""
    body = body or json.dumps({"answers": [{"id": id_, "state": state} | more for id_, state, more in rows]}).encode()
    headers = signed("msg-1", at or house.now, body, [secret_key(secret)])
    return System(house).post(path, content=body, headers={**headers, "Content-Type": "application/json"})


def test_what_a_target_has_taken_is_sent_until_it_says_what_came_of_it(told):
    assert states(told) == {FIRST: "sent"}
    answer = says_that(told, (FIRST, "confirmed", {"detail": "vlan 210 is up"}))
    assert (answer.status_code, answer.content) == (204, b""), shown(answer)
    assert states(told) == {FIRST: "confirmed"}
    assert ("completed", BOB) in kinds(told.send())
    assert told.request().step("configure").network[0].detail == "vlan 210 is up"


def test_what_has_failed_is_told_to_those_who_can_mend_it(told):
    assert says_that(told, (FIRST, "failed", {"detail": "no such vlan"})).status_code == 204
    letter = only(told.send(), "alert", LI)
    assert "no such vlan" in letter.text
    assert states(told) == {FIRST: "failed"}


def test_the_same_answer_once_more_changes_nothing_and_another_one_is_refused(told):
    for _ in range(2):
        assert says_that(told, (FIRST, "confirmed", {})).status_code == 204
    told.send()
    other = says_that(told, (FIRST, "failed", {}))
    assert (other.status_code, other.json()["code"]) == (409, "settled")
    assert states(told) == {FIRST: "confirmed"}
    assert told.send() == []


def test_all_of_a_call_counts_or_nothing_of_it(told):
    answer = says_that(told, (FIRST, "confirmed", {}), ("IP-99/configure/orders/1", "confirmed", {}))
    assert (answer.status_code, answer.json()["code"]) == (404, "neverTold")
    twice = says_that(told, (FIRST, "confirmed", {}), (FIRST, "failed", {}))
    assert twice.status_code == 400
    nonsense = says_that(told, (FIRST, "unknown", {}))
    assert nonsense.status_code == 400
    assert states(told) == {FIRST: "sent"}


def test_one_that_was_not_told_yet_is_not_answered_either(told, hooks):
    hooks.answer = says("503 Busy")
    told.mail(BOB, "delivery", FORM)
    told.bot.drive(None)
    assert states(told)[SECOND] == "unprocessed"
    assert says_that(told, (SECOND, "confirmed", {})).status_code == 409


@pytest.mark.parametrize(
    "lie",
    [
        {"secret": OTHER},
        {"path": "/api/targets/router/answers"},
        {"late": timedelta(minutes=6)},
        {"late": -timedelta(minutes=6)},
    ],
    ids=["another secret", "another target", "a replay", "from the future"],
)
def test_who_has_not_signed_it_just_now_is_not_believed(told, lie):
    at = told.now - lie.pop("late", timedelta())
    answer = says_that(told, (FIRST, "confirmed", {}), at=at, **lie)
    assert (answer.status_code, answer.json()["code"]) == (401, "notSigned")
    assert states(told) == {FIRST: "sent"}


def test_a_body_that_was_changed_on_its_way_is_not_believed(told):
    true, false = (json.dumps({"answers": [{"id": FIRST, "state": s}]}).encode() for s in ("failed", "confirmed"))
    headers = signed("msg-1", told.now, true, [secret_key(SECRET)])
    assert System(told).post(ANSWERS, content=false, headers=headers).status_code == 401
    assert System(told).post(ANSWERS, content=true).status_code == 401
    assert states(told) == {FIRST: "sent"}


def test_who_guesses_is_slowed_down(told):
    answers = [says_that(told, (FIRST, "confirmed", {}), secret=OTHER).status_code for _ in range(2)]
    stranger = System(told)
    assert answers == [401, 401]
    assert [stranger.post(ANSWERS, content=b"{}").status_code for _ in range(21)] == [401] * 20 + [429]


def test_a_target_may_be_quicker_than_our_own_note(house, hooks):
    quick = []

    def at_once(line):
        quick.append(says_that(house, (FIRST, "confirmed", {})).status_code)
        says("202 Accepted")(line)

    hooks.answer = at_once
    house.mail(BOB, "delivery", FORM)
    house.bot.drive(None)
    assert quick == [204]
    assert states(house) == {FIRST: "confirmed"}
    assert ("completed", BOB) in kinds(house.send())


@pytest.mark.parametrize("house", ["1 minute"], indirect=True)
def test_the_time_of_an_answer_is_told_as_it_is_written(told):
    told.now += timedelta(minutes=2)
    told.bot.drive(None)
    [row] = told.rows("network_request")
    assert row.detail == "there was no answer within 1 minute"


def test_without_an_answer_in_time_it_is_unknown_and_people_are_asked(told):
    told.now += timedelta(days=2, minutes=1)
    told.bot.drive(None)
    assert states(told) == {FIRST: "unknown"}
    letter = only(told.send(), "alert", ROOT)
    assert "there was no answer within 2 days" in " ".join(letter.text.replace("|", " ").split())
    assert says_that(told, (FIRST, "confirmed", {})).status_code == 409
