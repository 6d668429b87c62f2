"""Secrets: found where they are kept, replaced there, and shown nowhere."""

import stat

import pytest

from mailbot.config.secret import SecretRef
from mailbot.errors import MailbotError


def test_a_secret_of_the_environment(monkeypatch):
    monkeypatch.setenv("MAILBOT_TEST", " s3cret\n")
    assert SecretRef.parse("env:MAILBOT_TEST").reveal() == "s3cret"


def test_a_secret_of_a_file_relative_to_the_config(tmp_path):
    (tmp_path / "secret").write_text("s3cret\r\n")
    assert SecretRef.parse("file:secret", tmp_path).reveal() == "s3cret"
    assert SecretRef.parse(f"file:{tmp_path}/secret").reveal() == "s3cret"


def test_a_user_may_be_written_as_it_is(monkeypatch):
    monkeypatch.setenv("MAILBOT_TEST", "bot@example.net")
    assert SecretRef.or_plain("bot@example.net").reveal() == "bot@example.net"
    assert SecretRef.or_plain("env:MAILBOT_TEST").reveal() == "bot@example.net"


@pytest.mark.parametrize(
    "text", ["hunter2", "", "hunter2:x", "env:", "file:", "ENV:hunter2", "env:hunter2=", "file:hunter2\0"]
)
def test_what_is_no_reference_is_refused_and_not_told(text):
    with pytest.raises(ValueError, match=r"secret does not stand|must be followed") as error:
        SecretRef.parse(text)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"  \n", "is empty"),
        (b"\xff\xfe", "cannot be read: it is no UTF-8"),
    ],
)
def test_a_secret_that_is_not_there_is_told_in_words(tmp_path, content, why):
    if content is not None:
        (tmp_path / "secret").write_bytes(content)
    with pytest.raises(MailbotError) as error:
        SecretRef.parse("file:secret", tmp_path).reveal()
    assert str(error.value) == f"a secret is missing: the file {tmp_path}/secret {why}"


def test_a_variable_that_is_not_set_is_told_by_its_name(monkeypatch):
    monkeypatch.delenv("MAILBOT_TEST", raising=False)
    with pytest.raises(MailbotError, match="the variable MAILBOT_TEST of the environment is not set"):
        SecretRef.parse("env:MAILBOT_TEST").reveal()


def test_neither_repr_nor_str_shows_what_is_in_it(tmp_path):
    (tmp_path / "secret").write_text("s3cret")
    for ref in (SecretRef.parse("file:secret", tmp_path), SecretRef.or_plain("s3cret")):
        assert "s3cret" not in f"{ref} {ref!r} {[ref]}"


def test_a_new_value_replaces_the_file_which_only_its_owner_may_read(tmp_path):
    path = tmp_path / "token"
    path.write_text("old")
    path.chmod(0o644)
    ref = SecretRef.parse("file:token", tmp_path)
    ref.store("new")
    assert ref.reveal() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["token"]


def test_a_new_value_is_only_kept_in_a_file_that_can_be_written(tmp_path):
    with pytest.raises(MailbotError, match='write "file:path" for env:TOKEN'):
        SecretRef.parse("env:TOKEN").store("new")
    with pytest.raises(MailbotError, match=r"cannot be kept in .*No such file"):
        SecretRef.parse("file:none/token", tmp_path).store("new")
