"""The bot's log: a line a thing that happened, whatever stands in it, and never a token."""

import json
import logging

import pytest

from mailbot.cli import log
from mailbot.config.model import LogFormat
from mailbot.mail.token import Tokens

TOKEN = Tokens([b"k" * 32]).sign("bob@example.net", "step").text
FORGED = f"bob\n2026-11-23T08:00:00Z error mailbot: forged\r\x1b[31m {TOKEN}"


@pytest.fixture(autouse=True)
def restored():
    """The log of the tests is nobody else's."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    yield
    root.handlers[:], level = before
    root.setLevel(level)


def said(capsys, form, words, *args, **options):
    log.begin(logging.INFO, form)
    logging.getLogger("mailbot.tests").warning(words, *args, **options)
    return capsys.readouterr().err


@pytest.mark.parametrize("form", LogFormat)
def test_nobodys_words_begin_a_line_and_no_token_is_told(capsys, form):
    text = said(capsys, form, "a letter to %s waits", FORGED)
    assert text.count("\n") == 1
    assert TOKEN not in text
    assert "\x1b" not in text


def test_json_has_the_same_keys_on_every_line_and_the_request_that_it_is_about(capsys):
    line = json.loads(said(capsys, LogFormat.JSON, "a letter to %s waits", "bob", extra={"reference": "IP-42"}))
    assert line.pop("at").endswith("Z")
    assert line == {
        "level": "warning", "logger": "mailbot.tests", "words": "a letter to bob waits", "reference": "IP-42",
    }  # fmt: skip


def test_a_traceback_stands_in_one_line_of_json(capsys):
    log.begin(logging.INFO, LogFormat.JSON)
    try:
        _ = 1 // 0
    except ZeroDivisionError:
        logging.getLogger("mailbot.tests").exception("a job has failed")
    text = capsys.readouterr().err
    assert text.count("\n") == 1
    assert "ZeroDivisionError" in json.loads(text)["exception"]


def test_text_says_the_request_too(capsys):
    assert said(capsys, LogFormat.TEXT, "it waits", extra={"reference": "IP-42"}).endswith(
        "warning mailbot.tests: it waits  reference=IP-42\n"
    )
