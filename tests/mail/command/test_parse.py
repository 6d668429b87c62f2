"""The first own line is a command as a whole, or none."""
# ruff: noqa: RUF001  characters that look alike are what is tested

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailbot.mail.command import Command, Commands, Query, Unclear, Verb, parse


def verb_of(text: str) -> Verb | None:
    found = parse(text)
    return found.verb if isinstance(found, Command) else None


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("approve", Verb.APPROVE),
        ("Approve.", Verb.APPROVE),
        ("APPROVED!!", Verb.APPROVE),
        ("ok", Verb.APPROVE),
        ("Yes.", Verb.APPROVE),
        ("accept", Verb.APPROVE),
        ("done", Verb.DONE),
        ("reject", Verb.REJECT),
        ("hold", Verb.HOLD),
        ("resume", Verb.RESUME),
        ("cancel", Verb.CANCEL),
        ("end now", Verb.END_NOW),
        ("retry", Verb.RETRY),
        ("skip", Verb.SKIP),
        ("fail", Verb.FAIL),
        ("watch", Verb.WATCH),
        ("unwatch", Verb.UNWATCH),
        ("status?", Verb.STATUS),
        ("why", Verb.WHY),
        ("help", Verb.HELP),
        ("yes please", Verb.APPROVE),
        ("please approve", Verb.APPROVE),
        ("ok, thanks Bob", Verb.APPROVE),
        ("Approve, many thanks!", Verb.APPROVE),
        ("Thanks Bob, approved.", Verb.APPROVE),
        ("Hi Bob, approve", Verb.APPROVE),
        ("Hi Bob approve", Verb.APPROVE),
        ("Hi Bob,\n\napprove", Verb.APPROVE),
        ("Hello all\napprove\n\nRegards\nAna", Verb.APPROVE),
        ("“approve”", Verb.APPROVE),
        ("*approve*", Verb.APPROVE),
        ("approve :)", Verb.APPROVE),
    ],
)
def test_a_whole_line_less_courtesies_is_a_command(text: str, verb: Verb) -> None:
    assert verb_of(text) is verb


@pytest.mark.parametrize(
    "text",
    [
        "a\u00adpprove",
        "approve\u200b",
        "\ufeffapprove",
        "\xa0approve\xa0",
        "ａｐｐｒｏｖｅ",
        "approve\u202e",
        "approve\u2026",
    ],
)
def test_trap_25_characters_that_are_not_seen_or_only_look_different_do_not_matter(text: str) -> None:
    assert verb_of(text) is Verb.APPROVE


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("cancel: the office stays closed", "the office stays closed"),
        ("Cancel, the office stays closed", "the office stays closed"),
        ("cancel - the office stays closed", "the office stays closed"),
        ("cancel it: the office stays closed", "the office stays closed"),
        ("cancel this request because the office stays closed", "because the office stays closed"),
        ("cancel because the office\nstays closed", "because the office\nstays closed"),
    ],
)
def test_cancel_takes_its_reason_where_it_is_plainly_one(text: str, reason: str) -> None:
    found = parse(text)
    assert isinstance(found, Command)
    assert (found.verb, found.text) == (Verb.CANCEL, reason)


@pytest.mark.parametrize(
    "text",
    [
        "cancel the order of Monday",
        "cancel my approval",
        "cancel step 2",
        "cancel, but keep the VLAN",
        "cancel: only if Bob agrees",
        "cancel because it is late?",
        "cancel this",
    ],
)
def test_what_may_mean_something_else_cancels_nothing(text: str) -> None:
    assert not isinstance(parse(text), Command)


@pytest.mark.parametrize(
    "text",
    [
        "not approved",
        "Not approved.",
        "no",
        "ok but make it a /27",
        "ok, but make it a /27",
        "approve - but only a /27",
        "approve if smaller",
        "I would approve if it were smaller",
        "I do not approve",
        "approve?",
        "reject?",
        "can I approve this",
        "yes and no",
        "approve reject",
        "disapprove",
        "don't approve",
        "ok thanks but no",
        "hey wait, ok",
        "Hi Bob not approved",
        "Thanks, not approved",
        "ok please do not",
        "cancel that",
        "hold on",
        "done with it",
        "approved by Bob",
        "approve\nbut make it a /27",
        "ok\n\nonly if it is smaller",
        "delay",
        "delay until tomorrow",
        "delay until 3/4/2026",
        "assign",
        "assign noc",
        "assign ana@example.net or li@example.net",
        "extend",
        "extend until Friday",
        "away",
        "away until 2026-12-01, deputy Li",
        "query",
        "query everything",
        "query pool x free lots",
        "query reference for my order",
    ],
)
def test_trap_21_what_is_no_whole_command_is_not_guessed_at(text: str) -> None:
    found = parse(text)
    assert isinstance(found, Unclear)
    assert found.reason


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n \n",
        "Hi Bob,",
        "Account: A-77",
        "Comment: approve",
        "Delay: 3 days",
        "Query type: internal",
        "Status: ok",
        "Prefix length: 28\napprove",
        "We need two firewalls.",
        "https://example.net",
        "10 hosts, please",
        "3-5 working days",
        "\U0001f44d",
        "-- \napprove",
    ],
)
def test_what_is_about_something_else_is_no_command(text: str) -> None:
    assert parse(text) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("reject too large", "too large"),
        ("Reject: too large.", "too large."),
        ("rejected - too large, thanks", "too large, thanks"),
        ("please reject too large", "too large"),
        ("reject too large\nfor this site\n\nAna", "too large\nfor this site"),
        ("reject too large\nRegards\nAna", "too large"),
        ("reject\ntoo large", "too large"),
        ("reject\n\nit is too large\nfor us", "it is too large\nfor us"),
        ("reject\n\nAna", ""),
        ("reject", ""),
        ("ask Why a /24?\nWe have none.", "Why a /24?\nWe have none."),
        ("ask: why?", "why?"),
        ("comment approve it", "approve it"),
        ("hold the vendor is late", "the vendor is late"),
        ("skip not needed", "not needed"),
        ("fail the router is gone", "the router is gone"),
        ("Hi Askar, ask why", "why"),
    ],
)
def test_trap_25_free_text_goes_on_over_the_following_lines(text: str, expected: str) -> None:
    found = parse(text)
    assert isinstance(found, Command)
    assert found.text == expected


def test_the_lines_below_are_there_for_fields() -> None:
    found = parse("Hi Bob,\napprove\n\nPrefix length： 28\nAccount: “A-77”\n")
    assert isinstance(found, Command)
    assert found.rest == "Prefix length： 28\nAccount: “A-77”"


NOVEMBER = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("text", "until", "duration", "reason"),
    [
        ("delay until 2026-11-27", NOVEMBER, None, ""),
        ("delay until 27 Nov 2026 waiting for fibre", NOVEMBER, None, "waiting for fibre"),
        ("delay until 27 November 2026, waiting\nfor fibre", NOVEMBER, None, "waiting\nfor fibre"),
        ("delay until Friday 27 November 2026.", NOVEMBER, None, ""),
        ("delay for 2 working days", None, "2 working days", ""),
        ("delay 3 days", None, "3 days", ""),
        ("delay for 3 hours: holidays", None, "3 hours", "holidays"),
        ("delay until 27 November", NOVEMBER, None, ""),
    ],
)
def test_delay_takes_a_date_or_a_duration(text: str, until: date | None, duration: str | None, reason: str) -> None:
    expected = Command(verb=Verb.DELAY, until=until, duration=duration, text=reason)
    found = parse(text, today=date(2026, 11, 1))
    assert isinstance(found, Command)
    assert (found.until, found.duration, found.text) == (expected.until, expected.duration, expected.text)


@pytest.mark.parametrize(
    "text",
    [
        "assign li@example.net",
        "assign to Li@Example.net.",
        "assign Li Wei <li@example.net>",
        "assign li@example.net<mailto:li@example.net>",
        "assign <mailto:li@example.net>",
        "please assign li@example.net, thanks",
    ],
)
def test_assign_takes_one_address(text: str) -> None:
    assert parse(text) == Command(verb=Verb.ASSIGN, address="li@example.net")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("extend 3 days", Command(verb=Verb.EXTEND, duration="3 days")),
        ("extend by 1 month", Command(verb=Verb.EXTEND, duration="1 month")),
        ("away until 2026-11-27", Command(verb=Verb.AWAY, until=NOVEMBER)),
        (
            "away until 27 Nov 2026, deputy li@example.net",
            Command(verb=Verb.AWAY, until=NOVEMBER, address="li@example.net"),
        ),
        ("query mine", Command(verb=Verb.QUERY, query=Query.MINE)),
        ("query address 10.20.0.1", Command(verb=Verb.QUERY, query=Query.ADDRESS, text="10.20.0.1")),
        (
            "query address 2001:db8::1 at 2026-01-01 09:00",
            Command(verb=Verb.QUERY, query=Query.ADDRESS, text="2001:db8::1", at="2026-01-01 09:00"),
        ),
        ("query reference IP-42", Command(verb=Verb.QUERY, query=Query.REFERENCE, text="IP-42")),
        ("query reference PO 2026/17", Command(verb=Verb.QUERY, query=Query.REFERENCE, text="PO 2026/17")),
        ("query address 200 on 23 Nov", Command(verb=Verb.QUERY, query=Query.ADDRESS, text="200", at="23 Nov")),
        ("query user Bob <Bob@Example.net>", Command(verb=Verb.QUERY, query=Query.USER, text="bob@example.net")),
        ("query pool vlans free", Command(verb=Verb.QUERY, query=Query.POOL, text="vlans")),
        ("query user bob@example.net", Command(verb=Verb.QUERY, query=Query.USER, text="bob@example.net")),
        (
            "query pool customers-v4 free /28",
            Command(verb=Verb.QUERY, query=Query.POOL, text="customers-v4", length=28),
        ),
    ],
)
def test_the_other_verbs_take_their_arguments(text: str, expected: Command) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 approve", [((1,), Verb.APPROVE, "")]),
        ("2 reject too large", [((2,), Verb.REJECT, "too large")]),
        ("3-5 approve", [((3, 4, 5), Verb.APPROVE, "")]),
        ("all approve", [("all", Verb.APPROVE, "")]),
        ("#1: ok", [((1,), Verb.APPROVE, "")]),
        ("1, 3 and 5 approve, thanks", [((1, 3, 5), Verb.APPROVE, "")]),
        (
            "Hi,\n1 approve\n2) reject too large\nfor us\n\n3–4 ok\n\nAna",
            [((1,), Verb.APPROVE, ""), ((2,), Verb.REJECT, "too large\nfor us"), ((3, 4), Verb.APPROVE, "")],
        ),
    ],
)
def test_a_list_is_answered_by_number(text: str, expected: list[tuple[object, Verb, str]]) -> None:
    found = parse(text)
    assert isinstance(found, Commands)
    assert [(one.items, one.verb, one.text) for one in found.commands] == expected


@pytest.mark.parametrize(
    "text",
    [
        "1 not approved",
        "1 approve\n2 maybe",
        "1 approve\n2 approve?",
        "1 approve\n1 reject too large",
        "all approve\n2 reject too large",
        "5-3 approve",
        "1 approve but smaller",
        "\n".join(f"{n} approve" for n in range(1, 120)),
    ],
)
def test_trap_21_of_a_list_all_is_clear_or_nothing_is_done(text: str) -> None:
    assert isinstance(parse(text), Unclear)


@given(st.text())
def test_any_text_gets_an_answer(text: str) -> None:
    found = parse(text)
    assert found is None or isinstance(found, Command | Commands | Unclear)


_WORDS = [
    "approve",
    "reject",
    "ok",
    "yes",
    "not",
    "no",
    "but",
    "if",
    "hi",
    "Bob",
    "thanks",
    "please",
    ",",
    ".",
    "?",
    "\n",
    "1",
]


@given(st.lists(st.sampled_from(_WORDS)))
def test_trap_21_no_mixture_of_words_approves_with_a_doubt_in_its_first_line(words: list[str]) -> None:
    text = " ".join(words)
    found = parse(text)
    if isinstance(found, Command) and found.verb is Verb.APPROVE:
        courtesies = {"hi", "Bob", "please", "thanks", ",", "."}
        first = next(line for line in text.split("\n") if set(line.split()) - courtesies)
        assert not {"not", "no", "but", "if", "reject", "?"} & set(first.split())
