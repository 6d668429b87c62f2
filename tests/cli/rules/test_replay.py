"""`mailbot rules replay`: the rule files, held against past requests."""

import shutil

import pytest

LARGE = ("customer=Globex", "size=24", "justification=Two floors of the new Lyon office.")
SMALL = ("customer=Acme", "size=30", "justification=Two firewalls and a router in Lyon.")


@pytest.fixture
def past(shell):
    shell.new(*LARGE)
    shell.new(*SMALL)
    for reference, step in (("IP-1", "technical"), ("IP-1", "billing"), ("IP-2", "billing")):
        shell.ok("requests", "skip", reference, "--reason", "known", "--step", step)
    return shell


def test_the_same_rules_change_nothing(past):
    assert past.ok("rules", "replay") == "2 requests: 2 would take the same way, 0 another\n"
    assert past.json("rules", "replay") == {"requests": 2, "same": 2, "not_played": {}, "differences": []}


def test_without_requests_there_is_nothing_to_tell(shell):
    assert shell.ok("rules", "replay") == "0 requests: 0 would take the same way, 0 another\n"


def test_another_way_is_told_with_the_line_that_decides_it(past):
    past.edit("rules/attribution.toml", "min      = 20", "min      = 25")
    past.edit("rules/attribution.toml", " or form.size > form.family.longest", " or form.size > 29")
    told = past.ok("rules", "replay")
    assert told.startswith("2 requests: 0 would take the same way, 2 another\n")
    text = (past.home / "rules" / "attribution.toml").read_text().splitlines()
    field, when = (next(n for n, line in enumerate(text, 1) if words in line) for words in ('"size"', "> 29"))
    found = past.json("rules", "replay")["differences"]
    assert [(one["reference"], one["rule"]) for one in found] == [
        ("IP-1", f"rules/attribution.toml:{field}"),
        ("IP-2", f"rules/attribution.toml:{when}"),
    ]
    assert found[0]["now"]["state"] == "pending"
    assert found[1]["now"]["steps"] == ["technical", "allocate"]
    assert "where form.size is 30" in found[1]["why"]
    assert all(one["rule"] in told and one["why"] in told for one in found)


def test_rules_from_elsewhere_leave_those_of_the_bot_alone(past, tmp_path):
    elsewhere = tmp_path / "rules-to-come"
    shutil.copytree(past.home / "rules", elsewhere)
    text = (elsewhere / "attribution.toml").read_text()
    (elsewhere / "attribution.toml").write_text(text.replace("min      = 20", "min      = 25"))
    assert len(past.json("rules", "replay", "--rules", str(elsewhere))["differences"]) == 1
    assert past.json("rules", "replay")["differences"] == []


def test_only_what_is_asked_for_is_played(past):
    assert past.json("rules", "replay", "liberation")["requests"] == 0
    assert past.json("rules", "replay", "attribution")["requests"] == 2
    assert past.json("rules", "replay", "--since", "2999-01-01")["requests"] == 0
    assert past("rules", "replay", "--since", "yesterday").code == 2
    assert past("rules", "replay", "atribution").code == 1


def test_requests_of_a_type_that_is_gone_are_counted(past):
    (past.home / "rules" / "attribution.toml").unlink()
    assert "2 requests of type 'attribution', which no rule file describes" in past.ok("rules", "replay")
    assert past.json("rules", "replay")["not_played"] == {"attribution": 2}


@pytest.mark.slow
def test_many_differences_are_capped_for_people_alone(past):
    for _ in range(20):
        past.new(*LARGE)
    past.edit("rules/attribution.toml", "min      = 20", "min      = 25")
    told = past.ok("rules", "replay")
    assert told.endswith("\nand 1 more\n")
    assert told.count("\n  why") == 20
    assert len(past.json("rules", "replay")["differences"]) == 21
