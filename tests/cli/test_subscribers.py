"""`mailbot subscribers`: who is told, who takes nothing, and how one is brought on."""

import json

import pytest


@pytest.fixture
def told(shell):
    """A folder that is not there yet, and a mailbox."""
    with (shell.home / "config.toml").open("a") as config:
        config.write(
            '\n[subscribers.feed]\nkind = "file"\nfolder = "feed"\ntypes = ["request.*"]\n'
            '[subscribers.tickets]\nkind = "mail"\nto = "tickets@example.net"\nseverity = "error"\n'
        )
    shell.ok("run", "--once")
    return shell


def lines(shell):
    return [json.loads(line) for path in (shell.home / "feed").iterdir() for line in path.read_text().splitlines()]


def test_one_that_takes_nothing_is_listed_with_what_it_says_and_how_far_it_is_behind(told):
    told.new()
    told.ok("run", "--once")
    feed, tickets = told.json("subscribers", "list")
    assert (feed["id"], feed["kind"], feed["attempts"]) == ("feed", "file", 1)
    assert "there is no folder" in feed["error"]
    assert feed["behind"] > 0
    assert (tickets["id"], tickets["where"], tickets["behind"]) == ("tickets", "tickets@example.net", 0)
    shown = told.ok("subscribers", "list")
    assert "feed" in shown
    assert "tickets@example.net" in shown


def test_what_is_not_taken_can_be_gone_over(told):
    told.new()
    told.ok("run", "--once")
    assert "goes on behind the event 1" in told.ok("subscribers", "skip", "feed")
    (told.home / "feed").mkdir()
    told.ok("run", "--once")
    assert [event["type"] for event in lines(told)][:1] == ["request.started"]
    assert told("subscribers", "skip", "feed").code == 1
    assert told("subscribers", "skip", "nobody").code == 1
    assert "events skipped" in told.ok("history")


def test_a_subscriber_can_be_tried_apart_from_all_others(told):
    assert "there is no folder" in told("subscribers", "test", "feed").err
    (told.home / "feed").mkdir()
    assert told.ok("subscribers", "test", "feed") == "feed: taken\n"
    [event] = lines(told)
    assert (event["type"], event["sequence"]) == ("test", 0)
    told.ok("subscribers", "test", "tickets")
    told.ok("run", "--once")
    assert b"To: tickets@example.net" in told.letters()[-1]


def test_check_looks_at_each_and_tells_none(told):
    done = told("check")
    assert done.code == 1
    assert "feed: there is no folder" in done.out
    (told.home / "feed").mkdir()
    assert "feed: files in" in told.ok("check")
    assert lines(told) == []


def test_check_warns_of_customers_of_whom_a_subscriber_would_hear_nothing(shell):
    with (shell.home / "config.toml").open("a") as config:
        config.write(
            '\n[subscribers.acme]\nkind = "file"\nfolder = "var"\ncustomers = ["acme gmbh", "Acme GmbX", "Nobody"]\n'
            '[customers."Acme GmbH"]\nid = "C-1"\ndomains = ["acme.example"]\n'
            'account_manager = "root@example.net"\n'
        )
    said = shell.ok("check")
    assert "[subscribers.acme] hears of no request of 'Acme GmbX'" in said
    assert "did you mean 'Acme GmbH'?" in said
    assert "[subscribers.acme] hears of no request of 'Nobody'" in said
    assert "'acme gmbh'" not in said
    none_named = 'no rule file has a field of type "customer"'
    assert none_named in said
    named = '[[field]]\nname = "whose"\ntype = "customer"\n[[field]]\nname    = "family"'
    shell.edit("rules/attribution.toml", '[[field]]\nname    = "family"', named)
    assert none_named not in shell.ok("check")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('kind = "webhook"\nurl = "ftp://x"\nsecret = "file:s"', "a url that begins with"),
        ('kind = "webhook"\nurl = "https://x.example/"', '"secret" is missing'),
        ('kind = "syslog"\nurl = "udp://"', "a syslog is written like"),
        ('kind = "syslog"\nurl = "upd://x"', "did you mean 'udp://'"),
        ('kind = "file"\nfolder = "f"\ntypes = ["reqeust.*"]', "did you mean 'request.*'"),
        ('kind = "file"\nfolder = "f"\ntypes = ["request.complete"]', "did you mean 'request.completed'"),
        ('kind = "file"\nfolder = "f"\nseverity = "warn"', "did you mean 'warning'"),
        ('kind = "pigeon"', '"webhook", "mail", "syslog"'),
    ],
)
def test_a_subscriber_that_cannot_be_is_told_with_its_line(shell, line, words):
    with (shell.home / "config.toml").open("a") as config:
        config.write(f"\n[subscribers.x]\n{line}\n")
    done = shell("subscribers", "list")
    assert done.code == 2
    assert words in done.err


def test_a_month_for_billing_in_three_forms(shell):
    reference = shell.new()
    month = json.loads(shell.ok("requests", "show", reference, "--json"))["created"][:7]
    assert "Space held in" in shell.ok("billing", month)
    said = shell.json("billing", month)
    assert (said["month"], said["usage"], said["sla"]) == (month, [], [])
    assert shell.ok("billing", month, "--csv").startswith("record,month,customer,reference,")
    assert shell("billing", "soon").code == 2
    ahead = shell("billing", "9000-01")
    assert (ahead.code, ahead.out) == (2, "")
    assert "9000-01 has not begun" in ahead.err
    assert shell("billing", month, "--csv", "--json").code == 2
