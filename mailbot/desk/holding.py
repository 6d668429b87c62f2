"""What somebody holds, as forms and steps name it: by prefix, in whatever VRF, or by number in its pool."""

from collections.abc import Mapping

from mailbot.addresses import Block, Family, parse_address, parse_prefix
from mailbot.errors import NotFound, NotPossible
from mailbot.process import form
from mailbot.process.definition import FieldType, Process
from mailbot.process.directory import Directory
from mailbot.process.request import Held
from mailbot.store import Transaction, space
from mailbot.words import say


def held_prefixes(
    tx: Transaction, process: Process, given: Mapping[str, str], person: str, directory: Directory
) -> Held:
    """Which of the prefixes in a form this person or his customer holds, each with what it carries.

    Admins may name anybody's.
    """
    texts = [form.pieces(given.get(f.name, "")) for f in process.fields if f.type is FieldType.ALLOCATION]
    found = [_named(tx, text) for several in texts for text in several[: form.MOST_VALUES]]
    his = {held: is_his(held, person, directory) for several in found for held in several}
    return {str(held.prefix): held.carries for held, is_his in his.items() if is_his}


def _named(tx: Transaction, text: str) -> list[space.Allocation]:
    """What is held under this name, in whatever VRF: a prefix, or its first address. The usual VRF's comes last, as it
    goes first where somebody holds the same in several.
    """
    text = text.replace(" ", "")
    try:
        named = parse_prefix(text) if "/" in text else parse_address(text)
    except ValueError:
        return []
    begun = (held for held in space.who_has(tx.conn, named) if held.prefix.network == named.network)
    exact = [held for held in begun if held.prefix == named or "/" not in text]
    return sorted(exact, key=lambda held: held.vrf, reverse=True)


def look_up(tx: Transaction, prefix: Block, pool: str) -> space.Allocation | None:
    """Who holds exactly this, and nobody else changes it until we end; None where nobody does."""
    try:
        return space.look_up(tx.conn, prefix, pool=pool or None)
    except NotFound:
        return None  # no pool has it any more


def pool_of_his(tx: Transaction, prefix: Block, person: str, directory: Directory) -> str:
    """Where several VRFs have the same prefix, that of which he holds it; "" where no VRF but the usual one counts.

    Raises NotPossible: he holds it in several.
    """
    his = [held for held in space.who_has(tx.conn, prefix) if held.prefix == prefix and is_his(held, person, directory)]
    if len(his) > 1 and prefix.host_bits < prefix.family.width and all(one.vrf for one in his):
        raise NotPossible(say("space.is_held_in", prefix=prefix, pools=tuple(held.pool for held in his)))
    found = next((held for held in his if not held.vrf), his[0] if his else None)
    return found.pool if found and prefix.family is not Family.NUMBER else ""


def is_his(held: space.Allocation, person: str, directory: Directory) -> bool:
    """Whether he may change it, or give it back: its holder may, whoever writes for its customer, and admins; where
    a customer has it without a holder, his account manager too.
    """
    is_holder = directory.person(held.holder or "") == person
    own = directory.customer_of(person)
    accounts = () if held.holder else directory.clientele.accounts.get(person, ())
    is_of_his = any(held.customer in one.names for one in (*accounts, *([own] if own else [])))
    return held.state is space.State.ALLOCATED and (is_holder or is_of_his or person in directory.admins)
