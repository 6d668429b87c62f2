"""What the API says of itself: OpenAPI, JSON Schemas and the XML schema, all made of the models that it speaks by."""

from collections.abc import Iterable, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.responses import Response
from pydantic.json_schema import models_json_schema

from mailbot.web.api import xml
from mailbot.web.api.media import JSON, XML
from mailbot.web.api.models.base import Model
from mailbot.web.api.models.event import EventShape
from mailbot.web.api.models.hub import EventSubscription, EventSubscriptionInput
from mailbot.web.api.models.inventory import InventoryService, ResourceOrder
from mailbot.web.api.models.orders import (
    CancelServiceOrder,
    CancelServiceOrderCreate,
    ServiceOrder,
    ServiceOrderCreate,
    ServiceOrderCreateV3,
    ServiceOrderUpdate,
    ServiceOrderUpdateV3,
    ServiceOrderV3,
)
from mailbot.web.api.models.plain import (
    Deed,
    EntryShape,
    Error,
    HolderShape,
    PoolShape,
    RequestCreate,
    RequestShape,
    RoomShape,
    StepDeed,
    StepToAnswer,
    TargetAnswers,
    TypeShape,
)

MODELS: tuple[type[Model], ...] = (
    RequestShape, RequestCreate, Deed, StepDeed, StepToAnswer, TypeShape, EntryShape, HolderShape, PoolShape, RoomShape,
    Error, ServiceOrder, ServiceOrderCreate, ServiceOrderUpdate, ServiceOrderV3, ServiceOrderCreateV3,
    ServiceOrderUpdateV3,
    CancelServiceOrder, CancelServiceOrderCreate, InventoryService, ResourceOrder,
    EventSubscription, EventSubscriptionInput, EventShape, TargetAnswers,
)  # fmt: skip
"""All that stand alone."""

_COMPONENTS = "#/components/schemas/{model}"
_ERRORS = (400, 401, 403, 404, 405, 406, 409, 413, 415, 429)


DESCRIPTION = (
    "Orders, inventory and requests of this mailbot. Each call needs a key, as `Authorization: Bearer KEY`; answers "
    "are JSON or XML, as `Accept` says. What a key may not see is answered as what is not there."
)


_SIGNATURE = "With webhook-id and webhook-timestamp, by Standard Webhooks 1.0, with a secret of the target."


def described(app: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1, with the models' schemas, and the key that each call needs; made when it is first asked for."""
    if app.openapi_schema:
        return app.openapi_schema
    found = app.openapi()
    known = found.setdefault("components", {})
    known["schemas"] = components()
    known["securitySchemes"] = {
        "key": {"type": "http", "scheme": "bearer", "description": "Made by `mailbot keys add`."},
        "signature": {"type": "apiKey", "in": "header", "name": "webhook-signature", "description": _SIGNATURE},
    }
    for path in found["paths"].values():
        for operation in path.values():
            operation.setdefault("security", [{"key": []}])
            operation["responses"].pop("422", None)
    return found


def json_schema(model: type[Model]) -> dict[str, Any]:
    """JSON Schema (2020-12) of one that stands alone."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": model.ROOT}
    return {**model.model_json_schema(by_alias=True), **head}


def xml_schema() -> bytes:
    return xml.schema(MODELS)


def by_name() -> dict[str, type[Model]]:
    """By what they are called in XML, and in the names of schemas."""
    return {model.ROOT: model for model in MODELS}


def components() -> dict[str, Any]:
    """Of OpenAPI."""
    _, found = models_json_schema([(model, "validation") for model in MODELS], ref_template=_COMPONENTS)
    schemas: dict[str, Any] = found["$defs"]
    for model in MODELS:
        schemas[model.__name__]["xml"] = {"name": model.ROOT, "namespace": xml.NAMESPACE}
    return schemas


def brings(model: type[Model], *parameters: Mapping[str, Any], required: bool = True) -> dict[str, Any]:
    """For a route: what its body is, in OpenAPI, and what else stands in its head."""
    schema = {"$ref": _COMPONENTS.format(model=model.__name__)}
    content = {kind: {"schema": schema} for kind in (JSON, XML)}
    body = {"requestBody": {"required": required, "content": content}}
    return {"openapi_extra": body | ({"parameters": list(parameters)} if parameters else {})}


def _head(kind: str, words: str) -> dict[str, Any]:
    return {"description": words, "schema": {"type": kind}}


_OF_LISTS = {
    "X-Total-Count": _head("integer", "How many there are that the key may see, where that was counted."),
    "X-Result-Count": _head("integer", "How many came."),
    "Link": _head("string", "Where the pages around this one are (RFC 8288)."),
    "Content-Range": _head("string", "Where the page lies in the list."),
}


def gives(model: type[Model], *statuses: int, several: bool = False) -> dict[str, Any]:
    """For a route: what it answers, in OpenAPI."""
    one = {"$ref": _COMPONENTS.format(model=model.__name__)}
    schema = {"type": "array", "items": one} if several else one
    good: dict[int | str, Any] = {
        status: _response("Done.", schema) | ({"headers": _OF_LISTS} if several else {})
        for status in statuses or ((200, 206) if several else (200,))
    }
    return {"response_model": None, "responses": {**good, **errors()}}


def gives_bytes(words: str) -> dict[str, Any]:
    """For a route that answers with a file."""
    content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    found = {200: {"description": words, "content": content}, **errors()}
    return {"response_class": Response, "response_model": None, "responses": found}


def errors(statuses: Iterable[int] = _ERRORS) -> dict[int | str, Any]:
    words = {429: "Too many calls: wait as long as Retry-After says."}
    schema = {"$ref": _COMPONENTS.format(model=Error.__name__)}
    return {status: _response(words.get(status, "What is wrong."), schema) for status in statuses}


def _response(words: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"description": words, "content": {kind: {"schema": schema} for kind in (JSON, XML)}}
