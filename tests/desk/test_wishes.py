"""What steps wish of the pools, fulfilled: reservations, ends, numbers, and what allocations carry."""

from datetime import timedelta

import pytest
from house import ANA, BOB, CAROL, CONFIG, LI, MONDAY, ROOT, House, kinds, only

from mailbot.addresses import parse_space
from mailbot.desk.holding import held_prefixes
from mailbot.desk.wishes import fulfil
from mailbot.process.definition import Field, FieldType
from mailbot.process.request import (
    Fits,
    GaveBack,
    GiveBack,
    NotGivenBack,
    NotProlonged,
    NotTaken,
    Prolong,
    Take,
    Taken,
    WouldFit,
)
from mailbot.store import space

DAY = timedelta(days=1)
SPACE = (
    CONFIG
    + '[pools.vlans]\nnumbers = ["200-201"]\nowner = "noc"\n'
    + '[pools.sp]\nprefixes = ["10.30.0.0/24"]\nstrategy = "sparse"\ngrowth = 2\n'
)

LINE = """
type = "line"
who = ["*@example.net"]
[[field]]
name = "customer"
type = "text"
required = true
[[step]]
name = "reserve"
kind = "reserve"
pool = "lan"
length = 28
for = "14 days"
[[step]]
name = "order"
kind = "approval"
asks = ["noc"]
[[step]]
name = "allocate"
kind = "allocate"
pool = "lan"
length = 28
set = { customer = "{form.customer}", device = "pe1.{form.customer}" }
[[step]]
name = "vlan"
kind = "allocate"
pool = "vlans"
set = { line = "{steps.allocate.prefix}" }
"""

BACK = """
type = "back"
summary = "of {form.prefix.device}"
who = ["*@example.net"]
[[field]]
name = "prefix"
type = "allocation"
carries = ["device", "customer"]
required = true
[[field]]
name = "vlan"
type = "integer"
required = true
[[step]]
name = "sure"
kind = "approval"
asks = ["noc"]
[[step]]
name = "release"
kind = "release"
prefix = "form.prefix"
[[step]]
name = "vlan"
kind = "release"
pool = "vlans"
prefix = "form.vlan"
"""


@pytest.fixture
def lines(tmp_path):
    return House(tmp_path, config=SPACE, rules={"line": LINE, "back": BACK})


@pytest.fixture
def ordered(lines):
    """A line for bob, reserved; the letter that asks ana for the order."""
    return only(lines.mail(BOB, "line", "Customer: Acme"), "action", ANA)


def held(house, pool="lan"):
    with house.bot.store.reading() as conn:
        return {str(one.prefix): one for one in space.allocations(conn, pool)}


def shown(house, reference="IP-1"):
    with house.bot.store.reading() as conn:
        return house.bot.shape(conn, house.request(reference))["addresses"]


# -- by mail -----------------------------------------------------------------------------------------------------------


def test_a_reservation_is_held_until_it_is_taken_up_with_all_that_the_allocation_carries(lines, ordered):
    [reserved] = held(lines).values()
    assert (reserved.state, reserved.until) == (space.State.RESERVED, MONDAY + 14 * DAY)
    assert only(lines.reply(ordered, "approve"), "completed", BOB)
    assert [(a["prefix"], a["pool"], a["state"], a["until"], a["carries"]) for a in shown(lines)] == [
        ("10.20.0.0/28", "lan", "allocated", None, {"customer": "Acme", "device": "pe1.Acme"}),
        ("200", "vlans", "allocated", None, {"line": "10.20.0.0/28"}),
    ]
    assert held(lines)["10.20.0.0/28"].customer == "Acme"


def test_a_reservation_lapses_by_itself_and_ends_its_request(lines, ordered):
    letters = lines.wait(days=15)
    assert ("expired", BOB) in kinds(letters)
    assert lines.request().state == "cancelled"
    assert held(lines) == {}
    lines.reply(ordered, "approve")
    assert held(lines) == held(lines, "vlans") == {}


def test_an_order_that_is_confirmed_too_late_gets_nothing_even_before_the_lapse_was_noticed(lines, ordered):
    lines.now += 15 * DAY
    lines.reply(ordered, "approve")
    assert [one.state for one in held(lines).values()] in ([], [space.State.RESERVED])
    lines.wait(seconds=1)
    assert lines.request().state == "cancelled"
    assert held(lines) == held(lines, "vlans") == {}


def test_a_reservation_holds_its_space_against_all_others(lines):
    for _ in range(16):
        lines.mail(CAROL, "line", "Customer: Acme")
    letters = lines.mail(BOB, "line", "Customer: Late")
    assert ("alert", ROOT) in kinds(letters)
    lines.wait(days=15)
    assert [one.holder for one in held(lines).values()] == [BOB]


def test_when_no_number_is_left_the_step_waits_for_one(lines):
    for _ in range(2):
        lines.reply(only(lines.mail(CAROL, "line", "Customer: Acme"), "action", ANA), "approve")
    letters = lines.reply(only(lines.mail(BOB, "line", "Customer: Late"), "action", ANA), "approve")
    assert {person for kind, person in kinds(letters) if kind == "alert"} == {ANA, LI, ROOT}
    assert lines.request("IP-3").step("vlan").trouble == "vlans has no number left: all are in use"
    assert lines.states("IP-3")["vlan"] == "open"
    freed = only(lines.mail(CAROL, "back", "Prefix: 10.20.0.0\nVlan: 200"), "action", ANA)
    assert ("completed", CAROL) in kinds(lines.reply(freed, "approve"))
    assert lines.states("IP-3")["vlan"] == "open"  # it rests
    assert ("completed", BOB) in kinds(lines.wait(days=31))
    assert held(lines, "vlans")["200"].holder == BOB


def test_nothing_is_taken_of_a_pool_that_is_not_in_the_configuration_any_more(lines, ordered):
    lines.reply(only(lines.mail(CAROL, "line", "Customer: Acme"), "action", ANA), "approve")
    for path in (lines.home / "config.toml", *(lines.home / "rules").iterdir()):
        path.write_text(path.read_text().replace("vlans", "tags"))
    lines.bot = lines.another_bot()
    lines.bot.prepare()
    only(lines.reply(ordered, "approve"), "alert", ROOT)
    assert "put [pools.vlans] back" in lines.request("IP-1").step("vlan").trouble
    assert list(held(lines, "vlans")) == ["200"]
    [answer] = lines.mail(ROOT, "query pool vlans free")
    assert "not in the configuration any more" in " ".join(answer.text.split())


def test_what_an_allocation_carries_is_known_to_the_request_that_names_it(lines, ordered):
    lines.reply(ordered, "approve")
    action = only(lines.mail(BOB, "back", "Prefix: 10.20.0.0/28\nVlan: 200"), "action", ANA)
    assert "of pe1.Acme" in action.subject
    assert lines.request("IP-2").carries == {"10.20.0.0/28": {"customer": "Acme", "device": "pe1.Acme"}}


def test_a_number_is_given_back_by_its_holder_alone(lines, ordered):
    lines.reply(ordered, "approve")
    lines.reply(only(lines.mail(CAROL, "line", "Customer: Acme"), "action", ANA), "approve")
    action = only(lines.mail(BOB, "back", "Prefix: 10.20.0.0/28\nVlan: 201"), "action", ANA)
    assert ("rejected", BOB) in kinds(lines.reply(action, "approve"))
    assert held(lines, "vlans")["201"].state is space.State.ALLOCATED


# -- wish by wish ------------------------------------------------------------------------------------------------------


@pytest.fixture
def wish(lines, ordered):  # noqa: ARG001 (IP-1 is there)
    """Fulfils a wish of IP-1, which has 10.20.0.0/28 reserved until the 7th of December."""

    def wish(asked, now=MONDAY):
        with lines.bot.store.transaction() as tx:
            return fulfil(tx, asked, lines.request(), {"lan": "noc"}, lines.bot.directory, now)

    return wish


def test_what_was_taken_is_told_with_its_end(wish):
    assert wish(Take(step="allocate", pool="lan", length=30, until=MONDAY + DAY)) == Taken(
        step="allocate", prefix="10.20.0.16/30", pool="lan", until=MONDAY + DAY
    )
    assert wish(Take(step="vlan", pool="vlans", prefix="201", reserved=True, until=MONDAY + DAY)) == Taken(
        step="vlan", prefix="201", pool="vlans", until=MONDAY + DAY, reserved=True
    )


def test_a_reservation_is_taken_up_for_good_or_for_a_time(wish):
    up = Take(step="allocate", pool="lan", length=28, from_reserved="10.20.0.0/28", until=MONDAY + DAY)
    assert wish(up) == Taken(step="allocate", prefix="10.20.0.0/28", pool="lan", until=MONDAY + DAY)
    again = wish(up)
    assert (again.full, again.reason) == (False, "10.20.0.0/28 of lan is not reserved for IP-1, or not any more")


@pytest.mark.parametrize(
    ("asked", "later", "reason"),
    [
        (
            {"from_reserved": "10.20.0.0/28"},
            14 * DAY,
            "the reservation of 10.20.0.0/28 of lan has lapsed, at 2026-12-07",
        ),
        ({"from_reserved": "10.20.0.16/28"}, DAY, "10.20.0.16/28 of lan is not reserved for IP-1, or not any more"),
        ({}, DAY, "lan gives out prefixes: say of which length, or which one"),
        ({"prefix": "200"}, DAY, "200 is a number, and lan is a pool of IPv4: name one of 10.20.0.0/24"),
        ({"prefix": "nonsense"}, DAY, "'nonsense' is no address space"),
        ({"pool": "vlans", "prefix": "-1"}, DAY, "'-1' is no number: write one from 0 to"),
        ({"pool": "vlans", "length": 28}, DAY, "vlans gives out numbers, which have no length: leave it out"),
        ({"pool": "vlan"}, DAY, "there is no pool 'vlan' (did you mean 'vlans'?)"),
    ],
)
def test_what_cannot_be_taken_is_refused_in_words(wish, asked, later, reason):
    answer = wish(Take(step="allocate", **{"pool": "lan"} | asked), now=MONDAY + later)
    assert isinstance(answer, NotTaken)
    assert not answer.full
    assert answer.reason.startswith(reason)


def test_a_pool_without_numbers_is_full_and_its_owner_is_named(wish):
    for _ in range(2):
        wish(Take(step="vlan", pool="vlans"))
    assert wish(Take(step="vlan", pool="vlans")) == NotTaken(
        step="vlan", pool="vlans", full=True, reason="vlans has no number left: all are in use"
    )
    assert wish(Take(step="allocate", pool="lan", length=24)).owner == "noc"
    assert wish(WouldFit(step="check", pool="vlans", length=None)) == Fits(
        step="check", pool="vlans", fits=False, reason="no number is left"
    )


def test_room_that_is_kept_for_another_is_told_to_be_kept_and_not_where_it_is(wish):
    def take(customer):
        return wish(Take(step="allocate", pool="sp", length=26, carries={"customer": customer}))

    assert take("Acme").prefix == "10.30.0.0/26"
    kept = "sp has no room for a /26: the largest free block, a /25, is kept for those who hold the space beside it"
    assert (take("Beta").full, take("Beta").reason) == (True, kept)
    assert take("Acme").prefix == "10.30.0.64/26"


def test_another_end_is_kept_and_nothing_is_said(lines, wish):
    assert wish(Prolong(prefix="10.20.0.0/28", pool="lan", until=MONDAY + 20 * DAY)) is None
    assert held(lines)["10.20.0.0/28"].until == MONDAY + 20 * DAY


def test_what_another_request_has_given_back_cannot_be_prolonged_and_the_request_hears_why(wish):
    told = wish(Prolong(prefix="10.20.0.64/28", pool="lan", until=MONDAY + DAY))
    reason = "10.20.0.64/28 of lan is not held by IP-1, or not any more"
    assert told == NotProlonged(prefix="10.20.0.64/28", pool="lan", reason=reason)


def test_what_was_only_reserved_is_free_at_once_and_what_was_allocated_rests(lines, wish):
    assert wish(GiveBack(prefix="10.20.0.0/28", pool="lan", own=True)) == GaveBack(prefix="10.20.0.0/28", pool="lan")
    assert held(lines) == {}
    wish(Take(step="vlan", pool="vlans"))
    back = wish(GiveBack(prefix="200", pool="vlans", step="vlan.undo", own=True))
    assert back == GaveBack(prefix="200", pool="vlans", step="vlan.undo", until=MONDAY + 30 * DAY)


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"prefix": "10.20.0.0/28", "own": False}, "the requester does not hold it"),  # it is only reserved
        ({"prefix": "10.20.0.16/28", "own": True}, "it was given back before"),
        ({"prefix": "10.99.0.0/28", "own": True}, "it was given back before"),
        ({"prefix": "10.99.0.0/28", "own": False}, "the requester does not hold it"),
        ({"prefix": "200", "pool": "vlans", "own": True}, "it was given back before"),
        ({"prefix": "200", "own": False}, "the requester does not hold it"),
        ({"prefix": "x", "own": False}, "'x' is no address space"),
    ],
)
def test_what_is_not_there_to_be_given_back_is_said_so(wish, asked, reason):
    answer = wish(GiveBack(step="release", **asked))
    assert isinstance(answer, NotGivenBack)
    assert answer.reason.startswith(reason)


# -- what a form names -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "written", "found"),
    [
        (BOB, "10.20.0.0/28", ["10.20.0.0/28"]),
        (BOB, " 10.20.0.0 / 28 ", ["10.20.0.0/28"]),
        (BOB, "10.20.0.0", ["10.20.0.0/28"]),
        (BOB, "10.20.0.1", []),
        (BOB, "10.20.0.0/28, 10.20.0.16/28; 10.20.0.32/28,,", ["10.20.0.0/28", "10.20.0.16/28"]),
        (BOB, "10.20.0.0/28\n10.20.0.16\r\n\nnonsense\n200", ["10.20.0.0/28", "10.20.0.16/28"]),
        (CAROL, "10.20.0.0/28, 10.20.0.32/28", ["10.20.0.32/28"]),
        (ROOT, "10.20.0.0/28, 10.20.0.32/28", ["10.20.0.0/28", "10.20.0.32/28"]),
        (BOB, "", []),
    ],
)
def test_a_form_names_what_its_requester_holds_one_or_several(*, lines, person, written, found):
    for number, sender in enumerate((BOB, BOB, CAROL), start=1):
        lines.reply(only(lines.mail(sender, "line", f"Customer: C{number}"), "action", ANA), "approve")
    process = lines.bot.rules.current.processes["back"]
    with lines.bot.store.transaction() as tx:
        named = held_prefixes(tx, process, {"prefix": written}, person, lines.bot.directory)
    assert list(named) == found
    assert all(carries["device"] == f"pe1.{carries['customer']}" for carries in named.values())


def test_neither_what_rests_nor_what_is_only_reserved_is_held(lines, ordered):
    def found():
        with lines.bot.store.transaction() as tx:
            process = lines.bot.rules.current.processes["back"]
            return list(held_prefixes(tx, process, {"prefix": "10.20.0.0/28"}, BOB, lines.bot.directory))

    assert found() == []
    lines.reply(ordered, "approve")
    assert found() == ["10.20.0.0/28"]
    with lines.bot.store.transaction() as tx:
        space.give_back(tx.conn, parse_space("10.20.0.0/28"), reference=None, now=lines.now)
    assert found() == []


def test_a_field_of_another_kind_is_not_looked_up(lines, ordered):
    lines.reply(ordered, "approve")
    process = lines.bot.rules.current.processes["line"]
    assert process.fields == (Field(name="customer", label="Customer", type=FieldType.TEXT, required=True),)
    with lines.bot.store.transaction() as tx:
        assert held_prefixes(tx, process, {"customer": "10.20.0.0/28"}, BOB, lines.bot.directory) == {}
