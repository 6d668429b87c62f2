"""Where NetBox is, for the pools whose source it is and for targets of that kind: `[netbox]`."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator

from mailbot.config.connection import File, Secret
from mailbot.config.duration import Duration, Unit
from mailbot.config.kinds import Elapsed, Line, Section

LONGEST = timedelta(minutes=10)
"""That one call may take: NetBox itself gives up before."""
SHORTEST = timedelta(seconds=10)
"""Between two looks at the whole of a pool, which is read whole each time."""


def _url(text: str) -> str:
    # Plain http stays on this machine: the token travels with each call.
    if not re.fullmatch(r"https://[^\s/?#@]+(/[^\s?#]*)?|http://(127\.0\.0\.1|localhost)(:\d+)?(/[^\s?#]*)?", text):
        raise ValueError(f'{text!r} is no address of a NetBox: write it like "https://netbox.example.net"')
    return text.rstrip("/").removesuffix("/api")


def _patience(timeout: Duration) -> Duration:
    if not timedelta() < timeout.elapsed <= LONGEST:
        raise ValueError(f"'{timeout}' is no time to wait for an answer: write up to ten minutes, like \"30 seconds\"")
    return timeout


def _pause(every: Duration) -> Duration:
    if every.elapsed < SHORTEST:
        raise ValueError(f"'{every}' is too often: each time, all of a pool is read; write 10 seconds or more")
    return every


class NetBox(Section):
    """`timeout` is for one call. `every` is the pause between two looks at all that NetBox has of a pool."""

    url: Annotated[Line, AfterValidator(_url)]
    token: Secret
    timeout: Annotated[Elapsed, AfterValidator(_patience)] = Duration(amount=30, unit=Unit.SECOND)
    every: Annotated[Elapsed, AfterValidator(_pause)] = Duration(amount=5, unit=Unit.MINUTE)
    ca: File | None = None
    """Certificates to trust in place of the system's, as a PEM file."""
