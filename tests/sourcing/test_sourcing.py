"""A pool that follows NetBox: what a request takes stands there before anybody hears of it."""

from datetime import timedelta

import pytest
from house import BOB, FORM, ROOT, kinds, only
from servers.netbox import Fault

from mailbot.process.request import Retry, Said
from mailbot.store import space

pytestmark = pytest.mark.timeout(120)

FIRST, SECOND = "10.20.0.0/28", "10.20.0.16/28"
MARK = "[mailbot IP-1/allocate "


def words(letter):
    """Its text, however it was wrapped."""
    return " ".join(letter.text.replace("|", " ").split())


def quick(house, **headers):
    return house.mail(BOB, "quick", FORM, **headers)


def test_the_requester_hears_of_his_prefix_when_netbox_has_it(house, server):
    assert "completed" not in [kind for kind, _ in kinds(quick(house))]
    assert server.prefixes() == []
    letters = house.source()
    assert FIRST in only(letters, "completed", BOB).text
    assert server.prefixes() == [FIRST]
    assert server.status_of(FIRST) == ["active"]
    assert MARK in server.described(FIRST)[0]
    assert house.differences() == []


def test_no_call_is_made_while_a_mail_is_taken(house, server):
    house.source()
    calls = len(server.calls)
    quick(house)
    assert len(server.calls) == calls


def test_what_others_have_in_netbox_is_not_given_out(house, server):
    server.add(FIRST, description="routers")
    house.source()
    assert house.foreign() == [FIRST]
    quick(house)
    house.source()
    assert house.held() == {SECOND: "allocated"}


def test_what_others_took_since_the_last_look_is_left_to_them_and_another_is_taken(house, server):
    house.source()
    server.take_next("10.20.0.0/24", 28)
    quick(house)
    letters = house.source()
    assert SECOND in only(letters, "completed", BOB).text
    assert FIRST not in only(letters, "completed", BOB).text
    assert (house.held(), house.foreign()) == ({SECOND: "allocated"}, [FIRST])
    assert "not taken" in house.history()


def test_what_others_take_in_the_very_moment_is_left_to_them(house, server):
    house.source()
    raced = []

    def race(call):
        if call == "POST ipam/prefixes" and not raced:
            raced.append(server.add("10.20.0.8/29"))

    server.told = race
    quick(house)
    house.source()
    assert house.held() == {SECOND: "allocated"}
    assert server.prefixes() == ["10.20.0.8/29", SECOND]


def test_a_prefix_that_was_asked_for_by_name_and_is_taken_in_netbox_is_told_so(house, server):
    house.source()
    server.add("10.20.0.32/28")
    house.mail(BOB, "named", "Prefix: 10.20.0.32/28\n")
    house.source()
    [step] = house.request().steps
    assert "others have it in NetBox" in step.trouble
    assert (house.held(), house.foreign()) == ({}, ["10.20.0.32/28"])


def test_what_is_given_back_rests_here_and_is_deprecated_there_until_it_is_gone(house, server):
    quick(house)
    house.source()
    house.mail(BOB, "liberation", f"Prefix: {FIRST}\n")
    house.source()
    assert (house.held(), server.status_of(FIRST)) == ({FIRST: "quarantined"}, ["deprecated"])
    house.wait(days=31)
    house.source()
    assert (house.held(), server.prefixes()) == ({}, [])


def test_what_was_renumbered_is_given_back_when_netbox_has_the_new_one(house, server):
    quick(house)
    house.source()
    house.mail(BOB, "renumber", f"Prefix: {FIRST}")
    assert house.held() == {FIRST: "allocated", SECOND: "allocated"}
    letters = house.source()
    assert SECOND in only(letters, "completed", BOB).text
    assert house.held() == {FIRST: "quarantined", SECOND: "allocated"}
    assert (server.status_of(FIRST), server.status_of(SECOND)) == (["deprecated"], ["active"])


def test_what_others_took_meanwhile_is_not_renumbered_into_and_the_terms_stay_those_of_its_holder(house, server):
    quick(house)
    house.source()
    server.add(SECOND)
    house.mail(ROOT, "renumber", f"Prefix: {FIRST}")
    house.source()
    assert house.held() == {FIRST: "quarantined", "10.20.0.32/28": "allocated"}
    with house.bot.store.reading() as conn:
        assert {one.holder for one in space.allocations(conn, "lan") if one.state in space.OURS} == {BOB}


def test_a_renumbering_that_is_tried_again_while_it_waits_takes_nothing_twice(house, server):
    quick(house)
    house.source()
    server.faults = lambda _number, _call: Fault.BUSY
    house.mail(BOB, "renumber", f"Prefix: {FIRST}")
    with house.bot.store.transaction() as tx:
        house.bot.desk.settle(tx, "IP-2", Said(actor=ROOT, deed=Retry(), operator=True), house.now)
    house.source()
    server.faults = lambda _number, _call: None
    house.in_time()
    assert house.held() == {FIRST: "quarantined", SECOND: "allocated"}


def test_a_renumbering_that_netbox_refuses_gives_nothing_back(house, server):
    quick(house)
    house.source()
    server.refuses = "Prefixes need a tenant here"
    house.mail(BOB, "renumber", f"Prefix: {FIRST}")
    letters = house.source()
    assert house.held() == {FIRST: "allocated"}
    server.refuses = None
    house.reply(only(letters, "alert", ROOT), "retry")
    house.source()
    assert house.held() == {FIRST: "quarantined", SECOND: "allocated"}


def test_a_form_that_is_changed_while_a_renumbering_waits_is_what_counts(house, server):
    quick(house)
    quick(house)
    house.source()
    server.faults = lambda _number, _call: Fault.BUSY
    [letter] = [x for x in house.mail(BOB, "renumber", f"Prefix: {FIRST}") if x.to == BOB]
    house.reply(letter, f"Prefix: {SECOND}")
    server.faults = lambda _number, _call: None
    house.in_time()
    assert house.held() == {FIRST: "allocated", SECOND: "quarantined", "10.20.0.32/28": "allocated"}


def test_a_reservation_is_reserved_there_and_lapses_there(house, server):
    house.mail(BOB, "later", FORM)
    house.source()
    assert server.status_of(FIRST) == ["reserved"]
    house.wait(days=3)
    house.source()
    assert (house.held(), server.prefixes()) == ({}, [])


def test_a_request_that_is_cancelled_while_it_waits_for_netbox_leaves_nothing(house, server):
    house.source()
    server.faults = lambda _number, _call: Fault.BUSY
    [letter] = [x for x in quick(house) if x.to == BOB]
    house.source()
    house.reply(letter, "cancel")
    server.faults = lambda _number, _call: None
    house.in_time()
    house.wait(days=31)
    house.source()
    assert (house.held(), server.prefixes(), house.differences()) == ({}, [], [])


def test_what_netbox_refuses_is_held_with_its_words_and_can_be_tried_again(house, server):
    server.refuses = "Prefixes need a tenant here"
    quick(house)
    letters = house.source()
    assert "Prefixes need a tenant here" in only(letters, "alert", ROOT).text
    assert (house.held(), server.prefixes()) == ({}, [])
    server.refuses = None
    house.reply(only(letters, "alert", ROOT), "retry")
    house.source()
    assert server.prefixes() == [FIRST]


def test_a_step_that_is_tried_again_while_it_waits_takes_nothing_twice(house, server):
    house.source()
    server.faults = lambda _number, _call: Fault.BUSY
    quick(house)
    for word in ("hold", "resume", "hold", "resume"):
        house.mail(ROOT, f"Re: [IP-1] {word}", word)
    house.source()
    server.faults = lambda _number, _call: None
    house.in_time()
    assert (house.held(), server.prefixes()) == ({FIRST: "allocated"}, [FIRST])


def test_the_brake_keeps_netbox_from_being_told_anything(house, server):
    house.source()
    with house.bot.store.transaction() as tx:
        tx.set_fact("paused", "targets")
    quick(house)
    house.source()
    assert server.prefixes() == []


def test_a_prefix_that_somebody_deleted_there_is_made_again(house, server):
    quick(house)
    house.source()
    server.drop(FIRST)
    assert house.differences() == [f"{FIRST}: ours, and not in NetBox (IP-1)"]
    house.in_time(2)
    assert (server.prefixes(), house.differences()) == ([FIRST], [])


def test_what_others_deleted_there_is_free_here_again(house, server):
    server.add(FIRST)
    house.source()
    server.drop(FIRST)
    house.in_time(2)
    assert house.foreign() == []


def test_a_status_that_somebody_changed_there_is_changed_back_and_his_words_stay(house, server):
    quick(house)
    house.source()
    [row] = [row for row in server.objects["ipam/prefixes"].values() if row["prefix"] == FIRST]
    row.update(status="reserved", description="Rack 7")
    house.in_time(2)
    assert server.status_of(FIRST) == ["active"]
    assert server.described(FIRST)[0].startswith(f"Rack 7 {MARK}")


def test_subnets_that_people_make_in_what_is_ours_are_theirs_to_make(house, server):
    quick(house)
    house.source()
    server.add("10.20.0.0/30", description="transfer")
    house.in_time(2)
    assert (house.differences(), house.foreign()) == ([], [])


def test_what_both_gave_out_is_told_once_and_decided_by_people(house, server):
    quick(house)
    house.source()
    server.add("10.20.0.0/27", description="bigger")
    letters = house.in_time(4)
    told = only(letters, "alert", ROOT)
    assert f"{FIRST}: ours, and in NetBox others have it too (10.20.0.0/27 bigger)" in words(told)
    assert house.held() == {FIRST: "allocated"}
    assert set(server.prefixes()) == {FIRST, "10.20.0.0/27"}


def test_what_is_left_of_a_prefix_that_others_have_around_ours_is_not_tried_again_and_again(house, server):
    quick(house)
    house.source()
    server.add("10.20.0.0/26", description="bigger")
    quick(house)
    house.in_time(2)
    assert house.held() == {FIRST: "allocated", "10.20.0.64/28": "allocated"}
    assert house.foreign() == [SECOND, "10.20.0.32/28", "10.20.0.48/28"]


def test_a_netbox_that_is_away_for_long_is_told_of_once(house, server):
    server.faults = lambda _number, _call: Fault.DENIES
    letters = house.in_time(4)
    assert "our token may not do this" in words(only(letters, "alert", ROOT))
    server.faults = lambda _number, _call: None
    assert house.in_time(2) == []


def test_what_a_lost_database_has_made_is_never_given_out_nor_deleted(house, server):
    server.add(FIRST, description=f"Acme {MARK}0123456789ab]")
    quick(house)
    house.in_time(2)
    assert house.held() == {SECOND: "allocated"}
    assert server.prefixes() == [FIRST, SECOND]


def test_space_that_was_given_out_before_the_pool_followed_netbox_is_brought_there(house, server):
    quick(house)
    house.source()
    server.drop(FIRST)
    with house.bot.store.transaction() as tx:
        tx.conn.exec_driver_sql("DELETE FROM sourced")
    house.in_time(2)
    assert server.prefixes() == [FIRST]


def test_what_both_had_before_they_knew_of_each_other_is_taken_for_the_same(house, server):
    house.bot.__dict__["netbox_pools"] = {}
    with house.bot.store.transaction() as tx:
        rows = [{"prefix": FIRST, "pool": "lan", "customer": "Acme"}, {"prefix": SECOND, "pool": "lan"}]
        assert space.import_rows(tx.conn, rows, house.now) == []
    server.add(FIRST, description="Acme, Lyon")
    house.die()
    house.in_time(2)
    assert server.described(FIRST)[0].startswith("Acme, Lyon [mailbot ")
    assert server.prefixes() == [FIRST, SECOND]
    assert house.differences() == []


def test_a_pool_that_follows_netbox_no_more_lets_nobody_wait(house, server):
    house.source()
    server.faults = lambda _number, _call: Fault.BUSY
    quick(house)
    house.source()
    path = house.home / "config.toml"
    path.write_text(path.read_text().replace('source = "netbox"', ""))
    house.die()
    house.bot.__dict__.pop("netbox_pools")
    house.bot.prepare()
    house.in_time(2)
    assert house.request().state.value == "completed"


def test_the_pause_between_two_looks_is_kept(house, server):
    house.source()
    looks = server.calls.count("GET ipam/prefixes")
    house.source()
    assert server.calls.count("GET ipam/prefixes") == looks
    house.now += timedelta(minutes=61)
    house.source()
    assert server.calls.count("GET ipam/prefixes") > looks
