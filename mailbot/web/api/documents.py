"""What the API says of itself, to anybody: OpenAPI, the schemas, and a page for people."""

import json

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from mailbot.web.api.errors import nothing_here
from mailbot.web.api.published import by_name, described, json_schema, xml_schema
from mailbot.web.visit import parts_of

ALLOWED = {"Cache-Control": "public, max-age=300"}
XSD = "mailbot.xsd"

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
def openapi(request: Request) -> Response:
    found = described(request.app)
    url = parts_of(request).url
    told = {**found, "servers": [{"url": url or "/"}]}
    return Response(json.dumps(told), media_type="application/json", headers=ALLOWED)


@router.get("/schemas")
@router.get("/api")
def page(request: Request) -> Response:
    """Read by people; what it tells, OpenAPI says."""
    parts, found = parts_of(request), described(request.app)
    calls = [
        {"method": method.upper(), "path": path, "words": operation.get("summary", "")}
        for path, operations in found["paths"].items()
        for method, operation in operations.items()
    ]
    context = {"viewer": None, "told": "", "calls": calls, "schemas": sorted(by_name()), "xsd": XSD}
    return HTMLResponse(parts.renderer.page("api.html", context), headers=ALLOWED)


@router.get("/schemas/{name}")
def schema(name: str) -> Response:
    if name == XSD:
        return Response(xml_schema(), media_type="application/xml", headers=ALLOWED)
    model = by_name().get(name.removesuffix(".json"))
    if model is None or not name.endswith(".json"):
        raise nothing_here()
    return Response(json.dumps(json_schema(model), indent=1), media_type="application/schema+json", headers=ALLOWED)
