"""`mailbot history`: the trace, asked in all ways at once."""

import csv
import hashlib
import html
import io
import json
import re
import subprocess
import sys
from datetime import datetime

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


def test_a_larger_prefix_finds_what_lies_in_it_and_says_so(past):
    past.ok("pools", "import", "-", stdin=IMPORT)
    found = past.json("history", "--address", "10.20.0.0/16")
    assert references(found) == {"IP-1", None}
    told = past.ok("history", "--address", "10.20.0.0/16")
    assert "Who had it" not in told
    _, within = told.split("What lies in it")
    assert within.index("10.20.0.0/28") < within.index("10.20.9.0/24")
    assert "What lies in it" not in past.ok("history", "--address", "10.20.0.0/28")
    assert past.json("history", "--address", "10.20.0.8/29") == past.json("history", "--address", "10.20.0.0/28")


def test_a_time_is_read_as_people_write_it(past):
    day = datetime.fromisoformat(past.json("history")[0]["at"])
    assert references(past.json("history", "--address", "10.20.0.5", "--at", f"{day:%d %b %Y}")) == {"IP-1"}
    assert references(past.json("history", "--address", "10.20.0.5", "--at", "today")) <= {"IP-1"}
    done = past("history", "--address", "10.20.0.5", "--at", "2999-01-01")
    assert (done.code, done.out) == (2, "")
    assert "still to come" in done.err


# -- evidence --------------------------------------------------------------------------------------------------------


@pytest.fixture
def evidence(past):
    """The document about 10.20.0.5, as text."""
    past.ok("history", "--evidence", "evidence.html", "--address", "10.20.0.5")
    return past.home / "evidence.html"


def data_of(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', page.read_text(), re.DOTALL)[1])


def check(page, tmp_path):
    """What the script that stands in the document says of it."""
    script = tmp_path / "check.py"
    script.write_text(html.unescape(re.findall(r"<pre>(.*?)</pre>", page.read_text(), re.DOTALL)[1]))
    return subprocess.run(  # noqa: S603 (our own script)
        [sys.executable, "-I", str(script), str(page)], capture_output=True, text=True, check=False
    )


def test_evidence_tells_who_had_an_address_and_proves_itself(evidence, tmp_path):
    text = evidence.read_text()
    for words in ("Who had it", "10.20.0.0/28", "bob@example.net", "by operator", "10.20.0.5"):
        assert words in text
    [holder] = data_of(evidence)["holders"]
    assert (holder["prefix"], holder["holder"], holder["ended"]) == ("10.20.0.0/28", "bob@example.net", None)
    entries = {link["id"]: link for links in data_of(evidence)["chains"].values() for link in links}
    assert entries[holder["entry"]]["detail"] == "10.20.0.0/28 from customers-v4"
    done = check(evidence, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "All of it is as it was written.\n", "")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("bob@example.net", "eve@example.net"),
        ('"action": "completed"', '"action": "rejected"'),
        ('"step": "technical"', '"step": null'),
    ],
)
def test_a_document_that_was_changed_shows_it(evidence, tmp_path, old, new):
    text = evidence.read_text()
    head, data = text.split('id="data">')
    assert old in data
    evidence.write_text(head + 'id="data">' + data.replace(old, new, 1 if old.startswith('"') else -1))
    assert check(evidence, tmp_path).returncode == 1


def test_an_entry_that_was_left_out_shows(evidence, tmp_path):
    text, data = evidence.read_text(), data_of(evidence)
    head, _ = text.split('id="data">')
    data["chains"]["IP-1"].pop()
    evidence.write_text(f'{head}id="data">{json.dumps(data)}</script>')
    assert "the last entries of IP-1 are missing" in check(evidence, tmp_path).stdout


def test_making_it_is_on_record_with_its_hash_and_a_seal(past, evidence):
    [entry] = past.json("history", "--action", "evidence")
    assert entry["reference"] is None
    assert entry["actor"].startswith("operator")
    assert entry["detail"] == f"address 10.20.0.5; sha256 {hashlib.sha256(evidence.read_bytes()).hexdigest()}"
    [sealed] = past.json("history", "--action", "sealed")
    assert sealed["detail"] == data_of(evidence)["seal"]
    assert "as it was written" in past.ok("history", "--verify")


def test_it_overwrites_nothing_and_is_nobody_elses_to_read(past, evidence):
    before = evidence.read_bytes()
    done = past("history", "--evidence", "evidence.html", "--user", "eve@example.net")
    assert (done.code, evidence.read_bytes()) == (1, before)
    assert "is there already" in done.err
    assert len(past.json("history", "--action", "evidence")) == 1
    assert evidence.stat().st_mode & 0o777 == 0o600


def test_the_words_of_what_was_not_asked_for_stay_out_of_it(past, tmp_path):
    past.ok("history", "--evidence", "cancelled.html", "--action", "cancelled")
    page = past.home / "cancelled.html"
    assert "=1+1" in page.read_text()
    assert "Two firewalls" not in page.read_text()
    assert check(page, tmp_path).returncode == 0


def test_of_a_broken_history_it_says_so(past, tmp_path):
    bot = past.bot()
    with bot.store.transaction() as tx:
        tx.conn.exec_driver_sql("UPDATE history SET detail = 'eve@example.net' WHERE action = 'started'")
    bot.close()
    done = past("history", "--evidence", "broken.html", "--reference", "IP-1")
    assert done.code == 0
    assert "not as it was written: IP-1" in done.err
    page = past.home / "broken.html"
    assert "No: IP-1: the words of entry" in page.read_text()
    assert check(page, tmp_path).returncode == 1


def test_what_was_erased_is_told_as_erased_and_the_proof_still_holds(past, tmp_path):
    bot = past.bot()
    with bot.store.transaction() as tx:
        tx.conn.exec_driver_sql("UPDATE history SET actor = NULL, detail = NULL, salt = NULL WHERE action = 'received'")
    bot.close()
    past.ok("history", "--evidence", "erased.html", "--reference", "IP-1")
    page = past.home / "erased.html"
    assert "its words were erased" in page.read_text()
    assert check(page, tmp_path).returncode == 0


@pytest.mark.parametrize("args", [[], ["--user", "bob@example.net", "--json"], ["--reference", "IP-1", "--verify"]])
def test_evidence_is_about_something_and_is_one_document(past, args):
    done = past("history", "--evidence", "evidence.html", *args)
    assert (done.code, done.out) == (2, "")
    assert not (past.home / "evidence.html").exists()
