"""The numbers of a digest are those that a reading of every row gives."""

import re
from collections import Counter
from datetime import timedelta
from statistics import median

import pytest
from house import ANA, BILL, BOB, CAROL, FORM, LIBERATION, MONDAY, RULES, kinds, only

from mailbot.mail.letter import Picture
from mailbot.process.request import State
from mailbot.store import space, views
from mailbot.store.base import metadata

HOUR = timedelta(hours=1)
END = MONDAY + timedelta(days=6, hours=23)


def overview(house, now=END):
    with house.bot.store.reading() as conn:
        return house.bot.digest.overview(conn, now)


def granted(house, sender=BOB, text=FORM):
    """A request that is answered and granted, two hours later."""
    letters = house.start(text, sender=sender)
    asked = {letter.to: letter for letter in letters if letter.kind == "action"}
    house.now += HOUR
    house.reply(asked[ANA], "approve")
    house.now += HOUR
    [done] = [letter for letter in house.reply(asked[BILL], "Account: A-1") if letter.kind == "completed"]
    return done


@pytest.fixture
def busy(house):
    """A week with something of everything."""
    granted(house)
    granted(house, CAROL, FORM.replace("28", "27"))
    letters = house.start(FORM, sender=CAROL)
    house.now += timedelta(days=1)
    house.reply(only(letters, "action", ANA), "reject too large")
    house.reply(only(house.start(), "acknowledged"), "cancel not needed")
    house.mail(BOB, "attribution", "Customer: Acme\n")  # waits for its requester
    house.mail(BOB, "attribution", FORM.replace("28", "26"))  # waits for both departments, and gets late
    prefix = house.allocated()
    giving = house.mail(BOB, "liberation", f"Prefix: {prefix}\n")
    house.reply(only(giving, "action"), "approve", "kim@example.net")
    house.now += timedelta(days=2)
    house.start(FORM.replace("28", "29").replace("Acme", "approve\nreject"))
    house.mail("eve@example.net", "liberation", "Prefix: 10.20.0.0/28\n")
    return house


def brute_force(house):
    """The same figures, one row after the other, by other ways."""
    with house.bot.store.reading() as conn:
        requests = list(views.requests(conn, views.RequestFilter(), END))
        history = list(views.history(conn, views.HistoryFilter()))
        moves = conn.execute(metadata.tables["address_history"].select()).all()
        pool = space.figures(conn, "lan")
        held = sum(each.prefix.size for each in pool.allocations)
    acts = Counter(row["action"] for row in history if END - timedelta(days=7) <= row["at"] < END)
    still_open = [request for request in requests if request.closed is None]
    ends = [r for r in requests if r.state in {State.COMPLETED, State.REJECTED}]
    calendar = house.bot.directory.calendar(None)
    took = sorted(calendar.between(r.created, r.closed).total_seconds() / 3600 for r in ends)
    return {
        "came": acts["received"],
        "granted": acts["completed"],
        "refused": acts["rejected"],
        "cancelled": acts["cancelled"],
        "failed": acts["failed"],
        "open": len(still_open),
        "late": sum(r.due is not None and r.due < END for r in still_open),
        "kept": (sum(r.closed <= r.due for r in ends), len(ends)),
        "median": median(took),
        "ninety": next(t for t in took if sum(other <= t for other in took) >= 0.9 * len(took)),
        "taken": sum(row.state == "allocated" for row in moves),
        "given back": sum(row.state == "quarantined" for row in moves),
        "used": held,
        "size": pool.size,
    }


def test_every_number_of_a_digest_is_that_of_a_brute_force_reading(busy):
    expected, found = brute_force(busy), overview(busy)
    for name in ("came", "granted", "refused", "cancelled", "failed", "open", "late"):
        assert getattr(found, name) == expected[name], name
    assert expected["came"] == 10
    assert expected["late"] == 2
    met, of = expected["kept"]
    assert found.met == f"{100 * met // of} % ({met} of {of})"
    assert found.median == f"{expected['median']:g} h"
    assert found.ninety == f"{expected['ninety']:g} h"
    assert found.given_out.startswith(f"{expected['taken']} prefixes (")
    assert found.given_back == "1 prefix (1 x /28)"
    assert expected["given back"] == 1
    [pool] = found.pools
    assert pool.used == f"{100 * expected['used'] // expected['size']} %"
    assert pool.free == f"{expected['size'] - expected['used']} addresses"
    assert [week.came for week in found.weeks] == [0] * 7 + [expected["came"]]
    assert [week.granted for week in found.weeks] == [0] * 7 + [expected["granted"]]


def test_what_is_open_is_told_with_the_departments_that_it_waits_for(busy):
    found = overview(busy)
    rows = {row.reference: row.waits_for for row in (*found.late_rows, *found.open_rows)}
    with busy.bot.store.reading() as conn:
        still_open = {r.reference for r in views.requests(conn, views.RequestFilter(open=True), END)}
    assert set(rows) == still_open
    assert rows["IP-6"] == "noc, billing"
    assert rows["IP-5"] == "its requester"
    assert {row.who: (row.open, row.late) for row in found.waiting} == {
        who: (
            sum(who in waits.split(", ") for waits in rows.values()),
            sum(who in row.waits_for.split(", ") for row in found.late_rows),
        )
        for who in {who for waits in rows.values() for who in waits.split(", ")}
    }


def test_a_pool_is_told_as_it_will_be_when_all_that_is_open_is_granted(house):
    house.start(FORM.replace("28", "25"))
    house.start(FORM.replace("28", "26"))
    [pool] = overview(house).pools
    assert (pool.used, pool.if_granted, pool.bar, pool.more) == ("0 %", "75 %", 0, 75)
    assert not pool.warn
    house.start(FORM.replace("28", "25"))
    [pool] = overview(house).pools
    assert (pool.if_granted, pool.more, pool.warn) == ("125 %", 100, True)


def test_a_pool_that_somebody_should_look_after_is_drawn(house):
    granted(house, text=FORM.replace("28", "24"))
    week = overview(house)
    [pool] = week.pools
    assert pool.drawn.png.startswith(b"\x89PNG")
    assert "100% allocated" in pool.drawn.alt
    assert pool.drawn in week.pictures


def test_a_full_pool_is_told_as_full(house):
    granted(house, text=FORM.replace("28", "24"))
    [pool] = overview(house).pools
    assert (pool.used, pool.free, pool.largest_free, pool.lasts) == ("100 %", "0 addresses", "none", "full")


def test_a_request_on_hold_waits_for_nobody(house):
    letters = house.start()
    house.reply(only(letters, "action", ANA), "hold the building is not ready")
    [row] = overview(house, MONDAY + HOUR).open_rows
    assert row.waits_for == "nobody: it is on hold"


def test_a_step_that_a_full_pool_holds_waits_for_room_in_it(house):
    granted(house, text=FORM.replace("28", "24"))
    letters = house.start()
    for person, answer in ((ANA, "approve"), (BILL, "Account: A-1")):
        house.reply(only(letters, "action", person), answer)
    assert [row.who for row in overview(house).waiting] == ["room in lan"]


def test_lists_are_capped_and_say_how_many_more_there_are(house):
    for number in range(13):
        house.mail(BOB, "attribution", FORM.replace("Acme", f"Customer {number}"))
    found = overview(house)
    assert (len(found.late_rows), found.late_more, found.late) == (10, 3, 13)
    text = house.bot.digest.words(found).text
    assert "and 3 more" in text
    assert text.count("IP-") == 10


def test_a_week_in_which_nothing_came_has_no_picture(house):
    assert overview(house).chart is None
    house.start()
    assert isinstance(overview(house).chart, Picture)


def test_what_is_told_ends_with_the_moment_at_which_it_is_told(house):
    house.start()
    assert overview(house, MONDAY).came == 0
    assert overview(house, MONDAY + timedelta(seconds=1)).came == 1


def test_no_letter_line_is_what_a_requester_called_his_request(busy):
    text = busy.bot.digest.words(overview(busy)).text
    assert not re.search(r"^\W*(approve|reject)\b", text, re.MULTILINE)
    assert len(kinds(busy.relay.letters)) > 10
    assert LIBERATION in RULES.values()
