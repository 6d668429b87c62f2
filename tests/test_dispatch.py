"""The door that letters leave by: claimed, handed over, marked; put off, refused, or given up."""

from datetime import timedelta

import pytest
from house import ANA, BILL, BOB, CONFIG, FORM, HEAD, LI, ROOT, House, kinds, mail, only

from mailbot.dispatch import GIVES_UP_AFTER, LONGEST_PAUSE, PATIENCE, release
from mailbot.mail.relay import Deferred, Refused
from mailbot.process.request import Kind, Notice
from mailbot.store import PAUSED, Transaction, sending

NO = Refused("550 no such user", code=550)
LATER = Deferred("451 try again later")


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


@pytest.fixture
def written(house):
    """Four letters that wait in the outbox: to bob, ana, li and bill."""
    write(house)
    return house


def write(house):
    house.bot.intake.take(bytes(mail(BOB, "attribution", FORM)), house.now)


def outbox(house):
    return {row.recipient: row for row in house.rows("outbox")}


def test_letters_leave_in_the_order_in_which_they_were_written_and_once(written):
    assert [letter.to for letter in written.send()] == [row.recipient for row in written.rows("outbox")]
    assert {row.state for row in written.rows("outbox")} == {"sent"}
    assert written.send() == []


def test_a_letter_leaves_in_the_bytes_and_with_the_envelope_of_its_row(written):
    letters = written.send()
    rows = written.rows("outbox")
    assert [letter.raw for letter in letters] == [row.raw for row in rows]
    assert [letter.sender for letter in letters] == [row.envelope_sender for row in rows]


# -- put off -----------------------------------------------------------------------------------------------------------


def test_trap_38_a_deferred_letter_leaves_later_with_the_same_bytes_and_the_others_now(written):
    written.relay.answers[ANA] = LATER
    assert ANA not in {letter.to for letter in written.send()}
    row = outbox(written)[ANA]
    assert (row.state, row.attempts, row.not_before) == ("waiting", 1, written.now + timedelta(minutes=1))
    assert "451" in row.error
    del written.relay.answers[ANA]
    assert written.send() == []
    written.now += timedelta(minutes=1)
    [letter] = written.send()
    assert (letter.to, letter.raw) == (ANA, row.raw)


def test_the_pause_doubles_up_to_its_longest(written):
    written.relay.answers[ANA] = LATER
    pauses = []
    for _ in range(12):
        written.send()
        pauses.append(outbox(written)[ANA].not_before - written.now)
        written.now = outbox(written)[ANA].not_before
    assert pauses[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert pauses[-1] == LONGEST_PAUSE == max(pauses)


def test_a_letter_that_is_put_off_for_days_is_given_up_and_told(written):
    written.relay.answers[ANA] = LATER
    written.send()
    written.now += GIVES_UP_AFTER + timedelta(hours=1)
    written.bot.send()
    assert outbox(written)[ANA].state == "refused"
    assert ("alert", ROOT) in kinds(written.relay.letters)
    assert "given up" in only(written.relay.letters, "alert", ROOT).text


def test_a_relay_that_takes_nothing_ends_the_pass_and_no_letter_is_lost(written):
    for _ in range(3):
        write(written)
    written.relay.answers["*"] = LATER
    assert written.send() == []
    assert len(written.relay.tried) == PATIENCE
    rows = written.rows("outbox")
    assert {row.owner for row in rows if row.state == "waiting"} == {None}
    assert [row.attempts for row in rows] == [1] * PATIENCE + [0] * (len(rows) - PATIENCE)
    del written.relay.answers["*"]
    written.now += LONGEST_PAUSE
    written.send()
    assert {row.state for row in written.rows("outbox")} == {"sent"}


# -- refused -----------------------------------------------------------------------------------------------------------


def test_trap_38_a_refused_letter_is_final_and_told_to_the_steps_lead_and_admins(written):
    written.relay.answers[ANA] = NO
    letters = written.send()
    assert ("escalation", HEAD) in kinds(letters)
    alert = only(letters, "alert", ROOT)
    assert ANA in alert.text
    assert "550 no such user" in alert.text
    assert outbox(written)[ANA].state == "refused"
    assert "bounced" in written.history()
    assert {letter.to for letter in letters} >= {BOB, LI, BILL}


def test_a_refused_letter_about_no_request_is_told_to_admins(house):
    house.relay.answers[BOB] = NO
    assert kinds(house.mail(BOB, "hello", "hi")) == [("alert", ROOT)]


def test_a_refused_alert_is_not_told_again(written):
    written.relay.answers |= {ANA: NO, HEAD: NO, ROOT: NO}
    written.send()
    assert {row.state for row in written.rows("outbox") if row.recipient == ROOT} == {"refused"}
    assert len([row for row in written.rows("outbox") if row.kind == "alert"]) == 2
    assert written.send() == []


# -- claims ------------------------------------------------------------------------------------------------------------


def claim(house, owner):
    with house.bot.store.transaction() as tx:
        return sending.claim(tx.conn, owner.id, house.now, 50)


def test_what_a_living_bot_has_claimed_no_other_sends(written):
    other = written.bot.store.new_owner(written.now)
    assert len(claim(written, other)) == 4
    assert written.send() == []
    other.close()


def test_what_a_dead_bot_had_claimed_is_free_at_once(written):
    dead = written.bot.store.new_owner(written.now)
    claim(written, dead)
    dead.close()
    assert len(written.send()) == 4
    assert {row.attempts for row in written.rows("outbox")} == {2}


def test_what_an_error_left_claimed_by_ourselves_is_sent_at_the_next_pass(written):
    claim(written, written.bot.owner)
    assert len(written.send()) == 4


def test_an_outdated_claim_marks_nothing(written):
    slow = written.bot.store.new_owner(written.now)
    letters = claim(written, slow)
    slow.close()
    written.send()
    with written.bot.store.transaction() as tx:
        for letter in letters:
            sending.mark_refused(tx.conn, letter, "too late")
            sending.mark_deferred(tx.conn, letter, written.now, "too late")
            sending.give_up_claim(tx.conn, letter)
    assert {(row.state, row.error, row.attempts) for row in written.rows("outbox")} == {("sent", "", 2)}


def test_trap_38_killed_between_the_relays_yes_and_our_mark_the_same_bytes_leave_again(written, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(sending, "mark_sent", killed)
    with pytest.raises(KeyboardInterrupt):
        written.bot.send()
    monkeypatch.undo()
    written.send()
    first, again = written.relay.letters[:2]
    assert (first.to, first.id, first.raw) == (again.to, again.id, again.raw)
    assert len(written.relay.letters) == 5


# -- the brake ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["sending", "all"])
def test_paused_nothing_leaves_and_mail_is_still_taken_in(house, what):
    with house.bot.store.transaction() as tx:
        tx.set_fact("paused", what)
    assert house.start() == []
    assert house.requests() == ["IP-1"]
    with house.bot.store.transaction() as tx:
        tx.set_fact("paused", None)
    assert len(house.send()) == 4


def test_a_pause_of_targets_holds_no_letter(house):
    with house.bot.store.transaction() as tx:
        tx.set_fact("paused", "targets")
    assert len(house.start()) == 4


# -- the cap -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def capped(tmp_path):
    """No more than ten letters an hour."""
    return House(tmp_path, config=CONFIG.replace("[limits]", "[limits]\nletters_per_hour = 10"))


def test_more_letters_than_an_hour_may_have_wait_and_admins_hear_of_it_once(capped):
    for _ in range(4):
        write(capped)
    assert kinds(capped.send()).count(("alert", ROOT)) == 1
    assert len(capped.relay.letters) == 11
    assert "mailbot resume" in only(capped.relay.letters, "alert").text
    capped.now += timedelta(hours=2)
    write(capped)
    assert capped.send() == []
    assert only(capped.relay.letters, "alert", ROOT).subject == "Sending is paused: too many letters"
    with capped.bot.store.reading() as conn:
        assert Transaction(conn).fact(PAUSED) == "sending"


def test_what_leaves_slowly_is_never_stopped(capped):
    for _ in range(6):
        write(capped)
        assert len(capped.send()) == 4
        capped.now += timedelta(minutes=40)


def test_other_alerts_do_not_pass_the_brake(capped):
    for _ in range(4):
        write(capped)
    capped.send()
    capped.relay.answers[ROOT] = NO
    with capped.bot.store.transaction() as tx:
        facts = {"headline": "Another thing"}
        capped.bot.desk.tell(tx, [Notice(kind=Kind.ALERT, to=HEAD, facts=facts)], capped.now)
    assert capped.send() == []


def test_once_the_brake_is_let_go_of_letters_are_counted_anew(capped):
    for _ in range(4):
        write(capped)
    capped.send()
    let_go(capped)
    assert len(capped.send()) == 6  # in the same second
    for _ in range(2):
        write(capped)
    assert kinds(capped.send()).count(("alert", ROOT)) == 1


def test_a_backlog_that_is_let_go_stops_at_the_cap_again_in_the_same_second_too(capped):
    for _ in range(8):
        write(capped)
    assert kinds(capped.send()).count(("alert", ROOT)) == 1
    for _ in range(2):
        before = len(capped.relay.letters)
        let_go(capped)
        assert kinds(capped.send()).count(("alert", ROOT)) == 1
        assert len(capped.relay.letters) - before == 11


def test_what_leaves_in_a_pass_that_began_before_the_brake_was_let_go_of_counts(capped):
    for _ in range(4):
        write(capped)
    send = capped.relay.send

    def slowly(raw, **envelope):
        if not capped.relay.letters:
            capped.now += timedelta(seconds=5)
            let_go(capped)
        send(raw, **envelope)

    capped.relay.send = slowly
    assert kinds(capped.send()).count(("alert", ROOT)) == 1
    assert len(capped.relay.letters) == 11


def let_go(house):
    """As `mailbot resume` does."""
    with house.bot.store.transaction() as tx:
        release(tx, house.now)
