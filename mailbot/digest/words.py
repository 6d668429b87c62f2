"""Numbers as a manager reads them: hours, amounts of space, how long it lasts."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta, tzinfo

from mailbot.addresses import Block, Family
from mailbot.digest.figures import CENTURY, Pace
from mailbot.words import listed, say

NOT_KNOWN = say("digest.not_known")
_SITE, _LINK = 80, 64
"""Host bits of a /48 and a /64: what IPv6 space is counted in."""
_LENGTHS = 4
"""Prefix lengths that are told one by one."""


def hours(time: timedelta | None) -> str:
    """Working time: "40 min", "6.5 h"."""
    if time is None:
        return NOT_KNOWN
    seconds = time.total_seconds()
    if seconds < timedelta(hours=1).total_seconds():
        return say("digest.minutes", count=round(seconds / 60))
    return say("digest.hours", count=f"{seconds / 3600:.1f}".removesuffix(".0"))


def kept(pace: Pace) -> str:
    """Lead times met."""
    return (
        NOT_KNOWN
        if pace.per_cent is None
        else say("digest.per_cent_of", per_cent=pace.per_cent, met=pace.met, due=pace.due)
    )


def share(part: int, whole: int) -> str:
    """In whole per cent; never 0 where there is something, and 100 only where it is all of it."""
    if not whole:
        return NOT_KNOWN
    return say("digest.under_one") if 0 < 100 * part < whole else say("digest.per_cent", count=100 * part // whole)


def amount(addresses: int, family: Family) -> str:
    """So much space; of IPv6 in networks that people have a feeling for."""
    if family is Family.NUMBER:
        return say("digest.numbers", amount=f"{addresses:,}", count=addresses)
    if family is Family.V6:
        for bits in (_SITE, _LINK):
            if addresses >> bits:
                return f"{addresses >> bits:,} x /{family.width - bits}"
    return say("digest.addresses", amount=f"{addresses:,}", count=addresses)


def prefixes(found: Iterable[Block]) -> str:
    """ "7 prefixes (4 x /28, 3 x /29), 2 numbers"."""
    blocks = list(found)
    lengths = Counter(block.length for block in blocks if block.family is not Family.NUMBER)
    told = [_by_length(lengths)] if lengths else []
    if numbers := len(blocks) - lengths.total():
        told.append(amount(numbers, Family.NUMBER))
    return listed(told) or say("digest.nothing")


def _by_length(lengths: Counter[int]) -> str:
    total = lengths.total()
    told = listed(f"{count} x /{length}" for length, count in sorted(lengths.most_common(_LENGTHS)))
    if len(lengths) > _LENGTHS:
        told = say("digest.and_others", listed=told)
    return say("digest.prefixes", count=total, listed=told)


def lasts(days: int | None) -> str:
    """How long a pool will last."""
    match days:
        case None:
            return NOT_KNOWN
        case 0:
            return say("digest.full_today")
        case _ if days >= CENTURY:
            return say("digest.no_end_in_sight")
        case _ if days < 2 * 7:
            return say("digest.full_in_about_days", days=days)
        case _ if days < 3 * 30:
            return say("digest.full_in_about_weeks", weeks=days // 7)
        case _ if days < 2 * 365:
            return say("digest.full_in_about_months", months=days // 30)
        case _:
            return say("digest.full_in_about_years", years=days // 365)


def week_of(moment: datetime, zone: tzinfo) -> int:
    """The calendar week (ISO 8601) that ends then: a Monday morning still tells of the week before."""
    return (moment - timedelta(days=1)).astimezone(zone).isocalendar().week


def short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
