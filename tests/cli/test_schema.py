"""`mailbot schema`: what is published holds what is written, and editors complete by it."""

import json
import tomllib
from datetime import date, time
from pathlib import Path

import pytest
from broadcast.conftest import Told
from house import BILL, BOB, FORM, LI, only
from jsonschema import Draft7Validator, Draft202012Validator
from lxml import etree

from mailbot.delivered import asset
from mailbot.store.alerting import alert
from mailbot.web.api import published

RULES = sorted(path for path in asset("rules").rglob("rules/*.toml")) + sorted(asset("rules").glob("*.toml"))
CONFIGS = [asset("config.toml"), *sorted(asset("rules").rglob("config.toml"))]


def as_json(value):
    """TOML's dates, as texts: so a schema has them."""
    return json.loads(json.dumps(value, default=lambda one: one.isoformat() if isinstance(one, date | time) else None))


def faults(schema, path):
    Draft7Validator.check_schema(schema)
    found = Draft7Validator(schema).iter_errors(as_json(tomllib.loads(Path(path).read_text())))
    return [f"{path}: {'/'.join(map(str, one.path))}: {one.message}" for one in found]


def test_every_rule_file_that_is_shipped_keeps_to_the_schema(shell):
    rules, house = (json.loads(shell.ok("schema", what)) for what in ("rules", "house"))
    assert len(RULES) > 8
    wrong = [fault for path in RULES for fault in faults(house if path.stem == "_house" else rules, path)]
    assert wrong == []


def test_every_configuration_that_is_shipped_keeps_to_the_schema(shell):
    schema = json.loads(shell.ok("schema", "config"))
    assert [fault for path in CONFIGS for fault in faults(schema, path)] == []


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('type = "x"\nwho = ["a"]\ntilte = "X"\n[[step]]\nname = "s"\nkind = "notify"\n', "tilte"),
        ('type = "x"\nwho = ["a"]\n[[step]]\nname = "s"\nkind = "aproval"\n', "aproval"),
        ('type = "x"\n[[step]]\nname = "s"\nkind = "notify"\n', "who"),
    ],
)
def test_a_slip_of_the_pen_is_seen_by_the_editor(shell, tmp_path, text, word):
    path = tmp_path / "x.toml"
    path.write_text(text)
    found = faults(json.loads(shell.ok("schema", "rules")), path)
    assert any(word in fault for fault in found)


def test_keys_are_described_in_the_words_of_the_program(shell):
    schema = json.loads(shell.ok("schema", "config"))
    limits = schema["definitions"]["Limits"]["properties"]
    assert limits["answers_per_hour"]["description"] == "letters that answer one sender's mail"
    assert "\0" not in json.dumps(schema).replace("\\u0000", "\0")


@pytest.fixture
def told(tmp_path):
    """Every event of a request that is granted, of one that is late and withdrawn, and an alert of the house."""
    house = Told(tmp_path)
    letters = house.start()
    house.reply(only(letters, "action", BILL), "Account: A-77")
    house.reply(only(letters, "action", LI), "approve")
    begun = only(house.start(), "acknowledged")
    house.wait(days=8)
    house.reply(begun, "cancel")
    with house.bot.store.transaction() as tx:
        alert(tx, "rules", "the rule files have errors", house.now)
    house.mail(BOB, "quick", FORM)
    house.tell()
    yield house.oss.events, house.bot.broadcast.telling.markup
    house.bot.close()


def test_every_event_keeps_to_its_schema_in_json_and_in_xml(shell, told):
    events, markup = told
    schema = json.loads(shell.ok("schema", "event"))
    Draft202012Validator.check_schema(schema)
    rules = Draft202012Validator(schema)
    assert [fault.message for event in events for fault in rules.iter_errors(event)] == []
    assert {"alert.opened", "alert.closed", "allocation.allocated", "request.late"} <= {e["type"] for e in events}
    marked = etree.XMLSchema(etree.fromstring(published.xml_schema()))
    for event in events:
        marked.assertValid(etree.fromstring(markup(event)))


def test_every_request_that_is_shown_keeps_to_its_schema(shell):
    shell.new()
    rules = Draft202012Validator(json.loads(shell.ok("schema", "request")))
    shown = shell.json("requests", "list")
    assert shown
    assert [fault.message for one in shown for fault in rules.iter_errors(one)] == []
