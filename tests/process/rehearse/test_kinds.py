"""Tests of rule files that hold, reserve, wait, drive targets, and run once an item."""

from dataclasses import replace

import pytest
from play import DIRECTORY

from mailbot.cli.rules.folders import read
from mailbot.process.calendar import Calendar
from mailbot.process.rehearse.coverage import coverage
from mailbot.process.rehearse.examples import play
from mailbot.process.rules import Surroundings, load

AROUND = Surroundings(
    groups={"noc": ("ana@example.net", "li@example.net"), "billing": ("bill@example.net",)},
    led=frozenset({"noc", "billing"}),
    pools=frozenset({"lan", "vlans"}),
    numbers=frozenset({"vlans"}),
    targets=frozenset({"router", "registry"}),
    calendars=frozenset({"house"}),
    domains=("example.net",),
)
POOLS = {"lan": ("10.20.0.0/24",), "vlans": ("200-299",)}
PEOPLE = replace(DIRECTORY, calendars={**DIRECTORY.calendars, "house": Calendar.parse(hours="mon-fri 09:00-17:00")})

SERVICE = """
type = "service"
who = ["*@example.net"]
lead_time = "9 working days"
[[field]]
name = "size"
type = "prefix-length"
required = true
min = 24
max = 30
[[field]]
name = "day"
type = "date"
required = true
[[step]]
name = "hold"
kind = "reserve"
pool = "lan"
length = "form.size"
for = "14 days"
[[step]]
name = "technical"
kind = "approval"
asks = ["noc"]
may_change = ["size"]
[[step]]
name = "vlan"
kind = "allocate"
pool = "vlans"
[[step]]
name = "allocate"
kind = "allocate"
pool = "lan"
length = "form.size"
[[step]]
name = "night"
kind = "wait"
until = "{form.day} 03:00"
[[step]]
name = "configure"
kind = "activate"
targets = ["router", "registry"]
for = "6 hours"
"""
FORM = "form = { size = 28, day = 2026-11-26 }"


def played(folder, rule, *tables):
    text = rule + "".join(f'[[test]]\nname = "a"\nrequester = "bob@example.net"\n{table}\n' for table in tables)
    (folder / "rule.toml").write_text(text)
    rules = load(folder, AROUND)
    (process,) = rules.processes.values()
    return process, [play(one, process, PEOPLE, POOLS, read) for one in rules.examples[process.version]]


def _expect(words, form=FORM, more=""):
    return f"{form}\n{more}\nexpect = {{ {words} }}"


ALL = 'steps = ["hold", "technical", "vlan", "allocate", "night", "configure"]'


@pytest.mark.parametrize(
    "table",
    [
        _expect(f'state = "completed", {ALL}'),
        _expect('targets = ["add router", "add registry"], undone = []'),
        _expect('addresses = ["a number from vlans", "/28 from lan"]'),
        _expect('due = { night = "2026-11-26 03:00" }, states = { night = "done", "configure.undo" = "waiting" }'),
        # a date comes by itself once nobody is left to answer, and not before
        _expect('steps = ["hold", "technical"], addresses = ["/28 from lan, reserved until 2026-12-07 09:00"]',
                more='given = { at = "2026-11-23 09:00" }\nplay = []'),
        _expect('state = "inProgress", steps = ["hold", "technical"]',
                more='answers = { technical = "ask which office?" }'),
        # what is for a time is told so where the test asks for it, and ends
        _expect('addresses = ["/28 from lan"]', more="play = []"),
        _expect('state = "completed", undone = ["configure"], '
                'targets = ["add router", "add registry", "remove router", "remove registry"]',
                more='play = ["ana@example.net: approve", "+next", "+3 days", "+6 hours"]'),
        # who may change the form does
        _expect('addresses = ["/29 from lan", "a number from vlans"]', more="answers = { technical = { size = 29 } }"),
        # targets that refuse
        _expect('state = "inProgress", states = { configure = "open" }, targets = ["add router", "add registry"]',
                more='given = { fails = { router = "no such interface" } }'),
        # reservations that lapse
        _expect('state = "cancelled", undone = ["hold"], addresses = [], states = { "hold.undo" = "done" }',
                more='play = ["+14 days"]'),
    ],
)  # fmt: skip
def test_what_takes_time_and_what_drives_targets_is_played(tmp_path, table):
    assert played(tmp_path, SERVICE, table)[1][0].mismatches == ()


@pytest.mark.parametrize(
    ("expect", "told"),
    [
        ('targets = ["add registry", "add router"]',
         ("targets", "add registry, add router", "add router, add registry")),
        ('states = { "configure.undo" = "done" }', ("configure.undo", "done", "waiting")),
        ('states = { night = "open" }', ("night", "open", "done")),
        ('addresses = ["/28 from lan, until 2026-11-27 03:00", "a number from vlans"]',
         ("addresses", "/28 from lan, until 2026-11-27 03:00, a number from vlans",
          "a number from vlans, /28 from lan")),
        ('undone = ["vlan"]', ("undone", "vlan", "nothing")),
        ('due = { "configure.undo" = "2026-11-24 09:00" }', ("configure.undo", "2026-11-24 09:00", "nothing")),
    ],
)  # fmt: skip
def test_what_comes_out_differently_is_told_with_both(tmp_path, expect, told):
    (mismatch,) = played(tmp_path, SERVICE, _expect(expect))[1][0].mismatches
    assert (mismatch.path[-1], mismatch.expected, mismatch.found) == told


CLOSING = """
type = "closing"
who = ["*@example.net"]
lead_time = "9 working days"
[[field]]
name = "prefixes"
type = "allocation"
many = true
carries = ["device"]
required = true
[[step]]
name = "confirm"
kind = "approval"
asks = ["noc"]
each = "form.prefixes"
[[step]]
name = "remove"
kind = "activate"
target = "router"
action = "remove"
each = "steps.confirm.items"
when = "item.device == 'pe1'"
[[step]]
name = "release"
kind = "release"
each = "steps.confirm.items"
prefix = "item"
"""
TWO = 'form = { prefixes = ["10.0.0.0/28", "10.0.1.0/28"] }'
CARRIED = "{ '10.0.0.0/28' = { device = 'pe1' }, '10.0.1.0/28' = { device = 'pe2' } }"
HOLDS = f"given = {{ holds = {CARRIED} }}"


@pytest.mark.parametrize(
    ("expect", "more"),
    [
        ('state = "completed", items = { confirm = ["10.0.0.0/28", "10.0.1.0/28"], remove = ["10.0.0.0/28"] }', ""),
        ('targets = ["remove router"], states = { "remove.1" = "done", "remove.2" = "skipped" }', ""),
        ('states = { "remove.3" = "waiting" }', ""),
        ('state = "completed", items = { release = ["10.0.0.0/28"] }, states = { "confirm.2" = "refused" }',
         'answers = { "confirm.2" = "reject still in use" }'),
        ('state = "rejected", reason = "still in use"', 'answers = { confirm = "reject still in use" }'),
        ('items = { confirm = ["10.0.1.0/28"] }',
         'answers = { confirm = "approve", "confirm.1" = "reject still in use" }'),
        ('answered_by = { "confirm.1" = "ana@example.net", "confirm.2" = "" }',
         'play = ["ana@example.net confirm.1: approve"]'),
    ],
)  # fmt: skip
def test_an_answer_is_about_every_item_or_about_one(tmp_path, expect, more):
    table = _expect(expect, form=TWO, more=f"{HOLDS}\n{more}")
    assert played(tmp_path, CLOSING, table)[1][0].mismatches == ()


def test_a_step_that_never_ran_for_an_item_is_not_reached(tmp_path):
    process, made = played(tmp_path, CLOSING, f"{TWO}\nanswers = {{ confirm = 'reject no' }}")
    assert [gap.message for gap in coverage(process, made).gaps] == [
        "step remove never ran",
        "each steps.confirm.items: never ran for an item",
        "when item.device == 'pe1': never true",
        "when item.device == 'pe1': never false",
        "step release never ran",
        "each steps.confirm.items: never ran for an item",
    ]
    process, made = played(tmp_path, CLOSING, f"{TWO}\n{HOLDS}")
    found = coverage(process, made)
    assert (found.reached, found.total, found.gaps) == (8, 8, ())


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('expect = { states = { "remove.x" = "done" } }', "'remove.x' is no step"),
        ('expect = { states = { "tell.1" = "done" } }', "there is no step 'tell.1'"),
        ('expect = { states = { confirm = "finished" } }', "not 'finished'"),
        ('expect = { targets = ["router"] }', "'router' is nothing that a target is told: write it like"),
        ('expect = { targets = ["add rooter"] }', "there is no target 'rooter' (did you mean 'router'?)"),
        ('answers = { "release.1" = "ok" }', "there is no step that asks somebody 'release.1'"),
        ('play = ["ana@example.net tell.1: ok"]', "there is no step 'tell.1'"),
    ],
)
def test_a_step_that_there_is_not_is_told(tmp_path, table, message):
    with pytest.raises(Exception, match=r"rule\.toml") as faulty:
        played(tmp_path, CLOSING, f"{TWO}\n{table}")
    assert message in str(faulty.value)


MOVE = """
type = "move"
who = ["*@example.net"]
lead_time = "9 working days"
[[field]]
name = "prefix"
type = "allocation"
required = true
[[step]]
name = "renumber"
kind = "change"
prefix = "form.prefix"
pool = "lan"
target = "router"
[[step]]
name = "split"
kind = "change"
prefix = "steps.renumber.prefix"
split = [{ length = 29 }, { length = 29, holder = "eve@example.net" }]
[[step]]
name = "sure"
kind = "approval"
asks = ["billing"]
"""
SITES = """
type = "sites"
who = ["*@example.net"]
lead_time = "9 working days"
[[field]]
name = "sites"
type = "text"
many = true
required = true
[[step]]
name = "allocate"
kind = "allocate"
each = "form.sites"
pool = "lan"
length = 26
"""
MOVED = 'form = { prefix = "10.30.0.0/28" }'
HALVES = '["/29 from lan", "/29 from lan"]'


@pytest.mark.parametrize(
    ("rule", "table"),
    [
        (MOVE, _expect(f'state = "completed", addresses = {HALVES}, targets = ["change router"]', MOVED)),
        (MOVE, _expect('state = "rejected", undone = ["split", "renumber"], addresses = []', MOVED,
                       'answers = { sure = "reject not now" }')),
        (MOVE, _expect('state = "inProgress", steps = ["renumber"], addresses = ["/28 from lan"]', MOVED,
                       'given = { fails = { router = "no such interface" } }')),
        (MOVE, _expect('state = "inProgress", addresses = []', MOVED, 'given = { full = ["lan"] }')),
        (MOVE, _expect('state = "rejected", reason = "the parts do not make up what is held"',
                       'form = { prefix = "10.30.0.0/27" }')),
        (SITES, _expect('state = "completed"', 'form = { sites = ["a", "b", "c", "d"] }')),
        (SITES, _expect('state = "inProgress", addresses = []', 'form = { sites = ["a", "b", "c", "d", "e"] }')),
    ],
)  # fmt: skip
def test_changes_of_space_and_what_is_taken_all_or_none_are_played(tmp_path, rule, table):
    assert played(tmp_path, rule, table)[1][0].mismatches == ()
