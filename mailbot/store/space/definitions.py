"""Bringing pools to what the configuration says, never pulling space from under somebody who holds it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from itertools import islice, pairwise

from sqlalchemy import Connection, delete, func, insert, select, update

from mailbot.addresses import BadPrefix, Block, Family, Strategy, parse_prefix, parse_spaces, told
from mailbot.errors import NotPossible
from mailbot.store.space import sourced
from mailbot.store.space.blocks import drop
from mailbot.store.space.delegation import Plan, delegate, depth_of, misplaced, take_back
from mailbot.store.space.giving import free_expired
from mailbot.store.space.pools import lock_pool, lock_pools
from mailbot.store.space.roots import plant, pull_up, stranded
from mailbot.store.space.tables import pool, pool_root
from mailbot.store.space.values import Pool, PoolDefinition, State
from mailbot.store.space.views import held_at

_DEFINITIONS = select(pool.c.name, pool.c.definition)
_ADVISORY_KEY = 0x5041_4345
_COUNTED = 1_000
_NOBODYS = (State.EXCLUDED, State.DELEGATED)
"""States of what nobody would lose; of what is delegated, `misplaced` tells."""


def sync_pools(conn: Connection, pools: Iterable[PoolDefinition], now: datetime) -> list[str]:
    """Makes the tables say what the configuration says. One comparison when nothing has changed since.

    Returns what could not be done, in words; a pool that is named there is left exactly as it was.
    """
    wanted = {one.name: one for one in pools}
    said = {name: _fingerprint(one, wanted) for name, one in wanted.items()}
    known = dict(conn.execute(_DEFINITIONS).all())
    if known == said:
        return []
    _one_at_a_time(conn)
    present = _present(conn)
    changed = [name for name in {**wanted, **present} if known.get(name) != said.get(name)]
    plans, problems = dict(present), []
    for name in changed:
        try:
            plans[name] = _draw(conn, name, wanted, present.get(name), now)
        except (BadPrefix, NotPossible) as refusal:
            problems.append(f"{name}: {refusal}")
    while clash := _clash(plans.values()) or misplaced(conn, present, plans, now):
        loser, problem = clash
        problems.append(f"{loser}: {problem}")
        plans[loser] = present.get(loser, Plan(name=loser))
    take_back(conn, present, plans)
    for plan in plans.values():
        _carry_out(conn, plan, plans, said)
    delegate(conn, present, plans)
    return problems


def add_root(conn: Connection, pool: str, prefix: Block, now: datetime) -> None:
    """Adds space to a pool beside what the configuration says; no later start takes it away.

    To a pool that is cut out of another, from free space of that one. Raises NotPossible (it overlaps, is of the other
    family, or not to be cut out) and NotFound (no such pool).
    """
    _one_at_a_time(conn)
    of = lock_pool(conn, pool)
    if prefix.family is not of.family:
        kind = "numbers" if of.family is Family.NUMBER else of.family
        raise NotPossible(f"{prefix} is {prefix.family}, and {pool} is a pool of {kind}")
    present = _present(conn)
    if prefix in present[pool].before:
        raise NotPossible(f"{prefix} is a prefix of {pool} already")
    plans = {**present, pool: replace(present[pool], said=present[pool].said | {prefix})}
    if clash := _clash(plans.values()) or misplaced(conn, present, plans, now):
        raise NotPossible(clash[1])
    plant(conn, of, prefix, configured=False)
    delegate(conn, present, plans)


def _fingerprint(wanted: PoolDefinition, all_: Mapping[str, PoolDefinition]) -> str:
    beside = (_world(wanted, all_), len(_ancestors(wanted, all_)), wanted.parent, wanted.growth, wanted.adjacent)
    said = [
        sorted(wanted.prefixes),
        wanted.strategy.value,
        wanted.quarantine.total_seconds(),
        (wanted.min_length, wanted.max_length),
        wanted.hosts,
        wanted.vrf,
        *([sorted(wanted.numbers)] if wanted.numbers else []),
        *([beside] if wanted.parent or wanted.growth or wanted.adjacent else []),
        *([("source", wanted.source)] if wanted.source else []),
    ]
    return sha256(repr(said).encode()).hexdigest()


def _ancestors(wanted: PoolDefinition, all_: Mapping[str, PoolDefinition]) -> list[PoolDefinition]:
    """The pools that it is cut out of, the nearest first."""
    found = [wanted]
    while (above := all_.get(found[-1].parent or "")) and above not in found:
        found.append(above)
    return found[1:]


def _world(wanted: PoolDefinition, all_: Mapping[str, PoolDefinition]) -> str:
    """The VRF within which a prefix is held once: the outermost pool's. Each pool may have the same numbers, and so
    its name is the VRF of all that is cut out of it.
    """
    outermost = [wanted, *_ancestors(wanted, all_)][-1]
    return outermost.name if outermost.numbers else outermost.vrf


def _one_at_a_time(conn: Connection) -> None:
    # Two bots that start on an empty database would otherwise both insert the same pools.
    if conn.dialect.name == "postgresql":
        conn.execute(select(func.pg_advisory_xact_lock(_ADVISORY_KEY)))


def _present(conn: Connection) -> dict[str, Plan]:
    """Every pool as one that stays as it is; all are locked."""
    pools = lock_pools(conn, conn.scalars(select(pool.c.name)).all())
    roots: dict[int, dict[Block, bool]] = {of.id: {} for of in pools}
    family = {of.id: of.family for of in pools}
    for row in conn.execute(select(pool_root)):
        root = Block(family=family[row.pool_id], network=row.network, host_bits=row.host_bits)
        roots[row.pool_id][root] = row.configured
    return {of.name: _stays(of, roots[of.id]) for of in pools}


def _stays(of: Pool, roots: Mapping[Block, bool]) -> Plan:
    said = frozenset(root for root, configured in roots.items() if configured)
    before = frozenset(roots)
    return Plan(name=of.name, vrf=of.vrf, pool=of, parent=of.parent, before=before, by_hand=before - said, said=said)


def _draw(
    conn: Connection,
    name: str,
    all_: Mapping[str, PoolDefinition],
    present: Plan | None,
    now: datetime,
) -> Plan:
    """What the configuration makes of this pool. Raises BadPrefix and NotPossible."""
    plan, wanted = present or Plan(name=name), all_.get(name)
    if wanted is None:
        plan = replace(plan, goes=True, parent=None, by_hand=frozenset(), said=frozenset())
    else:
        vrf, parent = _world(wanted, all_), wanted.parent
        plan = replace(plan, vrf=vrf, parent=parent, wanted=wanted, said=_roots(wanted))
        if any(root.family is not _family(plan) for root in plan.by_hand):
            raise NotPossible("space was added to it by hand that is of another kind than its own")
    if plan.pool:
        _strand_nobody(conn, plan.pool, plan, now)
    return plan


def _roots(wanted: PoolDefinition) -> frozenset[Block]:
    blocks = frozenset(parse_spaces(wanted.numbers) or map(parse_prefix, wanted.prefixes))
    if not blocks:
        raise NotPossible("it has no prefixes")
    if len({block.family for block in blocks}) > 1:
        raise NotPossible("IPv4 and IPv6 need a pool each")
    return blocks


def _family(plan: Plan) -> Family:
    return next(iter(plan.said)).family


def _strand_nobody(conn: Connection, of: Pool, plan: Plan, now: datetime) -> None:
    """Raises NotPossible where somebody would lose space. What is merely excluded is nobody's."""
    free_expired(conn, of, now)
    after = plan.after if plan.vrf == of.vrf else frozenset[Block]()
    held = (held_at(conn, of, prefix) for prefix in stranded(conn, of, plan.before, after))
    some = list(islice((one for one in held if one and one.state not in _NOBODYS), _COUNTED))
    if some:
        more = " or more" if len(some) == _COUNTED else ""
        raise NotPossible(f"space that is held cannot be taken away: {len(some)}{more} held, {some[0]} first")


def _clash(plans: Iterable[Plan]) -> tuple[str, str] | None:
    """A pool whose new root overlaps another one in its VRF, and the words; the later pool gives way.

    What is cut out of the same pool, or of none, stands beside each other; whatever else lies within its parent.
    """
    ranked = list(enumerate(plans))
    roots = [(plan, root, rank) for rank, plan in ranked for root in plan.after]
    roots.sort(key=lambda one: (one[0].vrf, one[0].parent or "", one[1].family, one[1].network, -one[1].host_bits))
    for pair in pairwise(roots):
        (one, wide, _), (other, narrow, _) = pair
        beside = (one.vrf, one.parent) == (other.vrf, other.parent)
        if beside and wide.overlaps(narrow) and (one.is_new(wide) or other.is_new(narrow)):
            first, last = sorted(pair, key=lambda side: (side[0].is_new(side[1]), side[2]))
            return last[0].name, f"{last[1]} overlaps {_whole(*first[:2])} of {first[0].name}"
    return None


def _whole(plan: Plan, root: Block) -> str:
    """A root as people know it: numbers from … to, and not as the blocks that they are kept in."""
    if root.family is not Family.NUMBER:
        return str(root)
    present = plan.before if root in plan.before else plan.after
    spans = told(sorted(present, key=lambda one: one.network))
    return next(span for span in spans if any(one.overlaps(root) for one in parse_spaces([span])))


def _carry_out(conn: Connection, plan: Plan, plans: Mapping[str, Plan], said: Mapping[str, str]) -> None:
    if plan.wanted is not None:
        of = _write(conn, plan.wanted, plan, depth_of(plan, plans), said[plan.name])
        _exchange_roots(conn, plan.pool or of, of, plan)
    elif plan.goes and plan.pool:
        _exchange_roots(conn, plan.pool, plan.pool, plan)
        sourced.forget(conn, plan.pool)
        conn.execute(delete(pool).where(pool.c.id == plan.pool.id))


def _write(conn: Connection, wanted: PoolDefinition, plan: Plan, depth: int, fingerprint: str) -> Pool:
    family = _family(plan)
    # Of numbers, the lowest free one: how many lie free beside it says nothing.
    strategy = Strategy.FIRST_FIT if family is Family.NUMBER else wanted.strategy
    row = {
        "name": wanted.name,
        "family": family,
        "vrf": plan.vrf,
        "strategy": strategy.value,
        "quarantine": int(wanted.quarantine.total_seconds()),
        "min_length": wanted.min_length,
        "max_length": wanted.max_length,
        "hosts": wanted.hosts,
        "parent": wanted.parent,
        "depth": depth,
        "growth": wanted.growth,
        "adjacent": wanted.adjacent,
        "source": wanted.source,
        "definition": fingerprint,
    }
    if plan.pool:
        conn.execute(update(pool).where(pool.c.id == plan.pool.id).values(row))
    else:
        conn.execute(insert(pool).values(row))
    return lock_pool(conn, wanted.name)


def _exchange_roots(conn: Connection, old: Pool, new: Pool, plan: Plan) -> None:
    after = plan.after
    # What is excluded in a root, and whether the configuration may take it away, is settled at planting.
    stay = plan.before & after if old.hosts == new.hosts else frozenset[Block]()
    stay -= plan.by_hand & plan.said
    for root in plan.before - stay:
        pull_up(conn, old, root)
    for excluded in list(stranded(conn, old, plan.before, after)):
        drop(conn, old, excluded)
    for root in after - stay:
        plant(conn, new, root, configured=root in plan.said)
