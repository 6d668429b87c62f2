"""Tokens: the same for the same thing, verified in any case, found in any text."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.mail.token import ID_LENGTH, LENGTH, Tokens, find, mask

OLD, NEW = b"an old key, of no value", b"a new key, of no value"
TOKENS = Tokens([OLD, NEW])
TOKEN = TOKENS.sign("ana@example.net", "action", "IP-42", "technical", "sha256:abc")


def test_a_token_is_29_characters_of_lower_case_base32_around_a_dot():
    id_, _, mac = TOKEN.text.partition(".")
    assert (len(TOKEN.text), len(id_), len(mac)) == (LENGTH, ID_LENGTH, 16) == (29, 12, 16)
    assert set(id_ + mac) <= set("abcdefghijklmnopqrstuvwxyz234567")
    assert TOKEN.id == id_


def test_the_same_person_step_and_content_give_the_same_token():
    again = Tokens([NEW]).sign("ana@example.net", "action", "IP-42", "technical", "sha256:abc")
    assert again == TOKEN


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_trap_6_other_parts_give_another_token(parts, others):
    assert (TOKENS.sign(*parts) == TOKENS.sign(*others)) == (parts == others)


def test_parts_are_not_run_together():
    assert TOKENS.sign("ab", "c") != TOKENS.sign("a", "bc")


@pytest.mark.parametrize("change", [str.lower, str.upper, str.title, lambda text: f" {text}\n"])
def test_trap_2_a_token_verifies_in_any_case(change):
    assert TOKENS.verify(change(TOKEN.text)) == TOKEN.id


def test_older_keys_verify_until_they_are_taken_away():
    before = Tokens([OLD]).sign("ana@example.net")
    assert TOKENS.verify(before.text) == before.id
    assert TOKENS.sign("ana@example.net") != before
    assert Tokens([NEW]).verify(before.text) is None


def test_the_key_of_another_bot_verifies_nothing():
    assert Tokens([b"another bot's"]).verify(TOKEN.text) is None


@pytest.mark.parametrize("place", range(LENGTH))
def test_a_token_with_one_character_changed_is_none(place):
    other = "a" if TOKEN.text[place] != "a" else "b"
    assert TOKENS.verify(TOKEN.text[:place] + other + TOKEN.text[place + 1 :]) is None


@given(st.text())
def test_any_other_text_is_no_token_and_raises_nothing(text):
    assert TOKENS.verify(text) is None


@pytest.mark.parametrize("text", ["", ".", TOKEN.id, f"{TOKEN.id}.", f"{TOKEN.text}.{TOKEN.text}", "\ud800.é"])
def test_what_only_resembles_a_token_is_none(text):
    assert TOKENS.verify(text) is None


@pytest.mark.parametrize("keys", [[], [b""], [OLD, b""]])
def test_without_a_key_there_are_no_tokens(keys):
    with pytest.raises(ValueError, match="key"):
        Tokens(keys)


@pytest.mark.parametrize(
    "text",
    [
        "ip-requests+{}@example.net",
        "ip-requests-{}@example.net",
        "ip-requests%2B{}@example.net",
        "<ip-requests+b-{}.a2b3c4d5@example.net>",
        "<{}.a2b3c4d5@example.net>",
        "Re: [IP-42] Acme GmbH: /28 ({})",
        "> Reply code: {}",
        "=?utf-8?q?{}?=",
        "ünlïkely {}",
        "x{}",
        "{}z",
    ],
)
@pytest.mark.parametrize("change", [str.lower, str.upper])
def test_trap_1_a_token_is_found_in_all_that_carries_one(text, change):
    assert TOKEN.text in find(change(text.format(TOKEN.text)))


def test_several_tokens_are_found_in_order_and_each_once():
    other = TOKENS.sign("li@example.net").text
    text = f"<{TOKEN.text}.x@a> <{other}.x@a> {TOKEN.text.upper()}"
    assert find(text) == (TOKEN.text, other)


@pytest.mark.parametrize(
    "text", ["", "10.20.0.0/28", "www.example.net", "a.b" * 20, "\u017f" * 12 + "." + "\u212a" * 16]
)
def test_other_text_holds_no_token(text):
    assert find(text) == ()


@pytest.mark.parametrize("text", ["a" * 2_000_000, "a." * 1_000_000, f"{'a' * 12}.{'b' * 11}" * 80_000])
def test_trap_24_looking_for_tokens_takes_linear_time(text):
    start = time.process_time()
    find(text)
    assert time.process_time() - start < 2


def test_trap_8a_what_is_shown_and_logged_has_no_token():
    text = f"To: bot+{TOKEN.text}@example.net, Bot+{TOKEN.text.upper()}@example.net."
    masked = mask(text)
    assert find(masked) == ()
    assert masked == f"To: bot+{TOKEN.text[:4]}…@example.net, Bot+{TOKEN.text[:4].upper()}…@example.net."


@given(st.text())
def test_text_without_tokens_is_masked_to_itself(text):
    assert find(text) or mask(text) == text
