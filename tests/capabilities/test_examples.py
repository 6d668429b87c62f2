"""The three processes of rules/examples/, each driven by mail from its beginning to its end, letter by letter."""

import email.policy
import io
import json
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
from capabilities.conftest import House
from ready import put_database
from system.office import BOT, Letter, Office, kinds, mail, only, reply

from mailbot.cli import main
from mailbot.cli.start import examples, parts_written

pytestmark = pytest.mark.timeout(120)

BOB, ANA, LI, MARTA, OLAF, HOST, PLANNING = (
    f"{name}@example.net" for name in ("bob", "ana", "li", "marta", "olaf", "hostmaster", "planning")
)
ORDERS, DESK, ROBOT = (f"{name}@scrubber.example" for name in ("orders", "desk", "noreply"))


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[Callable[[str], House]]:
    """A house that works by one of the examples, as `mailbot init --example` writes it."""
    made: list[House] = []

    def open_(name: str) -> House:
        home = tmp_path / name
        list(parts_written(home, name))
        put_database(home / "var" / "mailbot.db")
        made.append(House(Office(home=home)))
        return made[-1]

    yield open_
    for house in made:
        house.bot.close()


def called(house: House, *words: str) -> tuple[int, str, str]:
    """An operator's command: how it ends, what it answers, and what it says beside that."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
        main(["--config", str(house.office.config), *words])
    return int(ended.value.code or 0), out.getvalue(), err.getvalue()


def shell(house: House, *words: str) -> str:
    """What a command answers that ends well, and has nothing to complain of."""
    code, out, err = called(house, *words)
    assert (code, err) == (0, ""), out
    return out


def asked(house: House, *words: str) -> Any:
    """The same, as JSON."""
    return json.loads(shell(house, *words, "--json"))


def file(house: House, name: str) -> list[str]:
    path = house.office.home / "var" / name
    return path.read_text().splitlines() if path.exists() else []


def flat(letter: Letter) -> str:
    """Its words, however they are wrapped."""
    return " ".join(letter.text.replace("| ", " ").split())


def by_machine(raw: bytes, sender: str, subject: str) -> bytes:
    """A mail as a ticket system sends it in answer."""
    message = BytesParser(policy=email.policy.SMTP).parsebytes(raw)
    assert isinstance(message, EmailMessage)
    for name in ("From", "Subject", "Message-ID"):
        del message[name]
    message["From"], message["Subject"], message["Message-ID"] = sender, subject, "<1@scrubber.example>"
    message["Auto-Submitted"] = "auto-replied"
    return bytes(message)


@pytest.mark.parametrize("name", examples())
def test_every_example_is_right_tested_and_drawn(name: str, provider: Callable[[str], House]) -> None:
    house = provider(name)
    for words in (["check"], ["rules", "check", "--strict"], ["rules", "test"]):
        assert "warning" not in shell(house, *words)
    types = [path.stem for path in (house.office.home / "rules").glob("[a-z]*.toml")]
    assert types
    for type_ in types:
        steps = house.bot.rules.current.processes[type_].steps
        drawn = [shell(house, "rules", "show", type_, "--format", way) for way in ("text", "mermaid", "svg")]
        assert all(step.title.split()[0] in text for text in drawn for step in steps)


def test_what_stands_for_a_router_is_the_same_everywhere() -> None:
    routers = Path(__file__).parents[2].glob("rules/examples/*/targets/router.py")
    assert len({path.read_bytes() for path in routers}) == 1


# -- a customer block ---------------------------------------------------------------------------------------------

BLOCK = """\
Customer: Acme GmbH
Site: Lyon
Prefix length: 24
Account manager: Marta
Justification: Forty desks in the new office in Lyon.
"""


def test_a_customer_block_is_held_cut_down_agreed_to_and_put_into_service(
    provider: Callable[[str], House],
) -> None:
    house = provider("customer-block")
    letters = house.say(mail(BOB, "block", BLOCK))
    assert kinds(letters) == [("acknowledged", BOB), ("action", ANA), ("action", LI), ("action", MARTA)]
    ours, theirs = only(letters, "action", ANA), only(letters, "action", MARTA)
    assert "10.20.0.0/24 is reserved from Lyon, customers" in flat(theirs)
    assert "what you may change is: Prefix length" in flat(ours)
    assert "what you may change" not in flat(theirs)
    assert "If all agree, a number is allocated from Lyon, VLANs" in flat(theirs)

    assert kinds(house.say(reply(theirs, "approve"))) == []

    letters = house.say(reply(ours, "approve\nPrefix length: 26"))
    assert kinds(letters) == [("action", MARTA), ("settled", LI), ("status", BOB)]
    assert "ana@example.net has changed your form: Prefix length" in flat(only(letters, "status", BOB))
    anew = only(letters, "action", MARTA)
    assert "an earlier answer of yours no longer counts" in flat(anew)
    assert "Changed since you were asked: Prefix length" in flat(anew)
    held = [a for a in asked(house, "requests", "show", "IP-1")["addresses"] if a["state"] == "reserved"]
    assert [(a["prefix"], a["until"]) for a in held] == [("10.20.0.0/26", "2026-12-07T09:03:00Z")]

    letters = house.say(reply(anew, "approve"))
    assert [kind for kind in kinds(letters) if kind[1] != "billing@example.net"] == [
        ("completed", BOB),
        ("status", MARTA),
    ]
    done = flat(only(letters, "completed", BOB))
    assert "10.20.0.0/26 allocated from Lyon, customers" in done
    assert "200 allocated from Lyon, VLANs" in done
    assert "10.20.0.0/24" not in done
    [order] = [letter for letter in letters if letter.to == "billing@example.net"]
    assert "account_manager: marta@example.net" in order.text
    assert file(house, "routers/lyon-pe1") == ["10.20.0.0/26 vlan 200"]
    assert file(house, "registry/IP-1.enter.registry.1.txt")[:3] == [
        "inetnum:  10.20.0.0/26",
        "netname:  RIVERNET-10-20-0-0-26",
        "descr:    Acme GmbH, Lyon",
    ]
    request = asked(house, "requests", "show", "IP-1")
    assert request["state"] == "completed"
    held = {a["pool"]: a for a in request["addresses"] if a["state"] == "allocated"}
    assert held["lyon-v4"]["carries"] == {
        "customer": "Acme GmbH",
        "manager": MARTA,
        "device": "lyon-pe1",
        "vlan": "200",
    }
    assert held["lyon-vlans"]["prefix"] == "200"


def test_a_customer_block_that_does_not_work_is_taken_back_and_all_are_told(
    provider: Callable[[str], House],
) -> None:
    house = provider("customer-block")
    (house.office.home / "var" / "routers").mkdir()
    (house.office.home / "var" / "routers" / "silent").touch()
    letters = house.say(mail(BOB, "block", BLOCK))
    house.say(reply(only(letters, "action", MARTA), "approve"))
    letters = house.say(reply(only(letters, "action", ANA), "approve"))
    assert kinds(letters) == [("failed", BOB), ("settled", LI)]
    assert file(house, "routers/lyon-pe1") == []
    assert not list((house.office.home / "var" / "registry").iterdir())
    request = asked(house, "requests", "show", "IP-1")
    assert request["state"] == "failed"
    assert {a["state"] for a in request["addresses"]} == {"quarantined"}
    assert [s["name"] for s in request["steps"] if s["undoes"]] == ["configure.undo", "allocate.undo", "vlan.undo"]
    assert kinds(house.run("2027-01-15 10:00:00")) == []


def test_a_router_that_refuses_is_looked_at_by_people_who_try_again(provider: Callable[[str], House]) -> None:
    house = provider("customer-block")
    (house.office.home / "var" / "routers").mkdir()
    down = house.office.home / "var" / "routers" / "lyon-pe1.down"
    down.touch()
    letters = house.say(mail(BOB, "block", BLOCK))
    house.say(reply(only(letters, "action", MARTA), "approve"))
    letters = house.say(reply(only(letters, "action", ANA), "approve"))
    assert kinds(letters) == [("alert", ANA), ("alert", HOST), ("alert", LI), ("settled", LI)]
    assert "lyon-pe1 does not answer" in flat(only(letters, "alert", HOST))
    down.unlink()
    letters = house.say(reply(only(letters, "alert", HOST), "retry"))
    assert ("completed", BOB) in kinds(letters)
    assert file(house, "routers/lyon-pe1") == ["10.20.0.0/24 vlan 200"]


# -- closing a site -----------------------------------------------------------------------------------------------


def line(customer: str, manager: str) -> str:
    return f"Customer: {customer}\nSite: Lyon\nPrefix length: 28\nAccount manager: {manager}\n"


def test_a_site_is_closed_with_one_list_to_each_manager_and_each_prefix_goes_on_the_day(
    provider: Callable[[str], House],
) -> None:
    house = provider("closing-a-site")
    for customer, manager in (("Acme", "Marta"), ("Bolt", "Olaf"), ("Cork", "Marta")):
        letters = house.say(mail(BOB, "line", line(customer, manager)))
        assert kinds(letters) == [("acknowledged", BOB), ("completed", BOB)]
    routes = ["10.20.0.0/28", "10.20.0.16/28", "10.20.0.32/28"]
    assert file(house, "routers/lyon-pe1") == routes

    form = f"Site: Lyon\nPrefixes: {', '.join(routes)}\nLast day: 2026-12-18\n"
    letters = house.say(
        mail(PLANNING, "closing", f"{form}Justification: The building is sold at the end of the year.\n")
    )
    assert kinds(letters) == [("acknowledged", PLANNING), ("action", OLAF), ("actions", MARTA)]
    list_, single = only(letters, "actions", MARTA), only(letters, "action", OLAF)
    assert "10.20.0.0/28 (customer Acme, device lyon-pe1" in flat(list_)
    assert "10.20.0.32/28 (customer Cork, device lyon-pe1" in flat(list_)
    assert "10.20.0.16/28" not in flat(list_)
    assert "10.20.0.16/28 (customer Bolt" in flat(single)
    assert "The building is sold" in flat(list_)

    house.say(reply(list_, "1 approve\n2 reject Cork has a contract until March"), reply(single, "approve"))
    assert house.states("IP-4")["moved"] == "open"
    assert file(house, "routers/lyon-pe1") == routes

    assert kinds(house.run("2026-12-17 20:00:00")) == []
    assert file(house, "routers/lyon-pe1") == routes
    letters = house.run("2026-12-18 08:30:00")
    assert kinds(letters) == [("completed", PLANNING), ("status", MARTA), ("status", OLAF)]
    ended = flat(only(letters, "completed", PLANNING))
    assert "10.20.0.0/28 (given back) 10.20.0.16/28 (given back)" in ended
    assert "May it be closed?, 2 of 3 (marta@example.net, olaf@example.net)" in ended
    assert "10.20.0.32/28 (customer Cork" in ended
    assert "Cork has a contract until March" in ended
    assert "10.20.0.0/28" in flat(only(letters, "status", MARTA))
    assert "10.20.0.16/28" in flat(only(letters, "status", OLAF)).partition("May it be closed")[0]
    assert file(house, "routers/lyon-pe1") == ["10.20.0.32/28"]
    pool = asked(house, "pools", "show", "lyon-v4")
    assert [(a["prefix"], a["state"]) for a in pool["allocations"]] == [
        ("10.20.0.0/28", "quarantined"),
        ("10.20.0.16/28", "quarantined"),
        ("10.20.0.32/28", "allocated"),
    ]


# -- a night's scrubbing --------------------------------------------------------------------------------------------

NIGHT = "Customer: Acme GmbH\nDay: 2026-11-25\nJustification: Attacked each night of this week, at four.\n"
ACCEPTED = "Your order number: SO-4711\nTunnel endpoint: 198.51.100.7"


def ordered(house: House) -> Letter:
    """The order that the supplier gets."""
    letters = house.ask(NIGHT, "scrubbing", BOB)
    assert kinds(letters) == [("acknowledged", BOB), ("action", ANA), ("action", LI)]
    letters = house.say(reply(only(letters, "action", ANA), "approve"))
    assert kinds(letters) == [("action", ORDERS), ("settled", LI)]
    return only(letters, "action", ORDERS)


def test_a_supplier_scrubs_for_six_hours_of_a_night_and_the_end_comes_by_itself(
    provider: Callable[[str], House],
) -> None:
    """S4.12 and S1.11"""
    house = provider("scrubbing")
    order = ordered(house)
    assert kinds(house.say(reply(order, ACCEPTED, sender=DESK))) == []
    assert house.states("IP-1")["scrub"] == "waiting"
    assert file(house, "routers/border-1") == []

    assert kinds(house.run("2026-11-25 01:59:00")) == []
    letters = house.run("2026-11-25 02:00:00")  # 03:00 in Paris
    assert kinds(letters) == [("completed", BOB), ("status", ANA), ("status", ORDERS)]
    assert "Scrubbing has begun, for a time" in flat(only(letters, "status", ORDERS))
    assert "203.0.113.0/28: allocated, until Wed 25 Nov 2026, 09:00 CET" in flat(only(letters, "status", ORDERS))
    assert file(house, "routers/border-1") == ["203.0.113.0/28 tunnel 198.51.100.7"]
    [address] = asked(house, "requests", "show", "IP-1")["addresses"]
    assert (address["state"], address["until"]) == ("allocated", "2026-11-25T08:00:00Z")

    letters = house.run("2026-11-25 08:00:00")
    assert kinds(letters) == [("ended", ANA), ("ended", BOB), ("ended", ORDERS)]
    assert file(house, "routers/border-1") == []
    request = asked(house, "requests", "show", "IP-1")
    assert (request["state"], request["addresses"][0]["state"]) == ("completed", "quarantined")
    assert kinds(house.run("2026-11-26 08:00:00")) == []


def test_a_supplier_is_told_what_the_step_shows_and_nothing_else(provider: Callable[[str], House]) -> None:
    """S4.12"""
    house = provider("scrubbing")
    order = ordered(house)
    for known in ("2026-11-25", "203.0.113.0/28", "Scrubbing from 03:00 to 09:00", "Your order number:", "IP-1"):
        assert known in flat(order) or known in order.header("Subject")
    later = [
        *house.say(reply(order, "perhaps", sender=DESK)),
        *house.say(reply(order, "status", sender=DESK)),
        *house.run("2026-11-23 17:00:00"),
        *house.say(reply(order, ACCEPTED, sender=DESK)),
        *house.run("2026-11-25 02:00:00"),
        *house.run("2026-11-25 08:00:00"),
    ]
    theirs = [order, *(letter for letter in later if letter.to.endswith("@scrubber.example"))]
    assert {letter.kind for letter in theirs} == {"action", "misunderstood", "status", "reminder", "ended"}
    for letter in theirs:
        everything = letter.raw.decode()
        for part in letter.message.walk():
            everything += part.get_content() if part.get_content_maintype() == "text" else ""
        for secret in ("Acme", "Attacked", "bob@", "ana@", "li@", "Technical review", "Network operations"):
            assert secret not in everything, (letter.kind, secret)


def test_a_suppliers_machine_is_noted_and_decides_nothing(provider: Callable[[str], House]) -> None:
    """S4.12 and S4.13"""
    house = provider("scrubbing")
    order = ordered(house)
    answer = reply(order, f"Thank you for your order.\n{ACCEPTED}", sender=ROBOT)
    letters = house.say(by_machine(answer, ROBOT, "[#88123] We have received your order"))
    assert letters == []
    assert house.states("IP-1")["order"] == "open"
    noted = [entry for entry in house.history("IP-1") if entry[1] == "noted"]
    assert noted == [(ROBOT, "noted", "[#88123] We have received your order (88123)")]
    assert len(house.office.folder("Processed")) == 3
    found = asked(house, "requests", "list", "--reference", "88123")
    assert [request["reference"] for request in found] == ["IP-1"]


def test_a_suppliers_order_number_finds_the_request_afterwards(provider: Callable[[str], House]) -> None:
    """S4.13"""
    house = provider("scrubbing")
    order = ordered(house)
    assert asked(house, "requests", "list", "--reference", "SO-4711") == []
    house.say(reply(order, ACCEPTED, sender=DESK))
    assert [r["reference"] for r in asked(house, "requests", "list", "--reference", "so-4711")] == ["IP-1"]
    assert asked(house, "requests", "show", "SO-4711")["reference"] == "IP-1"
    assert {entry["reference"] for entry in asked(house, "history", "--reference", "SO-4711")} == {"IP-1"}

    house.say(reply(ordered(house), ACCEPTED, sender=DESK))
    assert [r["reference"] for r in asked(house, "requests", "list", "--reference", "SO-4711")] == ["IP-1", "IP-2"]
    code, _, err = called(house, "requests", "show", "SO-4711")
    assert code == 1
    assert "several requests are called 'SO-4711': IP-1, IP-2; name one of these" in err


def test_somebody_else_at_the_suppliers_is_believed_and_a_stranger_is_not(provider: Callable[[str], House]) -> None:
    """S4.12"""
    house = provider("scrubbing")
    order = ordered(house)
    house.say(reply(order, ACCEPTED, sender="desk@elsewhere.example"))
    assert house.states("IP-1")["order"] == "open"
    house.say(reply(order, "hold", sender=DESK))
    assert house.request("IP-1")["state"] == "inProgress"
    house.say(reply(order, "reject we are full that night", sender=DESK))
    assert house.request("IP-1")["state"] == "rejected"
    assert house.request("IP-1")["addresses"][0]["state"] == "released"


def test_a_machine_that_does_not_say_that_it_is_one_is_answered_once(provider: Callable[[str], House]) -> None:
    house = provider("scrubbing")
    order = ordered(house)
    first = house.say(reply(order, "Your mail has reached us.", sender=DESK))
    assert kinds(first) == [("misunderstood", DESK)]
    again = house.say(mail(DESK, f"Re: {first[0].header('Subject')}", "Your mail has reached us.", to=BOT))
    assert again == []
