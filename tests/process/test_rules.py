"""Rule files: each mistake has its place and suggestion, all are told at once, and what held once holds forever."""

import contextlib
import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mailbot.errors import Faulty
from mailbot.process.definition import Escalation, FieldType, Process, StepKind
from mailbot.process.duration import Duration
from mailbot.process.expression import Expression, Text
from mailbot.process.rules import Rules, Surroundings, load, restore

AROUND = Surroundings(
    groups={"noc": ("ana@example.net", "li@example.net"), "billing": ("bill@example.net",), "empty": ()},
    led=frozenset({"noc"}),
    pools=frozenset({"customers-v4", "customers-v6", "vlans"}),
    numbers=frozenset({"vlans"}),
    calendars=frozenset({"house"}),
    targets=frozenset({"router"}),
    templates=frozenset({"news"}),
    parties=frozenset({"scrubber"}),
    domains=("example.net",),
)

HOUSE = """
[defaults]
lead_time = "2 working days"
remind = ["50%"]

[fields.why]
label = "Justification"
type = "long-text"
required = true

[lists.sites]
lyon = { v4 = "customers-v4", large = 24 }
paris = { v4 = "customers-v6", large = 25 }
"""

TOP = """
type = "attribution"
title = "New address space"
who = ["*@example.net", "noc"]
lead_time = "3 working days"
"""

FIELDS = """
[[field]]
name = "size"
label = "Prefix length"
type = "prefix-length"
required = true

[[field]]
name = "note"
type = "text"
"""

STEPS = """
[[step]]
name = "technical"
kind = "approval"
asks = ["noc"]

[[step]]
name = "allocate"
kind = "allocate"
pool = "customers-v4"
length = "form.size"
"""

WHOLE = TOP + FIELDS + STEPS


def _load(folder: Path, rule: str = WHOLE, house: str = HOUSE, **more: str) -> Rules:
    (folder / "_house.toml").write_text(house)
    (folder / "rule.toml").write_text(rule)
    for name, text in more.items():
        (folder / f"{name}.toml").write_text(text)
    return load(folder, AROUND)


def _faults(folder: Path, rule: str, house: str = HOUSE, **more: str) -> list[str]:
    """Every fault, less the folder."""
    try:
        rules = _load(folder, rule, house, **more)
    except Faulty as faulty:
        return [str(fault).removeprefix(f"{folder}/") for fault in faulty.faults]
    return [str(fault).removeprefix(f"{folder}/") for fault in rules.warnings]


def _process(folder: Path, rule: str = WHOLE, house: str = HOUSE) -> Process:
    return _load(folder, rule, house).processes["attribution"]


# -- what a file becomes ---------------------------------------------------------------------------


def test_a_file_that_holds_becomes_a_process(tmp_path: Path) -> None:
    process = _process(tmp_path)
    assert process.title == "New address space"
    assert process.lead_time == Duration.parse("3 working days")
    assert [(field.name, field.label) for field in process.fields] == [
        ("size", "Prefix length"),
        ("note", "Note"),
    ]
    technical, allocate = process.steps
    assert (technical.title, technical.after, technical.needs) == ("Technical", (), 1)
    assert technical.asks == (Text("noc"),)
    assert (allocate.after, allocate.length) == (("technical",), Expression("form.size"))


def test_defaults_go_for_steps_that_take_time_and_a_step_says_otherwise(tmp_path: Path) -> None:
    own = 'lead_time = "1 hour"\nescalate = [{ after = "1 day", to = ["lead"] }]\nasks = ["noc"]'
    technical, allocate = _process(tmp_path, WHOLE.replace('asks = ["noc"]', own)).steps
    assert technical.lead_time == Duration.parse("1 hour")
    assert technical.remind == (Fraction(1, 2),)
    assert technical.escalate == (Escalation(after=Duration.parse("1 day"), to=("lead",)),)
    assert (allocate.lead_time, allocate.remind) == (None, ())


@pytest.mark.parametrize(("written", "needs"), [('"one"', 1), ('"all"', None), ("2", 2)])
def test_needs_is_a_number_of_voices_or_all(tmp_path: Path, written: str, needs: int | None) -> None:
    rule = WHOLE.replace('asks = ["noc"]', f'asks = ["noc"]\nneeds = {written}')
    assert _process(tmp_path, rule).steps[0].needs == needs


def test_a_field_is_taken_over_from_the_house_and_changed(tmp_path: Path) -> None:
    rule = TOP + '[[field]]\nuse = "why"\nlabel = "Reason"\n' + FIELDS + STEPS
    field = _process(tmp_path, rule).fields[0]
    assert (field.name, field.label, field.type, field.required) == ("why", "Reason", FieldType.LONG_TEXT, True)


def test_a_list_gives_choices_with_columns(tmp_path: Path) -> None:
    fields = '[[field]]\nname = "site"\nlist = "sites"\nrequired = true\n' + FIELDS
    steps = STEPS.replace('"customers-v4"', '"{form.site.v4}"').replace(
        'asks = ["noc"]', 'asks = ["noc"]\nwhen = "form.size < form.site.large"'
    )
    field = _process(tmp_path, TOP + fields + steps).fields[0]
    assert (field.type, field.choices) == (FieldType.CHOICE, ("lyon", "paris"))
    assert field.rows["paris"] == {"v4": "customers-v6", "large": 25}


def test_a_plain_number_is_an_expression_too(tmp_path: Path) -> None:
    process = _process(tmp_path, WHOLE.replace('"form.size"', "28"))
    assert process.steps[1].length == Expression("28")


def test_a_default_is_kept_as_a_value_of_its_type(tmp_path: Path) -> None:
    fields = '[[field]]\nname = "start"\ntype = "date"\ndefault = 2026-12-24\n' + FIELDS
    assert _process(tmp_path, TOP + fields + STEPS).fields[0].default == "2026-12-24"


def test_a_request_without_lead_time_gets_the_houses_or_five_days_and_a_warning(tmp_path: Path) -> None:
    rule = WHOLE.replace('lead_time = "3 working days"\n', "")
    assert _faults(tmp_path, rule) == [
        "rule.toml:2:1: warning: no lead_time for the whole request: it gets 5 working days"
    ]
    assert _process(tmp_path, rule).lead_time == Duration.parse("5 working days")
    house = HOUSE.replace("[defaults]", '[defaults]\nrequest_lead_time = "9 days"')
    assert _faults(tmp_path, rule, house) == []
    assert _process(tmp_path, rule, house).lead_time == Duration.parse("9 days")


# -- what can be wrong -----------------------------------------------------------------------------


HERE = "«"
"""In the tables below: where the fault is."""

ASKS = 'asks = ["noc"]'
FIRST_FIELD = '[[field]]\nname = "size"'
LAST = 'length = "form.size"\n'


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        # keys
        ("asks", "«askes", "unknown key \"askes\" (did you mean 'asks'?)"),
        ('"approval"', '«"aproval"', "not 'aproval' (did you mean 'approval'?)"),
        ("true", '«"yes"', '"required" must be true or false, not text'),
        ('"3 working days"', '«"3 workng days"', "is no length of time"),
        ('title = "New', 'title = «3\nsummary = "New', '"title" must be text in quotes, not a number'),
        ('"size"', '«"for"', "'for' is a word of the expression language: take another name"),
        ('"size"', '«"Prefix length"', "beginning with a letter (did you mean 'prefix_length'?)"),
        ('"Prefix length"', '«"Length: bits"', "'Length: bits' cannot begin a line of a form"),
        (ASKS, ASKS + "\nremind = [«50]", "must be text in quotes, not a number"),
        (ASKS, ASKS + '\nremind = [«"half"]', "'half' is no share of the lead time: write it like \"50%\""),
        # fields
        (FIRST_FIELD, '[[field]]\nname = "a"\nlabel = "SIZE"\ntype = "text"\n[[field]]\nname = «"size"',
         "'size' already names the field 'a'"),
        (FIRST_FIELD, f'[[«field]]\nname = "a"\n{FIRST_FIELD}', "the field 'a' lacks its type"),
        (FIRST_FIELD, f'[[«field]]\ntype = "text"\n{FIRST_FIELD}', 'a field needs a "name", or "use"'),
        (FIRST_FIELD, f'[[field]]\nuse = «"whi"\n{FIRST_FIELD}',
         "there is no [fields.whi] in _house.toml (did you mean 'why'?)"),
        (FIRST_FIELD, f'[[field]]\nname = "a"\nlist = «"site"\n{FIRST_FIELD}',
         "there is no [lists.site] in _house.toml (did you mean 'sites'?)"),
        (FIRST_FIELD, f'[[field]]\nname = "a"\ntype = «"choice"\n{FIRST_FIELD}', 'a choice needs "choices"'),
        (FIRST_FIELD, f'[[field]]\nname = "a"\n«choices = ["Lyon", "lyon "]\n{FIRST_FIELD}',
         "two choices differ in nothing but case or blanks"),
        (FIRST_FIELD, f'[[field]]\nname = "a"\nlist = "sites"\n«choices = ["x"]\n{FIRST_FIELD}',
         '"choices" and "list" exclude each other'),
        (FIRST_FIELD, f'[[field]]\nname = "a"\ntype = "text"\nmin = «3\n{FIRST_FIELD}',
         '"min" means nothing for a field of type "text"'),
        (FIRST_FIELD, f'[[field]]\nname = "a"\ntype = "integer"\nmin = «3\nmax = 2\n{FIRST_FIELD}',
         '"min" is 3, which is more than "max", 2'),
        (FIRST_FIELD, f'[[field]]\nname = "a"\ntype = "prefix-length"\nmax = «129\n{FIRST_FIELD}',
         "a prefix length is from 0 to 128"),
        (FIRST_FIELD, f'[[field]]\nname = "a"\ntype = "integer"\ndefault = «"many"\n{FIRST_FIELD}',
         "the default many is not a whole number; write a whole number"),
        (FIRST_FIELD, f'[[field]]\nname = "a"\ntype = "allocation"\ndefault = «"10.0.0.0/8"\n{FIRST_FIELD}',
         "what a requester holds is his own: an allocation has no default"),
        # expressions and texts
        (ASKS, ASKS + '\nwhen = "«form.sise <= 28"', "there is no 'form.sise' here (did you mean 'form.size'?)"),
        (ASKS, ASKS + "\nwhen = '1 < 2 and «form.size == \"22\"'",
         "'==' compares a number with a text: that can never hold (did you mean '22'?)"),
        (ASKS, ASKS + '\nwhen = "1 < 2 and \\"é\\" == «form.size"', "'==' compares a text with a number"),
        (ASKS, ASKS + '\nwhen = "«form.size"', "this gives a number, where true or false is needed"),
        (ASKS, ASKS + "\nwhen = \"«form.note == 'x'\"",
         "'form.note' is optional and has no default: make it required, or give it a default"),
        (ASKS, ASKS + '\nwhen = "«steps.allocate.done"',
         "'steps.allocate.done' is not known yet: step 'allocate' need not be over when 'technical' begins"),
        (ASKS, ASKS + '\nwhen = "«steps.technical.done"', "'steps.technical.done' is not known yet"),
        (ASKS, ASKS + "\nwhen = \"'nok' in «requester.groups\"", "this is never 'nok' (did you mean 'noc'?)"),
        ("title =", 'summary = "For {«form.sise}"\ntitle =', "(did you mean 'form.size'?)"),
        ("title =", 'summary = "«{form.size"\ntitle =', "a '{' by itself: write '{{'"),
        ('"form.size"', '"«form.note"', "'form.note' is optional and has no default"),
        (LAST, 'prefix = "«form.size"', "this gives a number, where a prefix is needed"),
        (ASKS, 'asks = ["noc", "{«form.boss}"]', "there is no 'form.boss' here"),
        # order
        (LAST, LAST + 'after = [«"tecnical"]', "there is no step 'tecnical' (did you mean 'technical'?)"),
        (LAST, LAST + '«after = ["allocate"]', "step 'allocate' waits for itself: the request would never end"),
        (ASKS, ASKS + '\n«after = ["allocate"]',
         "step 'technical' waits for itself (technical after allocate after technical): the request would"),
        ('name = "allocate"', 'name = «"technical"\nafter = []', "a step 'technical' stands above already"),
        # people and other names
        (ASKS, 'asks = [«"nock"]', "there is no [groups.nock] in the configuration (did you mean 'noc'?)"),
        (ASKS, 'asks = ["noc", «"empty"]', "the group 'empty' has no members"),
        (ASKS, 'asks = [«"*@example.net"]', "is a pattern: only people and groups can be written to"),
        (ASKS, 'asks = [«"ana@"]', "'ana@' is no mail address"),
        (ASKS, 'asks = [«"party:scruber"]', "there is no [parties.scruber]"),
        (ASKS, ASKS + "\nneeds = «3", "3 answers are needed, but 2 can be given"),
        (ASKS, 'asks = ["billing"]\nneeds = «2', "2 answers are needed, but 1 can be given"),
        ('"noc"]\nlead', '«"nok"]\nlead', "there is no [groups.nok]"),
        ("lead_time =", 'managers = [«"nok"]\nlead_time =', "there is no [groups.nok]"),
        (ASKS, ASKS + '\nescalate = [{ after = "1 day", to = [«"nok"] }]', "there is no [groups.nok]"),
        ('"customers-v4"', '«"customer-v4"', "there is no [pools.customer-v4] in the configuration (did you mean"),
        ('"customers-v4"', '"{«form.size}"', "this pool is known to nobody beforehand"),
        (ASKS, ASKS + '\ncalendar = «"hause"', "there is no calendar 'hause' (did you mean 'house'?)"),
        # what goes with a kind
        (ASKS, ASKS + '\n«pool = "customers-v4"', '"pool" means nothing in a step of kind "approval"'),
        (ASKS, "", 'a step of kind "approval" needs asks'),
        ('pool = "customers-v4"\n', "", 'a step of kind "allocate" needs pool'),
        (LAST, "", 'a step of kind "allocate" needs length (of any prefix) or prefix (one by name)'),
        (LAST, "length = «129", "a prefix length is from 0 to 128"),
        (LAST, LAST.replace('"', '«"', 1) + "prefix = \"'10.0.0.0/29'\"", '"length" and "prefix" exclude each other'),
        (LAST, LAST + '[[step]]\nname = "r"\nkind = «"release"', 'a step of kind "release" needs prefix'),
        (LAST, LAST + '[[step]]\nname = "n"\nkind = «"notify"', 'a step of kind "notify" needs to'),
        (LAST, LAST + '[[step]]\nname = "n"\nkind = "notify"\nto = ["noc"]\ntemplate = «"new"',
         "there is no template 'new' (did you mean 'news'?)"),
        (LAST, LAST + '[[step]]\nname = "f"\nkind = «"form"\nasks = ["noc"]',
         'a step of kind "form" needs a [[step.field]]'),
        (LAST, LAST + '[[step]]\nname = "f"\nkind = "form"\nasks = ["noc"]\n'
         '[[step.field]]\nname = «"by"\ntype = "text"', "steps.NAME.by is the step's own: take another name"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in WHOLE
    marked = WHOLE.replace(old, new, 1)
    faults = [fault for fault in _faults(tmp_path, marked.replace(HERE, "")) if " error: " in fault]
    assert len(faults) == 1, faults
    assert message in faults[0]
    if HERE in marked:
        before = marked[: marked.index(HERE)]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        assert faults[0].startswith(f"rule.toml:{line}:{column}: error: ")


def test_all_faults_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    broken = WHOLE.replace("lead_time", "lead_tim").replace(ASKS, ASKS + '\nwhen = "form.sise < 3 and form.siz < 4"')
    other = WHOLE.replace('"attribution"', '"other"').replace('["noc"]\n', '["nock"]\n')
    faults = _faults(tmp_path, broken, HOUSE.replace("remind", "remnd"), other=other, third="type = [")
    assert [re.sub(r" error: .*\(did you mean (.*)\?\)", r" \1", fault) for fault in faults] == [
        "_house.toml:4:1: 'remind'",
        "other.toml:20:9: 'noc'",
        "rule.toml:5:1: 'lead_time'",
        "rule.toml:21:9: 'form.size'",
        "rule.toml:21:27: 'form.size'",
        faults[-1],
    ]
    assert faults[-1].startswith("third.toml:1:9: error: ")


def test_a_house_file_that_does_not_hold_is_told_without_what_follows_from_it(tmp_path: Path) -> None:
    rule = TOP + '[[field]]\nuse = "why"\n' + FIELDS + STEPS.replace("asks", "ask")
    for house, told in (("[fields.why]\ntype = 3", "_house.toml:2:8:"), ("[fields", "_house.toml:1:8:")):
        assert [fault.split(" error: ")[0] for fault in _faults(tmp_path, rule, house)] == [told, "rule.toml:22:1:"]


def test_what_a_wrong_key_leaves_open_is_not_told_as_a_second_fault(tmp_path: Path) -> None:
    rule = WHOLE.replace('"prefix-length"', '"prefixlength"').replace(ASKS, ASKS + '\nwhen = "form.size < 3"')
    assert [fault.split(" error: ")[0] for fault in _faults(tmp_path, rule)] == ["rule.toml:10:8:"]


def test_what_is_plain_is_told_of_a_step_whose_kind_is_wrong(tmp_path: Path) -> None:
    rule = WHOLE.replace('kind = "approval"', "kind = 3").replace(ASKS, 'asks = ["nock"]')
    assert [fault.split(" error: ")[0] for fault in _faults(tmp_path, rule)] == ["rule.toml:19:8:", "rule.toml:20:9:"]


def test_nothing_is_concluded_from_a_step_whose_name_is_wrong(tmp_path: Path) -> None:
    rule = WHOLE.replace('name = "technical"', "name = 3").replace(ASKS, 'asks = ["nock"]')
    assert len(_faults(tmp_path, rule)) == 1


def test_what_comes_after_a_circle_can_never_begin(tmp_path: Path) -> None:
    steps = STEPS.replace(LAST, LAST + 'after = ["allocate"]\n') + '[[step]]\nname = "z"\nkind = "notify"\nto = ["noc"]'
    assert [fault.split(" error: ")[1] for fault in _faults(tmp_path, TOP + FIELDS + steps)] == [
        "step 'allocate' waits for itself: the request would never end",
        "step 'z' can never begin: it comes after steps that wait for each other",
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        'escalate = [{ after = "soon", to = ["lead"] }]',
        'escalate = [{ after = "1 day" }]',
        "remind = [50]",
        'lead_time = "8 workng hours"',
        "needs = 0",
        "askes = []",
    ],
)
def test_a_wrong_key_does_not_hide_a_wrong_expression(tmp_path: Path, wrong: str) -> None:
    faults = _faults(tmp_path, WHOLE.replace(ASKS, f'{ASKS}\nwhen = "form.sise < 3"\n{wrong}'))
    assert [fault.split(":")[1] for fault in faults] == ["21", "22"]


def test_a_fault_that_comes_from_the_house_is_told_there_once(tmp_path: Path) -> None:
    house = HOUSE.replace("[defaults]", '[defaults]\ncalendar = "hause"').replace("required", "min = 3\nrequired")
    house = house.replace("large = 25", "wide = 25")
    other = WHOLE.replace('"attribution"', '"other"')
    fields = '[[field]]\nuse = "why"\n[[field]]\nname = "site"\nlist = "sites"\n'
    assert _faults(tmp_path, TOP + fields + FIELDS + STEPS, house, other=other) == [
        "_house.toml:3:12: error: there is no calendar 'hause' (did you mean 'house'?)",
        '_house.toml:10:7: error: "min" means nothing for a field of type "long-text"',
        "_house.toml:13:8: error: column 'large' of list 'sites' needs a value of one kind in every row",
        "_house.toml:13:8: error: column 'wide' of list 'sites' needs a value of one kind in every row",
    ]


def test_two_files_do_not_answer_to_the_same_words(tmp_path: Path) -> None:
    other = WHOLE.replace('"attribution"', '"other"\naliases = ["new", "Attribution"]')
    assert _faults(tmp_path, WHOLE, other=other) == [
        "rule.toml:2:8: error: 'attribution' already stands for other.toml"
    ]


def test_a_field_that_is_used_where_its_step_may_be_skipped_wants_a_question_first(tmp_path: Path) -> None:
    conditional = STEPS.replace(ASKS, ASKS + '\nwhen = "form.size < 28"')
    steps = conditional + '[[step]]\nname = "tell"\nkind = "notify"\nto = ["{steps.technical.by}"]\n'
    (fault,) = _faults(tmp_path, TOP + FIELDS + steps)
    assert (
        "'steps.technical.by' may have no value, its step can be skipped: ask for 'steps.technical.done' too" in fault
    )
    asked = steps.replace("{steps.technical.by}", "{steps.technical.done ? steps.technical.by : 'noc'}")
    assert _faults(tmp_path, TOP + FIELDS + asked) == []


def test_every_choice_of_a_pool_is_looked_up(tmp_path: Path) -> None:
    fields = '[[field]]\nname = "family"\nchoices = ["v4", "v5"]\ndefault = "v4"\n' + FIELDS
    (fault,) = _faults(tmp_path, TOP + fields + STEPS.replace("customers-v4", "customers-{form.family}"))
    assert "there is no [pools.customers-v5] in the configuration (did you mean" in fault


def test_a_folder_without_rule_files_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(Faulty, match="no rule file stands here"):
        load(tmp_path, AROUND)


def test_an_address_from_outside_that_decides_is_unwise(tmp_path: Path) -> None:
    (warning,) = _faults(tmp_path, WHOLE.replace(ASKS, 'asks = ["eve@evil.example", "eva@example.net"]'))
    assert "20:9: warning: 'eve@evil.example' is neither of our domains nor of a group" in warning


def test_an_escalation_to_a_lead_that_nobody_has_is_unwise(tmp_path: Path) -> None:
    asks = 'asks = ["billing"]\nescalate = [{ after = "1 day", to = ["lead"] }]'
    (warning,) = _faults(tmp_path, WHOLE.replace(ASKS, asks))
    assert "warning: no group that step 'technical' asks has a lead: nobody would be told" in warning


CONTRACT = (
    TOP
    + """
aliases = ["allocation", "new block"]
summary = "{form.customer}: /{form.size}"
managers = ["noc"]
pending_expires = "10 working days"

[[field]]
name = "customer"
type = "customer"
required = true

[[field]]
name = "size"
type = "prefix-length"
required = true
min = 20
max = 30

[[step]]
name = "technical"
kind = "approval"
asks = ["noc", "party:scrubber"]
needs = "one"
when = "form.size <= 28"
may_change = ["size"]
unanswered = { after = "5 working days", then = "reject" }
shows = ["customer", "size"]
not_before = "2026-12-01"
lead_time = "1 working day"

[[step]]
name = "hold"
kind = "reserve"
pool = "customers-v4"
length = "form.size"
for = "14 days"

[[step]]
name = "allocate"
kind = "allocate"
pool = "customers-v4"
length = "form.size"
set = { customer = "{form.customer}" }
for = "6 hours"

[[step]]
name = "configure"
kind = "activate"
targets = ["router"]
on_failure = "hold"

[[step]]
name = "rest"
kind = "wait"
until = "2026-12-24"

[[test]]
name = "a small block needs no technical review"
requester = "bob@example.net"
form = { customer = "Acme", size = 29 }
answers = { technical = "reject too small" }
expect = { state = "rejected", steps = ["technical"] }
"""
)


def test_what_has_no_effect_is_accepted_and_told_as_such(tmp_path: Path) -> None:
    held = CONTRACT.replace('length = "form.size"\nset', 'length = "form.size"\non_failure = "fail"\nset')
    assert [fault.split(" ", 2)[2] for fault in _faults(tmp_path, held)] == [
        '"on_failure" does nothing in a step of kind "allocate", which holds where it cannot go on',
    ]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('set = { customer = "{form.customer}" }', 'set = { customer = "{form.custmer}" }', "form.customer"),
        ('targets = ["router"]', 'targets = ["ruter"]', "router"),
        ('then = "reject"', 'then = "rejct"', "reject"),
        ('on_failure = "hold"', 'on_failure = "holt"', "hold"),
    ],
)
def test_every_name_in_a_whole_file_is_looked_up(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert any(f"(did you mean '{words}'?)" in fault for fault in _faults(tmp_path, CONTRACT.replace(old, new)))


TEST = """
[[test]]
name = "a small one"
requester = "bob@example.net"
form = { size = 29 }
answers = { technical = "reject no" }
expect = { state = "rejected", steps = ["technical"] }
"""


def test_the_tests_of_a_file_are_read(tmp_path: Path) -> None:
    rules = _load(tmp_path, WHOLE + TEST)
    (examples,) = rules.examples.values()
    assert [(one.name, one.form, one.answers) for one in examples] == [
        ("a small one", {"size": "29"}, {"technical": "reject no"})
    ]
    assert examples[0].play is None


def test_a_review_is_about_prefixes(tmp_path: Path) -> None:
    text = 'type = "used"\nwho = ["*@example.net"]\n[review]\nafter = "365 days"\npools = ["vlans"]\n'
    field = '[[field]]\nname = "prefix"\ntype = "allocation"\nrequired = true\n'
    (tmp_path / "used.toml").write_text(text + field + '[[step]]\nname = "a"\nkind = "approval"\nasks = ["noc"]\n')
    with pytest.raises(Faulty, match=r"a review asks about prefixes, and \[pools\.vlans\] gives out numbers"):
        load(tmp_path, AROUND)


NUMBERS = """
[[step]]
name = "vlan"
kind = "allocate"
pool = "vlans"

[[step]]
name = "named"
kind = "reserve"
pool = "vlans"
prefix = "form.size"
for = "1 day"

[[step]]
name = "room"
kind = "check"
pool = "vlans"

[[step]]
name = "back"
kind = "release"
pool = "vlans"
prefix = "steps.vlan.prefix"
"""


def test_numbers_are_taken_and_given_back_without_a_length(tmp_path: Path) -> None:
    assert [fault for fault in _faults(tmp_path, WHOLE + NUMBERS) if "error" in fault] == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('pool = "vlans"', 'pool = "vlans"\nlength = 28', "vlans is a pool of numbers, which have no length"),
        ('pool = "vlans"', 'pool = "customers-v4"', 'a step of kind "allocate" needs length (of any prefix)'),
        ('kind = "allocate"\npool = "vlans"', 'kind = "check"\npool = "customers-v4"', "needs length: what size?"),
        ('"form.size"', '"form.note"', "'form.note' is optional and has no default"),
        ('kind = "reserve"\npool = "vlans"', 'kind = "reserve"\npool = "customers-v6"', "where a prefix is needed"),
    ],
)
def test_a_length_goes_with_prefixes_and_with_them_alone(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in NUMBERS
    faults = [fault for fault in _faults(tmp_path, WHOLE + NUMBERS.replace(old, new, 1)) if "error" in fault]
    assert message in "\n".join(faults)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ('requester = "bob@example.net"\n', "", 28, "who asks?"),
        ("bob@example.net", "bob", 30, "'bob' is no mail address"),
        ("size = 29", "sise = 29", 31, "there is no field 'sise' (did you mean 'size'?)"),
        ("technical =", "technica =", 32, "there is no step that asks somebody 'technica' (did you mean 'technical'?)"),
        ("technical =", "allocate =", 32, "there is no step that asks somebody 'allocate'"),
        ('"reject no"', "{ account = 3 }", 32, "there is no field 'account'"),
        ('"rejected"', '"rejectd"', 33, "(did you mean 'rejected'?)"),
        ("state =", "stat =", 33, "(did you mean 'state'?)"),
        ('["technical"]', '["technica"]', 33, "there is no step 'technica' (did you mean 'technical'?)"),
        ("expect = {", 'expect = { faults = ["sise"],', 33, "there is no field 'sise' (did you mean 'size'?)"),
        ("expect = {", 'expect = { due = { technical = "soon" },', 33, "'soon' is no time: write it like"),
        ("form =", 'given = { full = ["customers-v5"] }\nform =', 31, "there is no pool 'customers-v5'"),
        ("form =", 'given = { at = "2026-11-23 09:00Z" }\nform =', 31, "has a zone"),
        ("form =", "given = { ful = [] }\nform =", 31, "did you mean 'full'"),
        ("form =", "given = { fails = { rooter = 'no' } }\nform =", 31, "there is no target 'rooter'"),
        ("form =", "given = { holds = 7 }\nform =", 31, "holds"),
        ("form =", "given = { holds = { '10.0.0.0/28' = 'pe1' } }\nform =", 31, "must be a table"),
        ("expect =", 'play = ["+2 hours"]\nexpect =', 33, '"answers" and "play" exclude each other'),
        ('answers = { technical = "reject no" }', 'play = ["soon"]', 32, "'soon' is neither time that passes"),
        (
            'answers = { technical = "reject no" }',
            'play = ["a@b.example technica: no"]',
            32,
            "did you mean 'technical'",
        ),
        ('answers = { technical = "reject no" }', 'play = ["+2 ours"]', 32, "did you mean"),
    ],
)
def test_a_mistake_in_a_test_is_told_with_its_place(
    tmp_path: Path, old: str, new: str, line: int, message: str
) -> None:
    assert old in TEST
    (fault,) = _faults(tmp_path, WHOLE + TEST.replace(old, new, 1))
    assert message in fault
    assert fault.startswith(f"rule.toml:{line}:")


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_as_a_rule_file_are_faults_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes
) -> None:
    folder = tmp_path_factory.mktemp("rules")
    (folder / "rule.toml").write_bytes(raw)
    with pytest.raises(Faulty):
        load(folder, AROUND)


KEYS = st.sampled_from(
    ["type", "title", "who", "lead_time", "name", "kind", "asks", "after", "when", "length", "pool", "needs", "field",
     "step", "use", "list", "choices", "default", "min", "escalate", "remind", "set", "for", "each", "x"]
)  # fmt: skip
LEAVES = (
    st.sampled_from(["size", "technical", "approval", "form.size <= 28", "{form.size}", "noc", "1 day", "", "choice"])
    | st.integers(-3, 300) | st.booleans()
)  # fmt: skip
TREES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


def _toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case dict():
            return "{ " + ", ".join(f"{key} = {_toml(each)}" for key, each in value.items()) + " }"
        case list():
            return "[" + ", ".join(map(_toml, value)) + "]"
        case str():
            return f"'{value}'"
        case _:
            return str(value)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(WHOLE.strip().splitlines()), KEYS, TREES)
def test_any_value_in_any_place_is_a_fault_or_holds(
    tmp_path_factory: pytest.TempPathFactory, line: str, key: str, value: object
) -> None:
    folder = tmp_path_factory.mktemp("rules")
    (folder / "rule.toml").write_text(WHOLE.replace(line, f"{line}\n{key} = {_toml(value)}", 1))
    with contextlib.suppress(Faulty):
        rules = load(folder, AROUND)
        assert restore(next(iter(rules.sources.values()))) in rules.processes.values()


# -- versions --------------------------------------------------------------------------------------


def test_a_version_is_made_again_from_its_text_alone(tmp_path: Path) -> None:
    rules = _load(tmp_path, CONTRACT)
    (process,) = rules.processes.values()
    assert restore(rules.sources[process.version]) == process


def test_a_version_changes_with_the_file_and_with_the_house(tmp_path: Path) -> None:
    first = _process(tmp_path).version
    assert first.startswith("sha256:")
    assert _process(tmp_path).version == first
    assert _process(tmp_path, WHOLE.replace("28", "27") + "\n").version != first
    assert _process(tmp_path, WHOLE, HOUSE.replace("50%", "60%")).version != first


def test_what_was_accepted_once_is_accepted_forever() -> None:
    """This text is what the first release stored. It is never to be changed: requests hang on it."""
    text = (Path(__file__).parent / "stored_version.json").read_text()
    process = restore(text)
    assert process.version == "sha256:951fa03368b3dd170835fe6109342fca910196ecbba2f38703e9ad416c810177"
    assert [step.kind for step in process.steps] == [StepKind.APPROVAL, StepKind.ALLOCATE]
    assert process.steps[0].remind == (Fraction(1, 2),)


def test_a_steps_digest_is_its_own_definition(tmp_path: Path) -> None:
    first, second = _process(tmp_path).steps
    changed = _process(tmp_path, WHOLE.replace("28", "27").replace(ASKS, ASKS + "\nneeds = 2")).steps
    assert changed[0].digest != first.digest
    assert changed[1].digest == second.digest


# -- what people write -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        ("attribution", "attribution"),
        ("Attribution: a /28 for Acme", "attribution"),
        ("RE: Fwd: aw[2]: ATTRIBUTION please", "attribution"),
        ("  re :attribution", "attribution"),
        ("“attribution”", None),
        ('"attribution" for Acme', "attribution"),
        ("New  block for Acme", "other"),
        ("new block v6", "attribution"),
        ("new blocks", None),
        ("attributions", None),
        ("an attribution", None),
        ("", None),
        ("Re:", None),
    ],
)
def test_a_subjects_first_words_say_what_is_asked_for(tmp_path: Path, subject: str, found: str | None) -> None:
    first = WHOLE.replace('"attribution"', '"attribution"\naliases = ["new block v6"]')
    other = WHOLE.replace('"attribution"', '"other"\naliases = ["new block"]')
    process = _load(tmp_path, first, other=other).find(subject)
    assert (process.type if process else None) == found


def test_the_rule_files_of_the_house_hold_without_a_warning() -> None:
    folder = Path(__file__).parents[2] / "rules"
    groups = {"noc": ("ana@example.net",), "billing": ("bill@example.net",), "ip-managers": ("m@example.net",)}
    pools = frozenset({"customers-v4", "customers-v6"})
    rules = load(folder, Surroundings(groups=groups, led=frozenset(groups), pools=pools))
    assert rules.warnings == ()
    assert set(rules.processes) == {"attribution", "liberation", "update"}
