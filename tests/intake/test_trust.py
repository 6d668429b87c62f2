"""Whose From is believed: verified, by token, at its word, or asked."""

from datetime import timedelta

import pytest
from house import ANA, BILL, BOB, BOT, FORM, MALLORY, ROOT, House, kinds, mail, only, reply, verified

from mailbot.errors import NotFound
from mailbot.mail.mailbox import Folder


def believed(sender, **more):
    return {"Authentication_Results": verified(sender, **more)}


# -- replies -----------------------------------------------------------------------------------------------------------


def opened(house):
    return house.start(**believed(BOB))


def test_a_verified_reply_decides(strict):
    action = only(opened(strict), "action", ANA)
    strict.reply(action, "approve", **believed(ANA))
    assert strict.states()["technical"] == "done"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        believed(ANA, result="fail"),
        believed(ANA, border="mx.evil.example"),
        {"Authentication_Results": "mx.example.net; dmarc=pass header.from=evil.example"},
        {"Reply_To": ANA},
        {"Sender": ANA},
    ],
    ids=["no verdict", "fail", "another border's", "of another domain", "Reply-To", "Sender"],
)
def test_trap_17_a_reply_that_is_not_believed_is_held_and_decides_nothing(strict, headers):
    action = only(opened(strict), "action", ANA)
    folder, letters = strict.take(reply(action, "approve", **headers))
    assert (folder, letters) == (Folder.QUARANTINE, [])
    assert strict.states()["technical"] == "open"
    assert strict.inbox()[-1][0] == "held"


def test_trap_17_admins_are_told_of_held_mail_once_an_hour(strict):
    action = only(opened(strict), "action", ANA)
    strict.reply(action, "approve")
    first = only(strict.wait(minutes=1), "alert", ROOT)
    assert ANA in first.text
    strict.reply(action, "approve")
    assert strict.wait(minutes=30) == []
    assert "1 mail waits" in only(strict.wait(minutes=31), "alert", ROOT).text
    assert strict.wait(hours=2) == []


def test_a_held_mail_that_is_released_decides(strict):
    action = only(opened(strict), "action", ANA)
    strict.reply(action, "approve")
    strict.bot.intake.release(2, strict.now)
    assert strict.states()["technical"] == "done"
    assert strict.inbox()[-1][0] == "handled"
    with pytest.raises(NotFound):
        strict.bot.intake.release(2, strict.now)


def test_a_released_mail_that_comes_again_counts_once(strict):
    text = mail(BOB, "attribution", FORM, **believed(BOB, result="fail"))
    strict.take(text)
    strict.bot.intake.release(1, strict.now)
    copy = mail(BOB, "attribution", FORM, Message_ID=text["Message-ID"], **believed(BOB))
    strict.take(copy)
    assert strict.requests() == ["IP-1"]


def test_by_token_a_reply_needs_no_verdict(house):
    action = only(house.start(), "action", ANA)
    house.reply(action, "approve")
    assert house.states()["technical"] == "done"


def test_trap_16_more_than_one_from_is_never_believed(house):
    action = only(house.start(), "action", ANA)
    raw = bytes(reply(action, "approve")).replace(b"From: ", b"From: bob@example.net\r\nFrom: ", 1)
    folder, letters = house.take(raw)
    assert (folder, letters) == (Folder.QUARANTINE, [])
    assert house.states()["technical"] == "open"


def test_trap_16_answers_never_go_to_a_reply_to(house):
    assert kinds(house.mail(BOB, "hello", "what can I ask for?", Reply_To=MALLORY)) == [("forms", BOB)]


# -- requests ----------------------------------------------------------------------------------------------------------


def test_a_verified_request_is_opened_at_once(strict):
    assert ("acknowledged", BOB) in kinds(opened(strict))


def test_the_whole_way_of_a_confirmation(strict):
    [letter] = strict.start()
    assert (letter.kind, letter.to) == ("confirm", BOB)
    assert strict.requests() == []
    assert strict.inbox() == [("unconfirmed", strict.inbox()[0][1])]
    letters = strict.reply(letter, "yes")
    assert ("acknowledged", BOB) in kinds(letters)
    assert strict.requests() == ["IP-1"]
    assert [state for state, _ in strict.inbox()] == ["handled", "handled"]


def test_a_confirmation_counts_once(strict):
    [letter] = strict.start()
    strict.reply(letter, "yes")
    assert strict.reply(letter, "yes") == []
    assert strict.requests() == ["IP-1"]


def test_trap_15_a_confirmed_mail_that_comes_again_is_not_asked_about_again(strict):
    request = mail(BOB, "attribution", FORM)
    [letter] = strict.take(request)[1]
    strict.reply(letter, "yes")
    assert strict.take(request) == (Folder.IGNORED, [])


@pytest.mark.parametrize(("text", "sender"), [("no", BOB), ("yes", ANA), ("yes", MALLORY), ("", BOB)])
def test_anything_but_a_yes_from_that_from_confirms_nothing(strict, text, sender):
    [letter] = strict.start()
    assert strict.reply(letter, text, sender) == []
    assert strict.requests() == []


def test_trap_12_an_address_is_asked_to_confirm_a_few_times_a_day_only(strict):
    letters = [letter for _ in range(6) for letter in strict.start()]
    assert len(letters) == 3
    assert [state for state, _ in strict.inbox()] == ["unconfirmed"] * 3 + ["held"] * 3
    strict.now += timedelta(days=2)
    assert kinds(strict.start()) == [("confirm", BOB)]


def test_a_confirmation_says_what_it_is_about(strict):
    [letter] = strict.start()
    assert "attribution" in letter.text
    assert letter.sender != ""
    assert letter.message["Auto-Submitted"] == "auto-replied"


def test_with_requests_verified_nobody_is_asked_and_the_mail_is_held(tmp_path):
    house = House(tmp_path, requests="verified")
    assert house.start() == []
    assert house.inbox()[0][0] == "held"
    assert ("acknowledged", BOB) in kinds(opened(house))


def test_with_requests_from_it_is_believed_at_its_word(house):
    assert ("acknowledged", BOB) in kinds(house.start())


def test_trap_8b_a_new_request_at_a_spent_token_must_be_believed_as_a_request(tmp_path):
    house = House(tmp_path, replies="token", requests="confirm")
    acknowledged = only(opened(house), "acknowledged")
    house.reply(acknowledged, "cancel")
    assert kinds(house.mail(BOB, "attribution", FORM, To=acknowledged.reply_to)) == [("confirm", BOB)]


# -- the same mail again -----------------------------------------------------------------------------------------------


def test_trap_15_the_same_mail_again_does_nothing(house):
    text = mail(BOB, "attribution", FORM)
    assert house.take(text)[1]
    assert house.take(text) == (Folder.PROCESSED, [])
    assert house.requests() == ["IP-1"]


def test_trap_15_a_list_copy_with_other_bytes_is_the_same_mail(house):
    text = mail(BOB, "attribution", FORM)
    house.take(text)
    text["Received"] = "from list.example.net by mx.example.net"
    assert house.take(text)[1] == []
    assert house.requests() == ["IP-1"]


def test_trap_15_without_a_message_id_the_bytes_tell(house):
    text = mail(BOB, "attribution", FORM, Message_ID=None)
    house.take(text)
    assert house.take(text)[1] == []
    other = mail(BOB, "attribution", FORM + "\nthanks", Message_ID=None)
    assert house.take(other)[1]


def test_trap_15_a_mail_that_is_not_believed_uses_up_no_message_id(strict):
    forged = mail(BOB, "attribution", FORM, Message_ID="<guessed@people.example>")
    strict.take(forged)
    genuine = mail(BOB, "attribution", FORM, Message_ID="<guessed@people.example>", **believed(BOB))
    assert ("acknowledged", BOB) in kinds(strict.take(genuine)[1])


def test_trap_15_another_persons_message_id_is_another_mail(house):
    house.start(Message_ID="<same@people.example>")
    assert ("acknowledged", BILL) in kinds(house.start(sender=BILL, Message_ID="<same@people.example>"))


def test_a_reply_to_a_letter_about_no_request_counts_as_a_request_not_as_a_reply(tmp_path):
    house = House(tmp_path, replies="token", requests="verified")
    form = only(house.mail(BOB, "attribution", **believed(BOB)), "form")
    house.reply(form, FORM, To=BOT, Subject="attribution", Message_ID="<guessed@people.example>")
    assert house.requests() == []
    house.reply(form, FORM, Subject="attribution", Message_ID="<guessed@people.example>", **believed(BOB))
    assert house.requests() == ["IP-1"]
