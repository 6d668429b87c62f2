"""`mailbot digest`: printed, or sent to whoever wants it."""

from email import message_from_bytes, policy

import pytest


def digests(shell):
    letters = (message_from_bytes(raw, policy=policy.default) for raw in shell.letters())
    return [letter for letter in letters if letter["X-Mailbot-Kind"] == "digest"]


def test_the_digest_is_printed_as_its_readers_would_have_it_and_not_sent(shell):
    shell.new()
    said = shell.ok("digest", "--print")
    assert said.startswith("Address space, week ")
    assert "Customer space, IPv4 (customers-v4): 0 % in use" in said
    assert digests(shell) == []


def test_the_digest_goes_to_those_that_the_configuration_names(shell):
    assert "manager@example.net" in shell.ok("digest")
    [letter] = digests(shell)
    assert letter["To"] == "manager@example.net"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Reply-To"] is None
    assert shell("history", "--verify").code == 0


def test_the_digest_goes_to_an_address_instead(shell):
    shell.ok("digest", "--to", "Boss@Example.net")
    assert [letter["To"].lower() for letter in digests(shell)] == ["boss@example.net"]


@pytest.mark.parametrize("address", ["boss", "", "a b@example.net"])
def test_what_is_no_address_gets_no_digest(shell, address):
    done = shell("digest", "--to", address)
    assert done.code == 2
    assert digests(shell) == []


def test_where_nobody_is_named_somebody_must_be(shell):
    text = (shell.home / "config.toml").read_text()
    shell.write("config.toml", text[: text.index("[digest]")])
    done = shell("digest")
    assert (done.code, "--to ADDRESS" in done.err) == (2, True)
    assert shell.ok("digest", "--print")
    assert shell.ok("digest", "--to", "boss@example.net")
