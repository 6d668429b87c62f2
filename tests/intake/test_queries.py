"""Queries by mail: in which mails they are found, who is answered, and what each may see."""

from functools import partial

import pytest
from house import (
    ANA,
    ATTRIBUTION,
    BILL,
    BOB,
    CAROL,
    CONFIG,
    EVE,
    HEAD,
    KIM,
    LI,
    MALLORY,
    QUICK,
    ROOT,
    RULES,
    House,
    kinds,
    only,
    verified,
)

from mailbot.process.request import Submitted

ALIAS = "a.ruiz@example.net"
SUPPLIER = "robot@scrubber.example"
PLENTY = CONFIG.replace("answers_per_hour = 5", "answers_per_hour = 1000")
POOLS = f"""{PLENTY}
[pools.wan]
prefixes = ["10.30.0.0/24"]
users = ["carol@example.net"]
[pools.secret]
prefixes = ["10.40.0.0/24"]
[pools.vlans]
numbers = ["100-102"]
[parties.scrubber]
address = "soc@scrubber.example"
accepts = ["*@scrubber.example"]
"""
WAN = QUICK.replace('"quick"', '"wide"').replace('pool = "lan"', 'pool = "wan"').replace("without", "beyond")
VLAN = """
type = "vlan"
title = "A VLAN"
who = ["*@example.net"]
[[field]]
name = "reason"
label = "Reason"
type = "text"
required = true
[[step]]
name = "allocate"
kind = "allocate"
pool = "vlans"
"""
SHOWN = ATTRIBUTION.replace('asks = ["billing"]', 'asks = ["billing"]\nshows = ["customer"]')


@pytest.fixture
def build(tmp_path):
    return partial(House, tmp_path)


@pytest.fixture
def house(build):
    return build(config=PLENTY)


@pytest.fixture
def pools(build):
    return build(config=POOLS, rules=RULES | {"wide": WAN, "vlan": VLAN})


def ask(house, who, query, **headers):
    [letter] = house.mail(who, "", f"query {query}\n", **headers)
    return letter


def nothing(letter):
    return letter.kind == "answer" and "There is nothing on record here that you may see." in letter.text


# -- where it is found -----------------------------------------------------------------------------------------------


def test_a_query_is_the_first_own_line_or_the_subject_of_an_empty_mail(house):
    house.start()
    assert "| IP-1  Acme: /28" in ask(house, BOB, "mine").text
    [letter] = house.mail(BOB, "Query mine?", "")
    assert "| IP-1  Acme: /28" in letter.text
    [letter] = house.mail(BOB, "attribution", "Hi,\nquery mine, please.\n\n" + "Customer: Acme\nPrefix length: 28\n")
    assert letter.kind == "answer"
    assert house.requests() == ["IP-1"]


def test_a_query_in_a_reply_is_answered_and_decides_nothing(house):
    letters = house.start()
    before = house.history()
    for letter in (only(letters, "action", ANA), only(letters, "acknowledged")):
        [answer] = house.reply(letter, "query reference IP-1")
        assert (answer.kind, answer.to, answer.reference) == ("answer", letter.to, None)
        assert "| IP-1  Acme: /28" in answer.text
    assert house.history() == before


def test_prose_that_begins_like_a_query_opens_a_request_all_the_same(house):
    letters = house.start(text="Query about new space\n\nCustomer: Acme\nPrefix length: 28\n")
    assert ("acknowledged", BOB) in kinds(letters)


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("everything", "what can be asked is “query mine”"),
        ("address 10.20.0.1/24", "has host bits set"),
        ("address 999.1.1.1", "no address space"),
        ("address 10.20.0.1 at tomorrow", "date is not understood"),
        ("address 10.20.0.1 at 2026-11-24", "still to come"),
    ],
)
def test_a_query_that_is_none_is_answered_by_what_to_write(house, query, why):
    letter = ask(house, BOB, query)
    assert letter.kind == "misunderstood"
    assert why in " ".join(letter.text.split())


def test_a_query_stands_in_the_houses_history(house):
    ask(house, BOB, "address 10.20.0.5 at 2026-11-23")
    [entry] = [row for row in house.rows("history") if row.action == "query"]
    assert (entry.reference, entry.actor) == (None, BOB)
    assert entry.detail == "address 10.20.0.5/32 from 2026-11-23T00:00:00Z to 2026-11-24T00:00:00Z"
    assert house.broken() == []


# -- who is answered -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trust", ["verified", "confirm"])
def test_a_forged_query_is_not_answered_to_anybody_who_asks_for_it(build, trust):
    house = build(replies="verified", requests=trust)
    forged = {"Reply_To": MALLORY, "Authentication_Results": verified(ROOT, result="fail")}
    letters = house.mail(ROOT, "", "query user bob@example.net", **forged)
    assert [(letter.kind, letter.to) for letter in letters] == ([("confirm", ROOT)] if trust == "confirm" else [])
    [letter] = house.mail(
        ROOT, "", "query user bob@example.net", Reply_To=MALLORY, Authentication_Results=verified(ROOT)
    )
    assert (letter.kind, letter.to) == ("answer", ROOT)


def test_whoever_confirms_his_query_gets_its_answer(build):
    house = build(replies="token", requests="confirm")
    [letter] = house.mail(BOB, "", "query mine")
    assert kinds(house.reply(letter, "yes")) == [("answer", BOB)]


def test_a_leaked_token_lets_nobody_ask_in_anothers_name(build):
    house = build(replies="token", requests="verified")
    letters = house.start(Authentication_Results=verified(BOB))
    assert house.reply(only(letters, "action", ANA), "query user bob@example.net", ROOT) == []
    assert house.inbox()[-1][0] == "held"


def test_an_alias_asks_for_its_owner(house):
    house.start()
    letter = ask(house, ALIAS, "mine")
    assert letter.to == ANA
    assert "Technical review, due" in letter.text


def test_an_alias_finds_its_owner_and_does_not_tell_who_that_is(house):
    house.mail(ANA, "quick", "Customer: Acme\nPrefix length: 28\n")
    assert "| IP-1  " in ask(house, ROOT, f"user {ALIAS}").text
    letter = ask(house, EVE, f"user {ALIAS}")
    assert nothing(letter)
    assert ANA not in letter.subject + letter.text


def test_who_may_ask_for_nothing_hears_nothing(pools):
    for who in (MALLORY, SUPPLIER):
        assert pools.mail(who, "", "query mine") == []


def test_whoever_asks_very_often_is_not_answered_any_more(build):
    house = build()
    answers = [house.mail(BOB, "", "query mine") for _ in range(7)]
    assert [len(letters) for letters in answers] == [1] * 5 + [0] * 2


# -- what each may see -----------------------------------------------------------------------------------------------


def test_mine_are_my_requests_what_waits_for_me_and_what_i_hold(house):
    prefix = house.allocated(ANA)
    house.start()
    text = ask(house, ANA, "mine").text
    waiting, rest = text.split("Requests:")
    requests, held = rest.split("Addresses held now:")
    assert "| IP-2  Acme: /28" in waiting
    assert "| IP-1  " in requests
    assert f"| {prefix}, allocated, lan" in held
    assert nothing(ask(house, CAROL, "mine"))


def test_what_was_given_back_is_told_as_it_is_now(house):
    prefix, still_held = house.allocated(), house.allocated()
    house.reply(only(house.mail(BOB, "liberation", f"Prefix: {prefix}\n"), "action"), "approve", KIM)
    assert f"| {prefix}: quarantined" in ask(house, BOB, "reference IP-1").text
    text = ask(house, BOB, "mine").text
    assert f"|   {prefix} (quarantined)" in text
    held, resting = text.partition("Addresses held now:")[2].split(
        "Given back, and resting before others may have them:"
    )
    assert still_held in held
    assert prefix not in held
    assert f"| {prefix}, quarantined" in resting
    assert f"{prefix}: quarantined" in only(house.mail(BOB, "About [IP-1]", "status\n"), "status").text


def test_a_requester_reads_the_course_of_his_request_and_not_what_others_said(house):
    letters = house.start()
    house.reply(only(letters, "action", BILL), "Account: A-77")
    house.reply(only(letters, "action", ANA), "approve\nFine for the Lyon office")
    for who, sees in ((BOB, False), (ANA, True), (BILL, True), (HEAD, True), (ROOT, True)):
        text = ask(house, who, "reference ip-1").text
        assert "approved (Technical review), ana@example.net" in " ".join(text.replace("|", "").split())
        assert ("A-77" in text, "for the Lyon office" in text) == (sees, sees), who
        assert "| Customer: Acme" in text
        assert "action to ana" not in text


def test_reply_codes_that_somebody_has_written_are_masked(house):
    letters = house.start()
    action = only(letters, "action", ANA)
    house.reply(only(letters, "acknowledged"), f"comment your code was {action.token}")
    text = ask(house, LI, "reference IP-1").text
    assert "your code was" in text
    assert action.token not in text


def test_a_rejection_names_no_address_of_ours_in_the_trace_either(house):
    letters = house.start()
    house.reply(only(letters, "action", ANA), "reject use 10.20.0.64/28 of Eve instead, or 192.0.2.1")
    assert "use (an address) of Eve instead, or 192.0.2.1" in ask(house, BOB, "reference IP-1").text
    assert "use 10.20.0.64/28 of Eve" in ask(house, LI, "reference IP-1").text


def test_where_a_rule_says_what_it_shows_no_more_is_told(build):
    house = build(config=PLENTY, rules=RULES | {"attribution": SHOWN})
    letters = house.start()
    house.reply(only(letters, "action", ANA), "comment see the floor plan")
    text = ask(house, BILL, "reference IP-1").text
    assert "| Customer: Acme" in text
    assert "Two firewalls" not in text.split("What happened")[0]


def test_what_somebody_stands_in_for_is_his_to_see(house):
    house.reply(only(house.start(), "action", LI), "approve")
    assert nothing(ask(house, CAROL, "reference IP-1"))
    house.mail(ANA, "", f"away until 2026-12-04, deputy {CAROL}")
    assert "| IP-1  Acme: /28" in ask(house, CAROL, "reference IP-1").text
    house.mail(ANA, "", "back")
    assert nothing(ask(house, CAROL, "reference IP-1"))


def test_what_was_passed_on_to_a_deputy_stays_his_to_see_as_it_stays_his_to_answer(house):
    house.start()
    house.mail(ANA, "", f"away until 2026-12-04, deputy {CAROL}")
    house.mail(ANA, "", "back")
    assert "| IP-1  Acme: /28" in ask(house, CAROL, "reference IP-1").text


def test_who_is_put_in_copy_sees_the_request_until_he_stops_watching(house):
    letters = house.start(Cc=CAROL)
    house.reply(only(letters, "acknowledged"), "comment hello")
    assert "| Customer: Acme" in ask(house, CAROL, "reference IP-1").text
    house.reply(only(house.relay.letters, "comment", CAROL), "unwatch")
    assert nothing(ask(house, CAROL, "reference IP-1"))


def test_a_request_is_found_by_what_others_call_it(house):
    rules, event = house.bot.rules.current, Submitted(given={"customer": "Acme", "size": "28"})
    process = rules.processes["quick"]
    named = {"requester": BOB, "channel": "api", "now": house.now, "external_reference": "PO 2026/17"}
    with house.bot.store.transaction() as tx:
        house.bot.desk.open(tx, process, rules.sources[process.version], event, **named)
    house.send()
    assert "| IP-1  " in ask(house, BOB, "reference PO 2026/17").text
    assert nothing(ask(house, EVE, "reference PO 2026/17"))


@pytest.mark.parametrize(
    ("who", "query", "answer"),
    [
        (BOB, "lan free 28", "Yes: there is room for 16 of length /28 in lan now."),
        (BOB, "lan free /24", "Yes: there is room for 1 of length /24 in lan now."),
        (BOB, "lan free 23", "No: there is no room for a /23 in lan now."),
        (BOB, "lan free", "Of which length?"),
        (BOB, "vlans free", "Yes: 3 numbers are free in vlans now."),
        (BOB, "vlans free 28", "No: vlans gives out numbers, which have no length"),
        (CAROL, "wan free 24", "Yes: "),
        (ROOT, "secret free 24", "Yes: "),
        (BOB, "wan free 24", None),
        (BOB, "secret free 24", None),
        (BOB, "nowhere free 24", None),
    ],
)
def test_room_is_told_to_those_whom_a_pool_may_serve_and_never_which(pools, who, query, answer):
    letter = ask(pools, who, f"pool {query}")
    assert nothing(letter) == (answer is None)
    assert (answer or "") in " ".join(letter.text.split())
    assert "10." not in letter.text


def test_numbers_are_asked_about_like_addresses(pools):
    pools.mail(BOB, "vlan", "Reason: The new floor\n")
    letter = ask(pools, BOB, "address 100 at today")
    assert "| 100, allocated, vlans" in letter.text
    assert nothing(ask(pools, EVE, "address 100"))
    assert nothing(ask(pools, KIM, "address 101"))


def test_the_letter_that_answers_waits_for_no_reply_and_shows_all_of_others_behind_a_bar(house):
    house.start(text="Customer: approve\nPrefix length: 28\nReason: reject\n")
    letter = ask(house, LI, "reference IP-1")
    assert letter.reply_to == ""
    assert not [line for line in letter.text.split("\r\n") if line.strip() in {"approve", "reject"}]
    assert "| Customer: approve" in letter.text
