"""A customer's key sees that customer, whoever of his people asked; and nothing of anybody else."""

import pytest
from house import BOB, CAROL
from web.api.conftest import V4, System, key_of
from web_house import WEB

from mailbot.store.keys import Scope

ACME, GLOBEX = "it@acme.example", "it@globex.example"
CUSTOMERS = (
    WEB
    + """
[customers."Acme"]
id = "C-1"
domains = ["acme.example"]
account_manager = "carol@example.net"
[customers."Globex"]
id = "C-2"
domains = ["globex.example"]
account_manager = "carol@example.net"
"""
)
QUICK = """
type = "quick"
title = "Space without questions"
who = ["customers", "*@example.net"]
[[field]]
name = "customer"
label = "Customer"
type = "customer"
required = true
[[field]]
name = "size"
type = "prefix-length"
required = true
[[step]]
name = "allocate"
kind = "allocate"
pool = "lan"
length = "form.size"
set = { customer = "{form.customer}" }
"""

pytestmark = pytest.mark.parametrize("house", [{"config": CUSTOMERS, "rules": {"quick": QUICK}}], indirect=True)


@pytest.fixture
def acme(house):
    return System(house, key_of(house, "acme", Scope.ORDER, (ACME,), "C-1"))


@pytest.fixture
def served(house, system):
    """IP-1 by one of us for Acme, IP-2 by Globex."""
    bob = system(BOB)
    assert bob.order("quick", form={"customer": "Acme", "size": 28}).status_code == 201
    globex = System(house, key_of(house, "globex", Scope.ORDER, (GLOBEX,), "C-2"))
    answer = globex.order("quick", form={"customer": "Globex", "size": 28})
    assert answer.status_code == 201, answer.text
    return house


@pytest.mark.usefixtures("served")
def test_it_sees_what_is_the_customers_and_counts_it(acme):
    for path, name in ((V4, "id"), ("/api/requests", "reference")):
        answer = acme.get(path)
        assert [one[name] for one in answer.json()] == ["IP-1"], path
        assert answer.headers["x-total-count"] == "1"
    services = acme.get("/tmf-api/serviceInventory/v4/service")
    assert [(one["name"], one["relatedParty"][-1]["name"]) for one in services.json()] == [("10.20.0.0/28", "Acme")]
    assert services.headers["x-total-count"] == "1"
    assert [one["reference"] for one in acme.get("/api/holders?address=10.20.0.0/24").json()] == ["IP-1"]
    assert {one["reference"] for one in acme.get("/api/history").json()} == {"IP-1"}


@pytest.mark.usefixtures("served")
def test_anothers_ids_are_answered_like_unknown_ones(acme):
    for path in (f"{V4}/{{}}", "/api/requests/{}"):
        theirs, none = acme.get(path.format("IP-2")), acme.get(path.format("IP-99"))
        assert (theirs.status_code, theirs.content) == (404, none.content)
    service = "/tmf-api/serviceInventory/v4/service/lan~10.20.0.{}~28"
    theirs, none = acme.get(service.format(16)), acme.get(service.format(64))
    assert (theirs.status_code, theirs.content) == (404, none.content)
    assert acme.get(service.format(0)).status_code == 200


@pytest.mark.usefixtures("served")
def test_a_key_that_only_reads_needs_no_person(house):
    reader = System(house, key_of(house, "portal", Scope.READ, (), "C-1"))
    assert [one["id"] for one in reader.get(V4).json()] == ["IP-1"]
    assert reader.order("quick").status_code == 403


def test_a_customer_orders_for_himself(house, acme):
    answer = acme.order("quick", form={"customer": "Acme", "size": 28})
    assert answer.status_code == 201, answer.text
    assert house.request().requester == ACME
    assert acme.order("quick", relatedParty=[{"id": CAROL, "role": "requester"}]).status_code == 403


@pytest.mark.usefixtures("served")
def test_a_customer_that_is_none_any_more_has_a_key_to_nothing(house):
    gone = System(house, key_of(house, "gone", Scope.READ, (), "C-9"))
    assert gone.get(V4).json() == []
    assert gone.get(f"{V4}/IP-1").status_code == 404
    hub = gone.post("/tmf-api/serviceOrdering/v4/hub", json={"callback": "https://x.example/"})
    assert hub.status_code == 403
