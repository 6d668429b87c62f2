"""`mailbot requests`: seen, opened and steered from the shell."""

import pytest


def actions(shell, reference="IP-1"):
    return [
        (entry["action"], entry["step"], entry["detail"]) for entry in shell.json("history", "--reference", reference)
    ]


def steps(shell, reference="IP-1"):
    return {step["name"]: step["state"] for step in shell.json("requests", "show", reference)["steps"]}


def test_an_empty_list_is_empty(shell):
    assert shell.json("requests", "list") == []
    assert shell.json("requests", "actions") == []
    assert shell.ok("requests", "list") == "No requests.\n"


def test_a_request_that_is_not_there_is_exit_1(shell):
    done = shell("requests", "show", "IP-9", "--json")
    assert (done.code, done.out) == (1, "")
    assert "IP-9" in done.err


def test_a_new_request_is_opened_as_the_mail_would(shell):
    assert shell.new() == "IP-1"
    found = shell.json("requests", "show", "IP-1")
    assert (found["channel"], found["state"], found["requester"]) == ("cli", "inProgress", "bob@example.net")
    assert found["form"]["size"] == 28
    assert ("opened at the shell", None, "as bob@example.net") in actions(shell)
    shell.ok("run", "--once")
    assert any(b"X-Mailbot-Kind: acknowledged" in letter for letter in shell.letters())


def test_an_incomplete_request_is_pending_and_says_what_is_missing(shell):
    done = shell("requests", "new", "attribution", "customer=Acme", "size=99", "--as", "bob@example.net")
    assert (done.code, done.out) == (0, "IP-1\n")
    assert "pending" in done.err
    assert "size 99 is above" in done.err
    assert "justification is missing" in done.err
    assert shell.json("requests", "show", "IP-1")["state"] == "pending"


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["atribution", "a=b", "--as", "bob@example.net"], 1, "did you mean 'attribution'"),
        (["attribution", "custmer=b", "--as", "bob@example.net"], 2, "did you mean 'customer'"),
        (["attribution", "customer", "--as", "bob@example.net"], 2, "NAME=VALUE"),
        (["attribution", "customer=a", "Customer=b", "--as", "bob@example.net"], 2, "twice"),
        (["attribution", "--as", "bob@example.net"], 2, "justification=…  required"),
        (["attribution", "customer=a", "--as", "bob"], 2, "no mail address"),
        (["attribution", "customer=a", "--as", "bob@example.com"], 1, "may not ask"),
        (["attribution", "customer=a"], 2, "--as"),
    ],
)
def test_what_cannot_be_opened_is_refused_in_words_and_opens_nothing(shell, args, code, words):
    done = shell("requests", "new", *args)
    assert (done.code, done.out) == (code, "")
    assert words in done.err
    assert shell.json("requests", "list") == []


def test_fields_may_be_named_by_their_labels_and_types_by_their_aliases(shell):
    values = ["Prefix length=28", "customer=a=b", "justification=Two firewalls in the new office."]
    assert shell.ok("requests", "new", "allocation", *values, "--as", "bob@example.net").strip() == "IP-1"
    assert shell.json("requests", "show", "IP-1")["form"]["customer"] == "a=b"


def test_a_reference_is_found_however_it_is_written(shell):
    shell.new()
    for written in ("IP-1", "ip-1", "[IP-1]", "1"):
        assert shell.json("requests", "show", written)["reference"] == "IP-1"


def test_the_list_holds_what_all_filters_hold_for(shell):
    shell.new()
    shell.new(as_="eve@example.net")
    shell.ok("requests", "cancel", "IP-2")

    def listed(*options):
        return [request["reference"] for request in shell.json("requests", "list", *options)]

    assert listed() == ["IP-1", "IP-2"]
    assert listed("--open") == ["IP-1"]
    assert listed("--state", "CANCELLED") == ["IP-2"]
    assert listed("--requester", "Bob@Example.net") == ["IP-1"]
    assert listed("--requester", "bob@example.net", "--state", "cancelled") == []
    assert listed("--type", "liberation") == []
    assert listed("--late") == []
    assert shell("requests", "list", "--state", "finished").code == 2


def test_people_see_form_steps_and_who_is_asked(shell):
    shell.new()
    told = shell.ok("requests", "show", "IP-1")
    for words in (
        "Acme GmbH",
        "Prefix length  28",
        "ana@example.net, li@example.net, due",
        "bob@example.net",
        "received",
    ):
        assert words in told


def test_times_are_in_the_zone_of_the_bot(shell):
    shell.new()
    shell.edit("config.toml", '"UTC"', '"Asia/Tokyo"')
    due = shell.json("requests", "show", "IP-1")["due"]
    assert due.endswith("Z")
    assert due[:16].replace("T", " ") not in shell.ok("requests", "show", "IP-1")


def test_hold_stops_and_resume_lets_go_on_with_the_reason_in_the_history(shell):
    shell.new()
    assert "IP-1 is held" in shell.ok("requests", "hold", "IP-1", "--reason", "budget freeze")
    assert shell.json("requests", "resume", "IP-1", "--reason", "it thawed")["state"] == "inProgress"
    assert ("held", None, "budget freeze") in actions(shell)
    assert ("resumed", None, "it thawed") in actions(shell)
    by = {entry["actor"] for entry in shell.json("history", "--action", "held")}
    assert all(actor.startswith("operator (") for actor in by)
    assert shell("history", "--verify").code == 0


def test_cancel_ends_a_request(shell):
    shell.new()
    shell.ok("requests", "cancel", "IP-1", "--reason", "a duplicate")
    found = shell.json("requests", "show", "IP-1")
    assert (found["state"], found["reason"]) == ("cancelled", "a duplicate")


@pytest.mark.parametrize(
    ("before", "args", "words"),
    [
        ([], ["resume", "IP-1"], "it is not on hold"),
        (["hold"], ["hold", "IP-1"], "it is on hold already"),
        (["cancel"], ["hold", "IP-1"], "it is cancelled"),
        (["cancel"], ["skip", "IP-1", "--reason", "x"], "it is cancelled"),
        (["cancel"], ["retry", "IP-1"], "it is cancelled"),
        ([], ["hold", "IP-7"], "no request IP-7"),
        ([], ["skip", "IP-1", "--reason", "x", "--step", "bilung"], "did you mean 'billing'"),
        ([], ["skip", "IP-1", "--reason", "x", "--step", "allocate"], "is waiting"),
    ],
)
def test_what_cannot_be_done_is_refused_in_words_and_leaves_no_trace(shell, before, args, words):
    shell.new()
    for verb in before:
        shell.ok("requests", verb, "IP-1")
    was = shell.ok("history", "--json")
    done = shell("requests", *args)
    assert (done.code, done.out) == (1, "")
    assert words in done.err
    assert shell.ok("history", "--json") == was


def test_a_step_is_skipped_by_name_and_where_several_are_open_never_guessed_at(shell):
    shell.new()
    done = shell("requests", "skip", "IP-1", "--reason", "a trial")
    assert done.code == 2
    assert "technical, billing" in done.err
    shell.ok("requests", "skip", "IP-1", "--reason", "a trial", "--step", "technical")
    assert steps(shell)["technical"] == "skipped"
    shell.ok("requests", "skip", "IP-1", "--reason", "a trial")
    assert steps(shell)["billing"] == "skipped"


def test_to_skip_needs_a_reason(shell):
    shell.new()
    assert shell("requests", "skip", "IP-1").code == 2


def test_a_step_that_is_stuck_is_the_one_that_is_meant(shell):
    shell.edit("config.toml", '["10.20.0.0/16"]', '["10.20.0.0/30"]')
    shell.new()
    for step in ("technical", "billing"):
        shell.ok("requests", "skip", "IP-1", "--reason", "a trial", "--step", step)
    assert "stuck" in shell.ok("requests", "actions")
    assert "customers-v4 has no /28" in " ".join(shell.ok("requests", "show", "IP-1").split())
    shell.edit("config.toml", '["10.20.0.0/30"]', '["10.20.0.0/16"]')
    shell.ok("pools", "add", "customers-v4", "10.99.0.0/24")
    shell.ok("requests", "retry", "IP-1", "--reason", "more room")
    assert shell.json("requests", "show", "IP-1")["state"] == "completed"


def test_actions_are_one_for_each_open_step_soonest_due_first(shell):
    shell.new()
    found = shell.json("requests", "actions")
    assert [(one["step"], one["asked"]) for one in found] == [
        ("technical", ["ana@example.net", "li@example.net"]),
        ("billing", ["bill@example.net"]),
    ]
    assert found[0]["due"] <= found[1]["due"]


def test_actions_of_a_person_a_department_and_a_shared_mailbox(shell):
    shell.new()
    shell.edit("config.toml", '# address = "noc@example.net"', 'address = "noc@example.net"')
    shell.new()

    def of(who):
        return [(one["reference"], one["step"]) for one in shell.json("requests", "actions", "--for", who)]

    assert of("ana@example.net") == [("IP-1", "technical"), ("IP-2", "technical")]
    assert of("noc") == [("IP-1", "technical"), ("IP-2", "technical")]
    assert of("bill@example.net") == [("IP-1", "billing"), ("IP-2", "billing")]
    assert of("bob@example.net") == []
    done = shell("requests", "actions", "--for", "nok")
    assert done.code == 1
    assert "did you mean 'noc'" in done.err
