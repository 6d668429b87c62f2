"""Whom letters do not reach: marked once, told once, written to all the same, and cleared by a mail of his."""

import json

import pytest
from house import ANA, BILL, HEAD, LI, NOC, ROOT, kinds, mail, only, reply, verified
from intake.test_intake import bounce

from mailbot.cli import main


def lost(house):
    return {row.person: row.status for row in house.rows("unreachable")}


def told(letters):
    return [found for found in kinds(letters) if found[0] in {"alert", "escalation"}]


def test_trap_13_a_bounce_marks_its_reader_and_the_lead_and_the_admins_hear_of_it_at_once(house):
    action = only(house.start(), "action", ANA)
    letters = house.take(bounce(action))[1]
    assert told(letters) == [("alert", ROOT), ("escalation", HEAD)]
    assert lost(house) == {ANA: "5.1.1"}
    [row] = house.rows("unreachable")
    assert row.since == house.now


def test_trap_13_of_the_next_bounce_the_lead_hears_alone(house):
    house.take(bounce(only(house.start(), "action", ANA)))
    action = only(house.start(), "action", ANA)
    assert told(house.take(bounce(action, n=2))[1]) == [("escalation", HEAD)]


def test_the_lead_has_all_that_was_asked_and_may_answer_or_hand_it_over(house):
    house.now = house.now.replace(hour=22)  # at once, not when he works
    escalation = only(house.take(bounce(only(house.start(), "action", ANA)))[1], "escalation", HEAD)
    assert f"waits for {ANA}" in " ".join(escalation.text.split())
    assert "Two firewalls" in escalation.text
    house.reply(escalation, "approve")
    assert house.states()["technical"] == "done"


def test_trap_13_where_nobody_leads_the_admins_hear_of_each(house):
    house.take(bounce(only(house.start(), "action", BILL)))
    action = only(house.start(), "action", BILL)
    assert told(house.take(bounce(action, n=2))[1]) == [("alert", ROOT)]


def test_letters_to_him_still_leave(house):
    house.take(bounce(only(house.start(), "action", ANA)))
    only(house.start(), "action", ANA)


@pytest.mark.parametrize(
    "more",
    [{"id": "<another@example.com>"}, {"person": "somebody@else.example"}, {"action": "delayed"}],
    ids=["no letter of ours", "nobody we wrote to", "still being tried"],
)
def test_trap_13_anything_else_marks_nobody(house, more):
    house.take(bounce(only(house.start(), "action", ANA), **more))
    assert lost(house) == {}


def test_a_mail_of_his_clears_it_and_the_next_bounce_is_told_to_the_admins_again(house):
    action = only(house.start(), "action", ANA)
    house.take(bounce(action))
    house.mail(ANA, "[IP-1] how is it", "status")
    assert lost(house) == {}
    assert "reachable again" in [row.action for row in house.rows("history")]
    assert ("alert", ROOT) in told(house.take(bounce(action, n=2))[1])


def test_a_mail_that_is_not_believed_clears_nothing(strict):
    letters = strict.start(Authentication_Results=verified("bob@example.net"))
    strict.take(bounce(only(letters, "action", ANA)))
    strict.reply(only(letters, "action", ANA), "approve")
    assert lost(strict) == {ANA: "5.1.1"}


def test_a_machine_of_his_clears_nothing(house):
    action = only(house.start(), "action", ANA)
    house.take(bounce(action))
    house.reply(action, "I am away.", Auto_Submitted="auto-replied")
    assert lost(house) == {ANA: "5.1.1"}


def test_a_shared_mailbox_is_cleared_by_whoever_answers_its_letter(house):
    prefix = house.allocated()
    asked = only(house.mail("bob@example.net", "liberation", f"Prefix: {prefix}"), "action", NOC)
    house.take(bounce(asked))
    assert lost(house) == {NOC: "5.1.1"}
    house.take(reply(asked, "approve", "kim@example.net"))
    assert lost(house) == {}


@pytest.fixture
def shell(house, monkeypatch, capsys):
    monkeypatch.chdir(house.home)

    def said(*args):
        with pytest.raises(SystemExit):
            main(args)
        return capsys.readouterr().out

    return said


def test_requests_and_actions_tell_who_is_not_reached(house, shell):
    house.take(bounce(only(house.start(), "action", ANA)))
    shown = json.loads(shell("requests", "show", "IP-1", "--json"))
    assert shown["unreachable"] == [ANA]
    [technical] = [a for a in json.loads(shell("requests", "actions", "--json")) if a["step"] == "technical"]
    assert (technical["asked"], technical["unreachable"]) == ([ANA, LI], [ANA])
    assert f"{ANA} (unreachable)" in shell("requests", "actions")
    assert f"{ANA} (unreachable)" in shell("requests", "show", "IP-1")


def test_the_digest_tells_it_too(house):
    house.take(bounce(only(house.start(), "action", ANA)))
    with house.bot.store.reading() as conn:
        shown = house.bot.digest.overview(conn, house.now)
    assert [(row.person, row.status) for row in shown.unreachable] == [(ANA, "5.1.1")]
    words = house.bot.digest.words(shown).text
    assert "WHOM LETTERS DO NOT REACH" in words
    assert f"{ANA}: since Mon 23 Nov (5.1.1)" in words


def test_mail_of_strangers_clears_nobody(house):
    house.take(bounce(only(house.start(), "action", ANA)))
    house.take(mail("mallory@evil.example", "hello", "hello"))
    assert lost(house) == {ANA: "5.1.1"}


def test_a_stranger_to_whom_his_letter_was_passed_on_says_nothing_of_whether_it_reached_him(house):
    action = only(house.start(), "action", ANA)
    house.take(bounce(action))
    house.reply(action, "approve", "mallory@evil.example")
    assert lost(house) == {ANA: "5.1.1"}
