"""Anybody writes anything to any letter at any time: nothing breaks, nothing is answered twice, all of it is traced.

`HYPOTHESIS_PROFILE=deep` plays many more.
"""

import os
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from house import ANA, BILL, BOB, EVE, FORM, HEAD, KIM, LI, LOU, MALLORY, NOC, ROOT, House, mail, reply
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.process.request import CLOSED
from mailbot.store import space

pytestmark = pytest.mark.slow

DEEP = os.environ.get("HYPOTHESIS_PROFILE") == "deep"
PEOPLE = (
    BOB,
    BOB,
    ANA,
    LI,
    BILL,
    HEAD,
    KIM,
    LOU,
    NOC,
    ROOT,
    EVE,
    MALLORY,
    "a.ruiz@example.net",
    "bob@customer.example",
)
TEXTS = (
    *(
        "approve",
        "yes",
        "ok thanks",
        "reject",
        "reject too large",
        "done",
        "Account: A-77",
        "Account:",
        "hold",
        "resume",
    ),
    *("cancel", "ask Which office?", "It is in Lyon.", "comment hello", "status", "help", "why", "watch", "unwatch"),
    *("delay until 2026-12-01", "delay for 1 working day", "delay for 30 days later", "delay until never"),
    *("assign eve@example.net", "assign bob@example.net", "assign", "retry", "skip by phone", "fail", "fail no more"),
    *("Prefix length: 24", "Prefix length: 99", "Customer: Beta\nPrefix length: 29", FORM, "1 approve", "all approve"),
    *("not approved", "", "\u200b", "approve\n\nbut only a /30", "away until 2026-12-24, deputy eve@example.net"),
    "query pool lan free 28",
)
SUBJECTS = ("attribution", "quick", "liberation", "hello", "[IP-1]", "[IP-2] x", "[IP-99]", "")
CARRIERS = st.sets(st.sampled_from(["address", "In-Reply-To", "References", "quote", "subject"]), min_size=1)


@st.composite
def happenings(draw):
    """What a test does: (what, who, text, which letter or subject, carriers)."""
    what = draw(st.sampled_from(["reply"] * 8 + ["mail"] * 2 + ["wait", "free"]))
    chosen = draw(st.integers(0, 1000))
    return what, draw(st.sampled_from((None, None, *PEOPLE))), draw(st.sampled_from(TEXTS)), chosen, draw(CARRIERS)


def happen(house, what, who, text, chosen, carriers):
    if what == "wait":
        house.wait(hours=(1, 20, 100, 24 * 40)[chosen % 4])
        return
    if what == "free":
        with house.bot.store.transaction() as tx:
            space.end_quarantine(tx.conn, house.now)
        return
    if what == "reply":
        letter = house.relay.letters[-1 - chosen % min(len(house.relay.letters), 40)]
        written = reply(letter, text, who, carriers=carriers)
    else:
        written = mail(who or BOB, SUBJECTS[chosen % len(SUBJECTS)], text)
    _, letters = house.take(written)
    sender = house.bot.directory.person(str(written["From"]))
    answers = Counter(x.to for x in letters if x.kind not in {"action", "alert"})
    assert answers[sender] <= 1, letters
    assert all(x.to != MALLORY for x in letters)


@settings(
    max_examples=100 if DEEP else 12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
@given(script=st.lists(happenings(), min_size=15, max_size=25))
def test_whatever_people_write_nothing_breaks_and_all_of_it_is_traced(script):
    with tempfile.TemporaryDirectory() as folder:
        house = House(Path(folder))
        house.start()
        for each in script:
            happen(house, *each)
        house.now += timedelta(days=1)
        house.bot.follow_up()
        house.bot.follow_up()
        assert house.bot.follow_up() == 0  # all is quiet
        assert "quarantined" not in {state for state, _ in house.inbox()}
        assert house.broken() == []
        assert_space_is_whole(house)
        house.bot.close()


def assert_space_is_whole(house):
    """What requests show is what the pool has, and whoever has ended badly holds nothing."""
    with house.bot.store.reading() as conn:
        assert space.check(conn) == []
        for reference in house.requests():
            request = house.request(reference)
            held = {str(a.prefix): a for a in space.of_request(conn, reference)}
            allocated = {prefix for prefix, a in held.items() if a.state is space.State.ALLOCATED}
            assert allocated <= {a.prefix for a in request.addresses}
            if request.state in CLOSED and request.state != "completed":
                assert not allocated
