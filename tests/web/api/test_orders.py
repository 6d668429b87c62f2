"""Service orders: TM Forum's 641, by version 4.1 and by version 3."""

from house import BOB
from web.api.conftest import V4


def test_an_order_opens_a_request_of_its_process(house, crm):
    answer = crm.order(externalId="CRM-7", priority="1", description="For Lyon")
    assert answer.status_code == 201, answer.text
    order = answer.json()
    assert order["id"] == "IP-1"
    assert order["href"] == answer.headers["location"] == f"http://ip.example.net{V4}/IP-1"
    assert (order["state"], order["externalId"], order["priority"], order["description"]) == (
        "inProgress",
        "CRM-7",
        "1",
        "For Lyon",
    )
    assert house.request().requester == BOB
