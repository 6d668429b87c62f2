"""Changes of space in rule files: what each needs, and what cannot be; and pools that serve nobody who may ask."""

from pathlib import Path

import pytest
from rulefiles import TOP, field, loaded, step, words

from mailbot.process.chart.words import deed

HELD = field("prefix", "allocation") + field("other", "allocation") + field("size", "prefix-length", "min = 20")
PREFIX = 'prefix = "form.prefix"'


def change(*more: str) -> str:
    return step("change", *more)


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ((PREFIX, 'pool = "lan"'), "renumbers form.prefix into lan"),
        ((PREFIX, 'pool = "lan"', 'length = "form.size"'), "renumbers form.prefix into /{form.size} of lan"),
        ((PREFIX, 'pool = "lan"', 'target = "router"'), "renumbers form.prefix into lan, then changes it on router"),
        (
            (PREFIX, 'split = [{ length = 25 }, { length = "form.size", holder = "{requester.email}" }]'),
            "splits form.prefix into /25 and /{form.size} for {requester.email}",
        ),
        ((PREFIX, 'merge = "form.other"'), "makes form.prefix and form.other one"),
        (
            (PREFIX, 'merge = "form.other"', 'holder = "{requester.email}"'),
            "makes form.prefix and form.other one for {requester.email}",
        ),
    ],
)
def test_a_change_of_space_holds_and_is_told_in_a_few_words(tmp_path: Path, keys: tuple[str, ...], told: str) -> None:
    rules = loaded(tmp_path, HELD, change(*keys))
    assert rules.warnings == ()
    [rule] = rules.processes["attribution"].steps
    assert deed(rule) == told


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (('pool = "lan"',), "a change of space needs prefix: what is it that is held?"),
        ((PREFIX, 'pool = "lan"', 'merge = "form.other"'), '"pool" and "merge" exclude each other: make two steps'),
        ((PREFIX, 'pool = "lan"', 'for = "1 day"'), '"for" means nothing in a change of space, which has no end'),
        (
            (PREFIX, 'merge = "form.other"', "length = 24"),
            '"length" is that of the new prefix: it goes with "pool"',
        ),
        (
            (PREFIX, 'pool = "vlans"'),
            "vlans is a pool of numbers: a number is allocated anew, and the old one released",
        ),
        ((PREFIX, 'pool = "lan"', 'holder = "x"'), '"holder" is whose the whole is: it goes with "merge"'),
        ((PREFIX, 'merge = "form.other"', 'holder = "{form.whom}"'), "there is no 'form.whom' here"),
        ((PREFIX, "split = [{ length = 25 }]"), "one part is no split: say two or more, in order of address"),
        (
            (PREFIX, "split = [{ length = 25 }, { length = 26 }]"),
            "/25 and /26 make up no whole prefix: something of it would be nobody's",
        ),
        (
            (PREFIX, "split = [{ length = 26 }, { length = 25 }, { length = 26 }]"),
            "no /25 begins here: the larger parts come first",
        ),
        ((PREFIX, "split = [{ length = 129 }, { length = 129 }]"), "a prefix length is from 0 to 128"),
        (
            (PREFIX, "split = [{ length = 25 }, { length = 25 }]", 'set = { customer = "Acme" }'),
            "what is split carries what each part says: set = { … } in the parts",
        ),
        ((PREFIX, 'merge = "form.size"'), "this gives a number, where a prefix or a list of texts is needed"),
        (
            (PREFIX, 'split = [{ length = 25 }, { length = 25, holder = "{form.whom}" }]'),
            "there is no 'form.whom' here",
        ),
    ],
)
def test_what_cannot_be_is_told(tmp_path: Path, keys: tuple[str, ...], told: str) -> None:
    assert f"error: {told}" in words(tmp_path, HELD, change(*keys))


def test_what_it_becomes_is_known_to_the_steps_behind_it(tmp_path: Path) -> None:
    later = step("activate", 'target = "router"', 'prefix = "steps.change_step.prefix"', 'for = "1 day"')
    assert words(tmp_path, HELD, change(PREFIX, 'pool = "lan"'), later) == []


SITE = '[[field]]\nname = "site"\nlist = "sites"\nrequired = true\n'


@pytest.mark.parametrize(
    ("who", "pool", "wrong"),
    [
        ('["noc"]', "paris-v4", True),
        ('["bob@example.net"]', "paris-v4", True),
        ('["noc"]', "{form.site.v4}", True),
        ('["board", "billing"]', "paris-v4", False),
        ('["*@example.net"]', "paris-v4", False),
        ('["*@paris.example"]', "paris-v4", False),
        ('["noc"]', "lan", False),
    ],
)
def test_a_pool_that_serves_nobody_who_may_ask_is_told(tmp_path: Path, who: str, pool: str, *, wrong: bool) -> None:
    top = TOP.replace('["*@example.net"]', who)
    told = words(tmp_path, SITE, step("allocate", f'pool = "{pool}"', "length = 28"), top=top)
    expected = "error: paris-v4 serves billing, head@paris.example alone, and none of them may ask for this"
    assert (expected in told) is wrong
