"""What of a request somebody may read."""

from dataclasses import replace
from datetime import timedelta

import pytest
from play import (
    ALIAS,
    ANA,
    BILL,
    BOB,
    DIRECTORY,
    EVE,
    HEAD,
    LI,
    LOU,
    MANAGER,
    MONDAY,
    ROOT,
    SUPPORT,
    Play,
    approval,
    form,
)

from mailbot.process.directory import Absence, Supplier
from mailbot.process.reader import ADMIN, Reader, concerns, names_of, reader_of

SOC, ROBOT = "soc@scrubber.example", "robot@scrubber.example"
PARTIES = {"party:scrubber": Supplier(name="scrubber", title="Scrubber", address=SOC, accepts=("*@scrubber.example",))}
AWAY = {HEAD: Absence(person=HEAD, since=MONDAY, until=MONDAY + timedelta(days=9), deputy=EVE)}
OUTSIDE = replace(DIRECTORY, parties=PARTIES)


@pytest.fixture
def play():
    """NOC approves, billing is shown the customer alone, a supplier fills in."""
    party = form("order", asks=("party:scrubber",), after=(), shows=("size",))
    return Play(approval(), form(after=(), shows=("customer",)), party, directory=OUTSIDE)


@pytest.mark.parametrize(
    ("who", "reader"),
    [
        (ROOT, ADMIN),
        (MANAGER, ADMIN),
        (ANA, ADMIN),
        (HEAD, ADMIN),
        (BOB, Reader(words=False)),
        (BILL, Reader(words=False, fields=frozenset({"customer"}))),
        (SOC, Reader(words=False, fields=frozenset({"size"}), steps=frozenset({"order"}))),
        (ROBOT, Reader(words=False, fields=frozenset({"size"}), steps=frozenset({"order"}))),
        (EVE, Reader(words=False, fields=frozenset())),
    ],
)
def test_who_is_asked_reads_all_of_it_unless_a_rule_says_what_it_shows(play, who, reader):
    assert reader_of(who, play.request, play.process, play.directory) == reader


def test_a_requester_who_is_asked_himself_reads_what_the_asked_do():
    play = Play(approval(), requester=ANA)
    assert reader_of(ANA, play.request, play.process, play.directory) == ADMIN


@pytest.mark.parametrize("who", [BOB, ANA, LI, HEAD, BILL, ROOT, SOC, ROBOT])
def test_it_concerns_the_requester_whoever_is_asked_and_admins(play, who):
    assert concerns(who, play.request, play.directory)


@pytest.mark.parametrize("who", [EVE, LOU, MANAGER, "somebody@elsewhere.example"])
def test_it_concerns_nobody_else(play, who):
    assert not concerns(who, play.request, play.directory)


def test_whoever_stands_in_for_a_lead_reads_as_he_does(play):
    directory = replace(play.directory, absences=AWAY)
    assert concerns(EVE, play.request, directory)
    assert reader_of(EVE, play.request, play.process, directory) == ADMIN


def test_all_by_which_somebody_may_be_asked():
    assert names_of(ANA, DIRECTORY) == {ANA, ALIAS, "noc"}
    assert names_of(LOU, DIRECTORY) == {LOU, "support", SUPPORT}
    assert names_of(SUPPORT, DIRECTORY) == {"support", SUPPORT}
    assert names_of(HEAD, DIRECTORY) == {HEAD, "noc", "support", SUPPORT}
    assert names_of(ROBOT, OUTSIDE) == {ROBOT, SOC}


@pytest.mark.parametrize(
    ("name", "admin", "requester", "billing", "supplier"),
    [
        ("form.size", True, True, False, False),
        ("form.customer", True, True, True, False),
        ("form.customer.carried", True, True, True, False),
        ("requester.email", True, True, True, False),
        ("steps.technical.by", True, False, False, False),
    ],
)
def test_values_in_conditions_are_told_as_far_as_they_may_be_read(play, name, admin, requester, billing, supplier):
    readers = [reader_of(who, play.request, play.process, play.directory) for who in (ROOT, BOB, BILL, SOC)]
    assert [reader.sees_value(name) for reader in readers] == [admin, requester, billing, supplier]
