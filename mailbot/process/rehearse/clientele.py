"""Customers for a rehearsal: those that the test names, as it says that they stand."""

from collections.abc import Mapping
from dataclasses import replace

from mailbot.config.address import matches
from mailbot.process import form
from mailbot.process.customers import Attributes, Customer, Standing, spelled
from mailbot.process.definition import FieldType, Process
from mailbot.process.directory import Directory
from mailbot.process.rules.examples import Example, GivenCustomer


def with_customers(directory: Directory, example: Example, process: Process) -> Directory:
    """The directory of the test: with its customers, and whose person its requester is."""
    given = _given(example, process)
    defaults = directory.clientele.defaults
    standing = {name: _standing(name, one, defaults) for name, one in given.items()}
    person = directory.person(example.requester)
    theirs = (name for name, one in given.items() if any(matches(person, pattern) for pattern in one.people))
    own = next(theirs, None)
    of = {person: _customer(standing[own])} if own else {}
    named = {spelled(text): one for name, one in standing.items() for text in (name, one.id)}
    return replace(directory, clientele=replace(directory.clientele, of=of, named=named))


def _given(example: Example, process: Process) -> Mapping[str, GivenCustomer]:
    if example.customers is not None:
        return example.customers
    fields = [field.name for field in process.fields if field.type is FieldType.CUSTOMER]
    named = (form.one_line(example.form.get(name, "")) for name in fields)
    return {name: GivenCustomer() for name in named if name}


def _standing(name: str, given: GivenCustomer, defaults: Attributes) -> Standing:
    return Standing(
        id=given.id or name,
        name=name,
        account_manager=given.account_manager,
        attributes={**defaults, **given.attributes},
        held=given.held,
        left=given.left,
    )


def _customer(standing: Standing) -> Customer:
    return Customer(id=standing.id, name=standing.name, account_manager=standing.account_manager)
