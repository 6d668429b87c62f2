"""A target that is a web server: what is posted there, and what its answers say of what was done."""

import json
from datetime import timedelta

import pytest
from servers.ground import Certificates
from servers.hooks import Answer as Behaviour
from servers.hooks import Hooks, cuts, says
from target.conftest import BODY, SECRET, SINCE, Target, configured, hooked, request
from target.opened import NOW

from mailbot.process.definition import Action
from mailbot.process.request import NetworkState
from mailbot.target import Answer
from mailbot.target.base import CannotDrive
from mailbot.wire import secret_key, verified

pytestmark = pytest.mark.timeout(60)


def driven(target: Target) -> Answer:
    return target.driver.drive(request(), SINCE)


def test_it_is_posted_as_json_and_signed_under_its_own_id(webhook: Target, hooks: Hooks) -> None:
    assert driven(webhook) == Answer(state=NetworkState.CONFIRMED, detail="done")
    [call] = hooks.calls
    assert json.loads(call.body) == BODY
    assert call.headers["content-type"] == "application/json"
    assert call.headers["webhook-id"] == "IP-42/configure/router/1"
    assert verified(call.headers, call.body, [secret_key(SECRET)], NOW)


def test_trap_41_told_again_it_bears_the_same_id(webhook: Target, hooks: Hooks) -> None:
    hooks.answer = says("503 Busy")
    for _ in range(3):
        driven(webhook)
    assert {call.headers["webhook-id"] for call in hooks.calls} == {"IP-42/configure/router/1"}
    assert len(hooks.calls) == 3


def test_while_its_key_is_being_changed_both_sign(webhook: Target, hooks: Hooks) -> None:
    other = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    configured(
        webhook.home,
        f'kind = "webhook"\nurl = "{hooks.url}"\nallow = ["127.0.0.0/8"]\nsecrets = ["file:hook.secret", "file:new"]\n',
    )
    webhook.home.joinpath("new").write_text(other)
    driven(webhook)
    [call] = hooks.calls
    for secret in (SECRET, other):
        assert verified(call.headers, call.body, [secret_key(secret)], NOW)


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (says("200 OK", "rule 17\nwritten"), NetworkState.CONFIRMED, "rule 17; written"),
        (says("204 No Content"), NetworkState.CONFIRMED, "answered with 204"),
        (says("202 Accepted", "queued"), NetworkState.CONFIRMED, "queued"),
        (says("301 Moved", Location="http://169.254.169.254/"), NetworkState.FAILED, "redirect (301), which is not"),
        (says("404 Not Found", "no such device"), NetworkState.FAILED, "404 no such device"),
        (says("409 Conflict"), NetworkState.FAILED, "409"),
        (says("429 Slow down"), NetworkState.UNPROCESSED, "429"),
        (says("503 Busy", "maintenance"), NetworkState.UNPROCESSED, "503 maintenance"),
        (says("500 Oops", "\x1b[2Jstack trace"), NetworkState.UNKNOWN, "500"),
        (says("504 Gateway"), NetworkState.UNKNOWN, "504"),
        (says("700 What"), NetworkState.UNKNOWN, "700"),
        (cuts, NetworkState.UNKNOWN, "it was sent, and there was no answer"),
        (lambda line: line.sendall(b"220 smtp.example\r\n"), NetworkState.UNKNOWN, "there was no answer"),
    ],
)
def test_what_a_status_says_of_what_was_done(
    webhook: Target, hooks: Hooks, answer: Behaviour, state: NetworkState, words: str
) -> None:
    hooks.answer = answer
    found = driven(webhook)
    assert (found.state, words in found.detail) == (state, True), found.detail
    assert found.detail.isprintable()
    assert len(hooks.calls) == 1


@pytest.mark.parametrize(
    ("headers", "after"),
    [
        ({"Retry_After": "120"}, timedelta(seconds=120)),
        (
            {"Retry_After": "Mon, 23 Nov 2026 10:05:00 GMT", "Date": "Mon, 23 Nov 2026 10:00:00 GMT"},
            timedelta(minutes=5),
        ),
        ({"Retry_After": "Mon, 23 Nov 2026 10:05:00 GMT"}, None),
        ({"Retry_After": "soon", "Date": "yesterday"}, None),
        ({}, None),
    ],
)
def test_it_says_itself_when_it_wants_to_be_asked_again(
    webhook: Target, hooks: Hooks, headers: dict[str, str], after: timedelta | None
) -> None:
    hooks.answer = says("503 Busy", **headers)
    assert driven(webhook).after == after


def test_what_refuses_the_connection_is_tried_later(webhook: Target, hooks: Hooks) -> None:
    hooks.down()
    assert driven(webhook).state is NetworkState.UNPROCESSED


def test_one_that_does_not_answer_in_time_is_unknown(webhook: Target, hooks: Hooks) -> None:
    hooked(webhook.home, hooks.url)
    text = webhook.home.joinpath("config.toml").read_text().replace("5 seconds", "1 second")
    webhook.home.joinpath("config.toml").write_text(text)
    hooks.answer = hooks.hangs
    assert driven(webhook).state is NetworkState.UNKNOWN


def test_trap_46_without_allow_it_does_not_reach_inside(webhook: Target, hooks: Hooks) -> None:
    configured(webhook.home, f'kind = "webhook"\nurl = "{hooks.url}"\nsecrets = ["file:hook.secret"]\n')
    answer = driven(webhook)
    assert answer.state is NetworkState.FAILED
    assert "127.0.0.1 is no public address, and in no network that is allowed" in answer.detail
    with pytest.raises(CannotDrive, match="no public address"):
        webhook.driver.check()
    assert hooks.calls == []


def test_a_template_says_it_in_the_systems_own_words(webhook: Target, hooks: Hooks) -> None:
    hooked(webhook.home, hooks.url, 'template = "order"\ncontent_type = "application/xml"\n')
    folder = webhook.home / "templates" / "target"
    folder.mkdir(parents=True)
    folder.joinpath("order.txt").write_text("<vlan>{{ set.vlan }}</vlan>")
    driven(webhook)
    [call] = hooks.calls
    assert (call.body, call.headers["content-type"]) == (b"<vlan>210</vlan>", "application/xml")
    assert verified(call.headers, call.body, [secret_key(SECRET)], NOW)


def test_trap_44_a_template_lets_no_value_begin_a_line(webhook: Target, hooks: Hooks) -> None:
    hooked(webhook.home, hooks.url, 'template = "order"\n')
    folder = webhook.home / "templates" / "target"
    folder.mkdir(parents=True)
    folder.joinpath("order.txt").write_text("reason {{ form.reason }}")
    answer = driven(webhook)
    assert (answer.state, hooks.calls) == (NetworkState.FAILED, [])
    assert "holds more than one line" in answer.detail
    assert not answer.speaks


def test_it_may_want_to_know_who_calls(webhook: Target, hooks: Hooks) -> None:
    hooked(webhook.home, hooks.url, 'authorization = "file:bearer"\n')
    webhook.home.joinpath("bearer").write_text("Bearer hunter2\n")
    driven(webhook)
    assert hooks.calls[0].headers["authorization"] == "Bearer hunter2"


@pytest.mark.parametrize(
    ("name", "text"), [("bearer", "a\nX-Evil: 1"), ("bearer", "s\u00e9cret"), ("hook.secret", "hunter2")]
)
def test_a_secret_that_cannot_serve_fails_in_words_that_do_not_show_it(
    webhook: Target, hooks: Hooks, name: str, text: str
) -> None:
    hooked(webhook.home, hooks.url, 'authorization = "file:bearer"\n')
    webhook.home.joinpath("bearer").write_text("Bearer good")
    webhook.home.joinpath(name).write_text(text)
    answer = driven(webhook)
    assert answer.state is NetworkState.FAILED
    assert text not in answer.detail
    assert hooks.calls == []
    with pytest.raises(CannotDrive):
        webhook.driver.check()


def test_it_can_test_too(webhook: Target, hooks: Hooks) -> None:
    hooks.answer = says("409 Conflict", "ping is lost")
    answer = webhook.driver.drive(request(Action.VERIFY), SINCE)
    assert (answer.state, answer.detail) == (NetworkState.FAILED, "409 ping is lost")
    assert json.loads(hooks.calls[0].body)["action"] == "verify"


def test_https_with_an_authority_of_ones_own(webhook: Target, tls: Certificates) -> None:
    hooks = Hooks(certificate=tls.certificate, key=tls.key)
    try:
        hooked(webhook.home, hooks.url, f'ca = "{tls.ca}"\n')
        assert driven(webhook).state is NetworkState.CONFIRMED
        hooked(webhook.home, hooks.url)
        answer = driven(webhook)
        assert answer.state is NetworkState.UNPROCESSED
        assert "certificate verify failed" in answer.detail
    finally:
        hooks.down()
