"""TM Forum's hub: who is called back, and about what."""

import pytest
from broadcast.conftest import FakeSink
from house import ANA, BOB, CAROL, ROOT, only
from web.api.conftest import V3, V4, service, shown

from mailbot.store import subscribers
from mailbot.store.keys import Scope
from mailbot.web.api.hub import MOST

HUB = "/tmf-api/serviceOrdering/v4/hub"
CALLBACK = "https://crm.example/listener"


def test_a_subscription_is_kept_with_what_its_key_may_see(house, crm):
    answer = crm.post(HUB, json={"callback": CALLBACK, "query": "eventType=ServiceOrderStateChangeEvent"})
    assert answer.status_code == 201, shown(answer)
    id_ = answer.json()["id"]
    assert answer.headers["location"].endswith(f"{HUB}/{id_}")
    with house.bot.store.reading() as conn:
        known = subscribers.subscription(conn, id_)
    assert (known.callback, known.scope) == (CALLBACK, {"customers": [], "requesters": [BOB]})
    assert crm.get(HUB).json() == [answer.json()]


def test_an_admins_key_is_told_of_everything(house, system):
    id_ = system(ROOT, scope=Scope.ADMIN).post(HUB, json={"callback": CALLBACK}).json()["id"]
    with house.bot.store.reading() as conn:
        assert subscribers.subscription(conn, id_).scope == {}


def test_the_same_once_more_is_the_same_and_another_keys_is_not_to_be_seen(crm, system):
    first, second = (crm.post(HUB, json={"callback": CALLBACK}).json()["id"] for _ in range(2))
    assert first == second
    carol = system(CAROL)
    assert carol.get(HUB).json() == []
    theirs, none = carol.delete(f"{HUB}/{first}"), carol.delete(f"{HUB}/nothing")
    assert (theirs.status_code, theirs.content) == (404, none.content)
    assert crm.delete(f"{HUB}/{first}").status_code == 204
    assert crm.get(HUB).json() == []


@pytest.mark.parametrize(
    ("asked", "place"),
    [
        ({"callback": "http://crm.example/"}, "callback"),
        ({"callback": "ftp://crm.example/"}, "callback"),
        ({"callback": "https://user:pw@crm.example/"}, "callback"),
        ({"callback": "nonsense"}, "callback"),
        ({"callback": "https://127.0.0.1/"}, "callback"),
        ({"callback": "https://169.254.169.254/latest"}, "callback"),
        ({"callback": "https://0x7f.1/"}, "callback"),
        ({"callback": "https://2130706433/"}, "callback"),
        ({"callback": "https://[::ffff:10.0.0.1]/"}, "callback"),
        ({"callback": "https://localhost/"}, "callback"),
        ({"callback": CALLBACK, "query": "eventType=Tea"}, "query"),
        ({}, "callback"),
    ],
)
def test_what_could_never_be_called_is_refused_at_once(crm, asked, place):
    answer = crm.post(HUB, json=asked)
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["details"]] == [place]


def test_a_key_has_so_many_subscriptions_and_no_more(crm, system):
    for n in range(MOST):
        assert crm.post(HUB, json={"callback": f"{CALLBACK}/{n}"}).status_code == 201
    answer = crm.post(HUB, json={"callback": CALLBACK})
    assert (answer.status_code, answer.json()["code"]) == (409, "tooMany")
    assert "end one of them first" in answer.json()["message"]
    assert crm.post(HUB, json={"callback": f"{CALLBACK}/0"}).status_code == 201
    assert len(crm.get(HUB, params={"limit": 100}).json()) == MOST
    assert system(CAROL).post(HUB, json={"callback": CALLBACK}).status_code == 201


# -- what they are called with ---------------------------------------------------------------------------------------


@pytest.fixture
def told(house, monkeypatch):
    """What a callback has been told so far, of each version, after all that there is to tell."""
    sinks = {version: FakeSink() for version in ("v3", "v4")}
    monkeypatch.setattr(house.bot.broadcast.__class__, "sink", lambda _, to: sinks[to.version])

    def events(version="v4"):
        house.bot.broadcast.run(None)
        return sinks[version].events

    return events


def test_an_event_carries_the_order_as_its_key_was_shown_it_then(house, crm, told):
    crm.post(HUB, json={"callback": CALLBACK})
    crm.order(externalId="CRM-7", priority="1", description="For Lyon", note=[{"text": "Call us first"}])
    moments = [crm.get(f"{V4}/IP-1").json()]
    house.reply(only(house.send(), "action", ANA), "approve")
    moments.append(crm.get(f"{V4}/IP-1").json())
    crm.change("IP-1", serviceOrderItem=[{"service": service(None, {"size": 27})}])
    moments.append(crm.get(f"{V4}/IP-1").json())
    crm.change("IP-1", state="cancelled", cancellationReason="asked for twice")
    moments.append(crm.get(f"{V4}/IP-1").json())
    last = {event["eventType"]: event["event"]["serviceOrder"] for event in told()}
    assert [moment["state"] for moment in moments] == ["inProgress"] * 3 + ["cancelled"]
    assert [one["id"] for one in moments[1]["milestone"]] == ["technical"]
    assert last["ServiceOrderMilestoneEvent"] == moments[1]
    assert last["ServiceOrderAttributeValueChangeEvent"] == moments[2]
    assert last["ServiceOrderStateChangeEvent"] == moments[3]


def test_what_an_order_says_beside_its_form_changes_on_record_and_its_system_is_told(house, crm, told):
    crm.post(HUB, json={"callback": CALLBACK, "query": "eventType=ServiceOrderAttributeValueChangeEvent"})
    crm.order(priority="1")
    for _ in range(2):
        assert crm.change("IP-1", priority="9", description="For Lyon,\nin a hurry").status_code == 200
    [line] = [one for one in house.rows("history") if one.action == "described"]
    said = "description: For Lyon, in a hurry (was: -)\npriority: 9 (was: 1)"
    assert (line.actor, line.detail) == (BOB, said)
    [event] = told()
    assert event["event"]["serviceOrder"] == crm.get(f"{V4}/IP-1").json()


def test_an_event_is_told_in_the_words_of_the_version_that_was_asked(crm, told):
    crm.post(HUB.replace("v4", "v3"), json={"callback": CALLBACK})
    crm.order("quick", path=V3)
    order = told("v3")[-1]["event"]["serviceOrder"]
    assert order == crm.get(f"{V3}/IP-1").json()
    assert (order["state"], order["orderItem"][0]["service"]["state"]) == ("completed", "active")


def test_what_others_have_answered_is_not_in_an_event_either(house, crm, told):
    crm.post(HUB, json={"callback": CALLBACK})
    crm.order()
    house.reply(only(house.send(), "action", ANA), "reject\n10.20.0.0/28 is Eve's, and she would have to move")
    order = crm.get(f"{V4}/IP-1").json()
    assert order["state"] == "rejected"
    assert told()[-1]["event"]["serviceOrder"] == order
    assert "10.20.0.0" not in str(told())
