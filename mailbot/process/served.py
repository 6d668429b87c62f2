"""Whose requests a pool serves, and whose space it is: what somebody else is told."""

from mailbot.process.directory import Directory, Keeping
from mailbot.process.reader import is_among
from mailbot.words import say

_UNKNOWN = Keeping()


def refusal(pool: str, person: str, directory: Directory) -> str:
    """Why he gets nothing of this pool, in words that name its owner; "" where he may.

    Whoever cares for a pool is served by it too, and so are admins.
    """
    kept = directory.pools.get(pool, _UNKNOWN)
    if not kept.users or person in directory.admins or is_among(person, (*kept.users, kept.owner), directory):
        return ""
    return say("served.does_not_serve", pool=pool, person=person, whose=whose(pool, directory))


def whose(pool: str, directory: Directory) -> str:
    owner = directory.pools.get(pool, _UNKNOWN).owner
    return say("served.the_owner_is", pool=pool, owner=owner) if owner else say("served.has_no_owner", pool=pool)
