"""Customers on record: those that the configuration says and those that were imported.

One that is not named any more is kept as `former`: it is nobody's to name and has no people, but what it once held
stays under its names, which no other customer is given.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from mailbot.addresses import Block, Family
from mailbot.errors import NotFound, near_miss
from mailbot.process.customers import Customer, spelled
from mailbot.process.request import CLOSED
from mailbot.store import tables
from mailbot.store.quotas import HELD
from mailbot.store.space.tables import allocation, pool

MOST_TOLD = 3
"""Prefixes that are named, where a customer cannot go because of what he holds."""

_customer = tables.customer.c
_name = tables.customer_name.c
_person = tables.customer_person.c


class Source(StrEnum):
    CONFIG = "config"
    IMPORT = "import"
    FORMER = "former"


_LIVE = _customer.source != Source.FORMER


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A customer, and where he is said to be one."""

    customer: Customer
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What the configuration says that cannot be, and what was left as it is although the configuration drops it."""

    errors: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


@cache
def _adapter() -> TypeAdapter[Customer]:
    return TypeAdapter(Customer)


# -- who there is ----------------------------------------------------------------------------------------------------


def all_(conn: Connection) -> list[Known]:
    """In the order of their names."""
    found = select(_customer.body, _customer.source).where(_LIVE)
    known = [Known(customer=_read(row.body), source=Source(row.source)) for row in conn.execute(found)]
    return sorted(known, key=lambda one: spelled(one.customer.name))


def one(conn: Connection, text: str) -> Known:
    """By name, former name or id. Raises NotFound, with what was probably meant: for the shell."""
    if found := _named(conn, [text]).get(spelled(text)):
        return found
    near = meant(conn, text)
    hint = f" (did you mean {near!r}?)" if near else ""
    raise NotFound(f"there is no customer {text!r}{hint}")


def named(conn: Connection, texts: Iterable[str], *, lock: bool = False) -> dict[str, Customer]:
    """Customers by what they are called here (`spelled`): name, former name or id.

    With `lock` nobody else decides about them until we end: quotas are judged one after the other.
    """
    return {key: known.customer for key, known in _named(conn, texts, lock=lock).items()}


def _named(conn: Connection, texts: Iterable[str], *, lock: bool = False) -> dict[str, Known]:
    keys = sorted({spelled(text) for text in texts})
    if not keys:
        return {}
    found = select(_name.name, _customer.body, _customer.source).join_from(tables.customer_name, tables.customer)
    wanted = found.where(_name.name.in_(keys), _LIVE).order_by(_customer.id)
    if lock:
        wanted = wanted.with_for_update(of=tables.customer)
    return {row.name: Known(customer=_read(row.body), source=Source(row.source)) for row in conn.execute(wanted)}


def called(conn: Connection, text: str, most: int) -> list[Customer]:
    """Those in whose name, former name or id this stands ("" stands in all), in the order of their names.

    Of more than `most` the first by id.
    """
    found = select(_customer.body).where(_LIVE)
    if text:
        so_called = select(_name.customer_id).where(_name.name.contains(spelled(text), autoescape=True))
        found = found.where(_customer.id.in_(so_called))
    first = conn.scalars(found.order_by(_customer.id).limit(most))
    return sorted(map(_read, first), key=lambda one: spelled(one.name))


def meant(conn: Connection, text: str) -> str | None:
    """The name of a customer that was probably meant. Only for those who may see customers."""
    keys = {spelled(known.customer.name): known.customer.name for known in all_(conn)}
    near = near_miss(spelled(text), keys)
    return keys[near] if near else None


def of_person(conn: Connection, person: str) -> Customer | None:
    """Whose person this is: by the address itself, else by its domain."""
    domain = f"@{person.rpartition('@')[2]}"
    found = select(_person.who, _customer.body).join_from(tables.customer_person, tables.customer)
    rows = {row.who: row.body for row in conn.execute(found.where(_person.who.in_([person, domain]), _LIVE))}
    body = rows.get(person) or rows.get(domain)
    return _read(body) if body else None


def of_account_manager(conn: Connection, names: Collection[str]) -> tuple[Customer, ...]:
    """Whom these (an address, departments) look after."""
    found = select(_customer.body).where(_customer.account_manager.in_(sorted(names)), _LIVE).order_by(_customer.id)
    return tuple(map(_read, conn.scalars(found)))


def _read(body: str) -> Customer:
    return _adapter().validate_json(body)


# -- the configuration's -----------------------------------------------------------------------------------------------


def sync(conn: Connection, configured: Sequence[Customer]) -> Synced:
    """Make the record say what the configuration says; with errors, the caller undoes it all."""
    known = {one.customer.id: one for one in _everybody(conn)}
    wanted = {customer.id: customer for customer in configured}
    errors: list[str] = []
    kept: list[str] = []
    for id_, one_ in known.items():
        if one_.source is Source.CONFIG and id_ not in wanted:
            if why := _why_kept(conn, one_.customer):
                kept.append(f"{_told(one_.customer)} is in the configuration no more, and stays: {why}")
            else:
                _dismiss(conn, one_.customer)
    for customer in configured:
        before = known.get(customer.id)
        if before is not None and before.source is Source.IMPORT:
            errors.append(f"{_told(customer)} was imported, and stands in the configuration too: {_EITHER}")
        elif before is None or before.source is Source.FORMER or before.customer != _after(before.customer, customer):
            errors += [f"{_told(customer)}: {why}" for why in _save(conn, customer, Source.CONFIG, before)]
    return Synced(errors=tuple(errors), kept=tuple(kept))


_EITHER = "take him out of one, by `mailbot customers remove` or here"


# -- imported ones ---------------------------------------------------------------------------------------------------


def import_(conn: Connection, rows: Iterable[tuple[int, Customer]], *, whole: bool = False) -> list[tuple[int, str]]:
    """Add or change customers; with `whole` the rows are all that there are to be, and the others imported go.

    Returns what is wrong, by row (0: of no row); then the caller undoes it all.
    """
    known = {one.customer.id: one for one in _everybody(conn)}
    problems: list[tuple[int, str]] = []
    named_ = dict[str, Customer]()
    for number, customer in rows:
        named_[customer.id] = customer
        before = known.get(customer.id)
        if before is not None and before.source is Source.CONFIG:
            problems.append((number, f"{_told(customer)} stands in the configuration: change him there"))
        else:
            problems += [(number, why) for why in _save(conn, customer, Source.IMPORT, before)]
    for id_, one_ in known.items() if whole else ():
        if one_.source is Source.IMPORT and id_ not in named_:
            if why := _why_kept(conn, one_.customer):
                problems.append((0, f"{_told(one_.customer)} is not in the file, and cannot go: {why}"))
            else:
                _dismiss(conn, one_.customer)
    return problems


def remove(conn: Connection, text: str) -> Customer | str:
    """Take an imported customer out; else why not, in words. Raises NotFound."""
    found = one(conn, text)
    if found.source is Source.CONFIG:
        return f"{_told(found.customer)} stands in the configuration: take him out there"
    if why := _why_kept(conn, found.customer):
        return f"{_told(found.customer)} cannot go: {why}"
    _dismiss(conn, found.customer)
    return found.customer


# -- writing -----------------------------------------------------------------------------------------------------------


def _everybody(conn: Connection) -> Iterator[Known]:
    """Former ones too."""
    for row in conn.execute(select(_customer.body, _customer.source)):
        yield Known(customer=_read(row.body), source=Source(row.source))


def _after(before: Customer, now: Customer) -> Customer:
    """With the names that he had: what stands under them stays his."""
    names = dict.fromkeys([*before.formerly, before.name])
    return replace(now, formerly=tuple(name for name in names if name != now.name))


def _save(conn: Connection, customer: Customer, source: Source, before: Known | None) -> Iterator[str]:
    """Why he cannot be as he is said to be; where nothing is, he is."""
    customer = _after(before.customer, customer) if before else customer
    problems = [*_taken_names(conn, customer), *_taken_people(conn, customer)]
    if problems:
        yield from problems
        return
    row = {
        "source": source.value,
        "body": _adapter().dump_json(customer).decode(),
        "account_manager": customer.account_manager,
    }
    if before is None:
        conn.execute(insert(tables.customer).values(id=customer.id, **row))
    else:
        conn.execute(update(tables.customer).where(_customer.id == customer.id).values(**row))
        conn.execute(delete(tables.customer_name).where(_name.customer_id == customer.id))
        conn.execute(delete(tables.customer_person).where(_person.customer_id == customer.id))
    names = sorted(map(spelled, customer.names))
    conn.execute(
        insert(tables.customer_name), [{"name": name, "customer_id": customer.id} for name in dict.fromkeys(names)]
    )
    if people := _people(customer):
        conn.execute(insert(tables.customer_person), [{"who": who, "customer_id": customer.id} for who in people])


def _dismiss(conn: Connection, customer: Customer) -> None:
    conn.execute(update(tables.customer).where(_customer.id == customer.id).values(source=Source.FORMER.value))
    conn.execute(delete(tables.customer_person).where(_person.customer_id == customer.id))


def _people(customer: Customer) -> list[str]:
    return [*customer.addresses, *(f"@{domain}" for domain in customer.domains)]


def _taken_names(conn: Connection, customer: Customer) -> Iterator[str]:
    keys = {spelled(name): name for name in customer.names}
    found = select(_name.name, _customer.id, _customer.source).join_from(tables.customer_name, tables.customer)
    others = found.where(_name.name.in_(sorted(keys)), _customer.id != customer.id).order_by(_name.name)
    for row in conn.execute(others):
        whose = "was that of a customer who is gone" if row.source == Source.FORMER else "is another customer's"
        yield f"{keys[row.name]!r} {whose} ({row.id}): each has a name and an id of its own"


def _taken_people(conn: Connection, customer: Customer) -> Iterator[str]:
    mine = sorted(_people(customer))
    others = select(_person.who, _person.customer_id).where(_person.who.in_(mine), _person.customer_id != customer.id)
    for row in conn.execute(others.order_by(_person.who)):
        yield f"{row.who.removeprefix('@')} belongs to {row.customer_id} already: whose mail would it be?"


def _why_kept(conn: Connection, customer: Customer) -> str:
    """What would lose its customer, in words; "" where nothing would."""
    found = select(allocation.c.network, allocation.c.host_bits, pool.c.family).join_from(allocation, pool)
    mine = allocation.c.customer.in_(sorted(customer.names)), allocation.c.state.in_(HELD)
    count = conn.execute(select(func.count()).select_from(allocation).where(*mine)).scalar_one()
    if count:
        first = conn.execute(found.where(*mine).order_by(pool.c.id, allocation.c.network).limit(MOST_TOLD))
        prefixes = [str(_block(row)) for row in first]
        more = f" and {count - len(prefixes)} more" if count > len(prefixes) else ""
        return f"he holds {', '.join(prefixes)}{more}"
    concern, request = tables.concern.c, tables.request.c
    about = select(request.reference).join_from(tables.concern, tables.request).where(concern.who == customer.mark)
    still = about.where(request.state.not_in([state.value for state in CLOSED])).order_by(request.id).limit(1)
    reference = conn.scalar(still)
    return f"{reference} is under way for him" if reference else ""


def _block(row: Row[*tuple[Any, ...]]) -> Block:
    return Block(family=Family(row.family), network=row.network, host_bits=row.host_bits)


def _told(customer: Customer) -> str:
    return customer.name if customer.name == customer.id else f"{customer.name} ({customer.id})"


# -- for imports of space --------------------------------------------------------------------------------------------


def current_names(conn: Connection) -> Mapping[str, str]:
    """All that customers are called (`spelled`), each with the name that space is booked under."""
    found = select(_name.name, _customer.body).join_from(tables.customer_name, tables.customer).where(_LIVE)
    return {row.name: _read(row.body).name for row in conn.execute(found)}
