"""`mailbot history`: the trace, asked in all ways at once."""

import csv
import io

import pytest

from mailbot.cli.history import KEYS

IMPORT = b"prefix,pool,customer\n10.20.9.0/24,customers-v4,Old Corp\n"


@pytest.fixture
def past(shell):
    """IP-1, bob's, is completed and has the first /28; IP-2, eve's, is cancelled."""
    shell.new()
    shell.new(as_="eve@example.net")
    for step in ("technical", "billing"):
        shell.ok("requests", "skip", "IP-1", "--reason", "a trial", "--step", step)
    shell.ok("requests", "cancel", "IP-2", "--reason", "=1+1")
    return shell


def references(entries):
    return {entry["reference"] for entry in entries}


def test_json_has_exactly_the_keys_of_the_contract_oldest_first(past):
    entries = past.json("history")
    assert all(list(entry) == list(KEYS) for entry in entries)
    assert [entry["at"] for entry in entries] == sorted(entry["at"] for entry in entries)
    assert all(entry["at"].endswith("Z") for entry in entries)


def test_nothing_that_happened_is_an_empty_list(shell):
    assert shell.json("history") == []
    assert shell.json("history", "--reference", "IP-7") == []
    assert shell.ok("history") == "Nothing happened.\n"


def test_each_filter_narrows_and_all_of_them_hold_together(past):
    assert references(past.json("history", "--reference", "ip-1")) == {"IP-1"}
    assert references(past.json("history", "--user", "eve@example.net")) == {"IP-2"}
    assert references(past.json("history", "--type", "attribution")) == {"IP-1", "IP-2"}
    assert past.json("history", "--type", "liberation") == []
    assert [entry["step"] for entry in past.json("history", "--action", "skipped")] == ["technical", "billing"]
    assert past.json("history", "--action", "skipped", "--user", "eve@example.net") == []
    assert past.json("history", "--until", "2020-01-01") == []
    assert past.json("history", "--since", "2020-01-01", "--until", "2999-01-01") == past.json("history")
    assert past.json("history", "--since", "2999-01-01T00:00:00Z") == []


def test_a_day_is_meant_whole_and_in_the_zone_of_the_bot(past):
    day = past.json("history")[0]["at"][:10]
    assert past.json("history", "--since", day, "--until", day) == past.json("history")
    assert past.json("history", "--until", f"{day}T00:00:00") == []


def test_what_an_operator_did_is_found_by_his_name(past):
    actor = past.json("history", "--action", "cancelled")[0]["actor"]
    assert {entry["actor"] for entry in past.json("history", "--user", actor)} == {actor}


def test_who_had_an_address_and_when(past):
    assert references(past.json("history", "--address", "10.20.0.5")) == {"IP-1"}
    assert references(past.json("history", "--address", "10.20.0.0/28")) == {"IP-1"}
    assert past.json("history", "--address", "10.20.0.99") == []
    day = past.json("history")[0]["at"][:10]
    assert references(past.json("history", "--address", "10.20.0.5", "--at", day)) == {"IP-1"}
    assert past.json("history", "--address", "10.20.0.5", "--at", "2020-01-01") == []
    assert past.json("history", "--address", "10.20.0.5", "--user", "eve@example.net") == []
    told = past.ok("history", "--address", "10.20.0.5")
    assert "10.20.0.0/28" in told
    assert "bob@example.net" in told


def test_the_request_that_gave_an_address_back_belongs_to_its_history(past):
    values = ("prefix=10.20.0.0/28", "justification=The Lyon office has closed.")
    ref = past.ok("requests", "new", "liberation", *values, "--as", "bob@example.net").strip()
    while past.json("requests", "show", ref)["state"] == "inProgress":
        past.ok("requests", "skip", ref, "--reason", "a trial")
    assert references(past.json("history", "--address", "10.20.0.5")) == {"IP-1", ref}


def test_space_that_no_request_took_has_a_history_too(shell):
    shell.ok("pools", "import", "-", stdin=IMPORT)
    (entry,) = shell.json("history", "--address", "10.20.9.7")
    assert (entry["reference"], entry["actor"], entry["action"]) == (None, "Old Corp", "allocated")
    assert shell.json("history", "--address", "10.20.9.7", "--type", "attribution") == []


def test_csv_is_safe_for_a_spreadsheet(past):
    rows = list(csv.reader(io.StringIO(past.ok("history", "--csv"))))
    assert tuple(rows[0]) == KEYS
    assert len(rows) == len(past.json("history")) + 1
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@"))]
    assert any("'=1+1" in row for row in rows)


def test_verify_holds_the_whole_chain_and_exits_1_where_it_is_broken(past):
    assert "as it was written" in past.ok("history", "--verify")
    assert past.json("history", "--verify") == []
    bot = past.bot()
    with bot.store.transaction() as tx:
        tx.conn.exec_driver_sql("UPDATE history SET detail = 'something else' WHERE action = 'cancelled'")
    bot.close()
    done = past("history", "--verify")
    assert done.code == 1
    assert "IP-2" in done.out
    assert len(past("history", "--verify", "--json").json) == 1


@pytest.mark.parametrize(
    "args",
    [
        ["--at", "2026-11-23"],
        ["--address", "10.20.0.5", "--at", "tomorrow"],
        ["--address", "nonsense"],
        ["--since", "99999-01-01"],
        ["--until", "9999-12-31"],
        ["--user", "bob@@"],
        ["--csv", "--json"],
    ],
)
def test_what_cannot_be_understood_is_exit_2(shell, args):
    done = shell("history", *args)
    assert (done.code, done.out) == (2, "")
