"""`mailbot keys` and `mailbot schema`: what an operator sees of the API."""

import json

from jsonschema import Draft202012Validator
from lxml import etree


def test_a_key_is_shown_once_and_known_by_its_beginning_afterwards(shell):
    made = shell("keys", "add", "crm", "--for", "bob@example.net", "--scope", "order")
    key = made.out.strip()
    assert made.code == 0
    assert key.startswith("mbk_")
    assert "shown this once" in made.err
    listed = shell("keys", "list")
    assert key not in listed.out
    assert key[: len("mbk_12345678_")] in listed.out
    [known] = shell.json("keys", "list")
    assert (known["name"], known["scope"], known["for"], known["last_used"]) == (
        "crm",
        "order",
        ["bob@example.net"],
        None,
    )
    assert b"bob" in b"".join(path.read_bytes() for path in (shell.home / "var").glob("mailbot.db*"))
    assert key.encode() not in b"".join(path.read_bytes() for path in (shell.home / "var").glob("mailbot.db*"))


def test_a_revoked_key_stays_in_the_list_and_its_name_taken(shell):
    shell.ok("keys", "add", "crm", "--for", "bob@example.net")
    assert shell.ok("keys", "revoke", "crm") == "crm is revoked.\n"
    assert "revoked" in shell.ok("keys", "list")
    assert shell("keys", "revoke", "crm").code == 1
    assert shell("keys", "revoke", "none").code == 1
    assert "take another name" in shell("keys", "add", "crm", "--for", "bob@example.net").err


def test_making_and_revoking_stand_in_the_history(shell):
    shell.ok("keys", "add", "crm", "--for", "bob@example.net")
    shell.ok("keys", "revoke", "crm")
    assert [entry["detail"] for entry in shell.json("history", "--action", "made a key")] == [
        "crm (read) for bob@example.net"
    ]
    assert len(shell.json("history", "--action", "revoked a key")) == 1


def test_a_key_is_for_somebody_and_its_scope_is_one_that_he_has(shell):
    for args, words in {
        (): "say for whom it calls",
        ("--scope", "admin"): "say for whom it calls",
        ("--for", "bob@example.net", "--scope", "admin"): "bob@example.net is no admin",
        ("--for", "Bob"): "is no mail address",
        ("--for", "bob@example.net", "--scope", "everything"): "is not one of",
        ("--customer", "Acme", "--scope", "approve"): "nobody approves for the house",
        ("--customer", "Acme", "--scope", "order"): "say whose requests its orders are",
        ("--customer", "Acme"): "there is no customer 'Acme'",
    }.items():
        done = shell("keys", "add", "crm", *args)
        assert done.code in {1, 2}, args
        assert words in done.said, done.said
    assert "is no name for a key" in shell("keys", "add", "C R M", "--for", "bob@example.net").err
    assert shell.json("keys", "list") == []
    shell.ok("keys", "add", "root", "--for", "hostmaster@example.net", "--scope", "admin")


def test_a_customers_key_names_the_customer_and_his_people(shell):
    config = (shell.home / "config.toml").read_text()
    shell.write(
        "config.toml",
        config + '[customers."Acme"]\nid = "C-1"\ndomains = ["acme.example"]\naccount_manager = "noc"\n',
    )
    shell.ok("keys", "add", "portal", "--customer", "acme")
    shell.ok("keys", "add", "orders", "--customer", "C-1", "--for", "it@acme.example", "--scope", "order")
    refused = shell("keys", "add", "x", "--customer", "Acme", "--for", "bob@example.net", "--scope", "order")
    assert "bob@example.net does not write for Acme" in refused.err
    assert [key["customer"] for key in shell.json("keys", "list")] == ["C-1", "C-1"]


def test_every_schema_is_printed_and_is_one(shell):
    names = shell.ok("schema").split()
    assert {"request", "serviceOrder", "serviceOrderV3", "service", "resourceOrder", "error", "xml"} <= set(names)
    for name in names:
        told = shell.ok("schema", name)
        if name == "xml":
            etree.XMLSchema(etree.fromstring(told.encode()))
        else:
            Draft202012Validator.check_schema(json.loads(told))
    assert "did you mean 'request'" in shell("schema", "reqest").err


def test_what_the_shell_tells_of_a_request_keeps_to_its_schema(shell):
    shell.new()
    [request] = shell.json("requests", "list")
    schema = json.loads(shell.ok("schema", "request"))
    Draft202012Validator(schema).validate(request)
