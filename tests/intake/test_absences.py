"""`away until DATE, deputy ADDRESS`, and `back`: who may say it of whom, and what comes of it."""

from datetime import timedelta

import pytest
from house import ANA, BILL, BOB, BOT, CAROL, CONFIG, KIM, LI, MALLORY, MONDAY, NOC, House, kinds, only, verified

AWAY = f"away until 2026-11-27, deputy {LI}"
FRIDAY = MONDAY.replace(day=28, hour=0)
"""When it ends."""


def absences(house):
    return {row.person: (row.deputy, row.until) for row in house.rows("absence")}


def said(letter):
    return " ".join(letter.text.split())


def of_the_house(house):
    return [(row.actor, row.action, row.detail) for row in house.rows("history") if row.reference is None]


def test_away_is_noted_for_its_own_sender_and_both_are_told(house):
    letters = house.mail(ANA, "", AWAY)
    assert absences(house) == {ANA: (LI, FRIDAY)}
    assert kinds(letters) == [("answer", ANA), ("answer", LI)]
    assert "You are away until the end of 2026-11-27" in said(only(letters, "answer", ANA))
    assert f"You stand in for {ANA} until the end of 2026-11-27" in said(only(letters, "answer", LI))
    assert only(letters, "answer", ANA).message["Auto-Submitted"] == "auto-replied"
    assert only(letters, "answer", LI).message["Auto-Submitted"] == "auto-generated"
    assert of_the_house(house) == [(ANA, "away", f"until 2026-11-27, deputy {LI}")]


def test_the_subject_of_an_empty_mail_says_it_too(house):
    assert kinds(house.mail(ANA, AWAY)) == [("answer", ANA), ("answer", LI)]


def test_it_ends_with_the_day_by_the_clocks_of_the_bot(tmp_path):
    house = House(tmp_path, config=CONFIG.replace("[mailbox]", 'timezone = "Europe/Paris"\n[mailbox]', 1))
    house.mail(ANA, "", AWAY)
    ends = FRIDAY - timedelta(hours=1)
    with house.bot.store.transaction() as tx:
        assert ANA in house.bot.desk.present(tx, ends - timedelta(seconds=1)).absences
        assert ANA not in house.bot.desk.present(tx, ends).absences


def test_said_again_it_replaces_what_was_said_and_the_former_deputy_hears_of_it(house):
    house.mail(ANA, "", AWAY)
    letters = house.mail(ANA, "", f"away until 2026-12-04, deputy {BILL}")
    assert absences(house)[ANA][0] == BILL
    assert kinds(letters) == [("answer", ANA), ("answer", BILL), ("answer", LI)]
    assert f"You stand in for {ANA} no longer" in only(letters, "answer", LI).text


def test_back_ends_it(house):
    house.mail(ANA, "", AWAY)
    letters = house.mail(ANA, "", "back")
    assert absences(house) == {}
    assert kinds(letters) == [("answer", ANA), ("answer", LI)]
    assert only(letters, "answer", ANA).subject == "You are there again"
    assert "You were not away" in only(house.mail(ANA, "back"), "answer", ANA).text


def test_an_alias_is_its_person(house):
    house.mail("a.ruiz@example.net", "", f"away until 2026-11-27, deputy {LI}")
    house.mail(LI, "", "away until 2026-11-26, deputy a.ruiz@example.net")
    assert {person: deputy for person, (deputy, _) in absences(house).items()} == {ANA: LI, LI: ANA}


def test_whoever_is_told_hears_when_nobody_is_there_for_both(house):
    house.mail(ANA, "", AWAY)
    letters = house.mail(LI, "", f"away until 2026-11-26, deputy {ANA}")
    assert "Nobody is there for both of you" in said(only(letters, "answer", LI))
    letters = house.mail(ANA, "", f"away until 2026-11-26, deputy {BILL}")
    house.mail(BILL, "", f"away until 2026-11-26, deputy {KIM}")
    letters = house.mail(ANA, "", f"away until 2026-11-26, deputy {BILL}")
    assert f"it is {KIM} who is asked" in said(only(letters, "answer", ANA))


@pytest.mark.parametrize(
    ("sender", "text", "kind", "words"),
    [
        (ANA, "away until 2026-11-27", "misunderstood", "say who stands in for you too"),
        (ANA, f"away until 2026-11-20, deputy {LI}", "misunderstood", "2026-11-20 is past"),
        (ANA, f"away until 2036-11-20, deputy {LI}", "misunderstood", "more than 3 years from now"),
        (ANA, f"away until 2026-11-27, deputy {ANA}", "refused", "nobody stands in for himself"),
        (ANA, "away until 2026-11-27, deputy a.ruiz@example.net", "refused", "nobody stands in for himself"),
        (ANA, f"away until 2026-11-27, deputy {BOT}", "refused", "is none of us"),
        (ANA, f"away until 2026-11-27, deputy {MALLORY}", "refused", "is none of us"),
        (NOC, f"away until 2026-11-27, deputy {LI}", "refused", "a shared mailbox is never away"),
        (NOC, "back", "refused", "a shared mailbox is never away"),
    ],
)
def test_what_cannot_be_noted_is_refused_in_words(house, sender, text, kind, words):
    letters = house.mail(sender, "", text)
    assert kinds(letters) == [(kind, sender)]
    assert words in said(letters[0])
    assert absences(house) == {}


def test_somebody_who_is_none_of_us_is_never_away(house):
    house.mail(MALLORY, "", AWAY)
    assert (absences(house), house.send()) == ({}, [])
    house.mail("bob@customer.example", "", AWAY)
    assert absences(house) == {}


def test_it_may_stand_in_a_reply_to_any_letter(house):
    action = only(house.start(), "action", ANA)
    letters = house.reply(action, AWAY)
    assert kinds(letters) == [("answer", ANA), ("answer", LI)]
    assert "1 thing that waited for you is asked there now" in said(only(letters, "answer", ANA))
    assert house.states()["technical"] == "open"
    question = only(house.reply(action, "ask when do you need it?"), "question", BOB)
    house.reply(question, f"away until 2026-11-27, deputy {CAROL}")
    assert absences(house)[BOB][0] == CAROL


def test_trap_31_what_is_asked_already_is_passed_on_at_once_with_all_that_it_shows(house):
    house.start()
    letters = house.mail(ANA, "", f"away until 2026-11-27, deputy {CAROL}")
    assert kinds(letters) == [("action", CAROL), ("answer", ANA), ("answer", CAROL)]
    assert f"You stand in for {ANA}, who may answer too" in said(only(letters, "action", CAROL))
    assert house.request().step("technical").asked == (CAROL, LI)
    house.reply(only(letters, "action", CAROL), "approve")
    assert house.states()["technical"] == "done"


def test_who_says_so_twice_passes_on_nothing_twice(house):
    house.start()
    house.mail(ANA, "", f"away until 2026-11-27, deputy {CAROL}")
    letters = house.mail(ANA, "", f"away until 2026-11-30, deputy {CAROL}")
    assert kinds(letters) == [("answer", ANA), ("answer", CAROL)]
    assert "asked there now" not in said(only(letters, "answer", ANA))


def test_words_that_answer_a_question_are_an_answer(house):
    action = only(house.start(), "action", ANA)
    question = only(house.reply(action, "ask where is the router?"), "question", BOB)
    answered = only(house.reply(question, "back"), "action", ANA)
    assert "| back" in answered.text
    assert absences(house) == {}


def test_trap_42_a_token_alone_makes_nobody_away(tmp_path):
    """Replies are believed by token and From here, but a deputy gets all of somebody's decisions."""
    house = House(tmp_path, replies="token", requests="verified")
    action = only(house.mail(BOB, "attribution", "Customer: A\nPrefix length: 28", **_believed(BOB)), "action", ANA)
    assert house.reply(action, AWAY) == []
    assert house.inbox()[-1][0] == "held"
    assert absences(house) == {}
    assert kinds(house.reply(action, AWAY, **_believed(ANA))) == [("answer", ANA), ("answer", LI)]


def test_trap_42_an_unbelieved_from_is_asked_first(strict):
    [asked] = strict.mail(ANA, "", AWAY)
    assert (asked.kind, asked.to, absences(strict)) == ("confirm", ANA, {})
    assert kinds(strict.reply(asked, "yes")) == [("answer", ANA), ("answer", LI)]
    assert absences(strict) == {ANA: (LI, FRIDAY)}
    forged = strict.mail(LI, "", f"away until 2026-11-27, deputy {BILL}", **_believed(LI, "fail"))
    assert kinds(forged) == [("confirm", LI)]
    assert LI not in absences(strict)


def test_trap_31_an_out_of_office_reply_neither_decides_nor_notes_anything(house):
    action = only(house.start(), "action", ANA)
    for text in ("approve", AWAY, "I am away until 27 November; my deputy is Li."):
        assert house.reply(action, text, Auto_Submitted="auto-replied") == []
        assert house.reply(action, text, Subject="Out of office: away", X_Autoreply="yes") == []
    assert absences(house) == {}
    assert house.states()["technical"] == "open"


def test_whoever_says_it_very_often_is_heard_and_gets_no_more_letters(house):
    for number in range(8):
        house.mail(ANA, "", f"away until 2026-12-{10 + number}, deputy {LI}")
    assert len([x for x in house.relay.letters if x.to == ANA]) == 5
    assert absences(house)[ANA][1].day == 18


def _believed(sender, result="pass"):
    return {"Authentication_Results": verified(sender, result=result)}
