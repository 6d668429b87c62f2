"""Keys: who calls, for whom, how often; and what is not his is as if it were not there."""

import pytest
from house import ANA, BOB, CAROL, EVE, MONDAY, ROOT
from web.api.conftest import FORM, V3, V4, System, key_of
from web_house import WEB

from mailbot.store import keys
from mailbot.store.keys import Scope

READS = (
    f"{V4}/{{}}",
    f"{V3}/{{}}",
    "/api/requests/{}",
    "/api/requests/{}/steps/technical",
    "/api/requests/{}/steps/nonsense",
    "/tmf-api/resourceOrdering/v4/resourceOrder/{}~configure~router~1",
)
WRITES = (
    ("PATCH", f"{V4}/{{}}", {"priority": "1"}),
    ("PATCH", f"{V3}/{{}}", {"state": "cancelled"}),
    ("DELETE", f"{V4}/{{}}", None),
    ("POST", "/api/requests/{}/comment", {"text": "hello"}),
    ("POST", "/api/requests/{}/cancel", {}),
    ("POST", "/api/requests/{}/steps/technical/approve", {"content": "x"}),
)
LISTS = (
    V4,
    V3,
    "/api/requests",
    "/api/history",
    "/api/holders?address=10.20.0.0/24",
    "/api/pools",
    "/tmf-api/serviceInventory/v4/service",
    "/tmf-api/serviceInventory/v4/service?id=lan~10.20.0.0~28",
    "/tmf-api/resourceOrdering/v4/resourceOrder",
    "/tmf-api/serviceOrdering/v4/cancelServiceOrder",
    f"{V4}?id=IP-1",
    f"{V4}?relatedParty.id={BOB}",
    "/api/requests?reference=IP-1",
    "/api/history?reference=IP-1",
)


# -- who calls -------------------------------------------------------------------------------------------------------


def test_no_key_a_wrong_one_and_a_revoked_one_are_answered_alike(house):
    right = key_of(house, "crm")
    answers = [System(house, key).get(V4) for key in (None, "mbk_12345678_x", right[:-1] + "!", "\u00e9".encode())]
    with house.bot.store.transaction() as tx:
        keys.revoke(tx.conn, "crm", house.now)
    answers.append(System(house, right).get(V4))
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].headers["www-authenticate"] == "Bearer"
    assert answers[0].json()["code"] == "noKey"


def test_a_key_is_stored_as_its_hash(house):
    text = key_of(house, "crm")
    [row] = house.rows("api_key")
    assert text.split("_")[2] not in str(row)
    assert text.startswith(f"mbk_{row.prefix}_")


def test_a_key_may_come_in_a_header_of_its_own(house):
    assert System(house).get(V4, headers={"X-Api-Key": key_of(house, "crm")}).status_code == 200


def test_it_is_on_record_when_a_key_was_used_last(house, crm):
    assert house.rows("api_key")[0].last_used is None
    crm.get(V4)
    assert house.rows("api_key")[0].last_used == MONDAY


def test_a_key_that_may_not_do_what_it_tries_was_used_all_the_same(house, system):
    reads = system(CAROL, scope=Scope.READ)
    assert reads.post(V4, json={}).status_code == 403
    assert house.rows("api_key")[-1].last_used == MONDAY


@pytest.mark.parametrize(
    "house", [{"config": WEB.replace("[limits]", "[limits]\ncalls_per_minute = 3")}], indirect=True
)
def test_who_calls_too_often_is_told_how_long_to_wait(house, crm, system):
    assert [crm.get(V4).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = crm.get(V4)
    assert (refused.headers["retry-after"], refused.json()["code"]) == ("60", "tooMany")
    assert system(CAROL).get(V4).status_code == 200
    house.wait(minutes=1)
    assert crm.get(V4).status_code == 200


def test_who_tries_keys_is_slowed_and_stopped_and_keys_that_are_right_go_on(house, crm):
    stranger = System(house, "mbk_00000000_0")
    assert [stranger.get(V4).status_code for _ in range(21)] == [401] * 20 + [429]
    assert crm.get(V4).status_code == 200


# -- what is not his -------------------------------------------------------------------------------------------------


@pytest.fixture
def secret(house, crm):
    """Bob's: IP-1 waits, and of IP-2 he has a prefix."""
    crm.order(externalId="hush")
    crm.order("quick")
    return house


def told(answer, reference):
    """What it says, less what was asked."""
    assert reference not in answer.text
    return answer.status_code, answer.content, {k: v for k, v in answer.headers.items() if k != "date"}


@pytest.mark.usefixtures("secret")
def test_anothers_reference_is_answered_like_one_that_there_is_not(system):
    eve = system(EVE, scope=Scope.APPROVE)
    for path in READS:
        there, nowhere = told(eve.get(path.format("IP-1")), "IP-1"), told(eve.get(path.format("IP-99")), "IP-99")
        assert there == nowhere, path
        assert there[0] == 404
    for method, path, body in WRITES:
        there, nowhere = (told(eve.request(method, path.format(ref), json=body), ref) for ref in ("IP-1", "IP-99"))
        assert there == nowhere, path
        assert there[0] == 404


def test_no_list_and_no_count_tells_of_it(house, system):
    eve = system(EVE)
    before = {path: told(eve.get(path), "IP-") for path in LISTS}
    bob = system(BOB)
    bob.order(externalId="hush")
    bob.order("quick")
    bob.post("/tmf-api/serviceOrdering/v4/cancelServiceOrder", json={"serviceOrder": {"id": "IP-1"}})
    for path, answer in before.items():
        assert told(eve.get(path), "IP-") == answer, path
        assert answer[2]["x-total-count" if "pools" not in path else "content-length"] in {"0", "2"}
    assert house.requests() == ["IP-1", "IP-2"]


@pytest.mark.usefixtures("secret")
def test_what_departments_answer_is_not_told_to_the_requester(house, crm, system):
    bill = system("bill@example.net", scope=Scope.APPROVE)
    content = bill.get("/api/requests/IP-1/steps/billing").json()["content"]
    done = bill.post(
        "/api/requests/IP-1/steps/billing/done", json={"content": content, "fields": {"account": "INTERNAL-77"}}
    )
    assert done.status_code == 200, done.text
    for path in ("/api/requests/IP-1", "/api/requests", V4, "/api/history", "/api/requests/IP-1/steps/billing"):
        assert "INTERNAL-77" not in crm.get(path).text, path
    assert "INTERNAL-77" in system(ANA).get("/api/requests/IP-1").text
    assert house.request().step("billing").fields == {"account": "INTERNAL-77"}


@pytest.mark.usefixtures("secret")
def test_after_a_bad_end_no_address_is_told_that_its_requester_did_not_write(house, crm, system):
    ana = system(ANA, scope=Scope.APPROVE)
    content = ana.get("/api/requests/IP-1/steps/technical").json()["content"]
    said = {"content": content, "text": "10.20.0.64/28 is for others"}
    assert ana.post("/api/requests/IP-1/steps/technical/reject", json=said).status_code == 200
    assert house.request().state.value == "rejected"
    for path in ("/api/requests/IP-1", f"{V4}/IP-1", "/api/history?reference=IP-1"):
        text = crm.get(path).text
        assert "10.20.0.64" not in text, path
        assert "(an address)" in text, path


def test_an_admin_is_one_by_a_key_of_that_scope_alone(crm, system):
    crm.order()
    for scope, status in ((Scope.READ, 404), (Scope.APPROVE, 404), (Scope.ADMIN, 200)):
        assert system(ROOT, scope=scope).get(f"{V4}/IP-1").status_code == status
    assert system(ROOT, scope=Scope.APPROVE).get("/api/pools").json() == []
    assert [pool["name"] for pool in system(ROOT, scope=Scope.ADMIN).get("/api/pools").json()] == ["lan"]


def test_a_key_sees_what_any_of_its_people_may_see(house, system):
    house.start(sender=BOB)
    house.start(sender=CAROL)
    house.start(sender=EVE)
    both = system(BOB, CAROL)
    answer = both.get(V4)
    assert [one["id"] for one in answer.json()] == ["IP-2", "IP-1"]
    assert answer.headers["x-total-count"] == "2"


# -- scopes ----------------------------------------------------------------------------------------------------------


def test_nobody_approves_unless_his_key_may(house, crm, system):
    crm.order()
    path = "/api/requests/IP-1/steps/technical"
    content = system(ANA, scope=Scope.APPROVE).get(path).json()["content"]
    for scope in (Scope.READ, Scope.ORDER):
        assert system(ANA, scope=scope).post(f"{path}/approve", json={"content": content}).status_code == 403
    assert house.states()["technical"] == "open"
    approves = system(ANA, scope=Scope.APPROVE)
    assert approves.post(f"{path}/skip", json={"content": content, "text": "x"}).status_code == 403
    assert approves.post(f"{path}/approve", json={"content": content}).status_code == 200
    assert house.request().step("technical").answered_by == ANA


def test_the_history_names_the_key(house, crm):
    crm.order(form=FORM)
    with house.bot.store.reading() as conn:
        actors = {row.actor for row in house.rows("history") if row.action == "by the API"}
        assert keys.known(conn)[0].actor in actors
