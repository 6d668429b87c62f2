"""Processes as people look at them: text, Mermaid, SVG."""

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from play import activate, allocate, approval, check, form, notify, process_of, release, reserve, task, wait

from mailbot.process import chart
from mailbot.process.chart import words
from mailbot.process.chart.metrics import Font, broken
from mailbot.process.definition import Action, OnFailure, StepKind
from mailbot.process.rules import Surroundings, load

SVG = "{http://www.w3.org/2000/svg}"
PROCESS = process_of(
    approval(when="form.size <= 28", lead_time="8 working hours", remind=("1/2",), escalate=(("1 day", "lead"),)),
    form(after=()),
    allocate(after=("technical", "billing")),
    notify(after=("billing",), title='Tell "them" <all> & more'),
)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (approval(), "noc approves"),
        (approval(asks=("noc", "billing"), needs=2), "noc and billing approve, 2 of them"),
        (approval(needs=None), "noc approves, all of them"),
        (form(), "billing fills in Account"),
        (task(), "noc does it"),
        (check(), "would /{form.size} fit into lan?"),
        (allocate(length="28"), "takes /28 from lan"),
        (allocate(length=None, prefix="form.customer"), "takes form.customer from lan"),
        (release(), "gives back form.customer"),
        (notify(), "tells managers"),
        (form(asks=("party:scrubber",)), "the supplier scrubber fills in Account"),
        (allocate(pool="vlans", length=None), "takes a number from vlans"),
        (allocate(length="28", lasts="6 hours"), "takes /28 from lan, for 6 hours"),
        (allocate(length="28", until="{form.day}"), "takes /28 from lan, until {form.day}"),
        (check(length=None, pool="vlans"), "would a number fit into vlans?"),
        (release(prefix="item", pool="vlans"), "gives back item to vlans"),
        (reserve(), "reserves /{form.size} from lan for 14 days"),
        (activate(targets=("router", "dns")), "sets it up on router and dns"),
        (activate(action=Action.REMOVE), "removes it from router"),
        (activate(targets=()), "done at once, without any device"),
        (
            replace(activate(action=Action.CHANGE, lasts="2 hours"), kind=StepKind.CHANGE),
            "changes it on router, for 2 hours",
        ),
        (replace(activate(action=Action.VERIFY), kind=StepKind.VERIFY), "tries it on router"),
        (wait(until="{form.day} 03:00"), "waits until {form.day} 03:00"),
        (wait(lasts="2 working days"), "waits for 2 working days"),
    ],
)
def test_a_step_is_said_in_a_few_words(rule, said):
    assert words.deed(rule) == said


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (approval(may_change=("size", "customer")), ["may change size and customer"]),
        (form(shows=("customer",)), ["sees customer of the form"]),
        (form(shows=()), ["sees nothing of the form"]),
        (approval(not_before="{form.day}"), ["not before {form.day}"]),
        (approval(unanswered=("5 days", "reject")),
         ["refused, if unanswered after 5 days"]),
        (activate(on_failure=OnFailure.CONTINUE), ["if it fails, the request goes on"]),
        (allocate(set={"device": "pe1", "vlan": "{steps.vlan.prefix}"}), ["with device and vlan"]),
        (allocate(), []),
    ],
)  # fmt: skip
def test_what_else_is_agreed_is_said_a_line_each(rule, said):
    assert list(words.terms(rule)) == said
    for drawn in (chart.text(process_of(rule)), chart.mermaid(process_of(rule))):
        assert all(one in drawn for one in said)


def test_a_step_for_each_of_several_items_is_a_stack_of_boxes():
    each = release(prefix="item", each="form.prefixes")
    assert "once for each of form.prefixes" in chart.text(process_of(each))
    assert "step_release[[" in chart.mermaid(process_of(each))
    (boxes,) = [
        group.findall(f"{SVG}rect")
        for group in ET.fromstring(chart.svg(process_of(each))).iter(f"{SVG}g")  # noqa: S314 (our own)
    ]
    assert len(boxes) == 3
    assert [float(box.get("x")) for box in boxes] == sorted((float(box.get("x")) for box in boxes), reverse=True)


def test_text_shows_side_by_side_what_runs_side_by_side():
    assert chart.text(PROCESS) == (
        "attribution: New address space\n"
        "  may ask       *@example.net\n"
        "  form          Customer and Prefix length\n"
        "  lead time     3 working days for the whole\n"
        "  told if late  managers\n"
        "\n"
        "   1 ┬─ Technical\n"
        "     │     noc approves, within 8 working hours\n"
        "     │     only when form.size <= 28\n"
        "     │     reminded at 50 %; 1 day late, lead is told\n"
        "     └─ Billing\n"
        "           billing fills in Account\n"
        "   2 ┬─ Allocate\n"
        "     │     takes /{form.size} from lan\n"
        '     └─ Tell "them" <all> & more (tell), after billing\n'
        "           tells managers\n"
        "     ─ end: the request is completed\n"
    )


def test_mermaid_joins_the_steps_and_escapes_what_it_would_take_for_its_own():
    lines = chart.mermaid(PROCESS).splitlines()
    assert lines[0] == "flowchart TD"
    arrows = [line.strip() for line in lines if "-->" in line]
    assert arrows == [
        "request_begins --> step_technical",
        "request_begins --> step_billing",
        "step_technical --> step_allocate",
        "step_billing --> step_allocate",
        "step_billing --> step_tell",
        "step_allocate --> request_ends",
        "step_tell --> request_ends",
    ]
    (label,) = [line for line in lines if "step_tell>" in line]
    assert "Tell #quot;them#quot; #lt;all#gt; #amp; more" in label
    assert any(line.endswith(":::sometimes") and "step_technical" in line for line in lines)


def _texts_and_boxes(drawn):
    root = ET.fromstring(drawn)  # noqa: S314 (our own)
    for group in root.iter(f"{SVG}g"):
        yield group.find(f"{SVG}rect"), group.findall(f"{SVG}text")


STYLES = {"title": Font(size=15, bold=True), "": Font(size=13), "soft": Font(size=12), "when": Font(size=11, mono=True)}


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=1, max_size=120), st.integers(1, 8))
def test_no_text_leaves_its_box(title, parts):
    steps = [
        approval(
            title=title,
            asks=(title.replace("{", "").replace("}", "") or "x",),
            when="form.size <= 28 and " * parts + "true",
        )
    ]
    for box, lines in _texts_and_boxes(chart.svg(process_of(*steps))):
        right, bottom = (float(box.get(a)) + float(box.get(b)) for a, b in (("x", "width"), ("y", "height")))
        for line in lines:
            font = STYLES.get(line.get("class", ""), Font(size=13))
            assert float(line.get("x")) + font.width(line.text or "") <= right
            assert float(line.get("y")) < bottom


def test_a_drawing_names_every_step_and_is_light_and_dark():
    drawn = chart.svg(PROCESS)
    root = ET.fromstring(drawn)  # noqa: S314 (our own)
    said = " ".join(text.text or "" for text in root.iter(f"{SVG}text"))
    assert all(rule.title.split()[0] in said for rule in PROCESS.steps)
    assert "prefers-color-scheme: dark" in drawn
    assert drawn.count('class="box sometimes"') == 1
    assert len(re.findall('class="way"', drawn)) == 7


def test_every_kind_of_step_can_be_drawn():
    for kind in StepKind:
        process = process_of(approval("x").__class__(name="x", kind=kind, title="X"))
        for drawn in (chart.text(process), chart.mermaid(process), chart.svg(process)):
            assert "X" in drawn


@pytest.mark.parametrize(
    "text", ["", "a", "word " * 30, "x" * 200, "someone.with.a.long.name@an.even.longer.example.net"]
)
def test_text_is_broken_without_a_letter_lost(text):
    lines = broken(text, Font(size=13), 120)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(Font(size=13).width(line) <= 120 for line in lines)


def test_the_rules_of_the_house_can_be_drawn():
    folder = Path(__file__).parents[3] / "rules"
    groups = dict.fromkeys(("noc", "billing", "ip-managers"), ("x@example.net",))
    around = Surroundings(groups=groups, led=frozenset(groups), pools=frozenset({"customers-v4", "customers-v6"}))
    for process in load(folder, around).processes.values():
        ET.fromstring(chart.svg(process))  # noqa: S314 (our own)
