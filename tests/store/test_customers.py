"""Customers on record, on both databases: names that are never lost, and quotas that hold against each other."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, timedelta
from operator import itemgetter
from random import Random  # noqa: TID251 (a history, and the same each time)

import pytest
from desk.test_customers import BETA, CARL, CUSTOMERS, RULES, order
from house import BOB, House, mail
from sqlalchemy import insert

from mailbot.errors import NotFound
from mailbot.process.customers import Customer, Period, Quota
from mailbot.store import Store, customers, quotas, space
from mailbot.store.customers import Source
from mailbot.store.space.tables import address_history

IMPORTED = Customer(id="C-7", name="Cork Ltd", account_manager="noc", addresses=("cork@webmail.example",))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def house(request, tmp_path):
    url = "sqlite:///mailbot.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").database()
        store = Store(url)
        store.upgrade()
        store.close()
    house = House(tmp_path, config=CUSTOMERS.replace("sqlite:///mailbot.db", url), rules=RULES)
    yield house
    house.bot.close()


@pytest.fixture
def tx(house):
    with house.bot.store.transaction() as tx:
        yield tx


def test_orders_at_the_same_moment_do_not_both_slip_under_the_quota(house):
    others = [house.another_bot() for _ in range(3)]
    raws = [bytes(mail(f"p{n}@acme.example", "space", "Prefix length: 28\n")) for n in range(8)]
    with ThreadPoolExecutor(4) as threads:
        bots = [house.bot, *others] * 2
        list(threads.map(lambda bot, raw: bot.intake.take(raw, house.now), bots, raws))
    states = [house.states(reference)["beyond"] for reference in house.requests()]
    assert sorted(states) == ["open"] * 6 + ["skipped"] * 2
    for bot in others:
        bot.close()


def test_what_a_customer_holds_and_took_is_counted_by_every_name_he_had(house, tx):
    order_ = {"prefix": "10.20.0.64/26", "pool": "lan", "customer": "Old Beta"}
    beta = customers.one(tx.conn, "C-2").customer
    renamed = replace(beta, formerly=("Old Beta",))
    assert space.import_rows(tx.conn, [order_], house.now) == []
    assert quotas.held(tx.conn, beta.names) == {}
    assert quotas.held(tx.conn, renamed.names) == {"lan": 64}
    hundred = (Quota(pool="lan", most=100),)
    stands = quotas.standing(tx.conn, replace(renamed, quotas=hundred), house.now, house.bot.config.bot.zone)
    assert stands.left == {"lan": 36}


@pytest.mark.parametrize("seed", range(3))
def test_what_is_left_of_a_month_is_what_counting_every_prefix_gives(house, tx, seed):
    """Taken by many requests under two names, reserved first or not, given back by another, or by the same: undone."""
    dice = Random(seed)  # noqa: S311 (it keeps no secret)
    rows = [
        {
            "at": house.now - timedelta(days=dice.randrange(40)),
            "cause": f"IP-{dice.randrange(4)}",
            "reference": f"IP-{dice.randrange(4)}",
            "state": dice.choice(list(space.State)),
            "customer": dice.choice(["Acme", "Old Acme", "Beta"]),
            "pool": dice.choice(["lan", "dmz"]),
            "vrf": "",
            "family": 4,
            "network": dice.randrange(6) << 4,
            "host_bits": 4,
        }
        for _ in range(400)
    ]
    rows.sort(key=itemgetter("at"))
    tx.conn.execute(insert(address_history), rows)
    begin = house.now.replace(day=1, hour=0, minute=0)
    taken = set()
    for row in rows:
        is_own = row["customer"] != "Beta" and row["pool"] == "lan" and row["cause"] == row["reference"] != "IP-3"
        if row["at"] >= begin and is_own:
            key = row["network"], row["reference"]
            (taken.add if row["state"] in quotas.HELD else taken.discard)(key)
    acme = Customer(id="C-7", name="Acme", account_manager="noc", formerly=("Old Acme",))
    most = [16, 16 * len(taken), 16 * len(taken) + 40]
    for quota in (Quota(pool="lan", most=many, every=Period.MONTH) for many in most):
        left = quotas.rests(tx.conn, replace(acme, quotas=(quota,)), house.now, UTC, but="IP-3")
        assert left == {quota: max(quota.most - 16 * len(taken), 0)}
    assert 0 < len(taken) < 18


def test_what_a_request_took_itself_is_not_among_what_its_customer_holds(house, tx):
    for number, state in enumerate([space.State.ALLOCATED, space.State.RESERVED] * 3):
        terms = {"holder": CARL, "customer": ("Beta", "Acme")[number % 3 == 2], "step": "allocate", "state": state}
        space.take(tx.conn, "lan", 28, now=house.now, reference=f"IP-{number // 2}", **terms)
    first, *_, last = space.allocations(tx.conn, "lan")
    space.give_back(tx.conn, first.prefix, reference="IP-8", now=house.now)
    space.cancel(tx.conn, reference="IP-2", now=house.now)
    again = space.take_named(tx.conn, "lan", last.prefix, now=house.now, reference="IP-1", holder=CARL, customer="Beta")
    assert again.prefix == last.prefix
    held = [one for one in space.allocations(tx.conn, "lan") if one.customer == "Beta" and one.state in quotas.HELD]
    assert len({one.reference for one in held}) == 2
    for but in (None, "IP-0", "IP-1", "IP-2", "IP-9"):
        amount = sum(one.prefix.size for one in held if one.reference != but)
        assert quotas.held(tx.conn, {"Beta"}, but=but) == ({"lan": amount} if amount else {}), but


@pytest.mark.parametrize("most", [1, 16, 63, 64, 65, 79, 80, 81, 4096, 2**80])
def test_what_is_left_of_what_he_may_hold_is_counted_no_further_than_that(house, tx, most):
    beta = customers.one(tx.conn, "C-2").customer
    prefixes = {"10.20.0.64/26": "Old Beta", "10.20.0.32/28": beta.name, "10.20.0.0/28": "Acme"}
    rows = [{"prefix": prefix, "pool": "lan", "customer": customer} for prefix, customer in prefixes.items()]
    assert space.import_rows(tx.conn, rows, house.now) == []
    quota = Quota(pool="lan", most=most)
    holds = replace(beta, formerly=("Old Beta",), quotas=(quota, Quota(pool="dmz", most=7)))
    left = quotas.rests(tx.conn, holds, house.now, UTC)
    assert list(left.values()) == [max(most - 80, 0), 7]


def test_an_address_counts_before_its_domain(tx):
    boss = replace(IMPORTED, addresses=("boss@acme.example",))
    assert customers.import_(tx.conn, [(2, boss)]) == []
    assert customers.of_person(tx.conn, "boss@acme.example") == boss
    assert customers.of_person(tx.conn, CARL).id == "C-1"
    assert customers.of_person(tx.conn, "carl@mail.acme.example") is None


@pytest.mark.parametrize(
    ("customer", "why"),
    [
        (replace(IMPORTED, id="C-1"), "Cork Ltd (C-1) stands in the configuration: change him there"),
        (replace(IMPORTED, name="ACME  gmbh"), "'ACME  gmbh' is another customer's (C-1): each has a name and an id"),
        (replace(IMPORTED, domains=("beta.example",)), "beta.example belongs to C-2 already: whose mail would it be?"),
    ],
)
def test_an_import_that_clashes_with_what_is_there_is_refused_in_words(tx, customer, why):
    [(row, words)] = customers.import_(tx.conn, [(5, customer)])
    assert row == 5
    assert words.startswith(why)


def test_who_is_in_the_configuration_and_imported_too_is_an_error(tx):
    customers.import_(tx.conn, [(2, IMPORTED)])
    synced = customers.sync(tx.conn, [IMPORTED])
    [error] = synced.errors
    assert error.startswith("Cork Ltd (C-7) was imported, and stands in the configuration too")


def test_who_holds_nothing_goes_when_he_is_not_named_any_more(tx):
    customers.import_(tx.conn, [(2, IMPORTED)])
    assert customers.import_(tx.conn, [], whole=True) == []
    with pytest.raises(NotFound):
        customers.one(tx.conn, "C-7")
    assert customers.sync(tx.conn, []).kept == ()
    assert customers.all_(tx.conn) == []


def test_space_is_never_orphaned(house):
    order(house, 28)
    order(house, 26, BETA)
    with house.bot.store.transaction() as tx:
        kept = customers.sync(tx.conn, []).kept
        assert kept == (
            "Acme GmbH (C-1) is in the configuration no more, and stays: he holds 10.20.0.0/28",
            "Beta SARL (C-2) is in the configuration no more, and stays: IP-2 is under way for him",
        )
        assert customers.of_person(tx.conn, CARL).id == "C-1"


def test_the_name_of_a_customer_who_is_gone_is_given_to_no_other(tx):
    customers.import_(tx.conn, [(2, IMPORTED)])
    assert customers.remove(tx.conn, "cork ltd") == IMPORTED
    [(_, why)] = customers.import_(tx.conn, [(2, replace(IMPORTED, id="C-8"))])
    assert why.startswith("'Cork Ltd' was that of a customer who is gone (C-7)")
    assert customers.import_(tx.conn, [(2, IMPORTED)]) == []
    assert customers.one(tx.conn, "C-7").source is Source.IMPORT


def test_an_account_manager_is_found_by_his_departments(tx):
    assert [one.id for one in customers.of_account_manager(tx.conn, {BOB, "noc"})] == ["C-2"]
