"""Which keys go with which kind of step or field, and what stands in them."""

from pathlib import Path

import pytest
from rulefiles import ALLOCATE, APPROVAL, SIZE, field, step, words

PREFIX = field("prefix", "allocation", 'carries = ["customer"]')
PREFIXES = field("prefixes", "allocation", "many = true", 'carries = ["customer"]')
SITE = '[[field]]\nname = "site"\nlist = "sites"\nrequired = true\n'
SITES = SITE.replace('site"', 'sites"', 1) + "many = true\n"
DAY, LONG = field("day", "date"), field("long", "duration")
NOTE = field("note", "text")


@pytest.mark.parametrize(
    "parts",
    [
        (SIZE, step("reserve", 'pool = "lan"', 'length = "form.size"', 'for = "14 days"')),
        (SIZE, DAY, step("reserve", 'pool = "lan"', 'length = "form.size"', 'until = "{form.day}"')),
        (SIZE, LONG, step("allocate", 'pool = "lan"', 'length = "form.size"', 'for = "{form.long}"')),
        (SIZE, SITE, step("allocate", 'pool = "{form.site.v4}"', 'length = "form.size"', 'for = "{form.site.lasts}"')),
        (step("wait", 'until = "2026-12-24 03:00"'), step("wait", 'for = "2 working days"', name="again")),
        (DAY, step("approval", 'asks = ["noc"]', 'not_before = "{form.day} 03:00"')),
        (NOTE, step("wait", 'until = "{form.note}"')),
        (SIZE, step("approval", 'asks = ["noc"]', 'may_change = ["size"]', 'shows = ["size"]')),
        (PREFIXES, step("task", 'asks = ["noc"]', 'each = "form.prefixes"', "when = \"item.customer == 'Acme'\"")),
        (SITES, step("allocate", 'each = "form.sites"', 'pool = "{item.v4}"', "length = 28")),
        (
            PREFIXES,
            step("approval", 'asks = ["noc"]', 'each = "form.prefixes"'),
            step("release", 'each = "steps.approval_step.items"', 'prefix = "item"'),
        ),
        (
            PREFIXES,
            step("approval", 'asks = ["noc"]', 'each = "form.prefixes"', "when = \"item.customer == 'Acme'\""),
            step("release", 'each = "steps.approval_step.items"', 'prefix = "item"'),
        ),
        (
            SIZE,
            step("approval", 'asks = ["noc"]', 'when = "form.size < 28"'),
            step("notify", 'when = "steps.approval_step.done and form.size < 26"', 'to = ["{steps.approval_step.by}"]'),
        ),
        (step("activate", 'target = "router"', 'for = "6 hours"'),),
        (step("change", 'targets = ["router", "registry"]', 'until = "2027-01-01"'),),
        (step("verify", 'target = "router"'),),
        (
            step("allocate", 'pool = "vlans"'),
            step("release", 'pool = "vlans"', 'prefix = "steps.allocate_step.prefix"'),
        ),
        (NOTE.replace("required", "reference = true\nrequired"), APPROVAL),
        (SIZE, step("approval", 'asks = ["noc"]', 'trust = "verified"')),
    ],
)
def test_what_belongs_together_holds_without_a_word(tmp_path: Path, parts: tuple[str, ...]) -> None:
    assert words(tmp_path, *parts) == []


LASTING = step("allocate", 'pool = "lan"', "length = 28", 'for = "{form.long}"')
REMOVE = step("activate", 'target = "router"', 'action = "remove"')


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        # what each kind takes
        ((step("verify", 'target = "router"', 'for = "1 day"'),), '"for" means nothing in a step of kind "verify"'),
        ((step("change", 'target = "router"', 'for = "1 day"', 'action = "add"'),), '"action" means nothing in a step'),
        ((SIZE, ALLOCATE + 'trust = "verified"'), '"trust" means nothing in a step of kind "allocate"'),
        ((SIZE, step("approval", 'asks = ["noc"]', 'trust = "token"')), "verified"),
        ((SIZE, ALLOCATE + 'shows = ["size"]'), '"shows" means nothing in a step of kind "allocate"'),
        ((SIZE, ALLOCATE + 'remind = ["50%"]'), '"remind" means nothing in a step of kind "allocate"'),
        ((REMOVE + 'unanswered = { after = "1 day", then = "reject" }',), '"unanswered" means nothing in a step of'),
        ((step("form", 'asks = ["noc"]', "needs = 2") + NOTE.replace("[[field", "[[step.field"),),
         '"needs" means nothing in a step of kind "form"'),
        ((SIZE, step("task", 'asks = ["noc"]', 'may_change = ["size"]')), '"may_change" means nothing in a step'),
        # what each kind needs
        ((step("reserve", 'pool = "lan"', "length = 28"),), 'a step of kind "reserve" needs for = "14 days" (or'),
        ((step("wait"),), 'a step of kind "wait" needs for = "2 working days" or until = "{form.day}"'),
        ((step("wait", 'for = "1 day"', 'until = "2026-12-24"'),), '"for" and "until" exclude each other'),
        ((step("verify"),), 'a step of kind "verify" needs targets'),
        # fields
        ((field("n", "integer", "many = true"), APPROVAL), '"many" means nothing for a field of type "integer"'),
        ((field("n", "prefix", 'carries = ["x"]'), APPROVAL), '"carries" means nothing for a field of type "prefix"'),
        ((field("n", "email", "reference = true"), APPROVAL), '"reference" means nothing for a field of type "email"'),
        ((step("form", 'asks = ["noc"]') + field("n", "allocation").replace("[[field", "[[step.field"),),
         "an allocation is what the requester holds: it stands in his form alone"),
        # fields that a step names
        ((SIZE, step("approval", 'asks = ["noc"]', 'may_change = ["sise"]')), "the form has no field 'sise'"),
        ((SIZE, step("approval", 'asks = ["noc"]', 'shows = ["sise"]')), "the form has no field 'sise'"),
        ((SIZE, NOTE, step("approval", 'asks = ["noc"]', 'may_change = ["size"]', 'shows = ["note"]')),
         "'size' is not among what it \"shows\": nobody changes what he cannot see"),
        ((SIZE, step("approval", 'asks = ["noc"]', 'may_change = ["size"]')
          + '[[step.field]]\nname = "bits"\nlabel = "Size"\ntype = "text"\n'),
         "'size' names a field of this step too: a line of the answer must mean one"),
        # each
        ((PREFIX, step("task", 'asks = ["noc"]', 'each = "form.prefix"')), "this gives one value, where a list is"),
        ((SIZE, step("task", 'asks = ["noc"]', 'each = "form.sise"')), "there is no 'form.sise' here"),
        ((PREFIX, step("release", 'prefix = "item"')), "'item' is known only in a step that runs once an item"),
        ((PREFIXES, step("task", 'asks = ["noc"]', 'each = "form.prefixes"', 'when = "item.device == \'a\'"')),
         "what its allocations carry, the field 'prefixes' names: carries = [\"device\"]"),
        ((field("names", "text", "many = true"), step("release", 'each = "form.names"', 'prefix = "item"')),
         "this gives a text, where a prefix is needed"),
        ((SITES, step("task", 'asks = ["noc"]', 'each = "form.sites"', 'when = "item == \'Lion\'"')),
         "this is never 'Lion'"),
        ((PREFIXES, step("task", 'asks = ["noc"]', 'each = "form.prefixes"', 'not_before = "{item}"')),
         "'item' is not known here: all items wait for the same date"),
        ((APPROVAL, step("release", 'each = "steps.approval_step.items"', 'prefix = "item"')),
         "there is no 'steps.approval_step.items' here"),
        # for, until, not_before
        ((step("wait", 'for = "soon"'),), "'soon' is no length of time"),
        ((step("wait", 'for = "0 days"'),), "'0 days' is over before it begins"),
        ((NOTE, LASTING.replace("long", "note")), "'form.note' may be anything: a field of type duration"),
        ((DAY, LASTING.replace("long", "day")), "'form.day' may be anything: a field of type duration"),
        ((SIZE, LASTING.replace("{form.long}", "{form.size} dais")), "one of the choices this is '20 dais': 'dais'"),
        ((SITE, LASTING.replace("long", "site.v4")), "for one of the choices this is 'lyon-v4': 'lyon-v4' is no"),
        ((step("wait", 'until = "25:00"'),), "'25:00' is no moment: write one like"),
        ((LONG, step("wait", 'until = "{form.long}"')), "'form.long' is no moment: a field of type date"),
        ((SIZE, step("wait", 'until = "{form.size}"')), "'form.size' is no moment: a field of type date"),
        ((DAY, step("wait", 'until = "{form.day} at three"')), "'2026-12-24 at three' is no moment"),
        ((SITE, step("approval", 'asks = ["noc"]', 'not_before = "{form.site.owner}"')), "is no moment: write one"),
        # texts that choices fill
        ((SITE, step("approval", 'asks = ["{form.site.v4}"]')), "there is no [groups.lyon-v4] in the configuration"),
        ((SITE, SIZE, ALLOCATE.replace("lan", "{form.site.owner}")), "there is no [pools.ana@example.net]"),
    ],
)  # fmt: skip
def test_what_does_not_belong_together_is_an_error_that_says_what_does(
    tmp_path: Path, parts: tuple[str, ...], message: str
) -> None:
    errors = [one for one in words(tmp_path, *parts) if one.startswith("error: ")]
    assert any(message in one for one in errors), errors


def test_a_choice_whose_column_is_empty_names_no_pool_and_nobody(tmp_path: Path) -> None:
    house = '[lists.sites]\nLyon = { v4 = "lan", owner = "noc" }\nParis = { v4 = "", owner = "" }\n'
    steps = ALLOCATE.replace("lan", "{form.site.v4}") + step("notify", 'to = ["{form.site.owner}"]')
    assert [one for one in words(tmp_path, SITE, SIZE, steps, house=house) if one.startswith("error")] == [
        "error: for one of the choices it is empty",
        "error: this names nobody: the text is empty, or a choice has nothing in this column",
    ]


def test_what_is_active_without_any_device_says_so(tmp_path: Path) -> None:
    assert words(tmp_path, step("activate")) == [
        "warning: without targets nothing is told to the network: the step is done at once"
    ]


def test_what_the_house_says_of_people_is_nothing_for_targets_and_pools(tmp_path: Path) -> None:
    house = '[defaults]\nremind = ["50%"]\nshows = ["size"]\nunanswered = { after = "9 days", then = "reject" }\n'
    assert words(tmp_path, SIZE, APPROVAL, ALLOCATE, step("verify", 'target = "router"'), house=house) == []
