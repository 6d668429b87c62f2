"""People are told from machines, in the order bounce, automatic, own, human."""

import pytest

from mailbot.mail.message import Message, read
from mailbot.mail.sender import MailClass, classify

BOT = "ip-requests@example.net"


def mail(*fields: str, body: str = "approve", sender: str = "Ana <ana@example.net>") -> Message:
    lines = [f"From: {sender}", f"To: {BOT}", "Subject: Re: [IP-1] New address space", *fields, "", body]
    return read("\r\n".join(lines).encode())


def class_of(message: Message, **options: object) -> MailClass:
    return classify(message, own_addresses={BOT}, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "fields",
    [
        [],
        ["Auto-Submitted: no"],
        ["Return-Path: <ana@example.net>"],
        ["Precedence: normal"],
        # What people's Outlook and Exchange send too.
        ["X-Auto-Response-Suppress: All"],
        ["X-Auto-Response-Suppress: DR, RN, NRN, OOF, AutoReply"],
        ["X-MS-Exchange-Organization-AuthAs: Internal"],
    ],
)
def test_a_person_is_human(fields: list[str]) -> None:
    assert class_of(mail(*fields)) is MailClass.HUMAN


@pytest.mark.parametrize(
    "field",
    [
        "Auto-Submitted: auto-replied",
        "Auto-Submitted: auto-generated; owner-email=x@example.net",
        "Return-Path: <>",
        "Precedence: bulk",
        "Precedence: list",
        "Precedence: auto_reply",
        "X-Autoreply: yes",
        "X-Autorespond: vacation",
        "X-MS-Exchange-Inbox-Rules-Loop: ana@example.net",
        "List-Id: Announcements <announce.example.net>",
        "List-Unsubscribe: <mailto:leave@example.net>",
        "Content-Type: multipart/report; report-type=disposition-notification; boundary=x",
    ],
)
def test_trap_10_each_sign_of_a_machine_counts_alone(field: str) -> None:
    assert class_of(mail(field)) is MailClass.AUTOMATIC


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: [IP-1] New address space",
        "Out of Office: Re: request",
        "Out of the office until Monday",
        "Abwesenheitsnotiz: Anfrage",
        "Automatische Antwort: Anfrage",
        "Réponse automatique : Demande",
        "Respuesta automática: Solicitud",
        "Risposta automatica: richiesta",
        "Automatisch antwoord: aanvraag",
        "Autosvar: begäran",
        "Автоответ: заявка",
        "自動応答: 申請",
    ],
)
def test_trap_10_a_vacation_answer_is_known_by_its_subject(subject: str) -> None:
    message = read(f"From: ana@example.net\nTo: {BOT}\nSubject: {subject}\n\nI am away.".encode())
    assert class_of(message) is MailClass.AUTOMATIC


@pytest.mark.parametrize(
    "sender",
    ["MAILER-DAEMON@mx.example.net", "postmaster@example.net", "no-reply@example.net", "noreply+x@example.net"],
)
def test_trap_10_a_machine_is_known_by_its_name(sender: str) -> None:
    assert class_of(mail(sender=sender, body="Hello")) is MailClass.AUTOMATIC


def test_trap_10_what_comes_through_a_list_of_ours_is_a_persons() -> None:
    listed = mail("List-Id: Network <noc.example.net>", "Precedence: list", "List-Post: <mailto:noc@example.net>")
    assert class_of(listed) is MailClass.AUTOMATIC
    assert class_of(listed, lists=["noc.example.net"]) is MailClass.HUMAN
    assert class_of(listed, lists=["noc@example.net"]) is MailClass.HUMAN
    assert class_of(listed, lists=["other.example.net"]) is MailClass.AUTOMATIC


def test_trap_10_a_vacation_answer_through_a_list_of_ours_is_automatic() -> None:
    listed = mail("List-Id: <noc.example.net>", "Auto-Submitted: auto-replied")
    assert class_of(listed, lists=["noc.example.net"]) is MailClass.AUTOMATIC


@pytest.mark.parametrize("sender", [BOT, "IP requests <IP-Requests+k7q2.abc@example.net>"])
def test_trap_11_our_own_mail_is_known_under_any_of_our_addresses(sender: str) -> None:
    assert class_of(mail(sender=sender)) is MailClass.OWN


def test_trap_11_a_bot_without_subaddresses_does_not_take_a_hyphen_for_one() -> None:
    assert class_of(mail(sender="ip-requests-team@example.net"), separator="") is MailClass.HUMAN


def test_trap_18_our_own_field_only_causes_a_mail_to_be_ignored() -> None:
    assert class_of(mail("X-Mailbot-Kind: action")) is MailClass.OWN


def test_trap_14_a_thumb_up_is_no_answer() -> None:
    assert class_of(mail("Content-Disposition: reaction", body="\U0001f44d")) is MailClass.AUTOMATIC


def test_trap_9_a_bounce_that_quotes_our_letter_is_a_bounce() -> None:
    raw = (
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.com\nAuto-Submitted: auto-replied\n"
        "Subject: Undelivered Mail Returned to Sender\nContent-Type: multipart/report; boundary=b\n\n"
        "--b\n\nI could not deliver your message.\n\n--b\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; li@example.com\nAction: failed\nStatus: 5.1.1\n\n"
        "--b\nContent-Type: message/rfc822\n\nFrom: ip-requests@example.net\nX-Mailbot-Kind: action\n"
        "Message-ID: <k7q2.1@example.net>\n\napprove\n--b--\n"
    )
    assert class_of(read(raw.encode())) is MailClass.BOUNCE


def test_a_report_of_success_is_automatic_and_no_bounce() -> None:
    raw = (
        "From: MAILER-DAEMON@mx.example.com\nContent-Type: multipart/report; boundary=b\n\n--b\n"
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; li@example.com\n"
        "Action: delivered\nStatus: 2.0.0\n\n--b--\n"
    )
    assert class_of(read(raw.encode())) is MailClass.AUTOMATIC


def test_a_person_who_talks_about_a_bounce_is_human() -> None:
    words = "Your message to li@example.com could not be delivered: user unknown.\nMessage-ID: <a@b>"
    assert class_of(mail(body=words)) is MailClass.HUMAN
