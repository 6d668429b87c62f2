"""Answers that are no pages: pictures with the one style that they bring along, and files to be saved."""

import re
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from time import monotonic
from urllib.parse import quote

from fastapi.responses import Response

from mailbot import spacemap
from mailbot.store import Connection, space

_QUICK, _KEPT = 0.05, 100
"""A map that is drawn in so many seconds is drawn whenever it is looked at; another is kept so many times longer."""
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


class Maps:
    """Maps of pools. One that takes long is shown again for a hundred times as long as it took."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._kept: dict[str, tuple[float, str]] = {}

    def of(self, conn: Connection, pool: str) -> str:
        """As SVG."""
        began = self._clock()
        until, svg = self._kept.get(pool, (began, ""))
        if until <= began:
            svg = spacemap.svg(space.picture(conn, pool))
            took = self._clock() - began
            self._kept[pool] = (began + _KEPT * took if took > _QUICK else began, svg)
        return svg


def picture(svg: str) -> Response:
    """Its policy names its styles by their hash: whatever else should get into it is not looked at."""
    digests = (b64encode(sha256(style.encode()).digest()).decode() for style in _STYLE.findall(svg))
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests) or "'none'"
    policy = f"default-src 'none'; style-src {allowed}; frame-ancestors 'none'"
    return Response(svg, media_type="image/svg+xml", headers={"Content-Security-Policy": policy})


def saved(content: bytes, name: str) -> Response:
    """Somebody else's file, for the disk alone: of no type that a browser shows, and powerless if one did."""
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'; frame-ancestors 'none'",
    }
    return Response(content, media_type="application/octet-stream", headers=headers)
