"""Customers serve themselves within their quotas, are found from each end, and see nothing but what is theirs."""

import re

import pytest
from desk.test_customers import BETA, CARL, CUSTOMERS, DORA, HEIDI, RULES, order
from house import ANA, BOB, EVE, KIM, ROOT, House, kinds, only
from web.api.conftest import System, key_of
from web.conftest import Browser

from mailbot.store.keys import Scope

CONFIG = (
    CUSTOMERS.replace("answers_per_hour = 5", "answers_per_hour = 1000")
    + """
[web]
url = "http://ip.example.net"
"""
)
NOWHERE = "Nemo Ltd"
OTHERS = ("Beta", "C-2", "it@beta", "IP-2", "10.20.0.64", "10.20.0.128")
"""What would tell Acme's people of Beta."""


@pytest.fixture
def house(tmp_path):
    """Acme has three services, asked for by two of its people and by us; Beta has one request done, and one open."""
    house = House(tmp_path, config=CONFIG.replace('{ lan = "32" }', '{ lan = "48" }'), rules=RULES)
    order(house, 28, CARL, Service="L3VPN-7")
    order(house, 28, BETA, Service="INET-9")
    order(house, 28, DORA, Service="INET-8")
    order(house, 29, BOB, Customer="acme gmbh", Service="VOICE-1")
    order(house, 26, BETA, Service="INET-10")
    return house


def ask(house, who, words):
    """Subject and words of the answer, less its reply code."""
    [letter] = house.mail(who, "", f"query {words}\n")
    return letter.subject, re.sub(r"Reply code: .*", "", letter.text)


def browser(house, person):
    return Browser(house, person)


# -- S1.7, S3.1: the customer, his services, his addresses ----------------------------------------------------------


def test_a_customer_is_found_with_all_his_services_and_addresses(house):
    _, text = ask(house, ROOT, "customer c-1")
    assert all(f"{service}: 1 prefix" in text for service in ("L3VPN-7", "INET-8", "VOICE-1"))
    assert all(f"IP-{n}  Acme GmbH" in text for n in (1, 3, 4))
    addresses = [str(one.prefix) for n in (1, 3, 4) for one in house.request(f"IP-{n}").addresses]
    assert all(f"| {prefix}, allocated" in text for prefix in addresses)
    page = browser(house, ROOT).get("/customers/C-1").text
    assert all(words in page for words in ("L3VPN-7", "INET-8", "VOICE-1", *addresses))


def test_an_address_tells_its_customer_and_its_service(house):
    [address] = house.request("IP-1").addresses
    _, text = ask(house, ROOT, f"address {address.prefix.partition('/')[0]}")
    assert "IP-1, carl@acme.example, Acme GmbH, service L3VPN-7" in " ".join(text.split())


# -- S1.9: self-service -----------------------------------------------------------------------------------------------


def test_within_the_quota_an_order_is_automatic_and_beyond_it_it_is_approved(house):
    assert kinds(order(house, 30)) == [("completed", CARL)]
    letters = order(house, 30) and order(house, 28)
    house.reply(only(letters, "action", HEIDI), "approve")
    assert house.request("IP-8").state == "completed"


# -- S1.8: a slice -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["customer", "mine", "address 10.20.0.0/24", f"user {CARL}"])
def test_a_customers_people_see_their_own_and_no_count_tells_of_others(house, words):
    _, text = ask(house, DORA, words)
    assert not [word for word in OTHERS if word in text]
    before = text
    order(house, 30, BETA, Service="SECRET")
    assert ask(house, DORA, words)[1] == before


def test_a_colleague_sees_what_was_asked_for_in_his_customers_name(house):
    for reference in ("IP-1", "IP-4"):
        assert f"{reference}  Acme GmbH" in ask(house, DORA, f"reference {reference}")[1]
        assert browser(house, DORA).get(f"/requests/{reference}").status_code == 200


def test_what_is_given_back_is_among_its_customers_requests(house):
    """Whoever asks for it: of his people, or of us, who must not name him."""
    theirs, ours = (house.request(reference).addresses[0].prefix for reference in ("IP-1", "IP-4"))
    house.mail(CARL, "liberation", f"Prefix: {theirs}\n")
    house.mail(BOB, "liberation", f"Prefix: {ours}\n")
    for reference, prefix in (("IP-6", theirs), ("IP-7", ours)):
        assert prefix in ask(house, DORA, f"reference {reference}")[1]
        assert reference in ask(house, DORA, "customer")[1]
        assert f"/requests/{reference}" in browser(house, HEIDI).get("/customers/C-1").text
        assert "nothing on record" in ask(house, BETA, f"reference {reference}")[1]


def test_a_service_whose_space_was_given_back_is_none_any_more(house):
    [address] = house.request("IP-1").addresses
    action = only(house.mail(CARL, "liberation", f"Prefix: {address.prefix}\n"), "action")
    house.reply(action, "approve", KIM)
    services = ask(house, DORA, "customer")[1].partition("Services:")[2].partition("Requests:")[0]
    assert "INET-8: 1 prefix" in services
    assert "L3VPN-7" not in services


def test_space_of_several_is_given_back_by_us_alone(tmp_path):
    """Who reads the form would read of the other."""
    several = RULES["liberation"].replace('"allocation"', '"allocation"\nmany = true')
    several = several.replace('prefix = "form.prefix"', 'each = "form.prefix"\nprefix = "item"')
    house = House(tmp_path, config=CONFIG, rules=RULES | {"liberation": several})
    order(house, 28, CARL)
    order(house, 28, BETA)
    prefixes = [house.request(reference).addresses[0].prefix for reference in ("IP-1", "IP-2")]
    house.mail(ROOT, "liberation", f"Prefix: {', '.join(prefixes)}\n")
    assert all(prefix in ask(house, ROOT, "reference IP-3")[1] for prefix in prefixes)
    for who in (CARL, BETA):
        assert "nothing on record" in ask(house, who, "reference IP-3")[1]


@pytest.mark.parametrize("path", ["/", "/board", "/pools", "/search?action=received", "/customers", "/customers/C-1"])
def test_no_page_tells_of_others_either(house, path):
    acme = browser(house, DORA)
    before = acme.get(path)
    assert before.status_code == 200
    assert not [word for word in OTHERS if word in before.text]
    order(house, 30, BETA, Service="SECRET")
    assert acme.get(path).text == before.text


def test_an_account_manager_sees_his_customer_whole_and_no_other(house):
    _, text = ask(house, HEIDI, "customer Acme GmbH")
    assert "IP-1  Acme GmbH" in text
    assert "48, 8 left" in text
    _, other = ask(house, HEIDI, "customer C-2")
    assert "Beta SARL" in other
    assert "left" not in other
    assert "IP-2" not in other


# -- S1.10: of others, nothing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("theirs", "nobodys"),
    [
        ("customer Beta SARL", f"customer {NOWHERE}"),
        ("customer C-2", "customer C-999"),
        ("reference IP-2", "reference IP-999"),
        ("address 10.20.0.16", "address 10.20.0.240"),
        (f"user {BETA}", "user nemo@nowhere.example"),
        ("pool lan free 28", "pool nowhere free 28"),
    ],
)
def test_what_is_others_is_answered_just_as_what_is_nobodys(house, theirs, nobodys):
    answers = set()
    for words in (theirs, nobodys):
        about = words.partition(" ")[2].removesuffix(" free 28")
        answers.add(tuple(part.replace(about, "IT") for part in ask(house, CARL, words)))
    assert len(answers) == 1


@pytest.mark.parametrize("path", ["/requests/{}", "/requests/{}/form", "/requests/{}/mail", "/customers/{}"])
def test_pages_of_others_are_not_there(house, path):
    acme, ids = browser(house, CARL), ("C-2", "C-999") if "customers" in path else ("IP-2", "IP-999")
    there, nowhere = (acme.get(path.format(one)) for one in ids)
    assert (there.status_code, there.text, there.headers) == (404, nowhere.text, nowhere.headers)


def test_what_was_anothers_first_is_told_as_it_is_now(house):
    """Named for Beta by mistake: Acme's people read of Acme; we, and who wrote it, read all."""
    received = order(house, 26, BOB, Customer="Beta SARL", Service="INET-11")
    house.reply(only(received, "acknowledged"), "Customer: Acme GmbH\nService: L3VPN-12\n")

    def told(who):
        page, searched = (browser(house, who).get(path).text for path in ("/requests/IP-6", "/search?ref=IP-6"))
        return [ask(house, who, "reference IP-6")[1], page, searched]

    key = key_of(house, "acme", Scope.READ, (), "C-1")
    theirs = [*told(DORA), System(house, key).get("/api/history?reference=IP-6").text]
    assert not [word for text in theirs for word in ("Beta", "INET-11") if word in text]
    assert "L3VPN-12" in theirs[0]
    for who in (BOB, HEIDI):
        assert all("Beta SARL" in text for text in told(who))


def test_a_mail_about_anothers_reference_is_answered_as_one_about_none(house):
    there, nowhere = (house.mail(CARL, f"About [{reference}]", "status\n") for reference in ("IP-2", "IP-999"))
    texts = [re.sub(r"Reply code: .*", "", one.text) for letters in (there, nowhere) for one in letters]
    assert len(set(texts)) == 1
    assert kinds(there) == kinds(nowhere)


def test_a_colleagues_reference_is_answered_with_its_status(house):
    assert kinds(house.mail(DORA, "About [IP-1]", "status\n")) == [("status", DORA)]


def test_who_is_of_no_customer_and_may_ask_for_nothing_hears_nothing(house):
    assert house.mail("x@elsewhere.example", "", "query customer C-1\n") == []
    assert "nothing on record" in ask(house, EVE, "customer C-999")[1]
    assert only(order(house, 29, ANA, Customer="Beta SARL"), "action")
