"""What every kind of target keeps to (S3.8): told whole, once where it is told once, and honest about what it knows."""

import re
import signal

import pytest
from target.conftest import SINCE, Target, request

from mailbot.errors import MailbotError
from mailbot.process.request import NetworkState

pytestmark = pytest.mark.timeout(120)


def test_what_a_target_has_taken_is_confirmed_and_it_was_told_once(target: Target) -> None:
    answer = target.driver.drive(request(), SINCE)
    assert answer.state is NetworkState.CONFIRMED
    assert len(target.told()) == 1


def test_a_target_is_told_all_that_there_is_to_know(target: Target) -> None:
    target.driver.drive(request(), SINCE)
    [told] = target.told()
    for known in ("IP-42/configure/router/1", "attribution", "configure", "add", "10.20.0.0/28", "lan", "210", "28"):
        assert known in told


def test_what_a_target_refuses_has_failed_with_its_own_words(target: Target) -> None:
    target.breaks()
    answer = target.driver.drive(request(), SINCE)
    assert answer.state is NetworkState.FAILED
    words = {
        "file": "there is no folder",
        "batch": "there is no folder",
        "mail": "550 no such user",
        "dns": "others' records",
    }
    assert words.get(target.kind, "no such vlan") in answer.detail
    assert target.told() == []


def test_once_it_is_mended_it_is_told_as_if_nothing_had_been(target: Target) -> None:
    target.breaks()
    target.driver.drive(request(), SINCE)
    target.mends()
    assert target.driver.drive(request(), SINCE).state is NetworkState.CONFIRMED
    assert len(target.told()) == 1


def test_told_the_same_id_again_it_can_know_it_for_the_same(target: Target) -> None:
    answers = {target.driver.drive(request(), SINCE).state for _ in range(2)}
    assert answers == {NetworkState.CONFIRMED}
    assert len(set(target.told())) == 1


def test_killed_amid_it_nothing_is_half_told_and_the_same_again_makes_it_whole(target: Target) -> None:
    assert target.killed(request()) == -signal.SIGKILL
    assert len(target.told()) <= 1
    assert target.driver.drive(request(), SINCE).state is NetworkState.CONFIRMED
    assert len(set(target.told())) == 1


def test_a_look_tells_what_it_would_do_and_tells_it_nothing(target: Target) -> None:
    what = {
        "command": rf"{target.home}/told\.sh, for up to 20 s",
        "file": f"files in {target.home}/out",
        "batch": f"batches of up to 100 in {target.home}/out, signed by ed25519:.{{44}}",
        "mail": "mail to orders@example.net",
        "dns": r"1 zones at 127\.0\.0\.1",
        "webhook": r"http://127\.0\.0\.1:\d+/hook, which is 127\.0\.0\.1",
    }
    assert re.fullmatch(what[target.kind], target.driver.check())
    assert target.told() == []


def test_an_answer_is_one_line_of_what_can_be_shown(target: Target) -> None:
    target.breaks()
    assert target.driver.drive(request(id="IP-42/x\n\x1b[2J/y/1"), SINCE).detail.isprintable()


@pytest.mark.parametrize("kind", ["command", "file"])
def test_a_look_finds_what_is_not_there(kind: str, request: pytest.FixtureRequest) -> None:
    target: Target = request.getfixturevalue(kind)
    if kind == "command":
        target.home.joinpath("told.sh").unlink()
    else:
        target.breaks()
    with pytest.raises(MailbotError, match="there is no"):
        target.driver.check()
