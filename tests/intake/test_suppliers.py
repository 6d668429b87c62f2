"""A supplier's mail: his people answer as people do; what his machines write is noted, and decides nothing."""

from datetime import timedelta

import pytest
from house import ANA, BOB, CONFIG, EVE, ROOT, House, kinds, mail, only, reply, verified

from mailbot.mail.mailbox import Folder
from mailbot.store import views

ORDERS, DESK, ROBOT = (f"{name}@scrubber.example" for name in ("orders", "desk", "noreply"))
OTHER = "desk@elsewhere.example"
PARTIES = f"""
[parties.scrubber]
address = "{ORDERS}"
accepts = ["*@scrubber.example"]
[parties.elsewhere]
address = "{OTHER}"
"""

ORDER = """
type = "order"
title = "Ordered"
who = ["bob@example.net"]
[[field]]
name = "what"
label = "What"
type = "text"
required = true
[[step]]
name = "deliver"
kind = "form"
asks = ["party:scrubber"]
shows = ["what"]
  [[step.field]]
  name = "number"
  label = "Order number"
  type = "text"
  required = true
  reference = true
"""

AUTOMATIC = {"Auto_Submitted": "auto-replied"}
MARKED = {"Auto_Submitted": "auto-generated", "Precedence": "bulk"}


@pytest.fixture
def house(tmp_path):
    return House(tmp_path, rules={"order": ORDER}, config=CONFIG + PARTIES)


@pytest.fixture
def strict(tmp_path):
    return House(tmp_path, replies="verified", requests="verified", rules={"order": ORDER}, config=CONFIG + PARTIES)


def ordered(house, **headers):
    return only(house.mail(BOB, "order", "What: A line\n", **headers), "action", ORDERS)


def noted(house, reference="IP-1"):
    with house.bot.store.reading() as conn:
        found = views.history(conn, views.HistoryFilter(reference=reference, action="noted"))
        return [(row["actor"], row["step"], row["detail"]) for row in found]


def known_as(house, name):
    with house.bot.store.reading() as conn:
        return list(views.named(conn, name))


@pytest.mark.parametrize("carriers", [["address"], ["In-Reply-To"], ["References"], ["quote"], ["subject"]])
def test_a_machine_is_noted_wherever_the_token_travels(house, carriers):
    order = ordered(house)
    folder, letters = house.take(reply(order, "Thank you.", ROBOT, carriers=carriers, **AUTOMATIC))
    assert (folder, letters) == (Folder.PROCESSED, [])
    assert noted(house) == [(ROBOT, "deliver", noted(house)[0][2])]


def test_a_machine_is_noted_by_our_reference_alone(house):
    ordered(house)
    folder, letters = house.take(mail(ROBOT, "[#8812] Re: [IP-1] Ordered", "Order number: 1", **AUTOMATIC))
    assert (folder, letters) == (Folder.PROCESSED, [])
    assert noted(house) == [(ROBOT, "deliver", "[#8812] Re: [IP-1] Ordered (8812)")]
    assert known_as(house, "#8812") == ["IP-1"]
    assert house.states() == {"deliver": "open"}


def test_the_same_mail_twice_is_noted_once(house):
    order = ordered(house)
    raw = reply(order, "Thank you.", ROBOT, **AUTOMATIC)
    for _ in range(2):
        house.take(raw)
    assert len(noted(house)) == 1


@pytest.mark.parametrize("who", [EVE, ANA, OTHER, "noreply@evil.example"])
def test_machines_of_others_are_ignored_as_ever(house, who):
    order = ordered(house)
    folder, letters = house.take(reply(order, "Thank you.", who, **AUTOMATIC))
    assert (folder, letters) == (Folder.IGNORED, [])
    assert noted(house) == []


def test_a_machine_that_is_about_nothing_of_ours_is_ignored(house):
    ordered(house)
    for subject in ("Newsletter", "[IP-99] Your order", "[#8812] no reference"):
        folder, letters = house.take(mail(ROBOT, subject, "Hello", **AUTOMATIC))
        assert (folder, letters) == (Folder.IGNORED, [])
    assert noted(house) == []


def test_a_forged_machine_notes_nothing(strict):
    order = ordered(strict, Authentication_Results=verified(BOB))
    folder, _ = strict.take(reply(order, "Thank you.", ROBOT, **AUTOMATIC))
    assert folder is Folder.IGNORED
    folder, _ = strict.take(mail(ROBOT, "[#1] [IP-1]", "x", **AUTOMATIC))
    assert folder is Folder.IGNORED
    assert noted(strict) == []
    strict.take(reply(order, "Thank you.", ROBOT, Authentication_Results=verified(ROBOT), **AUTOMATIC))
    assert len(noted(strict)) == 1


def test_an_answer_of_theirs_that_is_marked_as_a_machines_is_told_once_and_their_receipts_are_not(house):
    order = ordered(house)
    assert house.reply(order, "We have received your order.", ROBOT, **MARKED) == []
    assert kinds(house.reply(order, "Order number: SO-1", DESK, **MARKED)) == [("alert", ROOT)]
    assert house.reply(order, "Order number: SO-1", DESK, **MARKED) == []
    assert house.states() == {"deliver": "open"}


def test_a_forged_answer_is_held_and_a_believed_one_counts(strict):
    order = ordered(strict, Authentication_Results=verified(BOB))
    strict.take(reply(order, "Order number: SO-1", DESK))
    assert strict.states() == {"deliver": "open"}
    assert strict.inbox()[-1][0] == "held"
    strict.take(reply(order, "Order number: SO-1", DESK, Authentication_Results=verified(DESK)))
    assert strict.states() == {"deliver": "done"}
    assert known_as(strict, "so-1") == ["IP-1"]


def test_what_the_suppliers_system_calls_it_is_kept_from_an_answer_too(house):
    order = ordered(house)
    raw = reply(order, "Order number: SO-1", DESK)
    del raw["Subject"]
    raw["Subject"] = "[SR 5512] Re: [IP-1]"
    house.take(raw)
    assert house.states() == {"deliver": "done"}
    assert known_as(house, "5512") == known_as(house, "SO-1") == ["IP-1"]


def test_a_query_finds_the_request_by_their_number(house):
    order = ordered(house)
    house.reply(order, "Order number: SO-1", DESK)
    answer = only(house.mail(BOB, "query reference so-1"), "answer", BOB)
    assert "IP-1" in answer.text
    assert known_as(house, "SO-2") == []


def test_a_supplier_without_a_token_may_ask_how_it_stands_and_nothing_more(house):
    ordered(house)
    assert kinds(house.mail(DESK, "[IP-1] Our work", "status")) == [("status", DESK)]
    assert kinds(house.mail(DESK, "[IP-1] Our work", "reject too late")) == [("refused", DESK)]
    assert house.mail(OTHER, "[IP-1] Our work", "status") == []
    assert house.mail(DESK, "[IP-99] Our work", "help") == []
    assert house.mail(DESK, "Our work", "help") == []
    assert house.mail(DESK, "away until 2026-12-24, deputy ana@example.net", "") == []


def test_a_machine_that_looks_like_a_human_gets_one_answer_an_hour(house):
    order = ordered(house)
    assert kinds(house.reply(order, "We have received your mail.", DESK)) == [("misunderstood", DESK)]
    for number in range(3):
        assert house.mail(DESK, f"Re: [IP-1] [#77{number}]", f"We have received your mail, number {number}.") == []
    assert len(noted(house)) == 3
    house.now += timedelta(hours=2)
    assert kinds(house.reply(order, "We have received your mail again.", DESK)) == [("misunderstood", DESK)]


def test_nobody_at_the_suppliers_opens_anything(house):
    assert house.mail(DESK, "order", "What: A line\n") == []
    assert house.requests() == []
