"""`mailbot inbox`: mail that waits for an admin."""

import pytest

from mailbot.intake import Intake


@pytest.fixture
def wary(shell):
    """A bot that believes nobody."""
    shell.edit("config.toml", 'requests = "from" ', 'requests = "verified" ')
    return shell


def test_no_mail_waits(shell):
    assert shell.json("inbox", "list") == []
    assert shell.ok("inbox", "list") == "No mail waits.\n"


def test_held_mail_is_listed_and_shown(wary):
    wary.deliver(wary.mail())
    (row,) = wary.json("inbox", "list")
    assert (row["number"], row["sender"], row["state"], row["believed"]) == (1, "bob@example.net", "held", False)
    assert "not believed" in row["reason"]
    assert "Customer: Acme" in wary.ok("inbox", "show", "1")
    assert wary.json("inbox", "show", "1")["text"].startswith("Customer: Acme")


def test_to_release_is_to_vouch_for_the_sender(wary):
    wary.deliver(wary.mail())
    assert "IP-1" in wary.ok("inbox", "release", "1")
    assert wary.json("requests", "show", "IP-1")["requester"] == "bob@example.net"
    assert wary.json("inbox", "list") == []
    (entry,) = wary.json("history", "--action", "released mail")
    assert entry["actor"].startswith("operator (")
    assert entry["detail"] == "1 handled IP-1"


def test_what_does_not_wait_is_refused_and_keeps_no_other_from_it(wary):
    wary.deliver(wary.mail())
    done = wary("inbox", "release", "7", "1")
    assert done.code == 1
    assert "no mail 7" in done.err
    assert "1: handled" in done.out
    assert wary("inbox", "release", "1").code == 1
    assert wary("inbox", "show", "7").code == 1


def test_all_mail_is_listed_when_asked_for(shell):
    shell.deliver(shell.mail())
    assert shell.json("inbox", "list") == []
    (row,) = shell.json("inbox", "list", "--all")
    assert (row["state"], row["request"]) == ("handled", "IP-1")


def test_tokens_are_masked_where_mail_is_shown(wary):
    token = b"k7mxq2vnh5ta.r3wcyd6bpzl4fs2e"
    wary.deliver(wary.mail().replace(b"attribution", b"attribution " + token).replace(b"Acme", token))
    for args in (["list"], ["show", "1"], ["list", "--json"], ["show", "1", "--json"]):
        assert token.decode() not in wary.ok("inbox", *args)


def test_escape_sequences_of_a_sender_are_not_passed_on(wary):
    wary.deliver(wary.mail().replace(b"Acme", b"\x1b[2J\xc2\x9b1m"))
    shown = wary.ok("inbox", "show", "1")
    assert "\x1b" not in shown
    assert "\x9b" not in shown


def test_a_mail_that_still_breaks_the_bot_is_told_in_words(shell, monkeypatch):
    def broken(*_args):
        raise ZeroDivisionError("a fault of ours")

    with monkeypatch.context() as trouble:
        trouble.setattr(Intake, "_handle", broken)
        shell.deliver(shell.mail())
        assert [row["state"] for row in shell.json("inbox", "list")] == ["quarantined"]
        done = shell("inbox", "retry", "1")
        assert done.code == 1
        assert "still cannot be handled: ZeroDivisionError" in done.err
    assert "IP-1" in shell.ok("inbox", "retry", "1")
