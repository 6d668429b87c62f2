"""The readers on public mails, with the floors that they reach today (`make mail-report` tells the figures)."""

import pytest
from corpora.measure import FOLDER, REPLIES, bounces, cases, lines_of, replies, times

from mailbot.mail.message import Obstacle, read

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the public mails are not here")


def test_replies_are_cut_where_people_would_cut_them() -> None:
    share = {name: one.percent for name, one in replies().items()}
    assert share["exact"] >= 90
    assert share["leaked"] <= 2
    assert share["lost"] <= 2
    assert share["first"] >= 98


def test_bounces_are_known_and_no_report_is_a_persons_nor_a_reply_a_machines() -> None:
    found = bounces()
    assert found["known"].percent >= 98
    assert found["reports"].percent == 100
    assert found["human"].count == 0
    assert found["mistaken"].count == 0


def test_recipients_and_states_are_right_where_a_report_states_them() -> None:
    found = bounces()
    assert found["recipient"].of > 200
    assert found["recipient"].percent >= 98
    assert found["status"].percent >= 98


def test_a_mail_is_read_at_once() -> None:
    average, longest = times()
    assert longest < 1000  # a hang, not a speed: that is measured by the report
    assert average > 0


def test_senders_subjects_and_texts_of_whole_mails_are_right() -> None:
    senders = 0
    for case, raw in cases("syzkaller"):
        message = read(raw)
        senders += message.sender == case["author"]
        assert (message.subject or None) == case["subject"]
        assert lines_of(message.text) == lines_of(case["expected_body"])
    # Two were sent by others than From says: a list, and the bug tracker itself under a sub-address.
    assert senders >= 20


@pytest.mark.parametrize("folder", [*REPLIES, "sisimai", "syzkaller"])
def test_every_mail_is_read(folder: str) -> None:
    for _, raw in cases(folder):
        message = read(raw)
        assert message.obstacle in {None, Obstacle.ENCRYPTED}
        assert "\0" not in message.text
