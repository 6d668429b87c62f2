"""Service orders: TM Forum's 641, by version 4.1 and by version 3."""

import pytest
from house import ANA, BOB, CAROL, LIBERATION, ROOT, only
from web.api.conftest import FORM, V3, V4, service, shown

from mailbot.store.keys import Scope
from mailbot.store.lists import values

CANCEL = "/tmf-api/serviceOrdering/v4/cancelServiceOrder"


# -- placing ---------------------------------------------------------------------------------------------------------


def test_an_order_opens_a_request_of_its_process(house, crm):
    answer = crm.order(externalId="CRM-7", priority="1", description="For Lyon", note=[{"text": "Call us first"}])
    assert answer.status_code == 201, shown(answer)
    order = answer.json()
    assert order["href"] == answer.headers["location"] == f"http://ip.example.net{V4}/IP-1"
    assert (order["state"], order["externalId"], order["priority"], order["description"]) == (
        "inProgress",
        "CRM-7",
        "1",
        "For Lyon",
    )
    assert [note["text"] for note in order["note"]] == ["Call us first"]
    assert order["relatedParty"][0]["id"] == house.request().requester == BOB
    [item] = order["serviceOrderItem"]
    assert (item["id"], item["action"], item["state"]) == ("1", "add", "inProgress")
    assert {c["name"]: c["value"] for c in item["service"]["serviceCharacteristic"]} == FORM


def test_the_same_people_are_asked_as_by_mail(house, crm):
    crm.order()
    letters = house.send()
    assert only(letters, "action", ANA).step == "technical"
    assert only(letters, "acknowledged", BOB).reference == "IP-1"


def test_version_3_calls_the_items_by_another_name(crm):
    answer = crm.order(path=V3)
    assert answer.status_code == 201, shown(answer)
    assert answer.json()["orderItem"][0]["action"] == "add"
    assert "serviceOrderItem" not in answer.json()
    assert crm.get(f"{V3}/IP-1").json()["href"].endswith("/v3/serviceOrder/IP-1")
    assert "serviceOrderItem" in crm.get(f"{V4}/IP-1").json()


def test_all_faults_of_the_form_are_told_at_once_and_nothing_is_opened(house, crm):
    answer = crm.order(form={"size": 99, "colour": "blue"})
    assert answer.status_code == 400
    error = answer.json()
    assert (error["code"], error["status"], error["@type"]) == ("invalidBody", "400", "Error")
    told = {one["field"]: one["message"] for one in error["details"]}
    assert len(told) == 3
    assert "99 is above 30" in told["serviceOrderItem[0].service.serviceCharacteristic[0]"]
    assert "there is no field" in told["serviceOrderItem[0].service.serviceCharacteristic[1]"]
    assert "customer is missing" in told["serviceOrderItem[0].service.serviceCharacteristic"]
    assert (house.requests(), house.send()) == ([], [])


@pytest.mark.parametrize(
    ("order", "place"),
    [
        ({}, "serviceOrderItem"),
        ({"serviceOrderItem": []}, "serviceOrderItem"),
        ({"serviceOrderItem": [{"id": "1", "action": "explode", "service": {}}]}, "serviceOrderItem[0].action"),
        ({"serviceOrderItem": [{"id": "1", "action": "noChange", "service": {}}]}, "serviceOrderItem[0].action"),
        (
            {"serviceOrderItem": [{"id": "1", "action": "add", "service": service("tea", FORM)}]},
            "serviceOrderItem[0].service.serviceSpecification",
        ),
        (
            {"serviceOrderItem": [{"id": "1", "action": "delete", "service": service("attribution", FORM)}]},
            "serviceOrderItem[0].action",
        ),
        (
            {
                "serviceOrderItem": [{"id": "1", "action": "add", "service": service("attribution", FORM)}],
                "requestedStartDate": "soon",
            },
            "requestedStartDate",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(crm, order, place):
    answer = crm.post(V4, json=order)
    assert answer.status_code == 400
    assert place in {one["field"] for one in answer.json()["details"]}, shown(answer)


def test_without_a_specification_the_action_says_what_is_meant(house, crm):
    prefix = house.allocated()
    assert crm.order(None).json()["category"] == "attribution"
    given = crm.order(None, action="delete", form={"prefix": prefix})
    assert (given.status_code, given.json()["category"]) == (201, "liberation"), shown(given)


def test_what_is_given_back_may_be_named_by_its_id_in_the_inventory(house, crm):
    prefix = house.allocated()
    [held] = crm.get("/tmf-api/serviceInventory/v4/service").json()
    item = {"id": "1", "action": "delete", "service": {"id": held["id"]}}
    answer = crm.post(V4, json={"serviceOrderItem": [item]})
    assert answer.status_code == 201, shown(answer)
    assert house.request("IP-2").form == {"prefix": prefix}


ORDERED = LIBERATION.replace('type = "liberation"', 'type = "liberation"\nservice.specification = "IP block"')


@pytest.mark.parametrize("house", [{"rules": {"liberation": ORDERED}}], indirect=True)
def test_a_rule_file_says_as_what_it_is_ordered(crm):
    answer = crm.order("ip block", action="delete", form={"prefix": "10.20.0.0/28"})
    assert answer.json()["details"][0]["message"].startswith("prefix 10.20.0.0/28 is no prefix that you hold")


# -- the same order once ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "once", [{"externalId": "CRM-7"}, {"headers": {"Idempotency-Key": "7f1c"}}], ids=["externalId", "header"]
)
def test_the_same_order_once_more_is_the_same_order(house, crm, once):
    first, second = crm.order(**once), crm.order(**once)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert house.requests() == ["IP-1"]


def test_another_order_by_the_same_name_is_refused(house, crm):
    crm.order(externalId="CRM-7")
    other = crm.order(externalId="CRM-7", form={**FORM, "size": 29})
    assert (other.status_code, other.json()["code"]) == (409, "orderedBefore")
    assert house.requests() == ["IP-1"]


def test_what_one_key_calls_its_order_is_no_name_for_anothers(house, crm, system):
    crm.order(externalId="CRM-7")
    assert system(CAROL).order(externalId="CRM-7").status_code == 201
    assert house.requests() == ["IP-1", "IP-2"]


# -- whose it is -----------------------------------------------------------------------------------------------------


def test_a_key_for_several_people_orders_for_whom_the_order_names(house, system):
    both = system(BOB, CAROL)
    both.order(relatedParty=[{"id": CAROL, "role": "requester"}])
    both.order()
    assert [house.request(one).requester for one in ("IP-1", "IP-2")] == [CAROL, BOB]


def test_nobody_orders_for_others(house, crm, system):
    party = [{"id": CAROL, "role": "requester"}]
    assert crm.order(relatedParty=party).status_code == 403
    assert system(ROOT, scope=Scope.ADMIN).order(relatedParty=party).status_code == 201
    assert house.request().requester == CAROL


def test_a_key_that_reads_orders_nothing(house, system):
    reader = system(scope=Scope.READ)
    answer = reader.order()
    assert (answer.status_code, answer.json()["code"]) == (403, "notAllowed")
    assert house.requests() == []


# -- reading ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def three(house, crm):
    """IP-1 to IP-3, an hour apart, IP-2 of another type."""
    crm.order(externalId="one")
    house.wait(hours=1)
    crm.order("quick")
    house.wait(hours=1)
    crm.order(externalId="three")
    return crm


FOUND = {
    "": "321",
    "sort=orderDate": "123",
    "sort=-orderDate": "321",
    "state=completed": "2",
    "state=completed,inProgress": "321",
    "state=held": "",
    "externalId=one,three": "31",
    "id=IP-2": "2",
    "category=quick": "2",
    "relatedParty.id=bob@example.net": "321",
    "relatedParty.id=carol@example.net": "",
    "orderDate=2026-11-23T10:00:00Z": "2",
    "orderDate.gt=2026-11-23T10:00:00Z": "3",
    "orderDate.gte=2026-11-23T10:00:00%2B00:00": "32",
    "orderDate.lt=2026-11-23T10:00:00Z": "1",
    "orderDate.lte=2026-11-23T10:00:00Z&orderDate.gt=2026-11-23T09:00:00Z": "2",
    "completionDate.gte=2026-11-23": "2",
    "orderDate=2026-11-23": "321",
    "orderDate.lte=2026-11-23": "321",
    "orderDate.gte=2026-11-23": "321",
    "orderDate.gt=2026-11-23": "",
    "orderDate.lt=2026-11-23": "",
    "orderDate.gt=2026-11-22&orderDate.lt=2026-11-24": "321",
}


def test_orders_are_found_by_what_they_are(three):
    for query, found in FOUND.items():
        answer = three.get(f"{V4}?{query}")
        assert answer.status_code == 200, shown(answer)
        assert "".join(order["id"].removeprefix("IP-") for order in answer.json()) == found, query
        assert answer.headers["x-total-count"] == answer.headers["x-result-count"] == str(len(found))


@pytest.mark.parametrize("name", ["A,B", " E-1 ", 'a "quoted" one', "6'"])
def test_an_order_is_found_by_whatever_its_system_calls_it(crm, name):
    for external in ("A", "E-1", name):
        crm.order(externalId=external)
    quoted = '"' + name.replace('"', '""') + '"'
    assert [one["externalId"] for one in crm.get(V4, params={"externalId": f"A,{quoted}"}).json()] == [name, "A"]
    assert crm.get(V4, params={"externalId": '"A'}).status_code == 400


def test_a_page_tells_how_many_there_are_and_where_the_others_are(three):
    first = three.get(f"{V4}?limit=2")
    assert (first.status_code, len(first.json())) == (206, 2)
    assert (first.headers["x-total-count"], first.headers["x-result-count"]) == ("3", "2")
    assert first.headers["content-range"] == "items 0-1/3"
    assert first.headers["link"] == f'<http://ip.example.net{V4}?limit=2&after=IP-2>; rel="next"'
    behind = three.get(first.links["next"]["url"])
    assert (behind.status_code, [one["id"] for one in behind.json()]) == (206, ["IP-1"])
    assert behind.headers["x-total-count"] == "3"
    assert "link" not in behind.headers
    last = three.get(f"{V4}?limit=2&offset=2")
    assert (last.status_code, [one["id"] for one in last.json()]) == (206, ["IP-1"])
    assert 'rel="prev"' in last.headers["link"]
    assert "next" not in last.headers["link"]
    assert three.get(f"{V4}?limit=3").status_code == 200


@pytest.mark.parametrize("path", [V4, "/api/requests", "/tmf-api/serviceInventory/v4/service"])
def test_what_is_too_much_to_be_counted_is_said_to_be_more(three, monkeypatch, path):
    for _ in range(3):
        three.house.allocated()
    assert three.get(f"{path}?limit=1").headers["x-total-count"] in {"4", "6"}
    monkeypatch.setattr(values, "COUNTED", 2)
    first = three.get(f"{path}?limit=1")
    assert "x-total-count" not in first.headers
    assert first.headers["x-result-count"] == "1"
    assert 'rel="next"' in first.headers["link"]
    if path.startswith("/tmf-api"):
        assert (first.status_code, first.headers["content-range"]) == (206, "items 0-0/*")


def test_a_page_behind_what_a_key_may_not_see_is_refused_like_one_behind_nothing(three, system):
    three.house.start(sender=CAROL)
    for name in ("IP-4", "IP-99"):
        answer = three.get(f"{V4}?after={name}")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalidQuery"), name
    assert system(CAROL).get(f"{V4}?limit=1").headers["x-total-count"] == "1"


def test_only_the_fields_that_are_asked_for_are_shown(three):
    one = three.get(f"{V4}/IP-1?fields=state,externalId").json()
    assert set(one) == {"id", "href", "@type", "state", "externalId"}
    assert all(set(one) == {"id", "href", "@type", "state"} for one in three.get(f"{V4}?fields=state").json())


REFUSED = (
    "colour=blue", "limit=-1", "limit=many", "offset=1.5", "state=lost", "fields=stat", "orderDate=soon", "sort=name",
    "state=held&state=held", "limit=100000", "orderDate.gt=0001-01-01", "relatedParty.id=Bob", "id=%00",
)  # fmt: skip


def test_a_question_that_nobody_can_answer_is_refused(crm):
    for query in REFUSED:
        answer = crm.get(f"{V4}?{query}")
        assert (answer.status_code, answer.json()["code"]) == (400, "invalidQuery"), query


def test_progress_shows_as_milestones_and_the_addresses_as_what_supports_it(crm):
    crm.order("quick")
    order = crm.get(f"{V4}/IP-1").json()
    assert order["state"] == "completed"
    assert [one["id"] for one in order["milestone"]] == ["allocate"]
    assert order["completionDate"] == "2026-11-23T09:00:00Z"
    [item] = order["serviceOrderItem"]
    assert item["service"]["state"] == "active"
    assert [one["name"] for one in item["service"]["supportingResource"]] == ["10.20.0.0/28"]
    held = crm.get(item["service"]["href"].removeprefix("http://ip.example.net")).json()
    assert (held["name"], held["serviceOrderItem"][0]["serviceOrderId"]) == ("10.20.0.0/28", "IP-1")


def test_what_was_opened_by_mail_is_an_order_too(house, crm):
    house.start()
    order = crm.get(f"{V4}/IP-1").json()
    assert (order["description"], order["state"]) == ("Acme: /28", "inProgress")


def test_a_form_that_came_incomplete_by_mail_is_an_order_that_waits_for_its_requester(house, crm):
    house.mail(BOB, "attribution", "Customer: Acme\n")
    order = crm.get(f"{V4}/IP-1").json()
    assert order["state"] == "pending"
    assert order["errorMessage"][0]["reason"] == "size"
    changed = crm.change("IP-1", serviceOrderItem=[{"service": service(None, {"size": 28})}])
    assert (changed.status_code, changed.json()["state"]) == (200, "inProgress"), shown(changed)


# -- changing --------------------------------------------------------------------------------------------------------


def test_a_note_is_a_comment_and_a_characteristic_is_a_field_of_the_form(house, crm):
    crm.order()
    answer = crm.change(
        "IP-1", note=[{"text": "hurry"}], serviceOrderItem=[{"id": "1", "service": service(None, {"size": 27})}]
    )
    assert answer.status_code == 200, shown(answer)
    assert (house.request().form["size"], house.request().remarks[0].text) == (27, "hurry")
    assert {"amended", "comment"} <= set(house.history())
    again = crm.change("IP-1", note=answer.json()["note"])
    assert len(again.json()["note"]) == 1


def test_a_change_with_faults_changes_nothing_at_all(house, crm):
    crm.order()
    answer = crm.change(
        "IP-1",
        priority="1",
        note=[{"text": "hurry"}],
        serviceOrderItem=[{"service": service(None, {"size": 99})}],
    )
    assert answer.status_code == 400
    assert "99 is above 30" in answer.json()["message"]
    assert house.request().remarks == ()
    assert "priority" not in crm.get(f"{V4}/IP-1").json()


def test_what_nobody_can_change_is_refused_and_not_passed_over(house, crm):
    crm.order(externalId="CRM-7")
    answer = crm.change("IP-1", externalId="CRM-8", priority="1", category="quick")
    assert answer.status_code == 400
    assert [one["field"] for one in answer.json()["details"]] == ["category", "externalId"]
    assert house.request().external_reference == "CRM-7"
    assert crm.patch(f"{V4}/IP-1", json={"id": "IP-1", "@type": "ServiceOrder", "priority": "1"}).status_code == 200


def test_the_sheet_of_an_order_is_kept_for_its_sender(crm):
    crm.order(priority="4", requestedStartDate="2026-12-01T08:00:00Z")
    order = crm.change("IP-1", priority="1", requestedCompletionDate="2026-12-24").json()
    assert (order["priority"], order["requestedStartDate"], order["requestedCompletionDate"]) == (
        "1",
        "2026-12-01T08:00:00Z",
        "2026-12-24",
    )


def test_an_order_is_cancelled_by_its_state(house, crm):
    crm.order()
    order = crm.change("IP-1", state="cancelled", cancellationReason="asked for twice").json()
    assert (order["state"], order["cancellationReason"]) == ("cancelled", "asked for twice")
    assert house.request().state.value == "cancelled"


def test_hold_and_resume_are_for_who_may_hold_by_mail(house, crm, system):
    crm.order()
    assert crm.change("IP-1", state="held").status_code == 409
    root = system(ROOT, scope=Scope.ADMIN)
    assert root.change("IP-1", state="held").json()["state"] == "held"
    assert crm.get(f"{V4}/IP-1").json()["state"] == "held"
    assert root.change("IP-1", state="inProgress").json()["state"] == "inProgress"
    assert {"held", "resumed", "by the API"} <= set(house.history())


@pytest.mark.parametrize("state", ["completed", "failed", "acknowledged"])
def test_no_state_is_set_past_the_steps_and_the_missing_ones_are_told(house, crm, state):
    crm.order()
    answer = crm.change("IP-1", state=state)
    assert (answer.status_code, answer.json()["code"]) == (409, "stepsMissing")
    told = {one["field"]: one["message"] for one in answer.json()["details"]}
    assert told == {
        "technical": "open: waits for noc",
        "billing": "open: waits for billing",
        "allocate": "waiting: comes after technical, billing",
    }
    assert house.request().state.value == "inProgress"
    assert house.request().addresses == ()


def test_deleting_withdraws_an_order_and_what_has_ended_stays_on_record(crm):
    crm.order()
    assert crm.delete(f"{V4}/IP-1").status_code == 204
    assert crm.get(f"{V4}/IP-1").json()["state"] == "cancelled"
    again = crm.delete(f"{V4}/IP-1")
    assert (again.status_code, again.json()["code"]) == (409, "onRecord")


def test_who_is_merely_asked_changes_nothing_of_anothers_order(crm, system):
    crm.order()
    ana = system(ANA)
    assert ana.get(f"{V4}/IP-1").status_code == 200
    assert ana.change("IP-1", priority="9").status_code == 403
    assert ana.delete(f"{V4}/IP-1").status_code == 403
    assert ana.post(CANCEL, json={"serviceOrder": {"id": "IP-1"}}).status_code == 403


def test_a_cancellation_is_a_task_that_tells_what_came_of_it(crm):
    crm.order()
    done = crm.post(CANCEL, json={"serviceOrder": {"id": "IP-1"}, "cancellationReason": "not needed"})
    assert (done.status_code, done.json()["state"]) == (201, "done")
    late = crm.post(CANCEL, json={"serviceOrder": {"id": "IP-1"}}).json()
    assert late["state"] == "terminatedWithError"
    assert "cancelled" in late["errorMessage"]["message"]
    assert [one["id"] for one in crm.get(CANCEL).json()] == [late["id"], done.json()["id"]]
    assert crm.get(f"{CANCEL}/{done.json()['id']}").json() == done.json()
    assert crm.post(CANCEL, json={"serviceOrder": {"id": "IP-99"}}).status_code == 404


# -- changing --------------------------------------------------------------------------------------------------------


def test_what_an_order_says_beside_its_form_is_taken_away_by_null(crm):
    crm.order(priority="1", description="For Lyon")
    order = crm.change("IP-1", priority=None, description=None).json()
    assert "priority" not in order
    assert order["description"] == "Acme: /28"


def test_others_than_the_requester_comment_hold_and_resume_as_elsewhere(house, crm, system):
    crm.order()
    ana, reader = system(ANA, scope=Scope.APPROVE), system(ANA, scope=Scope.ORDER)
    assert ana.change("IP-1", state="held", note=[{"text": "A moment"}]).json()["state"] == "held"
    assert ana.change("IP-1", state="inProgress").json()["state"] == "inProgress"
    for said in ({"state": "cancelled"}, {"priority": "1"}, {"state": "held", "description": "x"}):
        assert ana.change("IP-1", **said).status_code == 403
    assert reader.change("IP-1", state="held").status_code == 403
    assert [one.text for one in house.request().remarks] == ["A moment"]


def test_an_order_is_cancelled_at_once_or_not_at_all(house, crm):
    crm.order()
    asked = {"serviceOrder": {"id": "IP-1"}, "requestedCancellationDate": "2026-12-24T00:00:00Z"}
    answer = crm.post(CANCEL, json=asked)
    assert (answer.status_code, answer.json()["details"][0]["field"]) == (400, "requestedCancellationDate")
    assert house.request().state.value == "inProgress"
    answer = crm.post(CANCEL, json={**asked, "requestedCancellationDate": "2026-11-23"})
    assert (answer.status_code, house.request().state.value) == (201, "cancelled")
