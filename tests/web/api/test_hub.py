"""TM Forum's hub: who is called back, and about what."""

import pytest
from house import BOB, CAROL, ROOT
from web.api.conftest import shown

from mailbot.store import subscribers
from mailbot.store.keys import Scope

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
        ({"callback": CALLBACK, "query": "eventType=Tea"}, "query"),
        ({}, "callback"),
    ],
)
def test_what_could_never_be_called_is_refused_at_once(crm, asked, place):
    answer = crm.post(HUB, json=asked)
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["details"]] == [place]
