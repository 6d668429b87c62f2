"""`mailbot targets`, and what `check` says of them: a real program, told by real passes of the bot."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from cli.conftest import Shell
from sqlalchemy import delete, update

from mailbot.store import tables
from mailbot.store.health import health
from mailbot.target.keys import new_signing_key, public_signing_key, recipient
from mailbot.target.seal import ANSWERS, seal

DELIVERY = """
type = "delivery"
title = "Space put into operation"
who = ["*@example.net"]
lead_time = "3 working days"
[[field]]
name = "size"
type = "prefix-length"
required = true
[[step]]
name = "allocate"
kind = "allocate"
pool = "customers-v4"
length = "form.size"
[[step]]
name = "configure"
kind = "activate"
targets = ["router"]
"""
ROUTER = '#!/bin/sh\n[ -e broken ] && { echo "no such vlan" >&2; exit 1; }\ncat >> told; echo >> told\n'


@pytest.fixture
def plant(shell: Shell) -> Shell:
    """A folder with a target, that is broken."""
    shell.write("rules/delivery.toml", DELIVERY)
    program = shell.write("router-add", ROUTER)
    program.chmod(0o755)
    shell.write("broken", "")
    with (shell.home / "config.toml").open("a") as config:
        config.write('\n[targets.router]\nkind = "command"\ncommand = ["./router-add"]\nowner = "noc"\n')
    return shell


def asked(plant: Shell) -> str:
    return plant.ok("requests", "new", "delivery", "size=28", "--as", "bob@example.net").strip()


def told(plant: Shell) -> int:
    path = plant.home / "told"
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_what_waits_is_listed_with_its_id_target_and_state(plant: Shell) -> None:
    plant.ok("pause", "targets")
    reference = asked(plant)
    plant.ok("run", "--once")
    [row] = plant.json("targets", "list")
    assert row == {
        "id": f"{reference}/configure/router/1", "reference": reference, "step": "configure", "target": "router",
        "action": "add", "state": "unprocessed", "detail": "", "attempts": 0, "created": row["created"],
        "not_before": None, "sent": None, "closed": None,
    }  # fmt: skip
    assert f"{reference}/configure/router/1" in plant.ok("targets", "list")
    assert "1 network request to leave" in plant.ok("resume")


def test_a_list_that_is_empty_is_empty(plant: Shell) -> None:
    assert plant.json("targets", "list") == []
    assert plant.ok("targets", "list") == "No network request waits, failed or is unknown.\n"
    assert plant.ok("targets", "list", "--all") == "No network request.\n"


def test_what_failed_is_listed_until_somebody_has_dealt_with_it(plant: Shell) -> None:
    reference = asked(plant)
    plant.ok("run", "--once")
    [row] = plant.json("targets", "list")
    assert (row["state"], row["detail"], row["attempts"]) == ("failed", "no such vlan", 1)
    plant.ok("requests", "skip", reference, "--reason", "done by hand")
    assert plant.json("targets", "list") == []
    assert [row["id"] for row in plant.json("targets", "list", "--state", "failed")] == [row["id"]]
    assert plant.json("targets", "list", "--state", "unknown") == []


def test_what_ended_its_request_is_listed_for_a_week(plant: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    plant.edit("rules/delivery.toml", 'targets = ["router"]', 'targets = ["router"]\non_failure = "fail"')
    asked(plant)
    plant.ok("run", "--once")
    assert [row["state"] for row in plant.json("targets", "list")] == ["failed"]
    monkeypatch.setattr("mailbot.cli.targets.RECENT", timedelta(days=-1))
    assert plant.json("targets", "list") == []


def test_retry_tells_it_once_more_under_an_id_of_its_own(plant: Shell) -> None:
    reference = asked(plant)
    plant.ok("run", "--once")
    (plant.home / "broken").unlink()
    first, second = (f"{reference}/configure/router/{number}" for number in (1, 2))
    assert plant.ok("targets", "retry", first, "--reason", "vlan made") == (
        f"{second}: leaves with the next pass of `mailbot run`.\n"
    )
    assert [(row["id"], row["state"]) for row in plant.json("targets", "list")] == [(second, "unprocessed")]
    plant.ok("run", "--once")
    assert plant.json("requests", "show", reference)["state"] == "completed"
    assert told(plant) == 1
    assert [row["state"] for row in plant.json("targets", "list", "--all")] == ["failed", "confirmed"]
    actions = [(row["action"], row["detail"]) for row in plant.json("history", "--reference", reference)]
    assert ("retried", "vlan made") in actions


@pytest.mark.parametrize("times", [1, 2])
def test_only_what_went_wrong_is_told_again_and_only_once(plant: Shell, times: int) -> None:
    reference = asked(plant)
    plant.ok("run", "--once")
    for _ in range(times - 1):
        plant.ok("targets", "retry", f"{reference}/configure/router/1")
    done = plant("targets", "retry", f"{reference}/configure/router/{times}")
    assert done.code == (0 if times == 1 else 1)
    done = plant("targets", "retry", f"{reference}/configure/router/1")
    assert done.code == 1
    assert f"was told again already: {reference}/configure/router/2" in done.err


def test_what_is_not_there_or_over_is_told_in_words(plant: Shell) -> None:
    done = plant("targets", "retry", "IP-9/configure/router/1")
    assert done.code == 1
    assert "there is no network request IP-9/configure/router/1" in done.err
    reference = asked(plant)
    plant.ok("run", "--once")
    plant.ok("requests", "skip", reference, "--reason", "done by hand")
    done = plant("targets", "retry", f"{reference}/configure/router/1")
    assert done.code == 1
    assert "skipped" in done.err
    assert plant("targets", "retry").code == 2


def test_an_operator_sees_what_a_step_waits_for(plant: Shell) -> None:
    plant.ok("pause", "targets")
    reference = asked(plant)
    assert "configure, waits for router" in plant.ok("requests", "hold", reference)


# -- check -------------------------------------------------------------------------------------------------------------


def checked(shell: Shell) -> tuple[int, list[str]]:
    done = shell("check")
    return done.code, [" ".join(line.split()) for line in done.out.splitlines()]


def with_target(shell: Shell, text: str) -> None:
    with (shell.home / "config.toml").open("a") as config:
        config.write(f"\n{text}\n")


def test_check_tells_of_each_target_what_it_would_do(plant: Shell) -> None:
    (plant.home / "out").mkdir()
    with_target(plant, '[targets.files]\nkind = "file"\nfolder = "out"')
    with_target(plant, '[targets.orders]\nkind = "mail"\nto = "orders@example.net"')
    code, lines = checked(plant)
    assert code == 0
    home = plant.home.resolve()
    assert f"targets ok router: {home}/router-add, for up to 60 s" in lines
    assert f"targets ok files: files in {home}/out" in lines
    assert "targets ok orders: mail to orders@example.net" in lines


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ('[targets.t]\nkind = "command"\ncommand = ["./none"]', "t: there is no program"),
        ('[targets.t]\nkind = "command"\ncommand = ["./told.txt"]', "cannot be executed"),
        ('[targets.t]\nkind = "file"\nfolder = "none"', "t: there is no folder"),
        ('[targets.t]\nkind = "mail"\nto = "orders@example.net"\ntemplate = "none"', "t: there is no template"),
        ('[targets.t]\nkind = "mail"\nto = "orders@example.net"\ntemplate = "bad"', "'adresses' is not known here"),
    ],
)
def test_check_finds_a_target_that_could_not_be_told_anything(shell: Shell, target: str, words: str) -> None:
    shell.write("told.txt", "")
    Path(shell.home / "templates" / "target").mkdir(parents=True)
    shell.write("templates/target/bad.txt", "{{ adresses }}")
    with_target(shell, target)
    code, lines = checked(shell)
    assert code == 1
    [line] = [line for line in lines if line.startswith("targets failed")]
    assert words in line


def test_check_tells_of_an_object_of_netbox_when_there_is_no_netbox(shell: Shell) -> None:
    with_target(shell, '[targets.ipam]\nkind = "netbox"\nobject = "ipam.vlans"\ntemplate = "vlan"')
    done = shell("check")
    assert done.code == 2
    assert "error: there is no [netbox]: write it, with url and token" in done.err


def test_check_warns_of_a_test_that_nothing_could_fail(plant: Shell) -> None:
    plant.edit("rules/delivery.toml", 'kind = "activate"\ntargets = ["router"]', 'kind = "verify"\ntargets = ["files"]')
    (plant.home / "out").mkdir()
    with_target(plant, '[targets.files]\nkind = "file"\nfolder = "out"')
    code, lines = checked(plant)
    assert code == 0
    assert "warning files tests nothing, and the step delivery/configure asks it to: take one that answers" in lines


def test_after_a_restore_what_waited_may_have_been_done_and_is_not_told_again(plant: Shell) -> None:
    (plant.home / "broken").unlink()
    plant.ok("pause", "targets")
    reference = asked(plant)
    plant.ok("run", "--once")
    plant.ok("db", "backup", "copy")
    plant.ok("resume")
    plant.ok("run", "--once")
    assert told(plant) == 1
    assert "mailbot targets list" in plant.ok("db", "restore", "copy", "--yes")
    plant.ok("run", "--once")
    plant.ok("resume")
    plant.ok("run", "--once")
    [row] = plant.json("targets", "list")
    assert (row["id"], row["state"]) == (f"{reference}/configure/router/1", "unknown")
    assert told(plant) == 1


# -- one target, and its keys ------------------------------------------------------------------------------------------


def failing(plant: Shell, times: int = 5) -> None:
    for _ in range(times):
        asked(plant)
    plant.ok("run", "--once")


def test_a_target_is_shown_with_what_waits_for_it_and_whether_it_fails(plant: Shell) -> None:
    shown = plant.json("targets", "show", "router")
    assert shown == {
        "name": "router", "kind": "command", "owner": "noc", "at_once": 1, "pause_after": 5, "waiting": 0, "sent": 0,
        "failures": 0, "failing_since": None, "paused_until": None, "detail": "",
    }  # fmt: skip
    failing(plant, 6)
    shown = plant.json("targets", "show", "router")
    assert (shown["waiting"], shown["failures"], shown["detail"]) == (1, 5, "no such vlan")
    assert shown["paused_until"]
    words = plant.ok("targets", "show", "router")
    assert "1 wait, 0 sent and not yet answered" in words
    assert "paused: 5 answers in a row since" in words
    assert "router is paused: 5 answers in a row" in plant.ok("targets", "list")


def test_one_failure_is_told_as_one_and_a_target_that_is_never_paused_as_such(plant: Shell) -> None:
    failing(plant, 1)
    words = plant.ok("targets", "show", "router")
    assert "1 at a time; paused after 5 failures in a row" in words
    assert re.search(r"1 answer since \S+ \S+ was no confirmation; it said: no such vlan", words)
    plant.edit("config.toml", '["./router-add"]', '["./router-add"]\npause_after = 0')
    assert "1 at a time; never paused" in plant.ok("targets", "show", "router")
    plant.edit("config.toml", "pause_after = 0", "pause_after = 1")
    assert "1 at a time; paused after 1 failure in a row" in plant.ok("targets", "show", "router")


def test_a_paused_target_is_tried_at_once_when_somebody_says_so(plant: Shell) -> None:
    failing(plant, 6)
    (plant.home / "broken").unlink()
    plant.ok("run", "--once")
    assert told(plant) == 0
    assert "tried with the next pass" in plant.ok("targets", "resume", "router")
    plant.ok("run", "--once")
    assert told(plant) == 1
    done = plant("targets", "resume", "router")
    assert (done.code, "router is not paused" in done.err) == (1, True)
    assert any(entry["action"] == "resumed target" for entry in plant.json("history"))


def test_monitoring_hears_of_a_paused_target(plant: Shell) -> None:
    plant.ok("run", "--once")
    assert plant("probe", "targets").out == "OK - targets: all could be told | paused=0\n"
    failing(plant)
    done = plant("probe", "targets")
    assert done.code == 1
    assert done.out.startswith("WARNING - targets: router is paused, failing since ")
    assert plant("probe", "targets", "--max-age", "0 seconds").code in {1, 2}


def test_what_waits_for_a_paused_target_could_not_leave_and_is_no_alarm_of_the_queue(plant: Shell) -> None:
    failing(plant, 6)
    bot = plant.bot()
    with bot.store.transaction() as tx:
        long_ago = bot.now() - timedelta(hours=2)
        tx.conn.execute(update(tables.network_request).values(created=long_ago, not_before=None))
        assert health(tx.conn, bot.now(), bot.now()).oldest_network_request is None
        tx.conn.execute(delete(tables.breaker))
        assert health(tx.conn, bot.now(), bot.now()).oldest_network_request == long_ago.replace(microsecond=0)
    bot.close()
    assert plant("probe", "queue").out.startswith("CRITICAL - queue: a network request waits since 2 h")


@pytest.mark.parametrize("words", [("show",), ("resume",), ("keys",), ("expect", "3")])
def test_a_target_that_is_not_there_is_told_with_what_was_meant(plant: Shell, words: tuple[str, ...]) -> None:
    done = plant("targets", words[0], "ruoter", *words[1:])
    assert done.code == 1
    assert "there is no [targets.ruoter] in the configuration (did you mean 'router'?)" in done.err


HOOK = '[targets.hook]\nkind = "webhook"\nurl = "https://hook.example.net"\nsecrets = ["file:hook.secret"]'


def test_a_webhooks_secret_is_made_once_and_shown_once(plant: Shell) -> None:
    with_target(plant, HOOK)
    made = plant.ok("targets", "keys", "hook")
    path = plant.home / "hook.secret"
    assert path.read_text().startswith("whsec_")
    assert path.read_text().strip() in made
    assert path.stat().st_mode & 0o777 == 0o600
    before = path.read_text()
    assert before.strip() not in plant.ok("targets", "keys", "hook")
    assert path.read_text() == before
    path.write_text("hunter2")
    done = plant("targets", "keys", "hook")
    assert (done.code, "hunter2" in done.said) == (1, False)
    done = plant("targets", "keys", "router")
    assert (done.code, "has no keys that mailbot makes" in done.err) == (1, True)


OUTGOING = """[targets.outgoing]
kind = "file"
folder = "out"
[targets.outgoing.batch]
sign = "file:sign.pem"
[targets.outgoing.batch.answers]
folder = "answers"
signed_by = ["{theirs}"]
decrypt = "file:ours.age"
"""


@pytest.fixture
def depot(plant: Shell) -> Shell:
    """A folder of batches, with answers, instead of the router."""
    plant.edit("rules/delivery.toml", '"router"', '"outgoing"')
    for name in ("out", "answers"):
        (plant.home / name).mkdir()
    theirs = new_signing_key()
    plant.write("theirs.pem", theirs)
    with_target(plant, OUTGOING.format(theirs=public_signing_key(theirs)))
    return plant


def test_the_public_halves_of_our_keys_are_shown_as_often_as_one_likes(depot: Shell) -> None:
    first = depot.ok("targets", "keys", "outgoing")
    ours = public_signing_key((depot.home / "sign.pem").read_text())
    to = recipient((depot.home / "ours.age").read_text())
    assert first == f"we sign as {ours}\nencrypt answers to {to}\n"
    assert depot.ok("targets", "keys", "outgoing") == first
    assert (depot.home / "sign.pem").stat().st_mode & 0o777 == 0o600
    code, lines = checked(depot)
    assert code == 0
    home = depot.home
    assert (
        f"targets ok outgoing: batches of up to 100 in {home}/out, signed by {ours}, answers in {home}/answers" in lines
    )


def test_s3_9_a_batch_reads_as_the_network_requests_that_were_wished_for(depot: Shell) -> None:
    depot.ok("targets", "keys", "outgoing")
    references = [asked(depot) for _ in range(2)]
    depot.ok("run", "--once")
    assert [row["state"] for row in depot.json("targets", "list")] == ["sent", "sent"]
    [path] = (depot.home / "out").glob("*.batch")
    found = json.loads(depot.ok("targets", "read", "outgoing", str(path)))["requests"]
    assert [one["id"] for one in found] == [f"{reference}/configure/outgoing/1" for reference in references]
    path.write_bytes(path.read_bytes().replace(b"IP-1", b"IP-9"))
    done = depot("targets", "read", "outgoing", str(path))
    assert (done.code, "its signature does not hold" in done.err) == (1, True)
    done = depot("targets", "read", "router", str(path))
    assert (done.code, "is told by no sealed files" in done.err) == (1, True)


def test_an_answer_file_that_was_lost_for_good_is_passed_over_by_word_of_an_operator(depot: Shell) -> None:
    depot.ok("targets", "keys", "outgoing")
    reference = asked(depot)
    depot.ok("run", "--once")
    content = json.dumps({"answers": [{"id": f"{reference}/configure/outgoing/1", "state": "confirmed"}]}).encode()
    key = (depot.home / "theirs.pem").read_text()
    raw = seal(content, target="outgoing", kind=ANSWERS, number=7, encrypt=[], key=key)
    (depot.home / "answers" / "a-7").write_bytes(raw)
    depot.ok("run", "--once")
    assert (depot.home / "answers" / "Refused" / "a-7").exists()
    assert depot.ok("targets", "expect", "outgoing", "7") == "outgoing: 7 is the next answer file's number; it was 1.\n"
    (depot.home / "answers" / "a-7").write_bytes(raw)
    depot.ok("run", "--once")
    assert [row["state"] for row in depot.json("targets", "list", "--all")] == ["confirmed"]
