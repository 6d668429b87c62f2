"""Replies to a list: each number is settled for itself, and what came of them is told in one letter at most."""

import pytest
from batch import BATCH, NINE, ONE, batch_house
from house import ANA, ATTRIBUTION, BILL, BOB, EVE, HEAD, LI, MALLORY, MONDAY, kinds, mail, only, verified
from intake.test_intake import bounce

from mailbot.process.request import Cancel, Said

FORMS = [f"Customer: {name}\nPrefix length: 28" for name in ("Acme", "Beta", "Gamma")]


@pytest.fixture
def house(tmp_path):
    return batch_house(tmp_path)


@pytest.fixture
def listed(house):
    """Ana's list: three reviews, of IP-1, IP-2 and IP-3."""
    for form in FORMS:
        house.start(form)
    return only(house.later(ONE), "actions", ANA)


def technical(house):
    return [house.states(f"IP-{n}")["technical"] for n in (1, 2, 3)]


def said(letter):
    return " ".join(letter.text.replace("\n| ", " ").split())


# -- answers -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "states"),
    [
        ("1 approve", ["done", "open", "open"]),
        ("2 reject too large", ["open", "refused", "open"]),
        ("1-2 approve", ["done", "done", "open"]),
        ("1, 3 approve", ["done", "open", "done"]),
        ("all approve", ["done", "done", "done"]),
        ("1 approve\n2 reject too large\n3 approve", ["done", "refused", "done"]),
        ("Hi,\n\n3 reject\nit is too large\nfor that room\n1 ok", ["done", "open", "refused"]),
    ],
)
def test_each_number_is_an_answer(house, listed, text, states):
    letters = house.reply(listed, text)
    assert technical(house) == states
    assert ANA not in {letter.to for letter in letters}


def test_a_reason_stays_with_its_number(house, listed):
    letters = house.reply(listed, "2 reject it is too large\nfor that room\n1 approve")
    assert "it is too large" in said(only(letters, "rejected", BOB))
    assert house.request("IP-2").reason == "it is too large\nfor that room"


def test_fields_stand_below_the_number_that_they_belong_to(tmp_path):
    attribution = ATTRIBUTION.replace('asks = ["noc"]', 'asks = ["noc"]\nmay_change = ["size"]', 1)
    house = batch_house(tmp_path, rules={"attribution": attribution})
    for form in FORMS:
        house.start(form)
    house.reply(only(house.later(ONE), "actions", ANA), "1 approve\nPrefix length: 27\n2 approve")
    assert [house.request(f"IP-{n}").form["size"] for n in (1, 2, 3)] == [27, 28, 28]
    assert technical(house) == ["done", "done", "open"]


def test_any_carrier_of_the_token_is_enough(house, listed):
    for number, carrier in enumerate(("address", "In-Reply-To", "References"), 1):
        house.reply(listed, f"{number} approve", carriers=(carrier,))
    assert technical(house) == ["done"] * 3


def test_each_number_has_prepared_answers(listed):
    html = listed.message.get_body(("html",)).get_content()
    assert all(f"body={text}" in html for text in ("1%20approve", "2%20reject%20", "3%20ask%20", "all%20approve"))


def test_questions_delays_and_comments_have_numbers_too(house, listed):
    letters = house.reply(listed, "1 ask which office?\n2 delay for 2 working days parts\n3 comment fine with me")
    assert kinds(letters) == [
        ("comment", BILL),
        ("comment", BOB),
        ("comment", LI),
        ("delayed", BOB),
        ("question", BOB),
    ]
    assert technical(house) == ["open"] * 3


# -- what is told of it ------------------------------------------------------------------------------------------------


def test_one_thing_to_say_is_said_as_ever(house, listed):
    house.reply(listed, "1 approve")
    [letter] = house.reply(listed, "1 approve")
    assert (letter.kind, letter.to, letter.reference) == ("settled", ANA, "IP-1")
    [letter] = house.reply(listed, "2 done")
    assert (letter.kind, letter.reference) == ("misunderstood", "IP-2")


def test_several_things_are_said_in_one_letter_line_by_line(house, listed):
    house.reply(listed, "1 approve")
    letter = only(house.reply(listed, "1 approve\n2 approve\n3 done"), "answer", ANA)
    assert letter.reference is None
    assert "No. 1, IP-1 (Acme: /28): settled before: approved, by ana@example.net" in said(letter)
    assert "No. 2, IP-2 (Beta: /28): approved" in said(letter)
    assert "No. 3, IP-3 (Gamma: /28): nothing has changed: this asks for your approval" in said(letter)
    assert technical(house) == ["done", "done", "open"]
    assert letter.message["Auto-Submitted"] == "auto-replied"


def test_a_list_used_again_says_that_all_of_it_is_settled(house, listed):
    house.reply(listed, "all approve")
    [letter] = house.reply(listed, "all approve")
    assert (letter.kind, letter.to, letter.reference) == ("settled", ANA, None)
    assert said(letter).count("settled before: approved") == 3


def test_the_letter_that_tells_it_can_be_answered_by_the_same_numbers(house, listed):
    letter = only(house.reply(listed, "1 reject\n2 reject\n3 approve"), "misunderstood", ANA)
    assert said(letter).count("nothing has changed: a rejection needs a reason") == 2
    house.reply(letter, "1 reject too large\n2 approve")
    assert technical(house) == ["refused", "done", "done"]


def test_what_is_no_number_of_the_list_is_told_and_the_rest_is_done(house, listed):
    letter = only(house.reply(listed, "2 approve\n4-6 approve"), "misunderstood", ANA)
    assert "There is no number 4-6 in this list." in said(letter)
    assert technical(house) == ["open", "done", "open"]


def test_who_is_asked_for_his_own_requests_is_told_of_their_ends_in_one_letter(house):
    for where in ("Lyon", "Paris"):
        house.mail(ANA, "cabling", f"Where: {where}")
    letter = only(house.later(ONE), "actions", ANA)
    letters = [x for x in house.reply(letter, "all done") if x.to == ANA]
    assert kinds(letters) == [("answer", ANA)]
    assert said(letters[0]).count("done, and the request is completed") == 2


# -- nothing is guessed at ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("approve", "write the number first"),
        ("Looks good to me", "write the number first"),
        ("1 approve\n2 not approved", "not guessed at"),
        ("1 approve\n1 reject no", "answered twice"),
        ("3-1 approve", "not guessed at"),
    ],
)
def test_anything_else_changes_nothing_and_is_told(house, listed, text, words):
    [letter] = house.reply(listed, text)
    assert (letter.kind, letter.to) == ("misunderstood", ANA)
    assert words in said(letter)
    assert technical(house) == ["open"] * 3
    house.reply(letter, "1 approve")
    assert technical(house) == ["done", "open", "open"]


def test_trap_21_a_number_before_an_answer_to_one_thing_is_not_guessed_at(house):
    house.start()
    action = only(house.later(ONE), "action", ANA)
    [letter] = house.reply(action, "1 approve")
    assert "leave the number out" in said(letter)
    assert house.states()["technical"] == "open"


def test_thanks_are_no_answer(house, listed):
    assert house.reply(listed, "Thanks!\nAna") == []
    assert only(house.reply(listed, "help"), "help", ANA)


# -- what has changed meanwhile --------------------------------------------------------------------------------------


def test_an_item_whose_content_has_changed_decides_nothing_and_is_asked_anew(house, listed):
    acknowledged = next(x for x in house.relay.letters if (x.kind, x.reference) == ("acknowledged", "IP-2"))
    house.reply(acknowledged, "Prefix length: 27")
    letters = house.reply(listed, "all approve")
    assert technical(house) == ["done", "open", "done"]
    [anew] = [x for x in letters if x.to == ANA]
    assert (anew.kind, anew.reference) == ("action", "IP-2")
    assert "The request has changed" in said(anew)
    house.reply(anew, "approve")
    assert technical(house) == ["done"] * 3


def test_what_others_have_settled_is_told_and_the_rest_is_done(house, listed):
    lis = next(x for x in house.relay.letters if (x.kind, x.to) == ("actions", LI))
    assert kinds(house.reply(lis, "1 approve")) == [("settled", ANA)]
    with house.bot.store.transaction() as tx:
        house.bot.desk.settle(tx, "IP-2", Said(actor="operator", deed=Cancel(), operator=True), house.now)
    house.send()
    letter = only(house.reply(listed, "all approve"), "settled", ANA)
    assert "settled before: approved, by li@example.net" in said(letter)
    assert "settled before: the request was cancelled" in said(letter)
    assert "No. 3, IP-3 (Gamma: /28): approved" in said(letter)
    assert technical(house) == ["done", "cancelled", "done"]


# -- who may -------------------------------------------------------------------------------------------------------


def test_trap_7_somebody_to_whom_it_was_passed_on_decides_nothing(house, listed):
    letter = only(house.reply(listed, "all approve", sender=EVE), "refused", EVE)
    assert technical(house) == ["open"] * 3
    assert said(letter).count("was asked of others, not of you") == 3
    assert house.reply(listed, "all approve", sender=MALLORY) == []


def test_a_lead_may_answer_what_was_asked_of_his_people(house, listed):
    house.reply(listed, "1 approve", sender=HEAD)
    assert house.request("IP-1").step("technical").answered_by == HEAD


def test_a_deputy_answers_a_list_that_was_passed_on_to_him(house, listed):
    house.mail(ANA, "", f"away until 2026-11-27, deputy {EVE}")
    house.reply(listed, "1-2 approve", sender=EVE)
    assert technical(house) == ["done", "done", "open"]
    assert house.request("IP-1").step("technical").answered_by == EVE


def test_the_requester_approves_nothing_of_his_own_and_all_else(house):
    for form in FORMS[:2]:
        house.start(form)
    house.start(FORMS[2], sender=ANA)
    letter = only(house.later(ONE), "actions", ANA)
    house.reply(letter, "all approve")
    assert technical(house)[:2] == ["done", "done"]
    assert house.request("IP-3").step("technical").asked == (LI,)


def test_trap_8a_a_list_needs_its_readers_from(tmp_path):
    house = batch_house(tmp_path)
    for form in FORMS:
        house.start(form)
    listed = only(house.later(ONE), "actions", ANA)
    strict = house.bot.config.trust.__class__.model_validate({"authentication_results": "mx.example.net"})
    house.bot.__dict__.pop("intake")
    house.bot.config = house.bot.config.model_copy(update={"trust": strict})
    assert house.reply(listed, "all approve") == []
    assert technical(house) == ["open"] * 3
    house.reply(listed, "all approve", Authentication_Results=verified(ANA))
    assert technical(house) == ["done"] * 3


def test_trap_8a_two_lists_in_one_mail_decide_nothing(house, listed):
    house.now = MONDAY.replace(hour=14)
    for form in FORMS[:2]:
        house.start(form)
    second = only(house.later(NINE), "actions", ANA)
    [letter] = house.reply(second, "all approve", In_Reply_To=listed.id)
    assert letter.kind == "refused"
    assert technical(house) == ["open"] * 3


def test_trap_8b_mail_to_a_list_that_is_spent_may_open_a_request(house, listed):
    house.reply(listed, "all approve")
    letters = house.take(mail(ANA, "attribution", FORMS[0], To=listed.reply_to))[1]
    assert only(letters, "acknowledged", ANA).reference == "IP-4"


def test_an_expired_list_is_too_old(house, listed):
    house.now = MONDAY.replace(year=2028)
    assert "too old" in said(only(house.reply(listed, "1 approve"), "refused", ANA))


def test_trap_13_a_list_that_came_back_is_told_once_and_stands_in_each_history(house, listed):
    letters = house.take(bounce(listed))[1]
    assert kinds(letters) == [("alert", HEAD), ("alert", "root@example.net")]
    assert all("about IP-1, IP-2, IP-3." in said(letter) for letter in letters)
    assert all(said(letter).count("What came back:") == 1 for letter in letters)
    assert all("bounced" in house.history(f"IP-{n}") for n in (1, 2, 3))


# -- items of one step -----------------------------------------------------------------------------------------------


def test_several_items_are_answered_each(house):
    letters = house.mail(BOB, "recall", "Customer: Acme\nPrefixes: 10.0.0.1, 10.0.0.2, 10.0.0.3")
    letters = house.reply(only(letters, "actions"), "1-2 approve\n3 reject still in use", sender="kim@example.net")
    assert house.states() == {
        "consent": "done",
        "consent.1": "done",
        "consent.2": "done",
        "consent.3": "refused",
    }
    assert kinds(letters) == [("completed", BOB)]


def test_trap_12_a_reply_with_more_commands_than_the_limit_does_nothing(tmp_path):
    house = batch_house(tmp_path, config=BATCH.replace("[limits]", "[limits]\ncommands_per_message = 2"))
    for form in FORMS:
        house.start(form)
    listed = only(house.later(ONE), "actions", ANA)
    answer = only(house.reply(listed, "1 approve\n2 approve\n3 approve"), "misunderstood", ANA)
    assert "more than 2 answers in one mail" in said(answer)
    assert technical(house) == ["open"] * 3
    house.reply(listed, "1 approve\n2 approve")
    assert technical(house) == ["done", "done", "open"]
