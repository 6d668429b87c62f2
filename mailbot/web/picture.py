"""Answers that are no pages: pictures with the one style that they bring along, and files to be saved."""

import re
from base64 import b64encode
from hashlib import sha256
from urllib.parse import quote

from fastapi.responses import Response

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)


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
