"""What mail systems report, in fields and in prose."""

import pytest

from mailbot.mail.message import Delivery, read


def report(
    *blocks: str, original: str = "Content-Type: text/rfc822-headers\n\nMessage-ID: <k7q2.1@example.net>\n"
) -> Delivery | None:
    status = "\n\n".join(["Reporting-MTA: dns; mx.example.com", *blocks])
    raw = (
        "From: MAILER-DAEMON@mx.example.com\nSubject: Undelivered Mail Returned to Sender\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nSorry.\n\n"
        f"--b\nContent-Type: message/delivery-status\n\n{status}\n\n--b\n{original}\n--b--\n"
    )
    return read(raw.encode()).delivery


FAILED = "Final-Recipient: rfc822; Li@Example.com\nAction: failed\nStatus: 5.1.1 (no such user)"


def test_a_report_tells_recipient_status_and_action() -> None:
    assert report(FAILED) == Delivery(
        recipient="li@example.com",
        status="5.1.1",
        action="failed",
        original_ids=("k7q2.1@example.net",),
        is_report=True,
    )


@pytest.mark.parametrize(
    ("fields", "recipient"),
    [
        ("Final-Recipient: rfc822;<li@example.com>\nStatus: 5.0.0", "li@example.com"),
        ("Final-Recipient: li@example.com\nStatus: 5.0.0", "li@example.com"),
        ("Original-Recipient: rfc822;li@example.com\nStatus: 5.0.0", "li@example.com"),
        ("Final-Recipient: rfc822; |/usr/bin/procmail\nStatus: 5.0.0", None),
        ("final-recipient: RFC822; li@example.com\nstatus: 5.0.0", "li@example.com"),
    ],
)
def test_a_recipient_is_read_in_all_its_forms(fields: str, recipient: str | None) -> None:
    delivery = report(fields)
    assert delivery is not None
    assert delivery.recipient == recipient


def test_the_one_that_failed_is_told_among_several() -> None:
    delivery = report("Final-Recipient: rfc822; a@example.com\nAction: delivered\nStatus: 2.0.0", FAILED)
    assert delivery is not None
    assert (delivery.recipient, delivery.is_final) == ("li@example.com", True)


@pytest.mark.parametrize(
    ("action", "is_final", "is_success"),
    [("failed", True, False), ("delayed", False, False), ("delivered", False, True), ("relayed", False, True)],
)
def test_only_a_failure_is_final(action: str, *, is_final: bool, is_success: bool) -> None:
    delivery = report(f"Final-Recipient: rfc822; li@example.com\nAction: {action}\nStatus: 4.4.1")
    assert delivery is not None
    assert (delivery.is_final, delivery.is_success) == (is_final, is_success)


def test_the_ids_of_an_attached_original_are_known() -> None:
    original = "Content-Type: message/rfc822\n\nMessage-ID: <2@x.net>\nReferences: <0@x.net>\n <1@x.net>\n\nx"
    delivery = report(FAILED, original=original)
    assert delivery is not None
    assert delivery.original_ids == ("2@x.net", "0@x.net", "1@x.net")


def test_a_complaint_in_prose_is_understood() -> None:
    raw = (
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.com\nSubject: failure notice\n\n"
        "Hi. This is the qmail-send program.\nI'm afraid I wasn't able to deliver your message.\n\n"
        "<li@example.com>:\n192.0.2.1 does not like recipient. 550 5.1.1 No such user\n\n"
        "--- Below this line is a copy of the message.\n\nMessage-ID: <k7q2.1@example.net>\n"
    )
    assert read(raw.encode()).delivery == Delivery(
        recipient="li@example.com",
        status="5.1.1",
        action="failed",
        original_ids=("k7q2.1@example.net",),
        is_report=False,
    )


def test_exims_field_names_the_recipient() -> None:
    delivery = read(b"X-Failed-Recipients: li@example.com\nFrom: x@example.com\n\nno").delivery
    assert delivery is not None
    assert delivery.recipient == "li@example.com"


def test_a_warning_is_not_final() -> None:
    raw = b"Return-Path: <>\nFrom: MAILER-DAEMON@x\nSubject: Delivery delayed\n\nli@example.com failed so far."
    delivery = read(raw).delivery
    assert delivery is not None
    assert not delivery.is_final


FORWARDED = (
    b"From: ana@example.net\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\nlook at this\n--a\n"
    b"Content-Type: message/rfc822\n\nContent-Type: multipart/report; boundary=b\n\n--b\n"
    b"Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; li@x.net\nAction: failed\n--b--\n--a--\n"
)


@pytest.mark.parametrize(
    "raw",
    [
        b"From: ana@example.net\nSubject: Re: x\n\nyour mail to li@example.com could not be delivered",
        b"From: ana@example.net\nSubject: Re: Undelivered Mail Returned to Sender\n\n550 5.1.1 user unknown",
        b"Return-Path: <>\nFrom: ana@example.net\nSubject: Automatic reply\n\nI am away.",
        FORWARDED,
        b"From: postmaster@example.net\nSubject: Re: New address space\n\napprove",
    ],
)
def test_other_mail_reports_nothing(raw: bytes) -> None:
    assert read(raw).delivery is None
