"""The readers on public mails, with the floors that they reach today."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailbot.mail.message import Message, Obstacle, read
from mailbot.mail.reply import words
from mailbot.mail.sender import MailClass, classify

CORPORA = Path(__file__).parents[2] / ".." / "shared" / "corpora"
pytestmark = pytest.mark.skipif(not CORPORA.is_dir(), reason="the public mails are not here")

REPLIES = ("email_reply_trimmer", "crisp", "zapier", "github_erp")


def cases(*folders: str) -> Iterator[tuple[dict[str, object], bytes]]:
    for folder in folders:
        for line in (CORPORA / folder / "cases.jsonl").read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            yield case, (CORPORA / folder / case["file"]).read_bytes()


def wrapped(text: bytes) -> Message:
    header = b"From: bob@example.net\r\nSubject: Re: x\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    return read(header + text)


def lines_of(text: object) -> list[str]:
    return [" ".join(line.split()) for line in str(text).split("\n") if line.strip()]


def test_replies_are_cut_where_people_would_cut_them() -> None:
    counts: Counter[str] = Counter()
    for case, raw in cases(*REPLIES):
        reply = words(wrapped(raw).text)
        found = lines_of(reply.own)
        # Some of these sources count what is quoted between answers as the reply; here it never is.
        expected = [line for line in lines_of(case["expected_reply"]) if not line.startswith(">")]
        counts["all"] += 1
        counts["exact"] += found == lines_of(case["expected_reply"])
        counts["leaked"] += bool(set(found) - set(expected))
        counts["lost"] += bool(set(expected) - set(found))
        counts["first line"] += " ".join(reply.first_line.split()) == next(iter(expected), "")
    share = {name: 100 * count / counts["all"] for name, count in counts.items()}
    assert share["exact"] >= 90
    assert share["leaked"] <= 2
    assert share["lost"] <= 2
    assert share["first line"] >= 98


def test_bounces_are_known_and_no_report_is_a_persons() -> None:
    classes: Counter[tuple[str, MailClass]] = Counter()
    for case, raw in cases("sisimai"):
        kind = str(case["mta"]).partition("-")[0]
        classes[kind if kind in {"arf", "rfc3834"} else "bounce", classify(read(raw))] += 1
    bounces = sum(count for (kind, _), count in classes.items() if kind == "bounce")
    assert not [one for one in classes if one[1] is MailClass.HUMAN]
    assert classes["bounce", MailClass.BOUNCE] / bounces >= 0.98
    assert {one for one in classes if one[0] != "bounce"} == {
        ("arf", MailClass.AUTOMATIC),
        ("rfc3834", MailClass.AUTOMATIC),
    }


def test_no_reply_is_taken_for_a_bounce() -> None:
    assert {classify(wrapped(raw)) for _, raw in cases(*REPLIES)} == {MailClass.HUMAN}


def test_recipients_and_states_are_right_where_a_report_states_them() -> None:
    told = right = 0
    for _, raw in cases("sisimai"):
        delivery = read(raw).delivery
        stated = [
            line.partition(b";")[2].strip(b" <>\r").decode("latin-1").lower()
            for line in raw.split(b"\n")
            if line.lower().startswith(b"final-recipient:")
        ]
        if delivery is not None and delivery.is_report and any("@" in one for one in stated):
            told += 1
            right += delivery.recipient in stated
    assert right / told >= 0.98


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
