"""/metrics: what the database says, to those who may read it."""

from dataclasses import replace

import pytest
from house import BOB, FORM, only
from prometheus_client.parser import text_string_to_metric_families
from web_house import WEB

from mailbot.process.marks import JEOPARDY

FEED = '[subscribers.oss]\nkind = "file"\nfolder = "nowhere"\n'


def figures(browser):
    answer = browser.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


@pytest.fixture
def prometheus(browser):
    return browser(client=("127.0.0.1", 50_000))


@pytest.mark.parametrize("house", [{"config": WEB + FEED}], indirect=True)
def test_it_says_what_is_in_the_database(house, prometheus):
    house.mail(BOB, "quick", FORM)
    house.start()
    house.bot.broadcast.run(None)
    house.bot.note_pass()
    found = figures(prometheus)
    assert found["mailbot_requests_open", "inProgress", "attribution"] == 1
    assert found["mailbot_requests_closed_total", "completed"] == 1
    assert found["mailbot_requests_closed_total", "failed"] == 0
    assert found["mailbot_letters", "sent"] == len(house.relay.letters)
    assert found["mailbot_letters_sent_last_hour",] == len(house.relay.letters)
    assert (found["mailbot_pool_size", "lan"], found["mailbot_pool_used", "lan"]) == (256, 16)
    assert found["mailbot_subscriber_behind", "oss"] == found["mailbot_events_total",]
    assert found["mailbot_last_pass_age_seconds",] == 0
    assert found["mailbot_paused", "sending"] == 0
    assert len([name for name in found if name[0] == "mailbot_build_info"]) == 1


def test_a_server_that_has_counted_before_tells_the_same_as_a_new_one(house, prometheus, browser):
    for days in (0, 3, 0, 3):
        house.wait(days=days)
        house.mail(BOB, "quick", FORM)
        found, afresh = figures(prometheus), figures(browser(client=("127.0.0.1", 50_000)))
        assert found == afresh
    assert found["mailbot_requests_closed_total", "completed"] == 4
    assert found["mailbot_letters", "sent"] == len(house.relay.letters)


def test_late_and_in_jeopardy_are_counted_while_they_are_so(house, prometheus):
    letters = house.start()
    house.start(FORM.replace("Two firewalls", 'he said "jeopardy"'))
    with house.bot.store.transaction() as tx:
        stored = tx.load("IP-1")
        threatened = replace(stored.request, told=frozenset({JEOPARDY}))
        terms = {"entries": [], "threads": stored.threads, "message_id": None, "now": house.now}
        tx.record(stored, threatened, **terms)
    assert figures(prometheus)["mailbot_requests_jeopardy",] == 1
    house.wait(days=7)
    found = figures(prometheus)
    assert (found["mailbot_requests_late",], found["mailbot_requests_jeopardy",]) == (2, 0)
    house.reply(only(letters, "acknowledged"), "cancel")
    assert figures(prometheus)["mailbot_requests_late",] == 1


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        pytest.param("192.0.2.1", {}, id="from elsewhere"),
        pytest.param("127.0.0.1", {"X-Forwarded-For": "127.0.0.1"}, id="by way of a proxy on this machine"),
        pytest.param("127.0.0.1", {"Forwarded": "for=127.0.0.1"}, id="by way of another"),
    ],
)
def test_for_all_others_there_is_nothing_there(browser, peer, headers):
    answer = browser(client=(peer, 50_000)).get("/metrics", headers=headers)
    assert answer.status_code == 404
    assert "mailbot_" not in answer.text


@pytest.mark.parametrize("house", [{"config": WEB.replace("[web]", '[web]\nmetrics = ["192.0.2.1"]')}], indirect=True)
def test_who_may_read_it_is_said_in_the_configuration(browser):
    assert browser(client=("192.0.2.1", 50_000)).get("/metrics").status_code == 200
    assert browser(client=("127.0.0.1", 50_000)).get("/metrics").status_code == 404
