"""Pools cut out of others: each root of such a pool is a `delegated` allocation of its parent."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, select

from mailbot.addresses import Block, told
from mailbot.store.space.blocks import cut, drop, held_in, hold, put_back
from mailbot.store.space.giving import free_expired
from mailbot.store.space.pools import lock_pool, root_of, roots
from mailbot.store.space.tables import allocation
from mailbot.store.space.values import Allocation, Pool, PoolDefinition, State
from mailbot.store.space.views import held_at, neighbours


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One pool before and after. `pool` is None for a new one; `wanted` is None for one that stays, or goes.

    `said` are the roots that the configuration will have given it, `by_hand` those that add_root has.
    """

    name: str
    vrf: str = ""
    pool: Pool | None = None
    parent: str | None = None
    wanted: PoolDefinition | None = None
    goes: bool = False
    before: frozenset[Block] = frozenset()
    by_hand: frozenset[Block] = frozenset()
    said: frozenset[Block] = frozenset()

    @property
    def after(self) -> frozenset[Block]:
        return self.said | {root for root in self.by_hand if not any(one.covers(root) for one in self.said)}

    def is_new(self, root: Block) -> bool:
        """Whether it is so only from now on: for this pool, in this VRF, and of this parent."""
        stays = self.pool is not None and (self.pool.vrf, self.pool.parent) == (self.vrf, self.parent)
        return not stays or root not in self.before


_DELEGATED = select(allocation.c.network, allocation.c.host_bits, allocation.c.description).where(
    allocation.c.pool_id == bindparam("of_pool"), allocation.c.state == State.DELEGATED
)

Delegation = tuple[str, str, Block]
"""Which pool has what of which other one: parent, child, root."""


def depth_of(plan: Plan, plans: Mapping[str, Plan]) -> int:
    """How many pools it lies in, one inside the other."""
    above = plans.get(plan.parent or "")
    return depth_of(above, plans) + 1 if above else 0


def misplaced(
    conn: Connection, present: Mapping[str, Plan], plans: Mapping[str, Plan], now: datetime
) -> tuple[str, str] | None:
    """A pool that cannot be cut out of its parent, or a parent that would lose what is cut out; and the words."""
    going = _delegations(present) - _delegations(plans)
    for plan in plans.values():
        if plan.parent is None:
            continue
        parent = plans.get(plan.parent)
        if parent and not parent.after and plan is present.get(plan.name):
            return parent.name, f"{plan.name} is cut out of it: it cannot go as long as that stays so"
        if parent is None or not parent.after:
            return plan.name, f"it is cut out of {plan.parent}, and there is no such pool"
        for root in _in_order(plan.after):
            if parent.vrf != plan.vrf or not any(one.covers(root) for one in parent.after):
                return _outside(plan, parent, root)
            if plan.is_new(root) and parent.pool and (held := _in_the_way(conn, parent.pool, root, going, now)):
                return plan.name, f"{root} cannot be cut out of {parent.name}: {held} must be given back first"
    return None


def _outside(plan: Plan, parent: Plan, root: Block) -> tuple[str, str]:
    if plan.is_new(root):
        return plan.name, f"{root} is not within {parent.name} ({', '.join(told(_in_order(parent.after)))})"
    return parent.name, f"{root} is delegated to {plan.name}: it cannot be taken away before that pool is smaller"


def _in_the_way(
    conn: Connection, parent: Pool, root: Block, going: Iterable[Delegation], now: datetime
) -> Allocation | None:
    """One allocation of the parent that overlaps a root which is to be cut out of it."""
    free_expired(conn, parent, now)
    going_here = {gone for name, _, gone in going if name == parent.name}
    span = _overlapping(conn, parent, root)
    found = (held_at(conn, parent, one) for one in span if one not in going_here)
    return next((held for held in found if held), None)


def _overlapping(conn: Connection, of: Pool, root: Block) -> Iterator[Block]:
    """What is held around a root, or in it."""
    first = Block(family=root.family, network=root.network, host_bits=0)
    before, _ = neighbours(conn, of, first)
    if before and before.overlaps(root):
        yield before
    yield from held_in(conn, of, root.network + 1, root.last)


def take_back(conn: Connection, present: Mapping[str, Plan], plans: Mapping[str, Plan]) -> None:
    """What is delegated no longer is free in the parent again, whose roots are still as they were."""
    for name, _, root in sorted(_delegations(present) - _delegations(plans), key=_key):
        parent = lock_pool(conn, name)
        drop(conn, parent, root)
        put_back(conn, parent, root_of(conn, parent, root), root)


def delegate(conn: Connection, present: Mapping[str, Plan], plans: Mapping[str, Plan]) -> None:
    """What is delegated from now on is no longer free in the parent, whose roots are planted already."""
    for name, child, root in sorted(_delegations(plans) - _delegations(present), key=_key):
        parent = lock_pool(conn, name)
        cut(conn, parent, root, root_of(conn, parent, root))
        terms = Allocation(prefix=root, pool=name, vrf=parent.vrf, state=State.DELEGATED, description=child)
        hold(conn, parent, [terms])


def _delegations(plans: Mapping[str, Plan]) -> set[Delegation]:
    return {(plan.parent, plan.name, root) for plan in plans.values() if plan.parent for root in plan.after}


def _key(delegation: Delegation) -> tuple[str, int]:
    return delegation[0], delegation[2].network


def _in_order(blocks: Iterable[Block]) -> list[Block]:
    return sorted(blocks, key=lambda block: block.network)


def undelegated(conn: Connection, pools: Iterable[Pool]) -> Iterator[str]:
    """Where what pools have and what their parents have delegated contradict each other, in words."""
    known = list(pools)
    said = {(of.parent or "", of.name, root) for of in known for root in roots(conn, of) if of.parent}
    found = set()
    for of in known:
        rows = conn.execute(_DELEGATED, {"of_pool": of.id})
        for row in rows:
            root = Block(family=of.family, network=row.network, host_bits=row.host_bits)
            found.add((of.name, row.description, root))
    for name, child, root in sorted(said - found, key=_key):
        yield f"{root} of {child} is not delegated by {name}"
    for name, child, root in sorted(found - said, key=_key):
        yield f"{name}: {root} is delegated to {child}, which does not have it"
