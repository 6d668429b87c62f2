"""Where a token travels: each carrier alone is enough, and two that disagree decide nothing."""

import pytest
from house import ANA, BILL, BOB, BOT, EVE, FORM, LI, House, kinds, mail, only, reply

from mailbot.intake.carriers import Contradiction, token_of
from mailbot.mail.message import read


@pytest.mark.parametrize("carrier", ["address", "In-Reply-To", "References", "quote", "subject"])
def test_trap_4_each_carrier_alone_is_enough(house, carrier):
    action = only(house.start(), "action", ANA)
    house.reply(action, "approve", carriers=[carrier])
    assert house.states()["technical"] == "done"


@pytest.mark.parametrize("header", ["Cc", "Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To"])
def test_trap_1_the_address_counts_wherever_a_mail_system_has_left_it(house, header):
    action = only(house.start(), "action", ANA)
    house.reply(action, "approve", carriers=[], **{header: action.reply_to})
    assert house.states()["technical"] == "done"


def test_trap_1_several_ids_and_commas_in_the_references(house):
    action = only(house.start(), "action", ANA)
    house.reply(action, "approve", carriers=[], References=f"<a@b.example>, {action.id}, <c@d.example>")
    assert house.states()["technical"] == "done"


def test_trap_2_upper_case_does_no_harm(house):
    action = only(house.start(), "action", ANA)
    house.reply(action, "approve", carriers=[], To=action.reply_to.upper())
    assert house.states()["technical"] == "done"


def test_trap_1_the_last_of_the_references_counts(house):
    letters = house.start()
    old = only(letters, "action", BILL)
    house.reply(old, "approve", ANA, carriers=[], References=f"{old.id} {only(letters, 'action', ANA).id}")
    assert house.states()["technical"] == "done"


def test_trap_8a_an_address_and_a_reference_that_disagree_decide_nothing(house):
    letters = house.start()
    address = only(letters, "action", LI).reply_to
    said = house.reply(only(letters, "action", ANA), "approve", ANA, carriers=["In-Reply-To"], To=address)
    assert kinds(said) == [("refused", ANA)]
    assert house.states()["technical"] == "open"


def test_trap_8a_the_same_step_of_another_person_disagrees_too(house):
    letters = house.start()
    address, replied = only(letters, "action", LI).reply_to, only(letters, "action", ANA).id
    message = read(bytes(mail(ANA, To=address, In_Reply_To=replied)))
    with house.bot.store.transaction() as tx, pytest.raises(Contradiction):
        token_of(message, "", lambda text: tx.token(house.bot.desk.post.tokens.verify(text) or ""))


def test_a_token_that_we_never_made_is_none(house):
    house.start()
    forged = "a" * 12 + "." + "b" * 16
    letters = house.mail(ANA, "Re: [IP-1] Acme", "approve", To=f"ip-requests+{forged}@example.net")
    assert kinds(letters) == [("refused", ANA)]
    assert house.states()["technical"] == "open"


def test_a_stranger_hears_nothing_of_a_contradiction_either(house):
    letters = house.start()
    address = only(letters, "action", LI).reply_to
    action = only(letters, "action", ANA)
    assert house.reply(action, "approve", "mallory@evil.example", carriers=["In-Reply-To"], To=address) == []


@pytest.mark.parametrize(("subaddress", "sign"), [("-", "ip-requests-"), ("", "ip-requests@")])
def test_a_house_with_another_separator_or_none_reads_its_own_replies(tmp_path, subaddress, sign):
    house = House(tmp_path, subaddress=subaddress)
    letters = house.start()
    action = only(letters, "action", ANA)
    assert action.reply_to.startswith(sign)
    house.take(reply(action, "approve"))
    assert house.states()["technical"] == "done"


def test_without_sub_addresses_the_subject_alone_carries_the_token(tmp_path):
    house = House(tmp_path, subaddress="")
    action = only(house.start(), "action", ANA)
    assert action.reply_to == BOT
    house.mail(ANA, f"Re: {action.subject}", "approve")
    assert house.states()["technical"] == "done"


# -- tokens that are over ----------------------------------------------------------------------------------------------


def test_trap_6_a_token_used_twice_is_answered_settled(house):
    letters = house.start()
    house.reply(only(letters, "action", ANA), "approve")
    again = house.reply(only(letters, "action", ANA), "reject too large")
    assert kinds(again) == [("settled", ANA)]
    assert house.states()["technical"] == "done"


def test_trap_8b_a_new_request_at_a_spent_token_is_a_new_request(house):
    letters = house.start()
    acknowledged = only(letters, "acknowledged")
    house.reply(acknowledged, "cancel")
    fresh = house.mail(BOB, "attribution", FORM, To=acknowledged.reply_to)
    assert only(fresh, "acknowledged").reference == "IP-2"


def test_trap_8b_but_not_where_the_token_still_lives_or_the_mail_is_a_reply(house):
    acknowledged = only(house.start(), "acknowledged")
    house.mail(BOB, "attribution", FORM, To=acknowledged.reply_to)
    house.reply(acknowledged, "cancel")
    house.reply(acknowledged, FORM, Subject="attribution")
    assert house.requests() == ["IP-1"]


def test_a_token_that_is_too_old_is_refused_in_words(house):
    action = only(house.start(), "action", ANA)
    house.now = house.now.replace(year=2028)
    said = only(house.reply(action, "approve"), "refused", ANA)
    assert "too old" in said.text
    assert house.states()["technical"] == "open"


# -- whose token it is -------------------------------------------------------------------------------------------------


def test_trap_7_a_forwarded_letter_decides_nothing_and_its_reader_learns_how_to_assign(house):
    action = only(house.start(), "action", ANA)
    said = only(house.reply(action, "approve", EVE), "refused", EVE)
    assert "assign" in said.text
    assert house.states()["technical"] == "open"


def test_trap_8a_a_stranger_with_a_token_gets_no_answer(house):
    action = only(house.start(), "action", ANA)
    assert house.reply(action, "approve", "mallory@evil.example") == []
    assert house.states()["technical"] == "open"
    assert house.inbox()[-1][0] == "ignored"


def test_trap_7_an_alias_answers_for_its_person_and_the_answer_goes_to_the_person(house):
    action = only(house.start(), "action", ANA)
    assert kinds(house.reply(action, "hmm", "a.ruiz@example.net")) == [("misunderstood", ANA)]
    house.reply(action, "approve", "a.ruiz@example.net")
    assert house.request().step("technical").answered_by == ANA


def test_another_asked_persons_token_does_no_harm(house):
    letters = house.start()
    house.reply(only(letters, "action", ANA), "approve", LI)
    assert house.request().step("technical").answered_by == LI
