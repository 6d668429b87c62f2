"""Address space: who holds which prefix, in a persisted buddy system (docs/design.md; traps 34 to 37).

Everything here runs on a connection inside the caller's transaction, and never commits.
"""

from mailbot.store.space.counting import Counted
from mailbot.store.space.definitions import add_root, sync_pools
from mailbot.store.space.difference import Difference, differences
from mailbot.store.space.exchange import every_pool, export_columns, export_rows, import_rows, overlaps, place
from mailbot.store.space.giving import cancel, end_quarantine, give_back, look_up
from mailbot.store.space.idle import Idle, Recorded, Seen, idle, note_review, record_seen, seen, to_review
from mailbot.store.space.keeping import prolong, take_up
from mailbot.store.space.mirror import free_foreign, hold_foreign, undo
from mailbot.store.space.picture import picture
from mailbot.store.space.pools import lock_pools, read_pool
from mailbot.store.space.proof import check, rebuild
from mailbot.store.space.reshaping import Part, reshape, revert
from mailbot.store.space.sourced import OURS, Due, Open, awaited
from mailbot.store.space.staging import CARRIES, COLUMNS, Ground, Problem, Staged, stage
from mailbot.store.space.taking import Survey, fits, take, take_named
from mailbot.store.space.trends import Move, growth, moves
from mailbot.store.space.values import (
    Allocation,
    Figures,
    Held,
    NotReserved,
    OfAnother,
    Outside,
    PoolDefinition,
    PoolFull,
    PoolRefuses,
    PrefixTaken,
    State,
    Terms,
    Untiled,
    Verdict,
)
from mailbot.store.space.views import (
    allocations,
    families,
    figures,
    find,
    held_by,
    of_request,
    of_requests,
    parents,
    room,
    who_had,
    who_has,
)

__all__ = [
    "CARRIES",
    "COLUMNS",
    "OURS",
    "Allocation",
    "Counted",
    "Difference",
    "Due",
    "Figures",
    "Ground",
    "Held",
    "Idle",
    "Move",
    "NotReserved",
    "OfAnother",
    "Open",
    "Outside",
    "Part",
    "PoolDefinition",
    "PoolFull",
    "PoolRefuses",
    "PrefixTaken",
    "Problem",
    "Recorded",
    "Seen",
    "Staged",
    "State",
    "Survey",
    "Terms",
    "Untiled",
    "Verdict",
    "add_root",
    "allocations",
    "awaited",
    "cancel",
    "check",
    "differences",
    "end_quarantine",
    "every_pool",
    "export_columns",
    "export_rows",
    "families",
    "figures",
    "find",
    "fits",
    "free_foreign",
    "give_back",
    "growth",
    "held_by",
    "hold_foreign",
    "idle",
    "import_rows",
    "lock_pools",
    "look_up",
    "moves",
    "note_review",
    "of_request",
    "of_requests",
    "overlaps",
    "parents",
    "picture",
    "place",
    "prolong",
    "read_pool",
    "rebuild",
    "record_seen",
    "reshape",
    "revert",
    "room",
    "seen",
    "stage",
    "sync_pools",
    "take",
    "take_named",
    "take_up",
    "to_review",
    "undo",
    "who_had",
    "who_has",
]
