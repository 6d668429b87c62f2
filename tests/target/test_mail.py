"""A target that is a mailbox: one mail a network request, the same one however often it is sent."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

import pytest
from target.conftest import SINCE, Target, configured, request

from mailbot.mail.message import read
from mailbot.mail.sender import MailClass, classify
from mailbot.process.definition import Action
from mailbot.process.request import NetworkState

pytestmark = pytest.mark.timeout(60)


def sent(target: Target) -> list[EmailMessage]:
    parsed = (message_from_bytes(letter.raw, policy=policy.default) for letter in target.smtp.office.letters)
    return [cast("EmailMessage", message) for message in parsed]


def test_an_order_says_what_is_wanted_in_plain_words(mail: Target) -> None:
    assert mail.driver.drive(request(), SINCE).detail == "mailed to orders@example.net"
    [order] = sent(mail)
    assert order.get_content_type() == "text/plain"
    assert words(order) == (
        "Request: IP-42 (attribution)\nStep: configure\nAction: add\n\nAddresses:\n"
        "  10.20.0.0/28 from lan (allocated)\n\nTo set:\n  vlan: 210\n\nForm:\n"
        "  customer: Acme & Söhne <GmbH>\n  size: 28\n  reason:\n| Two firewalls\n| no ip routing\n  urgent: true\n\n"
        "Id: IP-42/configure/router/1\n"
    )


def test_an_order_for_one_item_that_undoes_another_step_says_so(mail: Target) -> None:
    changes = {"item": "10.1.0.0/24", "step": "configure.1.undo", "undoes": "configure.1", "prefix": "10.1.0.0/24"}
    mail.driver.drive(request(Action.REMOVE, form={"hosts": ["a", "b"]}, addresses=[], set={}, **changes), SINCE)
    [order] = sent(mail)
    assert words(order) == (
        "Request: IP-42 (attribution)\nStep: configure.1.undo\nAction: remove\nFor: 10.1.0.0/24\nUndoes: configure.1\n"
        "Prefix: 10.1.0.0/24\n\nForm:\n  hosts: a, b\n\nId: IP-42/configure/router/1\n"
    )


def test_an_order_to_change_space_says_what_it_becomes(mail: Target) -> None:
    changes = {"prefix": "10.1.0.0/24", "becomes": ["10.1.0.0/25", "10.1.0.128/25"], "form": {}, "set": {}}
    mail.driver.drive(request(Action.CHANGE, addresses=[], **changes), SINCE)
    [order] = sent(mail)
    assert "Prefix: 10.1.0.0/24\nBecomes: 10.1.0.0/25, 10.1.0.128/25\n" in words(order)


def test_its_head_names_the_bot_the_request_and_no_person(mail: Target) -> None:
    configured(mail.home, 'kind = "mail"\nto = "orders@example.net"\nsubject = "Order für die Technik"\n')
    mail.driver.drive(request(), SINCE)
    [order] = sent(mail)
    assert order["From"] == "IP requests <ip-requests@example.net>"
    assert order["To"] == "orders@example.net"
    assert order["Subject"] == "[IP-42] Order für die Technik: add (configure)"
    assert order["X-Mailbot-Request"] == "IP-42"
    assert order["Auto-Submitted"] == "auto-generated"
    assert order["X-Mailbot-Kind"] is None
    assert order["Reply-To"] is None
    [letter] = mail.smtp.office.letters
    assert letter.to == ("orders@example.net",)
    assert letter.sender.startswith("ip-requests+b-")


def test_the_same_id_is_the_same_mail_to_the_byte(mail: Target) -> None:
    for _ in range(2):
        mail.driver.drive(request(), SINCE)
    one, other = mail.smtp.office.letters
    assert one.raw == other.raw


def test_another_attempt_is_another_mail(mail: Target) -> None:
    mail.driver.drive(request(), SINCE)
    mail.driver.drive(request(id="IP-42/configure/router/2"), SINCE)
    ids = {order["Message-ID"] for order in sent(mail)}
    assert len(ids) == 2
    assert all(len(id_) <= 70 for id_ in ids)


def test_the_bot_knows_its_own_order_when_it_comes_back(mail: Target) -> None:
    mail.driver.drive(request(), SINCE)
    [letter] = mail.smtp.office.letters
    came = read(letter.raw)
    assert classify(came, own_addresses=["ip-requests@example.net"], separator="+") is not MailClass.HUMAN


def words(order: EmailMessage) -> str:
    return str(order.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize("reply", ["450 try again later", "421 closing"])
def test_a_relay_that_takes_nothing_now_is_tried_again_and_nothing_was_done(mail: Target, reply: str) -> None:
    mail.smtp.office.answers["DATA"] = reply
    answer = mail.driver.drive(request(), SINCE)
    assert answer.state is NetworkState.UNPROCESSED
    assert answer.detail.startswith("the relay does not take it now: ")
    assert mail.told() == []


def test_a_mail_tests_nothing(mail: Target) -> None:
    answer = mail.driver.drive(request(Action.VERIFY), SINCE)
    assert (answer.state, mail.told()) == (NetworkState.FAILED, [])


def test_values_cannot_add_a_header(mail: Target) -> None:
    evil = "x\r\nBcc: eve@example.net"
    assert mail.driver.drive(request(step=evil), SINCE).state is NetworkState.FAILED
    assert mail.driver.drive(request(reference=evil), SINCE).state is NetworkState.FAILED
    assert mail.told() == []
