"""What a body has wrong, in words, each with the place where it stands."""

import pytest
from web.api.conftest import FORM, V4, service

ITEM = {"id": "1", "action": "add", "service": service("attribution", FORM)}


def item(**said):
    return {"serviceOrderItem": [{**ITEM, **said}]}


def characteristic(value):
    return item(
        service={"serviceCharacteristic": [{"name": "customer", "value": "Acme"}, {"name": "x", "value": value}]}
    )


@pytest.mark.parametrize(
    ("body", "details"),
    [
        ([], {"": "this must be an object"}),
        ({}, {"serviceOrderItem": "this is needed"}),
        ({"serviceOrderItem": {}}, {"serviceOrderItem": "this must be a list"}),
        ({"serviceOrderItem": []}, {"serviceOrderItem": "this must not be empty"}),
        ({"serviceOrderItem": ["x"]}, {"serviceOrderItem[0]": "this must be an object"}),
        ({"serviceOrderItem": [{"id": "1", "action": "add"}]}, {"serviceOrderItem[0].service": "this is needed"}),
        (item(action="destroy"), {"serviceOrderItem[0].action": "this must be add, modify, delete or noChange"}),
        ({**item(), "note": None}, {"note": "this must be a list"}),
        ({**item(), "priority": 1}, {"priority": "this must be a text"}),
        ({**item(), "priority": "x" * 201}, {"priority": "this must have at most 200 characters"}),
        (
            {**item(), "requestedStartDate": "2026-13-45"},
            {"requestedStartDate": """'2026-13-45' is no time, like "2026-11-23T10:00:00Z\""""},
        ),
        (
            characteristic(1.5),
            {
                "serviceOrderItem[0].service.serviceCharacteristic[1].value": (
                    "this must be a text, a whole number, true or false or a list"
                )
            },
        ),
        (
            characteristic(["a", 1]),
            {"serviceOrderItem[0].service.serviceCharacteristic[1].value[1]": "this must be a text"},
        ),
    ],
)
def test_what_an_order_has_wrong_is_told_once_and_where_it_stands(crm, body, details):
    answer = crm.post(V4, json=body)
    assert answer.status_code == 400
    assert {one["field"]: one["message"] for one in answer.json()["details"]} == details
    assert len(answer.json()["details"]) == len(details)


def test_a_field_that_a_body_has_not_is_told(crm):
    answer = crm.post("/api/requests", json={"type": "quick", "colour": "blue"})
    assert [tuple(one.values()) for one in answer.json()["details"]] == [("colour", "there is no such field")]
