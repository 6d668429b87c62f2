"""The plain view: what `mailbot requests`, `pools` and `history` tell at the shell, and what can be said."""

import pytest
from house import ANA, BILL, BOB, CAROL, KIM, ROOT, only
from web.api.conftest import FORM, shown

from mailbot.store.keys import Scope
from mailbot.store.lists import seen

REQUESTS = "/api/requests"


def step_of(system, step, reference="IP-1"):
    return system.get(f"{REQUESTS}/{reference}/steps/{step}").json()


def answered(system, step, word, reference="IP-1", **said):
    """What an answer to a step is answered, given for what it shows now."""
    content = step_of(system, step, reference)["content"]
    return system.post(f"{REQUESTS}/{reference}/steps/{step}/{word}", json={"content": content, **said})


def test_a_request_is_opened_and_read_as_the_shell_shows_it(house, crm):
    answer = crm.post(REQUESTS, json={"type": "attribution", "form": FORM, "external_reference": "CRM-7"})
    assert answer.status_code == 201, shown(answer)
    assert answer.headers["location"] == "http://ip.example.net/api/requests/IP-1"
    with house.bot.store.reading() as conn:
        told = house.bot.shape(conn, house.request())
    # A requester is not told what departments say to each other; nobody has said anything yet.
    assert answer.json() == crm.get(f"{REQUESTS}/ip-1").json() == told
    assert (told["channel"], told["external_reference"]) == ("api", "CRM-7")


def test_what_is_wrong_with_a_request_is_told_at_once_and_nothing_is_opened(house, crm):
    answer = crm.post(REQUESTS, json={"type": "attribution", "form": {"size": "huge"}})
    assert {one["field"] for one in answer.json()["details"]} == {"form.size", "form.customer"}
    unknown = crm.post(REQUESTS, json={"type": "tea"})
    assert "there are attribution, liberation, quick" in unknown.json()["message"]
    assert crm.post(REQUESTS, json={"type": "quick", "formm": {}}).status_code == 400
    assert house.requests() == []


def test_nobody_hears_of_a_type_that_he_may_not_ask_for(house, system):
    outside = system("bob@customer.example")
    assert [one["type"] for one in outside.get("/api/types").json()] == ["attribution"]
    foreign = outside.post(REQUESTS, json={"type": "quick", "form": FORM})
    none = outside.post(REQUESTS, json={"type": "tea", "form": FORM})
    assert (foreign.status_code, foreign.json()) == (400, none.json())
    assert house.requests() == []


def test_what_may_be_asked_for_is_told_with_its_fields(crm):
    [kind] = [one for one in crm.get("/api/types").json() if one["type"] == "attribution"]
    assert (kind["action"], kind["title"]) == ("add", "New address space")
    assert [field["name"] for field in kind["fields"]] == ["customer", "size", "reason"]
    assert kind["fields"][1]["hint"] == "required: a number from 24 to 30"


@pytest.fixture
def some(house, crm):
    """IP-1 to IP-4: the second is done, and of another type."""
    for specification in ("attribution", "quick", "attribution", "attribution"):
        crm.order(specification, externalId=f"{len(house.requests())}")
    return crm


def test_requests_are_listed_page_by_page_and_counted(some):
    first = some.get(f"{REQUESTS}?limit=3")
    assert [one["reference"] for one in first.json()] == ["IP-4", "IP-3", "IP-2"]
    assert (first.status_code, some.get(REQUESTS).status_code) == (206, 200)
    assert (first.headers["x-total-count"], first.headers["x-result-count"]) == ("4", "3")
    onward = first.headers["link"].partition(">")[0].removeprefix("<http://ip.example.net")
    assert [one["reference"] for one in some.get(onward).json()] == ["IP-1"]
    oldest = some.get(f"{REQUESTS}?order=oldest&after=IP-2")
    assert [one["reference"] for one in oldest.json()] == ["IP-3", "IP-4"]


def test_requests_are_found_by_what_the_shell_finds_them_by(house, some):
    house.wait(days=10)
    for query, found in {
        "open=true": "431",
        "open=true&limit=1": "4",
        "state=completed": "2",
        "type=quick": "2",
        f"requester={BOB}": "4321",
        f"requester={CAROL}": "",
        "external_reference=0": "1",
        "reference=IP-3": "3",
        "late=true": "431",
        "late=true&type=quick": "",
    }.items():
        answer = some.get(f"{REQUESTS}?{query}")
        assert "".join(one["reference"].removeprefix("IP-") for one in answer.json()) == found, query
    assert some.get(f"{REQUESTS}?after=IP-99").status_code == 400
    assert some.get(f"{REQUESTS}?open=maybe").status_code == 400


def test_comments_changes_and_cancelling_are_the_events_that_a_mail_would_have_been(house, crm, system):
    crm.order()
    house.send()
    assert crm.post(f"{REQUESTS}/IP-1/comment", json={"text": "hurry"}).status_code == 200
    assert crm.post(f"{REQUESTS}/IP-1/amend", json={"form": {"size": 27}}).json()["form"]["size"] == 27
    assert system(ANA).post(f"{REQUESTS}/IP-1/amend", json={"form": {"size": 26}}).status_code == 403
    assert crm.post(f"{REQUESTS}/IP-1/hold", json={}).status_code == 403
    assert crm.post(f"{REQUESTS}/IP-1/dance", json={}).status_code == 404
    assert crm.post(f"{REQUESTS}/IP-1/comment", json={}).status_code == 400
    assert crm.post(f"{REQUESTS}/IP-1/cancel", json={"text": "twice"}).json()["state"] == "cancelled"
    assert [one.text for one in house.request().remarks] == ["hurry"]
    assert {"comment", "amended", "cancelled"} <= set(house.history())
    assert only(house.send(), "cancelled", BOB)


def test_an_answer_counts_for_what_was_read_and_for_nothing_else(house, crm, system):
    crm.order()
    ana = system(ANA, scope=Scope.APPROVE)
    content = step_of(ana, "technical")["content"]
    crm.post(f"{REQUESTS}/IP-1/amend", json={"form": {"size": 27}})
    late = ana.post(f"{REQUESTS}/IP-1/steps/technical/approve", json={"content": content})
    assert (late.status_code, late.json()["code"]) == (409, "refused")
    assert "changed" in late.json()["message"]
    assert house.states()["technical"] == "open"
    assert ana.post(f"{REQUESTS}/IP-1/steps/technical/approve", json={}).status_code == 400
    assert answered(ana, "technical", "approve").status_code == 200
    assert house.states()["technical"] == "done"


def test_departments_answer_and_the_request_runs_to_its_end(house, crm, system):
    crm.order()
    ana, bill = system(ANA, scope=Scope.APPROVE), system(BILL, scope=Scope.APPROVE)
    assert step_of(ana, "technical")["answers"][:2] == ["approve", "reject"]
    assert step_of(crm, "technical")["answers"] == []
    assert answered(ana, "technical", "approve").status_code == 200
    wrong = answered(bill, "billing", "done", fields={"account": ""})
    assert wrong.status_code in {400, 409}
    assert answered(bill, "billing", "done", fields={"colour": "x"}).status_code == 400
    done = answered(bill, "billing", "done", fields={"account": "A-77"})
    assert done.json()["state"] == "completed", shown(done)
    assert [one.prefix for one in house.request().addresses] == ["10.20.0.0/28"]


def test_a_rejection_needs_its_reason(house, crm, system):
    crm.order()
    ana = system(ANA, scope=Scope.APPROVE)
    assert "Write why" in answered(ana, "technical", "reject").json()["message"]
    assert answered(ana, "technical", "reject", text="too large").json()["state"] == "rejected"
    assert "too large" in only(house.send(), "rejected", BOB).text


def test_nothing_is_allocated_without_the_steps_before_and_the_missing_ones_are_told(house, crm, system):
    crm.order()
    root = system(ROOT, scope=Scope.ADMIN)
    for word in ("done", "approve", "skip", "retry"):
        answer = root.post(f"{REQUESTS}/IP-1/steps/allocate/{word}", json={"content": "x", "text": "now"})
        assert (answer.status_code, answer.json()["code"]) == (409, "stepsMissing"), word
        assert "technical, billing" in answer.json()["message"]
    assert step_of(root, "allocate")["waits_for"] == ["technical", "billing"]
    assert house.request().addresses == ()


def test_who_is_not_asked_is_refused_as_by_mail(house, crm, system):
    crm.order()
    kim = system(KIM, BILL, scope=Scope.APPROVE)
    content = house.request().step("technical").content
    answer = kim.post(f"{REQUESTS}/IP-1/steps/technical/approve", json={"content": content})
    assert (answer.status_code, answer.json()["code"]) == (409, "refused")
    assert house.states()["technical"] == "open"


def test_an_admin_unsticks_what_cannot_go_on(house, crm, system):
    for _ in range(2):
        crm.order("quick", form={**FORM, "size": 25})
    crm.order("quick", form={**FORM, "size": 25})
    assert house.states("IP-3") == {"allocate": "open"}
    root = system(ROOT, scope=Scope.ADMIN)
    assert root.get(f"{REQUESTS}/IP-3").json()["steps"][0]["trouble"]
    assert "10.20" not in crm.get(f"{REQUESTS}/IP-3").text
    answer = root.post(f"{REQUESTS}/IP-3/steps/allocate/skip", json={"content": "", "text": "by hand"})
    assert answer.json()["state"] == "completed", shown(answer)


# -- space and the trace ---------------------------------------------------------------------------------------------


def test_pools_are_told_to_who_cares_for_them(house, crm, system):
    house.allocated()
    ana = system(ANA)
    [pool] = ana.get("/api/pools").json()
    assert (pool["name"], pool["size"], pool["used"], pool["free"], pool["allocations"]) == ("lan", 256, 16, 240, [])
    one = ana.get("/api/pools/lan?limit=1")
    assert one.json()["allocations"] == [
        {"prefix": "10.20.0.0/28", "state": "allocated", "until": None, "reference": "IP-1"}
    ]
    assert one.headers["x-total-count"] == "1"
    assert crm.get("/api/pools").json() == []
    assert crm.get("/api/pools/lan").json() == crm.get("/api/pools/none").json()


def test_how_much_would_fit_is_told_to_who_may_ask_for_it(house, crm):
    assert crm.get("/api/pools/lan/room?length=28").json() == {
        "pool": "lan", "length": 28, "count": 16, "refusal": None,
    }  # fmt: skip
    house.allocated()
    assert crm.get("/api/pools/lan/room?length=28").json()["count"] == 15
    assert crm.get("/api/pools/none/room?length=28").status_code == 404


def test_who_had_an_address_at_a_moment(house, crm, system):
    prefix = house.allocated()
    [now] = crm.get("/api/holders?address=10.20.0.3").json()
    assert (now["prefix"], now["holder"], now["reference"], now["ended"]) == (prefix, BOB, "IP-1", None)
    assert crm.get("/api/holders?address=10.20.0.0/24&at=2026-11-23T09:00:00Z").headers["x-total-count"] == "1"
    assert crm.get("/api/holders?address=10.20.0.3&at=2020-01-01").json() == []
    assert system(CAROL).get("/api/holders?address=10.20.0.3").json() == []
    assert crm.get("/api/holders").status_code == crm.get("/api/holders?address=here").status_code == 400


def test_the_trace_is_found_by_what_the_shell_finds_it_by(house, crm, system):
    crm.order()
    crm.order("quick")
    for query, found in {
        "reference=IP-2&action=allocated": "IP-2",
        "address=10.20.0.1&action=allocated": "IP-2",
        "type=quick&action=received": "IP-2",
        f"user={BOB}&action=received": "IP-2 IP-1",
        f"user={CAROL}": "",
        "action=received&until=2026-11-23": "",
        "action=received&since=2026-11-23&limit=1": "IP-2",
    }.items():
        answer = crm.get(f"/api/history?{query}")
        assert " ".join(one["reference"] for one in answer.json()) == found, query
    assert crm.get("/api/history?limit=1").status_code == 206
    assert "x-total-count" not in crm.get("/api/history?limit=0").headers
    assert crm.get("/api/history").headers["x-total-count"] == str(len(house.rows("history")))
    assert house.history("IP-1")[0] == crm.get("/api/history?reference=IP-1").json()[-1]["action"]
    assert system(CAROL).get("/api/history").json() == []


@pytest.mark.parametrize(
    "query", ["", "action=received", f"user={BOB}", "address=10.20.0.0/24", "since=2026-11-23", "reference=IP-2"]
)
@pytest.mark.parametrize("few", [0, 100], ids=["who sees many", "who sees few"])
def test_the_trace_is_followed_from_page_to_page_to_its_beginning(house, system, monkeypatch, query, few):
    monkeypatch.setattr(seen, "FEW", few)
    for _ in range(3):
        house.allocated()
    for reader in (system(scope=Scope.READ), system(ROOT, scope=Scope.ADMIN)):
        whole, found, path = reader.get(f"/api/history?limit=100&{query}"), [], f"/api/history?limit=2&{query}"
        while path:
            page = reader.get(path)
            found += page.json()
            path = page.links.get("next", {}).get("url")
        assert found == whole.json() != []
        assert (whole.status_code, "next" in whole.links) == (200, False)
