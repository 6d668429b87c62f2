"""A month for billing equals the history, second by second."""

from datetime import UTC, datetime, timedelta
from random import Random  # noqa: TID251 (changes by chance, from one seed)
from zoneinfo import ZoneInfo

import pytest
from house import BOB, CONFIG, EVE, FORM, LI, QUICK, House, only
from ready import put_database
from sqlalchemy import select

from mailbot.addresses import parse_address, parse_prefix
from mailbot.digest.billing import Month, services, usage
from mailbot.store import Store, space
from mailbot.store.space.tables import address_history
from mailbot.store.space.values import PoolDefinition, State

START = datetime(2026, 10, 20, tzinfo=UTC)
NOVEMBER = Month.parse("2026-11", UTC)
LATER = datetime(2027, 1, 1, tzinfo=UTC)


def test_a_month_is_of_the_bots_own_time():
    paris = Month.parse("2026-12", ZoneInfo("Europe/Paris"))
    assert paris.since.astimezone(UTC) == datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert paris.until.astimezone(UTC) == datetime(2026, 12, 31, 23, tzinfo=UTC)
    with pytest.raises(ValueError, match="unconverted"):
        Month.parse("2026-13", UTC)


@pytest.fixture(params=range(3))
def conn(request, tmp_path):
    """A pool of 16 addresses with a history of changes by chance, over two months."""
    put_database(tmp_path / "mailbot.db")
    store = Store(f"sqlite:///{tmp_path / 'mailbot.db'}")
    chance, now = Random(request.param), START  # noqa: S311 (it keeps no secret)
    pool = PoolDefinition(name="lan", title="", prefixes=("10.0.0.0/28",), quarantine=timedelta(days=3))
    with store.transaction() as tx:
        space.sync_pools(tx.conn, [pool], now)
        held = {}
        for number in range(150):
            now += timedelta(seconds=chance.randrange(3600, 86_400))
            name = f"IP-{number}"
            terms = {"reference": name, "step": "s", "holder": BOB, "carries": {"customer": f"c{number % 4}"}}
            if held and chance.random() < 0.5:
                prefix, reference = chance.choice(sorted(held.items(), key=str))
                space.give_back(tx.conn, prefix, reference=reference, now=now)
                del held[prefix]
                continue
            state = State.RESERVED if chance.random() < 0.3 else State.ALLOCATED
            try:
                until = now + timedelta(days=2) if state is State.RESERVED else None
                made = space.take(
                    tx.conn, "lan", chance.choice([30, 31, 32]), now=now, state=state, until=until, **terms
                )
                held[made.prefix] = name
            except space.PoolFull:
                continue
        yield tx.conn
    store.close()


def at_each_second(conn, moments):
    """By moment and address: (reference, state, customer) of who had it then; read from the history one by one."""
    rows = conn.execute(select(address_history).order_by(address_history.c.id)).all()
    ground = parse_prefix("10.0.0.0/28")
    for moment in moments:
        now = {}
        for row in rows:
            if row.at > moment:
                break
            for address in range(row.network, row.network + (1 << row.host_bits)):
                now[address] = row
        yield (
            moment,
            {
                address: (row.reference, row.state, row.customer)
                for address, row in now.items()
                if row.state in {State.ALLOCATED, State.RESERVED} and ground.network <= address <= ground.last
            },
        )


def test_s1_3_usage_equals_the_history_at_every_moment(conn):
    records = list(usage(conn, NOVEMBER, LATER))
    hours = [NOVEMBER.since + timedelta(hours=7 * n, minutes=13) for n in range(100)]
    for moment, wanted in at_each_second(conn, hours):
        found = {}
        for one in records:
            if one.since <= moment < one.until:
                first = one.held.prefix.network
                for address in range(first, first + one.addresses):
                    assert address not in found
                    found[address] = (one.held.reference, one.held.state, one.held.customer)
        assert found == wanted


def test_what_is_held_all_month_has_all_its_days_and_what_ends_in_it_those_until_its_end(tmp_path):
    put_database(tmp_path / "mailbot.db")
    store = Store(f"sqlite:///{tmp_path / 'mailbot.db'}")
    terms = {"reference": "IP-1", "step": None, "holder": BOB}
    with store.transaction() as tx:
        space.sync_pools(tx.conn, [PoolDefinition(name="lan", title="", prefixes=("10.0.0.0/24",))], START)
        space.take_named(tx.conn, "lan", parse_prefix("10.0.0.0/28"), now=START, **terms)
        other = space.take_named(tx.conn, "lan", parse_prefix("10.0.0.16/28"), now=START, **terms)
        end = datetime(2026, 11, 11, 12, tzinfo=UTC)
        space.give_back(tx.conn, other.prefix, reference="IP-2", now=end)
        whole, half = usage(tx.conn, NOVEMBER, LATER)
        assert (whole.began, whole.ended, whole.address_days) == (False, False, 16 * 30)
        assert (half.ended, half.until, half.address_days) == (True, end, 16 * 10.5)
        [running] = [u for u in usage(tx.conn, NOVEMBER, NOVEMBER.since + timedelta(days=1)) if u.held == whole.held]
        assert running.address_days == 16
        assert list(usage(tx.conn, NOVEMBER, NOVEMBER.since - timedelta(days=1))) == []
        assert parse_address("10.0.0.0").network == whole.held.prefix.network
    store.close()


def test_lead_times_are_met_or_missed_request_by_request(tmp_path):
    house = House(tmp_path)
    house.mail(BOB, "quick", FORM)
    for sender, wait in ((BOB, 1), (EVE, 200)):
        letters = house.start(sender=sender)
        house.now += timedelta(hours=wait)
        house.reply(only(letters, "action", LI), "reject no space for this", LI)
    house.reply(only(house.start(), "acknowledged"), "cancel")
    with house.bot.store.reading() as conn:
        found = {
            one.request.reference: (one.request.state, one.met) for one in services(conn, Month.parse("2026-11", UTC))
        }
        december = list(services(conn, Month.parse("2026-12", UTC)))
    assert found == {"IP-1": ("completed", True), "IP-2": ("rejected", True)}
    assert {one.request.reference: one.met for one in december} == {"IP-3": False, "IP-4": None}
    house.bot.close()


def test_whose_a_closed_request_was_is_what_its_space_says_and_not_what_a_form_merely_says(tmp_path):
    on_record = '[customers."Acme"]\nid = "C-1"\ndomains = ["acme.example"]\naccount_manager = "noc"\n'
    by_name = QUICK.replace('"customer"\nlabel = "Customer"\ntype = "text"', '"customer"\ntype = "customer"')
    rules = {
        "quick": QUICK,
        "named": by_name.replace('"quick"', '"named"'),
        "carried": QUICK.replace('"quick"', '"carried"') + 'set = { customer = "{form.customer}" }\n',
    }
    house = House(tmp_path, config=CONFIG + on_record, rules=rules)
    for type_ in rules:
        house.mail(BOB, type_, FORM)
    month = Month.parse("2026-11", UTC)
    with house.bot.store.reading() as conn:
        held = {one.held.reference: one.held.customer for one in usage(conn, month, LATER)}
        closed = {one.request.reference: one.customer for one in services(conn, month)}
    assert held == closed == {"IP-1": None, "IP-2": "Acme", "IP-3": "Acme"}
    house.bot.close()
