"""`mailbot check` takes "verified" for a mistake until our border has been seen to say who is."""

import pytest
from house import mail, verified

BORDER = "mx.example.net"


def demand(shell, *, replies="token", requests="from", border=True):
    shell.edit("config.toml", 'replies  = "token" ', f'replies  = "{replies}" ')
    shell.edit("config.toml", 'requests = "from" ', f'requests = "{requests}" ')
    if border:
        shell.edit("config.toml", "# authentication_results =", "authentication_results =")


def said(done):
    """What was said of trust: the word, and the words."""
    [line] = [line for line in done.out.splitlines() if line.startswith("trust")] or [""]
    return line[13:20].strip(), line[20:].strip()


def from_outside(shell, **headers):
    """A mail that somebody sends from outside, read by the bot."""
    shell.deliver(bytes(mail("bob@example.net", "hello", "a probe", **headers)))


@pytest.mark.parametrize("wanted", [{"replies": "verified"}, {"requests": "verified"}], ids=str)
def test_verified_is_refused_until_a_mail_has_shown_our_borders_field(shell, wanted):
    demand(shell, **wanted)
    done = shell("check")
    assert done.code == 1
    assert said(done)[0] == "failed"
    assert BORDER in said(done)[1]
    from_outside(shell, Authentication_Results=verified("bob@example.net"))
    done = shell("check")
    assert (done.code, said(done)[0]) == (0, "ok")


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authentication_Results": verified("bob@example.net", border="mx.evil.example")}],
    ids=["none", "another's"],
)
def test_a_mail_without_it_shows_nothing(shell, headers):
    demand(shell, replies="verified")
    from_outside(shell, **headers)
    assert said(shell("check"))[0] == "failed"


def test_a_no_of_our_border_shows_it_as_well(shell):
    demand(shell, replies="verified")
    from_outside(shell, Authentication_Results=verified("bob@example.net", result="fail"))
    assert said(shell("check"))[0] == "ok"


def test_what_one_border_has_shown_says_nothing_of_the_next(shell):
    demand(shell, replies="verified")
    from_outside(shell, Authentication_Results=verified("bob@example.net"))
    shell.edit("config.toml", '"mx.example.net"', '"mx2.example.net"')
    assert said(shell("check"))[0] == "failed"


def test_without_a_border_it_is_a_warning_that_says_who_is_verified_then(shell):
    demand(shell, replies="verified", border=False)
    done = shell("check")
    assert (done.code, said(done)[0]) == (0, "warning")
    assert "DKIM" in said(done)[1]


def test_where_nobody_wants_it_nothing_is_said(shell):
    assert said(shell("check")) == ("", "")


def test_a_step_that_wants_it_is_named(shell):
    shell.edit("config.toml", "# authentication_results =", "authentication_results =")
    shell.edit("rules/update.toml", 'kind  = "approval"', 'kind  = "approval"\ntrust = "verified"')
    word, words = said(shell("check"))
    assert word == "failed"
    assert "the step update/" in words
