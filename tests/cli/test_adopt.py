"""`mailbot requests adopt`: rehearsed first; what would have gone otherwise is told, and nothing is changed then."""

import pytest

RULE = "rules/attribution.toml"


def steps(shell):
    return {step["name"]: step["state"] for step in shell.json("requests", "show", "IP-1")["steps"]}


def timers(shell):
    bot = shell.bot()
    try:
        with bot.store.reading() as conn:
            rows = conn.exec_driver_sql("select step, mark from timer order by step, mark").all()
    finally:
        bot.close()
    return [f"{step}: {mark}" for step, mark in rows]


def _line(shell, words):
    """Where that stands in the rule file."""
    text = (shell.home / RULE).read_text().splitlines()
    return next(number for number, row in enumerate(text, 1) if words in row)


@pytest.fixture
def running(shell):
    """A large block: the review and billing are asked."""
    shell.new("customer=Acme", "size=24", "justification=Two floors of the new Lyon office.")
    shell.ok("run", "--once")
    return shell


def test_a_request_goes_on_by_the_repaired_rules_with_their_timers_and_letters(running):
    before = running.json("requests", "show", "IP-1")["rules"]
    running.edit(RULE, 'lead_time = "8 working hours"', 'lead_time = "8 working hours"\nremind = ["25%"]')
    told = running.ok("requests", "adopt", "IP-1", "--reason", "remind earlier")
    assert told.startswith("IP-1 goes on by the rule files as they are now.\n")
    assert "technical" in told
    assert "billing" not in told
    assert running.json("requests", "show", "IP-1")["rules"] != before
    assert "technical: reminder-1" not in timers(running)
    assert "billing: reminder-1" in timers(running)
    (entry,) = running.json("history", "--action", "adopted")
    assert entry["actor"].startswith("operator")
    assert entry["detail"].startswith(f"{before} → sha256:")
    assert entry["detail"].endswith("\nremind earlier")
    sent = len(running.letters())
    running.ok("run", "--once")
    letters = running.letters()[sent:]
    assert sum(b"X-Mailbot-Kind: action" in letter for letter in letters) == 2
    assert any(b"X-Mailbot-Kind: status" in letter and b"remind earlier" in letter for letter in letters)
    assert running.ok("history", "--verify")


def test_timers_follow_also_where_nothing_is_asked_anew(running):
    running.edit(RULE, 'lead_time = "3 working days"', 'lead_time = "9 working days"')
    due = running.json("requests", "show", "IP-1")["due"]
    told = running.ok("requests", "adopt", "IP-1")
    assert "due" in told
    assert running.json("requests", "show", "IP-1")["due"] > due
    assert ": late" in "".join(timers(running))


def test_what_has_happened_otherwise_is_told_with_its_line_and_nothing_is_changed(shell):
    last = '[[step]]\nname = "enter"\nkind = "task"\nasks = ["noc"]\n\n# --- tests'
    shell.edit(RULE, "# --- tests", last)
    shell.new("customer=Acme", "size=29", "justification=Two firewalls and a router in the Lyon office.")
    shell.ok("requests", "skip", "IP-1", "--reason", "known", "--step", "billing")
    assert steps(shell)["allocate"] == "done"
    shell.edit(RULE, 'length = "form.size"', 'length = "form.size + 1"')
    before = shell.json("requests", "show", "IP-1")
    done = shell("requests", "adopt", "IP-1")
    line = _line(shell, "form.size + 1")
    assert done.code == 1
    assert "IP-1 stays with the rules that it began with: these would have led elsewhere" in done.out
    assert f"{RULE}:{line}" in done.out
    assert "step allocate is done with length 29, and would be with 30" in done.out
    assert shell.json("requests", "show", "IP-1") == before
    assert shell.json("history", "--action", "adopted") == []


def test_what_is_in_the_way_is_told_to_programs_too(running):
    running.edit(RULE, "min      = 20", "min      = 25")
    found = running("requests", "adopt", "IP-1", "--json")
    (told,) = found.json["obstacles"]
    assert (found.code, found.json["adopted"]) == (1, False)
    assert told["rule"] == f"{RULE}:{_line(running, 'prefix-length') - 2}"
    assert told["why"].startswith("the form is faulty: size 24 is below 25")


def test_a_try_tells_what_would_come_of_it_and_changes_nothing(running):
    running.edit(RULE, 'asks      = ["noc"]', 'asks      = ["ip-managers"]')
    before, history = running.json("requests", "show", "IP-1"), running.json("history")
    told = running.ok("requests", "adopt", "IP-1", "--try")
    assert told.startswith("IP-1 would go on by the rule files as they are now.\n")
    assert "open: ana@example.net, li@example.net" in told
    assert "open: manager@example.net" in told
    found = running.json("requests", "adopt", "IP-1", "--try")
    assert (found["adopted"], [step["name"] for step in found["steps"]]) == (False, ["technical"])
    assert running.json("requests", "show", "IP-1") == before
    assert running.json("history") == history


def test_what_cannot_be_adopted_says_why(running):
    assert running("requests", "adopt", "IP-9").code == 1
    done = running("requests", "adopt", "IP-1")
    assert (done.code, done.err) == (1, "mailbot: IP-1 goes by the rule files as they are already\n")
    running.edit(RULE, "lead_time =", "lead_tim =")
    assert running("requests", "adopt", "IP-1").code == 2
    (running.home / RULE).unlink()
    done = running("requests", "adopt", "IP-1")
    assert (done.code, done.err) == (1, "mailbot: there is no rule file of type 'attribution' any more\n")
    running.ok("requests", "cancel", "IP-1")
    done = running("requests", "adopt", "IP-1")
    assert (done.code, done.err) == (1, "mailbot: IP-1 is cancelled: nothing goes on by any rules\n")


def test_a_new_step_is_reached_and_the_request_is_completed_by_the_new_rules(running):
    running.edit(RULE, "# --- tests", '[[step]]\nname = "tell"\nkind = "notify"\nto = ["noc"]\n\n# --- tests')
    running.ok("requests", "adopt", "IP-1")
    assert steps(running) == {"technical": "open", "billing": "open", "allocate": "waiting", "tell": "waiting"}
    for name in ("billing", "technical"):
        running.ok("requests", "skip", "IP-1", "--reason", "known", "--step", name)
    assert steps(running)["tell"] == "done"
