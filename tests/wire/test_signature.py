"""Trap 41: signatures of calls, by Standard Webhooks."""

import base64
from datetime import UTC, datetime, timedelta

import pytest

from mailbot.wire import new_secret, secret_key, signed, verified

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
OLD, NEW = secret_key(new_secret()), secret_key(new_secret())


def test_the_specifications_own_example_comes_out_the_same() -> None:
    """The example of the reference libraries' READMEs."""
    key = secret_key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    headers = signed("msg_p5jXN8AQM9LWM0D4loKWxJek", datetime.fromtimestamp(1614265330, UTC), body, [key])
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_while_keys_change_over_either_verifies() -> None:
    headers = signed("IP-42/configure/router/1", NOW, b"{}", [OLD, NEW])
    assert verified(headers, b"{}", [OLD], NOW)
    assert verified(headers, b"{}", [NEW], NOW)
    assert not verified(headers, b"{}", [secret_key(new_secret())], NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-id": "IP-43/configure/router/1"},
        {"webhook-timestamp": str(int(NOW.timestamp()) + 1)},
        {"webhook-timestamp": "now"},
        {"webhook-timestamp": "\u0661"},
        {"webhook-id": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1a,\u00e9"},
    ],
)
def test_what_was_changed_on_the_way_does_not_verify(changes: dict[str, str]) -> None:
    assert not verified({**signed("IP-42/configure/router/1", NOW, b"{}", [OLD]), **changes}, b"{}", [OLD], NOW)


def test_a_changed_body_does_not_verify_nor_does_an_old_call() -> None:
    headers = signed("x", NOW, b"{}", [OLD])
    assert not verified(headers, b"{ }", [OLD], NOW)
    assert not verified(headers, b"{}", [OLD], NOW + timedelta(minutes=6))
    assert not verified(headers, b"{}", [OLD], NOW - timedelta(minutes=6))


@pytest.mark.parametrize(
    "text", ["", "hunter2", "whsec_", "whsec_c2hvcnQ=", "whsec_!!", "whsec_" + base64.b64encode(b"x" * 65).decode()]
)
def test_a_secret_that_is_none_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ValueError, match="webhook's secret") as refusal:
        secret_key(text)
    assert "hunter2" not in str(refusal.value)
