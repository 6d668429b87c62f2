"""JSON and XML: one schema, published both ways, and every answer keeps to it."""

import json

import pytest
from house import ANA, BOB
from jsonschema import Draft202012Validator, FormatChecker
from lxml import etree
from web.api.conftest import FORM, V3, V4, System, shown

from mailbot.store.keys import Scope
from mailbot.web.api import call
from mailbot.web.api.published import by_name

XML = {"Accept": "application/xml"}
SENT = {"Content-Type": "application/xml"}
NS = {"m": "urn:mailbot:api:1"}
ORDER = """<?xml version="1.0"?>
<serviceOrderCreate xmlns="urn:mailbot:api:1">
  <externalId>CRM-7</externalId>
  <priority>1</priority>
  <serviceOrderItem>
    <id>1</id>
    <action>add</action>
    <service>
      <serviceSpecification><id>attribution</id></serviceSpecification>
      <serviceCharacteristic><name>customer</name><value>Acme &amp; Söhne</value></serviceCharacteristic>
      <serviceCharacteristic><name>size</name><value>28</value></serviceCharacteristic>
    </service>
  </serviceOrderItem>
</serviceOrderCreate>
"""

ANSWERS = {
    V4: "serviceOrder",
    f"{V4}/IP-1": "serviceOrder",
    f"{V4}/IP-2": "serviceOrder",
    f"{V3}/IP-1": "serviceOrderV3",
    V3: "serviceOrderV3",
    "/api/requests": "request",
    "/api/requests/IP-2": "request",
    "/api/requests/IP-1/steps/technical": "stepToAnswer",
    "/api/types": "type",
    "/api/history": "entry",
    "/api/holders?address=10.20.0.0/24": "holder",
    "/api/pools": "pool",
    "/api/pools/lan": "pool",
    "/api/pools/lan/room?length=28": "room",
    "/tmf-api/serviceInventory/v4/service": "service",
    "/tmf-api/serviceOrdering/v4/cancelServiceOrder": "cancelServiceOrder",
    "/tmf-api/serviceOrdering/v4/hub": "eventSubscription",
    "/api/nothing": "error",
    f"{V4}?colour=blue": "error",
}
"""Path → what its answer is, alone or several of it."""


@pytest.fixture
def ana(crm, system):
    """Who is asked and cares for the pool, with something of everything to see."""
    crm.order(externalId="CRM-7", priority="1", note=[{"text": "Grüße"}])
    crm.order("quick", form={**FORM, "customer": 'Acme <"&\U0001f600">'})
    crm.post("/tmf-api/serviceOrdering/v4/cancelServiceOrder", json={"serviceOrder": {"id": "IP-2"}})
    ana = system(ANA, BOB, scope=Scope.APPROVE)
    ana.post("/tmf-api/serviceOrdering/v4/hub", json={"callback": "https://crm.example/listener"})
    return ana


def test_every_answer_in_json_keeps_to_its_published_schema(ana):
    for path, name in ANSWERS.items():
        schema = ana.get(f"/schemas/{name}.json").json()
        Draft202012Validator.check_schema(schema)
        said = ana.get(path).json()
        validator = Draft202012Validator(schema, format_checker=FormatChecker())
        for one in said if isinstance(said, list) else [said]:
            assert not list(validator.iter_errors(one)), path
        assert said, path


def test_every_answer_in_xml_keeps_to_the_published_schema(ana):
    xsd = etree.XMLSchema(etree.fromstring(ana.get("/schemas/mailbot.xsd").content))
    for path, name in ANSWERS.items():
        answer = ana.get(path, headers=XML)
        assert answer.headers["content-type"] == "application/xml"
        document = etree.fromstring(answer.content)
        xsd.assertValid(document)
        assert etree.QName(document).localname in {name, f"{name}List"}, path


def test_the_same_stands_in_both(ana):
    said = ana.get(f"{V4}/IP-2").json()
    document = etree.fromstring(ana.get(f"{V4}/IP-2", headers=XML).content)
    assert document.findtext("m:id", namespaces=NS) == said["id"]
    assert document.get("type") == said["@type"]
    found = {
        one.findtext("m:name", namespaces=NS): one.findtext("m:value", namespaces=NS)
        for one in document.iterfind("m:serviceOrderItem/m:service/m:serviceCharacteristic", NS)
    }
    assert found == {**FORM, "customer": 'Acme <"&\U0001f600">', "size": "28"}


def test_an_order_in_xml_is_the_order_that_it_is_in_json(house, crm):
    by_xml = crm.post(V4, content=ORDER.encode(), headers={**SENT, **XML})
    assert by_xml.status_code == 201, by_xml.text
    assert etree.fromstring(by_xml.content).findtext("m:externalId", namespaces=NS) == "CRM-7"
    crm.order(form={"customer": "Acme & Söhne", "size": "28"}, externalId="CRM-8")
    first, second = house.request("IP-1"), house.request("IP-2")
    assert (first.form, first.given) == (second.form, second.given)


@pytest.mark.parametrize(
    "body",
    [
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><serviceOrderCreate>&e;</serviceOrderCreate>',
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><serviceOrderCreate>&b;</serviceOrderCreate>',
        b"<!DOCTYPE serviceOrderCreate><serviceOrderCreate/>",
        b"<serviceOrderCreate>",
        b"",
        b"\xff\xfe<",
        b'<?xml version="1.0" encoding="klingon"?><a/>',
        b"<a>" * 2000 + b"</a>" * 2000,
        b"<serviceOrderCreate>" + b"<serviceOrderItem>" * 900 + b"</serviceOrderItem>" * 900 + b"</serviceOrderCreate>",
    ],
)
def test_xml_that_is_none_or_means_harm_is_refused_in_words(crm, body):
    answer = crm.post(V4, content=body, headers=SENT)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalidBody")
    assert "root:" not in answer.text


@pytest.mark.parametrize(("before", "after"), [("urn:mailbot:api:1", "urn:other"), ("serviceOrderCreate", "order")])
def test_xml_of_something_else_is_not_taken_for_an_order(house, crm, before, after):
    answer = crm.post(V4, content=ORDER.replace(before, after).encode(), headers=SENT)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalidBody")
    assert "this takes serviceOrderCreate, of urn:mailbot:api:1" in answer.json()["message"]
    assert house.requests() == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b'"x"', b"[" * 100_000, b'{"a": 1e999}', b"NaN"])
def test_json_that_is_none_is_refused_in_words(crm, body):
    answer = crm.post(V4, content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalidBody")


def test_what_no_database_keeps_is_left_out(house, crm):
    body = json.dumps({"type": "quick", "form": {**FORM, "customer": "A\u0000c\ud800me"}})
    assert crm.post("/api/requests", content=body).status_code == 201
    assert house.request().form["customer"] == "Ac?me"


def test_a_body_that_is_too_large_is_not_read(crm):
    answer = crm.post(V4, content=b" " * 1_000_001)
    assert (answer.status_code, answer.json()["code"]) == (413, "tooLarge")


def test_other_kinds_are_neither_read_nor_written(crm):
    assert crm.post(V4, content=b"a=b", headers={"Content-Type": "text/csv"}).status_code == 415
    answer = crm.get(V4, headers={"Accept": "text/csv"})
    assert (answer.status_code, answer.json()["code"]) == (406, "notAcceptable")


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "json"),
        ("application/xml;q=0.5, application/json", "json"),
        ("application/json;q=0.5, text/xml", "xml"),
        ("text/html, application/xml;q=0.9, */*;q=0.8", "xml"),
        ("application/json;q=0, application/xml", "xml"),
    ],
)
def test_the_caller_gets_what_he_likes_best(crm, accept, kind):
    assert crm.get(V4, headers={"Accept": accept}).headers["content-type"] == f"application/{kind}"


def test_openapi_names_every_model_and_every_path_needs_a_key(house, crm, monkeypatch):
    monkeypatch.setattr(call, "MOST_FAILURES", 1000)
    told = crm.get("/openapi.json").json()
    assert told["openapi"].startswith("3.1")
    assert {model.__name__ for model in by_name().values()} <= set(told["components"]["schemas"])
    stranger = System(house)
    for path, operations in told["paths"].items():
        for method in operations:
            answer = stranger.request(method, path.replace("{", "").replace("}", ""))
            assert answer.status_code == 401, (method, path)


def test_people_read_of_the_api_on_a_page_without_scripts(crm):
    page = crm.get("/api", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert "script-src 'none'" in page.headers["content-security-policy"]
    for name in by_name():
        assert f"/schemas/{name}.json" in page.text
    assert V4 in page.text
    assert "<script" not in page.text


def test_paths_that_there_are_not_and_methods_are_told_in_the_shape_of_the_api(crm):
    for path in ("/api/nothing", "/tmf-api/x", "/schemas/nothing.json", "/api/requests/IP-1/x/y/z"):
        answer = crm.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "notFound"), path
    for path, allowed in {V4: "GET, POST", f"{V4}/IP-1": "GET, PATCH, DELETE", "/api/requests": "GET, POST"}.items():
        answer = crm.put(path)
        assert (answer.status_code, answer.json()["code"]) == (405, "methodNotAllowed"), shown(answer)
        assert answer.headers["allow"] == allowed
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_what_stands_in_the_heads_of_calls_and_answers_is_described(crm):
    paths = crm.get("/openapi.json").json()["paths"]
    once = [one["name"] for path in (V4, V3, "/api/requests") for one in paths[path]["post"]["parameters"]]
    assert once == ["Idempotency-Key"] * 3
    told = {"X-Total-Count", "X-Result-Count", "Link", "Content-Range"}
    for path in (V4, "/api/requests", "/api/history", "/tmf-api/serviceInventory/v4/service"):
        assert told <= set(paths[path]["get"]["responses"]["206"]["headers"])
