"""A customer's quota, decided on in the moment of taking; who may name whom; and what a customer's people hold."""

import pytest
from house import ANA, BOB, CONFIG, LIBERATION, ROOT, House, kinds, only

from mailbot.process import why
from mailbot.process.customers import Customer
from mailbot.process.rehearse.adoption import obstacles
from mailbot.process.rehearse.replay import replay
from mailbot.store import customers, quotas, space

CARL, DORA, BETA, HEIDI = "carl@acme.example", "dora@acme.example", "it@beta.example", "heidi@example.net"

CUSTOMERS = f"""{CONFIG}
[customers."Acme GmbH"]
id = "C-1"
domains = ["acme.example"]
account_manager = "{HEIDI}"
quotas = {{ lan = "32" }}
[customers."Beta SARL"]
id = "C-2"
domains = ["beta.example"]
account_manager = "noc"
quotas = {{ lan = ["64", "16 a month"] }}
"""

SPACE = """
type = "space"
title = "Space"
summary = "{form.customer}: /{form.size}"
who = ["customers", "*@example.net"]
[[field]]
name = "customer"
type = "customer"
required = true
[[field]]
name = "size"
label = "Prefix length"
type = "prefix-length"
required = true
min = 24
max = 30
[[field]]
name = "service"
type = "text"
default = "INET"
[[step]]
name = "beyond"
kind = "approval"
when = "addresses(form.size) > quota_left(form.customer, 'lan')"
asks = ["{form.customer.account_manager}"]
[[step]]
name = "technical"
kind = "approval"
asks = ["noc"]
when = "form.size < 28"
[[step]]
name = "allocate"
kind = "allocate"
pool = "lan"
length = "form.size"
set = { service = "{form.service}" }
"""

RULES = {"space": SPACE, "liberation": LIBERATION.replace('"*@example.net"', '"customers", "*@example.net"', 1)}


@pytest.fixture
def house(tmp_path):
    return House(tmp_path, config=CUSTOMERS, rules=RULES)


def order(house, size, who=CARL, **fields):
    """The letters that an order leads to."""
    lines = [f"Prefix length: {size}", *(f"{name}: {value}" for name, value in fields.items())]
    return house.mail(who, "space", "\n".join(lines) + "\n")


# -- quotas ----------------------------------------------------------------------------------------------------------


def test_within_his_quota_a_customer_is_served_at_once_and_beyond_it_his_account_manager_is_asked(house):
    assert kinds(order(house, 28)) == [("completed", CARL)]
    letters = order(house, 27, DORA)
    action = only(letters, "action", HEIDI)
    house.reply(action, "approve")
    house.reply(only(house.relay.letters, "action", ANA), "approve")
    assert house.request("IP-2").state == "completed"


def test_a_quota_holds_for_all_items_of_a_request_together(tmp_path):
    sites = '[[field]]\nname = "sites"\ntype = "text"\nmany = true\nrequired = true\n'
    several = SPACE.replace('[[step]]\nname = "beyond"', f'{sites}[[step]]\nname = "beyond"').replace(
        "addresses(form.size) >", "count(form.sites) * addresses(form.size) >"
    )
    several = several.replace('pool = "lan"', 'pool = "lan"\neach = "form.sites"')
    house = House(tmp_path, config=CUSTOMERS, rules={"space": several})
    assert kinds(order(house, 29, Sites="Lyon, Paris")) == [("completed", CARL)]
    assert only(order(house, 29, DORA, Sites="Nice, Metz, Brest"), "action", HEIDI)


def test_what_others_took_while_one_request_waited_counts_when_it_takes(house):
    """Both were within the quota when they came: the second to take is beyond it."""
    technical = only(order(house, 27), "action", ANA)
    assert house.states("IP-1")["beyond"] == "skipped"
    assert kinds(order(house, 28, DORA)) == [("completed", DORA)]
    asked = house.reply(technical, "approve")
    action = only(asked, "action", HEIDI)
    assert house.states("IP-1") == {"beyond": "open", "technical": "done", "allocate": "waiting"}
    assert "needed after all" in house.history("IP-1")
    house.reply(action, "approve")
    assert house.request("IP-1").state == "completed"


def test_what_a_request_took_itself_is_not_held_against_it(tmp_path):
    reserving = SPACE.replace(
        '[[step]]\nname = "technical"',
        '[[step]]\nname = "hold"\nkind = "reserve"\npool = "lan"\nlength = "form.size"\nfor = "14 days"\n'
        '[[step]]\nname = "technical"',
    )
    house = House(tmp_path, config=CUSTOMERS, rules={"space": reserving})
    house.reply(only(order(house, 27), "action", ANA), "approve")
    assert house.states("IP-1")["beyond"] == "skipped"
    assert house.request("IP-1").state == "completed"


def test_a_quota_a_month_begins_anew_with_the_month(house):
    assert kinds(order(house, 28, BETA)) == [("completed", BETA)]
    assert only(order(house, 30, BETA), "action", ANA)
    house.now = house.now.replace(month=12, day=1)
    assert kinds(order(house, 28, BETA)) == [("completed", BETA)]


def test_what_was_given_back_may_be_held_again_but_counts_in_its_month(house):
    order(house, 28, BETA)
    [address] = house.request("IP-1").addresses
    kim = only(house.mail(BETA, "liberation", f"Prefix: {address.prefix}\n"), "action")
    house.reply(kim, "approve", "kim@example.net")
    acme, beta = standing(house, "Acme GmbH"), standing(house, "C-2")
    assert (acme.left, beta.held, beta.left) == ({"lan": 32}, {}, {"lan": 0})


def standing(house, name):
    with house.bot.store.reading() as conn:
        [customer] = customers.named(conn, [name]).values()
        return quotas.standing(conn, customer, house.now, house.bot.config.bot.zone)


def test_past_requests_are_judged_by_the_quotas_of_then(house):
    """Both are held against the rules as they are, which have not changed: neither takes another way."""
    order(house, 28)
    order(house, 28, DORA)
    house.reply(only(order(house, 28), "action", HEIDI), "approve")
    bot = house.bot
    for reference in ("IP-1", "IP-2", "IP-3"):
        request = house.request(reference)
        process = bot.rules.current.processes["space"]
        pools = {"lan": ("10.20.0.0/24",)}
        assert replay(request, process, bot.directory, pools) is None
        assert obstacles(request, process, process, bot.directory, pools) == ()


def test_without_a_quota_nothing_is_left(tmp_path):
    house = House(tmp_path, config=CUSTOMERS.replace('quotas = { lan = "32" }', ""), rules=RULES)
    assert only(order(house, 30), "action", HEIDI)


def test_why_tells_who_let_him_ask_and_what_the_quota_left(house):
    order(house, 28)
    order(house, 28, DORA)
    order(house, 30)
    process = house.bot.rules.current.processes["space"]
    request = house.request("IP-3")
    assert why.of_request(request, process, house.bot.directory)[0].words == f"{CARL} may ask: customers"
    [beyond, *_] = why.of_steps(request, process, house.bot.directory)
    assert "addresses(form.size) is 4, quota_left(form.customer, 'lan') is 0" in beyond.reasons[0].words


# -- who may name whom -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Acme GmbH", "acme  gmbh.", "c-1", ""])
def test_a_customers_people_name_him_as_they_like_or_not_at_all(house, name):
    order(house, 28, **({"Customer": name} if name else {}))
    assert house.request().form["customer"] == "Acme GmbH"


@pytest.mark.parametrize("called", ["c-1", "acme gmbh"])
def test_a_request_is_a_customers_by_whatever_name_we_call_him(house, called):
    """By his quota, his account manager and his record: also where the form is changed to it."""
    assert kinds(order(house, 28, BOB, Customer=called)) == [("completed", BOB)]
    letters = order(house, 27, BOB, Customer="Beta SARL")
    assert only(house.reply(only(letters, "acknowledged"), f"Customer: {called}\n"), "action", HEIDI)
    assert [list(house.request(reference).customers) for reference in ("IP-1", "IP-2")] == [["Acme GmbH"]] * 2
    found = only(house.mail(CARL, "query customer"), "answer").text
    assert all(reference in found for reference in ("IP-1", "IP-2"))


def test_we_name_any_customer_and_are_told_what_was_probably_meant(house):
    letter = only(order(house, 28, BOB, Customer="Acme GmbG"), "incomplete")
    assert "did you mean 'Acme GmbH'?" in " ".join(letter.text.split())
    house.reply(letter, "Customer: C-2\n")
    assert house.request().form["customer"] == "Beta SARL"


def test_a_customer_is_told_of_no_other_not_even_by_a_near_miss(house):
    def answer(name):
        return only(order(house, 28, Customer=name), "incomplete").text.replace(name, "NAME")

    mask = ("IP-1", "IP-2", "IP-3")
    told = {_without_codes(answer(name), mask) for name in ("Beta SARL", "Beta SARK", "Nemo Ltd.")}
    assert len(told) == 1


def _without_codes(text, references):
    lines = [line for line in text.splitlines() if not line.startswith("Reply code:")]
    joined = " ".join(" ".join(lines).split())
    for reference in references:
        joined = joined.replace(reference, "IP-0")
    return joined


def test_strangers_who_may_ask_name_no_customer(tmp_path):
    open_to_all = SPACE.replace('"customers"', '"x@elsewhere.example"')
    house = House(tmp_path, config=CUSTOMERS, rules={"space": open_to_all})
    assert only(order(house, 28, "x@elsewhere.example", Customer="Acme GmbH"), "incomplete")


# -- what he holds ---------------------------------------------------------------------------------------------------


def test_a_colleague_gives_back_what_somebody_else_of_his_customer_asked_for(house):
    order(house, 28)
    [address] = house.request("IP-1").addresses
    action = only(house.mail(DORA, "liberation", f"Prefix: {address.prefix}\n"), "action")
    house.reply(action, "approve", "kim@example.net")
    assert house.request("IP-2").state == "completed"
    assert only(house.mail(BETA, "liberation", f"Prefix: {address.prefix}\n"), "incomplete")


def test_imported_space_is_its_customers_to_give_back(house):
    rows = [{"prefix": "10.20.0.128/28", "pool": "lan", "customer": "c-1"}]
    with house.bot.store.transaction() as tx:
        known = customers.current_names(tx.conn)
        assert space.import_rows(tx.conn, rows, house.now, customers=known) == []
    assert only(house.mail(BETA, "liberation", "Prefix: 10.20.0.128/28\n"), "incomplete")
    action = only(house.mail(CARL, "liberation", "Prefix: 10.20.0.128/28\n"), "action")
    house.reply(action, "approve", "kim@example.net")
    assert house.request("IP-2").state == "completed"


def test_a_customer_who_is_renamed_keeps_what_he_took(house):
    order(house, 28)
    home = house.home / "config.toml"
    home.write_text(home.read_text().replace('"Acme GmbH"', '"Acme SE"'))
    bot = house.another_bot()
    bot.prepare()
    with bot.store.reading() as conn:
        [acme] = customers.named(conn, ["acme gmbh"]).values()
        assert (acme.name, acme.formerly) == ("Acme SE", ("Acme GmbH",))
        assert quotas.held(conn, acme.names) == {"lan": 16}


def test_our_own_people_are_nobodys_customers_whatever_a_record_says(house):
    with house.bot.store.transaction() as tx:
        stray = Customer(id="C-9", name="Stray", account_manager=ROOT, addresses=(BOB,))
        assert customers.import_(tx.conn, [(2, stray)]) == []
        directory = house.bot.desk.present(tx, house.now, BOB, CARL)
    assert directory.customer_of(BOB) is None
    assert directory.customer_of(CARL).id == "C-1"
