"""Requests from systems, with the reason that chooses their way; and how their state is changed by hand."""

from datetime import timedelta

from house import ANA, EVE, FIELDS, House, only

REPLACEMENT = f"""
type = "replacement"
title = "Replacement"
summary = "{{form.customer}}: /{{form.size}} ({{form.why}})"
who = ["*@example.net"]
lead_time = "3 working days"
{FIELDS}
[[field]]
name = "why"
label = "Because of"
choices = ["capacity", "availability", "failure"]
required = true
[[step]]
name = "planning"
kind = "approval"
asks = ["noc"]
when = 'form.why != "failure"'
lead_time = "1 working day"
[[step]]
name = "allocate"
kind = "allocate"
pool = "lan"
length = "form.size"
"""
FAULTS = "fault-system@example.net"


def test_a_system_that_reports_a_failure_takes_the_way_without_questions(tmp_path):
    """S2.2: the reason code of a system's request chooses the way."""
    house = House(tmp_path, rules={"replacement": REPLACEMENT})
    planned = house.mail(FAULTS, "replacement", "Customer: Acme\nPrefix length: 28\nBecause of: capacity")
    assert "action" in [letter.kind for letter in planned]
    urgent = house.mail(FAULTS, "replacement", "Customer: Acme\nPrefix length: 28\nBecause of: failure")
    assert only(urgent, "completed").to == FAULTS
    assert house.states("IP-2") == {"planning": "skipped", "allocate": "done"}


def test_hold_stops_the_clock_resume_lets_it_go_on_and_both_stand_in_the_trace(tmp_path):
    """S4.8: authorised, audited."""
    house = House(tmp_path)
    letters = house.start()
    action = only(letters, "action", ANA)
    due = house.request().step("technical").due
    assert only(house.reply(action, "hold", EVE), "refused").to == EVE
    house.reply(action, "hold waiting for the contract")
    assert house.request().state.value == "held"
    house.now += timedelta(days=7)
    house.reply(action, "resume")
    assert house.request().step("technical").due == due + timedelta(days=7)
    assert house.request().state.value == "inProgress"
    assert {"held", "resumed", "refused"} <= set(house.history())
