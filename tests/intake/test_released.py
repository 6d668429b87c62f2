"""Held mail is told in one letter an hour, and released or left by one mail of a believed admin (trap 17)."""

import pytest
from house import BOB, CONFIG, EVE, LI, ROOT, House, kinds, only, verified

from mailbot.mail.command import Mercy, releases


def by(sender, **more):
    return {"Authentication_Results": verified(sender, **more)}


@pytest.fixture
def house(tmp_path):
    """One that holds all that is not verified."""
    return House(tmp_path, replies="verified", requests="verified")


@pytest.fixture
def summary(house):
    """Three requests wait, of bob, li and eve."""
    for sender in (BOB, LI, EVE):
        house.start(sender=sender)
    return only(house.wait(minutes=1), "alert", ROOT)


def states(house, count=3):
    return [state for state, _ in house.inbox()[:count]]


def test_the_summary_tells_each_mail_by_its_number_and_what_to_write(summary):
    assert "3 mails wait" in summary.subject
    said = " ".join(summary.text.replace("\n| ", " ").split())
    assert f"1. From {BOB}: attribution (From is not believed" in said
    assert f"3. From {EVE}: attribution" in said
    assert '"1 release"' in said


@pytest.mark.parametrize(
    ("text", "after", "opened"),
    [
        ("1 release", ["handled", "held", "held"], ["IP-1"]),
        ("2 drop", ["held", "ignored", "held"], []),
        ("1 release\n2 drop\n3 release", ["handled", "ignored", "handled"], ["IP-2", "IP-1"]),
        ("all release", ["handled"] * 3, ["IP-3", "IP-2", "IP-1"]),
        ("Hi,\n\n1, 3 drop\nThanks", ["ignored", "held", "ignored"], []),
        ("#1-2: release please", ["handled", "handled", "held"], ["IP-2", "IP-1"]),
    ],
)
def test_one_mail_of_an_admin_releases_or_leaves_what_it_names(house, summary, text, after, opened):
    answer = only(house.reply(summary, text, **by(ROOT)), "answer", ROOT)
    assert states(house) == after
    assert sorted(house.requests()) == sorted(opened)
    assert all(reference in answer.text for reference in opened)


@pytest.mark.parametrize(
    "text",
    [
        "release",
        "1 approve",
        "1 release\n1 drop",
        "4 release",
        "0 drop",
        "1 release\n2 perhaps",
        "1 releases",
        "3-1 drop",
        "",
    ],
)
def test_what_is_not_clear_as_a_whole_does_nothing_and_is_answered(house, summary, text):
    assert kinds(house.reply(summary, text, **by(ROOT))) == [("misunderstood", ROOT)]
    assert states(house) == ["held"] * 3


@pytest.mark.parametrize("headers", [{}, by(ROOT, result="fail"), by(ROOT, border="mx.evil.example")], ids=str)
def test_trap_17_an_admin_who_is_not_believed_releases_nothing_and_is_held_himself(house, summary, headers):
    assert house.reply(summary, "all release", **headers) == []
    assert states(house, 4) == ["held"] * 4


def test_whoever_is_no_admin_releases_nothing(house, summary):
    house.reply(summary, "all release", EVE, **by(EVE))
    assert states(house) == ["held"] * 3


def test_a_token_and_from_are_not_enough_where_requests_must_be_verified(tmp_path):
    house = House(tmp_path, replies="token", requests="verified")
    house.start()
    summary = only(house.wait(minutes=1), "alert", ROOT)
    assert house.reply(summary, "1 release") == []
    assert states(house, 1) == ["held"]


def test_what_was_released_already_is_told_and_done_once(house, summary):
    house.reply(summary, "1 release", **by(ROOT))
    again = only(house.reply(summary, "1-2 release", **by(ROOT)), "answer", ROOT)
    assert "does not wait any more" in again.text
    assert sorted(house.requests()) == ["IP-1", "IP-2"]


def test_who_released_and_who_dropped_stands_in_the_history(house, summary):
    house.reply(summary, "1 release\n2 drop", **by(ROOT))
    entries = [(row.actor, row.action, row.detail) for row in house.rows("history") if row.action.endswith("mail")]
    assert entries == [(ROOT, "released mail", "1"), (ROOT, "dropped mail", "2")]
    assert house.broken() == []


def test_a_flood_is_one_letter_of_twenty_lines_an_hour(house):
    for _ in range(23):
        house.start()
    letter = only(house.wait(minutes=1), "alert", ROOT)
    assert "and 3 more: the next letter lists them" in " ".join(letter.text.replace("|", " ").split())
    assert house.wait(minutes=30) == []
    house.reply(letter, "all drop", **by(ROOT))
    assert states(house, 23) == ["ignored"] * 20 + ["held"] * 3
    assert only(house.wait(minutes=31), "alert", ROOT).subject.endswith("3 mails wait for you")


def test_each_admin_may_answer_his_own_copy(tmp_path):
    config = CONFIG.replace('admins = ["root@example.net"]', 'admins = ["root@example.net", "eve@example.net"]')
    house = House(tmp_path, replies="verified", requests="verified", config=config)
    house.start()
    letters = house.wait(minutes=1)
    house.reply(only(letters, "alert", EVE), "1 release", **by(EVE))
    assert house.requests() == ["IP-1"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 release", {1: Mercy.RELEASE}),
        ("1. Release.", {1: Mercy.RELEASE}),
        ("2-3 drop them", {2: Mercy.DROP, 3: Mercy.DROP}),
        ("1 release\n\n2 drop", {1: Mercy.RELEASE}),
        ("1 release\nRegards", {1: Mercy.RELEASE}),
        ("> 1 release", None),
        ("do not 1 release", None),
        ("1 release and 2 drop", None),
    ],
)
def test_what_counts_is_each_whole_line(text, said):
    assert releases(text, 3) == said


def test_a_mail_that_still_breaks_the_bot_keeps_no_other_from_being_released(house, summary, monkeypatch):
    handle = type(house.bot.intake)._handle  # noqa: SLF001

    def breaking(self, tx, arrival, token, now):
        if arrival.message.sender == BOB:
            raise RuntimeError
        return handle(self, tx, arrival, token, now)

    monkeypatch.setattr(type(house.bot.intake), "_handle", breaking)
    answer = only(house.reply(summary, "1 release\n2 release", **by(ROOT)), "answer", ROOT)
    assert "still cannot be handled" in answer.text
    assert states(house, 2) == ["held", "handled"]
