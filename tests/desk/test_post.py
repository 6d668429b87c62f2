"""From notices to letters: who gets which, with what token, in which thread, and how few of them."""

from datetime import timedelta

import pytest
from house import ANA, BILL, BOB, BOT, EVE, FORM, LI, House, kinds, mail, only

from mailbot.desk.post import TOKEN_LIFE, condensed
from mailbot.process.request import Kind, Notice
from mailbot.store import views

CHOIR = """
type = "choir"
title = "Asks the requester too"
who = ["*@example.net"]
[[field]]
name = "customer"
type = "text"
required = true
[[step]]
name = "one"
kind = "task"
asks = ["bob@example.net", "noc"]
[[step]]
name = "two"
kind = "approval"
asks = ["noc"]
after = []
"""


def note(kind, to, step=None, **more):
    return Notice(kind=kind, to=to, step=step, **more)


# -- condensing --------------------------------------------------------------------------------------------------------


def test_each_thing_is_told_once():
    twice = [note(Kind.COMMENT, ANA), note(Kind.COMMENT, ANA), note(Kind.COMMENT, LI)]
    assert [(n.kind, n.to) for n in condensed(twice, None)] == [("comment", ANA), ("comment", LI)]


def test_who_is_asked_anew_is_not_told_that_it_is_settled():
    both = [note(Kind.SETTLED, ANA, "one"), note(Kind.ACTION, ANA, "one"), note(Kind.SETTLED, LI, "one")]
    assert [(n.kind, n.to) for n in condensed(both, None)] == [("action", ANA), ("settled", LI)]


@pytest.mark.parametrize("end", [Kind.COMPLETED, Kind.REJECTED, Kind.CANCELLED, Kind.FAILED])
@pytest.mark.parametrize("other", [Kind.ACKNOWLEDGED, Kind.STATUS, Kind.COMMENT, Kind.DELAYED, Kind.SETTLED])
def test_an_end_says_all_that_led_to_it(end, other):
    both = [note(other, BOB), note(end, BOB), note(other, ANA)]
    assert [(n.kind, n.to) for n in condensed(both, None)] == [(end, BOB), (other, ANA)]


@pytest.mark.parametrize(
    ("kinds_", "kept"),
    [
        ([Kind.STATUS, Kind.ACKNOWLEDGED], Kind.ACKNOWLEDGED),
        ([Kind.ACKNOWLEDGED, Kind.INCOMPLETE], Kind.INCOMPLETE),
        ([Kind.COMMENT, Kind.SETTLED, Kind.COMPLETED], Kind.COMPLETED),
        ([Kind.REJECTED, Kind.ACKNOWLEDGED], Kind.REJECTED),
    ],
)
def test_whoever_wrote_the_mail_gets_the_one_answer_that_says_most(kinds_, kept):
    [answer] = condensed([note(kind, BOB) for kind in kinds_], BOB)
    assert (answer.kind, answer.answers) == (kept, True)


def test_what_answers_goes_before_what_merely_tells():
    [answer] = condensed([note(Kind.STATUS, BOB, "one"), note(Kind.REFUSED, BOB, answers=True)], BOB)
    assert answer.kind == Kind.REFUSED


def test_asking_and_alerting_are_no_answers():
    both = [note(Kind.ACKNOWLEDGED, BOB), note(Kind.ACTION, BOB, "one"), note(Kind.ALERT, BOB, "two")]
    assert len(condensed(both, BOB)) == 3


def test_one_mail_by_one_person_is_answered_by_one_letter_at_most(tmp_path):
    house = House(tmp_path, rules={"choir": CHOIR})
    letters = house.mail(BOB, "choir", "Customer: Acme")
    assert kinds(letters) == [
        ("acknowledged", BOB),
        ("action", ANA),
        ("action", ANA),
        ("action", BOB),
        ("action", LI),
        ("action", LI),
    ]
    letters = house.reply(only([x for x in letters if x.step == "two"], "action", ANA), "reject no")
    assert kinds(letters) == [("rejected", BOB), ("settled", ANA), ("settled", LI), ("settled", LI)]


# -- headers -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def letters(house):
    return house.start(Message_ID="<bobs.own@people.example>")


def test_answers_are_auto_replied_and_all_others_auto_generated(house, letters):
    assert only(letters, "acknowledged").message["Auto-Submitted"] == "auto-replied"
    assert only(letters, "action", ANA).message["Auto-Submitted"] == "auto-generated"
    settled = house.reply(only(letters, "action", ANA), "approve")
    assert only(settled, "settled", LI).message["Auto-Submitted"] == "auto-generated"
    again = house.reply(only(letters, "action", ANA), "approve")
    assert only(again, "settled", ANA).message["Auto-Submitted"] == "auto-replied"


def test_the_requesters_thread_begins_with_his_own_mail(house, letters):
    first = only(letters, "acknowledged").message
    assert first["In-Reply-To"] == first["References"] == "<bobs.own@people.example>"
    action = only(letters, "action", ANA)
    asked = only(house.reply(action, "ask Which office?"), "question", BOB)
    assert asked.message["References"].split()[0] == "<bobs.own@people.example>"
    assert asked.message["In-Reply-To"] == only(letters, "acknowledged").id


def test_there_is_one_thread_a_person_and_request(house, letters):
    action = only(letters, "action", ANA)
    assert action.message["In-Reply-To"] is None
    house.reply(action, "hm?", Message_ID="<anas@people.example>")
    misunderstood = house.relay.letters[-1]
    assert misunderstood.message["In-Reply-To"] == "<anas@people.example>"
    assert misunderstood.message["References"].split()[0] == action.id
    other = only(house.start(), "action", ANA)
    assert other.message["References"] is None


def test_the_bot_writes_as_itself_and_is_answered_at_the_token(letters):
    for letter in letters:
        assert BOT in letter.message["From"]
        assert letter.token in letter.reply_to
        assert len(letter.reply_to.split("@")[0]) <= 64
        assert len(letter.id) <= 70
        assert letter.message["X-Auto-Response-Suppress"] == "DR, RN, NRN, OOF, AutoReply"
        assert letter.subject.startswith("[IP-1] ")
        assert letter.message["Reply-To"]


def test_the_envelope_sender_is_the_letters_own_and_null_for_what_nobody_waits_for(house, letters):
    senders = [letter.sender for letter in letters]
    assert len(set(senders)) == len(senders)
    assert all(sender.startswith("ip-requests+b-") for sender in senders)
    said = house.reply(only(letters, "action", ANA), "hm?") + house.reply(only(letters, "action", ANA), "approve", EVE)
    assert {(letter.kind, letter.sender) for letter in said} == {("misunderstood", ""), ("refused", "")}


# -- tokens ------------------------------------------------------------------------------------------------------------


def test_trap_6_a_token_stands_for_one_person_one_step_and_one_content(house, letters):
    rows = {row.id: row for row in house.rows("token")}
    action = rows[only(letters, "action", ANA).token.partition(".")[0]]
    step = house.request().step("technical")
    assert (action.person, action.purpose, action.reference, action.step) == (ANA, "step", "IP-1", "technical")
    assert action.content == step.content
    assert action.expires == house.now + TOKEN_LIFE
    acknowledged = rows[only(letters, "acknowledged").token.partition(".")[0]]
    assert (acknowledged.person, acknowledged.purpose, acknowledged.step) == (BOB, "request", None)
    assert len({letter.token for letter in letters}) == len(letters)


def test_trap_6_a_changed_form_gives_another_token(house, letters):
    old = only(letters, "action", ANA)
    new = only(house.reply(only(letters, "acknowledged"), "Prefix length: 24"), "action", ANA)
    assert new.token != old.token
    anew = only(house.reply(old, "approve"), "action", ANA)
    assert anew.token == new.token
    assert house.states()["technical"] == "open"


def test_a_token_lives_as_long_as_the_last_letter_that_bears_it(house, letters):
    acknowledged = only(letters, "acknowledged")
    house.now += TOKEN_LIFE - timedelta(days=1)
    again = only(house.reply(acknowledged, "status"), "status", BOB)
    house.now += timedelta(days=2)
    assert again.token == acknowledged.token
    assert kinds(house.reply(again, "status")) == [("status", BOB)]


def test_a_letter_about_no_request_has_a_token_too(house):
    form = only(house.mail(BOB, "attribution"), "form", BOB)
    again = only(house.mail(BOB, "attribution"), "form", BOB)
    assert form.id != again.id
    assert form.reply_to == "ip-requests+attribution@example.net"


def test_a_filled_form_that_comes_back_at_its_own_reply_to_opens_the_request(house):
    form = only(house.mail(BOB, "attribution"), "form", BOB)
    assert ("acknowledged", BOB) in kinds(house.reply(form, FORM))


def test_an_answer_about_no_request_continues_its_mail(house):
    message = mail(BOB, "hello", "hi", Message_ID="<hello@people.example>")
    [forms] = house.take(message)[1]
    assert forms.message["In-Reply-To"] == "<hello@people.example>"


def test_letters_tell_history_who_was_told_what(house, letters):
    with house.bot.store.reading() as conn:
        told = [e["detail"] for e in views.history(conn, views.HistoryFilter(reference="IP-1", action="letter"))]
    assert sorted(told) == sorted(f"{x.kind} to {x.to}" for x in letters)
    assert BILL in " ".join(told)


def test_who_is_told_of_a_hold_sees_what_it_is_about_and_no_due_time_of_a_clock_that_stands(house, letters):
    status = only(house.reply(only(letters, "action", ANA), "hold the router is late"), "status", LI)
    assert "| Customer: Acme" in status.text
    assert "due" not in status.text


def test_a_change_that_is_not_right_is_not_said_to_hold_the_request_up(house, letters):
    told = only(house.reply(only(letters, "acknowledged"), "Prefix length: 99"), "incomplete", BOB)
    assert "waits for you" not in told.text
    assert "your form stays as it was" in told.text
