"""The tests of a rule file: they pass where the process does what they say, and tell where it does not."""

import json
from pathlib import Path

import pytest
from play import DIRECTORY

from mailbot.cli.rules.folders import read
from mailbot.process.rehearse.coverage import coverage
from mailbot.process.rehearse.examples import play
from mailbot.process.rules import Surroundings, load

AROUND = Surroundings(
    groups={
        "noc": ("ana@example.net", "li@example.net"),
        "billing": ("bill@example.net",),
        "security": ("s@example.net",),
    },
    led=frozenset({"noc", "billing"}),
    pools=frozenset({"lan"}),
    calendars=frozenset({"house"}),
    domains=("example.net",),
)
POOLS = {"lan": ("10.20.0.0/24",)}

RULE = """
type = "attribution"
who = ["*@example.net"]
lead_time = "3 working days"
[[field]]
name = "size"
type = "prefix-length"
required = true
min = 24
max = 30
[[step]]
name = "technical"
kind = "approval"
asks = ["noc"]
when = "form.size <= 28"
lead_time = "8 working hours"
remind = ["50%"]
[[step]]
name = "billing"
kind = "form"
asks = ["billing"]
after = []
[[step.field]]
name = "account"
type = "text"
required = true
[[step]]
name = "allocate"
kind = "allocate"
after = ["technical", "billing"]
pool = "lan"
length = "form.size"
"""


def played(folder, *tables, rule=RULE, requester="bob@example.net"):
    text = rule + "".join(f'[[test]]\nname = "a"\nrequester = "{requester}"\n{table}\n' for table in tables)
    (folder / "rule.toml").write_text(text)
    rules = load(folder, AROUND)
    (process,) = rules.processes.values()
    made = [play(one, process, DIRECTORY, POOLS, read) for one in rules.examples[process.version]]
    return process, made


def one(folder, table, **keys):
    return played(folder, table, **keys)[1][0]


SMALL, LARGE = "form = { size = 29 }", "form = { size = 24 }"
ACCOUNT = 'answers = { billing = { account = "A-77" } }'


@pytest.mark.parametrize(
    "table",
    [
        f'{SMALL}\n{ACCOUNT}\nexpect = {{ state = "completed", steps = ["billing", "allocate"] }}',
        f'{LARGE}\n{ACCOUNT}\nexpect = {{ state = "completed", steps = ["technical", "billing", "allocate"] }}',
        f'{SMALL}\n{ACCOUNT}\nexpect = {{ addresses = ["/29 from lan"] }}',
        f'{SMALL}\n{ACCOUNT}\nexpect = {{ answered_by = {{ billing = "bill@example.net" }} }}',
        f'{SMALL}\nexpect = {{ state = "inProgress", steps = ["billing"], addresses = [] }}',
        f'{LARGE}\nanswers = {{ technical = "reject no" }}\nexpect = {{ state = "rejected", reason = "no" }}',
        f'{LARGE}\nanswers = {{ technical = "ok, but make it a /27" }}\nexpect = {{ state = "inProgress" }}',
        'form = { size = 31 }\nexpect = { state = "pending", faults = ["size"], steps = [] }',
        f'{SMALL}\n{ACCOUNT}\ngiven = {{ full = ["lan"] }}\nexpect = {{ state = "inProgress", addresses = [] }}',
        f'{LARGE}\nexpect = {{ due = {{ technical = "2026-11-23 17:00" }} }}',
        f'{LARGE}\ngiven = {{ at = "2026-11-27 13:00" }}\nexpect = {{ due = {{ technical = "2026-11-30 13:00" }} }}',
    ],
)
def test_a_test_that_says_what_the_process_does_holds(tmp_path: Path, table: str) -> None:
    assert one(tmp_path, table).mismatches == ()


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        ('state = "rejected"', ("state", "rejected", "completed")),
        ('steps = ["billing"]', ("steps", "billing", "billing, allocate")),
        ('addresses = ["/28 from lan"]', ("addresses", "/28 from lan", "/29 from lan")),
        ("addresses = []", ("addresses", "nothing", "/29 from lan")),
        ('reason = "no"', ("reason", "no", "nothing")),
        ('faults = ["size"]', ("faults", "size", "nothing")),
        ('asked = { billing = ["ana@example.net"] }', ("billing", "ana@example.net", "bill@example.net")),
        ('answered_by = { technical = "ana@example.net" }', ("technical", "ana@example.net", "nothing")),
        ('due = { billing = "2026-11-24 09:00" }', ("billing", "2026-11-24 09:00", "2026-11-25 17:00")),
    ],
)
def test_what_comes_out_differently_is_told_with_both(tmp_path: Path, expect: str, told: tuple[str, ...]) -> None:
    (mismatch,) = one(tmp_path, f"{SMALL}\n{ACCOUNT}\nexpect = {{ {expect} }}").mismatches
    assert (mismatch.path[-1], mismatch.expected, mismatch.found) == told
    assert mismatch.path[:3] == ("test", 0, "expect")


def test_a_state_says_what_the_request_waits_for(tmp_path: Path) -> None:
    (mismatch,) = one(tmp_path, f'{SMALL}\nexpect = {{ state = "completed" }}').mismatches
    assert mismatch.found == "inProgress (billing waits for bill@example.net)"


def _play(*lines: str, form: str = LARGE, expect: str) -> str:
    return f"{form}\nplay = {json.dumps(lines)}\nexpect = {{ {expect} }}"


@pytest.mark.parametrize(
    "table",
    [
        _play(expect='state = "inProgress", answered_by = { technical = "" }'),
        _play("li@example.net: ok, thanks", "bill@example.net: Account: A-1", expect='state = "completed"'),
        _play("bill@example.net: done\nAccount: A-1", expect='answered_by = { billing = "bill@example.net" }'),
        _play("ana@example.net: not approved", expect='answered_by = { technical = "" }'),
        _play("eve@example.net: approve", expect='answered_by = { technical = "" }'),
        _play("eve@example.net technical: approve", expect='answered_by = { technical = "" }'),
        _play("bob@example.net: cancel", expect='state = "cancelled"'),
        _play("bob@example.net: Size: 29", expect='steps = ["billing"]'),
        _play("ana@example.net: ask which office?", "bob@example.net: Lyon", "ana@example.net: approve",
              expect='answered_by = { technical = "ana@example.net" }'),
        _play("ana@example.net: delay for 1 working day", expect='due = { technical = "2026-11-24 17:00" }'),
        _play("ana@example.net: hold", "+2 working days", expect='state = "held"'),
    ],
)  # fmt: skip
def test_a_play_is_read_line_by_line_as_mail_is_read(tmp_path: Path, table: str) -> None:
    assert one(tmp_path, table).mismatches == ()


def test_time_rings_what_falls_due_on_the_way(tmp_path: Path) -> None:
    def actions(*lines):
        return [
            entry.action
            for entry in one(tmp_path, _play(*lines, expect="")).entries
            if entry.actor != "bob@example.net"
        ]

    assert "reminded" not in actions("+3 working hours")
    assert "reminded" in actions("+4 working hours")
    assert "reminded" in actions("+next")
    assert actions("+2 working days").count("late") == 1


def test_who_is_of_the_asked_group_does_not_approve_his_own_request(tmp_path: Path) -> None:
    table = f'{LARGE}\nexpect = {{ asked = {{ technical = ["li@example.net"] }} }}'
    assert one(tmp_path, table, requester="ana@example.net").mismatches == ()


def test_as_many_answer_as_are_needed(tmp_path: Path) -> None:
    rule = RULE.replace('asks = ["noc"]', 'asks = ["noc"]\nneeds = "all"')
    made = one(tmp_path, f'{LARGE}\n{ACCOUNT}\nexpect = {{ state = "completed" }}', rule=rule)
    assert made.mismatches == ()
    assert len(made.request.step("technical").voices) == 2


def test_steps_and_conditions_that_no_test_reached_are_told(tmp_path: Path) -> None:
    process, made = played(tmp_path, SMALL)
    found = coverage(process, made)
    assert (found.reached, found.total) == (2, 5)
    assert [(gap.path, gap.message) for gap in found.gaps] == [
        (("step", 0, "name"), "step technical never ran"),
        (("step", 0, "when"), "when form.size <= 28: never true"),
        (("step", 2, "name"), "step allocate never ran"),
    ]
    process, made = played(tmp_path, f"{SMALL}\n{ACCOUNT}", LARGE)
    assert coverage(process, made).gaps == ()
    assert coverage(process, []).reached == 0
