"""What other systems call a matter, as far as their subjects say it without doubt."""

import time

import pytest

from mailbot.mail.naming import names_in


@pytest.mark.parametrize(
    ("subject", "names"),
    [
        ("[#1234] Re: [IP-42] Please fill in: Scrubbing", ("1234",)),
        ("Ticket 1234 opened", ("1234",)),
        ("Ref: ABC-1", ("ABC-1",)),
        ("Our reference number: 77-A-9", ("77-A-9",)),
        ("Your order SO-4711 has been received (#8812)", ("SO-4711", "8812")),
        ("[INC0012345] Scrubbing", ("INC0012345",)),
        ("[Ticket#2026112510000123] hello", ("2026112510000123",)),
        ("Case #00123: your mail", ("00123",)),
        ("Incident [SR 55]", ("55",)),
        ("ticket 1234, again ticket 1234", ("1234",)),
        ("Ticket \uff11\uff12\uff13\uff14", ("1234",)),
        ("[IP-42] Please fill in", ()),
        ("Request received: [IP-42]", ()),
        ("Your reference IP-42, our reference: 9912", ("9912",)),
        ("Re: order 2026-11-25", ()),
        ("ref 10.0.0.0/24", ()),
        ("request 7 of 9", ()),
        ("in order 2 weeks", ()),
        ("a case in point", ()),
        ("Ticket ID: ABCDEF", ()),
        ("Scrubbing from 03:00 to 09:00", ()),
        ("identity 99 and preference 77", ()),
        ("order a1@example.net", ()),
        ("", ()),
    ],
)
def test_numbers_are_found_where_they_are_named_as_such_and_nowhere_else(subject, names):
    assert names_in(subject, "IP") == names


def test_no_subject_holds_it_up_for_long():
    begin = time.process_time()
    for hostile in ("ticket " + "1-" * 10_000, "[" * 10_000, "ref " * 10_000, "#" * 10_000, "[#" + "A" * 10_000):
        names_in(hostile, "IP")
    assert time.process_time() - begin < 1
