"""Whose requests a pool serves, and whose space it is: what somebody else is told."""

from mailbot.process.directory import Directory, Keeping
from mailbot.process.reader import is_among

_UNKNOWN = Keeping()


def refusal(pool: str, person: str, directory: Directory) -> str:
    """Why he gets nothing of this pool, in words that name its owner; "" where he may.

    Whoever cares for a pool is served by it too, and so are admins.
    """
    kept = directory.pools.get(pool, _UNKNOWN)
    if not kept.users or person in directory.admins or is_among(person, (*kept.users, kept.owner), directory):
        return ""
    return f"{pool} does not serve requests of {person}: {whose(pool, directory)}"


def whose(pool: str, directory: Directory) -> str:
    owner = directory.pools.get(pool, _UNKNOWN).owner
    return f"the owner of {pool} is {owner}" if owner else f"{pool} has no owner, so ask the admins"
