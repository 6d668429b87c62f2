"""A subscriber that is called: signed, with a stable id, and never by a way that leads inside."""

import json

import pytest
from broadcast.conftest import Told
from defusedxml.ElementTree import fromstring
from house import BOB, FORM, ROOT
from servers.hooks import Hooks, cuts, says

from mailbot.broadcast.turn import LONGEST_PAUSE
from mailbot.store import keys, subscribers
from mailbot.subscriber import NotTaken
from mailbot.wire import new_secret, secret_key, verified

pytestmark = pytest.mark.timeout(60)

SECRET = new_secret()


@pytest.fixture
def hooks():
    hooks = Hooks()
    yield hooks
    hooks.down()


@pytest.fixture
def called(tmp_path, hooks):
    """A house whose only subscriber is called."""
    tmp_path.joinpath("key").write_text(SECRET)
    house = Told(
        tmp_path,
        more=f"""
[subscribers.oss]
kind = "webhook"
url = "{hooks.url}"
secret = "file:key"
allow = ["127.0.0.0/8"]
timeout = "1 second"
""",
    )
    del house.bot.broadcast  # built anew, it has sinks of its own
    yield house
    house.bot.close()


def id_of(call):
    return call.headers["webhook-id"]


def told(house):
    return [one.name for one in house.line()]


def test_check_reaches_it_and_calls_nobody(called, hooks):
    sink = called.bot.broadcast.sinks["oss"]
    assert sink.check() == f"{hooks.url}, which is 127.0.0.1"
    assert hooks.calls == []
    hooks.down()
    with pytest.raises(NotTaken, match="refused"):
        sink.check()


def test_each_event_is_signed_with_its_own_id(called, hooks):
    called.mail(BOB, "quick", FORM)
    called.tell()
    assert [call.headers["webhook-id"] for call in hooks.calls] == told(called)
    for call in hooks.calls:
        assert verified(call.headers, call.body, [secret_key(SECRET)], called.now)
        assert json.loads(call.body)["id"] == call.headers["webhook-id"]
        assert call.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(says("500 Broken"), id="500"),
        pytest.param(says("400 Bad Request", "no"), id="400"),
        pytest.param(says("302 Found", location="http://127.0.0.1:1/"), id="a redirect, which is not followed"),
        pytest.param(says("429 Too Many Requests"), id="429"),
        pytest.param(lambda line: line.sendall(b"SSH-2.0-OpenSSH_9\r\n"), id="no HTTP"),
        pytest.param(cuts, id="hangs up, though it may have taken it"),
        pytest.param(None, id="says nothing"),
    ],
)
def test_nothing_is_lost_and_what_comes_again_has_the_same_id(called, hooks, answer):
    hooks.answer = answer or hooks.hangs
    called.mail(BOB, "quick", FORM)
    called.tell()
    first = [call.headers["webhook-id"] for call in hooks.calls]
    assert first == told(called)[:1]
    hooks.answer = says("204 No Content")
    called.now += LONGEST_PAUSE
    called.tell()
    assert [call.headers["webhook-id"] for call in hooks.calls] == [*first, *told(called)]
    assert all(verified(call.headers, call.body, [secret_key(SECRET)], called.now) for call in hooks.calls[1:])


def test_one_that_is_down_is_told_when_it_is_up_again(called, hooks):
    hooks.down()
    called.mail(BOB, "quick", FORM)
    called.tell()
    assert "127.0.0.1" in called.subscriber("oss").error
    called.mail(BOB, "quick", FORM)
    hooks.up()
    called.now += LONGEST_PAUSE
    called.tell()
    assert [call.headers["webhook-id"] for call in hooks.calls] == told(called)


def test_trap_46_a_callback_of_the_api_leads_to_no_address_of_ours(called, hooks):
    with called.bot.store.transaction() as tx:
        keys.make(tx.conn, "k", keys.Scope.ADMIN, [ROOT], None, called.now)
        id_ = subscribers.subscribe(tx.conn, key="k", callback=hooks.url, scope={}, now=called.now)
    called.mail(BOB, "quick", FORM)
    called.tell()
    assert not [call for call in hooks.calls if b"eventType" in call.body]
    assert "no public address" in called.subscriber(id_).error


def test_xml_says_the_same_as_json(tmp_path, hooks):
    tmp_path.joinpath("key").write_text(SECRET)
    terms = f'kind = "webhook"\nurl = "{hooks.url}"\nsecret = "file:key"\nallow = ["127.0.0.0/8"]\n'
    more = f'[subscribers.a]\n{terms}[subscribers.b]\n{terms}format = "xml"\n'
    house = Told(tmp_path, more=more)
    house.mail(BOB, "quick", FORM.replace("Acme", "Acme & <Söhne>"))
    house.tell()
    plain = {call.headers["webhook-id"]: json.loads(call.body) for call in hooks.calls if call.body[:1] == b"{"}
    marked = [call for call in hooks.calls if call.body[:1] == b"<"]
    assert len(marked) == len(plain) == len(house.line())
    for call in marked:
        document, event = fromstring(call.body.replace(b' xmlns="urn:mailbot:api:1"', b"")), plain[id_of(call)]
        assert document.findtext("type") == event["type"]
        assert document.findtext("sequence") == str(event["sequence"])
        if event["request"]:
            assert (
                document.findtext("request/form/entry[@name='customer']")
                == event["request"]["form"]["customer"]
                == "Acme & <Söhne>"
            )
            assert document.findtext("request/addresses/prefix") == "10.20.0.0/28"
    house.bot.close()
